package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
)

// target is one message to send: a channel and who is told by it.
type target struct {
	channel string
	direct  bool // on Slack: a direct message of the app
	to      []outbound.Recipient
}

// personal tells whether the target is one person's own message.
func (t target) personal() bool { return t.direct || t.channel == outbound.EmailName }

// ref names the receiver of the target for the mark of its delivery. A channel
// of Slack or Teams and the webhook have one receiver each, whomever a message
// addresses there, so that an event has one effect there.
func (t target) ref() string {
	if t.personal() && len(t.to) > 0 {
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

// targets says which messages the policy's lines ask for: one in the channel
// of Slack, one in that of Teams and one by webhook for all whom the lines
// name, and one e-mail to each person. Whom the Slack app reaches gets a direct
// message of their own instead. Of a lead that a phase only watches nobody is told.
func targets(p *policy.Policy, lines []policy.Notification, e contract.Event, l *lead.Lead, app *outbound.SlackApp) []target {
	if l != nil && l.Journey.Watched() {
		return nil
	}
	var all []target
	at := map[string]int{}
	for _, n := range lines {
		r, ok := recipient(p, n.To, e, l)
		if !ok {
			continue
		}
		for _, channel := range n.Channels {
			t := target{channel: channel, direct: channel == outbound.SlackName && app != nil && app.Reaches(r)}
			id := t.id(r)
			i, known := at[id]
			if !known {
				i = len(all)
				at[id] = i
				all = append(all, t)
			}
			all[i].addOnce(r)
		}
	}
	return all
}

// id is equal for what is one message.
func (t target) id(r outbound.Recipient) string {
	switch {
	case t.direct:
		return t.channel + " " + r.Slack
	case t.personal():
		return t.channel + " " + strings.ToLower(r.Email)
	}
	return t.channel
}

// addOnce adds a recipient; an address that two of them share gets one message.
func (t *target) addOnce(r outbound.Recipient) {
	if t.personal() && len(t.to) > 0 {
		return
	}
	for _, known := range t.to {
		if known.Ref == r.Ref {
			return
		}
	}
	t.to = append(t.to, r)
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
// that the event is about, the manager of its pool, the operator, who looks
// after the leads of the existing process, or the system. ok is false when there
// is nobody: the event concerns no handoff, so that nobody holds the lead, or
// the policy names no operator.
func recipient(p *policy.Policy, to string, e contract.Event, l *lead.Lead) (r outbound.Recipient, ok bool) {
	ref := e.Detail.Handoff
	// The holder of what a lead became part of hears of that by the other lead's event.
	absorbed := e.Type == contract.LeadMerged && l != nil && string(l.Key) != e.Lead
	if ref == nil && l != nil && l.Journey.Handoff != nil && !absorbed {
		h := l.Journey.Handoff
		ref = &contract.HandoffRef{Number: h.Number, Pool: h.Pool, Rep: h.Rep}
	}
	switch to {
	case "operator":
		r = person(p, "operator", "")
		return r, r.Email != "" && (!e.Type.AboutLead() || e.Type == contract.LeadIncomplete)
	case "control":
		r = person(p, "control", "")
		return r, r.Email != ""
	case "system":
		return outbound.Recipient{Ref: "system"}, true
	case "manager":
		pool := p.Routing.Fallback
		switch {
		case e.Type == contract.LeadHeld && l != nil && l.Journey.Held != nil:
			pool = inUse(p, l.Journey.Held.Pool)
		case e.Type == contract.LeadSuggested && l != nil && l.Journey.Suggested != nil:
			pool = inUse(p, l.Journey.Suggested.Pool)
		case e.Type == contract.LeadIncomplete && l != nil && l.Journey.Incomplete != nil:
			pool = inUse(p, l.Journey.Incomplete.Pool)
		case ref != nil:
			pool = inUse(p, ref.Pool)
		}
		return person(p, "manager:"+pool, pool), true
	case "holder":
		if ref == nil {
			return r, false
		}
		return person(p, "rep:"+ref.Rep, ref.Pool), true
	}
	return r, false
}

// person is who a reference names: "rep:maya", preferably of the pool,
// "manager:sales", "operator" or "control". Of one whom the policy does not know any more
// the name is all that is known.
func person(p *policy.Policy, ref, pool string) outbound.Recipient {
	kind, name, _ := strings.Cut(ref, ":")
	switch kind {
	case "operator":
		return outbound.Recipient{Ref: ref, Name: p.Operator.Name, Email: p.Operator.Email, Slack: p.Operator.Slack}
	case "control":
		c := p.Rollout.Control.Notify
		return outbound.Recipient{Ref: ref, Name: c.Name, Email: c.Email, Slack: c.Slack}
	case "manager":
		m := p.Routing.Pools[name].Manager
		return outbound.Recipient{Ref: ref, Name: m.Name, Email: m.Email, Slack: m.Slack, Zone: zone(p, p.Routing.Pools[name].Calendar)}
	}
	for _, of := range append([]string{inUse(p, pool)}, slices.Sorted(maps.Keys(p.Routing.Pools))...) {
		if rep, ok := p.Routing.Pools[of].Rep(name); ok {
			return outbound.Recipient{
				Ref: ref, Name: rep.Name, Email: rep.Email, Slack: rep.Slack, Zone: zone(p, rep.Calendar, p.Routing.Pools[of].Calendar),
			}
		}
	}
	return outbound.Recipient{Ref: ref, Name: name}
}

// zone is that of the first of the calendars that is there, else the team's.
func zone(p *policy.Policy, calendars ...string) string {
	for _, c := range append(calendars, p.SLA.Calendar) {
		if z := p.Calendars[c].Zone; z != "" {
			return z
		}
	}
	return ""
}
