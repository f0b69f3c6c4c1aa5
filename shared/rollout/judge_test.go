package rollout_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/rollout"
)

const day = 24 * time.Hour

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// second is a phase with a guardrail and a criterion against control.
func second() rollout.Phase {
	gate := rollout.Gate{Measure: rollout.Share, Against: rollout.Control, Direction: rollout.Higher, Alpha: 0.05, Minimum: 40}
	accepted, meeting := gate, gate
	accepted.Outcome, accepted.Role = "accepted", rollout.Guardrail
	meeting.Outcome, meeting.Role = "meeting", rollout.Criterion
	return rollout.Phase{
		Name: "second", Unit: "lead", Share: 0.5, Started: began, Least: 7 * day, Most: 56 * day,
		Gates: []rollout.Gate{accepted, meeting},
	}
}

// counted is evidence in which an outcome has successes of mature units, in the
// process and in control; all others enrolled are too young.
func counted(treated, control int, outcomes map[string][4]int) rollout.Evidence {
	e := rollout.Evidence{Enrolled: rollout.Enrolled{Treated: treated, Control: control}, Outcomes: map[string]rollout.Arms{}}
	for name, o := range outcomes {
		e.Outcomes[name] = rollout.Arms{
			Treated: rollout.Successes(o[0], o[1], treated-o[1]),
			Control: rollout.Successes(o[2], o[3], control-o[3]),
		}
	}
	return e
}

