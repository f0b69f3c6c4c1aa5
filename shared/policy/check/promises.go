package check

import (
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// lintPromises finds clocks that contradict each other or their calendar.
func (c *checker) lintPromises(p *policy.Policy) {
	accept, contact := time.Duration(p.SLA.Accept.Within), time.Duration(p.SLA.FirstContact.Within)
	if contact < accept {
		c.warn("sla.first_contact.within", "the customer is promised a contact before the rep must have accepted; make it longer than accept.within, %s", p.SLA.Accept.Within)
	}
	open, closed := week(p.Calendars[p.SLA.Calendar])
	for _, clock := range []struct {
		path   string
		within time.Duration
	}{{"sla.accept.within", accept}, {"sla.first_contact.within", contact}} {
		if clock.within > 4*open {
			c.warn(clock.path, "counts working time only, of which a week has %s, so this is more than four weeks; shorten it", policy.Duration(open))
		}
	}
	if need := closed + accept; time.Duration(p.Routing.LinkHours)*time.Hour < need {
		hours := int((need + time.Hour - 1) / time.Hour)
		c.warn("routing.link_hours", "the links of a lead that comes at closing time stop working before the rep must have answered; give them at least %d hours", hours)
	}
}

// week returns how long a calendar without holidays is open in a week, and
// its longest closed stretch.
func week(cal policy.Calendar) (open, longestClosed time.Duration) {
	const day = 24 * 60
	var spans []interval
	for i, name := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		for _, text := range cal.Hours[name] {
			if v, ok := parseInterval(text); ok {
				spans = append(spans, interval{text, v.start + i*day, v.end + i*day})
			}
		}
	}
	if len(spans) == 0 {
		return 0, 0
	}
	slices.SortFunc(spans, func(a, b interval) int { return a.start - b.start })
	gap := spans[0].start + 7*day - spans[len(spans)-1].end
	sum := 0
	for i, v := range spans {
		sum += v.end - v.start
		if i > 0 {
			gap = max(gap, v.start-spans[i-1].end)
		}
	}
	return time.Duration(sum) * time.Minute, time.Duration(gap) * time.Minute
}

// lintReps finds pools that cannot do what the policy asks of them.
func (c *checker) lintReps(p *policy.Policy) {
	pool := p.Routing.Pools[p.Routing.Fallback]
	path := "routing.pools." + p.Routing.Fallback
	n := active(pool)
	if n == 1 {
		c.warn(path+".reps", "one rep alone receives every lead, and nobody takes over what that rep rejects; add another")
	}
	if p.Escalation.MaxReps > n && n > 1 {
		c.warn("escalation.max_reps", "only %d reps of the pool receive leads; lower it to %d, or add reps", n, n)
	}
	seen := map[string]bool{}
	for i, r := range pool.Reps {
		if seen[r.Email] {
			c.warn(fmt.Sprintf("%s.reps[%d].email", path, i), "another rep has the same address, so one person gets two shares; use weight instead")
		}
		seen[r.Email] = true
	}
	c.lintMentions(p, path, pool)
}

// lintMentions finds people who are told by Slack but cannot be mentioned.
func (c *checker) lintMentions(p *policy.Policy, path string, pool policy.Pool) {
	told := map[string]bool{}
	for _, n := range p.Notifications {
		told[n.To] = told[n.To] || slices.Contains(n.Channels, "slack")
	}
	const advice = "is told by Slack without a mention; add slack, the member id, or leave the channel slack out"
	if told["manager"] && pool.Manager.Slack == "" {
		c.warn(path+".manager", advice)
	}
	if told["operator"] && p.Operator.Slack == "" {
		c.warn("operator", advice)
	}
	for i, r := range pool.Reps {
		if told["holder"] && r.Slack == "" {
			c.warn(fmt.Sprintf("%s.reps[%d]", path, i), advice)
		}
	}
}
