// Package rollout introduces the process cohort by cohort: it draws who is in
// (Bucket, In), says before a phase what its gates can find (Forecast), and
// judges, as often as one likes, whether the numbers allow more, forbid more, or
// say too little (Judge). It says where a rollout stands and what may be done to
// it (State). It is pure. It knows neither the policy, nor where evidence is
// counted and kept, nor who carries a verdict out or is told of it.
//
// Gates. A guardrail is there to stop harm, and can do nothing else: once the
// outcome is proven to be on the bad side of the guardrail's line, the phase is
// rolled back, without waiting for anything. A criterion is there to prove a
// gain, and can do nothing else: once every criterion is proven to be on the good
// side of its line, every gate has its minimum of units and the phase its
// shortest time, the phase is promoted. To demand that something got no worse by
// more than two points is a criterion too, with its line two points below
// control. What is proven neither way is held. A person is asked when the units
// did not fall to the arms as they were drawn, when evidence cannot be used, when
// no gate can promote, when a criterion is proven to be on the bad side, and when
// the phase's longest time is over. To ask changes nothing by itself.
//
// Errors. Proven means by a confidence sequence at the gate's alpha, which holds
// at every look together: the chance that a guardrail rolls back although the
// outcome is not on the bad side of its line is at most its alpha over the whole
// phase, and the chance of several guardrails at most the sum of theirs. The
// chance that a phase is promoted although a criterion is on the bad side of its
// line is at most that criterion's alpha.
//
// Evidence. One unit of evidence is one unit that was drawn. Where accounts, reps
// or teams are drawn, the units that count are those and not their leads, whose
// outcomes depend on each other: an account's outcome is then a mean of its leads
// or whether one of them had it. Only units that are old enough for an outcome
// count; younger ones are censored, whether or not they have had it already,
// since else quick successes would count before slow failures.
package rollout

