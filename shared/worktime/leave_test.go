package worktime_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

func TestLeave(t *testing.T) {
	for _, tt := range []struct{ why, zone, from, to, begins, ends string }{
		{"both days", "Europe/Berlin", "2026-07-01", "2026-07-14", "2026-07-01T00:00:00+02:00", "2026-07-15T00:00:00+02:00"},
		{"one day", "Europe/Berlin", "2026-07-01", "2026-07-01", "2026-07-01T00:00:00+02:00", "2026-07-02T00:00:00+02:00"},
		{"an afternoon", "America/New_York", "2026-07-01T13:00", "2026-07-01", "2026-07-01T13:00:00-04:00", "2026-07-02T00:00:00-04:00"},
		{"a morning", "America/New_York", "2026-07-01", "2026-07-01T13:00", "2026-07-01T00:00:00-04:00", "2026-07-01T13:00:00-04:00"},
		{"two hours", "UTC", "2026-07-01T13:00", "2026-07-01T15:00", "2026-07-01T13:00:00Z", "2026-07-01T15:00:00Z"},
		{"over the turn of the year", "Asia/Kolkata", "2026-12-24T12:00", "2027-01-01", "2026-12-24T12:00:00+05:30", "2027-01-02T00:00:00+05:30"},
		{"the day of the skipped hour", "Europe/Berlin", "2026-03-29", "2026-03-29", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		{"from a skipped time", "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T04:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"},
		{"until a skipped time", "Europe/Berlin", "2026-03-29T01:00", "2026-03-29T02:30", "2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"},
		{"within the skipped hour is nothing", "Europe/Berlin", "2026-03-29T02:15", "2026-03-29T02:45", "2026-03-29T03:00:00+02:00", "2026-03-29T03:00:00+02:00"},
		{"from the first of a repeated time, until the second", "Europe/Berlin", "2026-10-25T02:15", "2026-10-25T02:30", "2026-10-25T02:15:00+02:00", "2026-10-25T02:30:00+01:00"},
		{"half an hour is repeated", "Australia/Lord_Howe", "2026-04-05T01:30", "2026-04-05T01:45", "2026-04-05T01:30:00+11:00", "2026-04-05T01:45:00+10:30"},
		{"from a midnight that is skipped", "America/Santiago", "2026-09-06", "2026-09-06", "2026-09-06T01:00:00-03:00", "2026-09-07T00:00:00-03:00"},
		{"to the day before a midnight that is skipped", "America/Santiago", "2026-09-05", "2026-09-05", "2026-09-05T00:00:00-04:00", "2026-09-06T01:00:00-03:00"},
		{"a day whose last hour is repeated", "America/Santiago", "2026-04-04", "2026-04-04", "2026-04-04T00:00:00-03:00", "2026-04-05T00:00:00-04:00"},
		{"to the day before a midnight that is repeated", "America/Havana", "2026-10-31", "2026-10-31", "2026-10-31T00:00:00-04:00", "2026-11-01T00:00:00-04:00"},
		{"from a midnight that is repeated", "America/Havana", "2026-11-01", "2026-11-01", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"},
		{"to a day that came back for an hour", "America/St_Johns", "2006-10-28", "2006-10-28", "2006-10-28T00:00:00-02:30", "2006-10-29T00:00:00-03:30"},
		{"from a day that Samoa skipped", "Pacific/Apia", "2011-12-30", "2011-12-31", "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"},
		{"to a day that Samoa skipped", "Pacific/Apia", "2011-12-29", "2011-12-30", "2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00"},
		{"the last day of a leap year far ahead", "Europe/Berlin", "2040-12-31", "2040-12-31", "2040-12-31T00:00:00+01:00", "2041-01-01T00:00:00+01:00"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			zone, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			got, err := worktime.Leave(policy.Leave{From: tt.from, To: tt.to}, zone)
			if err != nil || !got.From.Equal(instant(t, tt.begins)) || !got.To.Equal(instant(t, tt.ends)) {
				t.Errorf("got %s to %s, %v\nwant %s to %s", got.From.In(zone).Format(time.RFC3339), got.To.In(zone).Format(time.RFC3339), err, tt.begins, tt.ends)
			}
			if got.From.Location() != time.UTC || got.To.Location() != time.UTC {
				t.Errorf("%v is not in UTC", got)
			}
		})
	}
}

func TestLeaveRefuses(t *testing.T) {
	for _, tt := range []struct{ why, from, to, want string }{
		{"backwards", "2026-07-14", "2026-07-01", "ends (2026-07-01) before it begins (2026-07-14)"},
		{"an hour backwards", "2026-07-01T13:00", "2026-07-01T12:00", "before it begins"},
		{"no time at all", "2026-07-01T13:00", "2026-07-01T13:00", "before it begins"},
		{"ends when its first day begins", "2026-07-01", "2026-07-01T00:00", "before it begins"},
		{"no beginning", "", "2026-07-01", `from: "" is neither`},
		{"no end", "2026-07-01", "", `to: "" is neither`},
		{"no such day", "2026-02-30", "2026-03-01", "from: "},
		{"no such time", "2026-07-01", "2026-07-01T24:00", "to: "},
		{"one digit", "2026-07-01T9:00", "2026-07-01", "from: "},
		{"with seconds", "2026-07-01T09:00:00", "2026-07-01", "from: "},
		{"with a zone", "2026-07-01T09:00Z", "2026-07-01", "from: "},
		{"a space", "2026-07-01 09:00", "2026-07-01", "from: "},
	} {
		t.Run(tt.why, func(t *testing.T) {
			_, err := worktime.Leave(policy.Leave{From: tt.from, To: tt.to}, time.UTC)
			if fault.KindOf(err) != fault.Invalid || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want Invalid and %q", err, tt.want)
			}
		})
	}
}

const minuteLayout = "2006-01-02T15:04"

// watchLeave finds the bounds of a leave by watching the clock on the wall, and
// whether it saw the end.
func watchLeave(zone *time.Location, around time.Time, from, to string) (begin, end time.Time, over bool) {
	whole := len(to) == len(time.DateOnly)
	for at := around.AddDate(0, 0, -4); at.Before(around.AddDate(0, 0, 4)); at = at.Add(time.Minute) {
		shown := at.In(zone).Format(minuteLayout)
		if begin.IsZero() && shown >= from {
			begin = at
		}
		switch {
		case whole && shown[:len(to)] <= to:
			end = at.Add(time.Minute)
		case !whole && (shown == to || end.IsZero() && shown > to):
			end = at
		}
		over = over || shown > to
	}
	return begin, end, over
}

func TestLeaveMinuteByMinute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, anchor := drawScene(t)
		draw := func(name string) string {
			minutes := rapid.IntRange(-26*60, 26*60).Draw(t, name)
			text := anchor.In(zone).Add(time.Duration(minutes) * time.Minute).Format(minuteLayout)
			if rapid.Bool().Draw(t, name+" whole") {
				return text[:len(time.DateOnly)]
			}
			return text
		}
		from, to := draw("from"), draw("to")
		span, err := worktime.Leave(policy.Leave{From: from, To: to}, zone)
		if err != nil {
			return // refused by its words, see TestLeaveRefuses
		}
		begin, end, over := watchLeave(zone, anchor, from, to)
		if over && (!span.From.Equal(begin) || !span.To.Equal(end)) {
			t.Fatalf("%s to %s in %s is %s to %s\nby the minute %s to %s", from, to, zone, span.From, span.To, begin, end)
		}
	})
}
