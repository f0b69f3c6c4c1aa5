package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
)

func phasePath(i int) string { return fmt.Sprintf("rollout.phases[%d]", i) }

// rollout finds phases and gates that cannot work.
func (c *checker) rollout(p *policy.Policy) {
	r := p.Rollout
	for i, phase := range r.Phases {
		path := phasePath(i)
		if _, err := time.Parse(time.DateOnly, phase.Start); err != nil && phase.Start != "" {
			c.meaning(path+".start", "there is no such day as %s", phase.Start)
		}
		if most := phase.MostDays; most > 0 && most <= phase.LeastDays {
			c.meaning(path+".most_days", "it must be more than least_days, but %d is not more than %d", most, phase.LeastDays)
		}
		if share := r.Judged(phase, time.Time{}).Share; phase.Share > 0 && !rollout.In(0, share) {
			c.meaning(path+".share", "%v %% is so little that nobody is in; it is kept to 0.01 %%", phase.Share)
		}
		for j, g := range phase.Gates {
			at := fmt.Sprintf("%s.gates[%d]", path, j)
			c.gate(at, r, phase, j)
			c.reasonOf(at+".outcome", g, p.Routing.Rejections.Reasons)
		}
	}
}

// gate finds what is wrong with one gate, by itself and beside those before it.
func (c *checker) gate(path string, r policy.Rollout, phase policy.Phase, index int) {
	g := phase.Gates[index]
	o, err := funnel.Find(g.Outcome)
	switch {
	case err != nil:
		c.meaning(path+".outcome", "%v", err)
		return
	case o.Asked && g.Than == rollout.Control:
		c.meaning(path+".than", "only the process asks for it, so control has no %s; compare with a threshold", strings.ReplaceAll(o.Name, "_", " "))
		return
	case (g.AtLeast == nil) == (g.AtMost == nil):
		c.meaning(path, "give it one line: at_least where more is better, or at_most where less is")
		return
	case phase.Share == 0:
		c.meaning(path, "nobody is in this phase, so that no gate says anything; remove it, or raise the share")
		return
	case g.Than == rollout.Control && phase.Share <= topShare && !controlled(r, phase):
		c.meaning(path+".than", "everybody is in this phase, so there is no control; compare with a threshold, or lower the share")
		return
	}
	judged := func(gates ...policy.Gate) error {
		return r.Judged(policy.Phase{Share: halfShare, MostDays: 1, Sample: phase.Sample, Gates: gates}, someDay()).Check()
	}
	var sound []policy.Gate
	for _, before := range phase.Gates[:index] {
		if beside := append(slices.Clone(sound), before); judged(beside...) == nil {
			sound = beside
		}
	}
	if err := judged(append(sound, g)...); err != nil {
		c.meaning(path, "%s", strings.TrimPrefix(err.Error(), "gate "+g.Outcome+": "))
	}
}

// halfShare is the share of a phase that has both arms, in percent.
const halfShare = 50

// reasonOf finds a gate on a reason to reject that the policy does not have.
func (c *checker) reasonOf(path string, g policy.Gate, reasons []policy.Rejection) {
	o, err := funnel.Find(g.Outcome)
	if err != nil || o.Reason == "" {
		return
	}
	known := make([]string, len(reasons))
	for i, r := range reasons {
		known[i] = r.ID
	}
	c.exists(path, "reason", o.Reason, known)
}

// controlled tells whether some units that a phase is about are not in it.
func controlled(r policy.Rollout, phase policy.Phase) bool {
	return !rollout.In(rollout.Buckets-1, r.Judged(phase, time.Time{}).Share)
}

// lintRollout finds rollouts that work and are hardly meant so.
func (c *checker) lintRollout(p *policy.Policy) {
	r := p.Rollout
	for i, phase := range r.Phases {
		c.lintPhase(r, i)
		if i > 0 {
			c.lintOrder(r.Phases[i-1], phase, phasePath(i))
		}
	}
	suggests := slices.ContainsFunc(r.Phases, func(p policy.Phase) bool { return p.Mode == rollout.Suggest })
	if suggests && r.ConfirmWithin == 0 {
		c.warn("rollout", "nobody is reminded of a suggestion, and it waits for ever; add confirm_within, such as 8h")
	}
	if n := len(r.Phases); n > 0 && (r.Phases[n-1].Mode != rollout.Auto || r.Phases[n-1].Share < topShare || len(r.Phases[n-1].Segments) > 0) {
		c.warn(phasePath(n-1), "the last phase is not automatic for everybody, so some leads follow the existing process for good; add one that is")
	}
	c.lintControlTold(p)
}

