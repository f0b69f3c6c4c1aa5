package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/office"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// invariant is something that must never happen.
type invariant string

// What must never happen, in the order in which it is reported.
const (
	capExceeded  invariant = "caps exceeded"
	leadToAbsent invariant = "leads to reps who were absent or off"
	youngerFirst invariant = "leads handed off before an older one that waited"
	remindedAway invariant = "reminders outside the receiver's hours"
	beyondBound  invariant = "reps further from their share than the bound"
	wrongBalance invariant = "balances that differ from our own count"
	wrongVerdict invariant = "deadlines with no verdict, or two"
	wrongHolder  invariant = "leads counted with another holder than theirs"
)

func invariants() []invariant {
	return []invariant{capExceeded, leadToAbsent, youngerFirst, remindedAway, beyondBound, wrongBalance, wrongVerdict, wrongHolder}
}

// checker looks at what the office tells and counts again, by means of its own,
// what must never happen. It uses none of the code that decided.
type checker struct {
	policy *policy.Policy
	reps   map[string]*rep
	hours  map[string]plainHours // by calendar

	taken   map[string][]taken                     // by rep, oldest first
	open    map[string]map[signal.LeadKey]bool     // by rep: the leads that they hold; true for a giant's
	waiting map[string]map[signal.LeadKey]waiting  // by pool
	broken  map[invariant][]string                 // what happened, in words
	clocks  map[contract.EventType]map[promise]int // events of clocks
	held    int
	longest time.Duration // that a held lead waited
	// overtook counts the leads that came before an older one of another queue.
	overtook int
}

// taken is a lead that a rep received by our choice.
type taken struct {
	at     time.Time
	lead   signal.LeadKey
	number int
	giant  bool
}

// waiting is a lead in a queue.
type waiting struct {
	since time.Time // from when the customer waits
	held  time.Time
	giant bool
	had   bool // somebody had it before
}

func newChecker(p *policy.Policy, reps map[string]*rep) *checker {
	c := &checker{
		policy: p, reps: reps, hours: map[string]plainHours{},
		taken: map[string][]taken{}, open: map[string]map[signal.LeadKey]bool{}, waiting: map[string]map[signal.LeadKey]waiting{},
		broken: map[invariant][]string{}, clocks: map[contract.EventType]map[promise]int{},
	}
	for name, cal := range p.Calendars {
		c.hours[name] = readHours(cal, p.Holidays)
	}
	for id := range reps {
		c.open[id] = map[signal.LeadKey]bool{}
	}
	for name := range p.Routing.Pools {
		c.waiting[name] = map[signal.LeadKey]waiting{}
	}
	return c
}

func (c *checker) breaks(i invariant, at time.Time, format string, args ...any) {
	c.broken[i] = append(c.broken[i], at.Format("Mon 2 Jan 15:04:05 ")+fmt.Sprintf(format, args...))
}

// see takes in one event of a decision about a visitor's lead.
func (c *checker) see(e contract.Event, d office.Decided, v *visitor) {
	k := d.Lead.Key
	switch e.Type { //nolint:exhaustive // The others are not about what is checked.
	case contract.LeadHandedOff, contract.LeadReassigned:
		c.leave(k)
		c.assigned(e, d, v)
	case contract.LeadHeld:
		q := d.Lead.Journey.Held
		c.leave(k)
		c.held++
		c.waiting[q.Pool][k] = waiting{since: q.Waits, held: e.Time, giant: v.giant, had: len(q.HadBy) > 0}
	case contract.LeadRejected:
		c.leave(k)
		if replaces(c.policy, e.Detail.Reason) {
			r := e.Detail.Handoff
			c.taken[r.Rep] = slices.DeleteFunc(c.taken[r.Rep], func(t taken) bool { return t.lead == k && t.number == r.Number })
		}
	case contract.LeadRecycled, contract.LeadDisqualified:
		c.leave(k)
	case contract.LeadStageChanged:
		if s := lead.Stage(e.Detail.Stage); s == lead.Won || s == lead.Lost {
			c.leave(k)
		}
	case contract.ClockWarned:
		c.reminded(e)
	}
	if strings.HasPrefix(string(e.Type), "clock.") {
		if c.clocks[e.Type] == nil {
			c.clocks[e.Type] = map[promise]int{}
		}
		c.clocks[e.Type][promiseOf(e.Detail.Clock)]++
	}
}

// leave notes that nobody holds a lead, nor does it wait.
func (c *checker) leave(k signal.LeadKey) {
	for _, leads := range c.open {
		delete(leads, k)
	}
	for _, queue := range c.waiting {
		delete(queue, k)
	}
}

// assigned checks one handoff. Hours, caps and turns are for our own choices;
// a manager who gives a lead to somebody answers for it.
func (c *checker) assigned(e contract.Event, d office.Decided, v *visitor) {
	h, k := e.Detail.Handoff, d.Lead.Key
	r := c.reps[h.Rep]
	if before := d.Before; before != nil && before.Journey.Held != nil {
		c.longest = max(c.longest, e.Time.Sub(before.Journey.Held.Waits))
	}
	if by := d.Lead.Journey.Handoff.By; ours(by) {
		t := taken{e.Time, k, h.Number, v.giant}
		c.checkCaps(r, h.Pool, t)
		c.checkPresence(r, e.Time)
		if !strings.HasPrefix(by, "owner of ") {
			c.checkTurn(h.Pool, k, d, v.giant, e.Time)
		}
		c.taken[h.Rep] = append(c.taken[h.Rep], t)
	}
	c.open[h.Rep][k] = v.giant
}

// ours tells whether the rules chose the holder, and no person or CRM named them.
func ours(by string) bool { return by != "by order" && !strings.HasPrefix(by, "owner in ") }

