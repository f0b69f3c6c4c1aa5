package routing_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// member is a drawn rep together with what their calendar was made from: one
// shift on some days of the week, by the clock of a zone.
type member struct {
	routing.Candidate
	zone     *time.Location
	days     [7]bool
	from, to int // hours of the day
	weight   *big.Rat
}

// given is one lead that was received.
type given struct {
	rep    int
	at     time.Time
	big    bool // caps with a tag are about it
	open   bool
	choice routing.Choice
	shares []*big.Rat
}

// world is a pool, and the recount of all that happened in it: what each rep was
// entitled to, and received, in exact fractions. It restates the rules from
// their description, looks at no state of the package, and steps through time
// by whole days rather than with the package's calendars.
type world struct {
	request  routing.Request
	members  []member
	zone     *time.Location // the pool's
	log      []given
	entitled []*big.Rat
	received []int64
	replaced int64
	held     int64 // leads that nobody could receive
	big      bool  // the lead to be given
}

func zones() []string {
	return []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago", "Pacific/Auckland"}
}

func drawZone(t *rapid.T) *time.Location {
	zone, err := time.LoadLocation(rapid.SampledFrom(zones()).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func drawWorld(t *rapid.T) *world {
	w := &world{zone: drawZone(t)}
	w.request = routing.Request{
		Now: time.Date(2026, 3, 23, 5, 0, 0, 0, time.UTC).AddDate(0, rapid.IntRange(0, 8).Draw(t, "months"), 0),
		Policy: policy.Pool{
			OutsideHours: rapid.SampledFrom([]string{policy.OutsideAssign, policy.OutsideHold}).Draw(t, "outside"),
			LastMinutes:  policy.Duration(rapid.SampledFrom([]time.Duration{0, 15 * time.Minute, time.Hour}).Draw(t, "last minutes")),
			Taper:        policy.Taper{LeaveDays: 5, StopDays: rapid.IntRange(0, 3).Draw(t, "stop days")},
			Caps:         drawCaps(t),
		},
		Concerns: func(policy.Cap) bool { return w.big },
	}
	w.request.Calendar = shifts(t, w.zone, [7]bool{true, true, true, true, true, true, true}, 0, 24)
	for i := range rapid.SampledFrom([]int{1, 2, 3, 4, 5, 6, 8, 12}).Draw(t, "reps") {
		w.members = append(w.members, w.drawMember(t, i))
		w.entitled, w.received = append(w.entitled, new(big.Rat)), append(w.received, 0)
	}
	return w
}

func (w *world) drawMember(t *rapid.T, i int) member {
	m := member{zone: drawZone(t), from: rapid.IntRange(6, 12).Draw(t, "from")}
	m.to = m.from + rapid.SampledFrom([]int{2, 4, 8, 9}).Draw(t, "length")
	m.days = rapid.SampledFrom([][7]bool{
		{false, true, true, true, true, true, false}, {false, true, false, true, false, true, false}, {true, true, true, true, true, true, true},
	}).Draw(t, "days")
	thousandths := rapid.SampledFrom([]int64{1000, 1000, 2000, 500, 100, 3000, 333, 7250}).Draw(t, "weight")
	m.weight = big.NewRat(thousandths, 1000)
	m.Rep = policy.Rep{ID: fmt.Sprint("r", i), Weight: float64(thousandths) / 1000}
	if rapid.Bool().Draw(t, "own caps") {
		m.Caps = drawCaps(t)
	}
	m.Hours = shifts(t, m.zone, m.days, m.from, m.to)
	for range rapid.IntRange(0, 2).Draw(t, "leaves") {
		m.Leave = append(m.Leave, w.drawLeave(t))
	}
	return m
}

// drawLeave is of full hours, at most nine days long, within the next weeks.
func (w *world) drawLeave(t *rapid.T) routing.Away {
	from := w.request.Now.Truncate(time.Hour).Add(time.Duration(rapid.SampledFrom([]int{-24, -3, 0, 5, 30, 71, 130, 300}).Draw(t, "leave from")) * time.Hour)
	return routing.Away{From: from, To: from.Add(time.Duration(rapid.SampledFrom([]int{1, 4, 24, 48, 100, 160, 220}).Draw(t, "leave hours")) * time.Hour)}
}

func drawCaps(t *rapid.T) []policy.Cap {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) policy.Cap {
		c := policy.Cap{
			Per:  rapid.SampledFrom([]string{"hour", "day", "week", "month", "open", "24h", "90m"}).Draw(t, "per"),
			Most: rapid.SampledFrom([]int{1, 2, 3, 5, 8, 20, 50}).Draw(t, "most"),
			Tag:  rapid.SampledFrom([]string{"", "", "big"}).Draw(t, "tag"),
		}
		c.Spread = (c.Per == "week" || c.Per == "month") && rapid.Bool().Draw(t, "spread")
		return c
	}), 0, 2).Draw(t, "caps")
}

