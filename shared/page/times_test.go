package page_test

import (
	"fmt"
	"html/template"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/page"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		want string
	}{
		{0, "now"},
		{time.Second, "in 1 s"},
		{-time.Second, "1 s ago"},
		{29*time.Minute + 30*time.Second, "in 29 min 30 s"},
		{time.Hour, "in 1 h"},
		{49*time.Hour + time.Minute, "in 2 d 1 h"},
		{-(90 * time.Minute), "1 h ago"},
		{-(90 * time.Second), "1 min ago"},
		{-(26 * time.Hour), "1 d ago"},
	} {
		if got := page.Distance(c.d); got != c.want {
			t.Errorf("Distance(%s) = %q, want %q", c.d, got, c.want)
		}
	}
}

func TestTimesAreForMachinesToo(t *testing.T) {
	at := time.Date(2026, 11, 23, 16, 5, 9, 0, time.FixedZone("", 3600))
	if got := string(page.Time(at)); !strings.Contains(got, `datetime="2026-11-23T15:05:09Z"`) || !strings.Contains(got, "Mon 23 Nov 2026, 15:05 UTC") {
		t.Errorf("Time = %s", got)
	}
	if got := string(page.Until(at.Add(-time.Minute), at)); !strings.Contains(got, "in 1 min") {
		t.Errorf("Until = %s", got)
	}
	if got := page.Time(time.Time{}); got != "–" {
		t.Errorf("zero time = %s", got)
	}
}

func TestTimeInSpeaksOfAPlace(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 15, 5, 9, 0, time.UTC)
	got := string(page.TimeIn(newYork, at))
	for _, want := range []string{`datetime="2026-11-23T15:05:09Z"`, `title="Mon 23 Nov 2026, 15:05:09 UTC"`, `data-stamp>Mon 23 Nov 2026, 10:05 EST<`} {
		if !strings.Contains(got, want) {
			t.Errorf("TimeIn = %s, without %s", got, want)
		}
	}
	if got := page.TimeIn(newYork, time.Time{}); got != "–" {
		t.Errorf("zero time = %s", got)
	}
}

func TestRemaining(t *testing.T) {
	friday := time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)
	monday := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		now, due time.Time
		left     time.Duration
		open     bool
		turn     time.Time
		want     string
	}{
		"open":                    {friday, monday.Add(time.Hour), 90 * time.Minute, true, friday.Add(30 * time.Minute), "1 h 30 min left"},
		"open, less than an hour": {friday, friday.Add(5*time.Minute + 3*time.Second), 5*time.Minute + 3*time.Second, true, time.Time{}, "5 min 3 s left"},
		"more hours than a day":   {friday, monday.AddDate(0, 0, 5), 40 * time.Hour, true, time.Time{}, "40 h left"},
		"closed":                  {friday.Add(time.Hour), monday.Add(time.Hour), 90 * time.Minute, false, monday, "1 h 30 min left, office closed until Mon 09:00 UTC"},
		"closed for long":         {friday, monday.AddDate(0, 0, 21), time.Hour, false, monday.AddDate(0, 0, 21), "1 h left, office closed until Mon 21 Dec, 09:00 UTC"},
		"closed, nobody knows":    {friday, monday, time.Hour, false, time.Time{}, "1 h left, office closed"},
		"due":                     {friday, friday, 0, true, time.Time{}, "due now"},
		"overdue":                 {friday, friday.Add(-90 * time.Minute), 0, true, time.Time{}, "overdue by 1 h 30 min"},
		"overdue and closed":      {monday.Add(-49 * time.Hour), friday, 0, false, monday, "overdue by 15 h 30 min"},
		"overdue for days":        {monday, friday.Add(-time.Hour), 0, true, time.Time{}, "overdue by 2 d 17 h"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := page.Remaining(c.now, c.due, c.left, c.open, c.turn); got != c.want {
				t.Errorf("Remaining = %q, want %q", got, c.want)
			}
		})
	}
}

func TestCountdownTellsTheScriptAllThatItNeeds(t *testing.T) {
	now := time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC)
	opens := now.Add(64 * time.Hour)
	for name, c := range map[string]struct {
		got  template.HTML
		want []string
	}{
		"open":                       {page.Countdown(now, now.Add(time.Hour), time.Hour, true, now.Add(2*time.Hour)), []string{`data-business="3600"`, `data-closes="2026-11-27T18:30:00Z"`, `class="ticks"`, "1 h left"}},
		"day and night":              {page.Countdown(now, now.Add(time.Hour), time.Hour, true, time.Time{}), []string{`data-closes=""`}},
		"closed":                     {page.Countdown(now, opens.Add(time.Hour), time.Hour, false, opens), []string{`data-business="3600"`, `data-opens="2026-11-30T08:30:00Z"`, "office closed until Mon 08:30 UTC"}},
		"overdue":                    {page.Countdown(now, now.Add(-time.Hour), -time.Hour, true, time.Time{}), []string{`data-business="0"`, "overdue by 1 h"}},
		"a deadline that is not set": {page.Countdown(now, time.Time{}, 0, true, time.Time{}), []string{"–"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, want := range c.want {
				if !strings.Contains(string(c.got), want) {
					t.Errorf("Countdown = %s, without %s", c.got, want)
				}
			}
		})
	}
}

// TestRemainingNeverGrows: as long as the office is open, less is left a little
// later, and what is written never says more than there is.
func TestRemainingNeverGrows(t *testing.T) {
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		left := time.Duration(rapid.Int64Range(1, 400*3600).Draw(t, "left")) * time.Second
		passed := time.Duration(rapid.Int64Range(0, int64(left/time.Second)-1).Draw(t, "passed")) * time.Second
		due := now.Add(left)
		read := func(at time.Time, left time.Duration) time.Duration {
			text := strings.TrimSuffix(page.Remaining(at, due, left, true, time.Time{}), " left")
			d, err := time.ParseDuration(strings.NewReplacer(" min", "m", " h", "h", " s", "s", " ", "").Replace(text))
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			return d
		}
		before, after := read(now, left), read(now.Add(passed), left-passed)
		if after > before || before > left || left-before >= time.Minute {
			t.Errorf("of %s it says %s, and %s later %s", left, before, passed, after)
		}
	})
}

func ExampleRemaining() {
	friday := time.Date(2026, 11, 27, 18, 0, 0, 0, time.UTC)
	monday := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	fmt.Println(page.Remaining(friday, monday.Add(90*time.Minute), 90*time.Minute, false, monday))
	// Output: 1 h 30 min left, office closed until Mon 09:00 UTC
}
