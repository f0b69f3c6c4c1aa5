package main

import (
	"fmt"
	"math"
	"time"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// chapter is a question, and the scenes that answer it.
type chapter struct {
	title, about string
	null         bool // nothing is to be found: whatever is decided is an error
	spill        bool // about what colleagues do to the numbers
	scenes       []scene
}

// The gates' outcomes. A meeting has a window of two weeks here, so that phases
// need not take half a year.
const (
	accepted = "acceptance"
	meeting  = "meeting_rate within 14 days"
	contact  = funnel.ContactHours
)

const (
	alpha   = 0.05
	perWeek = 40
	meets   = 0.3 // in control
)

// began is a Monday.
func began() time.Time { return time.Date(2026, time.October, 5, 0, 0, 0, 0, time.UTC) }

func phaseOf(unit string, share float64, weeks int, gates ...rollout.Gate) rollout.Phase {
	return rollout.Phase{
		Name: "half", Unit: unit, Share: share, Started: began(), Least: 2 * week, Most: time.Duration(weeks) * week, Gates: gates,
	}
}

func gate(outcome string, role rollout.Role, line float64) rollout.Gate {
	g := rollout.Gate{Outcome: outcome, Role: role, Measure: rollout.Share, Against: rollout.Control, Direction: rollout.Higher, Line: line, Alpha: alpha, Minimum: rollout.LeastUnits}
	switch outcome {
	case accepted:
		g.Against = rollout.Threshold
	case contact:
		g.Measure, g.Direction = rollout.Mean, rollout.Lower
	}
	return g
}

// even is a company in which the process changes nothing.
func even() company {
	t := truth{accepts: 0.7, meets: meets, hours: 8}
	return company{perWeek: perWeek, treated: t, control: t}
}

// with returns the company with another truth in the process.
func (c company) with(change func(*truth)) company {
	change(&c.treated)
	return c
}

// chapters tells what is played. Kind: Invalid, for a scene whose gates cannot be.
func chapters() ([]chapter, error) {
	all := []chapter{noHarm(), harm(), gain(), spill()}
	for i := range all {
		for j := range all[i].scenes {
			s := &all[i].scenes[j]
			outcomes, err := funnel.Of(s.phase)
			if err == nil {
				err = s.phase.Check()
			}
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, s.name, err)
			}
			s.outcomes = outcomes
			if s.drawn.unit == "" {
				s.drawn.unit = s.phase.Unit
			}
		}
	}
	return all, nil
}

func noHarm() chapter {
	one := gate(meeting, rollout.Guardrail, 0)
	half := func(gates ...rollout.Gate) rollout.Phase { return phaseOf(funnel.UnitAccount, 0.5, 16, gates...) }
	many := even()
	many.colleagues, many.alike = 2, 0.25
	peeking := scene{name: "  an ordinary test at 5 %, looked at every hour", company: even(), phase: half(one), naive: true, same: true}
	wrong := scene{
		name: "  accounts of 3 drawn, leads counted as units", company: many, phase: half(one),
		drawn: drawn{unit: funnel.UnitAccount, asLeads: true}, same: true,
	}
	return chapter{
		title: "Without harm", null: true,
		about: "How many phases of 16 weeks are rolled back, or promoted, though the process changes nothing; 40 accounts a week.",
		scenes: []scene{
			{name: "meetings against control, half is in", company: even(), phase: half(one)},
			{name: "the same, one in ten is in", company: even(), phase: phaseOf(funnel.UnitAccount, 0.1, 16, one)},
			{name: "acceptance of 70 %, at 70 %", company: even(), phase: half(gate(accepted, rollout.Guardrail, 0.7))},
			{name: "hours to first contact against control", company: even(), phase: half(gate(contact, rollout.Guardrail, 0))},
			{name: "all three guardrails at once", company: even(), phase: half(one, gate(accepted, rollout.Guardrail, 0.7), gate(contact, rollout.Guardrail, 0))},
			{name: "promotion by meetings against control", company: even(), phase: half(gate(meeting, rollout.Criterion, 0))},
			{name: "accounts of 3 leads that are alike", company: many, phase: half(one)},
			peeking, wrong,
		},
	}
}

