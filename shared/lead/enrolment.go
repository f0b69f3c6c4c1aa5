package lead

import (
	"cmp"
	"time"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// Arm is the side of a rollout that a lead is on.
type Arm = funnel.Arm

// The arms.
const (
	Treatment = funnel.Treatment // the process applies
	Control   = funnel.Control   // the lead follows the process that the company had before
)

// Enrolment is the arm of a rollout that a lead was enrolled in, once, at its
// first qualification under a policy that does not simply apply to everybody.
// It never changes, but for what became of the lead in a phase that only watches
// or suggests.
//
// The arm is the lead's. A later lead of the same company is drawn by the share
// of its own time, so that a company that was in control may be in the process
// once a phase takes more: if it stayed out for ever, a phase for half of all
// companies would not have half of them. Within a phase a company is in one arm,
// and evidence is counted by phase, so each unit counts in one arm there.
type Enrolment struct {
	Phase  string       `json:"phase"`
	Mode   rollout.Mode `json:"mode"`  // of the phase
	Round  int          `json:"round"` // of the phase; see rollout.State
	Unit   string       `json:"unit"`  // what was drawn: account, lead, rep or team
	UnitID string       `json:"unit_id,omitempty"`
	Bucket int          `json:"bucket"` // of the unit; see rollout.Bucket
	Share  float64      `json:"share"`  // of the phase, 0 to 1
	Arm    Arm          `json:"arm"`
	// Drawn tells whether the bucket decided about the arm. It is false for
	// leads in control because they are in no segment of the phase, or because
	// it was paused, rolled back or had not begun: they are no evidence.
	Drawn   bool      `json:"drawn"`
	At      time.Time `json:"at"`
	Waits   time.Time `json:"waits"`           // the receipt of the qualifying signal: since when the customer waits
	Tier    string    `json:"tier,omitempty"`  // of sla.tiers
	Rollout int64     `json:"rollout"`         // version of the rollout's state; 0 while none was stored
	Why     string    `json:"why"`             // in a sentence
	Pool    string    `json:"pool,omitempty"`  // in shadow: where the lead would have gone
	Rep     string    `json:"rep,omitempty"`   // in shadow: to whom; "" when it would have been held
	Lapse   Lapse     `json:"lapse,omitempty"` // how a suggestion about the lead ended, unless it was confirmed
	// Merged tells that two leads became one, of which this was enrolled first;
	// Crossed that the other was in the other arm.
	Merged  bool `json:"merged,omitempty"`
	Crossed bool `json:"crossed,omitempty"`
}

// Lapse is how a suggestion ended that was not confirmed.
type Lapse string

// The ends of suggestions.
const (
	Declined    Lapse = "declined"    // by a manager
	Unconfirmed Lapse = "unconfirmed" // nobody said anything in time
)

// Suggestion is a handoff that waits for a manager to confirm it.
type Suggestion struct {
	Handoff            // as it would be: Pool and Rep are the choice, Rep "" when nobody could receive it
	Since    time.Time `json:"suggested_at"`
	RemindAt time.Time `json:"remind_at,omitzero"` // when the manager is reminded; zero once they were
	LapsesAt time.Time `json:"lapses_at,omitzero"` // when the lead follows the existing process; zero for never
}

// EarlierEnrolment returns the enrolment of a lead that two leads have become:
// the earlier one, marked. Either may be nil. The order of the two, and of
// several merges, does not matter.
func EarlierEnrolment(a, b *Enrolment) *Enrolment {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	first, second := a, b
	if b.before(a) {
		first, second = b, a
	}
	kept := *first
	kept.Merged = true
	kept.Crossed = first.Crossed || second.Crossed || first.Arm != second.Arm
	return &kept
}

func (e *Enrolment) clone() *Enrolment {
	if e == nil {
		return nil
	}
	c := *e
	return &c
}

// before orders enrolments by time; those of one instant by what they say.
func (e *Enrolment) before(o *Enrolment) bool {
	return cmp.Or(e.At.Compare(o.At), e.Waits.Compare(o.Waits), cmp.Compare(e.UnitID, o.UnitID), cmp.Compare(e.Phase, o.Phase),
		cmp.Compare(e.Bucket, o.Bucket), cmp.Compare(e.Arm, o.Arm)) < 0
}
