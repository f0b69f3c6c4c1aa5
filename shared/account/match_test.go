package account_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/policy"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func days(n int) time.Time { return noon.AddDate(0, 0, -n) }

func all() policy.AccountOwner {
	return policy.AccountOwner{
		Match: []string{"domain", "name", "close_name"}, TieBreakers: []string{"latest", "open", "size"}, MaxAgeDays: 180,
	}
}

// company returns an account that a rep owns since so many days; -1: nobody does.
func company(domain, name string, since int) account.Account {
	f := account.FactsOf(domain, map[string]string{"company": name})
	a := account.Account{Key: f.Key(), Version: 1, Domain: f.Domain, Name: f.Name, Normal: f.Normal, Handoffs: 1}
	if since >= 0 {
		a.Owner = &account.Owner{Rep: "ana", Pool: "sales", Since: days(since)}
	}
	return a
}

func with(a account.Account, change func(*account.Account)) account.Account {
	change(&a)
	return a
}

func facts(domain, name, phone, postal string) account.Facts {
	return account.FactsOf(domain, map[string]string{"company": name, "phone": phone, "postal_code": postal})
}

func TestMatch(t *testing.T) {
	phone := func(a *account.Account) { a.Phone = "55552671" }
	place := func(a *account.Account) { a.Postal = "94105" }
	acme := company("acme.com", "Acme", 10)
	tests := []struct {
		given      string
		facts      account.Facts
		candidates []account.Account
		key        account.Key
		by         string
		claim      bool
	}{
		{"no company is known", facts("acme.com", "Acme", "", ""), nil, "d:acme.com", "", false},
		{"the lead names none", facts("", "", "", ""), []account.Account{acme}, "", "", false},
		{"the same domain", facts("acme.com", "", "", ""), []account.Account{acme}, "d:acme.com", "domain", true},
		{"the same domain under another name", facts("acme.com", "Roadrunner", "", ""), []account.Account{acme}, "d:acme.com", "domain", true},
		{"the same name", facts("", "ACME, Inc.", "", ""), []account.Account{acme}, "d:acme.com", "name", true},
		{"the same name at another domain", facts("acme.de", "Acme GmbH", "", ""), []account.Account{acme}, "d:acme.com", "name", true},
		{"a close name and the same label", facts("acme.de", "Acme Deutschland GmbH", "", ""), []account.Account{acme}, "d:acme.com", "close_name+domain", true},
		{"a close name and the same number", facts("", "Acme Brick", "+1 (415) 555-2671", ""), []account.Account{with(acme, phone)}, "d:acme.com", "close_name+phone", true},
		{"a close name and the same place", facts("", "Acme Brick", "", "94105-1234"), []account.Account{with(acme, place)}, "d:acme.com", "close_name+postal_code", true},
		{"the domain before the name", facts("acme.com", "Delta", "", ""), []account.Account{company("delta.com", "Delta", 1), acme}, "d:acme.com", "domain", true},
		{"the name before a close one", facts("", "Acme", "+1 415 555 2671", ""), []account.Account{with(company("", "Acme Brick", 1), phone), company("", "Acme", 9)}, "n:acme", "name", true},

		{"a close name and no further proof", facts("", "Acme Brick", "", ""), []account.Account{acme}, "n:acme brick", "", false},
		{"a close name and another place", facts("", "Acme Brick", "", "10115"), []account.Account{with(acme, place)}, "n:acme brick", "", false},
		{"another name at the same place", facts("", "Delta Faucet", "", "94105"), []account.Account{with(company("", "Delta Airlines", 1), place)}, "n:delta faucet", "", false},
		{"two who write by free mail", facts("", "", "", ""), []account.Account{company("", "", 1)}, "", "", false},
		{"free mail and another company", facts("", "Roadrunner", "", ""), []account.Account{company("", "Acme", 1)}, "n:roadrunner", "", false},
		{"close names and a label that says nothing", facts("info.com", "Weather Info", "", ""), []account.Account{company("info.de", "Weather Infos", 1)}, "d:info.com", "", false},
		{"close names and a label of two letters", facts("ae.com", "Analytical Engine", "", ""), []account.Account{company("ae.de", "Analytical Engines", 1)}, "d:ae.com", "", false},
		{"the same number and another name", facts("", "Roadrunner", "+1 415 555 2671", ""), []account.Account{with(acme, phone)}, "n:roadrunner", "", false},
		{"two who name no company", facts("", "Self-employed", "", ""), []account.Account{company("", "self employed", 1)}, "", "", false},

		{"an owner of the last day that counts", facts("acme.com", "", "", ""), []account.Account{company("acme.com", "Acme", 180)}, "d:acme.com", "domain", true},
		{"an owner of too long ago", facts("acme.com", "", "", ""), []account.Account{company("acme.com", "Acme", 181)}, "d:acme.com", "domain", false},
		{"nobody has it", facts("acme.com", "", "", ""), []account.Account{company("acme.com", "Acme", -1)}, "d:acme.com", "domain", false},
		{"an old owner by domain, a present one by name", facts("acme.com", "Acme", "", ""), []account.Account{company("acme.com", "Acme", 181), company("", "Acme", 3)}, "n:acme", "name", true},
	}
	for _, tt := range tests {
		found, claim := account.Match(tt.facts, tt.candidates, all(), noon)
		if found.Account.Key != tt.key || found.By != tt.by || claim != tt.claim || (found.Why == "") != (tt.by == "") {
			t.Errorf("%s: %q by %q, claim %v (%s); want %q by %q, claim %v", tt.given, found.Account.Key, found.By, claim, found.Why, tt.key, tt.by, tt.claim)
		}
	}
}

