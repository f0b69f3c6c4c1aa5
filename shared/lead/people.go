package lead

import (
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// People are the reps of a pool as a choice sees them, in the policy's order:
// whether they are off, their hours and their leaves. None of them had the lead
// before.
func (c *Core) People(pool string, roster routing.Roster) []routing.Candidate {
	p := c.policy.Routing.Pools[pool]
	all := make([]routing.Candidate, len(p.Reps))
	for i, r := range p.Reps {
		all[i] = routing.Candidate{Rep: r, Off: roster.Says(r), Hours: c.onDuty(p, r), Leave: c.away(p, r, roster)}
	}
	return all
}

// Team returns the hours of a pool. It is nil for a pool that the policy does
// not have.
func (c *Core) Team(pool string) *worktime.Calendar {
	p, ok := c.policy.Routing.Pools[pool]
	if !ok {
		return nil
	}
	return c.team(p)
}
