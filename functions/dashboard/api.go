package main

import (
	"encoding/json"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
)

// The JSON of the API. Fields may be added, none renamed; testdata holds an
// example of each.

// listAnswer is the answer of GET /api/leads.
type listAnswer struct {
	Leads []listedLead `json:"leads"`
	Next  string       `json:"next"` // cursor of the following page, "" on the last one
}

type listedLead struct {
	Key       string     `json:"key"`
	Email     string     `json:"email"`
	Name      string     `json:"name"`
	Company   string     `json:"company"`
	Title     string     `json:"title"`
	Stage     string     `json:"stage"`
	Holder    *holder    `json:"holder"`
	NextDueAt *time.Time `json:"next_due_at"` // deadline of the next running clock
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
}

type holder struct {
	Rep  string `json:"rep"`
	Name string `json:"name"`
}

// leadAnswer is the answer of GET /api/leads/{key}.
type leadAnswer struct {
	Key           string               `json:"key"`
	Email         string               `json:"email"`
	Name          string               `json:"name"`
	Company       string               `json:"company"`
	Profile       map[string]string    `json:"profile"`
	Stage         string               `json:"stage"`
	StageAt       map[string]time.Time `json:"stage_at"` // when each stage was first reached
	Version       int64                `json:"version"`
	Signals       int                  `json:"signals"` // how many are counted
	CreatedAt     time.Time            `json:"created_at"`
	UpdatedAt     time.Time            `json:"updated_at"`
	PolicyVersion string               `json:"policy_version"` // of the scores below
	Fit           fit                  `json:"fit"`
	Engagement    engagement           `json:"engagement"`
	Qualification qualification        `json:"qualification"`
	WhyNot        []blocker            `json:"why_not"` // for a lead that nobody holds: what stands in the way
	Handoff       *handoff             `json:"handoff"`
	HadBy         []string             `json:"had_by"` // reps who had the lead, oldest first
	Clocks        []clockState         `json:"clocks"`
	Reached       string               `json:"reached,omitempty"`  // while a meeting or a deal makes the stage: the stage behind it
	Meetings      []meeting            `json:"meetings,omitempty"` // what calendars say, the latest news first
	Deals         []deal               `json:"deals,omitempty"`    // what CRMs say, the latest deal first
	Owner         *owner               `json:"owner,omitempty"`    // in the CRM that named one last
}

type meeting struct {
	Source   string    `json:"source"`
	ID       string    `json:"id"`
	State    string    `json:"state"` // booked, held, no_show, canceled
	At       time.Time `json:"at"`    // since when
	StartsAt string    `json:"starts_at,omitempty"`
}

type deal struct {
	Source   string     `json:"source"`
	ID       string     `json:"id"`
	State    string     `json:"state"` // open, won, lost, deleted; "" when only details are known
	Amount   string     `json:"amount,omitempty"`
	Currency string     `json:"currency,omitempty"`
	Stage    string     `json:"stage,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	Since    time.Time  `json:"since"` // the first that was heard of it
	EndedAt  *time.Time `json:"ended_at,omitempty"`
}

type owner struct {
	Source string    `json:"source"`
	ID     string    `json:"id,omitempty"`
	Email  string    `json:"email,omitempty"`
	At     time.Time `json:"at"`
}

type fit struct {
	Grade string          `json:"grade"`
	Score int             `json:"score"`
	Parts []contract.Part `json:"parts"` // points add up to the score
}

type engagement struct {
	Score int             `json:"score"`
	Parts []contract.Part `json:"parts"` // points add up to the score
	AsOf  time.Time       `json:"as_of"`
}

type qualification struct {
	Qualified bool      `json:"qualified"`
	Reason    string    `json:"reason"`
	Missing   []string  `json:"missing"` // required profile fields
	Blockers  []blocker `json:"blockers"`
}

// blocker is one thing in the way, and what would change it.
type blocker struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Fix    string `json:"fix"`
}

type handoff struct {
	Number     int             `json:"number"`
	Pool       string          `json:"pool"`
	Holder     holder          `json:"holder"`
	Since      time.Time       `json:"since"`
	Reason     string          `json:"reason"`
	Parts      []contract.Part `json:"parts"` // of the scores when it was decided
	Considered []candidate     `json:"considered"`
	Answer     string          `json:"answer"`
	AnsweredAt *time.Time      `json:"answered_at"`
}

type candidate struct {
	Rep    string `json:"rep"`
	Chosen bool   `json:"chosen"`
	Why    string `json:"why"`
}

type clockState struct {
	Kind      string     `json:"kind"`
	Scope     string     `json:"scope"`
	State     string     `json:"state"`
	Handoff   int        `json:"handoff"`
	StartedAt time.Time  `json:"started_at"`
	WarnAt    *time.Time `json:"warn_at"`
	DueAt     time.Time  `json:"due_at"`
	EndedAt   *time.Time `json:"ended_at"`
}

// timelineAnswer is the answer of GET /api/leads/{key}/timeline, newest first.
type timelineAnswer struct {
	Entries []entry `json:"entries"`
	Next    string  `json:"next"`
}

type entry struct {
	ID            string          `json:"id"`
	At            time.Time       `json:"at"`
	Type          string          `json:"type"`
	Summary       string          `json:"summary"`
	PolicyVersion string          `json:"policy_version"`
	Inputs        []string        `json:"inputs"` // the signals that caused it, or "tick"
	Data          json.RawMessage `json:"data"`   // the event's detail

	detail contract.Detail
}