func TestThePolicySaysHowCompaniesMatch(t *testing.T) {
	lead := facts("acme.com", "Acme", "", "")
	domain, name := company("acme.com", "Roadrunner", 9), company("acme.de", "Acme", 1)
	tests := []struct {
		match []string
		key   account.Key
		claim bool
	}{
		{[]string{"domain", "name"}, "d:acme.com", true},
		{[]string{"name", "domain"}, "d:acme.de", true},
		{[]string{"name"}, "d:acme.de", true},
		{[]string{"close_name"}, "d:acme.de", true}, // a name is close to itself, and the label is the same
		{[]string{"no such way"}, "d:acme.com", false},
		{nil, "d:acme.com", false},
	}
	for _, tt := range tests {
		p := all()
		p.Match = tt.match
		found, claim := account.Match(lead, []account.Account{name, domain}, p, noon)
		if found.Account.Key != tt.key || claim != tt.claim || found.Account.Version != 1 {
			t.Errorf("%v: %+v, claim %v; want %q, claim %v", tt.match, found, claim, tt.key, tt.claim)
		}
	}
}

func TestAnAgeOfZeroIsNoLimit(t *testing.T) {
	p := all()
	p.MaxAgeDays = 0
	if found, claim := account.Match(facts("acme.com", "", "", ""), []account.Account{company("acme.com", "", 5000)}, p, noon); !claim {
		t.Errorf("no claim: %+v", found)
	}
}

func TestTieBreakersDecideInTheirOrder(t *testing.T) {
	// Three companies of one name: one is the latest, one has open leads, one had the most handoffs.
	latest := company("acme.com", "Acme", 1)
	open := with(company("acme.de", "Acme", 2), func(a *account.Account) { a.Owner.Open = 1 })
	size := with(company("acme.fr", "Acme", 3), func(a *account.Account) { a.Handoffs = 9 })
	tests := []struct {
		ties []string
		want account.Key
		lost string // what is said of the first that lost
	}{
		{[]string{"latest", "open", "size"}, "d:acme.com", "but its owner's last handoff was earlier"},
		{[]string{"open", "latest"}, "d:acme.de", "but its owner holds none of its leads"},
		{[]string{"size", "latest"}, "d:acme.fr", "but it had fewer handoffs"},
		{[]string{"no such tie-breaker"}, "d:acme.com", "equal, and its key is later"},
		{nil, "d:acme.com", "equal, and its key is later"},
	}
	for _, tt := range tests {
		p := all()
		p.TieBreakers = tt.ties
		for _, candidates := range [][]account.Account{{latest, open, size}, {size, open, latest}, {open, latest, size}} {
			found, claim := account.Match(facts("", "Acme", "", ""), candidates, p, noon)
			if found.Account.Key != tt.want || !claim || len(found.Passed) != 2 || !strings.HasSuffix(found.Passed[0], tt.lost) {
				t.Errorf("%v: %q, %q; want %q", tt.ties, found.Account.Key, found.Passed, tt.want)
			}
		}
	}
}

