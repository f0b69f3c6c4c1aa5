package lead

import "time"

// Firsts is what happened to a lead for the first time since it qualified, for
// what is counted later: the handoff that it happened to may be over, and its
// clocks forgotten.
type Firsts struct {
	Contact  time.Time `json:"contact,omitzero"`  // when we heard that a person of ours had contacted it, whoever had it
	Rejected time.Time `json:"rejected,omitzero"` // when a rep gave it back
	Reason   string    `json:"reason,omitempty"`  // why they did, by the policy's id
	Late     time.Time `json:"late,omitzero"`     // of the clocks that are forgotten: the first deadline that was broken
}

// Broken tells whether a promise was not kept: to answer, or to make the first
// contact. One that turned out to have been kept was not broken.
func (c Clock) Broken() bool {
	return (c.Kind == AcceptClock || c.Kind == FirstContactClock) && c.State == Breached && !c.Corrected
}

// contacted takes note of an outbound act.
func (j *Journey) contacted(at time.Time) {
	if _, qualified := j.StageAt[Qualified]; qualified && j.Firsts.Contact.IsZero() {
		j.Firsts.Contact = at
	}
}

// rejected takes note of a lead that was given back.
func (j *Journey) rejected(at time.Time, reason string) {
	if j.Firsts.Rejected.IsZero() {
		j.Firsts.Rejected, j.Firsts.Reason = at, reason
	}
}

// forgets takes note of a clock that is let go of.
func (j *Journey) forgets(c Clock) {
	if c.Broken() {
		j.Firsts.Late = sooner(j.Firsts.Late, c.EndedAt)
	}
}
