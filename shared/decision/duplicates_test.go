package decision_test

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// visitor is somebody who fills in a form that asks for nothing.
func visitor(email, given, family, company, phone string) signal.Signal {
	return signal.Signal{
		Source: "typeform", ID: email, Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity:   signal.Identity{Email: email},
		Lead:       map[string]string{"first_name": given, "last_name": family, "company": company, "phone": phone, "country": "DE"},
		Attributes: map[string]string{"form": "Newsletter"},
	}
}

func anybodys(decision.Pair) bool { return true }

func (p pair) open() []decision.Pair {
	p.t.Helper()
	pairs, more, err := p.maker.OpenDuplicates(p.t.Context(), 100, anybodys, monday)
	if err != nil || more {
		p.t.Fatalf("more %v, %v", more, err)
	}
	return pairs
}

func TestWhoMayBeOnePersonIsSuggested(t *testing.T) {
	p := newPair(t)
	a := p.hears(visitor("robert.krueger@acme.example", "Robert", "Krüger", "Acme GmbH", "+49 30 12345678"))
	if got := p.open(); len(got) > 0 {
		t.Fatalf("one lead is suggested alone: %+v", got)
	}
	b := p.hears(visitor("bob77@mail.example", "Bob", "Krueger", "ACME AG", ""))
	p.hears(visitor("ada@acme.example", "Ada", "Krüger", "Acme GmbH", "+49 30 12345678")) // a daughter with the same phone
	p.hears(visitor("robert@zeta.example", "Robert", "Krüger", "Zeta", ""))               // one of the same name
	got := p.open()
	if len(got) != 1 || got[0].Names != duplicate.Of(a, b) || got[0].Result.Score != 62 || got[0].Score != 62 {
		t.Fatalf("%+v", got)
	}
	if i := slices.IndexFunc(got[0].Result.Parts, func(p contract.Part) bool { return p.Reason == "Bob is short for Robert" }); i < 0 {
		t.Errorf("%+v", got[0].Result.Parts)
	}
	// Another signal of theirs writes nothing.
	again := visitor("bob77@mail.example", "Bob", "Krueger", "ACME AG", "")
	again.ID = "again"
	p.hears(again)
	if kept, err := p.table.Duplicate(t.Context(), duplicate.Of(a, b)); err != nil || kept.Version != 1 {
		t.Errorf("%+v %v", kept, err)
	}
}

