package main

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/outbound"
)

// channels are those that are set up.
type channels struct {
	by  map[string]outbound.Channel
	app *outbound.SlackApp // nil without a bot token
}

// of returns the channel of a target, nil when it is not set up.
func (c channels) of(t target) outbound.Channel {
	if t.direct {
		return *c.app
	}
	return c.by[t.channel]
}

// channelsSecret is what the secret of the channels holds.
type channelsSecret struct {
	Slack struct {
		WebhookURL string `json:"webhook_url"`
		BotToken   string `json:"bot_token"`
		APIURL     string `json:"api_url"` // "" but for the local host and tests
	} `json:"slack"`
	Teams struct {
		WebhookURL string `json:"webhook_url"`
	} `json:"teams"`
	Webhook struct {
		URL    string `json:"url"`
		Secret string `json:"secret"`
	} `json:"webhook"`
}

// channelsNow makes the channels that are set up.
func (h handler) channelsNow(ctx context.Context, now time.Time) (channels, error) {
	var s channelsSecret
	if err := h.channels.JSON(ctx, now, &s); err != nil {
		// A secret that somebody mistyped is put right: the event can wait.
		return channels{}, fault.Wrap(fault.Unavailable, "channels", err)
	}
	all := channels{by: map[string]outbound.Channel{}}
	if s.Slack.BotToken != "" {
		all.app = &outbound.SlackApp{Client: h.http, URL: s.Slack.APIURL, Token: s.Slack.BotToken}
	}
	if s.Slack.WebhookURL != "" {
		all.by[outbound.SlackName] = outbound.Slack{Client: h.http, WebhookURL: s.Slack.WebhookURL}
	}
	if s.Teams.WebhookURL != "" {
		all.by[outbound.TeamsName] = outbound.Teams{Client: h.http, WebhookURL: s.Teams.WebhookURL}
	}
	if s.Webhook.URL != "" {
		all.by[outbound.WebhookName] = outbound.Webhook{Client: h.http, URL: s.Webhook.URL, Secret: s.Webhook.Secret}
	}
	if h.mailFrom != "" {
		all.by[outbound.EmailName] = outbound.Email{Client: h.mail, From: h.mailFrom}
	}
	return all, nil
}
