package check

import (
	"fmt"
	"maps"
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// eachRep calls use for every rep of every pool with their place.
func (c *checker) eachRep(p *policy.Policy, use func(path, poolName string, pool policy.Pool, r policy.Rep)) {
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		pool := p.Routing.Pools[name]
		for i, r := range pool.Reps {
			use(fmt.Sprintf("routing.pools.%s.reps[%d]", name, i), name, pool, r)
		}
	}
}

func repIDs(p *policy.Policy) []string {
	ids := map[string]bool{}
	for _, pool := range p.Routing.Pools {
		for _, r := range pool.Reps {
			ids[r.ID] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// following are the words of policy.Rejection.Then that are no pools.
func following() []string {
	return []string{policy.ThenNext, policy.ThenManager, policy.ThenRecycle, policy.ThenDisqualify}
}

// pools finds pools that nobody could receive leads of, and people who are
// not who they are elsewhere.
func (c *checker) pools(p *policy.Policy) {
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		pool := p.Routing.Pools[name]
		if len(pool.Reps) > 0 && active(pool) == 0 {
			c.meaning("routing.pools."+name+".reps", "everybody is off, so nobody receives leads; remove the off of at least one")
		}
		if slices.Contains(following(), name) {
			c.meaning("routing.pools."+name, "the name means something else under rejections; choose another")
		}
	}
	first, email, pools := map[string]string{}, map[string]string{}, map[string]string{}
	c.eachRep(p, func(path, name string, _ policy.Pool, r policy.Rep) {
		if before, ok := email[r.ID]; ok && before != r.Email && pools[r.ID] != name {
			c.meaning(path+".email", "%q is another person in line %d, whose address is %s; an id is one person in all pools", r.ID, c.places.line(first[r.ID]), before)
		} else if !ok {
			first[r.ID], email[r.ID], pools[r.ID] = path, r.Email, name
		}
	})
}

func active(pool policy.Pool) int {
	n := 0
	for _, r := range pool.Reps {
		if r.Off == "" {
			n++
		}
	}
	return n
}

// caps checks every cap.
func (c *checker) caps(p *policy.Policy) {
	tags := slices.Sorted(maps.Keys(p.Routing.Tags))
	rules.EachCap(p, func(path string, limit policy.Cap) {
		for _, f := range rules.CapFaults(limit, tags) {
			c.meaning(path+"."+f.Field, "%s", f.Message)
		}
	})
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		pool := p.Routing.Pools[name]
		c.sameCap("routing.pools."+name+".caps", pool.Caps)
		for i, r := range pool.Reps {
			c.sameCap(fmt.Sprintf("routing.pools.%s.reps[%d].caps", name, i), r.Caps)
		}
	}
}

// sameCap finds two limits of one person for the same time and leads.
func (c *checker) sameCap(path string, caps []policy.Cap) {
	for _, pair := range rules.SameCaps(caps) {
		c.meaning(fmt.Sprintf("%s[%d]", path, pair[1]), "line %d limits the same leads in the same time; keep the smaller one", c.places.line(fmt.Sprintf("%s[%d]", path, pair[0])))
	}
}

// rejections checks what follows from the reasons to give a lead back.
func (c *checker) rejections(p *policy.Policy) {
	then := slices.Concat(following(), slices.Sorted(maps.Keys(p.Routing.Pools)))
	for i, r := range p.Routing.Rejections.Reasons {
		path := fmt.Sprintf("routing.rejections.reasons[%d]", i)
		switch {
		case !slices.Contains(then, r.Then):
			c.meaning(path+".then", "%q is neither a pool nor something that follows%s; it is one of %s", r.Then, nearest.Hint(r.Then, then), list(then))
		case r.Then == policy.ThenRecycle && r.Days < 1:
			c.meaning(path+".days", "say after how many days a recycled lead may qualify again")
		case r.Then != policy.ThenRecycle && r.Days != 0:
			c.meaning(path+".days", "only what is recycled comes back after some days; remove it")
		}
	}
}