func shifts(t *rapid.T, zone *time.Location, days [7]bool, from, to int) *worktime.Calendar {
	hours := worktime.Hours{}
	for d, works := range days {
		if works {
			hours[time.Weekday(d)] = []worktime.Interval{{Open: time.Duration(from) * time.Hour, Close: time.Duration(to) * time.Hour}}
		}
	}
	c, err := worktime.New(zone, hours, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shift returns the shift on the date that lies so many days after t's.
func (m *member) shift(t time.Time, after int) (from, to time.Time, works bool) {
	y, mo, d := t.In(m.zone).Date()
	from = time.Date(y, mo, d+after, m.from, 0, 0, 0, m.zone)
	return from, time.Date(y, mo, d+after, m.to, 0, 0, 0, m.zone), m.days[from.Weekday()]
}

// begins returns from when a rep's time would count, and whether that is now.
func (m *member) begins(now time.Time, last time.Duration) (time.Time, bool) {
	for after := range 15 {
		from, to, works := m.shift(now, after)
		switch {
		case !works || !to.After(now):
		case from.After(now):
			return from, false
		case last > 0 && to.Sub(now) <= last:
		default:
			return now, true
		}
	}
	return time.Time{}, false
}

func (m *member) onLeave(t time.Time) bool {
	return slices.ContainsFunc(m.Leave, func(l routing.Away) bool { return !l.From.After(t) && l.To.After(t) })
}

// tapers tells whether so few working days are left before a long leave. Drawn
// leaves that touch are one.
func (m *member) tapers(start time.Time, t policy.Taper) bool {
	return t.StopDays > 0 && slices.ContainsFunc(m.Leave, func(l routing.Away) bool {
		end := m.leaveEnd(l).Add(-time.Second).In(m.zone).Format(time.DateOnly)
		days := 0
		for d := l.From.In(m.zone); d.Format(time.DateOnly) <= end; d = d.AddDate(0, 0, 1) {
			days++
		}
		working := 0
		for after := range 30 {
			from, to, works := m.shift(start, after)
			if works && from.Before(l.From) && to.After(start) {
				working++
			}
		}
		return l.From.After(start) && days > t.LeaveDays && working <= t.StopDays
	})
}

// leaveEnd is the end of a leave, with those that go on where it ends.
func (m *member) leaveEnd(l routing.Away) time.Time {
	end := l.To
	for range m.Leave {
		for _, next := range m.Leave {
			if !next.From.After(end) && next.To.After(end) {
				end = next.To
			}
		}
	}
	return end
}

// full recounts from the log whether a cap leaves no room.
func (w *world) full(i int, now time.Time) bool {
	m := &w.members[i]
	all := w.request.Policy.Caps
	if len(m.Caps) > 0 {
		all = m.Caps
	}
	return slices.ContainsFunc(all, func(c policy.Cap) bool {
		if c.Tag != "" && !w.big {
			return false
		}
		n := w.counted(i, c, now)
		return n >= c.Most || (c.Spread && n >= w.spread(m, c, now))
	})
}

// counted is how many leads of a rep count against a cap.
func (w *world) counted(i int, c policy.Cap, now time.Time) int {
	n := 0
	for _, g := range w.log {
		if g.rep == i && (c.Tag == "" || g.big) && w.within(g, c.Per, now) {
			n++
		}
	}
	return n
}

func (w *world) within(g given, per string, now time.Time) bool {
	local, then := now.In(w.zone), g.at.In(w.zone)
	switch per {
	case "open":
		return g.open
	case "hour":
		return local.Format("2006-01-02 15") == then.Format("2006-01-02 15")
	case "day":
		return local.Format(time.DateOnly) == then.Format(time.DateOnly)
	case "month":
		return local.Format("2006-01") == then.Format("2006-01")
	case "week":
		y1, w1 := local.ISOWeek()
		y2, w2 := then.ISOWeek()
		return y1 == y2 && w1 == w2
	case "24h":
		return now.Sub(g.at) < 24*time.Hour
	}
	return now.Sub(g.at) < 90*time.Minute
}

// spread recounts the share of a cap that is due by today.
func (w *world) spread(m *member, c policy.Cap, now time.Time) int {
	local := now.In(w.zone)
	today := local.Format(time.DateOnly)
	soFar, total := 0, 0
	for after := -31; after <= 31; after++ {
		day := time.Date(local.Year(), local.Month(), local.Day()+after, 12, 0, 0, 0, w.zone)
		if !w.within(given{at: day}, c.Per, now) || !m.works(day) {
			continue
		}
		total++
		if day.Format(time.DateOnly) <= today {
			soFar++
		}
	}
	if total == 0 {
		return c.Most
	}
	return (c.Most*soFar + total - 1) / total
}

// works tells whether a rep has a shift on a date, by its name, that leave does
// not take away. Leaves begin and end at full hours of UTC.
func (m *member) works(day time.Time) bool {
	y, mo, d := day.Date()
	from, to, works := m.shift(time.Date(y, mo, d, 12, 0, 0, 0, m.zone), 0)
	for t := from; works && t.Before(to); t = t.Add(15 * time.Minute) {
		if !m.onLeave(t) {
			return true
		}
	}
	return false
}

// present returns who is neither off nor away, from when their time would count
// and whether that is now, and how often whoever had the lead least had it.
func (w *world) present(now time.Time) (there map[int]time.Time, onDuty map[int]bool, least int) {
	there, onDuty, least = map[int]time.Time{}, map[int]bool{}, -1
	for i := range w.members {
		m := &w.members[i]
		start, duty := m.begins(now, time.Duration(w.request.Policy.LastMinutes))
		if m.Off != "" || m.onLeave(now) || m.onLeave(start) || m.tapers(start, w.request.Policy.Taper) {
			continue
		}
		there[i], onDuty[i] = start, duty
		if least < 0 || m.Had < least {
			least = m.Had
		}
	}
	return there, onDuty, least
}

// eligible returns who can receive a lead at a time, and from when.
func (w *world) eligible(now time.Time) map[int]time.Time {
	there, onDuty, least := w.present(now)
	maps.DeleteFunc(there, func(i int, _ time.Time) bool { return w.full(i, now) || w.members[i].Had > least })
	ready := w.request.Policy.OutsideHours == policy.OutsideHold
	for i := range there {
		ready = ready || onDuty[i]
	}
	maps.DeleteFunc(there, func(i int, _ time.Time) bool { return ready && !onDuty[i] })
	return there
}
