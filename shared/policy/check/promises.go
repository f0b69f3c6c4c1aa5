package check

import (
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

const (
	week = 7 * 24 * time.Hour
	// longWeeks is how many weeks of working time are too long for a promise.
	longWeeks = 4
)

// lintPromises finds clocks that contradict each other or their calendar.
func (c *checker) lintPromises(p *policy.Policy) {
	accept, contact := p.SLA.Accept, p.SLA.FirstContact
	c.contactBeforeAccept("sla", accept, contact)
	for i, t := range p.SLA.Tiers {
		if t.Accept.Within > 0 || t.FirstContact.Within > 0 {
			c.contactBeforeAccept(tierPath(i), orElse(t.Accept, accept), orElse(t.FirstContact, contact))
		}
	}
	open := perWeek(c.plain[p.SLA.Calendar])
	for _, name := range []string{"accept", "first_contact", "follow_up", "feedback"} {
		for _, k := range lengths(p, name) {
			if k.Hours != policy.HoursWall && time.Duration(k.Within) > longWeeks*open {
				c.warn(k.path+".within", "counts working time only, of which a week has %s, so this is more than four weeks; shorten it", policy.Duration(open))
			}
		}
	}
	c.lintLinks(p)
}

func orElse(own, general policy.ClockPolicy) policy.ClockPolicy {
	if own.Within > 0 {
		return own
	}
	return general
}

// contactBeforeAccept compares clocks that count alike: those of working time,
// or those of the clock on the wall.
func (c *checker) contactBeforeAccept(path string, accept, contact policy.ClockPolicy) {
	alike := (accept.Hours == policy.HoursWall) == (contact.Hours == policy.HoursWall)
	if alike && contact.Within < accept.Within {
		if path != "sla" {
			c.warn(path, "the customer is promised a contact in %s, before the rep must have accepted in %s; make accept shorter, too", contact.Within, accept.Within)
			return
		}
		c.warn("sla.first_contact.within", "the customer is promised a contact before the rep must have accepted; make it longer than accept.within, %s", accept.Within)
	}
}

// lintLinks finds links that stop working before the rep must have answered,
// at whatever hour the lead comes.
func (c *checker) lintLinks(p *policy.Policy) {
	const quarter = 15 * time.Minute
	longest := time.Duration(0)
	for _, times := range c.plain.inUse(p) {
		open := perWeek(times)
		for _, k := range lengths(p, "accept") {
			if k.Hours == policy.HoursWall {
				longest = max(longest, time.Duration(k.Within))
				continue
			}
			if time.Duration(k.Within) > longWeeks*open {
				continue // it is told to be too long
			}
			for t := someDay(); t.Before(someDay().Add(week)); t = t.Add(quarter) {
				longest = max(longest, times.Add(t, time.Duration(k.Within)).Sub(t))
			}
		}
	}
	if time.Duration(p.Routing.LinkHours)*time.Hour < longest {
		hours := int((longest + time.Hour - 1) / time.Hour)
		c.warn("routing.link_hours", "the links of a lead that comes at closing time stop working before the rep must have answered; give them at least %d hours", hours)
	}
}

// lintSteps finds missed deadlines that nothing follows, and steps that take a
// lead from its holder too early, or belong to no clock.
func (c *checker) lintSteps(p *policy.Policy) {
	for _, l := range laddersOf(p.Escalation) {
		clocks := lengths(p, l.kind)
		if len(clocks) == 0 && len(l.steps) > 0 {
			c.warn(l.path, "there is no such clock; remove the steps, or give sla a %s", l.kind)
			continue
		}
		follows := false
		for i := range l.steps {
			for _, k := range clocks {
				follows = c.lintStep(l, i, k) || follows
			}
		}
		if !follows && (l.path == "escalation.accept" || l.path == "escalation.customer") {
			c.warn(l.path, "nothing follows a missed deadline of %s; add { at: 100%%, do: manager }", clocks[0].Within)
		}
	}
}

// lintStep looks at one step of one clock, and reports whether it comes at the
// deadline or after it.
func (c *checker) lintStep(l ladder, i int, k clock) (late bool) {
	s := l.steps[i]
	late = s.At.Offset(k.Within) >= time.Duration(k.Within)
	switch {
	case k.ofTier() && early(s, k):
		c.warn(l.at(i)+".at", atOnce, k.Within, k.path)
	case !late && (s.Do == policy.DoReassign || s.Do == policy.DoFallback):
		c.warn(l.at(i), "takes the lead from its holder before the deadline of %s (%s); put it at 100%% or later", k.Within, k.path)
	}
	return late
}

// lintRejections finds leads that may come back before sales has promised to
// be done with them.
func (c *checker) lintRejections(p *policy.Policy) {
	open := perWeek(c.plain[p.SLA.Calendar])
	for i, r := range p.Routing.Rejections.Reasons {
		if r.Then != policy.ThenRecycle {
			continue
		}
		for _, k := range slices.Concat(lengths(p, "accept"), lengths(p, "first_contact"), lengths(p, "follow_up"), lengths(p, "feedback")) {
			takes := time.Duration(k.Within)
			if k.Hours != policy.HoursWall {
				takes = time.Duration(float64(takes) / float64(open) * float64(week))
			}
			if days := time.Duration(r.Days) * 24 * time.Hour; takes > days {
				c.warn(fmt.Sprintf("routing.rejections.reasons[%d].days", i), "the lead may come back sooner than %s (%s, about %d days) lets a rep take; make it longer", k.path, k.Within, int(takes.Hours()/24+0.5))
				break
			}
		}
	}
}

// hoursOf are the calendars of a policy without any closed days, by name: what
// a plain week looks like.
type hoursOf map[string]*worktime.Calendar

// plainHours returns the calendars without holidays and closures.
func plainHours(p *policy.Policy) hoursOf {
	bare := &policy.Policy{Calendars: map[string]policy.Calendar{}}
	for name, cal := range p.Calendars {
		cal.Regions, cal.Holidays = nil, nil
		bare.Calendars[name] = cal
	}
	out := hoursOf{}
	for name := range bare.Calendars {
		if times, err := worktime.FromPolicy(bare, name); err == nil {
			out[name] = times
		}
	}
	return out
}

// perWeek returns how long a calendar is open in a week on average, over a
// year: what two zones have in common changes with their clocks.
func perWeek(times *worktime.Calendar) time.Duration {
	const weeks = 52
	return (times.Elapsed(someDay(), someDay().Add(weeks*week)) / weeks).Round(time.Minute)
}
