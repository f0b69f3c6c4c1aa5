package worktime_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/worktime"
)

// A plan is a drawn calendar together with what it was made from.
type plan struct {
	*worktime.Calendar
	zone     *time.Location
	hours    worktime.Hours
	holidays []worktime.Date
}

// A drawn calendar is open when all of its plans are and nobody is away.
type drawn struct {
	*worktime.Calendar
	anchor time.Time // what happens, happens around it
	plans  []plan
	away   []worktime.Span
}

func drawZone(t *rapid.T) *time.Location {
	return location(t, rapid.SampledFrom([]string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "America/Santiago", "America/Havana",
		"Asia/Kolkata", "Africa/Casablanca", "Pacific/Apia", "Antarctica/Troll", "Africa/Cairo", "America/St_Johns", "Pacific/Kwajalein",
	}).Draw(t, "zone"))
}

func location(t rapid.TB, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// drawScene returns a zone and an instant around which things happen: mostly a
// change of the zone's clocks, among them whole days skipped and changes at
// midnight.
func drawScene(t *rapid.T) (*time.Location, time.Time) {
	near := rapid.SampledFrom([]struct{ zone, date string }{
		{"Europe/Berlin", "2026-03-01"},
		{"Europe/Berlin", "2026-09-01"},
		{"America/New_York", "2026-03-01"},
		{"America/New_York", "2026-09-01"},
		{"Australia/Sydney", "2026-03-01"},
		{"Australia/Sydney", "2026-09-01"},
		{"Australia/Lord_Howe", "2026-03-01"},
		{"Australia/Lord_Howe", "2026-09-01"},
		{"America/Santiago", "2026-03-01"},
		{"America/Santiago", "2026-09-01"},
		{"America/Havana", "2026-09-01"},
		{"Africa/Cairo", "2025-09-01"},
		{"America/St_Johns", "2006-09-01"},
		{"Antarctica/Troll", "2026-03-01"},
		{"Pacific/Apia", "2011-12-01"},
		{"Pacific/Kwajalein", "1993-08-01"},
		{"UTC", "1969-12-31"},
		{"Asia/Kolkata", "2026-03-01"},
	}).Draw(t, "near")
	date, err := time.Parse(time.DateOnly, near.date)
	if err != nil {
		t.Fatal(err)
	}
	zone := location(t, near.zone)
	if _, change := date.In(zone).ZoneBounds(); !change.IsZero() {
		return zone, change.UTC()
	}
	// ZoneBounds is wrong on that day; see zone.go.
	return zone, rapid.SampledFrom([]time.Time{date, time.Date(2040, 12, 31, 0, 0, 0, 0, time.UTC)}).Draw(t, "anchor")
}

func drawPlan(t *rapid.T, zone *time.Location, anchor time.Time) plan {
	p := plan{zone: zone, hours: worktime.Hours{}}
	days := rapid.OneOf(rapid.Just([]int{1, 2, 3, 4, 5}), rapid.Just([]int{0, 1, 2, 3, 4, 5, 6}), rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID))
	for _, d := range days.Draw(t, "weekdays") {
		bounds := rapid.OneOf(rapid.Just([]int{9 * 60, 17 * 60}), rapid.Just([]int{0, 24 * 60}), rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60), 2, 6, rapid.ID))
		p.hours[time.Weekday(d)] = intervals(bounds.Draw(t, "bounds"))
	}
	for _, n := range rapid.SliceOfN(rapid.IntRange(-9, 20), 0, 5).Draw(t, "holidays") {
		d := anchor.AddDate(0, 0, n)
		p.holidays = append(p.holidays, worktime.Date{Year: d.Year(), Month: d.Month(), Day: d.Day()})
	}
	var err error
	if p.Calendar, err = worktime.New(p.zone, p.hours, p.holidays); err != nil {
		t.Fatal(err)
	}
	return p
}

// intervals pairs sorted minutes of the day.
func intervals(minutes []int) []worktime.Interval {
	open := [24*60 + 1]bool{}
	for _, m := range minutes {
		open[m] = true
	}
	var out []worktime.Interval
	from := -1
	for m, bound := range open {
		switch {
		case !bound:
		case from < 0:
			from = m
		default:
			out = append(out, worktime.Interval{Open: time.Duration(from) * time.Minute, Close: time.Duration(m) * time.Minute})
			from = -1
		}
	}
	return out
}