func TestJudge(t *testing.T) {
	only := func(role rollout.Role) rollout.Phase {
		p := second()
		p.Gates = slices.DeleteFunc(p.Gates, func(g rollout.Gate) bool { return g.Role != role })
		return p
	}
	everybody := only(rollout.Guardrail)
	everybody.Share = 1
	everybody.Gates[0].Against, everybody.Gates[0].Line = rollout.Threshold, 0.5
	broken := second()
	broken.Gates[1].Alpha = 0
	hours := rollout.Phase{
		Name: "hours", Unit: "rep", Share: 0.5, Started: began, Least: day, Most: 20 * day,
		Gates: []rollout.Gate{{
			Outcome: "hours to contact", Role: rollout.Criterion, Measure: rollout.Mean, Against: rollout.Control,
			Direction: rollout.Lower, Alpha: 0.05, Minimum: 20,
		}},
	}
	mean := func(treated, control rollout.Arm) rollout.Evidence {
		return rollout.Evidence{
			Enrolled: rollout.Enrolled{Treated: treated.N, Control: control.N},
			Outcomes: map[string]rollout.Arms{"hours to contact": {Treated: treated, Control: control}},
		}
	}
	even, gain := [4]int{60, 100, 60, 100}, [4]int{70, 100, 20, 100}
	fine := map[string][4]int{"accepted": even, "meeting": gain}
	tests := []struct {
		name     string
		phase    rollout.Phase
		evidence rollout.Evidence
		after    time.Duration
		want     rollout.Decision
		reason   string // that comes first, in part
		missing  string // all of it
	}{
		{"not begun", second(), rollout.Evidence{}, -time.Hour, rollout.Hold, "has not begun", ""},
		{
			"nothing counted yet", second(),
			rollout.Evidence{},
			time.Hour, rollout.Hold, "take 7 days at least",
			"accepted needs 40 more leads in the process and 40 in control; there is no rate yet to say how long that takes. " +
				"meeting needs 40 more leads in the process and 40 in control; there is no rate yet to say how long that takes. The phase needs 7 days more.",
		},
		{
			"too few", second(), counted(10, 12, map[string][4]int{"accepted": {6, 10, 6, 12}, "meeting": {1, 6, 1, 6}}), 8 * day, rollout.Hold,
			"accepted: 10 leads in the process and 12 in control are old enough and 0 too young, of 40 needed in each.",
			"accepted needs 30 more leads in the process and 28 in control, about 3 weeks at this rate. " +
				"meeting needs 34 more leads in the process and 34 in control (10 of them in, and too young), about 3 weeks at this rate.",
		},
		{
			"enough, but too young", second(), counted(50, 52, map[string][4]int{"accepted": even50(), "meeting": {1, 30, 1, 50}}), 8 * day, rollout.Hold, "meeting: 30 leads",
			"meeting needs 10 more leads in the process, all of which are in and get old enough by themselves.",
		},
		{
			"few for the guardrail keeps from promoting", second(), counted(100, 100, map[string][4]int{"accepted": {20, 30, 60, 100}, "meeting": gain}), 10 * day, rollout.Hold, "accepted: 30 leads",
			"accepted needs 10 more leads in the process, all of which are in and get old enough by themselves.",
		},
		{
			"inconclusive", second(), counted(100, 100, map[string][4]int{"accepted": even, "meeting": {30, 100, 20, 100}}), 20 * day, rollout.Hold,
			"meeting: 30 % of 100 leads in the process and 20 % of 100 in control, +10.0 points (",
			"meeting needs about 389 more leads if it stays as it is, about 6 weeks at this rate.",
		},
		{
			"no gain so far", second(), counted(100, 100, map[string][4]int{"accepted": even, "meeting": {18, 100, 20, 100}}), 20 * day, rollout.Hold, "meeting: ",
			"meeting is not better than control so far; time alone will not change that.",
		},
		{"passed", second(), counted(100, 100, fine), 7 * day, rollout.Promote, "meeting: 70 % of 100 leads in the process and 20 % of 100 in control, +50.0 points (", ""},
		{"passed too early", second(), counted(100, 100, fine), 7*day - time.Hour, rollout.Hold, "take 7 days at least", "The phase needs 1 hour more."},
		{"passed late", second(), counted(100, 100, fine), 90 * day, rollout.Promote, "meeting: ", ""},
		{"harm on the second day", second(), counted(60, 60, map[string][4]int{"accepted": {5, 50, 40, 50}, "meeting": {0, 0, 0, 0}}), 2 * day, rollout.Rollback, "accepted: 10 % of 50 leads", ""},
		{"harm with a gain", second(), counted(100, 100, map[string][4]int{"accepted": {10, 100, 60, 100}, "meeting": gain}), 20 * day, rollout.Rollback, "worse than control.", ""},
		{"harm with a mismatch", second(), counted(100, 300, map[string][4]int{"accepted": {10, 100, 60, 100}, "meeting": gain}), 20 * day, rollout.Rollback, "worse than control.", ""},
		{"harm with another outcome missing", second(), counted(100, 100, map[string][4]int{"accepted": {10, 100, 60, 100}}), 20 * day, rollout.Rollback, "worse than control.", ""},
		{"mismatch", second(), counted(100, 200, fine), 20 * day, rollout.Ask, "100 of 300 leads are in the process, where 50 % were meant", ""},
		{"an outcome is missing", second(), counted(100, 100, map[string][4]int{"accepted": even}), 20 * day, rollout.Ask, "meeting: nothing was counted", ""},
		{"more successes than units", second(), counted(100, 100, map[string][4]int{"accepted": even, "meeting": {101, 100, 0, 100}}), 20 * day, rollout.Ask, "meeting: in the process: 101 successes", ""},
		{"more units than enrolled", second(), counted(90, 100, fine), 20 * day, rollout.Ask, "accepted: in the process: a count is negative", ""},
		{"the criterion is worse", second(), counted(100, 100, map[string][4]int{"accepted": even, "meeting": {20, 100, 70, 100}}), 20 * day, rollout.Ask, "-50.0 points", ""},
		{"too long", second(), counted(100, 100, map[string][4]int{"accepted": even, "meeting": {30, 100, 20, 100}}), 56 * day, rollout.Ask, "The longest time of the phase, 8 weeks, is over", "meeting needs about 389 more leads if it stays as it is, about 4 months at this rate."},
		{"too long with too few", second(), counted(10, 12, map[string][4]int{"accepted": {6, 10, 6, 12}, "meeting": {1, 10, 1, 12}}), 57 * day, rollout.Ask, "The longest time", "accepted needs 30"},
		{"no criterion", only(rollout.Guardrail), counted(100, 100, map[string][4]int{"accepted": even}), 7 * day, rollout.Ask, "no criterion that could promote", ""},
		{"no criterion, early", only(rollout.Guardrail), counted(100, 100, map[string][4]int{"accepted": even}), 6 * day, rollout.Hold, "at least", "The phase needs 1 day more."},
		{"everybody is in", everybody, counted(100, 0, map[string][4]int{"accepted": {20, 100, 0, 0}}), day, rollout.Rollback, "accepted: 20 % of 100 leads in the process (", ""},
		{"everybody, and some are not", everybody, counted(100, 1, map[string][4]int{"accepted": {60, 100, 0, 0}}), 9 * day, rollout.Ask, "100 of 101 leads are in the process, where 100 % were meant", ""},
		{"a phase that cannot be", broken, counted(100, 100, fine), 20 * day, rollout.Ask, "gate meeting: its alpha 0", ""},
		{"a mean that fell", hours, mean(rollout.Arm{N: 40, Sum: 80, Squares: 200}, rollout.Arm{N: 40, Sum: 400, Squares: 4400}), 2 * day, rollout.Promote, "hours to contact: 2 of 40 reps in the process and 10 of 40 in control, -8 (", ""},
		{"a mean that is the same for all", hours, mean(rollout.Arm{N: 40, Sum: 80, Squares: 160}, rollout.Arm{N: 40, Sum: 120, Squares: 360}), 2 * day, rollout.Hold, "not told apart from control", "hours to contact has the same value everywhere, which says nothing about how it varies."},
		{"squares that cannot be", hours, mean(rollout.Arm{N: 40, Sum: 80, Squares: 100}, rollout.Arm{N: 40, Sum: 400, Squares: 4400}), 2 * day, rollout.Ask, "the squares 100 are too few", ""},
		{"a sum that is no number", hours, mean(rollout.Arm{N: 40, Sum: math.NaN()}, rollout.Arm{N: 40}), 2 * day, rollout.Ask, "a sum is no number", ""},
	}
	for _, tt := range tests {
		v := rollout.Judge(tt.phase, tt.evidence, began.Add(tt.after))
		if v.Decision != tt.want || len(v.Reasons) == 0 || !strings.Contains(v.Reasons[0], tt.reason) {
			t.Errorf("%s: got %s %q, want %s %q", tt.name, v.Decision, v.Reasons, tt.want, tt.reason)
		}
		if missing := strings.Join(v.Missing, " "); missing != tt.missing && (tt.want != rollout.Ask || !strings.HasPrefix(missing, tt.missing)) {
			t.Errorf("%s: missing\n%s\nwant\n%s", tt.name, missing, tt.missing)
		}
	}
	mixed := rollout.Judge(second(), counted(100, 300, map[string][4]int{"accepted": {10, 100, 60, 100}, "meeting": gain}), began.Add(20*day))
	if len(mixed.Reasons) != 2 || !strings.Contains(mixed.Reasons[1], "something other than the draw") {
		t.Errorf("harm with a mismatch: %q", mixed.Reasons)
	}
}

