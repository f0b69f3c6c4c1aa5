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
	erased   result = "erased"      // the person was, since the event: there is nobody to speak of
	unkept   result = "sent_unkept" // and will not be kept true: where it is could not be stored
	updated  result = "updated"     // an earlier message is true again
	gone     result = "gone"        // an earlier message is not there any more
)

// delivery is one target with its end.
type delivery struct {
	channel string
	direct  bool
	to      string
	result  result
	err     error
	mark    table.Delivery // zero for a message that is only kept true
}

// tell sends what the policy asks for about one event, and makes the earlier
// messages true that the event has made untrue. The error is of what is needed
// before anything can be sent; each delivery carries its own.
func (h handler) tell(ctx, enough context.Context, e contract.Event) ([]delivery, error) {
	if e.Detail.Quiet && e.Type != contract.LeadMerged && e.Type != contract.LeadSplit {
		return nil, nil // imported history is on the bus for whoever wants it, and wakes nobody
	}
	now := h.now(ctx)
	p, err := h.policy.Current(ctx, now)
	if err != nil {
		// A stored policy that cannot be used is put right: the event can wait.
		return nil, fault.Wrap(fault.Unavailable, "tell", err)
	}
	lines := told(p, e.Type)
	if e.Detail.Quiet { // systems must know which of the leads that they have are one
		lines = slices.DeleteFunc(lines, func(n policy.Notification) bool { return n.To != "system" })
	}
	if len(lines) == 0 && !outbound.Changes(e.Type) {
		return nil, nil
	}
	roster, err := h.table.Roster(ctx)
	if err != nil {
		return nil, err
	}
	p = roster.Over(p)
	var l *lead.Lead // nil of a source and of the rollout
	if e.Type.AboutLead() {
		l, err = h.table.Lead(ctx, signal.LeadKey(e.Lead))
	}
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.NotFound && e.Type == contract.LeadErased:
		l = &lead.Lead{Key: signal.LeadKey(e.Lead)} // of whom nothing is known any more
	case fault.KindOf(err) == fault.NotFound:
		return []delivery{{to: e.Lead, result: erased}}, nil
	default:
		return nil, err
	}
	all, err := h.channelsNow(ctx, now)
	if err != nil {
		return nil, err
	}
	links, err := h.answers(ctx, now, p, e, l)
	if err != nil {
		return nil, err
	}
	var done []delivery
	for _, t := range targets(p, lines, e, l, all.app) {
		m := outbound.New(outbound.Input{Event: e, Lead: l, Policy: p, To: t.to, Links: h.linksFor(t.to, e, links)})
		done = append(done, h.deliver(ctx, enough, all.of(t), t, m))
	}
	if all.app != nil && l != nil {
		done = append(done, h.keepTrue(ctx, enough, truth{app: *all.app, policy: p, event: e, lead: l, told: done})...)
	}
	return done, nil
}

// deliver sends one message once: it claims the delivery, sends, and marks it
// as made. A process that dies after the channel took the message and before
// the mark leads to a repeat, which carries the same event id.
func (h handler) deliver(ctx, enough context.Context, c outbound.Channel, t target, m outbound.Message) delivery {
	d := delivery{channel: t.channel, direct: t.direct, to: names(t.to)}
	if c == nil {
		d.result = skipped
		return d
	}
	d.mark = table.Delivery{
		Event: m.Event.ID, Channel: t.channel, To: t.ref(), Whom: d.to, Lead: signal.LeadKey(m.Event.Lead), Type: string(m.Event.Type),
	}
	if enough.Err() != nil {
		d.result, d.err = postpone, fault.New(fault.Unavailable, "no time left in this invocation")
		return d
	}
	err := h.table.Claim(ctx, d.mark, h.now(ctx), lease)
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
	d.result, d.err = h.send(ctx, c, m)
	if d.result != sent && d.result != unkept {
		// When this fails too, the next try waits for the lease to end.
		_ = h.table.Failed(context.WithoutCancel(ctx), d.mark, h.now(ctx), d.err.Error())
		return d
	}
	if err := h.table.Delivered(context.WithoutCancel(ctx), d.mark, h.now(ctx)); err != nil {
		// The next try may find no mark and repeat the message, under the same id.
		d.result, d.err = held, fault.Wrap(fault.Unavailable, "sent, but not marked as sent", err)
	}
	return d
}

// send sends a message, and remembers where it is when it can be changed there.
func (h handler) send(ctx context.Context, c outbound.Channel, m outbound.Message) (result, error) {
	app, changes := c.(outbound.SlackApp)
	var at outbound.Posted
	var err error
	if changes {
		at, err = app.Post(ctx, m, h.now(ctx))
	} else {
		err = c.Send(ctx, m, h.now(ctx))
	}
	switch {
	case err != nil && fault.KindOf(err) == fault.Unavailable:
		return postpone, err
	case err != nil:
		return failed, err
	case !changes || m.Event.Lead == "" || m.Event.Type == contract.LeadErased:
		return sent, nil
	}
	kept := table.Message{Lead: signal.LeadKey(m.Event.Lead), Event: m.Event.ID, To: m.To[0].Ref, Channel: at.Channel, TS: at.TS}
	if err := h.table.PutMessage(context.WithoutCancel(ctx), kept, h.now(ctx)); err != nil {
		return unkept, err
	}
	return sent, nil
}

func names(to []outbound.Recipient) string {
	refs := make([]string, len(to))
	for i, r := range to {
		refs[i] = r.Ref
	}
	return strings.Join(refs, ",")
}

// summary lists the deliveries in a word each: "slack/rep:maya=sent".
func summary(done []delivery) string {
	words := make([]string, len(done))
	for i, d := range done {
		words[i] = d.channel + "/" + d.to + "=" + string(d.result)
	}
	return strings.Join(words, " ")
}