// checkPresence tells of a lead for somebody who is off, on leave, or on leave
// when their next shift begins.
func (c *checker) checkPresence(r *rep, at time.Time) {
	next := at
	const step, farthest = 5 * time.Minute, 21 * 24 * time.Hour
	for !c.onDuty(r, next) && next.Sub(at) < farthest {
		next = next.Truncate(step).Add(step)
	}
	switch {
	case r.off:
		c.breaks(leadToAbsent, at, "%s is switched off", r.ID)
	case r.isAway(at) || r.isAway(next):
		c.breaks(leadToAbsent, at, "%s is away", r.ID)
	}
}

// checkTurn tells of older leads of the same kind that wait for the same pool. A
// lead that waited in the queue of another pool, which it would have been for
// rather, may come first; such cases are only counted.
func (c *checker) checkTurn(pool string, k signal.LeadKey, d office.Decided, giant bool, at time.Time) {
	since := d.Lead.Journey.Handoff.Waits
	for _, other := range slices.Sorted(maps.Keys(c.waiting[pool])) {
		w := c.waiting[pool][other]
		if other == k || w.had || (w.giant && !giant) || !w.since.Before(since) {
			continue
		}
		if before := d.Before; before != nil && before.Journey.Held != nil && before.Journey.Held.Pool != pool {
			c.overtook++
		} else {
			c.breaks(youngerFirst, at, "%s of %s before %s of %s", k, since.Format("15:04:05"), other, w.since.Format("15:04:05"))
		}
		return
	}
}

// checkCaps tells of every cap of a rep that leaves no room for a lead.
func (c *checker) checkCaps(r *rep, pool string, t taken) {
	p := c.policy.Routing.Pools[pool]
	caps := p.Caps
	for _, promised := range p.Reps {
		if promised.ID == r.ID && len(promised.Caps) > 0 {
			caps = promised.Caps
		}
	}
	zone := c.hours[p.Calendar].zone
	for _, limit := range caps {
		if limit.Tag != "" && !t.giant {
			continue
		}
		if n := c.used(r.ID, limit, t.at, zone); n >= limit.Most {
			c.breaks(capExceeded, t.at, "%s has had %d of %d per %s %s", r.ID, n, limit.Most, limit.Per, limit.Tag)
		}
	}
}

// used counts the leads of a rep that a cap is about.
func (c *checker) used(rep string, limit policy.Cap, at time.Time, zone *time.Location) (n int) {
	if limit.Per == policy.CapOpen {
		for _, giant := range c.open[rep] {
			if limit.Tag == "" || giant {
				n++
			}
		}
		return n
	}
	const longest = 32 * 24 * time.Hour
	for _, t := range slices.Backward(c.taken[rep]) {
		if at.Sub(t.at) > longest {
			break
		}
		if (limit.Tag == "" || t.giant) && sameWindow(limit.Per, t.at, at, zone) {
			n++
		}
	}
	return n
}

// sameWindow tells whether two instants lie in the same window of a cap.
func sameWindow(per string, a, b time.Time, zone *time.Location) bool {
	a, b = a.In(zone), b.In(zone)
	switch per {
	case policy.CapHour:
		return a.Format("2006-01-02 15") == b.Format("2006-01-02 15")
	case policy.CapDay:
		return a.Format(time.DateOnly) == b.Format(time.DateOnly)
	case policy.CapWeek:
		year, week := a.ISOWeek()
		otherYear, otherWeek := b.ISOWeek()
		return year == otherYear && week == otherWeek
	case policy.CapMonth:
		return a.Format("2006-01") == b.Format("2006-01")
	}
	length, err := time.ParseDuration(per)
	return err == nil && b.Sub(a) < length
}

// reminded checks that a reminder reaches its receiver at work.
func (c *checker) reminded(e contract.Event) {
	r := c.reps[e.Detail.Handoff.Rep]
	if !c.onDuty(r, e.Time) || r.isAway(e.Time) {
		c.breaks(remindedAway, e.Time, "%s is reminded of %s at %s", r.ID, e.Detail.Clock.Kind, e.Time.In(r.zone).Format("Mon 15:04:05"))
	}
}

// onDuty tells whether both the rep and their pool work at t, by the policy's
// words.
func (c *checker) onDuty(r *rep, t time.Time) bool {
	pool := c.policy.Routing.Pools[r.pool]
	return c.hours[pool.Calendar].open(t) && (r.Calendar == "" || c.hours[r.Calendar].open(t))
}

// plainHours are a calendar as one reads it on the wall.
type plainHours struct {
	zone   *time.Location
	days   [7][][2]string // from Sunday: intervals, each as "09:00" and "17:00"
	closed map[string]bool
}

func readHours(cal policy.Calendar, holidays map[string][]string) plainHours {
	zone, err := time.LoadLocation(cal.Zone)
	if err != nil {
		zone = time.UTC // the office would not have opened
	}
	h := plainHours{zone: zone, closed: map[string]bool{}}
	for i, name := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
		for _, text := range cal.Hours[name] {
			from, to, _ := strings.Cut(text, "-")
			h.days[i] = append(h.days[i], [2]string{from, to})
		}
	}
	for _, region := range cal.Regions {
		for _, day := range holidays[region] {
			h.closed[day] = true
		}
	}
	return h
}

func (h plainHours) open(t time.Time) bool {
	local := t.In(h.zone)
	reading := local.Format("15:04")
	return !h.closed[local.Format(time.DateOnly)] && slices.ContainsFunc(h.days[local.Weekday()], func(v [2]string) bool {
		return v[0] <= reading && reading < v[1]
	})
}
