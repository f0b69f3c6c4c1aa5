package lead

import (
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// doMiss counts a missed accept deadline. It is a step of ours, beside those
// of the policy.
const doMiss = "miss"

// steps lists what follows while the clock runs and after it ran out.
func (c *Core) steps(clock Clock) []policy.Step {
	e := c.policy.Escalation
	switch clock.Kind {
	case AcceptClock:
		if e.OfflineAfter > 0 {
			return append([]policy.Step{{At: policy.Percent(100), Do: doMiss}}, e.Accept...)
		}
		return e.Accept
	case FirstContactClock:
		if clock.Scope == CustomerScope {
			return e.Customer
		}
		return e.FirstContact
	case FollowUpClock:
		return e.FollowUp
	case FeedbackClock:
		return e.Feedback
	}
	return nil
}

func stepName(s policy.Step) string { return s.At.String() + " " + s.Do }

// stepTime returns when a step is due: at its point of the clock, and what a
// person is told of, not outside that person's hours.
func (d *draft) stepTime(c Clock, s policy.Step) time.Time {
	h := d.lead.Journey.Handoff
	offset := s.At.Offset(policy.Duration(c.Within))
	at := c.DueAt
	if offset != c.Within {
		at = d.deadline(c, c.Base, offset-c.Spent)
	}
	if offset >= c.Within && at.Before(c.DueAt) {
		at = c.DueAt
	}
	switch s.Do {
	case policy.DoRemind:
		hours := d.hours(policy.HoursHolder, h)
		if at.Before(d.now) && !hours.Open(d.now) {
			at = d.now // the sweep comes late, when the holder has gone home
		}
		return hours.NextOpen(at)
	case policy.DoManager:
		return d.hours(policy.HoursTeam, h).NextOpen(at)
	}
	return at
}

// nextStep returns when the earliest step is due that was not done yet; zero
// when none is left. A reminder that could be given only after the deadline it
// is to prevent is left out.
func (d *draft) nextStep(c Clock) time.Time {
	at, _ := d.upcoming(c)
	return at
}

func (d *draft) upcoming(c Clock) (at time.Time, next policy.Step) {
	for _, s := range d.core.steps(c) {
		if slices.Contains(c.Did, stepName(s)) {
			continue
		}
		t := d.stepTime(c, s)
		early := s.At.Offset(policy.Duration(c.Within)) < c.Within
		if t.IsZero() || early && (c.State == Breached || !t.Before(c.DueAt)) {
			continue
		}
		if at.IsZero() || t.Before(at) {
			at, next = t, s
		}
	}
	return at, next
}

// step does the steps that are due. What follows a breach comes in a decision
// after the one that writes it.
//
// Those of breached clocks come first: they may give the lead to somebody else,
// who need not hear what the one before was to be reminded of.
func (d *draft) step() {
	for _, state := range []ClockState{Breached, Running} {
		for i := 0; i < len(d.lead.Journey.Clocks); i++ {
			for d.lead.Journey.Clocks[i].State == state && d.stepOf(i) {
			}
		}
	}
}

// stepOf does the next step of a clock, if it is due.
func (d *draft) stepOf(i int) bool {
	c := &d.lead.Journey.Clocks[i]
	if c.StepAt.IsZero() || d.now.Before(c.StepAt) || (c.State != Running && c.State != Breached) || d.breached[i] {
		return false
	}
	if c.State == Running && !d.now.Before(c.DueAt) {
		c.StepAt = time.Time{} // it is too late for what was to come before the deadline
		return false
	}
	if !d.counts(*c) {
		c.StepAt = time.Time{}
		return false
	}
	at, s := d.upcoming(*c)
	if s.Do == "" || d.now.Before(at) { // the hours have changed since
		c.StepAt = at
		return false
	}
	c.Did = append(c.Did, stepName(s))
	c.StepAt = d.nextStep(*c)
	d.do(*c, s)
	return true
}

func (d *draft) do(c Clock, s policy.Step) {
	late := c.State == Breached
	switch s.Do {
	case policy.DoRemind:
		summary := "The deadline for " + c.words() + " is near"
		if late {
			summary = "Still missing: " + c.words()
		}
		d.tell(contract.ClockWarned, summary, contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
	case policy.DoManager:
		reason := c.words() + " did not come in time"
		if !late {
			reason = c.words() + " is not there yet"
		}
		d.escalate(reason, c.ref(), d.handoffRef())
	case policy.DoReassign, policy.DoFallback:
		if h := d.lead.Journey.Holder(); h != nil {
			d.takeAway(c.words()+" did not come in time", c.ref(), s.Do == policy.DoFallback)
		}
	case doMiss:
		d.miss()
	}
}

// escalate tells the manager.
func (d *draft) escalate(reason string, clock *contract.ClockRef, handoff *contract.HandoffRef) {
	d.tell(contract.LeadEscalated, "Escalated to the manager: "+reason, contract.Detail{
		Clock: clock, Handoff: handoff, Reason: reason, To: &contract.Recipient{Role: "manager"},
	})
}

// miss counts an accept deadline that the holder missed, and sets them offline
// when it was one too many in a row.
func (d *draft) miss() {
	h := d.lead.Journey.Holder()
	if h == nil {
		return
	}
	state, ok := d.pool(h.Pool)
	roster := d.roster()
	if !ok || roster == nil {
		return
	}
	state = state.Miss(h.Rep)
	most := int64(d.core.policy.Escalation.OfflineAfter)
	if state.Reps[h.Rep].Missed >= most && roster.Reps[h.Rep].Switch != routing.Off {
		state = state.Answered(h.Rep)
		e := roster.Reps[h.Rep]
		e.Switch, e.Reason, e.SwitchBy, e.By, e.Changed = routing.Off, "missed too many deadlines in a row", "handoff", "handoff", d.now
		next := roster.Record(d.core.over.base.policy.Policy, h.Rep, e, fmt.Sprintf("%d deadlines to accept a lead were missed in a row", most))
		d.people, d.core = &next, d.core.Over(next)
		d.tell(contract.RepOffline, "The holder receives nothing new: too many deadlines missed in a row",
			contract.Detail{Handoff: d.handoffRef(), Reason: e.Reason, To: &contract.Recipient{Role: "manager"}})
	}
	d.setPool(state)
}

// heard ends the counting of missed deadlines: the holder has answered.
func (d *draft) heard(h *Handoff) {
	if d.core.policy.Escalation.OfflineAfter == 0 {
		return
	}
	if state, ok := d.pool(h.Pool); ok && state.Reps[h.Rep].Missed > 0 {
		d.setPool(state.Answered(h.Rep))
	}
}

// pause stops the clocks of a handoff but for the one to accept.
func (d *draft) pause(from, until time.Time, reason string) {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.State != Running || c.Kind == AcceptClock || !d.counts(*c) {
			continue
		}
		c.Spent += max(0, d.hoursOf(*c).Elapsed(c.Base, from)) // their time may begin later
		c.State, c.ResumeAt, c.Paused, c.StepAt = Paused, until, reason, time.Time{}
		d.tell(contract.ClockPaused, "The clock for "+c.words()+" pauses", contract.Detail{
			Clock: c.ref(), Handoff: d.handoffRef(), Reason: reason, Until: &until,
		})
	}
}

// resumeUntil lets the clocks go on whose pause has ended by t.
func (d *draft) resumeUntil(t time.Time) {
	for i := range d.lead.Journey.Clocks {
		c := &d.lead.Journey.Clocks[i]
		if c.State != Paused || t.Before(c.ResumeAt) {
			continue
		}
		if c.ResumeAt.After(c.Base) {
			c.Base = c.ResumeAt
		}
		c.State, c.ResumeAt, c.Paused = Running, time.Time{}, ""
		c.DueAt = d.deadline(*c, c.Base, c.Within-c.Spent)
		c.StepAt = d.nextStep(*c)
		d.tell(contract.ClockResumed, "The clock for "+c.words()+" goes on",
			contract.Detail{Clock: c.ref(), Handoff: d.handoffRef()})
	}
}
