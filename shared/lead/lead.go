// Package lead holds the person at the center: the snapshot of what is known
// and decided, the fold of signals into facts, and the decision core, a pure
// function from a policy, what was loaded, the new signals and a time to
// changes and log entries. It reads no clock, uses no network and no
// randomness, and knows neither tables nor wires.
package lead

import (
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/sales"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Stage is a stage of the journey.
type Stage string

// The stages that the core moves a lead through by itself or by a rep's answer.
const (
	Known     Stage = "known"
	Engaged   Stage = "engaged"
	Qualified Stage = "qualified"
	HandedOff Stage = "handed_off"
	Accepted  Stage = "accepted"
	Contacted Stage = "contacted"
)

// The stages that meetings and deals make, whichever of the others the lead
// has reached. When they are taken back the lead is again where it was.
const (
	Meeting     = Stage(sales.InMeeting)
	Opportunity = Stage(sales.Opportunity)
	Won         = Stage(sales.IsWon)
	Lost        = Stage(sales.IsLost)
)

// Lead is the snapshot of one lead: facts, which the set of signals says by
// itself, and the journey, which was decided in order.
type Lead struct {
	Key       signal.LeadKey `json:"key"`
	Version   int64          `json:"version"` // grows by one with every write
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"` // when it was last decided about; decisions never go back before it
	Facts     scoring.Facts  `json:"facts"`
	Sales     sales.Facts    `json:"sales,omitzero"`
	Seen      Window         `json:"seen"` // the signals folded lately
	Journey   Journey        `json:"journey"`
}

// Journey is what was decided and done.
type Journey struct {
	Stage    Stage               `json:"stage"`
	StageAt  map[Stage]time.Time `json:"stage_at"`          // when each stage was first reached
	Process  Stage               `json:"process,omitempty"` // while meetings or deals make Stage: the one that the lead falls back to
	Deal     string              `json:"deal,omitempty"`    // the deal that makes Stage, by its sales.Key
	Handoff  *Handoff            `json:"handoff,omitempty"` // the current one
	Clocks   []Clock             `json:"clocks,omitempty"`
	Followup []Followup          `json:"followup,omitempty"` // what a breach still has to cause
	// HeldUntil is when a qualified lead that nobody could receive is offered again.
	HeldUntil time.Time `json:"held_until,omitzero"`
	// Held is the handoff that waits for somebody who can receive it: why the
	// lead qualified, and in Since from when the customer waits.
	Held *Handoff `json:"held,omitempty"`
}

// Answer is what the holder said.
type Answer string

// The answers. AnswerNone is a holder who has not answered yet.
const (
	AnswerNone      Answer = ""
	AnswerAccepted  Answer = "accepted"
	AnswerRejected  Answer = "rejected"
	AnswerContacted Answer = "contacted"
)

// Handoff is the transfer of the lead to its current holder.
type Handoff struct {
	Number     int                  `json:"number"` // 1 for the lead's first
	Pool       string               `json:"pool"`
	Rep        string               `json:"rep"` // id in the policy
	RepName    string               `json:"rep_name"`
	Since      time.Time            `json:"since"`
	Reason     string               `json:"reason"`     // why the lead qualified, in words
	Parts      []contract.Part      `json:"parts"`      // the parts of the scores at that time
	Considered []routing.Considered `json:"considered"` // every rep of the pool and why it was or was not them
	HadBy      []string             `json:"had_by"`     // reps who had the lead, oldest first, the holder last
	Answer     Answer               `json:"answer,omitempty"`
	AnsweredAt time.Time            `json:"answered_at,omitzero"`
}

// ClockKind is what a clock obliges to.
type ClockKind string

// ClockScope is whom a clock is kept for.
type ClockScope string

// ClockState is where a clock stands. Met, Breached and Stopped are final.
type ClockState string

// Kinds, scopes and states of clocks.
const (
	AcceptClock       ClockKind  = "accept"
	FirstContactClock ClockKind  = "first_contact"
	CustomerScope     ClockScope = "customer"
	HolderScope       ClockScope = "holder"
	Running           ClockState = "running"
	Met               ClockState = "met"
	Breached          ClockState = "breached"
	Stopped           ClockState = "stopped"
)

// Clock is one obligation with a deadline.
type Clock struct {
	Kind      ClockKind  `json:"kind"`
	Scope     ClockScope `json:"scope"`
	State     ClockState `json:"state"`
	Handoff   int        `json:"handoff"`          // number of the handoff that started it
	StartedAt time.Time  `json:"started_at"`       // from when time counts: the opening, when it began outside hours
	WarnAt    time.Time  `json:"warn_at,omitzero"` // zero: no warning, or already warned
	DueAt     time.Time  `json:"due_at"`
	EndedAt   time.Time  `json:"ended_at,omitzero"`
	Corrected bool       `json:"corrected,omitempty"` // an act in time came to us after the breach, which was told of
}

// Followup is what a breach still has to cause. The breach is written first.
type Followup struct {
	Clock   contract.ClockRef    `json:"clock"`
	Handoff *contract.HandoffRef `json:"handoff,omitempty"` // the one at the breach: the next decision may follow another
	To      string               `json:"to"`                // "manager"
}

// LogItem is the record of one decision: the outbox, and the history.
type LogItem struct {
	Key           signal.LeadKey   `json:"key"`
	Version       int64            `json:"version"` // the version of the lead that the decision made
	At            time.Time        `json:"at"`
	PolicyVersion policy.Version   `json:"policy_version"`
	Inputs        []string         `json:"inputs"` // source and id of the signals that caused it; "tick" for a deadline
	Entries       []contract.Event `json:"entries"`
}

// Reached returns the stage that the lead has reached by qualification, handoff
// and answers, leaving aside what meetings and deals made of it.
func (j Journey) Reached() Stage {
	if j.Process != "" {
		return j.Process
	}
	return j.Stage
}

// Holder returns the current handoff while somebody is answerable for it, and
// nil otherwise.
func (j Journey) Holder() *Handoff {
	if j.Handoff == nil || j.Handoff.Answer == AnswerRejected {
		return nil
	}
	return j.Handoff
}

// NextDue returns when the lead next needs attention without a signal: the
// earliest warning or deadline of a running clock, the time of the next offer
// of a held lead, or UpdatedAt when a follow-up waits. ok is false when
// nothing is due ever.
func (l *Lead) NextDue() (at time.Time, ok bool) {
	if len(l.Journey.Followup) > 0 {
		return l.UpdatedAt, true
	}
	consider := func(t time.Time) {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	consider(l.Journey.HeldUntil)
	for _, c := range l.Journey.Clocks {
		if c.State == Running {
			consider(c.WarnAt)
			consider(c.DueAt.Add(time.Millisecond)) // an act exactly at the deadline is in time
		}
	}
	return at, ok
}