func even50() [4]int { return [4]int{30, 50, 30, 52} }

func drawGate(t *rapid.T, outcome string, share float64) rollout.Gate {
	g := rollout.Gate{
		Outcome: outcome, Role: rapid.SampledFrom([]rollout.Role{rollout.Guardrail, rollout.Criterion}).Draw(t, "role"),
		Measure: rollout.Share, Against: rapid.SampledFrom([]rollout.Reference{rollout.Threshold, rollout.Control}).Draw(t, "against"),
		Direction: rapid.SampledFrom([]rollout.Direction{rollout.Higher, rollout.Lower}).Draw(t, "direction"),
		Alpha:     rapid.Float64Range(0.001, 0.5).Draw(t, "alpha"), Minimum: rapid.IntRange(20, 60).Draw(t, "minimum"),
		Expect: rapid.SampledFrom([]int{0, 100, 5000}).Draw(t, "expect"), Line: rapid.Float64Range(0.01, 0.99).Draw(t, "line"),
	}
	if share == 1 {
		g.Against = rollout.Threshold
	}
	if g.Against == rollout.Control {
		g.Line = rapid.SampledFrom([]float64{-0.1, 0, 0, 0.05}).Draw(t, "apart")
	}
	if g.Outcome == "c" {
		g.Measure, g.Minimum = rollout.Mean, 200
	}
	return g
}

func drawArm(t *rapid.T, enrolled int) rollout.Arm {
	n := rapid.OneOf(rapid.Just(enrolled), rapid.IntRange(enrolled/2, enrolled), rapid.IntRange(0, enrolled)).Draw(t, "n")
	return rollout.Successes(rapid.IntRange(0, n).Draw(t, "successes"), n, enrolled-n)
}

func drawPhase(t *rapid.T) (rollout.Phase, rollout.Evidence) {
	p := rollout.Phase{
		Name: "p", Unit: "account", Share: rapid.SampledFrom([]float64{0.1, 0.5, 0.9, 1}).Draw(t, "share"), Started: began,
		Least: time.Duration(rapid.IntRange(0, 20).Draw(t, "least")) * day, Most: time.Duration(rapid.IntRange(21, 60).Draw(t, "most")) * day,
	}
	outcomes := []string{"a", "b", "c", "a"} // the last may ask the same as the first, which cannot be
	for _, outcome := range outcomes[:rapid.SampledFrom([]int{0, 1, 1, 1, 2, 2, 3, 4}).Draw(t, "gates")] {
		p.Gates = append(p.Gates, drawGate(t, outcome, p.Share))
	}
	total := rapid.IntRange(0, 1500).Draw(t, "enrolled")
	e := rollout.Evidence{Outcomes: map[string]rollout.Arms{}}
	e.Enrolled.Treated = min(total, max(0, int(float64(total)*p.Share)+rapid.IntRange(-20, 20).Draw(t, "off")))
	e.Enrolled.Control = total - e.Enrolled.Treated
	for _, name := range []string{"a", "b", "c"} {
		e.Outcomes[name] = rollout.Arms{Treated: drawArm(t, e.Enrolled.Treated), Control: drawArm(t, e.Enrolled.Control)}
	}
	return p, e
}

