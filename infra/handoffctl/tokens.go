package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/handoff-oss/handoff/shared/fault"
)

// saved is what is kept of one stack that somebody has signed in to.
type saved struct {
	Issuer   string    `json:"issuer"`
	ClientID string    `json:"client_id"`
	Token    string    `json:"token"` // that the API takes
	Access   bool      `json:"access,omitempty"`
	Refresh  string    `json:"refresh_token,omitempty"`
	Expires  time.Time `json:"expires"`
}

// early is how long before its end a token is renewed.
const early = time.Minute

// tokensFile is where tokens are kept: in the user's own folder of settings.
func (t *target) tokensFile() (string, error) {
	dir := t.getenv("XDG_CONFIG_HOME")
	if dir == "" {
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return "", fault.Wrap(fault.NotFound, "find your folder of settings", err)
		}
	}
	return filepath.Join(dir, "handoff", "tokens.json"), nil
}

// tokens reads what is kept, by the stack's address.
func (t *target) tokens() (map[string]saved, error) {
	all := map[string]saved{}
	file, err := t.tokensFile()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file) //nolint:gosec // A path of ours.
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	return all, fault.Wrap(fault.Invalid, "read "+file, err)
}

// keep writes what is kept of a stack, readable by the user alone; nil forgets.
func (t *target) keep(base string, s *saved) error {
	all, err := t.tokens()
	if err != nil {
		return err
	}
	delete(all, base)
	if s != nil {
		all[base] = *s
	}
	file, err := t.tokensFile()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(all, "", "  ") //nolint:gosec // The file is for keeping them.
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	// A new file in place of the old one: it has this mode whatever was there,
	// and a crash leaves one of the two.
	if err == nil {
		err = os.WriteFile(file+".new", text, 0o600)
	}
	if err == nil {
		err = os.Chmod(file+".new", 0o600)
	}
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	return fault.Wrap(fault.Internal, "keep the token", err)
}

// savedToken returns the token for a stack, renewed when it is about to end.
// Kind: Denied when there is none.
func (t *target) savedToken(ctx context.Context, base string) (string, error) {
	all, err := t.tokens()
	if err != nil {
		return "", err
	}
	s, ok := all[base]
	again := fault.New(fault.Denied, "you are not signed in to %s: run handoffctl login --url %s, or put a token into %s", base, base, tokenVariable)
	switch {
	case !ok:
		return "", again
	case time.Now().Before(s.Expires.Add(-early)):
		return s.Token, nil
	case s.Refresh == "":
		return "", again
	}
	provider, err := oidc.NewProvider(ctx, s.Issuer)
	if err != nil {
		return "", fault.Wrap(fault.Unavailable, "renew your token", err)
	}
	config := oauth2.Config{ClientID: s.ClientID, Endpoint: provider.Endpoint()}
	token, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: s.Refresh}).Token()
	if err != nil {
		return "", again
	}
	if s, ok = s.with(token); !ok {
		return "", again
	}
	return s.Token, t.keep(base, &s)
}

// with takes over what the provider gave. ok is false when that is no token
// for the API.
func (s saved) with(token *oauth2.Token) (saved, bool) {
	id, _ := token.Extra("id_token").(string)
	s.Token, s.Expires = id, token.Expiry
	if s.Access {
		s.Token = token.AccessToken
	}
	if token.RefreshToken != "" {
		s.Refresh = token.RefreshToken
	}
	if s.Expires.IsZero() {
		s.Expires = time.Now().Add(time.Hour)
	}
	return s, s.Token != ""
}
