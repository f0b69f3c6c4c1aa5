package main

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
)

// target is one message to send: a channel and who is told by it.
type target struct {
	channel string
	to      []outbound.Recipient
}

// ref names the receiver of the target for the mark of its delivery. Slack and
// the webhook have one receiver each, whomever a message addresses there, so
// that an event has one effect there.
func (t target) ref() string {
	if t.channel == outbound.EmailName && len(t.to) > 0 {
		return t.to[0].Ref
	}
	return "all"
}

// told returns the policy's lines about the type of event.
func told(p *policy.Policy, t contract.EventType) []policy.Notification {
	var lines []policy.Notification
	for _, n := range p.Notifications {
		if n.On == string(t) {
			lines = append(lines, n)
		}
	}
	return lines
}

// targets says which messages the policy's lines ask for: one on Slack and one
// by webhook for all whom the lines name, and one e-mail to each person.
func targets(p *policy.Policy, lines []policy.Notification, e contract.Event, l *lead.Lead) []target {
	var all []target
	at := map[string]int{}
	for _, n := range lines {
		r, ok := recipient(p, n.To, e, l)
		if !ok {
			continue
		}
		for _, channel := range n.Channels {
			id := channel
			if channel == outbound.EmailName {
				id += " " + strings.ToLower(r.Email)
			}
			i, known := at[id]
			if !known {
				i = len(all)
				at[id] = i
				all = append(all, target{channel: channel})
			}
			all[i].to = addOnce(all[i].to, r, channel)
		}
	}
	return all
}

// addOnce adds a recipient; an e-mail address that two of them share gets one mail.
func addOnce(to []outbound.Recipient, r outbound.Recipient, channel string) []outbound.Recipient {
	if channel == outbound.EmailName && len(to) > 0 {
		return to
	}
	for _, known := range to {
		if known.Ref == r.Ref {
			return to
		}
	}
	return append(to, r)
}

// inUse returns the pool, or the one that leads go to now when the policy has
// lost it since: a pool may be renamed while its leads are on their way.
func inUse(p *policy.Policy, pool string) string {
	if _, ok := p.Routing.Pools[pool]; !ok {
		return p.Routing.Fallback
	}
	return pool
}

// recipient finds whom a line of the policy means: the holder of the handoff
// that the event is about, the manager of its pool, the operator, or the
// system. ok is false when there is nobody: the event concerns no handoff, so
// that nobody holds the lead, or the policy names no operator.
func recipient(p *policy.Policy, to string, e contract.Event, l *lead.Lead) (r outbound.Recipient, ok bool) {
	ref := e.Detail.Handoff
	if ref == nil && l != nil && l.Journey.Handoff != nil {
		h := l.Journey.Handoff
		ref = &contract.HandoffRef{Number: h.Number, Pool: h.Pool, Rep: h.Rep}
	}
	switch to {
	case "operator":
		o := p.Operator
		return outbound.Recipient{Ref: "operator", Name: o.Name, Email: o.Email, Slack: o.Slack}, o.Email != "" && e.Type.AboutSource()
	case "system":
		return outbound.Recipient{Ref: "system"}, true
	case "manager":
		pool := p.Routing.Fallback
		if ref != nil {
			pool = inUse(p, ref.Pool)
		}
		m := p.Routing.Pools[pool].Manager
		return outbound.Recipient{Ref: "manager:" + pool, Name: m.Name, Email: m.Email, Slack: m.Slack}, true
	case "holder":
		if ref == nil {
			return r, false
		}
		r = outbound.Recipient{Ref: "rep:" + ref.Rep, Name: ref.Rep}
		for _, rep := range p.Routing.Pools[inUse(p, ref.Pool)].Reps {
			if rep.ID == ref.Rep {
				r.Name, r.Email, r.Slack = rep.Name, rep.Email, rep.Slack
			}
		}
		return r, true
	}
	return r, false
}
