// Package contract defines the events that leave Handoff on the EventBridge
// bus: their names, their JSON and their JSON Schemas. It knows neither how
// they are decided nor how they are sent. Nothing in an event is personal
// data of a lead, who is named by the lead's key. A colleague who gave an order
// is named, as they stand by it, and so is the rep whom it was about.
package contract

import (
	"fmt"
	"time"
)

// Source is the EventBridge source of every event.
const Source = "handoff"

// EventType names what happened. It is the EventBridge detail-type.
type EventType string

// The event types.
const (
	LeadCreated   EventType = "lead.created"
	LeadQualified EventType = "lead.qualified"
	LeadHandedOff EventType = "lead.handed_off"
	LeadHeld      EventType = "lead.held"
	// LeadIncomplete tells of a lead that is ready and lacks what sales needs.
	LeadIncomplete EventType = "lead.incomplete"
	// The events of a rollout: see package rollout.
	LeadEnrolled      EventType = "lead.enrolled"       // in an arm, once
	LeadShadowed      EventType = "lead.shadowed"       // nobody got it; the event says who would have
	LeadSuggested     EventType = "lead.suggested"      // waits for a manager to confirm whom it goes to
	LeadControlRouted EventType = "lead.control_routed" // left to the process that the company had before

	LeadAccepted   EventType = "lead.accepted"
	LeadRejected   EventType = "lead.rejected"
	LeadContacted  EventType = "lead.contacted"
	LeadReassigned EventType = "lead.reassigned"
	LeadEscalated  EventType = "lead.escalated"
	// LeadStageChanged tells of the stages that meetings and deals make: meeting,
	// opportunity, won and lost, and of their being taken back. The stages before
	// have events of their own.
	LeadStageChanged EventType = "lead.stage_changed"
	LeadRecycled     EventType = "lead.recycled"     // back to nurture
	LeadDisqualified EventType = "lead.disqualified" // no lead at all
	LeadTakenBack    EventType = "lead.taken_back"   // by order, the holder has it no more
	LeadReminded     EventType = "lead.reminded"     // by order, the holder hears of it again
	LeadMerged       EventType = "lead.merged"       // two leads are one person: told of both
	LeadSplit        EventType = "lead.split"        // and are two again: told of both
	LeadErased       EventType = "lead.erased"       // everything about the person is forgotten
	OrderIgnored     EventType = "order.ignored"     // came too late, or cannot be carried out
	LeadActiveAgain  EventType = "lead.active_again" // shows interest while somebody holds it
	LeadCommented    EventType = "lead.commented"
	LeadFeedback     EventType = "lead.feedback" // the holder's word on what became of it
	RepOffline       EventType = "rep.offline"   // the holder missed so many deadlines that nothing new comes to them
	ClockStarted     EventType = "clock.started"
	ClockWarned      EventType = "clock.warned"
	ClockBreached    EventType = "clock.breached"
	ClockMet         EventType = "clock.met"
	ClockStopped     EventType = "clock.stopped"
	ClockCorrected   EventType = "clock.corrected"
	ClockPaused      EventType = "clock.paused"
	ClockResumed     EventType = "clock.resumed"
	ClockMoved       EventType = "clock.moved" // a calendar or a leave has changed the deadline
	ClockLate        EventType = "clock.late"  // done after all, so much later than promised
	// The events about a source of webhooks belong to no lead.
	SourceSilent    EventType = "source.silent"
	SourceFailing   EventType = "source.failing"
	SourceDrifted   EventType = "source.drifted"
	SourceRecovered EventType = "source.recovered"
	// The events about the rollout itself belong to no lead either.
	RolloutPromoted       EventType = "rollout.promoted"        // the next phase is in force
	RolloutHeld           EventType = "rollout.held"            // stays, or pauses, by a person's word or for a reason worth telling
	RolloutResumed        EventType = "rollout.resumed"         // runs again
	RolloutRolledBack     EventType = "rollout.rolled_back"     // nobody new is in
	RolloutApprovalNeeded EventType = "rollout.approval_needed" // a person is to decide
)

// AboutLead tells whether events of the type are about a lead and name it.
func (t EventType) AboutLead() bool { return !t.AboutSource() && !t.AboutRollout() }

