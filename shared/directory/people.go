package directory

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// State is how a rep stands, before it is asked for which lead.
type State string

// The states.
const (
	OnDuty  State = "on duty"
	IsOff   State = "off"
	OnLeave State = "on leave"
	Away    State = "not on duty"
)

// Person is how a rep of a pool stands at a moment.
type Person struct {
	routing.Candidate
	Pool     string
	Entry    routing.Entry // what the roster says of them
	State    State
	Next     time.Time      // their next shift; zero while they are on duty, and when there is none
	Zone     *time.Location // of their clock
	Today    []string       // when they are at work on the present day by that clock, such as 09:00-12:30; leave is taken away
	Open     int64          // leads held now
	Received int64          // ever
	Owed     float64        // leads; below zero: had in advance
	Uses     []routing.Use  // of their caps
	Coming   []routing.Away // leave that is not over, in order
}

// People are the reps of a pool as they stand at a moment, in the policy's
// order. The core is that of the policy, and state what is stored of the pool.
func People(core *lead.Core, r routing.Roster, state routing.Pool, at time.Time) []Person {
	core = core.Over(r)
	pool := core.Policy().Routing.Pools[state.Name]
	candidates := core.People(state.Name, r)
	all := make([]Person, len(candidates))
	for i, c := range candidates {
		hours := c.Present()
		all[i] = stand(c, hours, at)
		p, known := &all[i], state.Reps[c.ID]
		p.Pool, p.Entry = state.Name, r.Reps[c.ID]
		p.Open, p.Received, p.Owed = known.Open[""], known.Received, float64(known.Balance)/float64(routing.Lead)
		p.Uses = state.Uses(pool, c.Rep, core.Team(state.Name), at)
		p.Zone = Zone(core.Policy().Policy, c.ID)
		p.Today = today(hours, at, p.Zone)
	}
	return all
}

// stand says how a rep stands, who is there in some hours.
func stand(c routing.Candidate, hours *worktime.Calendar, at time.Time) Person {
	p := Person{Candidate: c}
	onLeave := false
	for _, l := range c.Leave {
		onLeave = onLeave || (!at.Before(l.From) && at.Before(l.To))
		if l.To.After(at) {
			p.Coming = append(p.Coming, l)
		}
	}
	slices.SortFunc(p.Coming, func(a, b routing.Away) int { return a.From.Compare(b.From) })
	switch {
	case c.Off != "":
		p.State = IsOff
		return p
	case onLeave:
		p.State = OnLeave
	case hours.Open(at):
		p.State = OnDuty
		return p
	default:
		p.State = Away
	}
	p.Next = hours.NextOpen(at)
	return p
}

// today lists the open intervals of the day on a zone's clock, to the minute.
func today(hours *worktime.Calendar, at time.Time, zone *time.Location) []string {
	y, m, d := at.In(zone).Date()
	day, end := time.Date(y, m, d, 0, 0, 0, 0, zone), time.Date(y, m, d+1, 0, 0, 0, 0, zone)
	var all []string
	for t := hours.NextOpen(day); !t.IsZero() && t.Before(end); {
		until := closing(hours, t, end)
		all = append(all, t.In(zone).Format("15:04")+"-"+until.In(zone).Format("15:04"))
		t = hours.NextOpen(until)
	}
	return all
}

// closing is when the hours that are open at t close, at the latest at an end.
func closing(hours *worktime.Calendar, t, end time.Time) time.Time {
	shut, open := end, t
	if hours.Elapsed(t, end) == end.Sub(t) {
		return end
	}
	for shut.Sub(open) > time.Minute {
		middle := open.Add(shut.Sub(open) / 2).Truncate(time.Minute)
		if !middle.After(open) {
			break
		}
		if hours.Elapsed(t, middle) == middle.Sub(t) {
			open = middle
		} else {
			shut = middle
		}
	}
	return open.Add(hours.Elapsed(open, shut))
}
