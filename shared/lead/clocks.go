package lead

import (
	"cmp"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

func (c Clock) ref() *contract.ClockRef {
	return &contract.ClockRef{Kind: string(c.Kind), Scope: string(c.Scope), N: c.N, DueAt: c.DueAt}
}

// words names a clock in a sentence.
func (c Clock) words() string {
	if c.Kind == FirstContactClock && c.Scope == CustomerScope {
		return "the customer's first contact"
	}
	return c.Kind.words()
}

// words names a kind of clock in a sentence.
func (k ClockKind) words() string {
	switch k {
	case AcceptClock:
		return "the rep's answer"
	case FirstContactClock:
		return "the first contact"
	case FollowUpClock:
		return "the next attempt"
	case FeedbackClock:
		return "the feedback"
	}
	return string(k)
}

// hours returns what a clock counts: the hours of the team of a handoff, those
// in which its holder is there too, or everything.
func (d *draft) hours(mode string, h *Handoff) *worktime.Calendar {
	if mode == policy.HoursWall {
		return worktime.Always()
	}
	pool := d.core.policy.Routing.Pools[h.poolName()]
	team := d.core.team(pool)
	if mode == policy.HoursTeam || h == nil {
		return team
	}
	if d.roster() == nil {
		return team
	}
	rep, known := d.core.holder(h)
	if !known {
		return team
	}
	own := d.core.candidate(pool, rep).Present()
	if !own.Opens(d.now) {
		return team // there is no time at all that the promise could count
	}
	return own
}

// holder finds the rep of a handoff, also one who is in another pool by now.
func (c *Core) holder(h *Handoff) (policy.Rep, bool) {
	name, _ := c.poolOf(h.Rep, h.Pool)
	return c.policy.Routing.Pools[name].Rep(h.Rep)
}

// hoursOf returns what a clock counts.
func (d *draft) hoursOf(c Clock) *worktime.Calendar {
	if team := d.core.calendars[c.Team]; team != nil && c.Hours == policy.HoursTeam {
		return team
	}
	return d.hours(c.Hours, d.lead.Journey.Handoff)
}

// deadline returns when a clock is due that has so much left from an instant
// on. Hours that end for good before, as with a leave that has no end in
// sight, leave it to the team's.
func (d *draft) deadline(c Clock, from time.Time, left time.Duration) time.Time {
	if due := d.hoursOf(c).Add(from, left); !due.IsZero() {
		return due
	}
	return d.hours(policy.HoursTeam, d.lead.Journey.Handoff).Add(from, left)
}

func (h *Handoff) poolName() string {
	if h == nil {
		return ""
	}
	return h.Pool
}

// team returns the hours of a pool.
func (c *Core) team(pool policy.Pool) *worktime.Calendar {
	return c.calendars[cmp.Or(pool.Calendar, c.policy.SLA.Calendar)]
}

// onDuty returns the hours in which both a pool and its rep work, without leave.
func (c *Core) onDuty(pool policy.Pool, rep policy.Rep) *worktime.Calendar {
	team := c.team(pool)
	own := c.calendars[rep.Calendar]
	if own == nil || own == team {
		return team
	}
	return team.And(own)
}

// mode is what a clock counts by the policy, or by its kind.
func mode(p policy.ClockPolicy, kind ClockKind, scope ClockScope) string {
	if kind == FirstContactClock && scope == CustomerScope && p.Hours == policy.HoursHolder {
		return policy.HoursTeam // the customer has no holder
	}
	if p.Hours == "" && scope == CustomerScope {
		return policy.HoursTeam
	}
	return cmp.Or(p.Hours, policy.HoursHolder)
}

// startClock starts a clock whose time counts from the given instant on, in
// business time: outside hours it begins at the next opening. A clock of that
// kind that the customer or the handoff has already is not started again.
func (d *draft) startClock(c Clock, p policy.ClockPolicy, from time.Time) {
	kept := slices.ContainsFunc(d.lead.Journey.Clocks, func(k Clock) bool {
		open := k.State == Running || k.State == Paused
		return k.Kind == c.Kind && k.Scope == c.Scope && k.N == c.N && d.counts(k) && (open || c.Scope == HolderScope)
	})
	if p.Within <= 0 || kept {
		return
	}
	h := d.lead.Journey.Handoff
	c.State, c.Hours, c.Within, c.Base = Running, mode(p, c.Kind, c.Scope), time.Duration(p.Within), from
	if h != nil {
		c.Handoff = h.Number
	}
	if c.Scope == CustomerScope {
		_, pool := d.lead.Journey.Whose()
		c.Team = cmp.Or(d.core.policy.Routing.Pools[pool].Calendar, d.core.policy.SLA.Calendar)
	}
	c.StartedAt, c.DueAt = d.deadline(c, from, 0), d.deadline(c, from, c.Within)
	c.StepAt = d.nextStep(c)
	d.pass(c)
	d.forgetClocks()
	d.lead.Journey.Clocks = append(d.lead.Journey.Clocks, c)
	d.tell(contract.ClockStarted, "The clock for "+c.words()+" started",
		contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
}

// pass says of the customer's clocks of that kind that they are of an earlier round.
func (d *draft) pass(next Clock) {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if next.Scope == CustomerScope && c.Scope == CustomerScope && c.Kind == next.Kind {
			c.Past = true
		}
	}
}

// mostClocks is how many clocks a lead keeps. The log has all of them.
const mostClocks = 12

// forgetClocks makes room for another clock: the oldest that ask for nothing
// any more go.
func (d *draft) forgetClocks() {
	j := &d.lead.Journey
	for i := 0; i < len(j.Clocks) && len(j.Clocks) >= mostClocks; i++ {
		c := j.Clocks[i]
		if c.State != Running && c.State != Paused && !d.counts(c) {
			j.forgets(c)
			j.Clocks = slices.Delete(j.Clocks, i, i+1)
			for n := i; n < len(j.Clocks); n++ {
				d.breached[n] = d.breached[n+1]
			}
			delete(d.breached, len(j.Clocks))
			i--
		}
	}
}

// review recomputes the deadlines of running clocks by the hours and leaves
// that are known now, and reports whether any moved. A deadline never moves
// into the past.
func (d *draft) review() (moved bool) {
	if d.world.Roster == nil {
		return false
	}
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.State != Running || !d.counts(*c) {
			continue
		}
		due := d.deadline(*c, c.Base, c.Within-c.Spent)
		if due.Before(d.now) && !due.Equal(c.DueAt) {
			due = d.deadline(*c, c.DueAt, 0)
		}
		if due.Equal(c.DueAt) {
			continue
		}
		moved = true
		before := c.DueAt
		c.DueAt, c.StartedAt = due, d.deadline(*c, c.Base, 0)
		c.StepAt = d.nextStep(*c)
		d.tell(contract.ClockMoved, "The deadline for "+c.words()+" has moved: hours or leave have changed", contract.Detail{
			Clock: c.ref(), Handoff: d.handoffRef(), Reason: "was due " + before.UTC().Format(time.RFC3339),
		})
	}
	return moved
}

