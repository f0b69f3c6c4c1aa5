package table_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func newTable(t *testing.T) *table.Table {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	return table.New(client, name)
}

func click(id string) signal.Signal {
	return signal.Signal{
		Source: "sendgrid", ID: id, Type: signal.EmailClicked, OccurredAt: noon, ReceivedAt: noon,
		Identity: signal.Identity{Email: "Ada@Engines.example"}, Attributes: map[string]string{"url": "https://x.example/pricing"},
	}
}

func newLead(k signal.LeadKey, version int64) *lead.Lead {
	return &lead.Lead{
		Key: k, Version: version, CreatedAt: noon, UpdatedAt: noon,
		Journey: lead.Journey{Stage: lead.Known, StageAt: map[lead.Stage]time.Time{lead.Known: noon}},
	}
}

func TestASignalIsStoredOnce(t *testing.T) {
	tb := newTable(t)
	for i, want := range []bool{true, false, false} {
		stored, err := tb.PutSignal(t.Context(), click("e1"))
		if err != nil || stored != want {
			t.Fatalf("put %d: stored %v, %v; want %v", i+1, stored, err, want)
		}
	}
	if _, err := tb.PutSignal(t.Context(), click("e2")); err != nil {
		t.Fatal(err)
	}
	k, err := click("e1").LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tb.Signals(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]signal.Signal{click("e1"), click("e2")}, got); diff != "" {
		t.Error(diff)
	}
}

func TestASignalThatNamesNobodyIsInvalid(t *testing.T) {
	s := click("e1")
	s.Identity = signal.Identity{}
	if _, err := newTable(t).PutSignal(t.Context(), s); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v, want kind invalid", err)
	}
}

func TestALeadThatIsNotThere(t *testing.T) {
	if _, err := newTable(t).Lead(t.Context(), "1nobody"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v, want kind not_found", err)
	}
}

func TestCommitIsAllOrNothing(t *testing.T) {
	tb := newTable(t)
	k := signal.LeadKey("1a")
	log := &lead.LogItem{Key: k, Version: 1, At: noon, Entries: []contract.Event{{ID: "x", Type: contract.LeadCreated, Time: noon}}}
	first := table.Change{Lead: newLead(k, 1), Log: log, Pools: []routing.Pool{{Name: "sales", Version: 1}}}
	if err := tb.Commit(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := tb.Commit(t.Context(), first); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("the same change again: %v, want kind conflict", err)
	}
	// The pool has moved on: neither lead nor log may change.
	second := table.Change{Lead: newLead(k, 2), Log: &lead.LogItem{Key: k, Version: 2, At: noon}, Pools: []routing.Pool{{Name: "sales", Version: 1}}}
	if err := tb.Commit(t.Context(), second); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("a stale pool: %v, want kind conflict", err)
	}
	l, err := tb.Lead(t.Context(), k)
	if err != nil || l.Version != 1 {
		t.Fatalf("lead %+v, %v; want version 1", l, err)
	}
	items, _, err := tb.Timeline(t.Context(), k, "", 10)
	if err != nil || len(items) != 1 {
		t.Fatalf("timeline %+v, %v; want one item", items, err)
	}
}

func TestTimelinePages(t *testing.T) {
	tb := newTable(t)
	k := signal.LeadKey("1a")
	for v := int64(1); v <= 12; v++ {
		if err := tb.Commit(t.Context(), table.Change{Lead: newLead(k, v), Log: &lead.LogItem{Key: k, Version: v, At: noon}}); err != nil {
			t.Fatal(err)
		}
	}
	var got []int64
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		items, next, err := tb.Timeline(t.Context(), k, cursor, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			got = append(got, it.Version)
		}
		cursor = next
	}
	if diff := cmp.Diff([]int64{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}, got); diff != "" {
		t.Error(diff)
	}
	if _, _, err := tb.Timeline(t.Context(), k, "no cursor!", 5); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a broken cursor: %v, want kind invalid", err)
	}
}

func TestDueIndexFollowsTheClocks(t *testing.T) {
	tb := newTable(t)
	k := signal.LeadKey("1a")
	l := newLead(k, 1)
	l.Journey.Clocks = []lead.Clock{{Kind: lead.AcceptClock, State: lead.Running, DueAt: noon.Add(time.Hour), StepAt: noon.Add(30 * time.Minute)}}
	if err := tb.Commit(t.Context(), table.Change{Lead: l}); err != nil {
		t.Fatal(err)
	}
	due := func(at time.Time) int {
		n := 0
		for shard := range table.DueShards {
			due, err := tb.Due(t.Context(), shard, at, 10)
			if err != nil {
				t.Fatal(err)
			}
			n += len(due.Leads)
		}
		return n
	}
	if got := due(noon.Add(29 * time.Minute)); got != 0 {
		t.Errorf("%d due before the warning, want 0", got)
	}
	if got := due(noon.Add(30 * time.Minute)); got != 1 {
		t.Errorf("%d due at the warning, want 1", got)
	}
	at, ok, err := tb.NextDue(t.Context())
	if err != nil || !ok || !at.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("next due %s %v %v", at, ok, err)
	}
	l.Version, l.Journey.Clocks[0].State = 2, lead.Met
	if err := tb.Commit(t.Context(), table.Change{Lead: l}); err != nil {
		t.Fatal(err)
	}
	if got := due(noon.Add(48 * time.Hour)); got != 0 {
		t.Errorf("%d due after the clock was met, want 0", got)
	}
}

