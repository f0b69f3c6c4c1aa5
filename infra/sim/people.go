package main

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// receives has a rep hear of a lead: they answer when they get round to it.
func (p *play) receives(k signal.LeadKey, h contract.HandoffRef) {
	r := p.reps[h.Rep]
	p.soon(r, p.lognormal(r.median, 0.8), func() error { return p.answers(k, h, r) })
	if p.rng.Float64() < 0.3 { // a sequence greets the lead, which is no first contact
		p.at(p.now().Add(2*time.Minute), func() error {
			return p.crmSays(k, signal.ActivityLogged, p.now(), map[string]string{
				signal.AttrDirection: signal.Outbound, signal.AttrAutomated: "true", signal.AttrHow: signal.HowEmail,
			})
		})
	}
}

// soon has a rep do something once they have got round to it. When they turn
// out to be away then, it waits for their return.
func (p *play) soon(r *rep, after time.Duration, do func() error) {
	at := r.acts(p.now(), after)
	if at.IsZero() {
		return // they are never there again
	}
	p.at(at, func() error {
		if r.isAway(p.now()) {
			p.soon(r, time.Minute, do)
			return nil
		}
		return do()
	})
}

// holds tells whether the handoff is the lead's current one.
func (p *play) holds(k signal.LeadKey, h contract.HandoffRef) bool {
	l := p.office.Lead(k)
	now := l.Journey.Holder()
	return now != nil && now.Number == h.Number
}

// answers has a rep say yes or no. Of those whom the lead was taken from, some
// press the button in the old message all the same.
func (p *play) answers(k signal.LeadKey, h contract.HandoffRef, r *rep) error {
	if !p.holds(k, h) && p.rng.Float64() < 0.7 {
		return nil
	}
	switch x := p.rng.Float64(); {
	case x < 0.07:
		reasons := p.policy.Routing.Rejections.Reasons
		reason := reasons[pick(p.rng, []float64{3, 2, 3, 1, 2, 2})%len(reasons)]
		return p.answer(k, h, signal.RepRejected, map[string]string{signal.AttrReason: reason.ID})
	case x < 0.12: // calls at once
		return p.contacts(k, h, r)
	}
	if err := p.answer(k, h, signal.RepAccepted, nil); err != nil {
		return err
	}
	if p.rng.Float64() < 0.06 {
		until := r.acts(p.now(), p.lognormal(20*time.Hour, 0.5))
		if err := p.answer(k, h, signal.RepSnoozed, map[string]string{
			signal.AttrUntil: until.Format(time.RFC3339), signal.AttrReason: "customer_asked",
		}); err != nil {
			return err
		}
		p.at(until, func() error {
			p.soon(r, p.lognormal(30*time.Minute, 0.7), func() error { return p.contacts(k, h, r) })
			return nil
		})
		return nil
	}
	p.soon(r, p.lognormal(2*r.median+10*time.Minute, 0.8), func() error { return p.contacts(k, h, r) })
	return nil
}

// contacts has a rep reach out to the customer, and say so themself or leave it
// to the CRM, which is often late.
func (p *play) contacts(k signal.LeadKey, h contract.HandoffRef, r *rep) error {
	if !p.holds(k, h) {
		return nil
	}
	p.follows(k, h, r)
	if p.rng.Float64() < 0.5 {
		return p.answer(k, h, signal.RepContacted, map[string]string{signal.AttrHow: signal.HowCall})
	}
	if err := p.answer(k, h, signal.RepAccepted, nil); err != nil {
		return err
	}
	acted := p.now()
	p.at(acted.Add(p.lognormal(4*time.Minute, 1)), func() error {
		return p.crmSays(k, signal.ActivityLogged, acted, map[string]string{
			signal.AttrDirection: signal.Outbound, signal.AttrHow: signal.HowEmail,
		})
	})
	return nil
}

// follows is what a first contact leads to: a meeting or other attempts, the
// rep's feedback, and the end of the deal.
func (p *play) follows(k signal.LeadKey, h contract.HandoffRef, r *rep) {
	p.soon(r, p.lognormal(14*time.Hour, 0.6), func() error {
		if !p.holds(k, h) {
			return nil
		}
		return p.answer(k, h, signal.RepFeedback, map[string]string{signal.AttrOutcome: "good"})
	})
	if p.rng.Float64() < 0.35 {
		p.soon(r, p.lognormal(6*time.Hour, 0.5), func() error {
			return p.crmSays(k, signal.MeetingBooked, p.now(), map[string]string{
				signal.AttrMeeting: "m-" + string(k), signal.AttrBookedBy: signal.BookedByRep,
				signal.AttrStartsAt: p.now().AddDate(0, 0, 3).Format(time.RFC3339),
			})
		})
	} else {
		for i := range 2 {
			p.soon(r, time.Duration(i+1)*p.lognormal(9*time.Hour, 0.3), func() error {
				if !p.holds(k, h) {
					return nil
				}
				return p.answer(k, h, signal.RepContacted, map[string]string{signal.AttrHow: signal.HowEmail})
			})
		}
	}
	ends := signal.DealLost
	if p.rng.Float64() < 0.2 {
		ends = signal.DealWon
	}
	p.soon(r, p.lognormal(24*time.Hour, 0.4), func() error {
		if !p.holds(k, h) {
			return nil
		}
		return p.crmSays(k, ends, p.now(), map[string]string{signal.AttrDeal: "d-" + string(k), signal.AttrReason: "closed"})
	})
}

