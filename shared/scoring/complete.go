package scoring

import (
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Lacking returns those of some needs that a lead does not meet, in their order.
func (f Facts) Lacking(needs []policy.Need) []policy.Need {
	var all []policy.Need
	for _, n := range needs {
		if !n.MetBy(func(field string) bool { return signal.Says(f.Profile[field].Value) }) {
			all = append(all, n)
		}
	}
	return all
}

// Needs returns what the policy asks of a lead that came from where this one did.
func (f Facts) Needs(c *rules.Compiled) policy.Needs { return c.Completeness.For(f.Origin.Source()) }
