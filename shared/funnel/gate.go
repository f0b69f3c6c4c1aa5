package funnel

import (
	"slices"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// Of returns the outcomes that the gates of a phase ask about. Kind: Invalid,
// for one that there is not, or that cannot be asked about so.
func Of(p rollout.Phase) ([]Outcome, error) {
	var all []Outcome
	for _, g := range p.Gates {
		o, err := Find(g.Outcome)
		if err == nil {
			err = o.fits(p.Unit, g)
		}
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "gate "+g.Outcome, err)
		}
		all = append(all, o)
	}
	return all, nil
}

// fits says why a gate cannot ask about the outcome.
func (o Outcome) fits(unit string, g rollout.Gate) error {
	switch {
	case o.Asked && g.Against == rollout.Control:
		return fault.New(fault.Invalid, "only the process asks for it, so control has none: compare it with a threshold")
	case g.Measure != o.MeasureOf(unit):
		return fault.New(fault.Invalid, "of each %s it is a %s, and the gate takes it for a %s", unit, o.MeasureOf(unit), g.Measure)
	}
	return nil
}

// Fit returns the phase with its gates measured as the unit asks for: where reps
// or teams are drawn, what is a share of leads is a mean of each of them, and the
// minimum is what the statistics ask of a mean. The workload counts days of reps,
// however many units these were given. Gates that there is no outcome for stay as
// they are; Of says so.
func Fit(p rollout.Phase) rollout.Phase {
	p.Gates = slices.Clone(p.Gates)
	for i, g := range p.Gates {
		o, err := Find(g.Outcome)
		if err != nil {
			continue
		}
		g.Measure = o.MeasureOf(p.Unit)
		if o.Name == Workload && !(Enrolment{Unit: p.Unit}).Grouped() {
			g.Counts = "rep-day"
		}
		if least := rollout.LeastOfMean; g.Measure == rollout.Mean && g.Against == rollout.Threshold && g.Minimum < least {
			g.Minimum = least
		}
		p.Gates[i] = g
	}
	return p
}
