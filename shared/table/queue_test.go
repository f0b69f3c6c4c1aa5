package table_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestAQueueIsReadOldestFirst(t *testing.T) {
	tb := newTable(t)
	for i, k := range []signal.LeadKey{"1young", "1old", "1middle"} {
		l := newLead(k, 1)
		l.Journey.Held = &lead.Handoff{Pool: "sales", Waits: noon.Add(time.Duration([]int{3, 1, 2}[i]) * time.Minute)}
		pool := routing.Pool{Name: "sales", Version: int64(i) + 1, Held: int64(i) + 1, Reopens: noon.Add(time.Hour)}
		if err := tb.Commit(t.Context(), table.Change{Lead: l, Pools: []routing.Pool{pool}}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := tb.Queue(t.Context(), "sales")
	if diff := cmp.Diff([]table.Waiting{
		{Lead: "1old", Pool: "sales", Since: noon.Add(time.Minute)},
		{Lead: "1middle", Pool: "sales", Since: noon.Add(2 * time.Minute)},
		{Lead: "1young", Pool: "sales", Since: noon.Add(3 * time.Minute)},
	}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	since, ok, err := tb.OldestHeld(t.Context(), "sales")
	if err != nil || !ok || !since.Equal(noon.Add(time.Minute)) {
		t.Errorf("the oldest waits since %s, %v, %v", since, ok, err)
	}
	if _, ok, err := tb.OldestHeld(t.Context(), "other"); ok || err != nil {
		t.Errorf("another pool has a queue: %v, %v", ok, err)
	}
	due := duePools(t, tb, noon.Add(time.Hour))
	if !slices.Equal(due, []string{"sales"}) || len(duePools(t, tb, noon.Add(59*time.Minute))) > 0 {
		t.Errorf("due pools %v", due)
	}
}

// duePools returns the pools in the due index at a time.
func duePools(t *testing.T, tb *table.Table, at time.Time) []string {
	t.Helper()
	var pools []string
	for shard := range table.DueShards {
		due, err := tb.Due(t.Context(), shard, at, 10)
		if err != nil {
			t.Fatal(err)
		}
		pools = append(pools, due.Pools...)
	}
	return pools
}

func TestAPoolWithoutAQueueIsNotDue(t *testing.T) {
	tb := newTable(t)
	p := routing.Pool{Name: "sales", Version: 1, Held: 1, Reopens: noon}
	if err := tb.PutPool(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := tb.PutPool(t.Context(), p); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a stale pool: %v", err)
	}
	p.Version, p.Held = 2, 0
	if err := tb.PutPool(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if due := duePools(t, tb, noon.Add(time.Hour)); len(due) > 0 {
		t.Errorf("due: %v", due)
	}
}

func TestTheRosterIsWrittenOnce(t *testing.T) {
	tb := newTable(t)
	first, err := tb.Roster(t.Context())
	if err != nil || first.Version != 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	next := first.With("bo", routing.Entry{Switch: routing.Off, Reason: "sick", Leave: []policy.Leave{{From: "2027-07-01", To: "2027-07-14"}}})
	if err := tb.PutRoster(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if err := tb.PutRoster(t.Context(), first.With("alex", routing.Entry{})); fault.KindOf(err) != fault.Conflict {
		t.Errorf("two at once: %v, want a conflict", err)
	}
	if _, ok, err := tb.NextDue(t.Context()); !ok || err != nil {
		t.Errorf("a changed roster waits for nobody: %v, %v", ok, err)
	}
	if err := tb.PutReviewed(t.Context(), table.Reviewed{Policy: "p", Roster: next.Version}); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := tb.NextDue(t.Context()); ok || err != nil {
		t.Errorf("due after the review: %v, %v", ok, err)
	}
	got, err := tb.Roster(t.Context())
	if diff := cmp.Diff(next, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestWhoHoldsWhat(t *testing.T) {
	tb := newTable(t)
	for i, k := range []signal.LeadKey{"1b", "1a"} {
		l := newLead(k, 1)
		l.Journey.Handoff = &lead.Handoff{Number: 1, Rep: "bo", Since: noon.Add(-time.Duration(i) * time.Hour)}
		if err := tb.Commit(t.Context(), table.Change{Lead: l}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := tb.HeldBy(t.Context(), "bo")
	if diff := cmp.Diff([]signal.LeadKey{"1a", "1b"}, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

// fourChanges stores four versions of a roster: the second is about alex, the
// others are about bo.
func fourChanges(t *testing.T, tb *table.Table, p *policy.Policy) (r routing.Roster) {
	t.Helper()
	for i, rep := range []string{"bo", "alex", "bo", "bo"} {
		weight := float64(i + 2)
		e := routing.Entry{Card: routing.Card{Weight: &weight}, By: "kim", Changed: noon.Add(time.Duration(i) * time.Minute)}
		r = r.Record(p, rep, e, "to see")
		if err := tb.PutRoster(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestEachChangeOfTheRosterIsKept(t *testing.T) {
	tb := newTable(t)
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	r := fourChanges(t, tb, p)
	l := newLead("1who", 1)
	sick := r.Record(p, "bo", routing.Entry{Switch: routing.Off, Reason: "sick", By: "handoff"}, "missed")
	if err := tb.Commit(t.Context(), table.Change{Lead: l, Roster: &sick}); err != nil {
		t.Fatal(err)
	}
	if err := tb.PutRoster(t.Context(), r.Record(p, "bo", routing.Entry{By: "late"}, "")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("two at once: %v, want a conflict", err)
	}
	versions := func(changes []routing.Change) (all []int64) {
		for _, c := range changes {
			all = append(all, c.Version)
		}
		return all
	}
	page, more, err := tb.RosterChanges(t.Context(), "bo", 0, 2)
	if diff := cmp.Diff([]int64{5, 4}, versions(page)); err != nil || diff != "" || more != 4 {
		t.Fatalf("%v %s, more before %d", err, diff, more)
	}
	if c := page[0]; c.By != "handoff" || c.Why != "missed" || len(c.What) == 0 || c.Entry.Reason != "sick" {
		t.Errorf("%+v", c)
	}
	rest, more, err := tb.RosterChanges(t.Context(), "bo", more, 10)
	if diff := cmp.Diff([]int64{3, 1}, versions(rest)); err != nil || diff != "" || more != 0 {
		t.Errorf("%v %s, more before %d", err, diff, more)
	}
	all, _, err := tb.RosterChanges(t.Context(), "", 0, 100)
	made := routing.At(all, 4)
	made.Last = r.Last
	if diff := cmp.Diff(r, made); err != nil || diff != "" {
		t.Errorf("%v; the history makes another roster: %s", err, diff)
	}
}
