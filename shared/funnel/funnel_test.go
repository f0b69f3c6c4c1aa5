package funnel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

const day = 24 * time.Hour

var noon = time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)

// An account's second lead books a meeting nine days after the first lead was
// enrolled: the account has had one, and the first lead's rep stays.
func ExampleJoin() {
	first := funnel.Record{Enrolment: funnel.Enrolment{Phase: "half", Unit: funnel.UnitAccount, ID: "engines.example", Arm: funnel.Treatment, At: noon}, Rep: "ada"}
	first.Since(funnel.HandedOff, noon)
	second := funnel.Record{Enrolment: first.Enrolment, Rep: "bo"}
	second.Enrolment.At = noon.Add(5 * day)
	second.Since(funnel.Meeting, noon.Add(9*day+time.Hour))
	unit := funnel.Join([]funnel.Record{second, first})
	fmt.Println(unit.Ages[funnel.Meeting], unit.Rep)
	// Output: 9 ada
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name   string
		days   int
		reason string
		says   string
	}{
		{"acceptance", 7, "", "within 7 days of its enrolment"},
		{"meeting_rate", 30, "", "within 30 days"},
		{"meeting_rate within 14 days", 14, "", "within 14 days"},
		{"acceptance within 1 day", 1, "", "within 1 day of its enrolment"},
		{"rejection_rate: too_early", 14, "too_early", "for the reason too_early"},
		{"rejection_rate: too_early within 3 days", 3, "too_early", "within 3 days"},
		{"time_to_first_contact within 10 days", 10, "", "not within 10 days"},
	} {
		o, err := funnel.Find(tt.name)
		if err != nil || o.Name != tt.name || o.Days != tt.days || o.Reason != tt.reason || !strings.Contains(o.Definition, tt.says) {
			t.Errorf("%s: %+v, %v", tt.name, o, err)
		}
	}
	for _, name := range []string{
		"", "meetings", "meeting_rate within 0 days", "meeting_rate within 401 days", "meeting_rate within two days", "meeting_rate within 3 weeks",
		"rejection_rate: ", "workload within 3 days", "meeting_rate within 3", "win_rate: price",
	} {
		if o, err := funnel.Find(name); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%q: %+v, %v", name, o, err)
		}
	}
}

// Every outcome says in one sentence what it is, and its window.
func TestOutcomesAreDefined(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range funnel.Outcomes() {
		if seen[o.Name] || o.Label == "" || o.In == "" || o.Days < 1 || o.Days > funnel.MostDays || o.Event == "" {
			t.Errorf("%+v", o)
		}
		seen[o.Name] = true
		if strings.Count(o.Definition, ".") != 1 || !strings.HasSuffix(o.Definition, ".") {
			t.Errorf("%s is not defined in one sentence: %s", o.Name, o.Definition)
		}
		if window := fmt.Sprintf("%d days", o.Days); o.Name != funnel.Workload && !strings.Contains(o.Definition, window) {
			t.Errorf("%s does not say its window of %s: %s", o.Name, window, o.Definition)
		}
		if o.MeasureOf(funnel.UnitRep) != rollout.Mean || o.MeasureOf(funnel.UnitAccount) != o.Measure {
			t.Errorf("%s is measured as %s of reps and as %s of accounts", o.Name, o.MeasureOf(funnel.UnitRep), o.MeasureOf(funnel.UnitAccount))
		}
	}
}

// Every outcome is found by its name.
func TestFindFindsAll(t *testing.T) {
	for _, o := range funnel.Outcomes() {
		if found, err := funnel.Find(o.Name); err != nil || found != o {
			t.Errorf("%s is not found: %v", o.Name, err)
		}
	}
}

