// Package lead holds the person at the center: the snapshot of what is known
// and decided, the fold of signals into facts, and the decision core, a pure
// function from a policy, what was loaded, the new signals and a time to
// changes and log entries. It reads no clock, uses no network and no
// randomness, and knows neither tables nor wires.
package lead

import (
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
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
	// The side exits.
	Recycled     Stage = "recycled"     // back to nurture, until a date
	Disqualified Stage = "disqualified" // for good
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
	Answers   int64          `json:"-"`       // for whoever stores it: how many answers of reps were taken when it was read
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"` // when it was last decided about; decisions never go back before it
	Facts     scoring.Facts  `json:"facts"`
	Sales     sales.Facts    `json:"sales,omitzero"`
	Seen      Window         `json:"seen"` // the signals folded lately
	Journey   Journey        `json:"journey"`
	// Kind is that of the name that Key is made of; "" of a lead that was written before kinds were kept.
	Kind signal.NameKind `json:"kind,omitempty"`
	// Members are the other names of the person, by their keys: what stands there points to this lead.
	Members map[signal.LeadKey]Member `json:"members,omitempty"`
	Merges  []Merge                   `json:"merges,omitempty"` // the leads that became part of this one, oldest first
	// Apart are names of people whom somebody said to be others: nothing joins them with this lead but a person's word.
	Apart []signal.LeadKey `json:"apart,omitempty"`
}

// Keys returns the keys of all the person's names: its own first, the members' sorted.
func (l *Lead) Keys() []signal.LeadKey {
	return append([]signal.LeadKey{l.Key}, slices.Sorted(maps.Keys(l.Members))...)
}

// Parts are the keys of the leads that it is made of: its own first, then those
// that became part of it.
func (l *Lead) Parts() []signal.LeadKey {
	parts := []signal.LeadKey{l.Key}
	for _, m := range l.Merges {
		parts = append(parts, m.From)
	}
	return parts
}

// Has tells whether a key is one of the person's names.
func (l *Lead) Has(k signal.LeadKey) bool {
	_, member := l.Members[k]
	return member || k == l.Key
}

