package routing

import (
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Pool is the state of a pool between choices. The zero value with a name is a
// pool that nobody was chosen from yet.
type Pool struct {
	Name    string `json:"name"`
	Version int64  `json:"version"` // for whoever stores it; a choice leaves it alone
	// Reps is what is known of each rep who ever received, by id.
	Reps map[string]RepState `json:"reps,omitempty"`
	// Held is how many leads wait for somebody of this pool.
	Held int64 `json:"held,omitempty"`
	// Reopens is when capacity may return to the leads held; zero while none is.
	Reopens time.Time `json:"reopens,omitzero"`
	// Under names the policy and the roster under which the held leads were last offered.
	Under string `json:"under,omitempty"`
}

// RepState is what a pool remembers of one rep.
type RepState struct {
	// Balance is what the rep is owed, in parts of a lead; below zero, what they had in advance. See Lead.
	Balance  int64 `json:"balance,omitempty"`
	Received int64 `json:"received,omitempty"` // leads ever assigned
	// Accrued is what the rep has been credited for during the present absence.
	Accrued int64 `json:"accrued,omitempty"`
	// Open are the leads held now, by cap: "" counts all of them. Caps are named by CapName.
	Open map[string]int64 `json:"open,omitempty"`
	// Fixed counts the leads of the current fixed window, by cap.
	Fixed map[string]Window `json:"fixed,omitempty"`
	// Rolling are the times of the leads in a rolling window, by cap: Unix seconds, oldest first.
	Rolling map[string][]int64 `json:"rolling,omitempty"`
	Missed  int64              `json:"missed,omitempty"` // accept deadlines missed in a row
	// Rejected counts the rejections of one day.
	Rejected Window `json:"rejected,omitzero"` // its start is the start of the day
}

// Window is a count since a start.
type Window struct {
	Start int64 `json:"start"` // Unix seconds
	Count int64 `json:"count"`
}

// Candidate is one rep of the pool with what a choice depends on.
type Candidate struct {
	policy.Rep
	Off    string             // why the rep receives nothing at all; "" when they are on. The Off of policy.Rep says nothing here
	Barred string             // why they do not receive this lead, whatever their state; "" for no reason
	Hours  *worktime.Calendar // the rep's and the pool's hours, leave not taken away; nil is always
	Leave  []Away             // in any order
	Had    int                // how often the rep had this lead before
}

// Present are the hours in which the rep is there: without their leave.
func (c Candidate) Present() *worktime.Calendar {
	hours := c.Hours
	if hours == nil {
		hours = worktime.Always()
	}
	away := make([]worktime.Span, len(c.Leave))
	for i, l := range c.Leave {
		away[i] = worktime.Span{From: l.From, To: l.To}
	}
	return hours.Without(away)
}

// Away is a time in which a rep is not there. From is included, To is not.
type Away struct {
	From, To time.Time
	Reason   string
}

// Request asks a pool for somebody to receive one lead.
type Request struct {
	Policy     policy.Pool
	State      Pool
	Candidates []Candidate        // in the policy's order
	Calendar   *worktime.Calendar // the pool's: fixed windows of caps begin in its zone; nil is UTC
	Now        time.Time
	// Concerns tells whether a cap with a tag or a condition is about this lead. Nil: none is.
	Concerns func(policy.Cap) bool
	// Only names the rep who has a claim to the lead, as the owner of its account; "" is nobody in particular.
	Only string
	// Claim is what Only has, in words; "" is as the owner of the account.
	Claim string
}

// Choice is who receives the lead, the state after it, and why.
type Choice struct {
	Rep     policy.Rep
	From    time.Time // from when the rep's time counts: now, or the beginning of their next shift
	State   Pool
	Counted []string // the caps that the lead counts against, for Release and Replace; never empty
	// Shares is what each rep was entitled to of this lead, in parts that add up to one Lead: for Replace. Nil when no
	// balance moved, as with the owner of an account.
	Shares     map[string]int64
	Considered []Considered // every rep of the pool, in the policy's order
	// Reopens is, when nobody can receive the lead, the earliest time at which somebody may; zero when no time will tell.
	Reopens time.Time
	// Closed is true when nobody could receive any lead whatever.
	Closed bool
}

// Considered is one candidate of a choice.
type Considered struct {
	Rep    string `json:"rep"`
	Chosen bool   `json:"chosen,omitempty"`
	Why    string `json:"why"`
}
