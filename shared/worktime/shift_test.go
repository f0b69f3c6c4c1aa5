package worktime_test

import (
	"math"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

func TestShiftEnd(t *testing.T) {
	siesta := map[string][]string{"tue": {"09:00-13:00", "17:00-20:00"}, "wed": {"09:00-13:00", "16:59-20:00"}}
	long, err := worktime.FromPolicy(alone("long", policy.Calendar{Zone: "Europe/Madrid", Hours: siesta}), "long")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time { return instant(t, text) }
	lunch, night := calendar(t, "lunch", "Europe/Berlin"), calendar(t, "night", "America/Chicago")
	away := func(from, to string) []worktime.Span { return []worktime.Span{{From: at(from), To: at(to)}} }
	for _, tt := range []struct {
		why      string
		c        *worktime.Calendar
		at, want string
	}{
		{"a lunch break ends no shift", lunch, "2026-05-05T10:00:00+02:00", "2026-05-05T17:30:00+02:00"},
		{"within the break", lunch, "2026-05-05T12:30:00+02:00", "2026-05-05T17:30:00+02:00"},
		{"at closing it is the next shift's", lunch, "2026-05-08T17:30:00+02:00", "2026-05-11T17:30:00+02:00"},
		{"on a Saturday it is Monday's", lunch, "2026-05-09T12:00:00+02:00", "2026-05-11T17:30:00+02:00"},
		{"a night shift ends in the morning", night, "2026-05-05T23:00:00-05:00", "2026-05-06T06:00:00-05:00"},
		{"four hours end a shift", long, "2026-05-05T10:00:00+02:00", "2026-05-05T13:00:00+02:00"},
		{"a minute less does not", long, "2026-05-06T10:00:00+02:00", "2026-05-06T20:00:00+02:00"},
		{"leave ends it", lunch.Without(away("2026-05-05T14:00:00+02:00", "2026-05-12T00:00:00+02:00")), "2026-05-05T10:00:00+02:00", "2026-05-05T14:00:00+02:00"},
		{"a visit to the doctor does not", lunch.Without(away("2026-05-05T14:00:00+02:00", "2026-05-05T16:00:00+02:00")), "2026-05-05T10:00:00+02:00", "2026-05-05T17:30:00+02:00"},
		{"the earlier of two", lunch.And(calendar(t, "split", "Europe/Madrid")), "2026-05-04T10:00:00+02:00", "2026-05-04T14:00:00+02:00"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if got := tt.c.ShiftEnd(at(tt.at)); !got.Equal(at(tt.want)) || got.Location() != time.UTC {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	for name, c := range map[string]*worktime.Calendar{
		"always": worktime.Always(), "every hour of the week": calendar(t, "always", "Europe/Berlin"), "never": never(t),
	} {
		if got := c.ShiftEnd(at("2026-05-05T10:00:00Z")); !got.IsZero() {
			t.Errorf("%s: the shift ends at %s", name, got)
		}
	}
}

func never(t *testing.T) *worktime.Calendar {
	t.Helper()
	return calendar(t, "office", "America/New_York").And(calendar(t, "office", "Asia/Kolkata"))
}

func TestWorkdays(t *testing.T) {
	office := calendar(t, "office", "Europe/Berlin")
	at := func(text string) time.Time { return instant(t, text) }
	leave := []worktime.Span{{From: at("2026-05-05T00:00:00+02:00"), To: at("2026-05-07T16:59:00+02:00")}}
	for _, tt := range []struct {
		why      string
		c        *worktime.Calendar
		from, to string
		want     int
	}{
		{"a week", office, "2026-05-04T12:00:00+02:00", "2026-05-10T12:00:00+02:00", 5},
		{"one day", office, "2026-05-04T12:00:00+02:00", "2026-05-04T12:00:00+02:00", 1},
		{"dates count whole", office, "2026-05-04T23:59:00+02:00", "2026-05-05T00:00:00+02:00", 2},
		{"by the date in Berlin", office, "2026-05-03T22:30:00Z", "2026-05-03T23:00:00Z", 1},
		{"a weekend", office, "2026-05-09T00:00:00+02:00", "2026-05-10T23:00:00+02:00", 0},
		{"a holiday", office, "2026-12-24T10:00:00+01:00", "2026-12-28T10:00:00+01:00", 2},
		{"backwards", office, "2026-05-05T12:00:00+02:00", "2026-05-04T12:00:00+02:00", 0},
		{"a minute is a day, leave is none", office.Without(leave), "2026-05-04T12:00:00+02:00", "2026-05-08T12:00:00+02:00", 3},
		{"the clock on the wall", worktime.Always(), "2026-05-04T12:00:00Z", "2026-05-10T12:00:00Z", 7},
		{"Samoa had no December 30", calendar(t, "always", "Pacific/Apia"), "2011-12-28T12:00:00-10:00", "2012-01-02T12:00:00+14:00", 5},
		{"nothing in common", never(t), "2026-05-04T12:00:00Z", "2026-06-04T12:00:00Z", 0},
	} {
		t.Run(tt.why, func(t *testing.T) {
			if got := tt.c.Workdays(at(tt.from), at(tt.to)); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestNeverOpen(t *testing.T) {
	now := instant(t, "2026-05-05T10:00:00Z")
	for name, c := range map[string]*worktime.Calendar{
		"no hour in common":         never(t),
		"eleven years of leave":     calendar(t, "office", "UTC").Without([]worktime.Span{{From: now, To: now.AddDate(11, 0, 0)}}),
		"eleven years of no clocks": worktime.Always().Without([]worktime.Span{{From: now, To: now.AddDate(11, 0, 0)}}),
	} {
		if got := c.Add(now, time.Hour); !got.IsZero() {
			t.Errorf("%s: an hour is over at %s", name, got)
		}
		if got := c.NextOpen(now); !got.IsZero() || c.Open(now) || c.Opens(now) {
			t.Errorf("%s: it opens at %s", name, got)
		}
		if got := c.Elapsed(now, now.AddDate(5, 0, 0)); got != 0 {
			t.Errorf("%s: %s elapse", name, got)
		}
	}
	if got := never(t).Before(now, time.Hour); !got.IsZero() {
		t.Errorf("an hour before begins at %s", got)
	}
	leave := []worktime.Span{{From: now, To: now.AddDate(11, 0, 0)}}
	if got := worktime.Always().Without(leave).Elapsed(now.Add(-time.Hour), now.AddDate(11, 0, 1)); got != 25*time.Hour {
		t.Errorf("around eleven years of leave %s elapse, want 25h", got)
	}
	partly := worktime.Always().Without(leave)
	if got, late := partly.Add(now.Add(-time.Hour), time.Hour), partly.Add(now.Add(-time.Hour), time.Hour+1); !got.Equal(now) || !late.IsZero() {
		t.Errorf("got %s and %s, want the last open hour and nothing after it", got, late)
	}
}

func TestAlways(t *testing.T) {
	c, now := worktime.Always(), instant(t, "2026-05-05T10:00:00.5+02:00")
	if got := c.Add(now, time.Hour); !got.Equal(now.Add(time.Hour)) || got.Location() != time.UTC || c.Zone() != time.UTC {
		t.Errorf("an hour is over at %s", got)
	}
	if got := c.Before(now, time.Hour); !got.Equal(now.Add(-time.Hour)) {
		t.Errorf("an hour before is %s", got)
	}
	if got := c.NextOpen(now); !got.Equal(now) || !c.Open(now) || !c.Opens(now) {
		t.Errorf("it opens at %s", got)
	}
	if got := c.Elapsed(time.Time{}, now); got != math.MaxInt64 {
		t.Errorf("since year 1 %s elapse, want as much as there is", got)
	}
	pauses := c.Without([]worktime.Span{{From: now, To: now.Add(time.Hour)}, {From: now.AddDate(100, 0, 0), To: now.AddDate(101, 0, 0)}})
	if got := pauses.Elapsed(now.AddDate(-250, 0, 0), now.AddDate(250, 0, 0)); got != math.MaxInt64 {
		t.Errorf("in five hundred years %s elapse, want as much as there is", got)
	}
	if got := c.Add(now, math.MaxInt64); !got.Equal(now.Add(math.MaxInt64)) {
		t.Errorf("the longest time is over at %s", got)
	}
}

func TestLayersLeaveTheirPartsAlone(t *testing.T) {
	at := func(text string) time.Time { return instant(t, text) }
	team, rep := calendar(t, "office", "America/New_York"), calendar(t, "lunch", "Europe/Berlin")
	monday := []worktime.Span{
		{From: at("2026-05-05T12:00:00Z"), To: at("2026-05-05T11:00:00Z")}, // backwards: ignored
		{From: at("2026-05-03T00:00:00Z"), To: at("2026-04-01T11:00:00Z")},
		{From: at("2026-04-20T00:00:00Z"), To: at("2026-04-21T00:00:00Z")},
		{From: at("2026-05-04T14:00:00Z"), To: at("2026-05-05T00:00:00Z")},
		{From: at("2026-05-04T00:00:00Z"), To: at("2026-05-04T15:00:00Z")},
	}
	given := append([]worktime.Span{}, monday...)
	both := team.And(rep)
	away := both.Without(monday)
	for i := range monday {
		if monday[i] != given[i] {
			t.Errorf("the caller's spans were changed: %v", monday)
		}
	}
	noon := at("2026-05-04T13:30:00Z") // 9:30 in New York, 15:30 in Berlin
	for name, c := range map[string]*worktime.Calendar{"team": team, "rep": rep, "both": both, "both again": both.And(rep).And(team)} {
		if !c.Open(noon) {
			t.Errorf("%s: closed", name)
		}
	}
	if away.Open(noon) || !away.Open(noon.AddDate(0, 0, 1)) {
		t.Error("leave on Monday is not leave on Monday alone")
	}
	if got := team.And(away).Elapsed(noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 1)); got != 30*time.Minute {
		t.Errorf("until Tuesday 13:30 %s elapse, want the half hour of Tuesday", got)
	}
	if away.Open(noon.AddDate(0, 0, -14)) {
		t.Error("a span that ends before it begins opens another")
	}
	doctor := away.Without([]worktime.Span{{From: at("2026-05-05T13:30:00Z"), To: at("2026-05-05T14:00:00Z")}})
	for deadline, want := range map[string]string{"2026-05-05T13:15:00Z": "2026-05-01T15:25:00Z", "2026-05-05T14:10:00Z": "2026-05-05T13:20:00Z"} {
		if got := doctor.Before(at(deadline), 20*time.Minute); !got.Equal(at(want)) {
			t.Errorf("20 minutes before %s is %s, want %s", deadline, got, want)
		}
	}
	if both.Zone() != team.Zone() || rep.And(team).Zone() != rep.Zone() || away.Zone() != team.Zone() {
		t.Error("a combined calendar doesn't keep the first one's zone")
	}
}
