package table_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/table"
)

// Of two who change the rollout at once one wins, and every version is kept.
func TestARolloutIsChangedByOneAtATime(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	steps := []rollout.Step{{Name: "quarter", Mode: rollout.Auto, Share: 0.25}, {Name: "everybody", Mode: rollout.Auto, Share: 1}}
	at := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	by := func(who string) rollout.Order { return rollout.Order{By: who, Why: "because", At: at} }

	nothing, err := tab.Rollout(t.Context())
	if err != nil || nothing != (rollout.State{}) {
		t.Fatalf("%+v, %v; want the zero state", nothing, err)
	}
	first, err := nothing.Begin(steps, by("handoff"))
	if err != nil {
		t.Fatal(err)
	}
	put := func(s rollout.State, err error, taken bool) {
		t.Helper()
		if err == nil {
			err = tab.PutRollout(t.Context(), s)
		}
		if taken != (fault.KindOf(err) == fault.Conflict) || !taken && err != nil {
			t.Fatalf("version %d: %v", s.Version, err)
		}
	}
	put(first, nil, false)
	put(first, nil, true)
	promoted, err := first.Promote(steps, by("Morgan Hale"))
	put(promoted, err, false)
	back, err := first.RollBack(steps, by("handoff"))
	put(back, err, true)
	stored, err := tab.Rollout(t.Context())
	if diff := cmp.Diff(promoted, stored); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	expectVersions(t, tab, first, promoted)
}

func expectVersions(t *testing.T, tab *table.Table, first, promoted rollout.State) {
	t.Helper()
	history, err := tab.RolloutHistory(t.Context())
	if diff := cmp.Diff([]rollout.State{first, promoted}, history); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	one, err := tab.RolloutAt(t.Context(), 1)
	if diff := cmp.Diff(first, one); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := tab.RolloutAt(t.Context(), 9); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a version that never was: %v, want NotFound", err)
	}
}
