package decision_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/privacy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// contact is what a CRM says of a contact with an address.
func contact(id, email, number string, at time.Time) signal.Signal {
	return signal.Signal{
		Source: "crm", ID: id, Type: signal.ContactChanged, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: email, ContactID: number},
	}
}

// A signal that a deadline has looked at before it was delivered names the
// person all the same.
func TestASignalThatWasReadEarlyStillJoins(t *testing.T) {
	p := newPair(t)
	a := p.hears(request("ada@engines.example"))
	early := contact("1", "ada@engines.example", "7", monday.Add(time.Minute))
	if _, err := p.table.PutSignal(t.Context(), early); err != nil {
		t.Fatal(err)
	}
	if _, err := p.maker.Apply(t.Context(), a, nil, monday.AddDate(0, 0, 2)); err != nil {
		t.Fatal(err)
	}
	if n := leadOf(t, p.table, a).Facts.Signals; n != 2 {
		t.Fatalf("the deadline looked at %d signals", n)
	}
	p.hears(early)
	l, err := p.table.Lead(t.Context(), early.Names()[1].Key)
	if err != nil || l.Key != a {
		t.Errorf("the contact id is %+v's, %v", l, err)
	}
}

// A name that would be one too many of a person joins nobody: it is a lead of
// its own, and not one whose facts another has.
func TestOneNameTooManyIsALeadOfItsOwn(t *testing.T) {
	p := newPair(t)
	var last signal.LeadKey
	for n := range 62 {
		last = p.hears(contact(fmt.Sprint(n), fmt.Sprintf("n%d@x.example", n), "7", monday))
	}
	l, err := p.table.Lead(t.Context(), last)
	if err != nil || l.Key != last || l.Facts.Signals != 1 {
		t.Errorf("%+v, %v", l, err)
	}
}

// Whom somebody said to be another person is not joined with the lead again
// because they were forgotten meanwhile.
func TestWhoWasSplitAndForgottenIsNotJoinedAgain(t *testing.T) {
	p := newPair(t)
	a := p.hears(contact("1", "old@x.example", "7", monday))
	b := p.hears(contact("2", "new@x.example", "7", monday))
	p.orders(a, signal.OrderSplit, b)
	if _, err := p.maker.Erase(t.Context(), b, lead.Erasure{Reason: lead.OverTime, By: "Riley Chen"}, monday); err != nil {
		t.Fatal(err)
	}
	if err := p.table.Lift(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	p.hears(contact("3", "new@x.example", "7", monday.Add(time.Hour)))
	if l := leadOf(t, p.table, b); l.Key != b {
		t.Errorf("they are part of %s again", l.Key)
	}
	s := contact("4", "other@x.example", "", monday.Add(time.Hour))
	s.Identity.UserID = "u"
	p.hears(s)
}

// Who was part of a lead when that became part of another one, and is a lead of
// their own by now, can be erased like everybody.
func TestNoMergeKeepsAnErasedPerson(t *testing.T) {
	p := newPair(t)
	a := p.hears(contact("1", "first@x.example", "", monday))
	b := p.hears(contact("2", "second@x.example", "", monday.Add(time.Minute)))
	told := contact("3", "third@x.example", "contact-4711", monday.Add(time.Hour))
	told.Lead = map[string]string{signal.FieldFirstName: "Adalbertina", signal.FieldLastName: "Lovelacerson", signal.FieldPhone: "+44 20 7946 0018"}
	c := p.hears(told)
	p.orders(b, signal.OrderMerge, c)
	p.orders(a, signal.OrderMerge, b)
	p.orders(a, signal.OrderSplit, c)
	if _, err := p.maker.Erase(t.Context(), c, wish, monday.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	proof, err := privacy.Search(t.Context(), p.table, privacy.IdentifiersOf([]signal.Signal{told}))
	if err != nil || len(proof.Found) > 0 {
		t.Errorf("%+v, %v", proof.Found, err)
	}
	p.orders(a, signal.OrderSplit, b)
	if l := leadOf(t, p.table, b); l.Facts.Profile[signal.FieldEmail].Value != "second@x.example" || len(l.Members) > 0 {
		t.Errorf("the second is %+v", l)
	}
}

// An order to merge that is repeated after it was taken back, and after the lead
// became part of a third one, merges nothing.
func TestAnOldOrderIsNotHeardByAnotherLead(t *testing.T) {
	p := newPair(t)
	a := p.hears(contact("1", "a@x.example", "1", monday))
	b := p.hears(contact("2", "b@x.example", "2", monday))
	c := p.hears(contact("3", "c@x.example", "3", monday))
	l := leadOf(t, p.table, b)
	s, err := decision.OrderFor(l, decision.Order{Type: signal.OrderMerge, With: c, Reason: "one person", By: "Morgan Hale"}, l.UpdatedAt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.table.PutSignalFor(t.Context(), b, s); err != nil {
		t.Fatal(err)
	}
	again := func() {
		t.Helper()
		if _, err := p.maker.Apply(t.Context(), b, []signal.Signal{s}, l.UpdatedAt); err != nil {
			t.Fatal(err)
		}
	}
	again()
	p.orders(b, signal.OrderSplit, c)
	again()
	p.orders(a, signal.OrderMerge, b)
	again()
	if one := leadOf(t, p.table, a); !one.Has(b) || one.Has(c) {
		t.Errorf("merged again: %v", one.Keys())
	}
	p.orders(a, signal.OrderSplit, b)
	again()
	if one := leadOf(t, p.table, b); one.Has(a) || one.Has(c) {
		t.Errorf("merged again: %v", one.Keys())
	}
}