func harm() chapter {
	c := chapter{title: "With harm", about: "When phases of 26 weeks are rolled back; 40 accounts a week, half is in."}
	for _, points := range []int{5, 10, 15, 20} {
		less := float64(points) / 100
		c.scenes = append(c.scenes, scene{
			name: fmt.Sprintf("meetings, %d points worse than 30 %%", points), company: even().with(func(t *truth) { t.meets -= less }),
			phase: phaseOf(funnel.UnitAccount, 0.5, 26, gate(meeting, rollout.Guardrail, 0)),
		})
	}
	for _, points := range []int{5, 10, 20} {
		less := float64(points) / 100
		c.scenes = append(c.scenes, scene{
			name: fmt.Sprintf("acceptance, %d points below 70 %%", points), company: even().with(func(t *truth) { t.accepts -= less }),
			phase: phaseOf(funnel.UnitAccount, 0.5, 26, gate(accepted, rollout.Guardrail, 0.7)),
		})
	}
	return c
}

func gain() chapter {
	c := chapter{title: "With a gain", about: "When phases of 26 weeks are promoted; 40 accounts a week, half is in."}
	for _, points := range []int{10, 15, 20, 30} {
		more := float64(points) / 100
		c.scenes = append(c.scenes, scene{
			name: fmt.Sprintf("meetings, %d points better than 30 %%", points), company: even().with(func(t *truth) { t.meets += more }),
			phase: phaseOf(funnel.UnitAccount, 0.5, 26, gate(meeting, rollout.Criterion, 0)),
		})
	}
	for _, points := range []int{5, 10, 20} {
		more := float64(points) / 100
		c.scenes = append(c.scenes, scene{
			name: fmt.Sprintf("acceptance, %d points above 70 %%", points), company: even().with(func(t *truth) { t.accepts += more }),
			phase: phaseOf(funnel.UnitAccount, 0.5, 26, gate(accepted, rollout.Criterion, 0.7)),
		})
	}
	return c
}

// spill is about colleagues: in the process each lead books a meeting 15 points
// more often, and so does, in part, a lead in control whose colleague is in.
func spill() chapter {
	c := chapter{
		title: "Spill-over", spill: true,
		about: "15 accounts of 3 leads a week, 15 points of gain for each lead. What a lead in control takes over of a colleague's gain.",
	}
	for _, crossed := range []float64{0, 0.5, 1} {
		for _, unit := range []string{funnel.UnitAccount, funnel.UnitLead} {
			company := even().with(func(t *truth) { t.meets += 0.15 })
			company.perWeek, company.colleagues, company.alike, company.crossed = 15, 2, 0.15, crossed
			c.scenes = append(c.scenes, scene{
				name:    fmt.Sprintf("%s drawn, %.0f %% taken over", unit, 100*crossed),
				company: company, phase: phaseOf(unit, 0.5, 26, gate(meeting, rollout.Criterion, 0)),
			})
		}
	}
	return c
}

// forecast returns after how many days a scene was expected to be decided.
func (s *scene) forecast() float64 {
	g := s.phase.Gates[0]
	c := s.company
	a := rollout.Assumption{Base: c.control.meets, Change: math.Abs(c.treated.meets - c.control.meets)}
	if g.Outcome == accepted {
		a = rollout.Assumption{Change: math.Abs(c.treated.accepts - g.Line)}
	}
	o, err := evidence.Outlook(s.phase, c.perWeek, rollout.Evidence{}, map[string]rollout.Assumption{g.Outcome: a})
	if err != nil {
		return 0
	}
	return o.Prospects[0].Open.Hours() / 24
}
