package table_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

func outcome(k signal.LeadKey, version int64) evidence.Change {
	return evidence.Change{Lead: k, Version: version, Record: funnel.Record{
		Enrolment: funnel.Enrolment{Phase: "a#b", Round: 1, Unit: funnel.UnitLead, ID: string(k), Arm: funnel.Treatment, At: noon},
	}}
}

// What a lead counts for is written with the lead or not at all, and the last
// word of an hour stands.
func TestOutcomesAreWrittenWithTheLead(t *testing.T) {
	tb := newTable(t)
	first, second, lost := outcome("1a", 1), outcome("1a", 2), outcome("1a", 3)
	for i, c := range []evidence.Change{first, second} {
		if err := tb.Commit(t.Context(), table.Change{Lead: newLead("1a", int64(i+1)), Outcomes: []evidence.Change{c}}); err != nil {
			t.Fatal(err)
		}
	}
	stale := table.Change{Lead: newLead("1a", 2), Outcomes: []evidence.Change{lost}}
	if err := tb.Commit(t.Context(), stale); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("a stale lead: %v", err)
	}
	gone := outcome("1a", 3)
	gone.Gone = true
	if err := tb.Commit(t.Context(), table.Change{Lead: newLead("1a", 3), Outcomes: []evidence.Change{gone, lost}}); err != nil {
		t.Fatal(err)
	}
	var all []evidence.Change
	for shard := range table.OutcomeShards {
		some, err := tb.Outcomes(t.Context(), noon, shard)
		if err != nil {
			t.Fatal(err)
		}
		later, err := tb.Outcomes(t.Context(), noon.Add(time.Hour), shard)
		if err != nil || len(later) > 0 {
			t.Errorf("an hour later: %v, %v", later, err)
		}
		all = append(all, some...)
	}
	if diff := cmp.Diff([]evidence.Change{gone, lost}, all); diff != "" {
		t.Error(diff)
	}
}

func TestCountsAreVersioned(t *testing.T) {
	tb := newTable(t)
	units, days := evidence.Fold(nil, nil, []evidence.Change{outcome("1a", 1), outcome("1b", 1)})
	if err := tb.CommitCount(t.Context(), units, days); err != nil {
		t.Fatal(err)
	}
	if err := tb.CommitCount(t.Context(), units, days); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same again: %v", err)
	}
	if err := tb.CommitCount(t.Context(), nil, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("nothing: %v", err)
	}
	read, err := tb.Units(t.Context(), []evidence.UnitKey{units[0].Key, units[1].Key, {Phase: "a#b", Round: 1, ID: "1c"}})
	units[0].Version, units[1].Version = 1, 1
	if diff := cmp.Diff(map[evidence.UnitKey]evidence.Unit{units[0].Key: units[0], units[1].Key: units[1]}, read); diff != "" || err != nil {
		t.Error(diff, err)
	}
	counted, err := tb.Counted(t.Context(), "a#b", 1)
	days[0].Version = 1
	if diff := cmp.Diff(days, counted); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for phase, round := range map[string]int{"a": 1, "a#b": 2} {
		if other, err := tb.Counted(t.Context(), phase, round); err != nil || len(other) > 0 {
			t.Errorf("of %s %d: %v, %v", phase, round, other, err)
		}
	}
}

func TestTheCountMarkMovesByVersions(t *testing.T) {
	tb := newTable(t)
	mark, err := tb.CountMark(t.Context())
	if err != nil || mark != (table.CountMark{}) {
		t.Fatalf("%+v, %v", mark, err)
	}
	stale := mark
	mark.Through = noon
	if mark, err = tb.MoveCountMark(t.Context(), mark); err != nil || mark.Version != 1 {
		t.Fatalf("%+v, %v", mark, err)
	}
	if _, err := tb.MoveCountMark(t.Context(), stale); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a stale mark: %v", err)
	}
	if read, err := tb.CountMark(t.Context()); err != nil || read != mark {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestRulingsAreKept(t *testing.T) {
	tb := newTable(t)
	ruling := func(hours int, action rollout.Decision) rollout.Ruling {
		return rollout.Ruling{Action: action, Why: []string{"since."}, At: noon.Add(time.Duration(hours) * time.Hour)}
	}
	for hours := range 4 {
		if err := tb.PutRuling(t.Context(), ruling(hours, rollout.Hold)); err != nil {
			t.Fatal(err)
		}
	}
	if err := tb.PutRuling(t.Context(), ruling(1, rollout.Hold)); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := tb.PutRuling(t.Context(), ruling(1, rollout.Promote)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another one: %v", err)
	}
	got, err := tb.Rulings(t.Context(), noon.Add(time.Hour), noon.Add(3*time.Hour), 2)
	if diff := cmp.Diff([]rollout.Ruling{ruling(3, rollout.Hold), ruling(2, rollout.Hold)}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
