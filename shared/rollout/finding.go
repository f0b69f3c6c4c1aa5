package rollout

import (
	"math"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Standing is on which side of a gate's line an outcome is.
type Standing string

// The states of gates.
const (
	Better   Standing = "better"   // proven to be on the good side
	Worse    Standing = "worse"    // proven to be on the bad side
	Open     Standing = "open"     // proven neither way
	Few      Standing = "few"      // below the gate's minimum
	Unusable Standing = "unusable" // the evidence is missing or cannot be
)

// Finding is what one gate found. All of its numbers are finite.
type Finding struct {
	Outcome string   `json:"outcome"`
	Role    Role     `json:"role"`
	State   Standing `json:"state"`
	Treated int      `json:"treated"` // units that counted
	Control int      `json:"control,omitempty"`
	// Value is the share or mean of the treated; against control, less that of
	// control. It is 0 where too few or unusable units count.
	Value float64 `json:"value"`
	// Low and High are its ends at the gate's alpha. Each holds by itself, at
	// every look.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Reason says the same in words.
	Reason string `json:"reason"`
}

// find asks one gate.
func (p Phase) find(g Gate, e Evidence) Finding {
	f := Finding{Outcome: g.Outcome, Role: g.Role}
	arms, ok := e.Outcomes[g.Outcome]
	if !ok && e.Enrolled != (Enrolled{}) {
		f.State, f.Reason = Unusable, g.Outcome+": nothing was counted"
		return f
	}
	f, err := g.measure(arms, e.Enrolled)
	switch f.State {
	case Unusable:
		f.Reason = g.Outcome + ": " + err.Error()
	case Few:
		f.Reason = g.few(p, arms)
	case Better, Worse, Open:
		f.Reason = g.describe(p, arms, f)
	}
	return f
}

// measure is the finding without its reason. The error says why it is unusable.
func (g Gate) measure(arms Arms, enrolled Enrolled) (Finding, error) {
	f := Finding{Outcome: g.Outcome, Role: g.Role}
	if err := g.usable(arms, enrolled); err != nil {
		f.State = Unusable
		return f, err
	}
	f.Treated = arms.Treated.N
	least := f.Treated
	if g.Against == Control {
		f.Control = arms.Control.N
		least = min(least, f.Control)
	}
	if least < g.Minimum {
		f.State = Few
		return f, nil
	}
	estimate := g.estimate(arms)
	ends := g.sequence().Around(estimate)
	f.Value, f.Low, f.High = estimate.Value, ends.Low, ends.High
	f.State = g.side(estimate, ends)
	return f, nil
}

// side compares both ends with the line. Where all values are the same, nothing
// is known of how they vary, and nothing is proven.
func (g Gate) side(e Estimate, ends Interval) Standing {
	below, above := ends.High < g.Line, ends.Low > g.Line
	if g.Direction == Lower {
		below, above = above, below
	}
	switch {
	case !(e.Variance > 0):
		return Open
	case below:
		return Worse
	case above:
		return Better
	}
	return Open
}

// estimate returns the value, as it was observed, with its variance.
func (g Gate) estimate(arms Arms) Estimate {
	t, c := arms.Treated.sample(g.Measure), arms.Control.sample(g.Measure)
	if g.Against == Threshold {
		return Estimate{arms.Treated.mean(), g.variance(t, c), arms.Treated.N}
	}
	return Estimate{arms.Treated.mean() - arms.Control.mean(), g.variance(t, c), arms.Treated.N + arms.Control.N}
}

func (a Arm) mean() float64 { return a.Sum / float64(a.N) }

// sample is what the variance of a value depends on.
type sample struct {
	n, mean  float64
	variance float64 // of one unit
}

// sample describes an arm. A share is taken after one success and one failure
// more, so that its variance does not vanish where nobody or everybody had the
// outcome.
func (a Arm) sample(m Measure) sample {
	n := float64(a.N)
	if m == Share {
		share := (a.Sum + 1) / (n + 2)
		return sample{n, share, bernoulli(share)}
	}
	return sample{n, a.mean(), max(0, a.Squares-a.Sum*a.Sum/n) / (n - 1)}
}

// bernoulli is the variance of one unit of a share, which is moved into 0 to 1.
func bernoulli(share float64) float64 {
	share = min(max(share, 0), 1)
	return share * (1 - share)
}

// variance is that of the gate's value. It is the greater of two: as each arm
// was observed, and as it would be if the truth were on the line, as in a score
// test. The first alone proves harm too easily: a small arm that happens to have
// few successes seems to vary little as well.
func (g Gate) variance(t, c sample) float64 {
	if g.Against == Threshold {
		if g.Measure == Share {
			t.variance = max(t.variance, bernoulli(g.Line))
		}
		return t.variance / t.n
	}
	apart := t.variance/t.n + c.variance/c.n
	together := (t.variance*(t.n-1) + c.variance*(c.n-1)) / (t.n + c.n - 2)
	onLine := together * (1/t.n + 1/c.n)
	if g.Measure == Share {
		base := min(max((t.mean*t.n+c.mean*c.n-g.Line*t.n)/(t.n+c.n), 0), 1)
		onLine = bernoulli(base+g.Line)/t.n + bernoulli(base)/c.n
	}
	return max(apart, onLine)
}

// usable says what is wrong with evidence. Kind: Invalid.
func (g Gate) usable(arms Arms, enrolled Enrolled) error {
	if err := g.usableArm(arms.Treated, enrolled.Treated); err != nil {
		return fault.Wrap(fault.Invalid, "in the process", err)
	}
	if g.Against == Threshold {
		return nil
	}
	return fault.Wrap(fault.Invalid, "in control", g.usableArm(arms.Control, enrolled.Control))
}

func (g Gate) usableArm(a Arm, enrolled int) error {
	n := float64(a.N)
	switch {
	case a.N < 0 || a.Censored < 0:
		return fault.New(fault.Invalid, "a count is negative")
	case a.N > enrolled || a.Censored > enrolled-a.N:
		return fault.New(fault.Invalid, "%d and %d too young are more than the %d enrolled", a.N, a.Censored, enrolled)
	case math.IsNaN(a.Sum+a.Squares) || math.IsInf(a.Sum*a.Sum, 0) || math.IsInf(a.Squares, 0):
		return fault.New(fault.Invalid, "a sum is no number")
	case g.Measure == Share && (a.Sum < 0 || a.Sum > n || a.Squares != a.Sum):
		return fault.New(fault.Invalid, "%v successes, with squares %v, are no share of %d", a.Sum, a.Squares, a.N)
	case g.Measure == Mean && n*a.Squares < a.Sum*a.Sum*(1-1e-9):
		return fault.New(fault.Invalid, "the squares %v are too few for a sum of %v over %d", a.Squares, a.Sum, a.N)
	}
	return nil
}