// AboutRollout tells whether events of the type are about the rollout itself and
// therefore name no lead.
func (t EventType) AboutRollout() bool {
	switch t { //nolint:exhaustive // All others are about a lead or a source.
	case RolloutPromoted, RolloutHeld, RolloutResumed, RolloutRolledBack, RolloutApprovalNeeded:
		return true
	}
	return false
}

// AboutSource tells whether events of the type are about a source of webhooks
// and therefore name no lead.
func (t EventType) AboutSource() bool {
	switch t { //nolint:exhaustive // All others are about a lead.
	case SourceSilent, SourceFailing, SourceDrifted, SourceRecovered:
		return true
	}
	return false
}

// Ordered tells whether events of the type say who gave the order that they
// follow from, where they follow from one.
func (t EventType) Ordered() bool {
	switch t { //nolint:exhaustive // All others name nobody.
	case LeadQualified, LeadHandedOff, LeadHeld, LeadReassigned, LeadRecycled, LeadDisqualified, LeadTakenBack, LeadReminded, OrderIgnored, LeadControlRouted,
		LeadMerged, LeadSplit, LeadErased:
		return true
	}
	return false
}

// Event is the detail of one EventBridge event.
type Event struct {
	ID            string    `json:"id"` // stable: the same for every delivery of the event, see EventID, SourceEventID and RolloutEventID
	Type          EventType `json:"type"`
	Time          time.Time `json:"time"` // when it was decided
	Lead          string    `json:"lead"` // the lead's key; "" when the event is about a source or the rollout
	PolicyVersion string    `json:"policy_version"`
	Summary       string    `json:"summary"` // one sentence in plain words, without personal data
	Detail        Detail    `json:"detail"`
}

