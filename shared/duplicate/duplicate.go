// Package duplicate keeps what is thought of two leads that may be one person:
// that it is suggested to make them one, that somebody said they are two, or
// that somebody made them one. It knows how leads are compared, but neither
// where pairs are stored nor how leads are merged. It merges nothing: that is
// for a person to order.
package duplicate

import (
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/match"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Names are the keys of two leads, the smaller one first, so that a pair has
// one name.
type Names struct {
	A signal.LeadKey `json:"a"`
	B signal.LeadKey `json:"b"`
}

// Of names the pair of two leads.
func Of(a, b signal.LeadKey) Names {
	if a > b {
		a, b = b, a
	}
	return Names{A: a, B: b}
}

// Has tells whether a lead is of the pair.
func (n Names) Has(k signal.LeadKey) bool { return n.A == k || n.B == k }

// Other returns the other lead of the pair.
func (n Names) Other(k signal.LeadKey) signal.LeadKey {
	if n.A == k {
		return n.B
	}
	return n.A
}

// State is what is thought of a pair.
type State string

// The states. A pair of which nobody said anything, and whose score is too low
// to suggest it, is not kept.
const (
	Open      State = "open"      // suggested; nobody has said anything yet
	Dismissed State = "dismissed" // somebody said that they are two people
	Merged    State = "merged"    // somebody ordered to make them one
)

// Pair is what is kept of two leads. It holds no name, address or number.
type Pair struct {
	Names
	Version int64     `json:"version"` // grows by one with every write; 0 for what is not stored
	State   State     `json:"state"`
	Since   time.Time `json:"since"` // when it was suggested, or suggested again
	// Score and Evidence are as they were when the pair was suggested or judged.
	Score    int        `json:"score"`
	Evidence []Evidence `json:"evidence,omitempty"`
	// Who said what it is now, in which words, and when; "" and zero while it is open.
	By  string    `json:"by,omitempty"`
	Why string    `json:"why,omitempty"`
	At  time.Time `json:"at,omitzero"`
}

// Evidence is one part of a score, without the words, which hold names.
type Evidence struct {
	Kind   string `json:"k"` // as match.ByPhone
	Points int    `json:"p"`
}

// evidenceOf keeps the parts of a score without their words.
func evidenceOf(r match.Result) []Evidence {
	all := make([]Evidence, len(r.Parts))
	for i, p := range r.Parts {
		all[i] = Evidence{Kind: p.Rule, Points: p.Points}
	}
	return all
}

// Was is the score as it was when the pair was suggested or judged, without words.
func (p Pair) Was() match.Result {
	r := match.Result{Score: p.Score}
	for _, e := range p.Evidence {
		r.Parts = append(r.Parts, contract.Part{Rule: e.Kind, Points: e.Points})
	}
	return r
}

// Suggest returns the pair after its leads were compared, and whether it is to
// be stored. A new pair is suggested when its score reaches the least one. One
// that is suggested stays as it is, so that it is written once rather than with
// each signal. One that somebody judged is suggested again only when there is
// more evidence than there was then: see match.Grown.
func (p Pair) Suggest(r match.Result, least int, now time.Time) (Pair, bool) {
	if r.Score < least || p.State == Open {
		return p, false
	}
	if p.Version > 0 && !match.Grown(p.Was(), r) {
		return p, false
	}
	p.Version++
	p.State, p.Since, p.Score, p.Evidence = Open, now, r.Score, evidenceOf(r)
	p.By, p.Why, p.At = "", "", time.Time{}
	return p, true
}

// The most characters of what a person writes about a pair.
const (
	mostWhy = 500
	mostBy  = 80
)

// Judge returns the pair after somebody said what it is: Dismissed or Merged.
// The score is that of the leads as the person saw them. Kind: Invalid, with a
// sentence for the person, when they don't say who they are, or why.
func (p Pair) Judge(s State, r match.Result, by, why string, now time.Time) (Pair, error) {
	switch {
	case s != Dismissed && s != Merged:
		return p, fault.New(fault.Invalid, "a person says that two leads are two people, or one")
	case by == "":
		return p, fault.New(fault.Invalid, "say who you are: your name is kept with what you say")
	case why == "":
		return p, fault.New(fault.Invalid, "say why: whoever sees the two leads next wants to know")
	case len([]rune(why)) > mostWhy:
		return p, fault.New(fault.Invalid, "the reason is too long: say it in %d characters at most", mostWhy)
	case len([]rune(by)) > mostBy:
		return p, fault.New(fault.Invalid, "the name is too long: %d characters at most", mostBy)
	}
	if p.Version == 0 {
		p.Since = now
	}
	p.Version++
	p.State, p.Score, p.Evidence, p.By, p.Why, p.At = s, r.Score, evidenceOf(r), by, why, now
	return p, nil
}
