package check

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// access finds sessions that cannot be, and pools that nobody can manage.
func (c *checker) access(p *policy.Policy) {
	s := p.Access.Session
	for _, d := range []struct {
		path string
		time policy.Duration
	}{{"access.session.idle", s.Idle}, {"access.session.longest", s.Longest}} {
		if d.time != 0 && time.Duration(d.time) < time.Minute {
			c.meaning(d.path, "nobody gets anything done in %s; make it 1m or longer", d.time)
		}
	}
	if s.Idle > 0 && s.Longest > 0 && s.Idle > s.Longest {
		c.meaning("access.session.idle", "is longer than longest, after which a session ends in any case; lower it, or raise longest")
	}
	pools := slices.Sorted(maps.Keys(p.Routing.Pools))
	for i, name := range p.Access.Roles.Manager.Pools {
		switch {
		case name == policy.AllPools && !slices.Contains(pools, name) && len(p.Access.Roles.Manager.Pools) > 1:
			c.meaning("access.roles.manager.pools", "all is every pool; write pools: all, or list them")
		case name != policy.AllPools:
			c.exists(fmt.Sprintf("access.roles.manager.pools[%d]", i), "pool", name, pools)
		}
	}
}

// lintAccess finds a stack that nobody looks after, and roles that open nothing.
func (c *checker) lintAccess(p *policy.Policy) {
	r := p.Access.Roles
	if empty(r.Operator) && p.Operator.Email == "" {
		c.warn("access", "nobody is an operator, so nobody can change anything on the pages; add your address to access.roles.operator.emails")
	}
	switch m := r.Manager; {
	case !empty(m.Members) && len(m.Pools) == 0:
		c.warn("access.roles.manager", "these people manage no pool; add pools: all, or a list of them")
	case empty(m.Members) && len(m.Pools) > 0:
		c.warn("access.roles.manager.pools", "nobody has this role; add emails or groups, or empty this list")
	}
}

func empty(m policy.Members) bool { return len(m.Emails) == 0 && len(m.Groups) == 0 }
