package check

import (
	"fmt"
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
)

// clock is one clock of the policy, or of a tier, and where it stands.
type clock struct {
	name, path string
	policy.ClockPolicy
}

// ofTier reports whether the clock is that of some leads alone.
func (k clock) ofTier() bool { return k.path != "sla."+k.name }

// clocksOf lists the clocks of a block, those that it lacks as well.
func clocksOf(path string, c policy.Clocks) []clock {
	return []clock{
		{"accept", path + ".accept", c.Accept},
		{"first_contact", path + ".first_contact", c.FirstContact},
		{"follow_up", path + ".follow_up", c.FollowUp},
		{"feedback", path + ".feedback", c.Feedback},
	}
}

func tierPath(i int) string { return fmt.Sprintf("sla.tiers[%d]", i) }

// promises checks the clocks, tiers and pauses.
func (c *checker) promises(p *policy.Policy) {
	for _, k := range clocksOf("sla", p.SLA.Clocks) {
		if k.Within <= 0 && (k.name == "accept" || k.name == "first_contact") {
			c.meaning(k.path+".within", "must be more than 0")
		}
		c.attempts(k)
	}
	c.tiers(p.SLA.Tiers)
	c.pause(p.SLA.Pause)
}

func (c *checker) tiers(tiers []policy.Tier) {
	for i, t := range tiers {
		set := false
		for _, k := range clocksOf(tierPath(i), t.Clocks) {
			if k.Within <= 0 && k.ClockPolicy != (policy.ClockPolicy{}) {
				c.meaning(k.path+".within", "must be more than 0; a tier takes no clock away")
			}
			set = set || k.Within > 0
			c.attempts(k)
		}
		if !set {
			c.meaning(tierPath(i), "sets no clock; give it accept, first_contact, follow_up or feedback")
		}
	}
}

func (c *checker) pause(pause policy.Pause) {
	if pause.Most > 0 && pause.Times < 1 {
		c.meaning("sla.pause.times", "must be at least 1, or no pause is allowed; put most: 0h for none")
	}
	if pause.Most > 0 && len(pause.Reasons) == 0 {
		c.meaning("sla.pause.reasons", "a rep chooses one of them to pause; give at least one, or put most: 0h for no pause")
	}
}

func (c *checker) attempts(k clock) {
	switch {
	case k.name != "follow_up" && k.Attempts != 0:
		c.meaning(k.path+".attempts", "only follow_up has attempts; remove it")
	case k.name == "follow_up" && k.Within > 0 && k.Attempts < 1:
		c.meaning(k.path+".attempts", "must be at least 1; leave follow_up out for none")
	}
}

// ladder is what follows from one kind of clock, and where it stands.
type ladder struct {
	kind  string // of the clock
	path  string
	steps []policy.Step
}

func laddersOf(e policy.Escalation) []ladder {
	return []ladder{
		{"accept", "escalation.accept", e.Accept},
		{"first_contact", "escalation.customer", e.Customer},
		{"first_contact", "escalation.first_contact", e.FirstContact},
		{"follow_up", "escalation.follow_up", e.FollowUp},
		{"feedback", "escalation.feedback", e.Feedback},
	}
}

// lengths are the lengths of a kind of clock: that of every lead first, then
// those of tiers; without those that there are not.
func lengths(p *policy.Policy, kind string) []clock {
	all := clocksOf("sla", p.SLA.Clocks)
	for i, t := range p.SLA.Tiers {
		all = append(all, clocksOf(tierPath(i), t.Clocks)...)
	}
	return slices.DeleteFunc(all, func(k clock) bool { return k.name != kind || k.Within <= 0 })
}

// steps checks what follows from clocks.
func (c *checker) steps(p *policy.Policy) {
	for _, l := range laddersOf(p.Escalation) {
		first := map[string]int{}
		for i, s := range l.steps {
			name := s.At.String() + " " + s.Do
			if j, ok := first[name]; ok {
				c.meaning(l.at(i), "is the same step as in line %d; remove one", c.places.line(l.at(j)))
				continue
			}
			first[name] = i
			c.step(p, l, i)
		}
	}
}

// at is the place of a step.
func (l ladder) at(i int) string { return fmt.Sprintf("%s[%d]", l.path, i) }

func (c *checker) step(p *policy.Policy, l ladder, i int) {
	if l.steps[i].Do == policy.DoReassign && p.Escalation.MaxReps == 1 {
		c.meaning(l.at(i)+".do", "nobody else gets a lead while max_reps is 1; raise it, or put manager")
	}
	for _, k := range lengths(p, l.kind) {
		if early(l.steps[i], k) && !k.ofTier() {
			c.meaning(l.at(i)+".at", atOnce, k.Within, k.path)
		}
	}
}

const atOnce = "so long before the deadline of %s (%s) it would come at once; bring it nearer, or write a share such as 50%%"

// early reports whether a step is so long before the deadline that it would
// come at once.
func early(s policy.Step, k clock) bool {
	return s.At.String()[0] == '-' && s.At.Offset(k.Within) == 0
}
