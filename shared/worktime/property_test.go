package worktime_test

import (
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

func drawPlan(t *rapid.T) plan {
	zones := []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Australia/Lord_Howe", "America/Santiago",
		"Asia/Kolkata", "Africa/Casablanca", "Pacific/Apia", "Antarctica/Troll", "Africa/Cairo",
	}
	zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	p := plan{zone: zone, hours: worktime.Hours{}}
	days := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID).Draw(t, "weekdays")
	for _, d := range days {
		bounds := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60), 2, 6, rapid.ID).Draw(t, "bounds")
		p.hours[time.Weekday(d)] = intervals(bounds)
	}
	for _, n := range rapid.SliceOfN(rapid.IntRange(0, 60), 0, 5).Draw(t, "holidays") {
		d := base().AddDate(0, 0, n)
		p.holidays = append(p.holidays, worktime.Date{Year: d.Year(), Month: d.Month(), Day: d.Day()})
	}
	if p.Calendar, err = worktime.New(zone, p.hours, p.holidays); err != nil {
		t.Fatal(err)
	}
	return p
}

func base() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }

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

func drawInstant(t *rapid.T, name string) time.Time {
	// Around the changes of 2026 in both hemispheres, and anywhere.
	anchor := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC), time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 15, 0, 0, 0, time.UTC),
		time.Date(2026, 9, 6, 4, 0, 0, 0, time.UTC), time.Date(2026, 10, 3, 15, 30, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC),
		time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2040, 12, 31, 0, 0, 0, 0, time.UTC), base(),
	}).Draw(t, name+" anchor")
	return anchor.Add(time.Duration(rapid.Int64Range(int64(-9*24*time.Hour), int64(9*24*time.Hour)).Draw(t, name+" offset")))
}

func drawLength(t *rapid.T, name string) time.Duration {
	if rapid.Bool().Draw(t, name+" whole") {
		return time.Duration(rapid.Int64Range(0, 40).Draw(t, name+" minutes")) * 15 * time.Minute
	}
	return time.Duration(rapid.Int64Range(0, int64(30*time.Hour)).Draw(t, name))
}

func TestElapsedUndoesAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, start, d := drawPlan(t), drawInstant(t, "start"), drawLength(t, "d")
		if got := p.Elapsed(start, p.Add(start, d)); got != d {
			t.Fatalf("%s after %s is %s, from where %s elapsed", d, start, p.Add(start, d), got)
		}
	})
}

func TestBeforeLeavesTheLength(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, deadline, d := drawPlan(t), drawInstant(t, "deadline"), drawLength(t, "d")
		at := p.Before(deadline, d)
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
		p, a, b := drawPlan(t), drawInstant(t, "a"), drawInstant(t, "b")
		d, e := drawLength(t, "d"), drawLength(t, "e")
		if a.After(b) {
			a, b = b, a
		}
		d, e = min(d, e), max(d, e)
		if p.Add(a, d).After(p.Add(b, d)) {
			t.Fatalf("a later start gives an earlier deadline: %s, %s + %s", a, b, d)
		}
		if p.Add(a, d).After(p.Add(a, e)) {
			t.Fatalf("more time gives an earlier deadline: %s + %s, %s", a, d, e)
		}
	})
}

func TestDeadlineIsNeverInClosedTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, start, d := drawPlan(t), drawInstant(t, "start"), drawLength(t, "d")
		got := p.Add(start, d)
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
		p, a, b, c := drawPlan(t), drawInstant(t, "a"), drawInstant(t, "b"), drawInstant(t, "c")
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

func TestMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlan(t)
		start := drawInstant(t, "start").Truncate(time.Hour)
		var want time.Duration
		end := start
		for range rapid.IntRange(1, 3*24*60).Draw(t, "minutes") {
			open := p.wallOpen(end)
			if p.Open(end) != open {
				t.Fatalf("%s: open is %t, the clock on the wall says %t", end, !open, open)
			}
			if end = end.Add(time.Minute); open {
				want += time.Minute
			}
		}
		if got := p.Elapsed(start, end); got != want {
			t.Fatalf("%s to %s: %s, counted by the minute %s", start, end, got, want)
		}
	})
}
