package routing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

func TestCapName(t *testing.T) {
	long := strings.Repeat("lead.country == 'DE' or ", 20)
	for _, c := range []struct {
		cap  policy.Cap
		want string
	}{
		{policy.Cap{Per: policy.CapDay}, "day"},
		{policy.Cap{Per: policy.CapDay, Most: 7, Spread: true}, "day"},
		{policy.Cap{Per: "24h"}, "24h"},
		{policy.Cap{Per: "1440m"}, "24h"},
		{policy.Cap{Per: policy.CapOpen, Tag: "enterprise"}, "open#enterprise"},
		{policy.Cap{Per: policy.CapWeek, When: "fit.grade == 'A'"}, "week?fit.grade == 'A'"},
		{policy.Cap{Per: policy.CapWeek, Tag: "big", When: "fit.grade == 'A'"}, "week#big?fit.grade == 'A'"},
		{policy.Cap{Per: policy.CapWeek, When: long}, "week?123456789abc"},
	} {
		got := routing.CapName(c.cap)
		if c.cap.When == long {
			if len(got) != len(c.want) || got == routing.CapName(policy.Cap{Per: policy.CapWeek, When: long + " "}) {
				t.Errorf("a long condition gives %s", got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.cap, got, c.want)
		}
	}
}

// A cap of 2 in each kind of window: when the third lead has to wait, and until when.
func TestWindows(t *testing.T) {
	for _, c := range []struct {
		per, zone, first, reopens, why string
	}{
		{"hour", "Asia/Kolkata", "2026-05-11T10:40:00+05:30", "2026-05-11T11:00:00+05:30", "full: 2 of 2 this hour"},
		{"hour", "Europe/Berlin", "2026-03-29T01:40:00+01:00", "2026-03-29T03:00:00+02:00", "full: 2 of 2 this hour"}, // 02:00 is skipped
		{"hour", "Europe/Berlin", "2026-10-25T02:40:00+02:00", "2026-10-25T03:00:00+01:00", "full: 2 of 2 this hour"}, // 02:00 comes twice
		{"hour", "Australia/Lord_Howe", "2026-04-05T01:20:00+11:00", "2026-04-05T02:00:00+10:30", "full: 2 of 2 this hour"},
		{"day", "Europe/Berlin", "2026-03-29T00:10:00+01:00", "2026-03-30T00:00:00+02:00", "full: 2 of 2 today"},
		{"day", "Europe/Berlin", "2026-10-25T00:10:00+02:00", "2026-10-26T00:00:00+01:00", "full: 2 of 2 today"},
		{"day", "America/Santiago", "2026-09-05T12:00:00-04:00", "2026-09-06T01:00:00-03:00", "full: 2 of 2 today"}, // midnight is skipped
		{"day", "America/Santiago", "2026-04-04T12:00:00-03:00", "2026-04-05T00:00:00-04:00", "full: 2 of 2 today"}, // 23:00 comes twice
		{"week", "America/New_York", "2026-03-08T12:00:00-04:00", "2026-03-09T00:00:00-04:00", "full: 2 of 2 this week"},
		{"week", "America/New_York", "2026-03-02T00:00:00-05:00", "2026-03-09T00:00:00-04:00", "full: 2 of 2 this week"},
		{"month", "Europe/Berlin", "2026-12-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00", "full: 2 of 2 this month"},
		{"month", "Europe/Berlin", "2028-02-29T23:00:00+01:00", "2028-03-01T00:00:00+01:00", "full: 2 of 2 this month"},
		{"90m", "Europe/Berlin", "2026-03-29T01:40:00+01:00", "2026-03-29T04:10:00+02:00", "full: 2 of 2 in 1h30m"},
		{"24h", "Europe/Berlin", "2026-03-28T12:00:00+01:00", "2026-03-29T13:00:00+02:00", "full: 2 of 2 in 24h"},
	} {
		t.Run(c.per+" "+c.first, func(t *testing.T) {
			r := team(1)
			r.Policy.Caps, r.Calendar = []policy.Cap{{Most: 2, Per: c.per}}, calendarIn(t, c.zone)
			first, reopens := instant(t, c.first), instant(t, c.reopens)
			r.Now = first
			if got := order(&r, 3); got != "aa-" {
				t.Fatalf("given %s", got)
			}
			choice, _ := routing.Choose(r)
			if !choice.Reopens.Equal(reopens) || !choice.Closed || choice.Considered[0].Why != c.why {
				t.Errorf("reopens %s, want %s; said %q", choice.Reopens, reopens.UTC(), choice.Considered[0].Why)
			}
			r.Now = reopens.Add(-1)
			if got := order(&r, 1); got != "-" {
				t.Error("given before it reopens")
			}
			r.Now = reopens
			if got := order(&r, 3); got != "aa-" {
				t.Errorf("given %s when it reopens", got)
			}
		})
	}
}

func instant(tb testing.TB, text string) time.Time {
	tb.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func calendarIn(tb testing.TB, zone string) *worktime.Calendar {
	tb.Helper()
	hours := worktime.Hours{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		hours[d] = []worktime.Interval{{Close: 24 * time.Hour}}
	}
	c, err := worktime.New(location(tb, zone), hours, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestRollingWindowsCountWhatIsYounger(t *testing.T) {
	r := team(1)
	r.Policy.Caps = []policy.Cap{{Most: 2, Per: "1h"}}
	var got []string
	for _, minute := range []float64{0, 20, 59, 60, 79, 80, 119, 120} {
		r.Now = monday().Add(time.Duration(minute * float64(time.Minute)))
		got = append(got, give(&r))
	}
	if d := cmp.Diff([]string{"a", "a", "-", "a", "-", "a", "-", "a"}, got); d != "" {
		t.Error(d)
	}
	if n := len(r.State.Reps["a"].Rolling["1h"]); n != 2 {
		t.Errorf("%d times are kept", n)
	}
	// Within a second it is not free too early.
	r = team(1)
	r.Policy.Caps = []policy.Cap{{Most: 1, Per: "1m"}}
	r.Now = monday().Add(900 * time.Millisecond)
	give(&r)
	if r.Now = monday().Add(time.Minute); give(&r) != "-" {
		t.Error("a window of a minute was free after 59.1 s")
	}
}

func TestACapKeepsItsCountWhenTheLimitIsRaised(t *testing.T) {
	r := team(1)
	r.Policy.Caps = []policy.Cap{{Most: 2, Per: policy.CapMonth}}
	got := order(&r, 3)
	r.Policy.Caps[0].Most = 3
	if got += order(&r, 2); got != "aa-a-" {
		t.Errorf("given %s", got)
	}
}

func TestAClockBehindLosesNoCount(t *testing.T) {
	r := team(1)
	r.Policy.Caps = []policy.Cap{{Most: 2, Per: policy.CapDay}, {Most: 3, Per: "1h"}}
	r.Now = monday().Truncate(24 * time.Hour)
	got := order(&r, 1)
	r.Now = r.Now.Add(-time.Second)
	got += order(&r, 1)
	r.Now = r.Now.Add(time.Minute)
	if got += order(&r, 1); got != "aa-" {
		t.Errorf("given %s", got)
	}
	if stamps := r.State.Reps["a"].Rolling["1h"]; len(stamps) != 2 || !slices.IsSorted(stamps) {
		t.Errorf("the times of a rolling window are %v", stamps)
	}
}

func TestOpenLeads(t *testing.T) {
	r := team(1)
	r.Candidates[0].Caps = []policy.Cap{{Most: 2, Per: policy.CapOpen, Tag: "enterprise"}, {Most: 3, Per: policy.CapOpen}}
	big := true
	r.Concerns = func(c policy.Cap) bool { return big && c.Tag == "enterprise" }
	first, _ := routing.Choose(r)
	r.State = first.State
	if got := order(&r, 2); got != "a-" {
		t.Fatalf("given %s", got)
	}
	c, _ := routing.Choose(r)
	if c.Considered[0].Why != "full: 2 open leads of 2 (enterprise)" || c.Closed || !c.Reopens.IsZero() {
		t.Errorf("%+v", c)
	}
	big = false
	if got := order(&r, 2); got != "a-" {
		t.Fatalf("of the others given %s", got)
	}
	if c, _ = routing.Choose(r); c.Considered[0].Why != "full: 3 open leads of 3" || !c.Closed {
		t.Errorf("%+v", c)
	}
	r.State, big = r.State.Release("a", first.Counted), true
	if got := order(&r, 2); got != "a-" {
		t.Errorf("after one is closed given %s", got)
	}
}

func TestCapsThatAllowNothing(t *testing.T) {
	for why, limit := range map[string]policy.Cap{
		"takes no leads":                                             {Per: policy.CapDay},
		"takes no leads (tiny)":                                      {Per: "24h", Most: -1, Tag: "tiny"},
		"has a cap per \"fortnight\", which is no time":              {Per: "fortnight", Most: 5},
		"takes no leads (lead.employees > 5000 and lead.country i…)": {Per: policy.CapOpen, When: "lead.employees > 5000 and lead.country in ['DE']"},
	} {
		r := team(1)
		r.Policy.Caps, r.Concerns = []policy.Cap{limit}, func(policy.Cap) bool { return true }
		c, ok := routing.Choose(r)
		if ok || c.Considered[0].Why != why || !c.Reopens.IsZero() || c.Closed != (limit.Tag+limit.When == "") {
			t.Errorf("%q: %+v", why, c)
		}
	}
}

func TestTheCapThatLastsLongestIsNamed(t *testing.T) {
	r := team(1)
	r.Policy.Caps = []policy.Cap{{Most: 1, Per: policy.CapHour}, {Most: 1, Per: policy.CapWeek}, {Most: 1, Per: policy.CapDay}}
	give(&r)
	c, _ := routing.Choose(r)
	if want := time.Date(2026, 5, 18, 0, 0, 0, 0, time.UTC); !c.Reopens.Equal(want) || c.Considered[0].Why != "full: 1 of 1 this week" {
		t.Errorf("%s %+v", c.Reopens, c.Considered)
	}
	r = team(1, 1)
	r.Candidates[0].Caps, r.Candidates[1].Caps = []policy.Cap{{Most: 1, Per: policy.CapDay}}, []policy.Cap{{Most: 1, Per: policy.CapHour}}
	order(&r, 2)
	if c, _ := routing.Choose(r); !c.Reopens.Equal(monday().Add(time.Hour)) {
		t.Errorf("reopens %s: whoever is free first counts", c.Reopens)
	}
}

// served gives as many leads as possible on every day of a month and returns
// how many there were on each.
func served(t *testing.T, r routing.Request, from time.Time, days int) []int {
	t.Helper()
	var all []int
	for d := range days {
		r.Now = from.AddDate(0, 0, d)
		n := 0
		for give(&r) == "a" {
			n++
		}
		all = append(all, n)
	}
	return all
}

func TestSpread(t *testing.T) {
	hours := office(t, "Europe/Berlin", 9, 17)
	june := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC) // a Monday, with 22 working days
	for _, c := range []struct {
		name  string
		most  int
		per   string
		leave []routing.Away
		want  string
	}{
		{"14 a month", 14, policy.CapMonth, nil, "[1 1 0 1 1 0 0 0 1 1 0 1 0 0 0 1 1 0 1 0 0 1 0 1 1 0 0 0 1 0]"},
		{"5 a week", 5, policy.CapWeek, nil, "[1 1 1 1 1 0 0]"},
		{"3 a week", 3, policy.CapWeek, nil, "[1 1 0 1 0 0 0]"},
		{"8 a week", 8, policy.CapWeek, nil, "[2 2 1 2 1 0 0]"},
		{"away until Thursday", 5, policy.CapWeek, away(june.AddDate(0, 0, -3), june.AddDate(0, 0, 2)), "[0 0 2 2 1 0 0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := team(1)
			r.Calendar, r.Candidates[0].Hours, r.Candidates[0].Leave = hours, hours, c.leave
			r.Policy.Caps = []policy.Cap{{Most: c.most, Per: c.per, Spread: true}}
			days := len(strings.Fields(c.want))
			if got := fmt.Sprint(served(t, r, june, days)); got != c.want {
				t.Errorf("served %s, want %s", got, c.want)
			}
		})
	}
}

func away(from, to time.Time) []routing.Away { return []routing.Away{{From: from, To: to}} }

func TestSpreadLeavesWhatWasNotUsed(t *testing.T) {
	r := team(1)
	hours := office(t, "Europe/Berlin", 9, 17)
	r.Calendar, r.Candidates[0].Hours = hours, hours
	r.Policy.Caps = []policy.Cap{{Most: 10, Per: policy.CapWeek, Spread: true}}
	c, _ := routing.Choose(r)
	r.State = c.State
	give(&r)
	if c, ok := routing.Choose(r); ok || c.Considered[0].Why != "full: 2 of 2 by today, of 10 this week" ||
		!c.Reopens.Equal(time.Date(2026, 5, 12, 0, 0, 0, 0, location(t, "Europe/Berlin"))) {
		t.Errorf("%s %+v", c.Reopens, c.Considered)
	}
	r.Now = monday().AddDate(0, 0, 3)
	if got := order(&r, 7); got != "aaaaaa-" {
		t.Errorf("on Thursday given %s", got)
	}
}

// The rep's days are counted by their own clock, the month by the pool's.
func TestSpreadAcrossZones(t *testing.T) {
	r := team(1)
	r.Calendar, r.Candidates[0].Hours = office(t, "Asia/Tokyo", 9, 17), office(t, "America/Los_Angeles", 9, 17)
	r.Policy.Caps = []policy.Cap{{Most: 22, Per: policy.CapMonth, Spread: true}}
	days := served(t, r, time.Date(2026, 6, 1, 1, 0, 0, 0, time.UTC), 30) // 10:00 in Tokyo, 18:00 on the day before in California
	total := 0
	for i, n := range days {
		if total += n; n != [...]int{1, 1, 1, 1, 1, 0, 0}[i%7] {
			t.Errorf("%d on June %d", n, i+1)
		}
	}
	if total != 22 {
		t.Errorf("%d in the month", total)
	}
}