// drawCalendar combines up to three plans, with leave at every layer. The
// leave begins and ends at full units.
func drawCalendar(t *rapid.T, unit time.Duration) drawn {
	zone, anchor := drawScene(t)
	d := drawn{Calendar: worktime.Always(), anchor: anchor}
	n := rapid.SampledFrom([]int{1, 2, 3, 0}).Draw(t, "plans")
	if n == 0 {
		d.leave(t, unit)
	}
	for i := range n {
		p := drawPlan(t, zone, d.anchor)
		zone = drawZone(t)
		d.plans = append(d.plans, p)
		if i == 0 {
			d.Calendar = p.Calendar
		} else {
			d.Calendar = d.And(p.Calendar)
		}
		d.leave(t, unit)
	}
	return d
}

func (d *drawn) leave(t *rapid.T, unit time.Duration) {
	var away []worktime.Span
	for range rapid.IntRange(0, 3).Draw(t, "leaves") {
		from := d.instant(t, "away").Truncate(unit)
		length := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(3*24*time.Hour)).Draw(t, "length")).Truncate(unit)
		away = append(away, worktime.Span{From: from, To: from.Add(length)})
	}
	d.away, d.Calendar = append(d.away, away...), d.Without(away)
}

func (d *drawn) instant(t *rapid.T, name string) time.Time {
	return d.anchor.Add(time.Duration(rapid.Int64Range(int64(-9*24*time.Hour), int64(9*24*time.Hour)).Draw(t, name)))
}

func drawLength(t *rapid.T, name string) time.Duration {
	if rapid.Bool().Draw(t, name+" whole") {
		return time.Duration(rapid.Int64Range(0, 40).Draw(t, name+" minutes")) * 15 * time.Minute
	}
	return time.Duration(rapid.Int64Range(0, int64(30*time.Hour)).Draw(t, name))
}

func TestElapsedUndoesAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawCalendar(t, 1)
		start, d := p.instant(t, "start"), drawLength(t, "d")
		deadline := p.Add(start, d)
		if deadline.IsZero() {
			if most := p.Elapsed(start, start.AddDate(10, 0, 0)); most > d || most == d && d > 0 || p.Opens(start.AddDate(0, 3, 0)) {
				t.Fatalf("there is no %s after %s, but ten years have %s", d, start, most)
			}
			return
		}
		if got := p.Elapsed(start, deadline); got != d {
			t.Fatalf("%s after %s is %s, from where %s elapsed", d, start, deadline, got)
		}
		if !p.Opens(start) {
			t.Fatalf("%s never opens after %s", &p, start)
		}
	})
}

func TestBeforeLeavesTheLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawCalendar(t, 1)
		deadline, d := p.instant(t, "deadline"), drawLength(t, "d")
		at := p.Before(deadline, d)
		if at.IsZero() {
			if most := p.Elapsed(deadline.AddDate(-10, 0, 0), deadline); most > d || most == d && d > 0 {
				t.Fatalf("there is no %s before %s, but ten years have %s", d, deadline, most)
			}
			return
		}
		if got := p.Elapsed(at, deadline); got != d {
			t.Fatalf("%s before %s is %s, from where %s elapse", d, deadline, at, got)
		}
		if d > 0 && !p.Open(at) {
			t.Fatalf("%s before %s is %s, which is closed", d, deadline, at)
		}
		if d > 0 && p.Elapsed(at.Add(1), deadline) == d {
			t.Fatalf("%s before %s is later than %s", d, deadline, at)
		}
	})
}

func TestAddIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawCalendar(t, 1)
		a, b := p.instant(t, "a"), p.instant(t, "b")
		d, e := drawLength(t, "d"), drawLength(t, "e")
		if a.After(b) {
			a, b = b, a
		}
		d, e = min(d, e), max(d, e)
		if later := p.Add(b, d); !later.IsZero() && (p.Add(a, d).IsZero() || p.Add(a, d).After(later)) {
			t.Fatalf("a later start gives an earlier deadline: %s, %s + %s", a, b, d)
		}
		if later := p.Add(a, e); !later.IsZero() && (p.Add(a, d).IsZero() || p.Add(a, d).After(later)) {
			t.Fatalf("more time gives an earlier deadline: %s + %s, %s", a, d, e)
		}
	})
}

func TestDeadlineIsNeverInClosedTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawCalendar(t, 1)
		start, d := p.instant(t, "start"), drawLength(t, "d")
		got := p.Add(start, d)
		if got.IsZero() {
			return
		}
		if got.Before(start) {
			t.Fatalf("%s is before %s", got, start)
		}
		if !p.Open(got) && (d == 0 || !p.Open(got.Add(-1))) {
			t.Fatalf("%s + %s is %s: closed, and no closing time", start, d, got)
		}
	})
}

func TestElapsedAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawCalendar(t, 1)
		a, b, c := p.instant(t, "a"), p.instant(t, "b"), rapid.SampledFrom([]time.Time{p.anchor, p.anchor.AddDate(1, 0, 0), p.anchor.AddDate(-30, 0, 0)}).Draw(t, "c")
		if p.Elapsed(a, b)+p.Elapsed(b, c) != p.Elapsed(a, c) {
			t.Fatalf("%s + %s is not %s", p.Elapsed(a, b), p.Elapsed(b, c), p.Elapsed(a, c))
		}
	})
}

// wallOpen restates the definition without any of the package's arithmetic.
func (p plan) wallOpen(t time.Time) bool {
	local := t.In(p.zone)
	for _, h := range p.holidays {
		if y, m, d := local.Date(); (h == worktime.Date{Year: y, Month: m, Day: d}) {
			return false
		}
	}
	hour, minute, second := local.Clock()
	reading := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	for _, v := range p.hours[local.Weekday()] {
		if v.Open <= reading && reading < v.Close {
			return true
		}
	}
	return false
}

func (d *drawn) wallOpen(t time.Time) bool {
	for _, s := range d.away {
		if !t.Before(s.From) && t.Before(s.To) {
			return false
		}
	}
	for _, p := range d.plans {
		if !p.wallOpen(t) {
			return false
		}
	}
	return true
}

func (d *drawn) String() string {
	return fmt.Sprintf("the calendar of %d plans without %v", len(d.plans), d.away)
}

// count returns the open time between two instants, minute by minute.
func (d *drawn) count(t *rapid.T, from, to time.Time) time.Duration {
	var sum time.Duration
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		open := d.wallOpen(at)
		if d.Open(at) != open {
			t.Fatalf("%s: open is %t, the clock on the wall says %t", at, !open, open)
		}
		if open {
			sum += time.Minute
		}
	}
	return sum
}

func TestMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawCalendar(t, time.Minute)
		start := p.instant(t, "start").Truncate(time.Hour)
		end := start.Add(time.Duration(3*24*60-rapid.IntRange(0, 3*24*60).Draw(t, "minutes left out")) * time.Minute)
		want := p.count(t, start, end)
		if got := p.Elapsed(start, end); got != want {
			t.Fatalf("%s to %s: %s, counted by the minute %s", start, end, got, want)
		}
		if want == 0 {
			return
		}
		if got := p.Add(start, want); got.After(end) || !p.wallOpen(got.Add(-1)) {
			t.Fatalf("%s + %s is %s, counted by the minute it is at most %s", start, want, got, end)
		}
		if got := p.Before(end, want); got.Before(start) || !p.wallOpen(got) {
			t.Fatalf("%s before %s is %s, counted by the minute it is at least %s", want, end, got, start)
		}
	})
}

// watch goes through the minutes from start to end, until a closing is followed
// by four closed hours. It returns that closing, or the last one, and whether
// the four hours were seen.
func (d *drawn) watch(start, end time.Time) (closing time.Time, over bool) {
	begun, closed := false, 0
	for at := start; at.Before(end); at = at.Add(time.Minute) {
		switch {
		case d.wallOpen(at):
			begun, closed, closing = true, 0, at.Add(time.Minute)
		case begun:
			closed++
		}
		if closed == 4*60 {
			return closing, true
		}
	}
	return closing, false
}

func TestShiftEndMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawCalendar(t, time.Minute)
		start := p.instant(t, "start").Truncate(time.Minute)
		closing, over := p.watch(start, start.Add(4*24*time.Hour))
		switch got := p.ShiftEnd(start); {
		case over && !got.Equal(closing):
			t.Fatalf("the shift of %s ends at %s, counted by the minute at %s", start, got, closing)
		case !got.IsZero() && got.Before(closing):
			t.Fatalf("the shift of %s ends at %s, but it goes on until %s", start, got, closing)
		}
	})
}

func TestWorkdaysMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawCalendar(t, time.Minute)
		from := p.instant(t, "from")
		to := from.Add(time.Duration(rapid.Int64Range(0, int64(3*24*time.Hour)).Draw(t, "length")))
		date := func(t time.Time) string { return t.In(p.Zone()).Format(time.DateOnly) }
		open := map[string]bool{}
		for at := from.Truncate(time.Minute).AddDate(0, 0, -2); at.Before(to.AddDate(0, 0, 2)); at = at.Add(time.Minute) {
			if d := date(at); date(from) <= d && d <= date(to) && p.wallOpen(at) {
				open[d] = true
			}
		}
		if got := p.Workdays(from, to); got != len(open) {
			t.Fatalf("%s to %s has %d working days, counted by the minute %v", from, to, got, open)
		}
		if got := p.Workdays(to.AddDate(0, 0, 2), from); got != 0 {
			t.Fatalf("%d working days backwards", got)
		}
	})
}