// Pairs that are none any more, and those that are not for whoever asks, hide
// no other.
func TestWhatIsNotToBeJudgedHidesNothing(t *testing.T) {
	p := newPair(t)
	var group errgroup.Group
	group.SetLimit(8)
	for n := range 150 {
		group.Go(func() error {
			gone := duplicate.Of(signal.LeadKey(fmt.Sprintf("%026da", n)), signal.LeadKey(fmt.Sprintf("%026db", n)))
			return p.table.PutDuplicate(t.Context(), duplicate.Pair{Names: gone, Version: 1, State: duplicate.Open, Since: monday.AddDate(0, 0, -1), Score: 99})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	a := p.hears(visitor("robert.krueger@acme.example", "Robert", "Krüger", "Acme GmbH", "+49 30 12345678"))
	p.hears(visitor("bob77@mail.example", "Bob", "Krueger", "ACME AG", ""))
	p.hears(visitor("ada@zeta.example", "Ada", "Byron", "Zeta", "+49 30 87654321"))
	p.hears(visitor("ada77@mail.example", "Ada", "Byron", "Zeta", "+49 30 87654321"))
	roberts := func(p decision.Pair) bool { return p.Has(a) }
	got, more, err := p.maker.OpenDuplicates(t.Context(), 1, roberts, monday)
	if err != nil || len(got) != 1 || !got[0].Has(a) || more {
		t.Errorf("%+v, more %v, %v", got, more, err)
	}
	if got, more, err := p.maker.OpenDuplicates(t.Context(), 1, anybodys, monday); err != nil || len(got) != 1 || got[0].Has(a) || !more {
		t.Errorf("not the likelier one of two: %+v, more %v, %v", got, more, err)
	}
}

func TestWhatSomebodyDismissedComesBackWithMoreEvidence(t *testing.T) {
	p := newPair(t)
	a := p.hears(visitor("robert.krueger@acme.example", "Robert", "Krüger", "Acme GmbH", "+49 30 12345678"))
	b := p.hears(visitor("bob77@mail.example", "Bob", "Krueger", "ACME AG", ""))
	one, err := p.maker.ComparePair(t.Context(), duplicate.Of(b, a), monday)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.maker.JudgePair(t.Context(), one, duplicate.Dismissed, "Kim Sato", "cousins", monday); err != nil {
		t.Fatal(err)
	}
	if got := p.open(); len(got) > 0 {
		t.Fatalf("still suggested: %+v", got)
	}
	title := visitor("bob77@mail.example", "Bob", "Krueger", "Acme Deutschland", "")
	title.ID = "2" // another name of the same company: filed anew, and no more evidence
	p.hears(title)
	if got := p.open(); len(got) > 0 {
		t.Fatalf("suggested again without more evidence: %+v", got)
	}
	phone := visitor("bob77@mail.example", "Bob", "Krueger", "ACME AG", "+49 30 12345678")
	phone.ID, phone.OccurredAt = "3", monday.Add(1)
	p.hears(phone)
	if got := p.open(); len(got) != 1 || got[0].Result.Score != 100 || got[0].Version != 3 {
		t.Errorf("with the same phone: %+v", got)
	}
}

func TestSuggestionsOfOneLeadAreGone(t *testing.T) {
	p := newPair(t)
	a := p.hears(visitor("robert.krueger@acme.example", "Robert", "Krüger", "Acme GmbH", ""))
	b := p.hears(visitor("bob77@mail.example", "Bob", "Krueger", "ACME AG", ""))
	c := p.hears(visitor("rob@other.example", "Rob", "Krüger", "Acme", ""))
	if got := p.open(); len(got) != 3 {
		t.Fatalf("%d pairs", len(got))
	}
	p.orders(a, signal.OrderMerge, b)
	// Two suggestions are of the same two leads now, and one is shown.
	got := p.open()
	if len(got) != 1 || got[0].Now() != duplicate.Of(leadOf(t, p.table, a).Key, c) {
		t.Fatalf("%+v", got)
	}
	if _, err := p.maker.ComparePair(t.Context(), duplicate.Of(a, b), monday); fault.KindOf(err) != fault.Invalid {
		t.Errorf("two that are one: %v, want Invalid", err)
	}
	if _, err := p.maker.ComparePair(t.Context(), duplicate.Of(a, "1nobody"), monday); fault.KindOf(err) != fault.NotFound {
		t.Errorf("nobody: %v, want NotFound", err)
	}
	// Split again, the two are not suggested: a person has said so.
	p.orders(a, signal.OrderSplit, leadOf(t, p.table, a).Merges[0].From)
	if n, err := p.maker.Duplicates(t.Context(), leadOf(t, p.table, a), monday); n != 0 || err != nil {
		t.Errorf("%d suggested, %v", n, err)
	}
}

func TestAScanFindsWhatWasMissed(t *testing.T) {
	p := newPair(t)
	a := p.hears(visitor("robert.krueger@acme.example", "Robert", "Krüger", "Acme GmbH", ""))
	b := p.hears(visitor("bob77@mail.example", "Bob", "Krueger", "ACME AG", ""))
	if _, err := p.table.ForgetDuplicates(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0} {
		if n, err := p.maker.Duplicates(t.Context(), leadOf(t, p.table, b), monday); n != want || err != nil {
			t.Errorf("scan %d: %d suggested, %v", i, n, err)
		}
	}
}

func TestAPhoneOfManyPeopleSuggestsNobody(t *testing.T) {
	p := newPair(t)
	for _, name := range []string{"Ada", "Grace", "Margaret", "Radia"} {
		p.hears(visitor(name+"@acme.example", name, name+"son", "", "+49 30 12345678"))
	}
	p.hears(visitor("ada@home.example", "Ada", "", "", "+49 30 12345678"))
	if got := p.open(); len(got) > 0 {
		t.Errorf("%+v", got)
	}
}

// What a merge would make of two leads is what it then makes of them.
func TestAMergeIsForeseen(t *testing.T) {
	p := newPair(t)
	other := request("ada@looms.example")
	other.Lead = nil
	a, b := p.hears(request("ada@engines.example")), p.hears(other)
	one, two := leadOf(t, p.table, a), leadOf(t, p.table, b)
	order := decision.Order{Type: signal.OrderMerge, With: a, Reason: "said so", By: "Kim"}
	s, err := decision.OrderFor(two, order, two.UpdatedAt)
	if err != nil {
		t.Fatal(err)
	}
	would, err := p.maker.ForeseeJoin(t.Context(), two, s, two.UpdatedAt)
	if err != nil || would.Lead.Key != a || would.Gone.Key != b || would.Also != nil || len(would.Told) == 0 || len(would.AlsoTold) == 0 {
		t.Fatalf("%+v %v", would, err)
	}
	if leadOf(t, p.table, b).Version != two.Version || leadOf(t, p.table, a).Version != one.Version {
		t.Fatal("looking has changed something")
	}
	p.orders(b, signal.OrderMerge, a)
	is := leadOf(t, p.table, b)
	if is.Key != would.Lead.Key || is.Journey.Holder().Rep != would.Lead.Journey.Holder().Rep {
		t.Errorf("it is %+v", is.Journey.Holder())
	}
	order = decision.Order{Type: signal.OrderSplit, With: b, Reason: "said so", By: "Kim"}
	if s, err = decision.OrderFor(is, order, is.UpdatedAt); err != nil {
		t.Fatal(err)
	}
	back, err := p.maker.ForeseeJoin(t.Context(), is, s, is.UpdatedAt)
	if err != nil || back.Gone != nil || back.Also == nil || back.Also.Key != b || back.Also.Journey.Holder() == nil {
		t.Errorf("%+v %v", back, err)
	}
	s.Attributes[signal.AttrWith] = "1nobody"
	if _, err := p.maker.ForeseeJoin(t.Context(), is, s, is.UpdatedAt); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a split of nobody: %v, want Invalid", err)
	}
}
