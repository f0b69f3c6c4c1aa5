package account_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/policy"
)

func grouped() account.Groups {
	return account.NewGroups(policy.Accounts{Groups: []policy.AccountGroup{
		{Name: "Acme", Domains: []string{"acme.com", "acme.de"}, Names: []string{"Roadrunner Supplies"}},
		{Name: "Acme Robotics", Domains: []string{"robots.example"}, Parent: "Acme"},
		{Name: "Acme Arms", Parent: "Acme Robotics"},
		{Name: "Round", Parent: "About"},
		{Name: "About", Parent: "Round"},
	}})
}

func TestPlace(t *testing.T) {
	tests := []struct {
		given        string
		domain, name string
		key          account.Key
		group        string
		parents      []account.Key
	}{
		{"its first domain", "acme.com", "", "d:acme.com", "Acme", nil},
		{"another domain", "acme.de", "Akme", "d:acme.com", "Acme", nil},
		{"its name", "", "ACME, Inc.", "d:acme.com", "Acme", nil},
		{"another name", "", "Roadrunner Supplies Ltd", "d:acme.com", "Acme", nil},
		{"its name under a strange domain", "strange.example", "Acme", "d:strange.example", "", nil},
		{"a subsidiary", "robots.example", "Acme", "d:robots.example", "Acme Robotics", []account.Key{"d:acme.com"}},
		{"a subsidiary by name alone", "", "Acme Arms LLC", "n:acme arms", "Acme Arms", []account.Key{"d:robots.example", "d:acme.com"}},
		{"a circle", "", "Round", "n:round", "Round", []account.Key{"n:about"}},
		{"no group", "delta.com", "Delta", "d:delta.com", "", nil},
		{"nothing", "", "", "", "", nil},
	}
	for _, tt := range tests {
		before := facts(tt.domain, tt.name, "+1 415 555 2671", "94105")
		got := grouped().Place(before)
		if got.Key() != tt.key || got.Group != tt.group || (got.How == "") != (tt.group == "") || got.Phone != before.Phone || got.Postal != before.Postal {
			t.Errorf("%s: %+v with key %q", tt.given, got, got.Key())
		}
		if diff := cmp.Diff(tt.parents, got.Parents); diff != "" {
			t.Errorf("%s: %s", tt.given, diff)
		}
		if diff := cmp.Diff(got.Key(), grouped().Of(before.Key())); diff != "" {
			t.Errorf("%s: the key itself leads elsewhere: %s", tt.given, diff)
		}
	}
}

func TestKin(t *testing.T) {
	g := grouped()
	if diff := cmp.Diff([]account.Kin{{Key: "d:robots.example", Name: "Acme Robotics"}}, g.Children("d:acme.com")); diff != "" {
		t.Error(diff)
	}
	if above, ok := g.Parent("n:acme arms"); !ok || above.Name != "Acme Robotics" {
		t.Errorf("the parent is %+v", above)
	}
	for _, k := range []account.Key{"d:acme.com", "d:delta.com", "", "x"} {
		if above, ok := g.Parent(k); ok {
			t.Errorf("%s belongs to %+v", k, above)
		}
	}
	if diff := cmp.Diff([]account.Key{"d:acme.com", "d:acme.de", "n:acme", "n:roadrunner supplies"}, g.Sources("n:acme")); diff != "" {
		t.Error(diff)
	}
	var none account.Groups
	if _, ok := none.Parent("d:acme.com"); ok || none.Children("d:acme.com") != nil || none.Of("d:acme.de") != "d:acme.de" || len(none.Sources("n:x")) != 1 {
		t.Error("no groups know something")
	}
}

// Placing twice is placing once, and a lead is never in the account above its own.
func TestPlacingIsDoneOnce(t *testing.T) {
	g := grouped()
	rapid.Check(t, func(t *rapid.T) {
		domain := rapid.SampledFrom([]string{"", "acme.com", "acme.de", "robots.example", "delta.com"}).Draw(t, "domain")
		name := rapid.SampledFrom([]string{"", "Acme", "Acme Arms", "Round", "About", "Delta"}).Draw(t, "name")
		once := g.Place(facts(domain, name, "", ""))
		twice := g.Place(once)
		if once.Key() != twice.Key() || once.Group != twice.Group {
			t.Errorf("%+v, then %+v", once, twice)
		}
		for _, k := range once.Parents {
			if k == once.Key() {
				t.Errorf("%q is above itself", k)
			}
		}
	})
}

func TestTheOwnerOfTheParentHasAClaimWhenNobodyElseHas(t *testing.T) {
	lead := grouped().Place(facts("robots.example", "", "", ""))
	parent, own := company("acme.com", "Acme", 10), company("robots.example", "Acme Robotics", 5)
	policyOf := func(parent bool) policy.AccountOwner {
		p := all()
		p.Parent = parent
		return p
	}
	tests := []struct {
		given      string
		candidates []account.Account
		parent     bool
		key, above account.Key
		claim      bool
	}{
		{"nobody has its own", []account.Account{parent}, true, "d:robots.example", "d:acme.com", false},
		{"the policy does not ask for the parent", []account.Account{parent}, false, "d:robots.example", "", false},
		{"its own has an owner", []account.Account{parent, own}, true, "d:robots.example", "", true},
		{"its own has one of long ago", []account.Account{parent, company("robots.example", "Acme Robotics", 200)}, true, "d:robots.example", "d:acme.com", false},
		{"the parent's is of long ago", []account.Account{company("acme.com", "Acme", 200)}, true, "d:robots.example", "", false},
		{"the parent is not known", nil, true, "d:robots.example", "", false},
	}
	for _, tt := range tests {
		found, claim := account.Match(lead, tt.candidates, policyOf(tt.parent), noon)
		above := account.Key("")
		if found.Parent != nil {
			above = found.Parent.Key
		}
		if found.Account.Key != tt.key || above != tt.above || claim != tt.claim {
			t.Errorf("%s: %+v, claim %v", tt.given, found, claim)
		}
	}
	// However close the names, the parent is no candidate by itself.
	near := lead
	near.Postal = "94105"
	found, _ := account.Match(near, []account.Account{with(parent, func(a *account.Account) { a.Postal = "94105" })}, policyOf(false), noon)
	if found.By != "" {
		t.Errorf("the parent took the lead: %+v", found)
	}
}
