// Package funnel says what became of a lead, once for everybody who counts:
// which outcomes there are, what each means in one sentence, and what a lead's
// journey says about each (Of). Gates of a rollout and every report read the
// same record, so that they cannot disagree. It is pure. It does not know who is
// drawn for a phase, how records are added up, nor where they are kept.
package funnel

import (
	"maps"
	"math"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Arm is the side of a phase that a unit is on.
type Arm string

// The arms.
const (
	Treatment Arm = "treatment" // the process applies
	Control   Arm = "control"   // what was done before the process goes on
)

// What can be drawn as a whole. A lead or an account has an outcome of its own;
// a rep or a team is a group of leads, and its outcome is their mean.
const (
	UnitLead    = "lead"
	UnitAccount = "account"
	UnitRep     = "rep"
	UnitTeam    = "team"
)

// Enrolment is how a lead was drawn for a phase of the rollout. The zero value
// is a lead that was not drawn, and is not counted: one from before the rollout,
// one that no segment of the phase fits, one that came while the phase paused.
type Enrolment struct {
	Phase string    `json:"phase"`
	Unit  string    `json:"unit"` // UnitLead, UnitAccount, UnitRep or UnitTeam
	ID    string    `json:"id"`   // of the unit
	Arm   Arm       `json:"arm"`
	At    time.Time `json:"at"`
}

// Drawn tells whether the lead was drawn for a phase.
func (e Enrolment) Drawn() bool { return e.Phase != "" }

// Grouped tells whether the unit is a group of leads, whose mean counts.
func (e Enrolment) Grouped() bool { return e.Unit == UnitRep || e.Unit == UnitTeam }

// Event is something that happens to a lead at one time, the first time that
// it does.
type Event string

// The events. Their times are those at which we heard of them.
const (
	HandedOff   Event = "handed_off"  // a rep was given the lead
	Accepted    Event = "accepted"    // a rep took it, by an answer or by contacting it
	Rejected    Event = "rejected"    // a rep gave it back
	Late        Event = "late"        // a deadline to answer or to make first contact passed without it
	Contacted   Event = "contacted"   // a person of ours called, wrote or met the lead
	Meeting     Event = "meeting"     // a meeting was booked, whether or not it was canceled later
	Opportunity Event = "opportunity" // a deal was opened, won or lost
	Won         Event = "won"         // a deal was won
	Lost        Event = "lost"        // a deal was lost
)

// Record is what a lead's journey says about its outcomes since it was enrolled.
// Records are compared with Equal.
type Record struct {
	Enrolment Enrolment           `json:"enrolment"`
	Events    map[Event]time.Time `json:"events,omitempty"`
	// Minutes are the working minutes from the enrolment to the first contact, in the
	// hours that Of was given, at most MostMinutes; they are 0 without a contact.
	Minutes int64 `json:"minutes,omitempty"`
	// Rep is who was given the lead first.
	Rep string `json:"rep,omitempty"`
	// Reason is why a rep gave the lead back, the first time, by the policy's id.
	Reason string `json:"reason,omitempty"`
}

// MostMinutes is where the time to a first contact is cut off: 40 working hours.
// Who was contacted later, or never, counts as that. So nobody is left out of the
// mean, which therefore does not improve when hard cases are left alone, and a
// few forgotten leads do not outweigh all others.
const MostMinutes = 40 * 60

// Equal tells whether two records say the same.
func (r Record) Equal(o Record) bool {
	same := func(a, b Enrolment) bool { return a.At.Equal(b.At) && withoutTime(a) == withoutTime(b) }
	return same(r.Enrolment, o.Enrolment) && maps.EqualFunc(r.Events, o.Events, time.Time.Equal) &&
		r.Minutes == o.Minutes && r.Rep == o.Rep && r.Reason == o.Reason
}

func withoutTime(e Enrolment) Enrolment {
	e.At = time.Time{}
	return e
}

// Of says what a lead's journey says since the enrolment. Hours are the working
// hours in which the time to a first contact is counted, nil for all hours. They
// are the same for both arms, the company's and not those of a lead's clock:
// control has no clock, and a difference of the rulers would look like one of
// the arms.
func Of(l *lead.Lead, e Enrolment, hours *worktime.Calendar) Record {
	r := Record{Enrolment: e}
	if !e.Drawn() {
		return r
	}
	r.Events = map[Event]time.Time{}
	stages := l.Journey.StageAt
	r.since(HandedOff, stages[lead.HandedOff])
	r.since(Accepted, stages[lead.Accepted])
	r.since(Meeting, stages[lead.Meeting])
	for _, s := range []lead.Stage{lead.Opportunity, lead.Won, lead.Lost} {
		r.since(Opportunity, stages[s])
	}
	r.since(Won, stages[lead.Won])
	r.since(Lost, stages[lead.Lost])
	r.firsts(l.Journey)
	if at, ok := r.Events[Contacted]; ok {
		r.Minutes = minutes(e.At, at, hours)
	}
	if h := l.Journey.Handoff; h != nil && len(h.HadBy) > 0 {
		r.Rep = h.HadBy[0]
	}
	if _, ok := r.Events[Rejected]; ok {
		r.Reason = l.Journey.Firsts.Reason
	}
	return r
}

// since takes note of what happened since the enrolment, the earliest time of
// several.
func (r *Record) since(e Event, at time.Time) {
	if at.IsZero() || at.Before(r.Enrolment.At) {
		return
	}
	if before, ok := r.Events[e]; !ok || at.Before(before) {
		r.Events[e] = at.UTC()
	}
}

// firsts takes note of what the journey has no stage for. All of it follows the
// first qualification, whose decision may be later than what it decides about.
func (r *Record) firsts(j lead.Journey) {
	note := func(e Event, at time.Time) {
		if at.IsZero() {
			return
		}
		if at.Before(r.Enrolment.At) {
			at = r.Enrolment.At
		}
		r.since(e, at)
	}
	note(Contacted, j.Firsts.Contact)
	note(Rejected, j.Firsts.Rejected)
	note(Late, j.Firsts.Late)
	for _, c := range j.Clocks {
		if c.Broken() {
			note(Late, c.EndedAt)
		}
	}
}

func minutes(from, to time.Time, hours *worktime.Calendar) int64 {
	took := to.Sub(from)
	if hours != nil {
		took = hours.Elapsed(from, to)
	}
	return min(int64(math.Round(took.Minutes())), MostMinutes)
}
