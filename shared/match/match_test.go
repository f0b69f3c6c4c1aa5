package match_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/match"
)

// least is what the policy asks for by default.
const least = 50

// ada is a lead that says everything.
func ada() match.Person {
	return match.Person{
		Given: "Ada", Family: "Lovelace", Email: "ada.lovelace@acme.com", Domain: "acme.com", Company: "Acme Ltd", Country: "GB",
		Phone: "+442079460000", Title: "Head of Analysis",
	}
}

// with is a lead changed.
func with(p match.Person, change func(*match.Person)) match.Person {
	change(&p)
	return p
}

func TestWhoMayBeOnePerson(t *testing.T) {
	bob := match.Person{Given: "Robert", Family: "Krüger", Company: "Beta GmbH", Country: "DE"}
	smith := match.Person{Given: "John", Family: "Smith", Company: "Gamma Inc", Domain: "gamma.com", Email: "john.smith@gamma.com", Country: "US"}
	for name, test := range map[string]struct {
		given, and match.Person
		suggested  bool
		reason     string // that stands among the parts
	}{
		"a short form at a company of another legal form": {
			bob, match.Person{Given: "Bob", Family: "Krueger", Company: "BETA AG", Country: "DE"}, true, "Bob is short for Robert",
		},
		"from work and from home, with one phone": {
			ada(), match.Person{Given: "Ada", Family: "Lovelace", Email: "countess1815@gmail.com", Phone: "+442079460000"}, true, "the same phone +442079460000",
		},
		"a slip in the address": {
			ada(), with(ada(), func(p *match.Person) { p.Email, p.Phone = "ada.lovelcae@acme.com", "" }), true, "differ by a slip",
		},
		"a slip in the provider": {
			match.Person{Given: "Ada", Family: "Lovelace", Email: "ada@gmail.com"},
			match.Person{Given: "Ada", Family: "Lovelace", Email: "ada@gmial.com"},
			true, "behind the @",
		},
		"names swapped": {
			bob, with(bob, func(p *match.Person) { p.Given, p.Family, p.Title = "Krüger", "Robert", "CEO" }), true, "swapped",
		},
		"a new family name, and the same phone": {
			ada(), with(ada(), func(p *match.Person) { p.Family, p.Email, p.Domain = "Byron", "ada.byron@gmail.com", "" }), true, "the family names differ",
		},
		"another job, and the same mobile": {
			ada(), with(ada(), func(p *match.Person) {
				p.Company, p.Domain, p.Email, p.Title = "Engines plc", "engines.co.uk", "al@engines.co.uk", "CTO"
			}), true, "the companies differ",
		},
		"father and son at one company": {
			with(ada(), func(p *match.Person) { p.Given, p.Email = "George", "" }),
			with(ada(), func(p *match.Person) { p.Given, p.Email = "Byron", "" }), false, "the given names differ",
		},
		"father and son of one name": {
			with(ada(), func(p *match.Person) { p.Family, p.Email = "Lovelace Sr.", "" }),
			with(ada(), func(p *match.Person) { p.Family, p.Email, p.Phone = "Lovelace Jr.", "", "" }), false, "one is called junior",
		},
		"brother and sister at one company": {
			with(ada(), func(p *match.Person) { p.Given, p.Email = "Daniel", "" }),
			with(ada(), func(p *match.Person) { p.Given, p.Email = "Daniela", "" }), false, "the given names differ",
		},
		"a frequent name at one company, with two addresses": {
			smith, with(smith, func(p *match.Person) { p.Email = "john.smith2@gamma.com" }), false, "two addresses at one company",
		},
		"a frequent name at companies that are alike": {
			with(smith, func(p *match.Person) { p.Email, p.Domain, p.Country = "", "", "" }),
			with(smith, func(p *match.Person) { p.Email, p.Domain, p.Company = "", "", "Gamma Research" }), false, "which many people have",
		},
		"a name of the company and an address there": {
			bob, match.Person{Given: "Robert", Family: "Krüger", Email: "krueger@beta.de", Domain: "beta.de"}, true, "beta.de",
		},
		"the address of an office, and one of its people": {
			ada(), with(ada(), func(p *match.Person) { p.Email, p.RoleAddress, p.Phone = "info@acme.com", true, "" }), false, "the address of an office",
		},
		"one who is called junior": {
			with(smith, func(p *match.Person) { p.Email = "" }), with(smith, func(p *match.Person) { p.Email, p.Family = "", "Smith, Jr." }), false, "only one is called junior",
		},
		"one name at two companies": {
			ada(), match.Person{Given: "Ada", Family: "Lovelace", Company: "Zeta", Domain: "zeta.io", Email: "ada@zeta.io", Country: "GB"}, false, "the companies differ",
		},
		"the phone of a reception": {
			match.Person{Given: "Ada", Family: "Lovelace", Phone: "+442079460000", SharedPhone: true, Company: "Acme"},
			match.Person{Given: "Grace", Family: "Hopper", Phone: "+442079460000", Company: "Acme"},
			false, "which several people have",
		},
		"the address of an office": {
			match.Person{Email: "info@acme.com", RoleAddress: true, Domain: "acme.com"},
			match.Person{Email: "info@acme.com", RoleAddress: true, Domain: "acme.com"},
			false, "address of an office",
		},
		"a contact's mailbox that a successor got": {
			ada(), with(ada(), func(p *match.Person) { p.Given, p.Family, p.Phone = "Grace", "Hopper", "" }), false, "the same mailbox",
		},
		"nothing": {match.Person{}, match.Person{}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := match.Compare(test.given, test.and)
			if (got.Score >= least) != test.suggested {
				t.Errorf("%d points, want suggested: %v", got.Score, test.suggested)
			}
			var all []string
			for _, p := range got.Parts {
				all = append(all, p.Reason)
			}
			if !strings.Contains(strings.Join(all, "\n"), test.reason) {
				t.Errorf("no part says %q: %v", test.reason, got.Parts)
			}
			if t.Failed() {
				t.Log(got)
			}
		})
	}
}

