package main

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/secret"
)

// channels is what this function needs of the channels' secret.
type channels struct {
	Slack struct {
		SigningSecret secret.Keys `json:"signing_secret"` // several during a rotation
		APIURL        string      `json:"api_url"`        // another than Slack's own, locally and in tests
	} `json:"slack"`
}

// linkKeys reads the keys of links.
func linkKeys(r *secret.Reader) func(context.Context, time.Time) ([]string, error) {
	return func(ctx context.Context, now time.Time) ([]string, error) {
		var s link.Secret
		err := r.JSON(ctx, now, &s)
		return s.Keys, err
	}
}

// slackSecrets reads what Slack's requests are verified with.
func slackSecrets(r *secret.Reader) func(context.Context, time.Time) (channels, error) {
	return func(ctx context.Context, now time.Time) (channels, error) {
		var c channels
		err := r.JSON(ctx, now, &c)
		return c, err
	}
}
