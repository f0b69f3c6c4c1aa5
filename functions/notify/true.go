package main

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/table"
)

// mostRounds is how often the messages of a lead are made true that changes
// meanwhile. Then the event comes back.
const mostRounds = 3

// truth is what is needed to make a lead's earlier messages true.
type truth struct {
	app    outbound.SlackApp
	policy *policy.Policy
	event  contract.Event
	lead   *lead.Lead // as the event's own messages show it
	told   []delivery // what was just sent
}

// keepTrue updates the messages of the Slack app about a lead to what the lead
// is now. Nothing orders the events of a lead here, and one of them may be told
// of while another changes the lead; so whoever has written looks again
// afterwards, and writes again when the lead was another by then. That leaves
// the newest state in every message.
func (h handler) keepTrue(ctx, enough context.Context, t truth) []delivery {
	fresh := map[string]bool{}
	again := outbound.Changes(t.event.Type)
	wrote := again
	for _, d := range t.told {
		fresh[d.to] = fresh[d.to] || d.direct && d.result == sent
		again = again || d.direct && d.result == before // by a try that may not have looked afterwards
		wrote = wrote || d.direct && (d.result == sent || d.result == before)
	}
	if !wrote {
		return nil
	}
	var done []delivery
	for range mostRounds {
		if again {
			done = h.updateAll(ctx, enough, t, fresh)
		}
		now, err := h.table.Lead(ctx, t.lead.Key)
		switch {
		case err != nil && fault.KindOf(err) == fault.NotFound:
			return done
		case err != nil:
			return append(done, delivery{channel: outbound.SlackName, to: "all", result: postpone, err: err})
		case now.Version == t.lead.Version:
			return done
		}
		t.lead, again, fresh = now, true, nil
	}
	return append(done, delivery{
		channel: outbound.SlackName, to: "all", result: postpone, err: fault.New(fault.Unavailable, "the lead changes faster than its messages"),
	})
}

// updateAll makes every message of the lead true but the fresh ones, which the
// event's own deliveries have just sent.
func (h handler) updateAll(ctx, enough context.Context, t truth, fresh map[string]bool) []delivery {
	messages, err := h.table.Messages(ctx, t.lead.Key)
	if err != nil {
		return []delivery{{channel: outbound.SlackName, to: "all", result: postpone, err: err}}
	}
	var done []delivery
	for _, m := range messages {
		if m.Event == t.event.ID && fresh[m.To] {
			continue
		}
		d := delivery{channel: outbound.SlackName, to: m.To, direct: true}
		if enough.Err() != nil {
			d.result, d.err = postpone, fault.New(fault.Unavailable, "no time left in this invocation")
		} else {
			d.result, d.err = h.update(ctx, t, m)
		}
		done = append(done, d)
	}
	return done
}

// update makes a message anew from its own event and the lead as it is now,
// and puts it in the place of the old one.
func (h handler) update(ctx context.Context, t truth, kept table.Message) (result, error) {
	now := h.now(ctx)
	e, err := h.recorded(ctx, kept)
	var links []outbound.Link
	if err == nil {
		links, err = h.answers(ctx, now, t.policy, e, t.lead)
	}
	if err == nil {
		pool := ""
		if ref := e.Detail.Handoff; ref != nil {
			pool = ref.Pool
		}
		to := []outbound.Recipient{person(t.policy, kept.To, pool)}
		m := outbound.New(outbound.Input{Event: e, Lead: t.lead, Policy: t.policy, To: to, Links: h.linksFor(to, e, links)})
		err = t.app.Update(ctx, outbound.Posted{Channel: kept.Channel, TS: kept.TS}, m, now)
	}
	switch {
	case err == nil:
		return updated, nil
	case fault.KindOf(err) == fault.NotFound:
		err = h.table.ForgetMessage(ctx, kept)
		if err != nil {
			return postpone, err
		}
		return gone, nil
	case fault.KindOf(err) == fault.Unavailable:
		return postpone, err
	}
	return failed, err
}

// recorded reads the event of a message again from the log, where its id says
// that it is. Kind: NotFound.
func (h handler) recorded(ctx context.Context, kept table.Message) (contract.Event, error) {
	missing := fault.New(fault.NotFound, "the log holds no event %s", kept.Event)
	rest, found := strings.CutPrefix(kept.Event, string(kept.Lead)+".")
	number, _, _ := strings.Cut(rest, ".")
	version, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil {
		return contract.Event{}, missing
	}
	item, err := h.table.LogAt(ctx, kept.Lead, version)
	if err != nil {
		return contract.Event{}, err
	}
	i := slices.IndexFunc(item.Entries, func(e contract.Event) bool { return e.ID == kept.Event })
	if i < 0 {
		return contract.Event{}, missing
	}
	return item.Entries[i], nil
}