func TestNamesAreFiledTogether(t *testing.T) {
	for _, test := range []struct {
		given, family, otherGiven, otherFamily string
		together                               bool
	}{
		{"Robert", "Krüger", "Bob", "Krueger", true},
		{"Robert", "Meyer", "R.", "Maier", true},
		{"José", "García", "Jose", "Garcia", true},
		{"Peggy", "O’Brien", "Margaret", "Obrien", true},
		{"Chris", "Hoffmann", "Christina", "Hofmann", true},
		{"Ada", "Lovelace", "Grace", "Lovelace", false},
		{"Ada", "Lovelace", "Ada", "Hopper", false},
		{"", "Lovelace", "", "Lovelace", false},
		{"Ada", "", "Ada", "", false},
	} {
		a, b := match.NameKey(test.given, test.family), match.NameKey(test.otherGiven, test.otherFamily)
		if together := a != "" && a == b; together != test.together {
			t.Errorf("%s %s is filed under %q, %s %s under %q", test.given, test.family, a, test.otherGiven, test.otherFamily, b)
		}
	}
}

func TestOnlyMoreEvidenceIsNews(t *testing.T) {
	nameAlone := match.Person{Given: "Ada", Family: "Lovelace"}
	nameAndCompany := with(nameAlone, func(p *match.Person) { p.Company = "Acme" })
	andPhone := with(nameAndCompany, func(p *match.Person) { p.Phone = "+442079460000" })
	elsewhere := with(nameAndCompany, func(p *match.Person) { p.Company = "Zeta" })
	was := match.Compare(nameAndCompany, nameAndCompany)
	for name, test := range map[string]struct {
		is    match.Result
		grown bool
	}{
		"the same":            {was, false},
		"a phone more":        {match.Compare(andPhone, andPhone), true},
		"the company is gone": {match.Compare(nameAlone, nameAlone), false},
		"another company":     {match.Compare(nameAndCompany, elsewhere), false},
	} {
		if got := match.Grown(was, test.is); got != test.grown {
			t.Errorf("%s: grown is %v", name, got)
		}
	}
	// What only stopped to differ is no evidence.
	differed := match.Compare(nameAndCompany, elsewhere)
	if match.Grown(differed, match.Compare(nameAlone, nameAlone)) {
		t.Error("a company that was cleared counts as evidence")
	}
	if !match.Grown(differed, was) {
		t.Error("a company that agrees now is evidence")
	}
}

func TestAPhoneOfThreePeopleIsShared(t *testing.T) {
	called := func(given string) match.Person { return match.Person{Given: given, Family: "Lovelace"} }
	for name, test := range map[string]struct {
		given  []match.Person
		shared bool
	}{
		"nobody":               {nil, false},
		"one in many ways":     {[]match.Person{called("Robert"), called("Bob"), called("R."), called("ROB")}, false},
		"two":                  {[]match.Person{called("Ada"), called("Byron"), called("Ada")}, false},
		"two and some unnamed": {[]match.Person{called("Ada"), called("Byron"), {}, {Email: "x@acme.com"}}, false},
		"three":                {[]match.Person{called("Ada"), called("Byron"), called("George")}, true},
	} {
		if got := match.Shared(test.given); got != test.shared {
			t.Errorf("%s: shared is %v", name, got)
		}
	}
}

func TestACompanyIsFoundByItsNameAndByItsDomain(t *testing.T) {
	for name, test := range map[string]struct {
		given match.Person
		want  []string
	}{
		"nothing":       {match.Person{}, nil},
		"a name":        {match.Person{Company: "The Nordstern Logistik GmbH"}, []string{"nordstern"}},
		"a domain":      {match.Person{Domain: "nordstern.co.uk"}, []string{"nordstern"}},
		"both, as one":  {match.Person{Company: "NORDSTERN", Domain: "nordstern.de"}, []string{"nordstern"}},
		"both, as two":  {match.Person{Company: "Acme Inc.", Domain: "roadrunner-traps.com"}, []string{"acme", "roadrunnertraps"}},
		"a legal form":  {match.Person{Company: "GmbH"}, []string{"gmbh"}},
		"an odd domain": {match.Person{Domain: ".com"}, nil},
	} {
		if diff := cmp.Diff(test.want, match.CompanyWords(test.given)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
