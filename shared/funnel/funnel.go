// Package funnel says what can become of a lead, once for everybody who counts:
// which outcomes there are and what each means in one sentence (Outcomes), and
// what is recorded of one lead (Record) and of a unit of several (Join). Gates of
// a rollout and every report read the same records, so that they cannot disagree.
// It is pure. It knows neither journeys, which lead.Record reads, nor who is
// drawn for a phase, how records are added up and where they are kept.
package funnel

import (
	"maps"
	"time"
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
	Round int       `json:"round"` // how often the phase has begun; see rollout.State
	Unit  string    `json:"unit"`  // UnitLead, UnitAccount, UnitRep or UnitTeam
	ID    string    `json:"id"`    // of the unit
	Arm   Arm       `json:"arm"`
	At    time.Time `json:"at"`
	// Crossed says that the lead was on the other side, too: it is two leads that
	// became one.
	Crossed bool `json:"crossed,omitempty"`
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
	// Minutes are the company's working minutes from the enrolment to the first
	// contact, at most MostMinutes; 0 without a contact.
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

// Since takes note of an event, when it did not come before the enrolment. Of
// several times the earliest stands.
func (r *Record) Since(e Event, at time.Time) {
	if at.IsZero() || at.Before(r.Enrolment.At) {
		return
	}
	if r.Events == nil {
		r.Events = map[Event]time.Time{}
	}
	if before, ok := r.Events[e]; !ok || at.Before(before) {
		r.Events[e] = at.UTC()
	}
}
