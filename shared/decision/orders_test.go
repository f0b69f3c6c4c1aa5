package decision_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// desk is a table with makers that know nothing of each other.
type desk struct {
	table  *table.Table
	makers []*decision.Maker
}

func newDesk(t *testing.T, makers int) desk {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	d := desk{table: table.New(client, name)}
	for range makers {
		d.makers = append(d.makers, decision.New(d.table, rules.NewLoader(d.table.Policy)))
	}
	return d
}

// hears stores a signal and lets the first maker decide about it.
func (d desk) hears(t *testing.T, s signal.Signal) signal.LeadKey {
	t.Helper()
	k, err := s.LeadKey()
	if err == nil {
		_, err = d.table.PutSignal(t.Context(), s)
	}
	if err == nil {
		_, err = d.makers[0].Apply(t.Context(), k, []signal.Signal{s}, s.ReceivedAt)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (d desk) lead(t *testing.T, k signal.LeadKey) *lead.Lead {
	t.Helper()
	l, err := d.table.Lead(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// told are the events about orders in the log of a lead, oldest first.
func (d desk) told(t *testing.T, k signal.LeadKey, types ...contract.EventType) (all []contract.Event) {
	t.Helper()
	items, _, err := d.table.Timeline(t.Context(), k, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(items)
	for _, item := range items {
		for _, e := range item.Entries {
			if slices.Contains(types, e.Type) {
				all = append(all, e)
			}
		}
	}
	return all
}

// Two managers order at once, and their orders are carried out by two processes
// at once: one takes effect, and the log says of the other that it changed
// nothing, and why.
func TestOfTwoOrdersAtOnceOneTakesEffect(t *testing.T) {
	d := newDesk(t, 2)
	for round := range 8 {
		k := d.hears(t, request("ada"+string(rune('a'+round))+"@engines"+string(rune('a'+round))+".example"))
		d.race(t, k)
		given, ignored := d.told(t, k, contract.LeadReassigned), d.told(t, k, contract.OrderIgnored)
		if len(given) != 1 || len(ignored) != 1 || given[0].Detail.By == ignored[0].Detail.By {
			t.Fatalf("given %+v, ignored %+v", given, ignored)
		}
		h := d.lead(t, k).Journey.Holder()
		if want := h.RepName + " got the lead in the same moment by order of " + given[0].Detail.By; h.Rep != given[0].Detail.Handoff.Rep || ignored[0].Detail.Reason != want {
			t.Errorf("with %s; %q, want %q", h.Rep, ignored[0].Detail.Reason, want)
		}
	}
	if open := d.open(t); open != 8 {
		t.Errorf("%d open leads of 8", open)
	}
}

// race has two managers give a lead to different reps, and two makers hear of it.
func (d desk) race(t *testing.T, k signal.LeadKey) {
	t.Helper()
	l := d.lead(t, k)
	at := l.UpdatedAt.Add(time.Minute)
	others := slices.DeleteFunc([]string{"alex", "bo", "casey"}, func(rep string) bool { return rep == l.Journey.Handoff.Rep })
	var g errgroup.Group
	for i, by := range []string{"Morgan Hale", "Robin Vega"} {
		s, err := decision.OrderFor(l, decision.Order{Type: signal.OrderReassign, To: others[i], Reason: "knows them", By: by}, at)
		if err != nil {
			t.Fatal(err)
		}
		if stored, err := d.table.PutSignalFor(t.Context(), k, s); err != nil || !stored {
			t.Fatalf("stored %t, %v", stored, err)
		}
		g.Go(func() error { return twice(t.Context(), d.makers[i], k, s, at) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
}

// open counts the open leads of all reps.
func (d desk) open(t *testing.T) (n int64) {
	t.Helper()
	pool, err := d.table.Pool(t.Context(), "sales")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range pool.Reps {
		n += r.Open[""]
	}
	return n
}

// twice has a maker carry an order out, and hear of it again.
func twice(ctx context.Context, m *decision.Maker, k signal.LeadKey, s signal.Signal, at time.Time) error {
	for range 2 {
		if _, err := m.Apply(ctx, k, []signal.Signal{s}, at); err != nil {
			return err
		}
	}
	return nil
}

// A lead that is held back is in the queue of its pool, is not offered by the
// sweep of the queues, and is due when its time comes.
func TestALeadThatIsHeldBackIsDueAtItsTime(t *testing.T) {
	d := newDesk(t, 1)
	k := d.hears(t, request("ada@engines.example"))
	at := request("ada@engines.example").ReceivedAt.Add(time.Minute)
	until := at.Add(30 * time.Minute)
	s, err := decision.OrderFor(d.lead(t, k), decision.Order{Type: signal.OrderHold, Until: until, Reason: "at a fair", By: "Morgan Hale"}, at)
	if err == nil {
		_, err = d.makers[0].Apply(t.Context(), k, []signal.Signal{s}, at)
	}
	if err != nil {
		t.Fatal(err)
	}
	queue, err := d.table.Queue(t.Context(), "sales")
	if err != nil || len(queue) != 1 || queue[0].Lead != k || !queue[0].Since.Equal(until) {
		t.Errorf("the queue is %+v, %v", queue, err)
	}
	out, err := d.makers[0].Offer(t.Context(), t.Context(), []string{"sales"}, until.Add(-time.Minute))
	if err != nil || out.Decisions != 0 {
		t.Errorf("offered before its time: %+v, %v", out, err)
	}
	if next, ok, err := d.table.NextDue(t.Context()); err != nil || !ok || !next.Equal(until) {
		t.Errorf("next due at %s, %t, %v", next, ok, err)
	}
	if _, err := d.makers[0].Apply(t.Context(), k, nil, until); err != nil {
		t.Fatal(err)
	}
	if d.lead(t, k).Journey.Holder() == nil {
		t.Errorf("%+v", d.lead(t, k).Journey)
	}
}

// Who would get a lead is who gets it: when it is given on, taken back, or handed
// off by a person's word.
func TestThePreviewIsWhatHappens(t *testing.T) {
	for name, tt := range map[string]struct {
		heard signal.Signal
		first signal.Type // ordered before; "" for nothing
		what  signal.Type
	}{
		"given on":              {request("ada@engines.example"), "", signal.OrderReassign},
		"taken back":            {request("ada@engines.example"), "", signal.OrderTakeBack},
		"by word":               {pageView(1), "", signal.OrderHandoff},
		"by word, after a no":   {request("bob@engines.example"), signal.OrderDisqualify, signal.OrderHandoff},
		"what was in nurture":   {request("cyd@engines.example"), signal.OrderRecycle, signal.OrderHandoff},
		"given, though held up": {request("dee@engines.example"), signal.OrderHold, signal.OrderReassign},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, 1)
			k := d.hears(t, tt.heard)
			at := tt.heard.ReceivedAt.Add(time.Minute)
			if tt.first != "" {
				d.orders(t, k, tt.first, at)
			}
			at = at.Add(time.Minute)
			p, err := d.makers[0].PreviewOf(t.Context(), d.lead(t, k), at)
			if err != nil || p.Rep == "" || len(p.Steps) == 0 {
				t.Fatalf("%+v, %v", p, err)
			}
			d.orders(t, k, tt.what, at)
			if h := d.lead(t, k).Journey.Holder(); h == nil || h.Rep != p.Rep {
				t.Errorf("it went to %+v, and %s was to get it", h, p.Rep)
			}
		})
	}
}

// orders gives an order and has it carried out.
func (d desk) orders(t *testing.T, k signal.LeadKey, what signal.Type, at time.Time) {
	t.Helper()
	o := decision.Order{Type: what, Until: at.AddDate(0, 0, 9), Reason: "knows them", By: "Morgan Hale"}
	s, err := decision.OrderFor(d.lead(t, k), o, at)
	if err == nil {
		_, err = d.makers[0].Apply(t.Context(), k, []signal.Signal{s}, at)
	}
	if err != nil {
		t.Fatal(err)
	}
}
