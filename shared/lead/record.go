package lead

import (
	"cmp"
	"math"
	"time"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Record is what the lead's journey says about its outcomes since it was
// enrolled; of a lead that was not drawn for a phase it is the zero value.
//
// The time to a first contact is counted in the hours of sla.calendar, for both
// arms, and not in those of the lead's own clock: control has no clock, and a
// difference of the rulers would look like one of the arms. Whether a promise was
// kept is the word of its clock, in the clock's own hours.
func (c *Core) Record(l *Lead) funnel.Record { return l.Record(c.calendars[c.policy.SLA.Calendar]) }

// Record is as Core.Record, with the time to a first contact in hours of a
// calendar; nil counts all hours.
func (l *Lead) Record(hours *worktime.Calendar) funnel.Record {
	e := l.Journey.Enrolment
	if e == nil || !e.Drawn {
		return funnel.Record{}
	}
	r := funnel.Record{Enrolment: funnel.Enrolment{
		Phase: e.Phase, Round: e.Round, Unit: e.Unit, ID: cmp.Or(e.UnitID, string(l.Key)), Arm: e.Arm, At: e.At.UTC(), Crossed: e.Crossed,
	}}
	stages := l.Journey.StageAt
	r.Since(funnel.HandedOff, stages[HandedOff])
	r.Since(funnel.Accepted, stages[Accepted])
	r.Since(funnel.Meeting, stages[Meeting])
	for _, s := range []Stage{Opportunity, Won, Lost} {
		r.Since(funnel.Opportunity, stages[s])
	}
	r.Since(funnel.Won, stages[Won])
	r.Since(funnel.Lost, stages[Lost])
	l.Journey.record(&r)
	if at, ok := r.Events[funnel.Contacted]; ok {
		r.Minutes = minutes(r.Enrolment.At, at, hours)
	}
	if h := l.Journey.Handoff; h != nil && len(h.HadBy) > 0 {
		r.Rep = h.HadBy[0]
	}
	if _, ok := r.Events[funnel.Rejected]; ok {
		r.Reason = l.Journey.Firsts.Reason
	}
	return r
}

// record takes note of what the journey has no stage for. All of it follows the
// first qualification, whose decision may be later than what it decides about.
func (j Journey) record(r *funnel.Record) {
	note := func(e funnel.Event, at time.Time) {
		if at.IsZero() {
			return
		}
		if at.Before(r.Enrolment.At) {
			at = r.Enrolment.At
		}
		r.Since(e, at)
	}
	note(funnel.Contacted, j.Firsts.Contact)
	note(funnel.Rejected, j.Firsts.Rejected)
	note(funnel.Late, j.Firsts.Late)
	for _, c := range j.Clocks {
		if c.Broken() {
			note(funnel.Late, c.EndedAt)
		}
	}
}

// minutes is how long something took, to the nearest minute.
func minutes(from, to time.Time, hours *worktime.Calendar) int64 {
	took := to.Sub(from)
	if hours != nil {
		took = hours.Elapsed(from, to)
	}
	return min(int64(math.Round(took.Minutes())), funnel.MostMinutes)
}