func TestMatchSaysWhyNotTheOthers(t *testing.T) {
	found, _ := account.Match(facts("acme.com", "Acme", "", ""), []account.Account{
		company("acme.com", "Acme", 5), company("acme.de", "Acme", 400), company("brick.com", "Acme Brick", 1), company("other.com", "Other", 1), company("", "Acme", 1),
	}, all(), noon)
	want := account.Found{
		Account: company("acme.com", "Acme", 5), By: "domain", Why: "same domain, acme.com",
		Passed: []string{
			"n:acme: same company name, acme; but domain comes first",
			"d:acme.de: same company name, acme; its owner's last handoff was 400 days ago, more than 180",
			"d:brick.com: close company names, acme and acme brick, but neither domain, telephone number nor postal code is the same",
			"d:other.com: another company",
		},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	var many []account.Account
	for i := range 40 {
		many = append(many, company(fmt.Sprintf("acme%02d.com", i), "Acme", 1))
	}
	found, _ = account.Match(facts("", "Acme", "", ""), many, all(), noon)
	if len(found.Passed) != 6 || found.Passed[5] != "and 34 more" {
		t.Errorf("passed: %q", found.Passed)
	}
	found, _ = account.Match(facts("", "Acme Brick", "+1 415 555 2671", ""),
		[]account.Account{with(company("acme.com", "Acme", 1), func(a *account.Account) { a.Phone = "55552671" })}, all(), noon)
	if strings.ContainsAny(found.Why, "0123456789") {
		t.Errorf("the number stands in %q", found.Why)
	}
}

// drawnFacts draws what a lead says about its company.
func drawnFacts(t *rapid.T) account.Facts {
	domain := rapid.SampledFrom([]string{"", "acme.com", "acme.de", "delta.com", "info.com", "info.de"}).Draw(t, "domain")
	name := rapid.SampledFrom([]string{"", "Acme", "Acme Brick", "ACME Inc", "Delta", "Delta Airlines", "Delta Faucet", "n/a"}).Draw(t, "name")
	return facts(domain, name, "", "")
}

// drawnCompanies draws accounts, each key once.
func drawnCompanies(t *rapid.T) []account.Account {
	one := rapid.Custom(func(t *rapid.T) account.Account {
		f := drawnFacts(t)
		a := company(f.Domain, f.Name, rapid.IntRange(-1, 300).Draw(t, "since"))
		a.Handoffs = rapid.Int64Range(0, 3).Draw(t, "handoffs")
		return a
	})
	return rapid.SliceOfNDistinct(one, 0, 6, func(a account.Account) account.Key { return a.Key }).Draw(t, "candidates")
}

func TestTheOrderOfCandidatesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lead, candidates, p := drawnFacts(t), drawnCompanies(t), all()
		p.TieBreakers = rapid.Permutation(p.TieBreakers).Draw(t, "ties")
		before := slices.Clone(candidates)
		first, claim := account.Match(lead, candidates, p, noon)
		if diff := cmp.Diff(before, candidates); diff != "" {
			t.Fatalf("the candidates changed: %s", diff)
		}
		again, same := account.Match(lead, rapid.Permutation(candidates).Draw(t, "order"), p, noon)
		if diff := cmp.Diff(first, again); diff != "" || claim != same {
			t.Errorf("claim %v, then %v: %s", claim, same, diff)
		}
	})
}

func TestAMatchHasAReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lead, p := drawnFacts(t), all()
		p.Match = rapid.Permutation(p.Match).Draw(t, "match")
		found, claim := account.Match(lead, drawnCompanies(t), p, noon)
		a := found.Account
		if claim && (a.Owner == nil || noon.Sub(a.Owner.Since) > 180*24*time.Hour) {
			t.Errorf("a claim of nobody, or of long ago: %+v", found)
		}
		if found.By == "" && a.Key != lead.Key() {
			t.Errorf("a company was found by nothing: %+v", found)
		}
		if found.By != "" && !account.Close(a.Normal, lead.Normal) && a.Domain != lead.Domain {
			t.Errorf("%+v is not like %+v", a, lead)
		}
	})
}
