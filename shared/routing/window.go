package routing

import (
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// window is one fixed window of a cap, by the clock on the wall of a zone.
type window struct {
	start, end  time.Time
	tomorrow    time.Time // the next midnight
	first, last time.Time // its dates, of a week or a month
	words       string
}

// windowAt returns the window of a kind that t lies in.
func windowAt(per string, t time.Time, zone *time.Location) window {
	local := t.In(zone)
	y, m, d := local.Date()
	tomorrow := midnight(y, m, d+1, zone)
	switch per {
	case policy.CapHour:
		return hourAt(t, zone)
	case policy.CapWeek:
		d -= (int(local.Weekday()) + 6) % 7
		return window{
			start: midnight(y, m, d, zone), end: midnight(y, m, d+7, zone), tomorrow: tomorrow,
			first: date(y, m, d), last: date(y, m, d+6), words: "this week",
		}
	case policy.CapMonth:
		return window{
			start: midnight(y, m, 1, zone), end: midnight(y, m+1, 1, zone), tomorrow: tomorrow,
			first: date(y, m, 1), last: date(y, m+1, 0), words: "this month",
		}
	}
	return window{start: midnight(y, m, d, zone), end: tomorrow, words: "today"}
}

// hourAt returns the hour that the clock on the wall shows. An hour that
// daylight saving repeats is one window of two hours.
func hourAt(t time.Time, zone *time.Location) window {
	begin := func(t time.Time) time.Time {
		local := t.In(zone)
		y, m, d := local.Date()
		return time.Date(y, m, d, local.Hour(), 0, 0, 0, zone)
	}
	const quarter = 15 * time.Minute // clocks change, and hours begin, at quarters of UTC's hours
	start, end := begin(t), t.Truncate(quarter).Add(quarter)
	for begin(end).Equal(start) {
		end = end.Add(quarter)
	}
	return window{start: start.UTC(), end: end.UTC(), words: "this hour"}
}

// midnight returns the beginning of a date in a zone, also of one on which
// daylight saving skips the hour or repeats the one before. In UTC.
func midnight(y int, m time.Month, d int, zone *time.Location) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if date := date(y, m, d); t.Day() != date.Day() {
		hour, minute, second := t.Clock()
		reading := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
		t = t.Add(24*time.Hour - reading) // it was read with the other offset, and lies on the day before
	}
	return t.UTC()
}

// nextDay returns the beginning of the date after that of t.
func nextDay(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return midnight(y, m, d+1, zone)
}

// dates counts the dates that the time from one instant up to another touches.
func dates(from, to time.Time, zone *time.Location) int {
	y, m, d := from.In(zone).Date()
	first := date(y, m, d)
	y, m, d = to.Add(-1).In(zone).Date()
	return int(date(y, m, d).Sub(first)/(24*time.Hour)) + 1
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// noon returns an instant that lies on t's date in another zone.
func noon(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, zone)
}

func zone(c *worktime.Calendar) *time.Location {
	if c == nil {
		return time.UTC
	}
	return c.Zone()
}
