package decision_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// line is a stack with three leads that wait for the pool sales, the last of
// which waits longest, and with everybody switched off.
func line(t *testing.T) (*table.Table, *decision.Maker) {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	roster := routing.Roster{Version: 0}
	for _, rep := range []string{"alex", "bo", "casey"} {
		roster = roster.With(rep, routing.Entry{Switch: routing.Off, Reason: "at a fair"})
		if err := store.PutRoster(t.Context(), roster); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		since := monday.Add(-time.Duration(i) * time.Hour)
		l := &lead.Lead{Key: signal.LeadKey(fmt.Sprint("1lead", i)), Version: 1, CreatedAt: since, UpdatedAt: since, Journey: lead.Journey{
			Stage: lead.Qualified, StageAt: map[lead.Stage]time.Time{lead.Qualified: since},
			Held: &lead.Handoff{Number: 1, Pool: "sales", Waits: since, Request: "demo"},
		}}
		if err := store.Commit(t.Context(), table.Change{Lead: l}); err != nil {
			t.Fatal(err)
		}
	}
	state := routing.Pool{
		Name: "sales", Version: 1, Held: 3, Reopens: monday.Add(5 * time.Minute), Under: lead.Under(policy.VersionOf(policy.Default()), roster),
	}
	if err := store.PutPool(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	return store, decision.New(store, rules.NewLoader(store.Policy))
}

func TestWaitingIsOldestFirst(t *testing.T) {
	_, maker := line(t)
	for most, want := range map[int][]signal.LeadKey{2: {"1lead2", "1lead1"}, 9: {"1lead2", "1lead1", "1lead0"}} {
		w, err := maker.Waiting(t.Context(), "sales", most, monday)
		if err != nil {
			t.Fatal(err)
		}
		var got []signal.LeadKey
		for _, l := range w.Head {
			got = append(got, l.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" || w.All != 3 || !w.Next.Equal(monday.Add(5*time.Minute)) {
			t.Errorf("%d wait, next %s (-want +got):\n%s", w.All, w.Next, diff)
		}
	}
	if w, err := maker.Waiting(t.Context(), "nobody's", 9, monday); err != nil || w.All != 0 || !w.Next.IsZero() {
		t.Errorf("of a pool that nobody waits for: %+v, %v", w, err)
	}
}

func TestTheNextOfferIsAtOnceAfterAChange(t *testing.T) {
	store, maker := line(t)
	for _, c := range []struct {
		name string
		at   time.Time
		want time.Time
	}{
		{"before it", monday, monday.Add(5 * time.Minute)},
		{"when it is late", monday.Add(6 * time.Minute), monday.Add(6 * time.Minute)},
	} {
		if got, err := maker.NextOffer(t.Context(), "sales", c.at); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
	}
	roster, err := store.Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutRoster(t.Context(), roster.With("bo", routing.Entry{})); err != nil {
		t.Fatal(err)
	}
	if got, err := maker.NextOffer(t.Context(), "sales", monday); err != nil || !got.Equal(monday) {
		t.Errorf("after a change: %s, %v", got, err)
	}
}

// A preview of a lead that is held asks the reps, and does not wait behind the
// queue that the lead is in itself.
func TestThePreviewOfAHeldLeadIsItsOffer(t *testing.T) {
	store, maker := line(t)
	late := monday.Add(time.Hour) // the queue is due to be offered
	p, err := maker.Preview(t.Context(), "1lead0", late)
	if err != nil || p.Rep != "" || len(p.Steps) != 1 || len(p.Steps[0].Considered) != 3 || p.Steps[0].Why != "" {
		t.Errorf("%+v, %v", p, err)
	}
	roster, err := store.Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutRoster(t.Context(), roster.With("bo", routing.Entry{})); err != nil {
		t.Fatal(err)
	}
	if p, err = maker.Preview(t.Context(), "1lead0", late); err != nil || p.Rep != "bo" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestANewcomerIsRoutedByWhatIsSaid(t *testing.T) {
	_, maker := line(t)
	s := signal.Signal{Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday, Lead: map[string]string{"company": "Acme"}}
	l, err := maker.Newcomer(t.Context(), s, "demo", monday)
	if err != nil || l.Version != 0 || l.Facts.Values()["company"] != "Acme" || l.Journey.Handoff.Request != "demo" {
		t.Fatalf("%+v, %v", l, err)
	}
	// A new lead waits behind those that wait already, once they are to be offered.
	p, err := maker.PreviewOf(t.Context(), l, monday.Add(time.Hour))
	if err != nil || p.Rep != "" || p.Steps[0].Why == "" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := maker.Newcomer(t.Context(), s, "coffee", monday); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an unknown request: %v", err)
	}
}