import (
	"math"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Role is what a gate is for.
type Role string

// The roles of gates.
const (
	Guardrail Role = "guardrail" // may roll a phase back
	Criterion Role = "criterion" // must pass for a phase to be promoted
)

// Reference is what an outcome is compared with.
type Reference string

// The references of gates.
const (
	Threshold Reference = "threshold" // a number that is known beforehand
	Control   Reference = "control"   // the units of the same phase that are not in
)

// Direction is which way an outcome is better.
type Direction string

// The directions of gates.
const (
	Higher Direction = "higher" // such as meetings booked
	Lower  Direction = "lower"  // such as hours until first contact
)

// Measure is what is compared.
type Measure string

// The measures of gates.
const (
	Share Measure = "share" // the share of units that had the outcome
	Mean  Measure = "mean"  // the mean of a number that each unit has
)

// The smallest minimums of gates. The sequences suppose that a mean of so many is
// about normal, and simulations with hourly looks bear it out: for shares of 3 %
// and more, and for hours that are as skewed as a log-normal distribution of
// spread 0.8. A mean that is more skewed, such as that of amounts of money, is
// better cut off at some value before it is counted.
const (
	LeastUnits  = 20
	LeastOfMean = 200 // for a mean against a threshold, where no control shows how it varies
)

// Gate is one question to the evidence.
type Gate struct {
	Outcome   string    `json:"outcome"` // the outcome's name in the evidence, and in words
	Role      Role      `json:"role"`
	Measure   Measure   `json:"measure"`
	Against   Reference `json:"against"`
	Direction Direction `json:"direction"`
	// Line is where good and bad meet, as a share 0 to 1 or in the mean's own unit.
	// Against a threshold it is the threshold. Against control it is the difference
	// of the process from control: 0 is as good as control, and where higher is
	// better -0.02 is two points worse.
	Line float64 `json:"line"`
	// Alpha is the chance of an error, one-sided, over all looks; above 0, at most
	// 0.5.
	Alpha float64 `json:"alpha"`
	// Minimum is how many units must be old enough, in each arm that is compared,
	// before the gate says anything: at least LeastUnits, or LeastOfMean.
	Minimum int `json:"minimum"`
	// Expect is how many units, in both arms together when control is compared, the
	// gate is to be sharpest at; 0 is ten times Minimum. It must not be changed
	// within a phase.
	Expect int `json:"expect,omitempty"`
	// Counts is what the gate counts, in the singular, where that is not the phase's
	// unit but what comes of its units: a rep-day. "" is the unit.
	Counts string `json:"counts,omitempty"`
}

// Phase is one step of a rollout.
type Phase struct {
	Name    string        `json:"name"`
	Unit    string        `json:"unit"`  // what is drawn, in the singular: lead, account, rep, team
	Share   float64       `json:"share"` // of the units that are in, above 0, at most 1; the rest is control
	Started time.Time     `json:"started"`
	Least   time.Duration `json:"least"` // not promoted before
	Most    time.Duration `json:"most"`  // a person is asked after; longer than Least
	Gates   []Gate        `json:"gates"`
}

// Arm is what is known of one outcome in one arm.
type Arm struct {
	N        int     `json:"n"`        // units old enough for the outcome
	Sum      float64 `json:"sum"`      // of their values; of a share, how many had it
	Squares  float64 `json:"squares"`  // the sum of their values' squares; of a share, the same as Sum
	Censored int     `json:"censored"` // units enrolled that are too young, and not in N
}

// Successes returns an arm of which some units had an outcome.
func Successes(successes, n, censored int) Arm {
	return Arm{N: n, Sum: float64(successes), Squares: float64(successes), Censored: censored}
}

// Arms is one outcome in both arms.
type Arms struct {
	Treated Arm `json:"treated"` // units the process applies to
	Control Arm `json:"control"`
}

// Enrolled is how many units were enrolled in each arm since the phase began, of
// any age.
type Enrolled struct {
	Treated int `json:"treated"`
	Control int `json:"control"`
}

// Evidence is what was counted in a phase.
type Evidence struct {
	Enrolled Enrolled        `json:"enrolled"`
	Outcomes map[string]Arms `json:"outcomes"` // by the outcome's name
}

// Asked tells whether the gates decide about the phase in a mode. In shadow none
// does: nobody hears of a lead, so that no outcome can differ.
func (p Phase) Asked(m Mode) bool { return m != Shadow && len(p.Gates) > 0 }

// Check says what is wrong with a phase. Kind: Invalid.
func (p Phase) Check() error {
	switch {
	case p.Unit == "":
		return fault.New(fault.Invalid, "the phase has no unit")
	case !(p.Share <= 1) || !In(0, p.Share):
		return fault.New(fault.Invalid, "the share %v is not above 0 and at most 1", p.Share)
	case p.Started.IsZero():
		return fault.New(fault.Invalid, "the phase has no start")
	case p.Least < 0 || p.Most <= p.Least:
		return fault.New(fault.Invalid, "the longest time %v is not longer than the shortest %v", p.Most, p.Least)
	case len(p.Gates) == 0:
		return fault.New(fault.Invalid, "the phase has no gate")
	}
	for i, g := range p.Gates {
		err := g.check()
		if err == nil {
			err = g.beside(p.Gates[:i])
		}
		if err == nil && g.Against == Control && !p.controlled() {
			err = fault.New(fault.Invalid, "everybody is in, so there is no control")
		}
		if err != nil {
			return fault.Wrap(fault.Invalid, "gate "+g.Outcome, err)
		}
	}
	return nil
}

// beside says what is wrong with the gate among others.
func (g Gate) beside(others []Gate) error {
	for _, other := range others {
		switch {
		case other.Outcome != g.Outcome:
		case other.Role == g.Role && other.Against == g.Against:
			return fault.New(fault.Invalid, "there are two that ask the same")
		case other.Measure != g.Measure:
			return fault.New(fault.Invalid, "it is measured as a share and as a mean")
		}
	}
	return nil
}

// controlled says whether some units are not in.
func (p Phase) controlled() bool { return !In(Buckets-1, p.Share) }

// part returns the share as it is drawn, in whole buckets.
func (p Phase) part() float64 { return math.Round(p.Share*Buckets) / Buckets }

func (g Gate) check() error {
	switch {
	case g.Outcome == "":
		return fault.New(fault.Invalid, "it has no outcome")
	case g.Role != Guardrail && g.Role != Criterion:
		return fault.New(fault.Invalid, "its role %q is neither guardrail nor criterion", g.Role)
	case g.Measure != Share && g.Measure != Mean:
		return fault.New(fault.Invalid, "its measure %q is neither share nor mean", g.Measure)
	case g.Against != Threshold && g.Against != Control:
		return fault.New(fault.Invalid, "it is against %q, which is neither threshold nor control", g.Against)
	case g.Direction != Higher && g.Direction != Lower:
		return fault.New(fault.Invalid, "its direction %q is neither higher nor lower", g.Direction)
	case !(g.Alpha > 0 && g.Alpha <= 0.5):
		return fault.New(fault.Invalid, "its alpha %v is not above 0 and at most 0.5", g.Alpha)
	case g.Minimum < g.least():
		return fault.New(fault.Invalid, "its minimum %d is below %d", g.Minimum, g.least())
	case g.Expect < 0:
		return fault.New(fault.Invalid, "it expects %d units", g.Expect)
	}
	return g.checkLine()
}

func (g Gate) checkLine() error {
	switch {
	case math.IsNaN(g.Line) || math.IsInf(g.Line, 0):
		return fault.New(fault.Invalid, "its line %v is no number", g.Line)
	case g.Measure == Mean:
		return nil
	case g.Against == Threshold && !(g.Line > 0 && g.Line < 1):
		return fault.New(fault.Invalid, "its line %v is not between 0 and 1", g.Line)
	case g.Against == Control && !(g.Line > -1 && g.Line < 1):
		return fault.New(fault.Invalid, "its line %v is not between -1 and 1", g.Line)
	}
	return nil
}

func (g Gate) least() int {
	if g.Measure == Mean && g.Against == Threshold {
		return LeastOfMean
	}
	return LeastUnits
}

// sequence is how the gate looks at evidence.
func (g Gate) sequence() Sequence {
	tuning := float64(g.Expect)
	if g.Expect == 0 {
		tuning = 10 * float64(g.Minimum)
	}
	return Sequence{Alpha: g.Alpha, Tuning: tuning, OneSided: true}
}

// better is 1 where higher is better, else -1.
func (g Gate) better() float64 {
	if g.Direction == Lower {
		return -1
	}
	return 1
}
