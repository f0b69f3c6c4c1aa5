package policy_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
)

func value(x float64) *float64 { return &x }

// Only a rollout with nothing to draw and nothing to find out is for everybody.
func TestEverybody(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*policy.Rollout)
		want   bool
	}{
		"as it is":     {func(*policy.Rollout) {}, true},
		"left out":     {func(r *policy.Rollout) { *r = policy.Rollout{} }, true},
		"two phases":   {func(r *policy.Rollout) { r.Phases = append(r.Phases, r.Phases[0]) }, false},
		"not all":      {func(r *policy.Rollout) { r.Phases[0].Share = 99.9 }, false},
		"suggested":    {func(r *policy.Rollout) { r.Phases[0].Mode = rollout.Suggest }, false},
		"some alone":   {func(r *policy.Rollout) { r.Phases[0].Segments = []policy.Segment{{Name: "a", When: "true"}} }, false},
		"from a day":   {func(r *policy.Rollout) { r.Phases[0].Start = "2026-07-01" }, false},
		"with a gate":  {func(r *policy.Rollout) { r.Phases[0].Gates = []policy.Gate{{Outcome: "acceptance"}} }, false},
		"other limits": {func(r *policy.Rollout) { r.Phases[0].MostDays = 10 }, true},
	} {
		r := policy.Rollout{Seed: "s", Unit: policy.UnitAccount, Phases: []policy.Phase{{Name: "a", Mode: rollout.Auto, Share: 100}}}
		tc.change(&r)
		if got := r.Everybody(); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}

func TestStepsBeginInTheZone(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	r := policy.Rollout{Phases: []policy.Phase{{Name: "a", Mode: rollout.Shadow, Share: 100}, {Name: "b", Mode: rollout.Auto, Share: 12.5, Start: "2026-07-01"}}}
	want := []rollout.Step{
		{Name: "a", Mode: rollout.Shadow, Share: 1},
		{Name: "b", Mode: rollout.Auto, Share: 0.125, Start: time.Date(2026, 7, 1, 4, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, r.Steps(newYork)); diff != "" {
		t.Error(diff)
	}
}

// A phase as it is judged: percent are shares, and what is left out is filled in.
func TestAPhaseAsItIsJudged(t *testing.T) {
	began := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	r := policy.Rollout{Unit: policy.UnitAccount}
	got := r.Judged(policy.Phase{Name: "half", Share: 50, LeastDays: 14, Sample: 30, Gates: []policy.Gate{
		{Outcome: "acceptance", Kind: rollout.Criterion, AtLeast: value(70)},
		{Outcome: "rejection_rate", Kind: rollout.Guardrail, Than: rollout.Control, AtMost: value(5), Alpha: 0.01},
		{Outcome: "time_to_first_contact", Kind: rollout.Guardrail, AtMost: value(24)},
		{Outcome: "meeting_rate within 14 days", Kind: rollout.Guardrail, Than: rollout.Control, AtLeast: value(-2)},
	}}, began)
	want := rollout.Phase{
		Name: "half", Unit: "account", Share: 0.5, Started: began, Least: 14 * day, Most: 90 * day,
		Gates: []rollout.Gate{
			{Outcome: "acceptance", Role: rollout.Criterion, Measure: rollout.Share, Against: rollout.Threshold, Direction: rollout.Higher, Line: 0.7, Alpha: 0.05, Minimum: 30},
			{Outcome: "rejection_rate", Role: rollout.Guardrail, Measure: rollout.Share, Against: rollout.Control, Direction: rollout.Lower, Line: 0.05, Alpha: 0.01, Minimum: 30},
			{Outcome: "time_to_first_contact", Role: rollout.Guardrail, Measure: rollout.Mean, Against: rollout.Threshold, Direction: rollout.Lower, Line: 24, Alpha: 0.05, Minimum: rollout.LeastOfMean},
			{Outcome: "meeting_rate within 14 days", Role: rollout.Guardrail, Measure: rollout.Share, Against: rollout.Control, Direction: rollout.Higher, Line: -0.02, Alpha: 0.05, Minimum: 30},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
	reps := policy.Rollout{Unit: policy.UnitRep}.Judged(policy.Phase{Gates: []policy.Gate{{Outcome: "acceptance", AtLeast: value(70)}}}, began)
	if g := reps.Gates[0]; g.Measure != rollout.Mean || g.Line != 0.7 || g.Minimum != rollout.LeastOfMean {
		t.Errorf("of reps %+v", g)
	}
	long := r.Judged(policy.Phase{LeastDays: 200}, began)
	if long.Most != 201*day {
		t.Errorf("a phase of at least 200 days takes at most %s", long.Most)
	}
	if few := r.Judged(policy.Phase{Sample: 3, Gates: []policy.Gate{{Outcome: "acceptance", AtLeast: value(70)}}}, began); few.Gates[0].Minimum != rollout.LeastUnits {
		t.Errorf("a gate says something from %d units", few.Gates[0].Minimum)
	}
}
