package account_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/account"
)

func TestFactsOf(t *testing.T) {
	tests := []struct {
		given   string
		domain  string
		profile map[string]string
		want    account.Facts
		key     account.Key
	}{
		{"nothing", "", nil, account.Facts{}, ""},
		{
			"everything", "acme.co.uk",
			map[string]string{"company": " Acme  Ltd. ", "phone": "+44 (0)20 7946 0958", "postal_code": "sw1a 1aa", "website": "other.com"},
			account.Facts{Domain: "acme.co.uk", Name: "Acme Ltd.", Normal: "acme", Phone: "79460958", Postal: "SW1A1AA", Label: "acme"},
			"d:acme.co.uk",
		},
		{"the website of who writes by free mail", "", map[string]string{"email": "ada@gmail.com", "website": "https://www.acme.com/en"}, account.Facts{Domain: "acme.com", Label: "acme"}, "d:acme.com"},
		{"a website without a scheme", "", map[string]string{"website": "Shop.Acme.COM:8080/x"}, account.Facts{Domain: "acme.com", Label: "acme"}, "d:acme.com"},
		{"a website in Unicode", "", map[string]string{"website": "www.müller.de"}, account.Facts{Domain: "xn--mller-kva.de", Label: "xn--mller-kva"}, "d:xn--mller-kva.de"},
		{"an address in Unicode", "müller.de", nil, account.Facts{Domain: "xn--mller-kva.de", Label: "xn--mller-kva"}, "d:xn--mller-kva.de"},
		{"a name alone", "", map[string]string{"company": "Acme Brick Inc."}, account.Facts{Name: "Acme Brick Inc.", Normal: "acme brick"}, "n:acme brick"},
		{"a ZIP+4 code", "", map[string]string{"postal_code": "94105-1234"}, account.Facts{Postal: "94105"}, ""},
		{"a page of its own under a public suffix", "", map[string]string{"website": "acme.github.io"}, account.Facts{Domain: "acme.github.io", Label: "acme"}, "d:acme.github.io"},
		// Of no company.
		{"a website that is the free-mail domain", "", map[string]string{"email": "ada@mail.example", "website": "mail.example"}, account.Facts{}, ""},
		{"a website that is another's free-mail domain", "", map[string]string{"email": "ada@gmx.de", "website": "www.gmail.com"}, account.Facts{}, ""},
		{"a page at a social network", "", map[string]string{"website": "https://www.linkedin.com/company/acme"}, account.Facts{}, ""},
		{"a page at a builder of sites", "", map[string]string{"website": "acme.wordpress.com"}, account.Facts{}, ""},
		{"a tenant's default domain", "onmicrosoft.com", nil, account.Facts{}, ""},
		{"a public suffix", "co.uk", nil, account.Facts{}, ""},
		{"a host without a dot", "localhost", nil, account.Facts{}, ""},
		{"an address of a machine", "", map[string]string{"website": "http://192.168.0.1/"}, account.Facts{}, ""},
		{"no website", "", map[string]string{"website": "http://a b"}, account.Facts{}, ""},
		{"self-employed", "", map[string]string{"company": "Self-employed"}, account.Facts{}, ""},
		{"what Salesforce puts where no company is", "", map[string]string{"company": "[not provided]"}, account.Facts{}, ""},
		{"a legal form alone", "", map[string]string{"company": "GmbH"}, account.Facts{}, ""},
		{"not available", "", map[string]string{"company": "N/A"}, account.Facts{}, ""},
		{"the mail provider as a company", "", map[string]string{"company": "Gmail.com"}, account.Facts{}, ""},
		{"an address as a company", "", map[string]string{"company": "ada@acme.com"}, account.Facts{}, ""},
		{"the lead's own name", "", map[string]string{"company": "LOVELACE, Ada", "first_name": "Ada", "last_name": "Lovelace"}, account.Facts{}, ""},
		{"a short number", "", map[string]string{"phone": "555-1234"}, account.Facts{}, ""},
		{"made-up numbers", "", map[string]string{"phone": "0000000000", "postal_code": "00000"}, account.Facts{}, ""},
		{"a counted number", "", map[string]string{"phone": "+1 12345678", "postal_code": "none"}, account.Facts{}, ""},
	}
	for _, tt := range tests {
		got := account.FactsOf(tt.domain, tt.profile)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.given, diff)
		}
		if got.Key() != tt.key || got.Known() != (tt.key != "") {
			t.Errorf("%s: key %q, known %v; want %q", tt.given, got.Key(), got.Known(), tt.key)
		}
	}
}

func TestAnExtensionIsNoPartOfTheNumber(t *testing.T) {
	of := func(number string) string { return account.FactsOf("", map[string]string{"phone": number}).Phone }
	if of("+1 415 555 2671 ext. 12") != of("(415) 555-2671") || of("(415) 555-2671") != "55552671" {
		t.Errorf("got %q and %q", of("+1 415 555 2671 ext. 12"), of("(415) 555-2671"))
	}
}

func TestAKeyHasALimit(t *testing.T) {
	f := account.FactsOf("", map[string]string{"company": strings.Repeat("Ærø ", 300)})
	if n := len(f.Key()); n < 50 || n > 170 {
		t.Errorf("the key has %d bytes", n)
	}
}