// managerDecides has the manager give a lead that nobody holds to whom the
// rules choose, or to somebody by name.
func (p *play) managerDecides(k signal.LeadKey, h *contract.HandoffRef) {
	if h == nil {
		return
	}
	team := p.reps[h.Rep].team
	p.at(team.Add(p.now(), p.lognormal(40*time.Minute, 0.6)), func() error {
		if l := p.office.Lead(k); l.Journey.Holder() != nil || l.Journey.Held != nil || l.Journey.Handoff.Number != h.Number {
			return nil
		}
		return p.order(k, *h, p.somebody(h.Pool, h.Rep), "nobody has it")
	})
}

// order has the manager give a lead to another rep.
func (p *play) order(k signal.LeadKey, h contract.HandoffRef, to, why string) error {
	p.crm++
	return p.office.HearOf(p.now(), k, signal.Signal{
		Source: "operator", ID: fmt.Sprintf("%d.reassign.%d", h.Number, p.crm), Type: signal.OrderReassign,
		OccurredAt: p.now(), ReceivedAt: p.now(),
		Attributes: map[string]string{
			signal.AttrHandoff: fmt.Sprint(h.Number), signal.AttrTo: to, signal.AttrReason: why, signal.AttrBy: "manager",
		},
	})
}

// somebody returns a rep of the pool who is there, and not the one named.
func (p *play) somebody(pool, but string) string {
	var there []string
	for _, id := range slices.Sorted(maps.Keys(p.reps)) {
		if r := p.reps[id]; r.pool == pool && id != but && !r.off && !r.isAway(p.now()) {
			there = append(there, id)
		}
	}
	if len(there) == 0 {
		return ""
	}
	return there[p.rng.IntN(len(there))]
}

// switchedOff has the manager switch a rep on again the next day, whom the
// office has set offline.
func (p *play) switchedOff(id string) {
	r := p.reps[id]
	r.off = true
	p.at(r.team.Add(p.now().Add(12*time.Hour), time.Minute), func() error { return p.set(r, routing.On, "") })
}

// set writes a rep's entry of the roster: the switch, and all leaves but those
// of the policy.
func (p *play) set(r *rep, position routing.Switch, reason string) error {
	r.off = position == routing.Off
	e := routing.Entry{Switch: position, Reason: reason, By: "manager"}
	for _, a := range r.away {
		if !slices.Contains(r.Leave, a.leave) {
			e.Leave = append(e.Leave, a.leave)
		}
	}
	return p.office.SetRoster(p.now(), r.ID, e)
}

// planAbsences draws who will be sick, away for hours or weeks, switched off,
// or silent for a day, and when the office hears of it.
func (p *play) planAbsences(start time.Time, days int) {
	for _, id := range slices.Sorted(maps.Keys(p.reps)) {
		r := p.reps[id]
		for day := range days {
			y, m, d := start.AddDate(0, 0, day).Date()
			clock := func(days, hour, minute int) time.Time { return time.Date(y, m, d+days, hour, minute, 0, 0, r.zone) }
			if !r.hours.Open(clock(0, 10, 0)) {
				continue
			}
			switch x := p.rng.Float64(); {
			case x < 0.012: // sick, said between half past seven and eleven
				p.leave(r, clock(0, 7, 30).Add(time.Duration(p.rng.IntN(210))*time.Minute), clock(0, 0, 0), clock(1+p.rng.IntN(2), 0, 0), "sick")
			case x < 0.025: // an afternoon, said the day before
				p.leave(r, clock(-1, 16, 0), clock(0, 13, 0), clock(0, 18, 0), "appointment")
			case x < 0.0275: // two weeks, said ten days before
				p.leave(r, clock(-10, 11, 0), clock(0, 0, 0), clock(14, 0, 0), "vacation")
			case x < 0.0325: // off for a day or two, from eleven
				p.at(clock(0, 11, 0), func() error { return p.set(r, routing.Off, "training") })
				p.at(clock(1+p.rng.IntN(2), 9, 30), func() error { return p.set(r, routing.On, "") })
			case x < 0.05:
				r.silent[clock(0, 10, 0).Format(time.DateOnly)] = true
			}
		}
	}
}

// leave has the office hear of a leave at a time, and the manager do something
// about the leads of somebody sick.
func (p *play) leave(r *rep, said, from, to time.Time, reason string) {
	if said.Before(begin()) {
		said = begin()
	}
	p.at(said, func() error {
		r.away = append(r.away, absence{from, to, writeLeave(from, to, reason)})
		position, why := routing.Unset, ""
		if r.off {
			position, why = routing.Off, "training"
		}
		if err := p.set(r, position, why); err != nil || reason != "sick" {
			return err
		}
		return p.passOn(r)
	})
}

// passOn has the manager give every other lead that a rep has not answered to
// whom the rules choose.
func (p *play) passOn(r *rep) error {
	for i, k := range p.office.HeldBy(r.ID) {
		h := p.office.Lead(k).Journey.Handoff
		if i%2 == 1 || h.Answer != "" {
			continue
		}
		if err := p.order(k, contract.HandoffRef{Number: h.Number, Pool: h.Pool, Rep: h.Rep}, "", "the holder is sick"); err != nil {
			return err
		}
	}
	return nil
}

// writeLeave writes a leave as a manager enters it: days, or times.
func writeLeave(from, to time.Time, reason string) policy.Leave {
	if from.Hour() == 0 && to.Hour() == 0 {
		return policy.Leave{From: from.Format(time.DateOnly), To: to.AddDate(0, 0, -1).Format(time.DateOnly), Reason: reason}
	}
	const wall = "2006-01-02T15:04"
	return policy.Leave{From: from.Format(wall), To: to.Format(wall), Reason: reason}
}
