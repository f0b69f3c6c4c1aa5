package rules

import (
	"fmt"
	"maps"
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
)

// RouteEnv is what expressions about where a lead goes, and how soon, see.
type RouteEnv struct {
	Lead       LeadFields     `expr:"lead"`
	Email      EmailFields    `expr:"email"`
	Standard   StandardFields `expr:"standard"`
	Origin     OriginFields   `expr:"origin"`
	Consent    ConsentFields  `expr:"consent"`
	Account    AccountFields  `expr:"account"`
	Source     string         `expr:"source"` // of the qualifying signal
	Fit        FitFields      `expr:"fit"`
	Engagement int            `expr:"engagement"` // 0 to 100
	Request    string         `expr:"request"`    // the name of the request that qualified the lead; "" for its score
}

// SegmentEnv is what expressions of the segments of a rollout's phases see: what
// routing does, and what follows from its rules.
type SegmentEnv struct {
	RouteEnv
	Tier string `expr:"tier"` // the name of the lead's tier, "" for none
	Team string `expr:"team"` // the pool that is tried first for the lead
}

// AccountFields is the lead's company, as far as it is known.
type AccountFields struct {
	Known    bool   `expr:"known"` // the company had a handoff before
	Name     string `expr:"name"`
	Domain   string `expr:"domain"`
	Owner    string `expr:"owner"` // the id of the rep who has it
	Handoffs int    `expr:"handoffs"`
}

// FitFields is how well the lead matches.
type FitFields struct {
	Grade string `expr:"grade"` // A to D
	Score int    `expr:"score"`
}

// routePrograms are the expressions over RouteEnv.
type routePrograms struct {
	rules []program
	tiers []program
	tags  map[string]program
	caps  map[string]program // by the expression's text
	// segments are those of each phase of the rollout.
	segments [][]program
}

// compileRoute compiles the expressions over RouteEnv.
func (b *builder) compileRoute(p *policy.Policy) routePrograms {
	out := routePrograms{tags: map[string]program{}, caps: map[string]program{}}
	for i, r := range p.Routing.Rules {
		out.rules = append(out.rules, b.route(fmt.Sprintf("routing.rules[%d].when", i), r.When))
	}
	for i, t := range p.SLA.Tiers {
		out.tiers = append(out.tiers, b.route(fmt.Sprintf("sla.tiers[%d].when", i), t.When))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Tags)) {
		out.tags[name] = b.route("routing.tags."+name, p.Routing.Tags[name])
	}
	EachCap(p, func(path string, c policy.Cap) {
		if _, known := out.caps[c.When]; c.When != "" && !known {
			out.caps[c.When] = b.route(path+".when", c.When)
		}
	})
	out.segments = make([][]program, len(p.Rollout.Phases))
	eachSegment(p, func(i, j int, s policy.Segment) {
		out.segments[i] = append(out.segments[i], b.segment(fmt.Sprintf("rollout.phases[%d].segments[%d].when", i, j), s.When))
	})
	return out
}

// Under returns the same rules over another policy that differs in its reps and
// calendars alone, as a roster that is laid over makes it. A condition of a cap
// that cannot be compiled is about no lead.
func (c *Compiled) Under(p *policy.Policy) *Compiled {
	if p == c.Policy {
		return c
	}
	out := *c
	out.Policy = p
	var b builder
	EachCap(p, func(path string, limit policy.Cap) {
		if _, known := out.route.caps[limit.When]; known || limit.When == "" {
			return
		}
		if len(out.route.caps) == len(c.route.caps) {
			out.route.caps = maps.Clone(c.route.caps)
		}
		out.route.caps[limit.When] = b.route(path+".when", limit.When)
	})
	return &out
}

// EachCap calls use for every cap of the policy with its place, in order.
func EachCap(p *policy.Policy, use func(path string, c policy.Cap)) {
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		pool := p.Routing.Pools[name]
		for i, c := range pool.Caps {
			use(fmt.Sprintf("routing.pools.%s.caps[%d]", name, i), c)
		}
		for j, r := range pool.Reps {
			for i, c := range r.Caps {
				use(fmt.Sprintf("routing.pools.%s.reps[%d].caps[%d]", name, j, i), c)
			}
		}
	}
}

// RouteMatches returns the indices of the Routing.Rules that match. Errors are
// as in FitMatches.
func (c *Compiled) RouteMatches(env RouteEnv) ([]int, error) { return matches(c.route.rules, env) }

// InSegment tells whether a phase of the rollout, by its index, is about the
// lead, and by which segment: "" when it has none, as then it is about all.
// Errors are as in FitMatches.
func (c *Compiled) InSegment(phase int, env SegmentEnv) (name string, in bool, err error) {
	if len(c.route.segments[phase]) == 0 {
		return "", true, nil
	}
	hits, err := matches(c.route.segments[phase], env)
	if len(hits) == 0 {
		return "", false, err
	}
	return c.Rollout.Phases[phase].Segments[hits[0]].Name, true, err
}

// Tier returns the name of the first of SLA.Tiers that fits the lead, "" for
// none. Errors are as in FitMatches.
func (c *Compiled) Tier(env RouteEnv) (string, error) {
	hits, err := matches(c.route.tiers, env)
	if len(hits) == 0 {
		return "", err
	}
	return c.SLA.Tiers[hits[0]].Name, err
}

// TierClocks returns what is promised for the leads of a tier: the clocks of
// the policy, with those that the tier sets. A name that the policy does not
// know sets none.
func (c *Compiled) TierClocks(tier string) policy.Clocks {
	clocks := c.SLA.Clocks
	i := slices.IndexFunc(c.SLA.Tiers, func(t policy.Tier) bool { return t.Name == tier })
	if i < 0 {
		return clocks
	}
	t := c.SLA.Tiers[i]
	for _, pair := range []struct{ of, by *policy.ClockPolicy }{
		{&clocks.Accept, &t.Accept}, {&clocks.FirstContact, &t.FirstContact}, {&clocks.FollowUp, &t.FollowUp}, {&clocks.Feedback, &t.Feedback},
	} {
		if pair.by.Within > 0 {
			*pair.of = *pair.by
		}
	}
	return clocks
}

// Concerns returns a function that tells whether a cap with a tag or a
// condition is about the lead. Errors are as in FitMatches.
func (c *Compiled) Concerns(env RouteEnv) (func(policy.Cap) bool, error) {
	var run runner
	tags, conditions := map[string]bool{}, map[string]bool{}
	for name, p := range c.route.tags {
		tags[name] = run.bool(p, env)
	}
	for text, p := range c.route.caps {
		conditions[text] = run.bool(p, env)
	}
	return func(limit policy.Cap) bool {
		return (limit.Tag == "" || tags[limit.Tag]) && (limit.When == "" || conditions[limit.When])
	}, run.err()
}
