package check

import (
	"fmt"
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// lintRules finds rules and tiers that an earlier one leaves nothing, or only
// what its pool cannot take.
func (c *checker) lintRules(p *policy.Policy) {
	conditions := make([]string, len(p.Routing.Rules))
	for i, r := range p.Routing.Rules {
		conditions[i] = r.When
	}
	for i, r := range p.Routing.Rules {
		path := fmt.Sprintf("routing.rules[%d]", i)
		before, ok := c.taken("routing.rules", conditions[:i], r.When)
		line := c.places.line(fmt.Sprintf("routing.rules[%d]", before))
		switch {
		case ok && p.Routing.Rules[before].Pool == r.Pool:
			c.warn(path+".when", "line %d sends all these leads to the same pool before; remove the rule, or put it there", line)
		case ok:
			c.warn(path+".when", "line %d takes all these leads before, so this rule gets only what the pool %s cannot take; put it earlier", line, p.Routing.Rules[before].Pool)
		case c.always(path+".when") && r.Pool == p.Routing.Fallback:
			c.warn(path+".when", "is always true, and its pool is the fallback; remove the rule")
		}
	}
	conditions = nil
	for i, t := range p.SLA.Tiers {
		if before, ok := c.taken("sla.tiers", conditions, t.When); ok {
			c.warn(tierPath(i)+".when", "line %d sets the clocks of all these leads before; put this tier earlier, or remove it", c.places.line(tierPath(before)))
		}
		conditions = append(conditions, t.When)
	}
}

// taken returns the first of the conditions before one that is true whenever
// it is.
func (c *checker) taken(section string, before []string, when string) (int, bool) {
	for i, earlier := range before {
		if c.always(fmt.Sprintf("%s[%d].when", section, i)) || rules.Narrower(when, earlier) {
			return i, true
		}
	}
	return 0, false
}

// always reports whether the expression at path is true whatever the data.
func (c *checker) always(path string) bool {
	return slices.ContainsFunc(c.inspected, func(i rules.Inspection) bool { return i.Path == path && i.Always })
}

// lintReps finds pools that cannot do what the policy asks of them.
func (c *checker) lintReps(p *policy.Policy) {
	most := 0
	for _, name := range usedPools(p) {
		pool, path := p.Routing.Pools[name], "routing.pools."+name
		n := active(pool)
		if n == 1 {
			c.warn(path+".reps", "one rep alone receives every lead, and nobody takes over what that rep rejects; add another")
		}
		most = max(most, n)
		seen := map[string]bool{}
		for i, r := range pool.Reps {
			if seen[r.Email] {
				c.warn(fmt.Sprintf("%s.reps[%d].email", path, i), "another rep has the same address, so one person gets two shares; use weight instead")
			}
			seen[r.Email] = true
		}
		c.lintMentions(p, path, pool)
	}
	if p.Escalation.MaxReps > most && most > 1 {
		c.warn("escalation.max_reps", "only %d reps of a pool receive leads; lower it to %d, or add reps", most, most)
	}
	if told(p, "operator", "slack") && p.Operator.Slack == "" {
		c.warn("operator", noMention)
	}
	c.lintPeople(p)
	if a := p.Routing.Account; len(a.Match) == 0 && len(a.TieBreakers) > 0 {
		c.warn("routing.account.tie_breakers", "no company is told to be a known one, so there is nothing to choose between; give match entries, or remove them")
	}
}

// lintPeople finds people who are away in one pool and there in another.
func (c *checker) lintPeople(p *policy.Policy) {
	first, paths := map[string]policy.Rep{}, map[string]string{}
	c.eachRep(p, func(path, _ string, _ policy.Pool, r policy.Rep) {
		before, ok := first[r.ID]
		if !ok {
			first[r.ID], paths[r.ID] = r, path
			return
		}
		if before.Off != r.Off || !slices.Equal(before.Leave, r.Leave) {
			c.warn(path, "%s has another leave, or another reason to be off, in line %d; one person is away from all pools", r.ID, c.places.line(paths[r.ID]))
		}
	})
}

const noMention = "is told by Slack without a mention; add slack, the member id, or leave the channel slack out"

func told(p *policy.Policy, who, channel string) bool {
	return slices.ContainsFunc(p.Notifications, func(n policy.Notification) bool {
		return n.To == who && slices.Contains(n.Channels, channel)
	})
}

// lintMentions finds people who are told by Slack but cannot be mentioned.
func (c *checker) lintMentions(p *policy.Policy, path string, pool policy.Pool) {
	if told(p, "manager", "slack") && pool.Manager.Slack == "" {
		c.warn(path+".manager", noMention)
	}
	for i, r := range pool.Reps {
		if told(p, "holder", "slack") && r.Slack == "" {
			c.warn(fmt.Sprintf("%s.reps[%d]", path, i), noMention)
		}
	}
}
