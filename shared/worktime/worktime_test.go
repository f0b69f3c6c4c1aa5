package worktime_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// calendar returns the ones that testdata/cases.csv names; the zone stands there.
func calendar(tb testing.TB, name, zone string) *worktime.Calendar {
	tb.Helper()
	all := func(intervals ...string) map[string][]string {
		hours := map[string][]string{}
		for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
			hours[day] = intervals
		}
		return hours
	}
	weekdays := func(intervals ...string) map[string][]string {
		hours := all(intervals...)
		delete(hours, "sat")
		delete(hours, "sun")
		return hours
	}
	p := policy.Calendar{Zone: zone}
	switch name {
	case "office":
		p.Hours, p.Holidays = weekdays("09:00-17:00"), []string{"2026-01-01", "2026-12-25"}
	case "lunch":
		p.Hours = weekdays("13:00-17:30", "09:00-12:00")
	case "split":
		p.Hours = weekdays("09:00-14:00", "16:00-20:00")
		p.Hours["mon"], p.Hours["sat"] = []string{"08:30-14:00"}, []string{"10:00-12:00"}
	case "night":
		p.Hours = weekdays("22:00-24:00")
		for _, day := range []string{"tue", "wed", "thu", "fri"} {
			p.Hours[day] = []string{"00:00-06:00", "22:00-24:00"}
		}
		p.Hours["sat"] = []string{"00:00-06:00"}
	case "always":
		p.Hours = all("00:00-24:00")
	case "early":
		p.Hours = all("01:00-05:00")
	case "gap":
		p.Hours = all("02:00-02:30")
	case "midnight":
		p.Hours = all("00:00-02:00")
	default:
		tb.Fatalf("no calendar %q", name)
	}
	c, err := worktime.FromPolicy(alone(name, p), name)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// The cases were worked out by hand. They go beyond the published table of
// package vectors: parts of seconds, reminders, and whether it is open.
func TestCases(t *testing.T) {
	text, err := os.ReadFile("testdata/cases.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 61 {
		t.Fatalf("%d cases are too few", len(rows)-1)
	}
	for _, row := range rows[1:] {
		name, zone, op, start, arg, want, why := row[0], row[1], row[2], row[3], row[4], row[5], row[6]
		t.Run(why, func(t *testing.T) {
			if got := answer(t, calendar(t, name, zone), op, start, arg, want); got != want {
				t.Errorf("%s in %s: %s(%s, %s)\n got %s\nwant %s", name, zone, op, start, arg, got, want)
			}
		})
	}
}

// answer returns want's own text when the result is the same instant or length.
func answer(t *testing.T, c *worktime.Calendar, op, start, arg, want string) string {
	t.Helper()
	from := instant(t, start)
	var got time.Time
	switch op {
	case "open":
		return strconv.FormatBool(c.Open(from))
	case "elapsed":
		if d := c.Elapsed(from, instant(t, arg)); d != length(t, want) {
			return d.String()
		}
		return want
	case "add":
		got = c.Add(from, length(t, arg))
	case "next_open":
		got = c.NextOpen(from)
	case "before":
		got = c.Before(from, length(t, arg))
	default:
		t.Fatalf("no operation %q", op)
	}
	if got.Location() != time.UTC {
		t.Errorf("%s is not in UTC", got)
	}
	if w := instant(t, want); !got.Equal(w) {
		return got.In(w.Location()).Format(time.RFC3339Nano)
	}
	return want
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func length(t *testing.T, text string) time.Duration {
	t.Helper()
	v, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// alone is a policy with nothing but a calendar.
func alone(name string, c policy.Calendar) *policy.Policy {
	return &policy.Policy{Calendars: map[string]policy.Calendar{name: c}}
}
