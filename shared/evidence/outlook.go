package evidence

import (
	"math"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// What is supposed of an outcome before anything was counted.
const (
	unknownShare  = 0.5  // the share that is hardest to tell apart from others
	unknownHours  = 12.0 // the standard deviation of hours that are cut off at 40
	unknownLoad   = 2.0  // the standard deviation of units a day
	changeOfShare = 0.1  // what a company would want to know of: 10 points,
	changeOfMean  = 0.5  // or half of a standard deviation
)

// Outlook says in words, before a phase begins, how long its gates stay open and
// what they can tell, if so many units a week are drawn. What is not assumed is
// taken from evidence of a phase before, of control where it has some, and what
// that does not tell is taken for hard to find out. Kind: Invalid, for a gate
// that cannot be, and for what cannot be assumed.
func Outlook(phase rollout.Phase, perWeek float64, before rollout.Evidence, assumed map[string]rollout.Assumption) (rollout.Outlook, error) {
	outcomes, err := funnel.Of(phase)
	if err != nil {
		return rollout.Outlook{}, err
	}
	all := make([]rollout.Assumption, len(outcomes))
	for i, o := range outcomes {
		g := phase.Gates[i]
		a, ok := assumed[o.Name]
		if !ok {
			a = assume(o, g, before.Outcomes[o.Name])
		}
		if a.Maturity == 0 {
			a.Maturity = o.Window() + day // which counts once all of it is old enough
		}
		all[i] = a
	}
	return rollout.Forecast(phase, perWeek, all)
}

// assume takes from evidence what it tells.
func assume(o funnel.Outcome, g rollout.Gate, before rollout.Arms) rollout.Assumption {
	known := before.Control
	if known.N == 0 {
		known = before.Treated
	}
	if g.Measure == rollout.Share {
		a := rollout.Assumption{Base: unknownShare, Change: changeOfShare}
		if known.N > 0 {
			a.Base = known.Sum / float64(known.N)
		}
		return bounded(a, g)
	}
	a := rollout.Assumption{Deviation: unknownHours}
	switch {
	case o.Measure == rollout.Share: // of leads, the mean of a group
		a.Deviation = unknownShare
	case o.Name == funnel.Workload:
		a.Deviation = unknownLoad
	}
	if n := float64(known.N); n > 1 {
		a.Base = known.Sum / n
		if v := (known.Squares - known.Sum*known.Sum/n) / (n - 1); v > 0 {
			a.Deviation = math.Sqrt(v)
		}
	}
	a.Change = changeOfMean * a.Deviation
	return a
}

// bounded keeps a change of a share within 0 and 1, seen from the gate's line. Where
// there is no room at all on that side, rollout.Forecast says so.
func bounded(a rollout.Assumption, g rollout.Gate) rollout.Assumption {
	line := g.Line
	up := (g.Direction == rollout.Higher) == (g.Role == rollout.Criterion)
	if g.Against == rollout.Control {
		if up {
			a.Base = max(a.Base, -g.Line)
		} else {
			a.Base = min(a.Base, 1-g.Line)
		}
		line += a.Base
	}
	room := line
	if up {
		room = 1 - line
	}
	if room > 0 {
		a.Change = min(a.Change, room)
	}
	return a
}