// What is stored of a verdict leads to it again.
func TestVerdictsCanBeComputedAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, e := drawPhase(t)
		at := began.Add(time.Duration(rapid.IntRange(-5, 70*24).Draw(t, "hours")) * time.Hour).In(time.FixedZone("there", 3600))
		v := rollout.Judge(p, e, at)
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var stored rollout.Verdict
		if err := json.Unmarshal(text, &stored); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(v, stored.Again()); d != "" {
			t.Fatalf("another verdict from what is stored: %s", d)
		}
		e.Outcomes["a"], p.Gates = rollout.Arms{}, append(p.Gates[:0], rollout.Gate{})
		if d := cmp.Diff(v, v.Again()); d != "" {
			t.Fatalf("another verdict once the caller's evidence is gone: %s", d)
		}
	})
}

// proven says what the findings allow: harm, or a promotion but for the time.
func proven(v rollout.Verdict) (harm, gain bool) {
	passed, all := 0, v.Mismatch >= rollout.MismatchAlpha
	for _, f := range v.Findings {
		harm = harm || f.Role == rollout.Guardrail && f.State == rollout.Worse
		all = all && f.State != rollout.Few && f.State != rollout.Unusable
		if f.Role == rollout.Criterion {
			all, passed = all && f.State == rollout.Better, passed+1
		}
	}
	return harm, all && passed > 0 && !harm
}

// Whatever is counted, a verdict follows from its findings as the package says.
func TestVerdictsFollowFromFindings(t *testing.T) {
	seen := map[rollout.Decision]int{}
	rapid.Check(t, func(t *rapid.T) {
		p, e := drawPhase(t)
		elapsed := time.Duration(rapid.IntRange(0, 70*24).Draw(t, "hours")) * time.Hour
		v := rollout.Judge(p, e, began.Add(elapsed))
		seen[v.Decision]++
		harm, gain := proven(v)
		if harm != (v.Decision == rollout.Rollback) {
			t.Fatalf("harm %v, %s", harm, v.Decision)
		}
		if promote := gain && elapsed >= p.Least; promote != (v.Decision == rollout.Promote) {
			t.Fatalf("gain %v, %s: %q", gain, v.Decision, v.Reasons)
		}
		if v.Decision == rollout.Hold && elapsed >= p.Most || len(v.Reasons) == 0 || p.Check() != nil && v.Decision != rollout.Ask {
			t.Fatalf("%s, %q", v.Decision, v.Reasons)
		}
	})
	t.Log(seen)
}

// To count failures instead of successes, and call fewer of them better, is the
// same question.
func TestFailuresSayTheSame(t *testing.T) {
	mirror := func(a rollout.Arm) rollout.Arm { return rollout.Successes(a.N-int(a.Sum), a.N, a.Censored) }
	rapid.Check(t, func(t *rapid.T) {
		p, e := drawPhase(t)
		other, flipped := p, rollout.Evidence{Enrolled: e.Enrolled, Outcomes: map[string]rollout.Arms{}}
		other.Gates = slices.Clone(p.Gates)
		for i, g := range p.Gates {
			if g.Measure == rollout.Mean {
				return
			}
			other.Gates[i].Direction = map[rollout.Direction]rollout.Direction{rollout.Higher: rollout.Lower, rollout.Lower: rollout.Higher}[g.Direction]
			other.Gates[i].Line = map[rollout.Reference]float64{rollout.Control: -g.Line, rollout.Threshold: 1 - g.Line}[g.Against]
		}
		for name, a := range e.Outcomes {
			flipped.Outcomes[name] = rollout.Arms{Treated: mirror(a.Treated), Control: mirror(a.Control)}
		}
		now := began.Add(30 * day)
		if a, b := rollout.Judge(p, e, now), rollout.Judge(other, flipped, now); a.Decision != b.Decision {
			t.Fatalf("%s %q, mirrored %s %q", a.Decision, a.Reasons, b.Decision, b.Reasons)
		}
	})
}