// Detail carries what is particular to a type. Which members are there is
// stated in the type's JSON Schema.
type Detail struct {
	Stage   string      `json:"stage,omitempty"`
	Handoff *HandoffRef `json:"handoff,omitempty"`
	Clock   *ClockRef   `json:"clock,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	Parts   []Part      `json:"parts,omitempty"` // the explanation: points add up to the score they explain
	To      *Recipient  `json:"to,omitempty"`    // whom an escalation addresses
	From    string      `json:"from,omitempty"`  // the stage before a change of stage
	Deal    *DealRef    `json:"deal,omitempty"`  // the deal that a change of stage follows from
	Source  *SourceRef  `json:"source,omitempty"`
	Act     *ActRef     `json:"act,omitempty"`     // the outbound act that counted
	Until   *time.Time  `json:"until,omitempty"`   // the end of a pause, or when a recycled lead may come back
	Late    string      `json:"late,omitempty"`    // how much too late, in hours that the clock counts: "1h30m"
	Outcome string      `json:"outcome,omitempty"` // of the holder's feedback
	By      string      `json:"by,omitempty"`      // the name of who gave the order that the event follows from
	Order   *OrderRef   `json:"order,omitempty"`   // the order that changed nothing
	Despite string      `json:"despite,omitempty"` // what the rules had against a lead that qualified, or was handed off, by a person's word
	Missing []string    `json:"missing,omitempty"` // what an incomplete lead lacks, in words: "phone", "last name or company"
	// Enrolment is the arm of the rollout that the lead is in.
	Enrolment *EnrolmentRef `json:"enrolment,omitempty"`
	Rollout   *RolloutRef   `json:"rollout,omitempty"` // where the rollout stands after the event
	Quiet     bool          `json:"quiet,omitempty"`   // an import of history alone has caused it: nobody is notified
	Merge     *MergeRef     `json:"merge,omitempty"`   // the two leads of a merge, or of one that is taken back
}

// MergeRef names the two leads of a merge.
type MergeRef struct {
	From string `json:"from"` // the key of the lead that became part of the other
	Into string `json:"into"` // the key of the lead that it is part of
	By   string `json:"by"`   // what joined them: email, contact, user or anonymous for a name that both have, order for a person's word
}

// RolloutRef is where the rollout stands, and why.
type RolloutRef struct {
	Phase   string    `json:"phase"`             // in force after the event
	Mode    string    `json:"mode"`              // of the phase: shadow, suggest or auto
	Share   float64   `json:"share"`             // of the phase, 0 to 1
	Round   int       `json:"round"`             // how often a phase has begun
	Status  string    `json:"status"`            // running, paused or rolled_back
	Reasons []string  `json:"reasons"`           // in words, the deciding ones first
	Missing []string  `json:"missing,omitempty"` // what a promotion still needs, in words
	Approve string    `json:"approve,omitempty"` // who has to agree: operator, manager or an address
	Verdict time.Time `json:"verdict,omitzero"`  // when the verdict was made that it follows from
}

// EnrolmentRef is the arm of a rollout that a lead was enrolled in.
type EnrolmentRef struct {
	Phase  string  `json:"phase"`
	Mode   string  `json:"mode"`              // of the phase: shadow, suggest or auto
	Unit   string  `json:"unit"`              // what was drawn: account, lead, rep or team
	UnitID string  `json:"unit_id,omitempty"` // a company's domain or name, a lead's key, a rep's id or a pool's name
	Bucket int     `json:"bucket"`            // of the unit, 0 to 9999
	Arm    string  `json:"arm"`               // treatment or control
	Share  float64 `json:"share"`             // of the phase, 0 to 1
	Drawn  bool    `json:"drawn"`             // the bucket decided about the arm
}

// OrderRef is what somebody in charge wanted to become of the lead.
type OrderRef struct {
	Type   string     `json:"type"`         // as "order.reassign"
	To     string     `json:"to,omitempty"` // the rep who was named, by the id in the policy
	Until  *time.Time `json:"until,omitempty"`
	Reason string     `json:"reason,omitempty"`
}

// ActRef is an outbound act of a person, and on whose word it is known.
type ActRef struct {
	How string    `json:"how"` // call, email, meeting or message
	At  time.Time `json:"at"`
	// Word is "crm" when a system logged it, "rep" when the rep attests it.
	Word   string `json:"word"`
	Source string `json:"source,omitempty"` // the system, by its name in the policy
}

// SourceRef names a source of webhooks and what is, or was, wrong with it.
type SourceRef struct {
	Name     string    `json:"name"` // in the policy
	Provider string    `json:"provider"`
	Alert    string    `json:"alert"`            // silent, failing or drifted; of source.recovered what is over
	Reason   string    `json:"reason"`           // in words
	Since    time.Time `json:"since"`            // when the trouble began
	Fields   []string  `json:"fields,omitempty"` // that are gone, or back
}

// DealRef is a deal as the source that has it told us.
type DealRef struct {
	Source   string `json:"source"` // by its name in the policy
	ID       string `json:"id"`
	Amount   string `json:"amount,omitempty"` // a decimal number
	Currency string `json:"currency,omitempty"`
	Stage    string `json:"stage,omitempty"` // the source's name or id of the deal's stage
}

// HandoffRef names one handoff of the lead and its holder.
type HandoffRef struct {
	Number int    `json:"number"` // 1 for the lead's first handoff
	Pool   string `json:"pool"`
	Rep    string `json:"rep"`
}

// ClockRef names one clock of the lead.
type ClockRef struct {
	Kind  string    `json:"kind"`
	Scope string    `json:"scope"`
	N     int       `json:"n,omitempty"` // of follow_up: which attempt
	DueAt time.Time `json:"due_at"`
}

// Part is one addend of an explanation.
type Part struct {
	Rule   string `json:"rule"`
	Points int    `json:"points"`
	Reason string `json:"reason"`
}

// Recipient is a person or a role to tell.
type Recipient struct {
	Role string `json:"role"` // "holder" or "manager"
	Rep  string `json:"rep,omitempty"`
}

// EventID returns the id of the entry at index (from 0) of the log item that
// brought the lead to version. It depends on nothing else, so every delivery
// of the event carries the same id.
func EventID(lead string, version int64, index int) string {
	return fmt.Sprintf("%s.%d.%d", lead, version, index)
}

// SourceEventID returns the id of the event at index (from 0) among those that
// one look at a source decided to tell, at that time.
func SourceEventID(source string, at time.Time, index int) string {
	return fmt.Sprintf("source-%s.%d.%d", source, at.Unix(), index)
}

// RolloutEventID returns the id of what is told of a version of the rollout's
// state, as it was made or ruled on at that time.
func RolloutEventID(version int64, at time.Time) string {
	return fmt.Sprintf("rollout.%d.%d", version, at.UnixMilli())
}
