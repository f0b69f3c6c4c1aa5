package lead

import (
	"cmp"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
)

func (c Clock) ref() *contract.ClockRef {
	return &contract.ClockRef{Kind: string(c.Kind), Scope: string(c.Scope), DueAt: c.DueAt}
}

// words names a kind of clock in a sentence.
func (k ClockKind) words() string {
	switch k {
	case AcceptClock:
		return "the rep's answer"
	case FirstContactClock:
		return "the first contact"
	}
	return string(k)
}

// startClock starts a clock whose time counts from the given instant on, in
// business time: outside hours it begins at the next opening. A clock of that
// kind that the customer or the handoff has already is not started again.
func (d *draft) startClock(kind ClockKind, scope ClockScope, p policy.ClockPolicy, from time.Time, handoff int) {
	kept := slices.ContainsFunc(d.lead.Journey.Clocks, func(c Clock) bool { return c.Kind == kind && d.counts(c) })
	if p.Within <= 0 || kept {
		return
	}
	cal := d.core.calendar
	start := cal.NextOpen(from)
	clock := Clock{
		Kind: kind, Scope: scope, State: Running, Handoff: handoff,
		StartedAt: start, DueAt: cal.Add(start, time.Duration(p.Within)),
	}
	if p.WarnBefore > 0 {
		clock.WarnAt = cal.Before(clock.DueAt, time.Duration(p.WarnBefore))
	}
	d.lead.Journey.Clocks = append(d.lead.Journey.Clocks, clock)
	d.tell(contract.ClockStarted, "The clock for "+kind.words()+" started",
		contract.Detail{Clock: clock.ref(), Handoff: d.handoffRef()})
}

// due tells whether a tick at now has anything to do.
func (d *draft) due() bool {
	at, ok := d.lead.NextDue()
	return ok && !d.now.Before(at)
}

// mayBreach tells whether the decision could breach a clock.
func (d *draft) mayBreach() bool {
	return slices.ContainsFunc(d.lead.Journey.Clocks, func(c Clock) bool {
		return c.State == Running && c.DueAt.Before(d.now)
	})
}

// breachUntil breaches every running clock whose deadline lies before t. The
// verdict is all that is written now; what has to follow is noted for the next
// decision.
func (d *draft) breachUntil(t time.Time) {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.State != Running || !c.DueAt.Before(t) {
			continue
		}
		c.State, c.EndedAt, c.WarnAt = Breached, c.DueAt, time.Time{}
		d.tell(contract.ClockBreached, "The deadline for "+c.Kind.words()+" passed without it",
			contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
		if to := d.core.escalation(c.Kind).To; to != "" {
			d.lead.Journey.Followup = append(d.lead.Journey.Followup, Followup{Clock: *c.ref(), Handoff: d.handoffRef(), To: to})
		}
	}
}

func (c *Core) escalation(kind ClockKind) policy.Escalate {
	switch kind {
	case AcceptClock:
		return c.policy.Escalation.Accept
	case FirstContactClock:
		return c.policy.Escalation.FirstContact
	}
	return policy.Escalate{}
}

// followUp does what breaches of earlier decisions asked for.
func (d *draft) followUp() {
	for _, f := range d.lead.Journey.Followup {
		kind := ClockKind(f.Clock.Kind)
		d.escalate(kind.words()+" did not come in time", f.To, f.Clock, cmp.Or(f.Handoff, d.handoffRef()))
	}
	d.lead.Journey.Followup = nil
}

func (d *draft) escalate(reason, to string, clock contract.ClockRef, handoff *contract.HandoffRef) {
	d.tell(contract.LeadEscalated, "Escalated to the "+to+": "+reason, contract.Detail{
		Clock: &clock, Handoff: handoff, Reason: reason, To: &contract.Recipient{Role: to},
	})
}

// warn tells of deadlines that come near. A warning that nobody came by to
// give is dropped when the deadline is there.
func (d *draft) warn() {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.State != Running || c.WarnAt.IsZero() || d.now.Before(c.WarnAt) {
			continue
		}
		c.WarnAt = time.Time{}
		if !d.now.Before(c.DueAt) {
			continue
		}
		d.tell(contract.ClockWarned, "The deadline for "+c.Kind.words()+" is near",
			contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
	}
}

// meet ends the clocks of a kind by an act received at the given time. An act
// that was received in time, but came to us after the verdict, corrects
// reports and not history.
func (d *draft) meet(kind ClockKind, received time.Time) {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.Kind != kind || !d.counts(*c) {
			continue
		}
		switch {
		case c.State == Running:
			c.State, c.EndedAt, c.WarnAt = Met, received, time.Time{}
			d.tell(contract.ClockMet, "In time: "+kind.words(), contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
		case c.State == Breached && !c.Corrected && !received.After(c.DueAt):
			c.Corrected = true
			d.tell(contract.ClockCorrected, "In time after all: "+kind.words(),
				contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
		}
	}
}

// counts tells whether the clock belongs to the customer or to the current handoff.
func (d *draft) counts(c Clock) bool {
	return c.Scope == CustomerScope || (d.lead.Journey.Handoff != nil && c.Handoff == d.lead.Journey.Handoff.Number)
}

// stopHolderClocks ends the holder's running clocks when they hold the lead no more.
func (d *draft) stopHolderClocks() {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.Scope != HolderScope || c.State != Running {
			continue
		}
		c.State, c.EndedAt, c.WarnAt = Stopped, d.now, time.Time{}
		d.tell(contract.ClockStopped, "The clock for "+c.Kind.words()+" stopped: the lead has another holder",
			contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
	}
}
