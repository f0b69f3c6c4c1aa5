// Package outbound tells people and systems what happened: by Slack, by
// Microsoft Teams, by e-mail and by a signed webhook. A Message is made once,
// from an event and what is known of its lead, and each channel renders it in
// its own form. The package does not know who is to be told, which is the
// policy's matter, nor what was sent before, which is the caller's.
//
// A message that the Slack app sent can be made true again: made anew from its
// own event and the lead as it is now, and put in the place of the old one.
//
// Whatever stands in a message may come from a form that anybody can fill in.
// So every channel takes every text as plain text and escapes it itself. The
// addresses that messages go to come from the company's own secret and policy,
// never from a lead or an event.
//
// Send returns errors of two kinds. Unavailable: another try may help, not
// before RetryAfter. Any other kind: no other try helps.
package outbound

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/remote"
)

// The names of the channels, as the policy writes them.
const (
	SlackName   = "slack"
	TeamsName   = "teams"
	EmailName   = "email"
	WebhookName = "webhook"
)

// Timeout bounds one try to send. A lease on a delivery is longer than that.
const Timeout = 8 * time.Second

// Channel is one way to tell somebody something.
type Channel interface {
	// Send makes one try. now is the time that a signature states.
	Send(ctx context.Context, m Message, now time.Time) error
}

// Headers that every message carries, so that a receiver can tell a repeat.
// In an e-mail they begin with X-.
const (
	headerEventID   = "Handoff-Event-Id"
	headerEventType = "Handoff-Event-Type"
	headerLead      = "Handoff-Lead"
	headerTo        = "Handoff-To"
)

// RetryAfter returns how long the receiver asks to wait before another try, or
// 0 when it did not say.
func RetryAfter(err error) time.Duration { return remote.RetryAfter(err) }
