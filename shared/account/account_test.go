package account_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/account"
)

func TestTheReceiverOfTheLastLeadOwnsTheCompany(t *testing.T) {
	first := facts("", "Acme Inc.", "", "94105")
	found, _ := account.Match(first, nil, all(), noon)
	one := found.Account.Assigned(first, "ana", "sales", "1ada", days(9))
	want := account.Account{
		Key: "n:acme", Version: 1, Name: "Acme Inc.", Normal: "acme", Postal: "94105", Handoffs: 1,
		Owner: &account.Owner{Rep: "ana", Pool: "sales", Lead: "1ada", Since: days(9), Open: 1},
	}
	if diff := cmp.Diff(want, one); diff != "" {
		t.Fatal(diff)
	}
	// Another lead of it goes to the same rep, and says more about it.
	two := one.Assigned(facts("acme.com", "ACME Corporation", "+1 415 555 2671", "10115"), "ana", "sales", "1bob", days(8))
	want.Version, want.Handoffs, want.Domain, want.Phone = 2, 2, "acme.com", "55552671"
	want.Owner = &account.Owner{Rep: "ana", Pool: "sales", Lead: "1bob", Since: days(8), Open: 2}
	if diff := cmp.Diff(want, two); diff != "" {
		t.Error(diff)
	}
	if one.Owner.Open != 1 || one.Version != 1 {
		t.Errorf("the account before changed: %+v", one)
	}
	// The second one moves to somebody else, who owns it from then on.
	three := two.Assigned(facts("acme.com", "", "", ""), "ben", "enterprise", "1bob", days(7))
	want.Version, want.Handoffs = 3, 3
	want.Owner = &account.Owner{Rep: "ben", Pool: "enterprise", Lead: "1bob", Since: days(7), Open: 1}
	if diff := cmp.Diff(want, three); diff != "" {
		t.Error(diff)
	}
}

func TestALeadThatClosesIsHeldNoMore(t *testing.T) {
	a := account.Account{Key: "d:acme.com"}.Assigned(facts("acme.com", "", "", ""), "ana", "sales", "1ada", days(1))
	after := a.Released("ana")
	if after.Owner.Rep != "ana" || after.Owner.Open != 0 || after.Version != 2 || a.Owner.Open != 1 {
		t.Errorf("after: %+v, before: %+v", after, a)
	}
	for _, same := range []struct {
		before account.Account
		rep    string
	}{{after, "ana"}, {a, "ben"}, {account.Account{Key: "d:acme.com"}, "ana"}} {
		if diff := cmp.Diff(same.before, same.before.Released(same.rep)); diff != "" {
			t.Errorf("%s changed what they do not hold: %s", same.rep, diff)
		}
	}
	if !a.Known() || (account.Account{Key: "d:acme.com"}).Known() {
		t.Error("only what was stored is known")
	}
}

func TestAnAccountIsReadAsItWasWritten(t *testing.T) {
	a := account.Account{}.Assigned(facts("acme.com", "Acme", "+1 415 555 2671", "94105"), "ana", "sales", "1ada", noon)
	b, err := json.Marshal(a)
	var got account.Account
	if err == nil {
		err = json.Unmarshal(b, &got)
	}
	if diff := cmp.Diff(a, got); diff != "" || err != nil || a.Key != "d:acme.com" {
		t.Errorf("%v %s", err, diff)
	}
}