func TestCheck(t *testing.T) {
	if err := second().Check(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		spoil func(*rollout.Phase)
		want  string
	}{
		{func(p *rollout.Phase) { p.Unit = "" }, "no unit"},
		{func(p *rollout.Phase) { p.Share = 0 }, "share 0"},
		{func(p *rollout.Phase) { p.Share = 0.00001 }, "share 1e-05"},
		{func(p *rollout.Phase) { p.Share = 1.5 }, "share 1.5"},
		{func(p *rollout.Phase) { p.Share = math.NaN() }, "share NaN"},
		{func(p *rollout.Phase) { p.Share = 1 }, "there is no control"},
		{func(p *rollout.Phase) { p.Started = time.Time{} }, "no start"},
		{func(p *rollout.Phase) { p.Most = p.Least }, "not longer than"},
		{func(p *rollout.Phase) { p.Least = -1 }, "shortest"},
		{func(p *rollout.Phase) { p.Gates = nil }, "no gate"},
		{func(p *rollout.Phase) { p.Gates[1] = p.Gates[0] }, "two that ask the same"},
		{func(p *rollout.Phase) { p.Gates[1].Outcome, p.Gates[1].Measure = "accepted", rollout.Mean }, "as a share and as a mean"},
		{func(p *rollout.Phase) { p.Gates[0].Outcome = "" }, "no outcome"},
		{func(p *rollout.Phase) { p.Gates[0].Role = "" }, "role"},
		{func(p *rollout.Phase) { p.Gates[0].Measure = "median" }, "measure"},
		{func(p *rollout.Phase) { p.Gates[0].Against = "" }, "against"},
		{func(p *rollout.Phase) { p.Gates[0].Direction = "up" }, "direction"},
		{func(p *rollout.Phase) { p.Gates[0].Alpha = 0.6 }, "alpha"},
		{func(p *rollout.Phase) { p.Gates[0].Alpha = math.NaN() }, "alpha"},
		{func(p *rollout.Phase) { p.Gates[0].Minimum = 19 }, "minimum 19 is below 20"},
		{func(p *rollout.Phase) { p.Gates[0].Expect = -1 }, "expects"},
		{func(p *rollout.Phase) { p.Gates[0].Line = 1 }, "between -1 and 1"},
		{func(p *rollout.Phase) { p.Gates[0].Line = math.Inf(1) }, "no number"},
		{func(p *rollout.Phase) { p.Gates[0].Against = rollout.Threshold }, "between 0 and 1"},
		{func(p *rollout.Phase) { p.Gates[0].Against, p.Gates[0].Measure = rollout.Threshold, rollout.Mean }, "minimum 40 is below 200"},
	}
	for _, tt := range tests {
		p := second()
		tt.spoil(&p)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %q", err, tt.want)
		}
	}
}

// A gate that counts what comes of units says so, and reckons with how fast that
// comes: 3 rep-days a day, of 20 leads.
func TestWhatAGateCountsIsNamed(t *testing.T) {
	p := second()
	p.Share, p.Gates = 1, []rollout.Gate{{
		Outcome: "workload", Role: rollout.Guardrail, Measure: rollout.Mean, Against: rollout.Threshold, Direction: rollout.Lower,
		Line: 50, Alpha: 0.05, Minimum: rollout.LeastOfMean, Counts: "rep-day",
	}}
	e := rollout.Evidence{Enrolled: rollout.Enrolled{Treated: 220}, Outcomes: map[string]rollout.Arms{
		"workload": {Treated: rollout.Arm{N: 30, Sum: 200, Squares: 1500, Censored: 20}},
	}}
	v := rollout.Judge(p, e, began.Add(10*day))
	if want := "workload: 30 rep-days in the process are old enough, of 200 needed"; v.Findings[0].Reason != want {
		t.Errorf("%q, want %q", v.Findings[0].Reason, want)
	}
	if want := "workload needs 170 more rep-days in the process, about 8 weeks at this rate."; v.Missing[0] != want {
		t.Errorf("%q, want %q", v.Missing[0], want)
	}
	e.Outcomes["workload"] = rollout.Arms{Treated: rollout.Arm{N: 200, Sum: 1400, Squares: 10_400, Censored: 20}}
	if v = rollout.Judge(p, e, began.Add(10*day)); !strings.HasPrefix(v.Findings[0].Reason, "workload: 7 of 200 rep-days in the process") {
		t.Errorf("%q", v.Findings[0].Reason)
	}
	o, err := rollout.Forecast(p, 40, []rollout.Assumption{{Deviation: 2, Change: 1}})
	if err != nil || !strings.HasPrefix(o.Words[0], "workload: at 40 leads a week, each of which brings a rep-day at most, this gate") {
		t.Errorf("%q %v", o.Words, err)
	}
}
