package main

import (
	"encoding/json"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/standard"
	"github.com/handoff-oss/handoff/shared/view"
)

// The JSON of the API. Fields may be added, none renamed; testdata holds an
// example of each.

// listAnswer is the answer of GET /api/leads.
type listAnswer struct {
	Leads  []listedLead `json:"leads"`
	Next   string       `json:"next"`             // cursor of the following page, "" on the last one; a page may have no lead and a following one
	Looked *looked      `json:"looked,omitempty"` // of a list by days
}

// looked says how far a list has come, from its first page on.
type looked struct {
	From    string `json:"from"` // the days on which leads became known, both included
	To      string `json:"to"`
	Matched int    `json:"matched"`
}

type listedLead struct {
	Key       string       `json:"key"`
	Email     string       `json:"email"`
	Name      string       `json:"name"`
	Company   string       `json:"company"`
	Title     string       `json:"title"`
	Stage     string       `json:"stage"`
	Holder    *view.Holder `json:"holder"`
	NextDueAt *time.Time   `json:"next_due_at"` // deadline of the next running clock
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
	// Where the lead came from: the source of its first signal, the first form, the first campaign. "" is unknown.
	Source     string   `json:"source"`
	Form       string   `json:"form"`
	Campaign   string   `json:"campaign"`
	Channel    string   `json:"channel"`                    // by which it came first, such as paid_search
	Fit        *string  `json:"fit_grade,omitempty"`        // now
	Engagement *int     `json:"engagement_score,omitempty"` // now
	Lacks      *lacks   `json:"lacks,omitempty"`            // of the nearly qualified
	Incomplete []string `json:"incomplete,omitempty"`       // of those that wait for data: what lacks, in words
}

// lacks is what a lead lacks to qualify.
type lacks struct {
	Points     int       `json:"points"` // on the shortest way to a threshold
	Grade      string    `json:"grade"`  // whose threshold that is
	Fields     []string  `json:"fields"`
	Exclusions []string  `json:"exclusions"`
	Blockers   []blocker `json:"blockers"`
	OneMore    []string  `json:"one_more"` // what would suffice if it happened once more, the least first
}

// leadAnswer is the answer of GET /api/leads/{key}.
type leadAnswer struct {
	Key           string               `json:"key"`
	Email         string               `json:"email"`
	Name          string               `json:"name"`
	Company       string               `json:"company"`
	Account       string               `json:"account"`  // the key of the company that the lead counts to, "" for none
	Profile       map[string]string    `json:"profile"`  // as it was sent
	Standard      standard.Standard    `json:"standard"` // what it means, with the originals and the reasons
	Channel       string               `json:"channel"`  // by which the lead came first, such as paid_search; "" when no signal says
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
	WhyNot        []blocker            `json:"why_not"`             // for a lead that nobody holds: what stands in the way
	Consent       []consent            `json:"consent,omitempty"`   // what they agreed and objected to, by purpose
	OptedOut      string               `json:"opted_out,omitempty"` // how and when they stopped their scoring, "" when they did not
	Handoff       *handoff             `json:"handoff"`
	HadBy         []string             `json:"had_by"` // reps who had the lead, oldest first
	Clocks        []view.Clock         `json:"clocks"`
	Held          *held                `json:"held"`               // for a lead that is ready, and that nobody could receive yet
	Incomplete    *incomplete          `json:"incomplete"`         // for a lead that is ready, and lacks what sales needs
	Missing       view.Missing         `json:"missing"`            // what the policy asks for at each stage, and is not known
	Contact       *contact             `json:"contact"`            // the holder's first outbound act
	RecycledUntil *time.Time           `json:"recycled_until"`     // from when a lead that went back to nurture may qualify again
	Reached       string               `json:"reached,omitempty"`  // while a meeting or a deal makes the stage: the stage behind it
	Meetings      []meeting            `json:"meetings,omitempty"` // what calendars say, the latest news first
	Deals         []deal               `json:"deals,omitempty"`    // what CRMs say, the latest deal first
	Owner         *owner               `json:"owner,omitempty"`    // in the CRM that named one last
	Identities    []view.Identity      `json:"identities"`         // the person's names by their keys, the lead's own first
	Merges        []view.Merge         `json:"merges"`             // the leads that became part of this one, the latest first
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

// consent is what a person said last of one purpose.
type consent struct {
	Purpose     string    `json:"purpose"`
	State       string    `json:"state"` // given or withdrawn
	By          string    `json:"by"`    // the type of the signal that says so
	At          time.Time `json:"at"`
	Source      string    `json:"source"`
	TextVersion string    `json:"text_version,omitempty"`
	LawfulBasis string    `json:"lawful_basis,omitempty"`
}

// blocker is one thing in the way, and what would change it.
type blocker struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Fix    string `json:"fix"`
}

type handoff struct {
	Number     int              `json:"number"`
	Pool       string           `json:"pool"`
	Holder     view.Holder      `json:"holder"`
	Since      time.Time        `json:"since"`
	Reason     string           `json:"reason"`
	Parts      []contract.Part  `json:"parts"`      // of the scores when it was decided
	By         string           `json:"by"`         // what chose the pool and the rep, in words
	Considered []view.Candidate `json:"considered"` // in the step that found the holder
	Route      []view.RouteStep `json:"route"`      // all that was tried to find the holder, in order
	Answer     string           `json:"answer"`
	AnsweredAt *time.Time       `json:"answered_at"`
}

// held says where a lead waits for somebody who can receive it.
type held struct {
	Pool      string    `json:"pool"`
	Since     time.Time `json:"since"`      // from when the customer waits
	NextOffer time.Time `json:"next_offer"` // when the leads of the pool are offered again, oldest first, at the earliest
}

// incomplete says what a lead waits for that lacks what sales needs.
type incomplete struct {
	Pool    string    `json:"pool"`    // that would get it
	Since   time.Time `json:"since"`   // from when the customer waits
	Missing []string  `json:"missing"` // in words; of one with "or" in it any is enough

	Lacks string `json:"-"` // the same as a part of a sentence
}

// contact is an outbound act of a person, and on whose word it is known.
type contact struct {
	How    string    `json:"how"` // call, email, meeting or message
	At     time.Time `json:"at"`
	Word   string    `json:"word"`   // crm when a system logged it, rep when the rep attests it
	Source string    `json:"source"` // the system, by its name in the policy
	Label  string    `json:"label"`  // word and source for people
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