// due tells whether a tick at now has anything to do.
func (d *draft) due() bool {
	at, ok := d.lead.NextDue()
	return ok && !d.now.Before(at)
}

// mayBreach tells whether the decision could breach a clock.
func (d *draft) mayBreach() bool {
	return slices.ContainsFunc(d.lead.Journey.Clocks, func(c Clock) bool {
		return (c.State == Running && c.DueAt.Before(d.now)) || (c.State == Paused && !d.now.Before(c.ResumeAt))
	})
}

// breachUntil breaches every running clock whose deadline lies before t. The
// verdict is all that is written now; what has to follow is a step of its own.
func (d *draft) breachUntil(t time.Time) {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.State != Running || !c.DueAt.Before(t) {
			continue
		}
		c.State, c.EndedAt = Breached, c.DueAt
		d.breached[i] = true
		c.StepAt = d.nextStep(*c)
		d.tell(contract.ClockBreached, "The deadline for "+c.words()+" passed without it",
			contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
	}
}

// meet ends the clocks of a kind, of some scopes or of all, by an act received
// at the given time, which happened when its source says so. An act that was in time but came to us
// after the verdict corrects reports and not history; a late one says how late
// it was.
func (d *draft) meet(kind ClockKind, received, happened time.Time, scopes ...ClockScope) {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.Kind != kind || (!c.Past && !d.counts(*c)) || (len(scopes) > 0 && !slices.Contains(scopes, c.Scope)) {
			continue
		}
		switch {
		case c.State == Running || c.State == Paused:
			c.State, c.EndedAt, c.StepAt, c.ResumeAt = Met, received, time.Time{}, time.Time{}
			d.tell(contract.ClockMet, "In time: "+c.words(), contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
		case c.State == Breached && !c.Corrected && !happened.After(c.DueAt):
			c.Corrected, c.ActedAt, c.StepAt = true, received, time.Time{}
			d.tell(contract.ClockCorrected, "In time after all: "+c.words(),
				contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
		case c.State == Breached && c.ActedAt.IsZero() && !c.Past:
			d.late(c, received)
		}
	}
}

// late ends the measuring of a clock that was breached.
func (d *draft) late(c *Clock, received time.Time) {
	c.ActedAt, c.StepAt = received, time.Time{}
	c.Late = d.hoursOf(*c).Elapsed(c.DueAt, received)
	late := policy.Duration(c.Late.Round(time.Second)).String()
	d.tell(contract.ClockLate, "Done after all, "+late+" of the clock's hours late: "+c.words(),
		contract.Detail{Clock: c.ref(), Handoff: d.handoffRef(), Late: late})
}

// counts tells whether the clock belongs to the customer, since the lead
// qualified last, or to the current handoff.
func (d *draft) counts(c Clock) bool {
	if c.Scope == CustomerScope {
		return !c.Past
	}
	return d.lead.Journey.Handoff != nil && c.Handoff == d.lead.Journey.Handoff.Number
}

// stopClocks ends the clocks that ask for something that is asked no more.
// What was breached stays so, and is measured no longer.
func (d *draft) stopClocks(why string, which func(Clock) bool) {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if !which(*c) {
			continue
		}
		c.StepAt = time.Time{}
		if c.State != Running && c.State != Paused {
			continue
		}
		c.State, c.EndedAt, c.ResumeAt = Stopped, d.at, time.Time{}
		d.tell(contract.ClockStopped, "The clock for "+c.words()+" stopped: "+why,
			contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
	}
}

// stopHolderClocks ends the holder's clocks when they hold the lead no more.
func (d *draft) stopHolderClocks() {
	d.stopClocks("the lead has another holder", func(c Clock) bool { return c.Scope == HolderScope })
}
