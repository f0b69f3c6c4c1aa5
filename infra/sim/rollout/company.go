package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/signal"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
)

// company is the truth about the leads of a company.
type company struct {
	perWeek    float64 // accounts that come
	colleagues float64 // further leads of an account, on the average
	// What happens to a lead in the process, and in control.
	treated, control truth
	// alike is how much the accounts differ: the share of meetings is that much
	// higher in half of them, and lower in the others.
	alike float64
	// crossed is the part of the process' effect on meetings that a lead in control
	// feels when a colleague who came before is in the process.
	crossed float64
}

// truth is what happens to the leads of one arm.
type truth struct {
	accepts float64 // share that is accepted
	meets   float64 // share that books a meeting
	hours   float64 // mean time to the first contact
}

// drawn is what is drawn, and what is counted as a unit.
type drawn struct {
	unit string // funnel.UnitAccount or funnel.UnitLead
	// asLeads counts leads although accounts are drawn: what we never do.
	asLeads bool
}

// story is the life of all leads of one phase: what becomes of their records,
// in order of time.
type story struct {
	company
	drawn
	r       *rand.Rand
	seed    string
	phase   rollout.Phase
	asked   map[funnel.Event]bool // events that no gate asks about are not told
	changes []dated
}

type dated struct {
	at time.Time
	evidence.Change
}

// write makes the story up.
func (c company) write(r *rand.Rand, phase rollout.Phase, outcomes []funnel.Outcome, d drawn) []dated {
	s := &story{company: c, drawn: d, r: r, seed: strconv.FormatUint(r.Uint64(), 36), phase: phase, asked: map[funnel.Event]bool{}}
	for _, o := range outcomes {
		s.asked[o.Event] = true
	}
	end := phase.Started.Add(phase.Most)
	wait := func(mean time.Duration) time.Duration { return time.Duration(r.ExpFloat64() * float64(mean)) }
	between := time.Duration(float64(week) / c.perWeek)
	for n, at := 0, phase.Started.Add(wait(between)); at.Before(end); n, at = n+1, at.Add(wait(between)) {
		s.account(fmt.Sprint("account", n), at)
	}
	slices.SortStableFunc(s.changes, func(a, b dated) int { return a.at.Compare(b.at) })
	return s.changes
}

// account lives through the leads of one account: the first, and its colleagues
// in the two weeks that follow.
func (s *story) account(name string, at time.Time) {
	const spread = 2 * week
	warm := s.alike
	if s.r.IntN(2) == 0 {
		warm = -warm
	}
	times := []time.Time{at}
	more := s.colleagues / (1 + s.colleagues)
	for s.r.Float64() < more && len(times) < 20 {
		times = append(times, at.Add(time.Duration(s.r.Float64()*float64(spread))))
	}
	slices.SortFunc(times, time.Time.Compare)
	touched := false
	for i, t := range times {
		key := fmt.Sprintf("%s.%d", name, i)
		unit := name
		if s.unit == funnel.UnitLead {
			unit = key
		}
		in := rollout.In(rollout.Bucket(s.seed, unit), s.phase.Share)
		s.lead(key, unit, t, in, warm, touched)
		touched = touched || in
	}
}

// lead lives through one lead.
func (s *story) lead(key, unit string, at time.Time, in bool, warm float64, touched bool) {
	e := funnel.Enrolment{Phase: s.phase.Name, Round: 1, Unit: s.unit, ID: unit, Arm: funnel.Control, At: at}
	if s.asLeads {
		e.Unit, e.ID = funnel.UnitLead, key
	}
	t := s.control
	switch {
	case in:
		e.Arm, t = funnel.Treatment, s.treated
	case touched:
		t.meets += s.crossed * (s.treated.meets - s.control.meets)
	}
	c := evidence.Change{Lead: signal.LeadKey(key), Version: 1, Record: funnel.Record{Enrolment: e}}
	after := func(mean float64) time.Duration { return time.Duration(s.r.ExpFloat64() * mean * float64(time.Hour)) }
	happened := map[funnel.Event]time.Duration{}
	if in && s.r.Float64() < t.accepts {
		happened[funnel.Accepted] = after(3)
	}
	if t.hours > 0 {
		happened[funnel.Contacted] = after(t.hours)
	}
	if s.r.Float64() < t.meets+warm {
		happened[funnel.Meeting] = time.Duration(s.r.Float64() * 14 * float64(day)) // all of them within the window
	}
	s.tell(c, happened)
}

// tell adds the versions of a lead's record.
func (s *story) tell(c evidence.Change, happened map[funnel.Event]time.Duration) {
	at := c.Record.Enrolment.At
	s.changes = append(s.changes, dated{at, c})
	order := []funnel.Event{funnel.Accepted, funnel.Contacted, funnel.Meeting}
	slices.SortStableFunc(order, func(a, b funnel.Event) int { return int(happened[a] - happened[b]) })
	for _, e := range order {
		after, ok := happened[e]
		if !ok || !s.asked[e] {
			continue
		}
		events := map[funnel.Event]time.Time{e: at.Add(after)}
		for earlier, t := range c.Record.Events {
			events[earlier] = t
		}
		c.Version, c.Record.Events = c.Version+1, events
		if e == funnel.Contacted {
			c.Record.Minutes = min(int64(math.Round(after.Minutes())), funnel.MostMinutes)
		}
		s.changes = append(s.changes, dated{at.Add(after), c})
	}
}
