package rollout

import (
	"fmt"
	"math"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// forecastPower is how often a gate is to have decided by the time that a
// forecast names: 8 times in 10, as is usual in planning.
const forecastPower = 0.8

// Assumption is what is supposed of a gate's outcome before a phase begins.
type Assumption struct {
	// Base is the share, or mean, of control. A gate against a threshold needs none.
	Base float64
	// Deviation is the standard deviation of one unit's value; a share needs none.
	Deviation float64
	// Change is how far from the gate's line the truth is supposed to be, above 0: on
	// the good side of a criterion's, on the bad side of a guardrail's.
	Change float64
	// Maturity is how old a unit must be before its outcome counts.
	Maturity time.Duration
}

// Outlook is what a phase can find.
type Outlook struct {
	Prospects []Prospect // one per gate, in the phase's order
	// FalseRollback is the most that the guardrails' errors can add up to, 0 to 1.
	FalseRollback float64
	Words         []string // the whole outlook, a sentence or two each
}

// Prospect is what one gate can find.
type Prospect struct {
	Outcome string
	Role    Role
	// Units is how many must be enrolled, in both arms together, until the gate has
	// decided 8 times in 10 if the assumption is true; infinite where it cannot be.
	Units float64
	// Open is how long that takes, with the time to get old enough; at most a
	// hundred years.
	Open time.Duration
	// Detectable is the smallest Change for which it is within the phase's longest
	// time; 0 where none is.
	Detectable float64
	Words      string
}

// Forecast says, before a phase begins, how long its gates stay open and what
// they can detect, if so many units a week are enrolled in both arms together.
// There is an assumption for each gate, in their order: two gates of one outcome
// have other lines, and other changes from there. It reckons with the sequences
// by which Judge decides, at a single look, so that looking often makes it a
// little faster than is said here. Kind: Invalid, for a phase that cannot be, a
// gate without an assumption, and one that leads outside of 0 to 1.
func Forecast(phase Phase, perWeek float64, assumed []Assumption) (Outlook, error) {
	if err := phase.Check(); err != nil {
		return Outlook{}, err
	}
	switch given, gates := len(assumed), len(phase.Gates); {
	case given < gates:
		return Outlook{}, fault.New(fault.Invalid, "gate %s: nothing is assumed of it", phase.Gates[given].Outcome)
	case given > gates:
		return Outlook{}, fault.New(fault.Invalid, "%d assumptions about %d gates", given, gates)
	}
	if !(perWeek > 0) || math.IsInf(perWeek, 1) {
		return Outlook{}, fault.New(fault.Invalid, "%v %ss a week cannot be", perWeek, phase.Unit)
	}
	var o Outlook
	for i, a := range assumed {
		g := phase.Gates[i]
		p := plan{phase: phase, gate: g, assumed: a, perWeek: perWeek}
		if err := p.check(); err != nil {
			return Outlook{}, fault.Wrap(fault.Invalid, "gate "+g.Outcome, err)
		}
		prospect := p.prospect()
		o.Prospects, o.Words = append(o.Prospects, prospect), append(o.Words, prospect.Words)
		if g.Role == Guardrail {
			o.FalseRollback += g.Alpha
		}
	}
	o.FalseRollback = min(1, o.FalseRollback)
	if o.FalseRollback > 0 {
		o.Words = append(o.Words, fmt.Sprintf("Of 100 such phases that do no harm, at most %.3g are rolled back all the same.", 100*o.FalseRollback))
	}
	return o, nil
}

// plan is one gate before its phase.
type plan struct {
	phase   Phase
	gate    Gate
	assumed Assumption
	perWeek float64
}

func (p plan) check() error {
	a := p.assumed
	switch {
	case !(a.Change > 0) || math.IsInf(a.Change, 1):
		return fault.New(fault.Invalid, "its change %v is not above 0", a.Change)
	case a.Maturity < 0:
		return fault.New(fault.Invalid, "its maturity %v is negative", a.Maturity)
	case p.gate.Measure == Mean && (!(a.Deviation > 0) || math.IsInf(a.Deviation, 1)):
		return fault.New(fault.Invalid, "its deviation %v is not above 0", a.Deviation)
	case p.gate.Measure == Share && p.gate.Against == Control && !(a.Base >= 0 && a.Base <= 1):
		return fault.New(fault.Invalid, "its base %v is no share", a.Base)
	case p.gate.Measure == Share && !p.roomless() && a.Change > p.room():
		return fault.New(fault.Invalid, "a share that is %v away from %s is not between 0 and 1", a.Change, p.gate.lineInWords())
	}
	return nil
}

// side is 1 where the truth is supposed to be above the line, else -1.
func (p plan) side() float64 {
	if p.gate.Role == Guardrail {
		return -p.gate.better()
	}
	return p.gate.better()
}

// line is the share or mean of the treated at the gate's line.
func (p plan) line() float64 {
	if p.gate.Against == Control {
		return p.assumed.Base + p.gate.Line
	}
	return p.gate.Line
}

// room is how far a share can be from the line.
func (p plan) room() float64 {
	if p.side() > 0 {
		return 1 - p.line()
	}
	return p.line()
}

// roomless says that a share cannot be on the side of the line that the gate is to
// find, such as 5 points below a control of 3 %.
func (p plan) roomless() bool { return p.gate.Measure == Share && p.room() <= 0 }

// decides says whether so many mature units in both arms decide often enough if
// the truth is so far from the line.
func (p plan) decides(change, units float64) bool {
	part := p.phase.part()
	treated := p.sample(part*units, p.line()+p.side()*change)
	control := p.sample((1-part)*units, p.assumed.Base)
	counted, least := treated.n, treated.n
	if p.gate.Against == Control {
		counted, least = units, min(treated.n, control.n)
	}
	if least < float64(p.gate.Minimum) {
		return false
	}
	variance := p.gate.variance(treated, control)
	return change >= p.gate.sequence().HalfWidth(variance, counted)+upper(1-forecastPower)*math.Sqrt(variance)
}

func (p plan) sample(n, mean float64) sample {
	if p.gate.Measure == Mean {
		return sample{n, mean, p.assumed.Deviation * p.assumed.Deviation}
	}
	return sample{n, mean, bernoulli(mean)}
}

func (p plan) prospect() Prospect {
	const week = 7 * 24 * time.Hour
	out := Prospect{Outcome: p.gate.Outcome, Role: p.gate.Role}
	if p.roomless() {
		out.Units, out.Open = math.Inf(1), mostDays*24*time.Hour
		out.Words = fmt.Sprintf("%s: with control at %s nothing can be %s than %s, so that this gate finds nothing: choose another.",
			out.Outcome, percent(p.assumed.Base), sideWords(out.Role), p.gate.lineInWords())
		return out
	}
	out.Units = solve(1e15, func(units float64) bool { return p.decides(p.assumed.Change, units) })
	days := out.Units/p.perWeek*7 + p.assumed.Maturity.Hours()/24
	out.Open = time.Duration(min(days, mostDays) * 24 * float64(time.Hour))
	if p.gate.Role == Criterion {
		out.Open = max(out.Open, p.phase.Least)
	}
	if mature := p.phase.Most - p.assumed.Maturity; mature > 0 {
		out.Detectable = p.detectable(float64(mature) / float64(week) * p.perWeek)
	}
	out.Words = p.words(out)
	return out
}

// detectable is the smallest change that so many units decide about.
func (p plan) detectable(units float64) float64 {
	most := p.room()
	if p.gate.Measure == Mean {
		most = 1e6 * p.assumed.Deviation
	}
	if !(most > 0) || !p.decides(most, units) {
		return 0
	}
	return solve(most, func(change float64) bool { return p.decides(change, units) })
}

// sideWords says on which side of its line a gate is to find the outcome.
func sideWords(r Role) string { return map[Role]string{Guardrail: "worse", Criterion: "better"}[r] }

func (p plan) words(out Prospect) string {
	verb := sideWords(p.gate.Role)
	size := func(change float64) string {
		if p.gate.Measure == Mean {
			return number(change)
		}
		return fmt.Sprintf("%.1f points", 100*change)
	}
	rate := fmt.Sprintf("%s: at %s %ss a week", p.gate.Outcome, number(p.perWeek), p.phase.Unit)
	if p.gate.Counts != "" {
		rate += fmt.Sprintf(", each of which brings a %s at most,", p.gate.Counts)
	}
	phase := lasting(p.phase.Most)
	detectable := fmt.Sprintf("In the %s of the phase it can tell %s from there.", phase, size(out.Detectable))
	if out.Detectable == 0 {
		detectable = fmt.Sprintf("In the %s of the phase it can tell nothing.", phase)
	}
	if out.Open > p.phase.Most {
		return fmt.Sprintf("%s this gate stays open for %s, longer than the phase, if the truth is %s %s than %s: choose another. %s",
			rate, about(out.Open.Hours()/24), size(p.assumed.Change), verb, p.gate.lineInWords(), detectable)
	}
	return fmt.Sprintf("%s this gate decides within %s, 8 times in 10, if the truth is %s %s than %s. %s",
		rate, about(out.Open.Hours()/24), size(p.assumed.Change), verb, p.gate.lineInWords(), detectable)
}
