package table_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

func suggested(a, b signal.LeadKey, minutes int) duplicate.Pair {
	return duplicate.Pair{
		Names: duplicate.Of(a, b), Version: 1, State: duplicate.Open, Score: 60 + minutes,
		Since: time.Date(2026, 3, 2, 9, minutes, 0, 0, time.UTC), Evidence: []duplicate.Evidence{{Kind: "phone", Points: 40}},
	}
}

func byName(a, b duplicate.Pair) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) }

func TestAPairIsFoundFromBothLeadsAndListedWhileItIsOpen(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab, ctx := table.New(client, name), t.Context()
	pairs := []duplicate.Pair{suggested("1a", "1b", 1), suggested("1a", "1c", 2), suggested("1b", "1d", 3)}
	for _, p := range pairs {
		if err := tab.PutDuplicate(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := tab.PutDuplicate(ctx, pairs[0]); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same version again: %v, want Conflict", err)
	}
	for k, want := range map[signal.LeadKey][]duplicate.Pair{"1a": pairs[:2], "1b": {pairs[0], pairs[2]}, "1d": pairs[2:], "1e": nil} {
		got, err := tab.DuplicatesOf(ctx, k)
		slices.SortFunc(got, byName)
		if diff := gocmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", k, err, diff)
		}
	}
	openChanges(t, tab, pairs)
}

func openPairs(t *testing.T, tab *table.Table) (all []duplicate.Pair) {
	t.Helper()
	err := tab.OpenDuplicates(t.Context(), func(some []duplicate.Pair) (enough bool, err error) {
		all = append(all, some...)
		return false, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// openChanges judges one of three open pairs, which is open no more then.
func openChanges(t *testing.T, tab *table.Table, pairs []duplicate.Pair) {
	t.Helper()
	ctx := t.Context()
	open := openPairs(t, tab)
	slices.SortFunc(open, byName)
	if diff := gocmp.Diff(pairs, open); diff != "" {
		t.Error(diff)
	}

	judged := pairs[0]
	judged.Version, judged.State, judged.By, judged.Why = 2, duplicate.Dismissed, "Kim", "two people"
	if err := tab.PutDuplicate(ctx, judged); err != nil {
		t.Fatal(err)
	}
	if open := openPairs(t, tab); len(open) != 2 {
		t.Errorf("%d are open", len(open))
	}
	if got, err := tab.Duplicate(ctx, duplicate.Of("1b", "1a")); err != nil || got.State != duplicate.Dismissed {
		t.Errorf("%+v %v", got, err)
	}
}

func TestForgettingALeadForgetsItsPairsOnBothSides(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab, ctx := table.New(client, name), t.Context()
	for _, p := range []duplicate.Pair{suggested("1a", "1b", 1), suggested("1b", "1c", 2), suggested("1a", "1c", 3)} {
		if err := tab.PutDuplicate(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := tab.ForgetDuplicates(ctx, "1b"); n != 2 || err != nil {
		t.Errorf("%d pairs, %v", n, err)
	}
	for k, want := range map[signal.LeadKey]int{"1a": 1, "1b": 0, "1c": 1} {
		if got, err := tab.DuplicatesOf(ctx, k); len(got) != want || err != nil {
			t.Errorf("%s is of %d pairs, %v", k, len(got), err)
		}
	}
	if _, err := tab.Duplicate(ctx, duplicate.Of("1a", "1b")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want NotFound", err)
	}
}

func TestAChangeOfAPairLosesNoOther(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab, ctx := table.New(client, name), t.Context()
	n := duplicate.Of("1a", "1b")
	calls := 0
	got, err := tab.ChangeDuplicate(ctx, n, func(was duplicate.Pair) (duplicate.Pair, bool, error) {
		if calls++; calls == 1 { // somebody else is faster
			if err := tab.PutDuplicate(ctx, suggested("1a", "1b", 1)); err != nil {
				t.Fatal(err)
			}
		}
		was.Version++
		was.Why = "seen"
		return was, true, nil
	})
	if err != nil || calls != 2 || got.Version != 2 || got.Score != 61 {
		t.Errorf("%d calls, %+v, %v", calls, got, err)
	}
	if _, err := tab.ChangeDuplicate(ctx, n, func(was duplicate.Pair) (duplicate.Pair, bool, error) { return was, false, nil }); err != nil {
		t.Error(err)
	}
	if stored, err := tab.Duplicate(ctx, n); err != nil || stored.Version != 2 {
		t.Errorf("%+v %v", stored, err)
	}
}
