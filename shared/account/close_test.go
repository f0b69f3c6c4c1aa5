package account_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/account"
)

func TestClose(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		// The same.
		{"Acme", "ACME Inc.", true},
		{"The Coca-Cola Company", "Coca Cola", true},
		{"Müller GmbH & Co. KG", "Muller", true},
		{"Procter & Gamble", "Procter and Gamble Ltd", true},
		{"Facebook", "Face Book", true},
		{"JP Morgan", "J.P.Morgan", true},
		{"AT&T Inc.", "ATT", true},
		{"Delta Air Lines", "Delta Airlines", true},
		// A slip.
		{"Siemens", "Siemans", true},
		{"Siemens", "Seimens", true},
		{"Boeing", "Boing", true},
		{"Müller", "Mueller", true},
		{"Volkswagen", "Volkswagon", true},
		{"PricewaterhouseCoopers", "Price waterhouse Coopers", true},
		{"Schneider Electric", "Schnieder Electric SE", true},
		{"Delta Airlines", "Delta Airline", true},
		{"Northwestern Mutual Life Insurance", "Northwestren Mutal Life Insurance", true},
		// A word more, a word less, another order.
		{"Acme", "Acme Brick", true},
		{"Acme Group", "Acme Holdings", true},
		{"Robert Bosch", "Bosch Robert", true},
		{"Bosch GmbH", "Bosch Thermotechnik GmbH", true},
		{"Deutsche Telekom", "Telekom", true},
		{"Booking.com", "Booking", true},
		{"Bank of America", "Bank America", true},
		{"Analytical Engines International Group", "Analytical Engines", true},
		// Initials.
		{"IBM", "International Business Machines Corp.", true},
		{"I.B.M.", "International Business Machines", true},
		{"MIT", "Massachusetts Institute of Technology", true},
		{"AT&T", "American Telephone and Telegraph", true},
		// Another company.
		{"Delta Airlines", "Delta Faucet", false},
		{"Delta Airlines", "United Airlines", false},
		{"American Airlines", "American Express", false},
		{"Apple", "Google", false},
		{"First National Bank of Omaha", "First National Bank of Texas", false},
		{"General Electric", "General Motors", false},
		{"General Electric", "Generic Electric", false},
		{"Studio 54", "Studio 55", false},
		{"Studio 54", "Studio", false},
		{"Channel2000", "Channel2001", false},
		{"Global Solutions", "Global Services", false},
		{"Global", "Global Services", false},
		{"International Group", "Global Holdings", false},
		{"AB Tasty", "AB InBev", false},
		{"GE", "Ge Solar", false},
		{"Visa", "Vista", false},
		{"Bosch", "Bosh", false}, // too short to tell a slip from another name
		{"Nova", "Nota", false},
		{"Ford", "Fort", false},
		{"HP", "Hewlett Packard", false},
		{"Acme", "Acme Brick and Tile", false},
		{"Smith Consulting", "Smith Plumbing", false},
		{"Park Hotel Berlin", "Park Hotel Hamburg", false},
		{"", "", false},
		{"", "Acme", false},
		{"&", "&", false},
	}
	for _, tt := range tests {
		if got := account.Close(tt.a, tt.b); got != tt.want {
			t.Errorf("Close(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestLikenessSaysWhatIsAlike(t *testing.T) {
	for pair, want := range map[[2]string]string{
		{"Acme Inc.", "ACME"}:                               "the same company name, acme",
		{"Boeing", "Boing"}:                                 "close company names, boeing and boing",
		{"IBM", "International Business Machines Corp."}:    "ibm are the initials of international business machines",
		{"Massachusetts Institute of Technology", "M.I.T."}: "mit are the initials of massachusetts institute of technology",
		{"Delta Airlines", "Delta Faucet"}:                  "",
	} {
		if got := account.Likeness(pair[0], pair[1]); got != want {
			t.Errorf("%q: %q, want %q", pair, got, want)
		}
	}
}

// Initials never join two companies by themselves, and do with something beside.
func TestInitialsAreEvidenceAlone(t *testing.T) {
	long := company("", "International Business Machines", 1)
	if found, claim := account.Match(facts("", "IBM", "", ""), []account.Account{long}, all(), noon); claim || found.By != "" {
		t.Errorf("joined by initials: %+v", found)
	}
	long.Postal = "10504"
	found, claim := account.Match(facts("", "IBM", "", "10504"), []account.Account{long}, all(), noon)
	if !claim || found.By != "close_name+postal_code" || found.Why != "ibm are the initials of international business machines, and the same postal code" {
		t.Errorf("%+v, claim %v", found, claim)
	}
}

func TestCloseIsSymmetricAndReflexive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := names().Draw(t, "a"), names().Draw(t, "b")
		if account.Close(a, b) != account.Close(b, a) {
			t.Errorf("%q and %q: close one way only", a, b)
		}
		if (account.Normal(a) != "") != account.Close(a, a) {
			t.Errorf("%q is close to itself: %v", a, account.Close(a, a))
		}
		if account.Close(a, b) != account.Close(account.Normal(a), account.Normal(b)) {
			t.Errorf("%q and %q: closeness depends on how they are written", a, b)
		}
	})
}

func TestAnAccountIsFiledWhereALeadLooks(t *testing.T) {
	tests := []struct {
		account  string
		domain   string // of the lead
		lead     string
		filed    string
		findable bool
	}{
		{"Acme", "", "ACME Ltd", "acme", true},
		{"Acme", "", "Acme Brick", "acme", true},
		{"Robert Bosch GmbH", "", "Bosch Robert", "robert", true},
		{"Telekom", "", "Deutsche Telekom", "telekom", true},
		{"Boeing", "boeing.fr", "Boing", "boeing", true},
		{"IBM", "ibm.de", "International Business Machines", "ibm", true},
		{"IBM", "", "International Business Machines Corp.", "ibm", true},
		{"International Business Machines", "", "I.B.M.", "business", true},
		{"Massachusetts Institute of Technology", "", "MIT", "massachusetts", true},
		{"International Paper", "", "International Paper", "paper", true},
		{"Boeing", "", "Boing", "boeing", false}, // nothing but the slip leads there
	}
	for _, tt := range tests {
		a := account.Account{Normal: account.Normal(tt.account)}
		f := account.FactsOf(tt.domain, map[string]string{"company": tt.lead})
		found := false
		for _, w := range f.Words() {
			found = found || slices.Contains(a.Filed(), w)
		}
		if a.Word() != tt.filed || found != tt.findable {
			t.Errorf("%s is filed under %q; %s looks under %q", tt.account, a.Word(), tt.lead, f.Words())
		}
	}
	if w := (account.Account{Normal: "group"}).Word(); w != "group" {
		t.Errorf("a name of weak words is filed under %q", w)
	}
	if (account.Account{}).Word() != "" || (account.Account{}).Filed() != nil || account.FactsOf("acme.com", nil).Words() != nil {
		t.Error("no name is filed under a word")
	}
}
