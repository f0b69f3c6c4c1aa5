package main

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/steering"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// fourWeeks lets the phase quarter run for four weeks: of 60 companies a side
// 48 of the process were accepted, and a verdict was kept each week.
func fourWeeks(t *testing.T) office {
	t.Helper()
	o := open(t, pilot(t))
	o.Post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", "x")
	o.Post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "1", "reason", "x")
	p, err := policy.Decode(pilot(t))
	if err != nil {
		t.Fatal(err)
	}
	phase := p.Rollout.Judged(p.Rollout.Phases[2], monday)
	for week := 1; week <= 4; week++ {
		n := 15 * week
		e := rollout.Evidence{Enrolled: rollout.Enrolled{Treated: n, Control: 3 * n}, Outcomes: map[string]rollout.Arms{
			"acceptance":     {Treated: rollout.Successes(12*week, n, 0)},
			"sla_compliance": {Treated: rollout.Successes(9*week, n, 0)},
			"meeting_rate":   {Treated: rollout.Successes(3*week, n, 0), Control: rollout.Successes(9*week, 3*n, 0)},
		}}
		at := monday.AddDate(0, 0, 7*week)
		r := rollout.Decide(rollout.Case{Phase: phase, Mode: rollout.Auto, Status: rollout.Running, Evidence: e, Through: at, State: 2, Policy: "p-rollout", Round: 3}, at)
		if err := o.table.PutRuling(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	count(t, o)
	o.site.Clock = clock.Fixed(monday.AddDate(0, 0, 28).Add(time.Hour))
	return o
}

// count stores the sums of the first day, as the hourly run would.
func count(t *testing.T, o office) {
	t.Helper()
	day := monday.Format(time.DateOnly)
	sums := func(units, accepted, booked int) map[string]evidence.Sums {
		return map[string]evidence.Sums{"": {Units: units, Leads: units, Events: map[funnel.Event]map[int]int{funnel.Accepted: {0: accepted}, funnel.Meeting: {3: booked}}}}
	}
	days := []evidence.Day{
		{Key: evidence.DayKey{Phase: "quarter", Round: 3, Arm: funnel.Treatment, Day: day}, Groups: sums(60, 48, 12)},
		{Key: evidence.DayKey{Phase: "quarter", Round: 3, Arm: funnel.Control, Day: day}, Groups: sums(180, 0, 36)},
	}
	if err := o.table.CommitCount(t.Context(), nil, days); err != nil {
		t.Fatal(err)
	}
	mark, err := o.table.CountMark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	mark.Through = monday.AddDate(0, 0, 28)
	if _, err := o.table.MoveCountMark(t.Context(), mark); err != nil {
		t.Fatal(err)
	}
}

func TestNumbersGatesAndPictures(t *testing.T) {
	t.Parallel()
	o := fourWeeks(t)
	page := o.Get(operator(), "/rollout", http.StatusOK).Body
	webtest.Says(t, page,
		"60 in the process, 180 in control", "80 % (68.2 % to 88.2 %)", "Accepted, guardrail at 50 %", "Meeting, guardrail at -5.0 points against control",
		"Verdict now: hold", "Meeting rate needs 30 more accounts in the process", "What a promotion still needs", "Mon 14 Jun 2027", "The same as a table",
		"What those of Half can find, before it begins")
	webtest.Says(t, o.Get(operator(), "/rollout/promote", http.StatusOK).Body, "Promote to half", "accounts a week this gate")
	pictures := regexp.MustCompile(`(?s)<svg class="chart".*?</svg>`).FindAllString(page, -1)
	if len(pictures) != 3 {
		t.Fatalf("%d pictures, want one for each of the 3 gates", len(pictures))
	}
	for _, p := range pictures {
		if err := xml.Unmarshal([]byte(p), new(any)); err != nil {
			t.Errorf("%v in %s", err, p)
		}
		if !strings.Contains(p, `role="img" aria-label="`) {
			t.Errorf("a picture has no text: %s", p)
		}
	}
	if strings.Contains(page, `style="`) {
		t.Error("the content security policy forbids inline styles")
	}
	journal := o.Get(marketer(), "/rollout/journal?round=3", http.StatusOK).Body
	webtest.Says(t, journal, "3. Quarter", "The gates so far", "as counted by now", "80 % (68.2 % to 88.2 %)", "not asked there", "Accepted guardrail, acceptance safe", "4 verdicts kept", "Mon 24 May 2027", "Mon 14 Jun 2027", "Promoted to quarter")
	if strings.Contains(webtest.Text(journal), "2. Europe confirms") {
		t.Error("the journal of one phase shows another")
	}
}

func TestAPictureStaysInItsFrame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		looks := drawLooks(t)
		out := string(sequencePicture(looks, rapid.Float64Range(-50, 50).Draw(t, "line"), number, `a "label" & <more>`))
		if len(looks) < 2 {
			if out != "" {
				t.Fatalf("a picture of %d looks: %s", len(looks), out)
			}
			return
		}
		if err := xml.Unmarshal([]byte(out), new(any)); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		if strings.Contains(out, "NaN") || strings.Contains(out, "Inf") {
			t.Fatalf("no number: %s", out)
		}
		if why := outside(looks); why != "" {
			t.Fatal(why)
		}
	})
}

// outside says which look is drawn outside of the frame, or upside down.
func outside(looks []steering.Look) string {
	f := frameOf(looks, looks[0].Value)
	for _, l := range looks {
		x, y := f.x(l.At), f.y(l.Value)
		if x < leftRoom || x > wide-rightRoom || y < topRoom-0.01 || y > tall-bottomRoom+0.01 {
			return fmt.Sprintf("%v is drawn at %v, %v", l, x, y)
		}
		if f.y(l.High) > f.y(l.Low) {
			return fmt.Sprintf("the upper end of %v lies below the lower one", l)
		}
	}
	return ""
}

func drawLooks(t *rapid.T) []steering.Look {
	at, looks := monday, []steering.Look{}
	for range rapid.IntRange(0, 20).Draw(t, "looks") {
		v, half := rapid.Float64Range(-50, 50).Draw(t, "value"), rapid.Float64Range(0, 20).Draw(t, "half")
		at = at.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
		looks = append(looks, steering.Look{At: at, Value: v, Low: v - half, High: v + half})
	}
	return looks
}
