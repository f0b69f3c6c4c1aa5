package policy

import (
	"time"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// Rollout says to which leads the process applies, and what it takes to widen
// it: phases in the order in which they are gone through.
type Rollout struct {
	Seed   string  `yaml:"seed" json:"seed"` // that units are drawn by; another seed draws anew
	Unit   string  `yaml:"unit" json:"unit"` // what is drawn as a whole: UnitAccount, UnitLead, UnitRep or UnitTeam
	Phases []Phase `yaml:"phases" json:"phases"`
	// ConfirmWithin is how long a suggestion waits for a manager, in the hours of its pool; then the lead follows the
	// existing process.
	ConfirmWithin Duration `yaml:"confirm_within" json:"confirm_within,omitzero"`
	Control       Control  `yaml:"control" json:"control,omitzero"`
}

// What is drawn as a whole.
const (
	UnitAccount = funnel.UnitAccount // the company; a lead of none is one by itself
	UnitLead    = funnel.UnitLead
	UnitRep     = funnel.UnitRep  // whom the rules would choose
	UnitTeam    = funnel.UnitTeam // the pool that the rules would try first
)

// Phase is one step of a rollout.
type Phase struct {
	Name  string       `yaml:"name" json:"name"`
	Mode  rollout.Mode `yaml:"mode" json:"mode"`
	Share float64      `yaml:"share" json:"share"` // percent of the units, 0 to 100
	// Segments keep the process to some leads: those for which one of them is true. None: all leads.
	Segments  []Segment `yaml:"segments" json:"segments,omitempty"`
	Start     string    `yaml:"start" json:"start,omitempty"`           // a day of sla.calendar, "2026-07-01", before which it does not begin; "" for at any time
	LeastDays int       `yaml:"least_days" json:"least_days,omitempty"` // not promoted before
	MostDays  int       `yaml:"most_days" json:"most_days,omitempty"`   // a person is asked after; 0 is DefaultMostDays
	Sample    int       `yaml:"sample" json:"sample,omitempty"`         // units in each arm before a gate says anything; 0 is the least that the statistics allow
	Gates     []Gate    `yaml:"gates" json:"gates,omitempty"`
	Approve   string    `yaml:"approve" json:"approve,omitempty"` // who has to agree to the next phase: ApproveOperator, ApproveManager or an address; "" for nobody
}

// Who may have to agree to the next phase, besides a person named by address.
const (
	ApproveOperator = "operator"
	ApproveManager  = "manager" // of any pool
)

// DefaultMostDays is how long a phase takes at most that does not say it.
const DefaultMostDays = 90

// Segment is a kind of leads.
type Segment struct {
	Name string `yaml:"name" json:"name"`
	When string `yaml:"when" json:"when"` // over what routing rules see, and tier and team; see rules.SegmentEnv
}

// Gate is one question to the numbers of a phase. It has AtLeast or AtMost.
type Gate struct {
	Outcome string `yaml:"outcome" json:"outcome"` // as funnel.Find takes it
	// Kind is rollout.Criterion, which must hold for a promotion, or rollout.Guardrail, which rolls back when it does not.
	Kind rollout.Role `yaml:"kind" json:"kind"`
	// Than is what the outcome is compared with: rollout.Threshold (also "") or rollout.Control.
	Than rollout.Reference `yaml:"than" json:"than,omitempty"`
	// AtLeast and AtMost are the line: percent of a share, else in the outcome's own unit. Against control it is the
	// difference from it, in points of percent or in the unit.
	AtLeast *float64 `yaml:"at_least" json:"at_least,omitempty"`
	AtMost  *float64 `yaml:"at_most" json:"at_most,omitempty"`
	Alpha   float64  `yaml:"alpha" json:"alpha,omitempty"` // the chance of an error over the whole phase; 0 is DefaultAlpha
}

// DefaultAlpha is the chance of an error of a gate that does not say it.
const DefaultAlpha = 0.05

// Control is the existing process, which leads follow to which this one does
// not apply.
type Control struct {
	Notify Person `yaml:"notify" json:"notify,omitzero"` // who is told of them by lines of notifications with to: control
}

// Everybody tells whether the process applies to every lead whatever the state
// of the rollout: one phase, for all, automatic, with nothing to find out. Then
// nobody is drawn, and no state is read.
func (r Rollout) Everybody() bool {
	if len(r.Phases) == 0 {
		return true
	}
	p := r.Phases[0]
	return len(r.Phases) == 1 && p.Mode == rollout.Auto && p.part() >= 1 && len(p.Segments) == 0 && p.Start == "" && len(p.Gates) == 0
}

// part returns the share as a part of one.
func (p Phase) part() float64 { return p.Share / percent }

const percent = 100

// Steps returns the phases as a rollout.State knows them. A start is the
// beginning of its day in the zone.
func (r Rollout) Steps(zone *time.Location) []rollout.Step {
	steps := make([]rollout.Step, len(r.Phases))
	for i, p := range r.Phases {
		steps[i] = rollout.Step{Name: p.Name, Mode: p.Mode, Share: p.part(), Unit: r.Unit}
		if day, err := time.ParseInLocation(time.DateOnly, p.Start, zone); err == nil {
			steps[i].Start = day.UTC()
		}
	}
	return steps
}

// Judged returns a phase as rollout.Judge takes it, which began at a time, with
// its gates measured as the unit asks for. An outcome that there is not, which
// package check finds, has no measure.
func (r Rollout) Judged(p Phase, started time.Time) rollout.Phase {
	const day = 24 * time.Hour
	most := p.MostDays
	if most == 0 {
		most = max(DefaultMostDays, p.LeastDays+1)
	}
	out := rollout.Phase{
		Name: p.Name, Unit: r.Unit, Share: p.part(), Started: started,
		Least: time.Duration(p.LeastDays) * day, Most: time.Duration(most) * day,
	}
	for _, g := range p.Gates {
		out.Gates = append(out.Gates, g.judged(p.Sample))
	}
	return funnel.Fit(out)
}

// judged is the gate before it is fitted to the unit.
func (g Gate) judged(sample int) rollout.Gate {
	o, _ := funnel.Find(g.Outcome)
	out := rollout.Gate{
		Outcome: g.Outcome, Role: g.Kind, Measure: o.Measure, Against: g.Than, Direction: rollout.Higher, Alpha: g.Alpha, Minimum: sample,
	}
	if out.Against == "" {
		out.Against = rollout.Threshold
	}
	if out.Alpha == 0 {
		out.Alpha = DefaultAlpha
	}
	switch {
	case g.AtLeast != nil:
		out.Line = *g.AtLeast
	case g.AtMost != nil:
		out.Direction, out.Line = rollout.Lower, *g.AtMost
	}
	if o.Measure == rollout.Share {
		out.Line /= percent
	}
	out.Minimum = max(out.Minimum, rollout.LeastUnits)
	return out
}
