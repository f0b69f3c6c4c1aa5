package routing

import (
	"maps"
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
)

// OwnHours names the calendar of a rep's own hours in a policy that a roster
// was laid over. No calendar of a policy file can be called so.
func OwnHours(rep string) string { return "rep:" + rep }

// Over returns the policy that holds: the given one with the roster laid over
// its reps. What the roster has in place of a field counts; leave is the
// policy's, less what was canceled, with what was entered and read since; Off
// is what Says says. Who was added comes after the reps of the policy, by id.
// What the roster says of pools, calendars and regions that the policy does
// not have is as if it were not said. The given policy is not changed, and is
// returned as it is when the roster says nothing. Laying the same roster over
// twice changes nothing.
func (r Roster) Over(p *policy.Policy) *policy.Policy {
	if len(r.Reps) == 0 {
		return p
	}
	out := *p
	out.Routing.Pools = make(map[string]policy.Pool, len(p.Routing.Pools))
	out.Calendars = maps.Clone(p.Calendars)
	for name, pool := range p.Routing.Pools {
		pool.Reps = r.reps(p, name, pool.Reps)
		out.Routing.Pools[name] = pool
	}
	for id, e := range r.Reps {
		if e.Hours != nil && out.Calendars != nil {
			out.Calendars[OwnHours(id)] = known(*e.Hours, p)
		}
	}
	return &out
}

// reps are those of one pool.
func (r Roster) reps(p *policy.Policy, pool string, before []policy.Rep) []policy.Rep {
	all := make([]policy.Rep, 0, len(before)+1)
	had := map[string]bool{}
	for _, rep := range before {
		had[rep.ID] = true
		if e, said := r.Reps[rep.ID]; !said {
			all = append(all, rep)
		} else if in, told := e.in(p, pool); !e.Gone && (in || !told) {
			all = append(all, r.rep(p, rep, e))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.Reps)) {
		e := r.Reps[id]
		if in, _ := e.in(p, pool); e.Gone || had[id] || !in {
			continue
		}
		base, _, ok := Find(p, id)
		if !ok {
			base = policy.Rep{ID: id, Weight: 1}
		}
		all = append(all, r.rep(p, base, e))
	}
	return all
}

// in tells whether the entry has the rep in a pool. told is false when it
// leaves that to the policy.
func (e Entry) in(p *policy.Policy, pool string) (in, told bool) {
	if e.Pools == nil {
		return false, false
	}
	for _, name := range *e.Pools {
		_, there := p.Routing.Pools[name]
		told = told || there
		in = in || there && name == pool
	}
	return in, told
}

// rep is one rep with the entry laid over.
func (r Roster) rep(p *policy.Policy, rep policy.Rep, e Entry) policy.Rep {
	rep.Off = r.Says(rep)
	over(&rep.Name, e.Name)
	over(&rep.Email, e.Email)
	over(&rep.Slack, e.Slack)
	over(&rep.OwnerIDs, e.OwnerIDs)
	over(&rep.Weight, e.Weight)
	over(&rep.Caps, e.Caps)
	if e.Calendar != nil {
		if _, there := p.Calendars[*e.Calendar]; there || *e.Calendar == "" {
			rep.Calendar = *e.Calendar
		}
	}
	if e.Hours != nil {
		rep.Calendar = OwnHours(rep.ID)
	}
	rep.Leave = e.leave(rep.Leave)
	return rep
}

// leave adds what was entered and read to the policy's leave, each once.
func (e Entry) leave(policys []policy.Leave) []policy.Leave {
	entered := slices.Clone(e.Leave)
	if e.Feed != nil {
		entered = append(entered, e.Feed.Leave...)
	}
	var all []policy.Leave
	for _, l := range policys {
		if !slices.Contains(e.Canceled, l) {
			all = append(all, l)
		}
	}
	for _, l := range entered {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all
}

func over[T any](field *T, by *T) {
	if by != nil {
		*field = *by
	}
}

// known leaves out the regions whose holidays the policy does not have.
func known(c policy.Calendar, p *policy.Policy) policy.Calendar {
	c.Regions = slices.DeleteFunc(slices.Clone(c.Regions), func(region string) bool {
		_, there := p.Holidays[region]
		return !there
	})
	return c
}

// Find returns a rep of a policy and the pools that they are in, by name. ok is
// false for one whom no pool has.
func Find(p *policy.Policy, id string) (rep policy.Rep, pools []string, ok bool) {
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		if r, has := p.Routing.Pools[name].Rep(id); has {
			if !ok {
				rep, ok = r, true
			}
			pools = append(pools, name)
		}
	}
	return rep, pools, ok
}