// Journey is what was decided and done.
type Journey struct {
	Stage   Stage               `json:"stage"`
	StageAt map[Stage]time.Time `json:"stage_at"`          // when each stage was first reached
	Process Stage               `json:"process,omitempty"` // while meetings or deals make Stage: the one that the lead falls back to
	Deal    string              `json:"deal,omitempty"`    // the deal that makes Stage, by its sales.Key
	Handoff *Handoff            `json:"handoff,omitempty"` // the current one
	Clocks  []Clock             `json:"clocks,omitempty"`
	// Held is the handoff that waits for somebody who can receive it: why the
	// lead qualified, the pool in whose queue it waits, and in Waits from when the customer waits.
	Held *Handoff `json:"held,omitempty"`
	// Dropped is the handoff that waited when a deal was decided: it waits again if that is taken back.
	Dropped *Handoff `json:"dropped,omitempty"`
	// Enrolment is the arm of the rollout that the lead is in; nil while it never qualified, and under a policy whose
	// process applies to everybody.
	Enrolment *Enrolment `json:"enrolment,omitempty"`
	// Own is the lead's enrolment by itself, while one that is part of it has another: see EarlierEnrolment.
	Own *Enrolment `json:"own_enrolment,omitempty"`
	// Suggested is the handoff that waits for a manager to confirm it.
	Suggested *Suggestion `json:"suggested,omitempty"`
	// Incomplete is the handoff that waits for data which sales needs.
	Incomplete *Incomplete `json:"incomplete,omitempty"`
	// RecycledUntil is from when a recycled lead may qualify again.
	RecycledUntil time.Time `json:"recycled_until,omitzero"`
	// ActiveAt is when the lead last did something that counts, while somebody holds it.
	ActiveAt time.Time `json:"active_at,omitzero"`
	// Orders is what those in charge have ordered.
	Orders Orders `json:"orders,omitzero"`
	// NearSince is since when a lead that nobody has is nearly qualified; see scoring.Lack.
	NearSince time.Time `json:"near_since,omitzero"`
	// Anew asks to decide anew what follows from the facts: somebody made one lead of two, or two of one.
	Anew   *Anew  `json:"anew,omitempty"`
	Firsts Firsts `json:"firsts,omitzero"`
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
	Number  int              `json:"number"` // 1 for the lead's first
	Pool    string           `json:"pool"`
	Rep     string           `json:"rep"` // id in the policy
	RepName string           `json:"rep_name"`
	Since   time.Time        `json:"since"`
	Reason  string           `json:"reason"` // why the lead qualified, in words
	Parts   []contract.Part  `json:"parts"`  // the parts of the scores at that time
	By      string           `json:"by"`     // what chose the pool and the rep, in words, as "rule big"
	Log     int64            `json:"log"`    // the version of the lead whose log item says who was considered
	Tier    string           `json:"tier,omitempty"`
	Source  string           `json:"source,omitempty"`  // of the qualifying signal
	Request string           `json:"request,omitempty"` // that qualified the lead; "" for its score
	Counted []string         `json:"counted,omitempty"` // the caps that it counts against
	Shares  map[string]int64 `json:"shares,omitempty"`  // what each rep was entitled to of it, until it is accepted; see routing.Choice
	Waits   time.Time        `json:"waits"`             // since when the customer waits
	HadBy   []string         `json:"had_by"`            // reps who had the lead, oldest first, the holder last
	// GaveBack are the reps who rejected the lead: they do not get it again by our choice.
	GaveBack []string `json:"gave_back,omitempty"`
	// TakenFrom are the reps from whom an order took the lead back: nor do they.
	TakenFrom []string `json:"taken_from,omitempty"`
	// AsIs tells that somebody in charge handed the lead off though it lacked what sales needs.
	AsIs bool `json:"as_is,omitempty"`
	// Until is before when, by order, nobody is offered a held lead; zero when it waits for nothing but room.
	Until time.Time `json:"until,omitzero"`

	Answer     Answer           `json:"answer,omitempty"`
	AnsweredAt time.Time        `json:"answered_at,omitzero"`
	Contact    *contract.ActRef `json:"contact,omitempty"`  // the holder's first outbound act
	Attempts   int              `json:"attempts,omitempty"` // outbound acts of this holder
	Pauses     int              `json:"pauses,omitempty"`
	Comments   int              `json:"comments,omitempty"`
	Outcome    string           `json:"outcome,omitempty"` // the holder's feedback
	// Next counts the answers that may be given more than once, by their type: one of a lower number was applied before.
	Next map[signal.Type]int `json:"next,omitempty"`
	// TakenAt is when an order took the lead from its holder; zero while they hold it.
	TakenAt time.Time `json:"taken_at,omitzero"`
	// Reminded is when somebody in charge last reminded the holder.
	Reminded time.Time `json:"reminded,omitzero"`
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
	FollowUpClock     ClockKind  = "follow_up"
	FeedbackClock     ClockKind  = "feedback"
	CustomerScope     ClockScope = "customer"
	HolderScope       ClockScope = "holder"
	Running           ClockState = "running"
	Paused            ClockState = "paused"
	Met               ClockState = "met"
	Breached          ClockState = "breached"
	Stopped           ClockState = "stopped"
)

// Clock is one obligation with a deadline. It counts the hours that Hours
// names: Spent before Base, and everything since Base.
type Clock struct {
	Kind    ClockKind  `json:"kind"`
	Scope   ClockScope `json:"scope"`
	N       int        `json:"n,omitempty"` // of a follow-up: which attempt, from 1
	State   ClockState `json:"state"`
	Handoff int        `json:"handoff"` // number of the handoff that started it
	Hours   string     `json:"hours"`   // policy.HoursHolder, HoursTeam or HoursWall
	// Team is the calendar that the customer was promised, whoever gets the lead; of a holder's clock it is the pool's.
	Team      string        `json:"team,omitempty"`
	Within    time.Duration `json:"within"`
	Base      time.Time     `json:"base"`
	Spent     time.Duration `json:"spent,omitempty"`
	StartedAt time.Time     `json:"started_at"` // from when time counts: the opening, when it began outside hours
	DueAt     time.Time     `json:"due_at"`
	StepAt    time.Time     `json:"step_at,omitzero"` // when the next step of the escalation is due; zero: none is left
	Did       []string      `json:"did,omitempty"`    // the steps done, each as "100% manager"
	EndedAt   time.Time     `json:"ended_at,omitzero"`
	Past      bool          `json:"past,omitempty"`      // of the customer: the lead has qualified anew since
	Corrected bool          `json:"corrected,omitempty"` // an act in time came to us after the breach, which was told of
	ResumeAt  time.Time     `json:"resume_at,omitzero"`  // the end of a pause
	Paused    string        `json:"paused,omitempty"`    // why
	// A breached clock goes on measuring until the act comes.
	ActedAt time.Time     `json:"acted_at,omitzero"`
	Late    time.Duration `json:"late,omitempty"` // from the deadline to the act, in the clock's hours
}