// topShare is everybody, in percent.
const topShare = 100

// lintOrder finds a phase that moves units out that the one before has.
func (c *checker) lintOrder(before, phase policy.Phase, path string) {
	modes := rollout.Modes()
	further := slices.Index(modes, phase.Mode) - slices.Index(modes, before.Mode)
	switch {
	case before.Share == 0: // nobody was in
	case further < 0:
		c.warn(path+".mode", "is less automatic than the phase before it; put the phases in order")
	case further == 0 && phase.Share < before.Share:
		c.warn(path+".share", "takes fewer than the phase before it, so companies that were in are not any more; phases may only grow")
	case further == 0 && len(before.Segments) == 0 && len(phase.Segments) > 0:
		c.warn(path+".segments", "the phase before it is for all leads, so companies that were in are not any more; phases may only grow")
	}
}

// lintPhase finds a phase that nothing promotes or that stays open too long.
func (c *checker) lintPhase(r policy.Rollout, i int) {
	phase, path := r.Phases[i], phasePath(i)
	criterion := phase.Mode != rollout.Shadow && slices.ContainsFunc(phase.Gates, func(g policy.Gate) bool { return g.Kind == rollout.Criterion })
	switch last := i == len(r.Phases)-1; {
	case !last && !criterion && phase.Approve == "":
		c.warn(path, "no criterion promotes it and nobody is named to; add approve, such as operator, or a gate with kind: criterion")
	case last && criterion:
		c.warn(path+".gates", "there is no phase after it, so a criterion promotes nothing; make it a guardrail, or remove it")
	}
	if phase.Mode == rollout.Shadow && len(phase.Gates) > 0 {
		c.warn(path+".gates", "nobody gets a lead in shadow, so no gate is asked there; put them into a later phase")
	}
	if phase.Sample > 0 && phase.Sample < rollout.LeastUnits && len(phase.Gates) > 0 {
		c.warn(path+".sample", "no gate says anything below %d units, so that many are waited for", rollout.LeastUnits)
	}
	c.lintDirections(phase, path)
	if r.Unit == policy.UnitRep || r.Unit == policy.UnitTeam {
		c.lintFewUnits(phase, path, r.Unit)
	}
}

// lintDirections finds gates whose line is on the other side of what they mean: a
// guardrail that rolls back what goes well, a criterion that promotes harm.
func (c *checker) lintDirections(phase policy.Phase, path string) {
	for j, g := range phase.Gates {
		o, err := funnel.Find(g.Outcome)
		if err != nil || (g.AtLeast == nil) == (g.AtMost == nil) || (g.AtLeast != nil) == (o.Direction == rollout.Higher) {
			continue
		}
		better, line := "more", "at_least"
		if o.Direction == rollout.Lower {
			better, line = "less", "at_most"
		}
		c.warn(fmt.Sprintf("%s.gates[%d]", path, j), "of %s, %s is better; write %s, or the gate takes harm for good", strings.ReplaceAll(g.Outcome, "_", " "), better, line)
	}
}

// lintFewUnits finds gates on units of which a company has too few.
func (c *checker) lintFewUnits(phase policy.Phase, path, unit string) {
	if len(phase.Gates) > 0 {
		c.warn(path+".gates", "each %s counts once, and a gate needs %d of them at least; draw accounts or leads, or leave the gates out", unit, rollout.LeastUnits)
	}
}

// lintControlTold finds leads that nobody hears of: those that are left to the
// existing process, and those that wait for a manager.
func (c *checker) lintControlTold(p *policy.Policy) {
	if p.Rollout.Everybody() {
		return
	}
	told := func(on contract.EventType) bool {
		return slices.ContainsFunc(p.Notifications, func(n policy.Notification) bool { return n.On == string(on) })
	}
	if !told(contract.LeadControlRouted) {
		c.warn("notifications", "nobody is told of a lead that is left to the existing process; add { on: lead.control_routed, to: control, channels: [email] }, and rollout.control.notify")
	}
	if !told(contract.LeadSuggested) && slices.ContainsFunc(p.Rollout.Phases, func(p policy.Phase) bool { return p.Mode == rollout.Suggest }) {
		c.warn("notifications", "no manager is told of a handoff to confirm; add { on: lead.suggested, to: manager, channels: [slack, email] }")
	}
}
