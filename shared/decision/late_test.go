package decision_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
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