func TestLeadsAreListedInPagesByDayAndStage(t *testing.T) {
	tb := newTable(t)
	if page, err := tb.Leads(t.Context(), table.LeadsQuery{Now: noon}); err != nil || len(page.Leads) > 0 || page.Next != "" {
		t.Errorf("an empty table lists %+v, %v", page, err)
	}
	for i := 29; i >= 0; i-- { // in order of becoming known
		l := newLead(signal.LeadKey(fmt.Sprintf("1%02d", i)), 1)
		l.CreatedAt = noon.AddDate(0, 0, -2*i)
		if i%3 == 0 {
			l.Journey.Stage = lead.Accepted
			l.Journey.StageAt[lead.Accepted] = noon
		}
		if err := tb.Commit(t.Context(), table.Change{Lead: l}); err != nil {
			t.Fatal(err)
		}
	}
	all := listAll(t, tb, "", 7)
	if len(all) != 30 || all[0] != "100" || all[29] != "129" {
		t.Errorf("listed %v", all)
	}
	if got := listAll(t, tb, lead.Accepted, 4); len(got) != 10 {
		t.Errorf("%d accepted leads listed, want 10: %v", len(got), got)
	}
	if _, err := tb.Leads(t.Context(), table.LeadsQuery{Cursor: "%%", Now: noon}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a broken cursor: %v, want kind invalid", err)
	}
}

// listAll reads all pages of a listing.
func listAll(t *testing.T, tb *table.Table, stage lead.Stage, limit int) (keys []signal.LeadKey) {
	t.Helper()
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		page, err := tb.Leads(t.Context(), table.LeadsQuery{Filter: find.Filter{Stage: stage}, Cursor: cursor, Limit: limit, Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range page.Leads {
			keys = append(keys, l.Key)
		}
		cursor = page.Next
	}
	return keys
}

func TestPoliciesAreImmutableVersions(t *testing.T) {
	tb := newTable(t)
	if _, _, err := tb.Policy(t.Context()); fault.KindOf(err) != fault.NotFound {
		t.Fatalf("no policy: %v, want kind not_found", err)
	}
	for _, p := range []struct {
		version policy.Version
		text    string
	}{{"p-1", "a"}, {"p-2", "b"}, {"p-1", "a"}} {
		if err := tb.PutPolicy(t.Context(), p.version, []byte(p.text), noon); err != nil {
			t.Fatal(err)
		}
		v, text, err := tb.Policy(t.Context())
		if err != nil || v != p.version || string(text) != p.text {
			t.Errorf("current policy %s %q %v, want %v", v, text, err, p)
		}
	}
	if err := tb.PutPolicy(t.Context(), "p-1", []byte("other text"), noon); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a version changed its text: %v, want kind conflict", err)
	}
}

func TestADeliveryIsClaimedByOneAndMadeOnce(t *testing.T) {
	tb := newTable(t)
	d := table.Delivery{Event: "1a.1.0", Channel: "slack", To: "alex@x.example"}
	if err := tb.Claim(t.Context(), d, noon, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := tb.Claim(t.Context(), d, noon.Add(time.Second), time.Minute); fault.KindOf(err) != fault.Conflict {
		t.Fatalf("a second claim: %v, want kind conflict", err)
	}
	if err := tb.Claim(t.Context(), d, noon.Add(2*time.Minute), time.Minute); err != nil {
		t.Fatalf("a claim after the lease: %v", err)
	}
	if err := tb.Failed(t.Context(), d, noon, "away"); err != nil {
		t.Fatal(err)
	}
	if err := tb.Claim(t.Context(), d, noon.Add(2*time.Minute), time.Minute); err != nil {
		t.Fatalf("a claim after a failure: %v", err)
	}
	if err := tb.Delivered(t.Context(), d, noon); err != nil {
		t.Fatal(err)
	}
	if err := tb.Claim(t.Context(), d, noon.Add(time.Hour), time.Minute); !errors.Is(err, table.ErrDelivered) {
		t.Errorf("a claim after the delivery: %v, want ErrDelivered", err)
	}
	other := d
	other.To = "bo@x.example"
	if err := tb.Claim(t.Context(), other, noon, time.Minute); err != nil {
		t.Errorf("another recipient: %v", err)
	}
}
