package match_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/match"
)

// people draws leads that have much in common.
func people() *rapid.Generator[match.Person] {
	return rapid.Custom(func(t *rapid.T) match.Person {
		p := match.Person{
			Given:   rapid.SampledFrom([]string{"", "Robert", "Bob", "R.", "Daniel", "Daniela", "Anna Maria", "Maria", "Krüger", "Jo", "Bjørn"}).Draw(t, "given"),
			Family:  rapid.SampledFrom([]string{"", "Krüger", "Krueger", "Kruger", "Smith", "Smyth", "Smith Jr.", "Smith-Jones", "Robert", "Müller", "Lovelace", "Lovelce"}).Draw(t, "family"),
			Company: rapid.SampledFrom([]string{"", "Acme GmbH", "ACME AG", "Acme Deutschland", "Zeta"}).Draw(t, "company"),
			Country: rapid.SampledFrom([]string{"", "DE", "US"}).Draw(t, "country"),
			Title:   rapid.SampledFrom([]string{"", "CEO", "ceo", "Head of IT"}).Draw(t, "title"),
			Phone:   rapid.SampledFrom([]string{"", "+493012345678", "+491701234567", "+491701234568"}).Draw(t, "phone"),
		}
		local := rapid.SampledFrom([]string{"robert.krueger", "bkrueger", "info", "smith2", "smith1", "lovelace", "lovelcae", "me+news", "me"}).Draw(t, "local")
		domain := rapid.SampledFrom([]string{"", "acme.de", "zeta.io", "gmail.com", "gmial.com"}).Draw(t, "domain")
		if domain != "" {
			p.Email, p.RoleAddress = local+"@"+domain, local == "info"
		}
		if domain == "acme.de" || domain == "zeta.io" {
			p.Domain = domain
		}
		return p
	})
}

func TestPartsAddUpAndSidesDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := people().Draw(t, "a"), people().Draw(t, "b")
		got := match.Compare(a, b)
		sum := 0
		for _, p := range got.Parts {
			sum += p.Points
			if p.Points == 0 || p.Reason == "" {
				t.Errorf("a part says nothing: %+v", p)
			}
		}
		if sum != got.Score || got.Score < 0 || got.Score > 100 {
			t.Errorf("%d points, parts %v", got.Score, got.Parts)
		}
		if diff := cmp.Diff(got, match.Compare(b, a)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNobodyIsMoreAlikeThanOneself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := people().Draw(t, "a"), people().Draw(t, "b")
		self := match.Compare(a, a)
		if other := match.Compare(a, b); other.Score > self.Score {
			t.Errorf("with another %d: %v\nwith oneself %d: %v", other.Score, other.Parts, self.Score, self.Parts)
		}
		if a.Email != "" && !a.RoleAddress && a.Given != "" && len(a.Given) > 2 && a.Family != "" && self.Score != 100 {
			t.Errorf("somebody with a name and an address is %d like oneself: %v", self.Score, self.Parts)
		}
	})
}

func TestOneMoreThingInCommonNeverLowers(t *testing.T) {
	type fields = func(to *match.Person, from match.Person)
	rapid.Check(t, func(t *rapid.T) {
		a, b, more := people().Draw(t, "a"), people().Draw(t, "b"), people().Draw(t, "more")
		add := rapid.SampledFrom([]fields{
			func(to *match.Person, from match.Person) { to.Given = from.Given },
			func(to *match.Person, from match.Person) { to.Family = from.Family },
			func(to *match.Person, from match.Person) { to.Company = from.Company },
			func(to *match.Person, from match.Person) { to.Country = from.Country },
			func(to *match.Person, from match.Person) { to.Title = from.Title },
			func(to *match.Person, from match.Person) { to.Phone = from.Phone },
			func(to *match.Person, from match.Person) {
				to.Email, to.Domain, to.RoleAddress = from.Email, from.Domain, from.RoleAddress
			},
		}).Draw(t, "field")
		// Neither says anything there; then both say the same.
		add(&a, match.Person{})
		add(&b, match.Person{})
		before := match.Compare(a, b)
		add(&a, more)
		add(&b, more)
		if after := match.Compare(a, b); after.Score < before.Score {
			t.Errorf("from %d %v\nto %d %v", before.Score, before.Parts, after.Score, after.Parts)
		}
	})
}

func TestAKeyOfNamesHoldsNothingOfTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		given, family := rapid.String().Draw(t, "given"), rapid.String().Draw(t, "family")
		k := match.NameKey(given, family)
		if again := match.NameKey(given, family); again != k || len(k) > 500 {
			t.Errorf("%q, then %q", k, again)
		}
		match.Compare(match.Person{Given: given, Family: family}, match.Person{Given: family, Family: given})
	})
}
