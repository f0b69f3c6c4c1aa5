package decision_test

import (
	"slices"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// pair is two people of whom it is said that they are one.
type pair struct {
	t     *testing.T
	table *table.Table
	maker *decision.Maker
}

func newPair(t *testing.T) pair {
	t.Helper()
	tbl, _, makers := identityPlace(t)
	return pair{t, tbl, makers[0]}
}

func (p pair) hears(s signal.Signal) signal.LeadKey {
	p.t.Helper()
	k, err := s.LeadKey()
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.table.PutSignal(p.t.Context(), s); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.maker.Apply(p.t.Context(), k, []signal.Signal{s}, s.ReceivedAt); err != nil {
		p.t.Fatal(err)
	}
	return k
}

func (p pair) orders(k signal.LeadKey, typ signal.Type, with signal.LeadKey) {
	p.t.Helper()
	orders(p.t, p.table, p.maker, leadOf(p.t, p.table, k), decision.Order{Type: typ, With: with, Reason: "said so on the phone", By: "Morgan Hale"})
}

// told are the types of the last events in the log of a name, oldest first.
func (p pair) told(k signal.LeadKey, most int) (all []contract.EventType) {
	p.t.Helper()
	items, _, err := p.table.Timeline(p.t.Context(), k, "", 50)
	if err != nil {
		p.t.Fatal(err)
	}
	slices.Reverse(items)
	for _, item := range items {
		for _, e := range item.Entries {
			all = append(all, e.Type)
		}
	}
	return all[max(0, len(all)-most):]
}

func (p pair) running(l *lead.Lead) (n int) {
	for _, c := range l.Journey.Clocks {
		if c.State == lead.Running {
			n++
		}
	}
	return n
}

// Two reps have a lead each, and both are one person: one of them keeps it. Taken
// back, the other lead is handed off anew.
func TestOfTwoHoldersOneKeepsTheLead(t *testing.T) {
	p := newPair(t)
	other := request("ada@looms.example")
	other.Lead = nil // another company, and so another rep
	a, b := p.hears(request("ada@engines.example")), p.hears(other)
	one, two := leadOf(t, p.table, a), leadOf(t, p.table, b)
	if one.Journey.Holder().Rep == two.Journey.Holder().Rep {
		t.Fatal("one rep has both")
	}
	p.orders(b, signal.OrderMerge, a)
	l := leadOf(t, p.table, b)
	if l.Key != a || l.Journey.Holder().Rep != one.Journey.Holder().Rep || p.running(l) != p.running(one) {
		t.Errorf("%s with %s, %d clocks", l.Key, l.Journey.Holder().Rep, p.running(l))
	}
	if got := p.told(b, 4); !slices.Equal(got, []contract.EventType{contract.ClockStopped, contract.ClockStopped, contract.ClockStopped, contract.LeadMerged}) {
		t.Errorf("of the one that is part of the other: %v", got)
	}
	openLeadsAgree(t, p.table, []signal.LeadKey{a, b})
	p.orders(a, signal.OrderSplit, b)
	again := leadOf(t, p.table, b)
	h := again.Journey.Holder()
	if again.Key != b || h == nil || h.Number <= two.Journey.Handoff.Number || p.running(again) != 3 {
		t.Errorf("%s with %+v, %d clocks", again.Key, h, p.running(again))
	}
	if got := p.told(b, 6); !slices.Equal(got[:3], []contract.EventType{contract.LeadSplit, contract.LeadQualified, contract.LeadHandedOff}) {
		t.Errorf("of the one that is split off: %v", got)
	}
	if kept := leadOf(t, p.table, a).Journey.Holder(); kept.Rep != one.Journey.Holder().Rep {
		t.Errorf("the other is with %s now", kept.Rep)
	}
	openLeadsAgree(t, p.table, []signal.LeadKey{a, b})
}

// What two leads have together may qualify where neither does alone, and it is
// taken back with the merge, as long as nobody has accepted it.
func TestWhatQualifiedTogetherGoesBack(t *testing.T) {
	for _, accepted := range []bool{false, true} {
		p := newPair(t)
		known := request("ada@engines.example")
		known.Attributes = map[string]string{"form": "Newsletter"}
		a := p.hears(known)
		old := request("ada@home-engines.example")
		old.ID, old.OccurredAt = "old", old.ReceivedAt.AddDate(0, 0, -20) // no news, so that it was not handed off
		b := p.hears(old)
		if leadOf(t, p.table, b).Journey.Handoff != nil {
			t.Fatal("old news was handed off")
		}
		p.orders(a, signal.OrderMerge, b)
		l := leadOf(t, p.table, a)
		h := l.Journey.Holder()
		if h == nil {
			t.Fatalf("not handed off: %s", l.Journey.Stage)
		}
		if accepted {
			p.answers(l, signal.RepAccepted)
		}
		from := l.Merges[0].From
		p.orders(l.Key, signal.OrderSplit, from)
		without := leadOf(t, p.table, a)
		if holder := without.Journey.Holder(); (holder != nil) != (accepted && without.Key == l.Key) {
			t.Errorf("accepted %t: who does not qualify alone is with %+v", accepted, holder)
		}
		if with := leadOf(t, p.table, b); with.Journey.Holder() == nil {
			t.Errorf("accepted %t: who asked is with nobody, in %s", accepted, with.Journey.Stage)
		}
		openLeadsAgree(t, p.table, []signal.LeadKey{a, b})
	}
}

func (p pair) answers(l *lead.Lead, typ signal.Type) {
	p.t.Helper()
	h := l.Journey.Holder()
	s := signal.Signal{
		Source: lead.Respond, ID: "1.accept", Type: typ, OccurredAt: l.UpdatedAt, ReceivedAt: l.UpdatedAt,
		Attributes: map[string]string{signal.AttrHandoff: "1", signal.AttrRep: h.Rep},
	}
	if _, err := p.table.PutSignalFor(p.t.Context(), l.Key, s); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.maker.Apply(p.t.Context(), l.Key, []signal.Signal{s}, l.UpdatedAt); err != nil {
		p.t.Fatal(err)
	}
	if got := leadOf(p.t, p.table, l.Key).Journey.Holder().Answer; got != lead.AnswerAccepted {
		p.t.Fatalf("answered %q", got)
	}
}

// Whom somebody said to be two people nothing joins again but a person's word.
func TestWhoWasSplitIsNotJoinedAgain(t *testing.T) {
	p := newPair(t)
	of := func(id, email, contact string) signal.Signal {
		return signal.Signal{
			Source: "crm", ID: id, Type: signal.ContactChanged, OccurredAt: monday, ReceivedAt: monday.Add(time.Minute),
			Identity: signal.Identity{Email: email, ContactID: contact},
		}
	}
	a := p.hears(of("1", "old@x.example", "7"))
	b := p.hears(of("2", "new@x.example", "7"))
	l := leadOf(t, p.table, b)
	if l.Key != a || len(l.Merges) != 1 || l.Merges[0].From != b {
		t.Fatalf("the contact has two addresses, and %s has %+v", l.Key, l.Merges)
	}
	p.orders(a, signal.OrderSplit, b)
	p.hears(of("3", "new@x.example", "7"))
	p.hears(of("4", "old@x.example", "7"))
	if one, two := leadOf(t, p.table, a), leadOf(t, p.table, b); one.Key == two.Key || one.Facts.Signals != 3 || two.Facts.Signals != 2 {
		t.Errorf("%s of %d signals, %s of %d", one.Key, one.Facts.Signals, two.Key, two.Facts.Signals)
	}
	p.orders(a, signal.OrderMerge, b)
	if one, two := leadOf(t, p.table, a), leadOf(t, p.table, b); one.Key != two.Key || len(one.Apart) > 0 {
		t.Errorf("%s and %s, apart %v", one.Key, two.Key, one.Apart)
	}
}

// A name of nobody is nobody's, however often one asks.
func TestNobodysName(t *testing.T) {
	p := newPair(t)
	if _, err := p.table.Lead(t.Context(), "1nobody"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v, want kind not found", err)
	}
}