func TestKnown(t *testing.T) {
	o, err := funnel.Find("acceptance")
	if err != nil || o.Known(noon, noon.Add(7*day-time.Second)) || !o.Known(noon, noon.Add(7*day)) {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestOf(t *testing.T) {
	phase := func(unit string, g rollout.Gate) rollout.Phase {
		return rollout.Phase{Unit: unit, Gates: []rollout.Gate{g}}
	}
	gate := func(outcome string, m rollout.Measure, r rollout.Reference) rollout.Gate {
		return rollout.Gate{Outcome: outcome, Measure: m, Against: r}
	}
	for _, tt := range []struct {
		name  string
		phase rollout.Phase
		says  string // "" for fine
	}{
		{"a threshold", phase("account", gate("acceptance", rollout.Share, rollout.Threshold)), ""},
		{"against control", phase("lead", gate("meeting_rate", rollout.Share, rollout.Control)), ""},
		{"control is not asked", phase("account", gate("acceptance", rollout.Share, rollout.Control)), "control has none"},
		{"hours are no share", phase("account", gate("time_to_first_contact", rollout.Share, rollout.Control)), "is a mean"},
		{"a rep has a mean of its leads", phase("rep", gate("meeting_rate", rollout.Mean, rollout.Control)), ""},
		{"which is no share", phase("rep", gate("meeting_rate", rollout.Share, rollout.Control)), "of each rep it is a mean"},
		{"no outcome", phase("rep", gate("fun", rollout.Share, rollout.Control)), "there is no outcome"},
	} {
		outcomes, err := funnel.Of(tt.phase)
		if tt.says == "" && (err != nil || len(outcomes) != 1 || outcomes[0].Name != tt.phase.Gates[0].Outcome) {
			t.Errorf("%s: %v, %v", tt.name, outcomes, err)
		}
		if tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
		}
	}
}

func drawRecord(t *rapid.T) funnel.Record {
	minute := func(name string, most int) time.Time {
		return noon.Add(time.Duration(rapid.IntRange(0, most).Draw(t, name)) * 7 * time.Hour)
	}
	r := funnel.Record{Enrolment: funnel.Enrolment{
		Phase: "half", Unit: funnel.UnitAccount, ID: "a", At: minute("at", 4),
		Arm: rapid.SampledFrom([]funnel.Arm{funnel.Treatment, funnel.Control}).Draw(t, "arm"),
	}}
	for _, e := range []funnel.Event{funnel.HandedOff, funnel.Rejected, funnel.Contacted, funnel.Meeting} {
		r.Since(e, minute(string(e), 20))
	}
	if _, ok := r.Events[funnel.Contacted]; ok {
		r.Minutes = int64(rapid.IntRange(0, 3).Draw(t, "minutes"))
	}
	r.Rep = rapid.SampledFrom([]string{"ada", "bo"}).Draw(t, "rep")
	if _, ok := r.Events[funnel.Rejected]; ok {
		r.Reason = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "reason")
	}
	return r
}

// The order of a unit's leads does not matter, and nothing has a negative age.
func TestJoinInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOfN(rapid.Custom(drawRecord), 1, 5).Draw(t, "records")
		unit := funnel.Join(records)
		if diff := cmp.Diff(unit, funnel.Join(rapid.Permutation(records).Draw(t, "other order"))); diff != "" {
			t.Fatal(diff)
		}
		for e, age := range unit.Ages {
			if age < 0 {
				t.Fatalf("%s at the age of %d", e, age)
			}
		}
		for _, r := range records {
			if !r.Equal(r) || r.Enrolment.At.Before(unit.Enrolment.At) {
				t.Fatalf("%+v is not of %+v", r, unit)
			}
		}
	})
}

func TestSince(t *testing.T) {
	r := funnel.Record{Enrolment: funnel.Enrolment{Phase: "half", At: noon}}
	r.Since(funnel.Meeting, time.Time{})
	r.Since(funnel.Meeting, noon.Add(-time.Second)) // before it was enrolled
	if len(r.Events) != 0 {
		t.Errorf("%v", r.Events)
	}
	r.Since(funnel.Meeting, noon.Add(2*day))
	r.Since(funnel.Meeting, noon.Add(day))
	r.Since(funnel.Meeting, noon.Add(3*day))
	if !r.Events[funnel.Meeting].Equal(noon.Add(day)) {
		t.Errorf("%v", r.Events)
	}
	other := r
	other.Events = map[funnel.Event]time.Time{funnel.Meeting: noon.Add(day).In(time.FixedZone("", 3600))}
	if !r.Equal(other) {
		t.Error("the same times in another zone make another record")
	}
	other.Minutes = 1
	if r.Equal(other) {
		t.Error("other minutes make no other record")
	}
}

// A phase of reps has means where the policy says shares.
func TestFit(t *testing.T) {
	gates := []rollout.Gate{
		{Outcome: "acceptance", Measure: rollout.Share, Against: rollout.Threshold, Minimum: 20},
		{Outcome: "meeting_rate", Measure: rollout.Share, Against: rollout.Control, Minimum: 20},
		{Outcome: "fun", Measure: rollout.Share, Against: rollout.Control, Minimum: 20},
	}
	reps := funnel.Fit(rollout.Phase{Unit: funnel.UnitRep, Gates: gates}).Gates
	if reps[0].Measure != rollout.Mean || reps[0].Minimum != rollout.LeastOfMean || reps[1].Measure != rollout.Mean || reps[1].Minimum != 20 || reps[2] != gates[2] {
		t.Errorf("of reps: %+v", reps)
	}
	if diff := cmp.Diff(gates, funnel.Fit(rollout.Phase{Unit: funnel.UnitAccount, Gates: gates}).Gates); diff != "" || gates[0].Measure != rollout.Share {
		t.Errorf("of accounts: %s", diff)
	}
}

// The workload counts days of reps where leads or accounts are drawn.
func TestFitNamesWhatTheWorkloadCounts(t *testing.T) {
	for unit, want := range map[string]string{funnel.UnitLead: "rep-day", funnel.UnitAccount: "rep-day", funnel.UnitRep: "", funnel.UnitTeam: ""} {
		if g := funnel.Fit(rollout.Phase{Unit: unit, Gates: []rollout.Gate{{Outcome: funnel.Workload}}}).Gates[0]; g.Counts != want {
			t.Errorf("of %s it counts %q, want %q", unit, g.Counts, want)
		}
	}
}