// RouteStep is one thing that was tried to find a holder, and what came of it.
type RouteStep struct {
	By         string               `json:"by"` // "owner of Acme Ltd", "rule big", "fallback"
	Pool       string               `json:"pool,omitempty"`
	Why        string               `json:"why,omitempty"` // why nobody of it, where that is not for the reps to say
	Considered []routing.Considered `json:"considered,omitempty"`
}

// LogItem is the record of one decision: the outbox, and the history.
type LogItem struct {
	Key           signal.LeadKey `json:"key"`
	Version       int64          `json:"version"` // the version of the lead that the decision made
	At            time.Time      `json:"at"`
	PolicyVersion policy.Version `json:"policy_version"`
	// RosterVersion is what the directory of reps was at when it was asked; 0 when it was not, or is empty.
	RosterVersion int64            `json:"roster_version,omitempty"`
	Inputs        []string         `json:"inputs"` // source and id of the signals that caused it; "tick" for a deadline
	Entries       []contract.Event `json:"entries"`
	Route         []RouteStep      `json:"route,omitempty"` // how a holder was looked for, if one was
	// Rollout is the version of the rollout's state that was decided under; nil when it did not matter.
	Rollout *int64 `json:"rollout,omitempty"`
	// Snapshot is the lead, without its profile, as it was before it became part of another one.
	Snapshot *Lead `json:"snapshot,omitempty"`
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
	if j.Handoff == nil || j.Handoff.Answer == AnswerRejected || !j.Handoff.TakenAt.IsZero() {
		return nil
	}
	return j.Handoff
}

// Whose returns who has the lead, "" for nobody, and the pool that it is or was
// last in, "" for none.
func (j Journey) Whose() (rep, pool string) {
	if j.Handoff != nil {
		pool = j.Handoff.Pool
	}
	if h := j.Holder(); h != nil {
		rep = h.Rep
	}
	if j.Suggested != nil {
		pool = j.Suggested.Pool
	}
	if j.Incomplete != nil {
		pool = j.Incomplete.Pool
	}
	if j.Held != nil {
		pool = j.Held.Pool
	}
	return rep, pool
}

// Watched tells whether the lead qualified in a phase of the rollout that only
// watches, so that nobody is to be told of it. It is over once somebody gets it
// all the same.
func (j Journey) Watched() bool {
	return j.Enrolment != nil && j.Enrolment.Mode == rollout.Shadow && j.Handoff == nil && j.Held == nil && j.Suggested == nil && j.Incomplete == nil
}

// decided tells whether the lead's deal is won or lost.
func (j Journey) decided() bool { return j.Stage == Won || j.Stage == Lost }

// NextDue returns when the lead next needs attention without a signal: the
// earliest step, deadline or end of a pause of its clocks, the end of a hold by
// order, or what is due about a suggestion. ok is false when nothing is due ever.
// Any other held lead is its pool's to offer.
func (l *Lead) NextDue() (at time.Time, ok bool) {
	consider := func(t time.Time) {
		if !t.IsZero() && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	if h := l.Journey.Held; h != nil {
		consider(h.Until)
	}
	if a := l.Journey.Anew; a != nil {
		consider(a.At)
	}
	if s := l.Journey.Suggested; s != nil {
		consider(s.RemindAt)
		consider(s.LapsesAt)
	}
	for _, c := range l.Journey.Clocks {
		switch c.State {
		case Running:
			consider(c.StepAt)
			consider(c.DueAt.Add(time.Millisecond)) // an act exactly at the deadline is in time
		case Breached:
			consider(c.StepAt)
		case Paused:
			consider(c.ResumeAt)
		case Met, Stopped:
		}
	}
	return at, ok
}

// QueuedIn returns the pool that a held lead waits for, "" when it is not held.
func (j Journey) QueuedIn() string {
	if j.Held == nil {
		return ""
	}
	return j.Held.Pool
}
