package lead

import (
	"reflect"
	"sync"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// overlay keeps the core under the roster that was laid over the policy last:
// mostly the next decision has the same.
type overlay struct {
	base *Core // without a roster

	mu     sync.Mutex
	roster routing.Roster
	core   *Core // nil: none yet
}

// Over returns the core under the policy with a roster laid over its reps; see
// routing.Roster. Whatever roster this core was under before counts no more.
// Hours of a rep that cannot be used are left out: what is entered was checked.
func (c *Core) Over(r routing.Roster) *Core {
	o := c.over
	if len(r.Reps) == 0 {
		return o.base
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.core == nil || o.roster.Version != r.Version || !reflect.DeepEqual(o.roster.Reps, r.Reps) {
		o.roster, o.core = r, o.lay(r)
	}
	return o.core
}

// lay makes the core anew. Calendars that are as they were are used again.
func (o *overlay) lay(r routing.Roster) *Core {
	core := &Core{policy: o.base.policy.Under(r.Over(o.base.policy.Policy)), calendars: o.base.calendars, phases: o.base.phases, over: o, groups: o.base.groups}
	if len(core.policy.Calendars) == len(o.base.calendars) {
		return core
	}
	core.calendars = make(map[string]*worktime.Calendar, len(core.policy.Calendars))
	for name, hours := range core.policy.Calendars {
		if known := o.base.calendars[name]; known != nil {
			core.calendars[name] = known
			continue
		}
		if o.core != nil && o.core.calendars[name] != nil && reflect.DeepEqual(o.core.policy.Calendars[name], hours) {
			core.calendars[name] = o.core.calendars[name]
			continue
		}
		if made, err := worktime.FromPolicy(core.policy.Policy, name); err == nil {
			core.calendars[name] = made
		}
	}
	return core
}

// Policy is the policy that the core decides under: with the roster laid over
// that Over was given.
func (c *Core) Policy() *rules.Compiled { return c.policy }

// People are the reps of a pool as a choice sees them, in the policy's order:
// whether they are off, their hours and their leaves. None of them had the lead
// before.
func (c *Core) People(pool string, roster routing.Roster) []routing.Candidate {
	c = c.Over(roster)
	p := c.policy.Routing.Pools[pool]
	all := make([]routing.Candidate, len(p.Reps))
	for i, r := range p.Reps {
		all[i] = c.candidate(p, r)
	}
	return all
}

// candidate is a rep with what the policy that holds says of them.
func (c *Core) candidate(p policy.Pool, r policy.Rep) routing.Candidate {
	return routing.Candidate{Rep: r, Off: r.Off, Hours: c.onDuty(p, r), Leave: c.away(p, r)}
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
