package scoring

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

const (
	// mostPurposes is how many purposes are kept of a person, those that
	// expressions name first, then by name.
	mostPurposes = 20
	// mostWords is how many bytes of a text version and of a lawful basis are kept.
	mostWords = 100
)

// consentRule names the part of a score, and the blocker, that say that a person
// objected.
const consentRule = "consent"

// Consent is what a person said of one purpose: when they last agreed, and when
// they last objected by each way of objecting. Each is the latest by (time,
// event), so that the order of signals does not matter; the latest of all is
// what holds.
type Consent struct {
	Given     Said                 `json:"g,omitzero"`
	Withdrawn map[signal.Type]Said `json:"w,omitempty"` // by the type of what withdrew it
}

// Said is one statement of a person.
type Said struct {
	Mark
	Text  string `json:"x,omitempty"` // the version of the text they saw
	Basis string `json:"b,omitempty"` // the lawful basis, in the sender's words
}

// foldConsent takes in what a signal says about what the person agrees to.
func (f *Facts) foldConsent(mark Mark, s signal.Signal) {
	for _, said := range s.Consents() {
		f.Consent = put(f.Consent)
		f.Consent[said.Purpose] = f.Consent[said.Purpose].with(said, mark)
		if len(f.Consent) > mostPurposes {
			delete(f.Consent, slices.MaxFunc(slices.Collect(maps.Keys(f.Consent)), comparePurposes))
		}
	}
}

func comparePurposes(a, b string) int {
	class := func(name string) int {
		if name == signal.PurposeEmail || name == signal.PurposeMarketing {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(class(a), class(b)), cmp.Compare(a, b))
}

func (c Consent) with(said signal.Consent, mark Mark) Consent {
	next := Said{Mark: mark, Text: clipTo(said.Text, mostWords), Basis: clipTo(said.Basis, mostWords)}
	if said.Given {
		if c.Given.before(mark) {
			c.Given = next
		}
		return c
	}
	if c.Withdrawn[said.By].before(mark) {
		c.Withdrawn = put(maps.Clone(c.Withdrawn))
		c.Withdrawn[said.By] = next
	}
	return c
}

// before tells whether a statement is earlier than a mark; none is.
func (s Said) before(m Mark) bool { return s.At.IsZero() || earlier(s.Mark, m) }

func (c Consent) clone() Consent {
	c.Withdrawn = maps.Clone(c.Withdrawn)
	return c
}

// Latest returns the statement that holds, and what made it: signal.ConsentGiven,
// or what withdrew the consent.
func (c Consent) Latest() (Said, signal.Type) {
	said, by := c.Given, signal.ConsentGiven
	for _, t := range slices.Sorted(maps.Keys(c.Withdrawn)) {
		if w := c.Withdrawn[t]; said.before(w.Mark) {
			said, by = w, t
		}
	}
	return said, by
}

// State returns what holds: signal.ConsentYes, signal.ConsentNo, or "" when the
// person said nothing.
func (c Consent) State() string {
	switch said, by := c.Latest(); {
	case said.At.IsZero():
		return ""
	case by == signal.ConsentGiven:
		return signal.ConsentYes
	}
	return signal.ConsentNo
}

// Consents returns the state of each purpose of which the person said anything.
func (f Facts) Consents() map[string]string {
	out := make(map[string]string, len(f.Consent))
	for purpose, c := range f.Consent {
		out[purpose] = c.State()
	}
	return out
}

// Env is what expressions about the lead see of the facts.
func (f Facts) Env(c *rules.Compiled) rules.LeadEnv {
	env := c.LeadEnv(f.Values())
	env.Origin, env.Consent = f.Origin.Fields(), rules.ConsentOf(f.Consents())
	return env
}

// Objection is a statement by which a person stopped their scoring.
type Objection struct {
	Purpose string
	By      signal.Type
	Said    Said
}

// Objection returns the objection that stops the scoring under a policy, and
// false when none does: an objection stops it when the policy says so of its kind
// and its purpose, and the person has not agreed to that purpose since. Of
// several it is the latest.
func (f Facts) Objection(p policy.Consent) (found Objection, stopped bool) {
	for _, purpose := range slices.Sorted(maps.Keys(f.Consent)) {
		if !slices.Contains(p.Purposes, purpose) {
			continue
		}
		c := f.Consent[purpose]
		for _, by := range slices.Sorted(maps.Keys(c.Withdrawn)) {
			said := c.Withdrawn[by]
			if !slices.Contains(p.StoppedBy, string(by)) || !c.Given.before(said.Mark) {
				continue
			}
			if !stopped || earlier(found.Said.Mark, said.Mark) {
				found, stopped = Objection{Purpose: purpose, By: by, Said: said}, true
			}
		}
	}
	return found, stopped
}

// String says it in words: "opted out by unsubscribing on 18 May 2026".
func (o Objection) String() string {
	how := "by withdrawing consent to " + strings.ReplaceAll(o.Purpose, "_", " ")
	switch o.By { //nolint:exhaustive // The others are withdrawals.
	case signal.EmailUnsubscribed:
		how = "by unsubscribing"
	case signal.EmailComplained:
		how = "by a complaint about an e-mail"
	}
	return fmt.Sprintf("opted out %s on %s", how, o.Said.At.UTC().Format("2 January 2006"))
}

// stop takes all engagement away from a person who objected, by a part of its
// own.
func (s *Score) stop(o Objection) {
	s.add(consentRule, -s.Score, "nothing counts: "+o.String())
}

// blocker is the objection as what keeps a lead from qualifying.
func (o Objection) blocker(requestsHeard bool) *Blocker {
	fix := "consent to " + strings.ReplaceAll(o.Purpose, "_", " ") + ", given again"
	if requestsHeard {
		fix += ", or an explicit request such as a demo form"
	}
	return &Blocker{Rule: consentRule, Reason: o.String(), Fix: fix}
}
