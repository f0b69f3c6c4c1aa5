package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// lease is for how long a try holds a delivery. It is longer than a try, and
// it is what the next one waits for when this process dies in between.
const lease = 20 * time.Second

// result is how one delivery ended, in a word for the log.
type result string

const (
	sent     result = "sent"
	before   result = "sent_before"
	held     result = "held_by_another_try"
	skipped  result = "not_configured"
	postpone result = "failed_for_now"
	failed   result = "failed"
	erased   result = "erased" // the person was, since the event: there is nobody to speak of
)

// delivery is one target with its end.
type delivery struct {
	channel string
	to      string
	result  result
	err     error
}

// tell sends what the policy asks for about one event. The error is of what is
// needed before anything can be sent; each delivery carries its own.
func (h handler) tell(ctx, enough context.Context, e contract.Event) ([]delivery, error) {
	now := h.now(ctx)
	p, err := h.policy.Current(ctx, now)
	if err != nil {
		// A stored policy that cannot be used is put right: the event can wait.
		return nil, fault.Wrap(fault.Unavailable, "tell", err)
	}
	lines := told(p, e.Type)
	if len(lines) == 0 {
		return nil, nil
	}
	var l *lead.Lead // nil of a source
	if !e.Type.AboutSource() {
		l, err = h.table.Lead(ctx, signal.LeadKey(e.Lead))
	}
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.NotFound:
		return []delivery{{to: e.Lead, result: erased}}, nil
	default:
		return nil, err
	}
	channels, err := h.channelsNow(ctx, now)
	if err != nil {
		return nil, err
	}
	links, err := h.answers(ctx, now, p, e, l)
	if err != nil {
		return nil, err
	}
	var done []delivery
	for _, t := range targets(p, lines, e, l) {
		m := outbound.New(outbound.Input{Event: e, Lead: l, Policy: p, To: t.to, Links: h.linksFor(t, e, links)})
		done = append(done, h.deliver(ctx, enough, channels[t.channel], t, m))
	}
	return done, nil
}

// deliver sends one message once: it claims the delivery, sends, and marks it
// as made. A process that dies after the channel took the message and before
// the mark leads to a repeat, which carries the same event id.
func (h handler) deliver(ctx, enough context.Context, c outbound.Channel, t target, m outbound.Message) delivery {
	d := delivery{channel: t.channel, to: names(t.to)}
	if c == nil {
		d.result = skipped
		return d
	}
	if enough.Err() != nil {
		d.result, d.err = postpone, fault.New(fault.Unavailable, "no time left in this invocation")
		return d
	}
	mark := table.Delivery{Event: m.Event.ID, Channel: t.channel, To: t.ref()}
	err := h.table.Claim(ctx, mark, h.now(ctx), lease)
	switch {
	case errors.Is(err, table.ErrDelivered):
		d.result = before
		return d
	case fault.KindOf(err) == fault.Conflict:
		d.result, d.err = held, err
		return d
	case err != nil:
		d.result, d.err = postpone, err
		return d
	}
	if err := c.Send(ctx, m, h.now(ctx)); err != nil {
		d.result, d.err = failed, err
		if fault.KindOf(err) == fault.Unavailable {
			d.result = postpone
		}
		// When the release fails too, the next try waits for the lease to end.
		_ = h.table.Release(ctx, mark)
		return d
	}
	d.result = sent
	if err := h.table.Delivered(context.WithoutCancel(ctx), mark, h.now(ctx)); err != nil {
		// The next try may find no mark and repeat the message, under the same id.
		d.result, d.err = held, fault.Wrap(fault.Unavailable, "sent, but not marked as sent", err)
	}
	return d
}

// channelsNow makes the channels that are set up.
func (h handler) channelsNow(ctx context.Context, now time.Time) (map[string]outbound.Channel, error) {
	var s struct {
		Slack struct {
			WebhookURL string `json:"webhook_url"`
		} `json:"slack"`
		Webhook struct {
			URL    string `json:"url"`
			Secret string `json:"secret"`
		} `json:"webhook"`
	}
	if err := h.channels.JSON(ctx, now, &s); err != nil {
		// A secret that somebody mistyped is put right: the event can wait.
		return nil, fault.Wrap(fault.Unavailable, "channels", err)
	}
	all := map[string]outbound.Channel{}
	if s.Slack.WebhookURL != "" {
		all[outbound.SlackName] = outbound.Slack{Client: h.http, WebhookURL: s.Slack.WebhookURL}
	}
	if s.Webhook.URL != "" {
		all[outbound.WebhookName] = outbound.Webhook{Client: h.http, URL: s.Webhook.URL, Secret: s.Webhook.Secret}
	}
	if h.mailFrom != "" {
		all[outbound.EmailName] = outbound.Email{Client: h.mail, From: h.mailFrom}
	}
	return all, nil
}

// linksFor returns the links of one message. Only the holder can answer.
func (h handler) linksFor(t target, e contract.Event, answers []outbound.Link) []outbound.Link {
	open := outbound.Link{Label: outbound.LabelOpen, URL: strings.TrimRight(h.publicURL, "/") + "/leads/" + e.Lead}
	if e.Type.AboutSource() {
		open = outbound.Link{Label: outbound.LabelSources, URL: strings.TrimRight(h.publicURL, "/") + "/sources"}
	}
	isHolder := func(r outbound.Recipient) bool {
		return e.Detail.Handoff != nil && r.Ref == "rep:"+e.Detail.Handoff.Rep
	}
	if slices.ContainsFunc(t.to, isHolder) {
		return append(slices.Clone(answers), open)
	}
	return []outbound.Link{open}
}

func names(to []outbound.Recipient) string {
	refs := make([]string, len(to))
	for i, r := range to {
		refs[i] = r.Ref
	}
	return strings.Join(refs, ",")
}

// answers signs a link for each answer that is still open. The same event
// always gets the same links.
func (h handler) answers(ctx context.Context, now time.Time, p *policy.Policy, e contract.Event, l *lead.Lead) ([]outbound.Link, error) {
	if l == nil {
		return nil, nil
	}
	asks := outbound.Asks(e, l)
	if len(asks) == 0 {
		return nil, nil
	}
	var s link.Secret
	if err := h.links.JSON(ctx, now, &s); err != nil {
		return nil, fault.Wrap(fault.Unavailable, "links", err)
	}
	if len(s.Keys) == 0 || s.Keys[0] == "" {
		return nil, fault.New(fault.Unavailable, "the secret of the links holds no key")
	}
	links := make([]outbound.Link, len(asks))
	for i, label := range asks {
		token, err := sign(s.Keys[0], p, e, label)
		if err != nil {
			return nil, err
		}
		links[i] = outbound.Link{Label: label, URL: strings.TrimRight(h.publicURL, "/") + "/r/" + token}
	}
	return links, nil
}

// summary lists the deliveries in a word each: "slack/rep:maya=sent".
func summary(done []delivery) string {
	words := make([]string, len(done))
	for i, d := range done {
		words[i] = d.channel + "/" + d.to + "=" + string(d.result)
	}
	return strings.Join(words, " ")
}
