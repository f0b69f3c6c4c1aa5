package rollout

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Decision is what is to be done with a phase.
type Decision string

// The decisions.
const (
	Promote  Decision = "promote"  // go on to the next phase
	Hold     Decision = "hold"     // stay as it is
	Rollback Decision = "rollback" // at once, back to the phase before
	Ask      Decision = "ask"      // stay as it is, and let a person decide
)

// MismatchAlpha is the chance that the check of the sample ratio asks a person
// without a cause, over all looks at a phase.
const MismatchAlpha = 0.001

// Verdict is a decision with everything that led to it.
type Verdict struct {
	Decision Decision  `json:"decision"`
	Reasons  []string  `json:"reasons"`           // in words, the deciding ones first
	Missing  []string  `json:"missing,omitempty"` // what a promotion still needs, in words
	Findings []Finding `json:"findings"`          // one per gate, in the phase's order
	// Mismatch is the p-value of the sample ratio by AlwaysMismatch, 1 where there is
	// nothing to compare.
	Mismatch float64 `json:"mismatch"`

	// The inputs.
	Phase    Phase     `json:"phase"`
	Evidence Evidence  `json:"evidence"`
	At       time.Time `json:"at"`
}

// Again judges the verdict's inputs again. It gives the same verdict, also after
// a way through JSON.
func (v Verdict) Again() Verdict { return Judge(v.Phase, v.Evidence, v.At) }

// Judge decides about a phase by what was counted up to now. It may be asked as
// often as one likes; see the package comment for what each decision means and
// how often it errs. Harm goes before everything else, also before a mismatch of
// the arms: to roll back without need costs time, to wait may cost more. A phase
// or evidence that cannot be is for a person to look at.
func Judge(phase Phase, evidence Evidence, now time.Time) Verdict {
	phase.Gates, phase.Started = slices.Clone(phase.Gates), phase.Started.UTC().Round(0)
	evidence.Outcomes = maps.Clone(evidence.Outcomes)
	v := Verdict{Mismatch: 1, Phase: phase, Evidence: evidence, At: now.UTC().Round(0)}
	if err := phase.Check(); err != nil {
		return v.decide(Ask, "The phase cannot be judged: "+err.Error()+".")
	}
	if now.Before(phase.Started) {
		return v.decide(Hold, "The phase has not begun.")
	}
	for _, g := range phase.Gates {
		v.Findings = append(v.Findings, phase.find(g, evidence))
	}
	v.Mismatch = phase.mismatch(evidence.Enrolled)
	v.Missing = v.missing()
	return v.weigh()
}

// weigh decides by the findings.
func (v Verdict) weigh() Verdict {
	elapsed := v.At.Sub(v.Phase.Started)
	if harms := v.reasons(Guardrail, Worse); len(harms) > 0 {
		v.Missing = nil
		return v.decide(Rollback, append(harms, v.unevenly()...)...)
	}
	if reasons := append(v.unevenly(), v.unusable()...); len(reasons) > 0 {
		return v.decide(Ask, reasons...)
	}
	if elapsed < v.Phase.Least {
		return v.decide(Hold, fmt.Sprintf("The phase is to take %s at least.", lasting(v.Phase.Least)))
	}
	if short := v.reasons(Criterion, Worse); len(short) > 0 {
		return v.decide(Ask, append(short, "More of the same will hardly lead to a promotion.")...)
	}
	if few := append(v.reasons(Guardrail, Few), v.reasons(Criterion, Few)...); len(few) > 0 {
		return v.wait(elapsed, few)
	}
	passed, open := v.reasons(Criterion, Better), v.reasons(Criterion, Open)
	switch {
	case len(open) > 0:
		return v.wait(elapsed, open)
	case len(passed) == 0:
		return v.decide(Ask, "No guardrail shows harm, and there is no criterion that could promote.")
	}
	return v.decide(Promote, append(passed, v.reasons(Guardrail, Open, Better)...)...)
}

// wait holds, and asks once the phase's longest time is over.
func (v Verdict) wait(elapsed time.Duration, reasons []string) Verdict {
	if elapsed < v.Phase.Most {
		return v.decide(Hold, reasons...)
	}
	over := fmt.Sprintf("The longest time of the phase, %s, is over, and nothing is decided.", lasting(v.Phase.Most))
	return v.decide(Ask, append([]string{over}, reasons...)...)
}

func (v Verdict) decide(d Decision, reasons ...string) Verdict {
	v.Decision, v.Reasons = d, reasons
	return v
}

// reasons returns those of the gates of a role in one of the states.
func (v Verdict) reasons(role Role, states ...Standing) []string {
	var out []string
	for _, f := range v.Findings {
		if f.Role == role && slices.Contains(states, f.State) {
			out = append(out, f.Reason+".")
		}
	}
	return out
}

func (v Verdict) unusable() []string {
	return append(v.reasons(Guardrail, Unusable), v.reasons(Criterion, Unusable)...)
}

// unevenly says in words that the arms are not as they were drawn.
func (v Verdict) unevenly() []string {
	if v.Mismatch >= MismatchAlpha {
		return nil
	}
	e := v.Evidence.Enrolled
	return []string{fmt.Sprintf("%d of %d %ss are in the process, where %s were meant: something other than the draw decides who is in.",
		e.Treated, e.Treated+e.Control, v.Phase.Unit, percent(v.Phase.part()))}
}

// mismatch checks the sample ratio.
func (p Phase) mismatch(e Enrolled) float64 {
	if e.Treated < 0 || e.Control < 0 || e.Treated+e.Control == 0 {
		return 1
	}
	if !p.controlled() {
		if e.Control > 0 {
			return 0
		}
		return 1
	}
	return AlwaysMismatch([]int{e.Treated, e.Control}, []float64{p.part(), 1 - p.part()})
}
