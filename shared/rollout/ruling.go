package rollout

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Case is everything that a ruling about a phase depends on.
type Case struct {
	Phase    Phase     `json:"phase"`
	Mode     Mode      `json:"mode"`
	Status   Status    `json:"status"`
	Next     *Step     `json:"next,omitempty"`    // the phase that would follow; nil for the last one
	Approve  string    `json:"approve,omitempty"` // who has to agree to a promotion; "" for nobody
	Evidence Evidence  `json:"evidence"`
	Through  time.Time `json:"through"` // up to when the evidence was counted
	State    int64     `json:"state"`   // version of the rollout's state
	Policy   string    `json:"policy"`  // version of the policy
	Round    int       `json:"round"`   // of the phase; see State
}

// Ruling is what is to be done about a phase, with the verdict that led to it and
// everything that it depends on.
type Ruling struct {
	Action  Decision  `json:"action"`
	Why     []string  `json:"why"` // in words, the deciding ones first
	At      time.Time `json:"at"`
	Case    Case      `json:"case"`
	Verdict Verdict   `json:"verdict"` // of the gates; zero where none was asked
}

// Again decides the same case again. It gives the same ruling, also after a way
// through JSON.
func (r Ruling) Again() Ruling { return Decide(r.Case, r.At) }

// Decide says what is to be done about a phase. It follows Judge, but for what
// the numbers cannot know: a phase that is rolled back stays so, one that is
// paused is not promoted, a promotion waits for the start of the next phase and
// for who has to agree to it, and after the last phase nothing follows. A phase
// that asks nothing, and one in shadow, of which nobody has heard so that no
// outcome can differ, is a person's to end once its shortest time is over.
func Decide(c Case, now time.Time) Ruling {
	r := Ruling{At: now.UTC().Round(0), Case: c.own()}
	if c.Status == RolledBack {
		return r.is(Hold, "The phase is rolled back.")
	}
	if r.Case.Phase.Started.IsZero() || now.Before(r.Case.Phase.Started) {
		return r.is(Hold, "The phase has not begun.")
	}
	if !c.Phase.Asked(c.Mode) {
		return r.unasked(now)
	}
	r.Verdict = Judge(r.Case.Phase, r.Case.Evidence, now)
	switch {
	case r.Verdict.Decision == Rollback:
	case c.Status == Paused:
		return r.is(Hold, append([]string{"The phase is paused."}, r.Verdict.Reasons...)...)
	case r.Verdict.Decision == Promote:
		return r.promote(now, r.Verdict.Reasons)
	}
	return r.is(r.Verdict.Decision, r.Verdict.Reasons...)
}

// own returns the case as it is stored, with nothing that the caller can change.
func (c Case) own() Case {
	c.Phase.Gates, c.Evidence.Outcomes = slices.Clone(c.Phase.Gates), maps.Clone(c.Evidence.Outcomes)
	c.Phase.Started, c.Through = c.Phase.Started.UTC().Round(0), c.Through.UTC().Round(0)
	if c.Next != nil {
		next := *c.Next
		next.Start = next.Start.UTC().Round(0)
		c.Next = &next
	}
	return c
}

// unasked rules where no gate is asked.
func (r Ruling) unasked(now time.Time) Ruling {
	p := r.Case.Phase
	switch left := p.Least - now.Sub(p.Started); {
	case r.Case.Status == Paused:
		return r.is(Hold, "The phase is paused.")
	case r.Case.Next == nil:
		return r.is(Hold, "This is the last phase, and it asks nothing.")
	case left > 0:
		return r.is(Hold, fmt.Sprintf("The phase is to take %s at least; it needs %s more.", lasting(p.Least), lasting(left)))
	case r.Case.Mode == Shadow:
		return r.is(Ask, "In shadow nobody hears of a lead, so that the numbers cannot say whether to go on.")
	}
	return r.is(Ask, "The phase has no gate that could say whether to go on.")
}

// promote rules where the numbers allow to go on.
func (r Ruling) promote(now time.Time, reasons []string) Ruling {
	next := r.Case.Next
	switch {
	case next == nil:
		return r.is(Hold, append([]string{"All gates have passed, and this is the last phase."}, reasons...)...)
	case now.Before(next.Start):
		return r.is(Hold, append([]string{next.beginning() + "."}, reasons...)...)
	case r.Case.Approve != "":
		return r.is(Ask, append([]string{"All gates have passed; somebody has to agree: " + r.Case.Approve + "."}, reasons...)...)
	}
	return r.is(Promote, reasons...)
}

func (r Ruling) is(d Decision, why ...string) Ruling {
	r.Action, r.Why = d, slices.Clone(why)
	return r
}
