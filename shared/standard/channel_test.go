package standard_test

import (
	"slices"
	"testing"

	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
)

func TestChannel(t *testing.T) {
	const site = "https://www.our.example/pricing"
	type attributes = map[string]string
	tests := []struct {
		name string
		a    attributes
		want string
	}{
		{"nothing", nil, ""},
		{"a page without anything", attributes{"url": site}, ""},
		{"paid search by medium", attributes{"utm_medium": "cpc", "utm_source": "google"}, standard.PaidSearch},
		{"paid social by medium and source", attributes{"utm_medium": "CPC", "utm_source": "LinkedIn"}, standard.PaidSocial},
		{"paid of nobody knows what", attributes{"utm_medium": "paid", "utm_source": "partner"}, ""},
		{"display", attributes{"utm_medium": "banner"}, standard.Display},
		{"newsletter", attributes{"utm_medium": "E-Mail", "utm_source": "newsletter"}, standard.ByEmail},
		{"affiliate", attributes{"utm_medium": "affiliate"}, standard.Affiliate},
		{"organic social", attributes{"utm_medium": "social"}, standard.OrganicSocial},
		{"organic", attributes{"utm_medium": "organic", "utm_source": "bing"}, standard.OrganicSearch},
		{"referral", attributes{"utm_medium": "referral"}, standard.Referral},
		{"none by analytics", attributes{"utm_medium": "(none)", "utm_source": "(direct)"}, standard.Direct},
		{"by segment's context", attributes{"context.campaign.medium": "email"}, standard.ByEmail},
		{"in the address", attributes{"url": site + "?utm_medium=paid-social&utm_source=fb"}, standard.PaidSocial},
		{"gclid", attributes{"url": site + "?gclid=x"}, standard.PaidSearch},
		{"gbraid", attributes{"gbraid": "x"}, standard.PaidSearch},
		{"wbraid", attributes{"wbraid": "x"}, standard.PaidSearch},
		{"msclkid", attributes{"url": site + "?msclkid=x"}, standard.PaidSearch},
		{"dclid", attributes{"url": site + "?dclid=x"}, standard.Display},
		{"li_fat_id", attributes{"url": site + "?li_fat_id=x"}, standard.PaidSocial},
		{"ttclid", attributes{"url": site + "?ttclid=x"}, standard.PaidSocial},
		{"twclid", attributes{"url": site + "?twclid=x"}, standard.PaidSocial},
		{"fbclid is on all links", attributes{"url": site + "?fbclid=x"}, standard.OrganicSocial},
		{"fbclid of an ad", attributes{"url": site + "?fbclid=x&utm_medium=paid_social"}, standard.PaidSocial},
		{"a medium goes before a click id", attributes{"url": site + "?gclid=x&utm_medium=display"}, standard.Display},
		{"a medium that says nothing does not", attributes{"url": site + "?gclid=x&utm_medium=blue"}, standard.PaidSearch},
		{"a source alone", attributes{"utm_source": "newsletter"}, standard.ByEmail},
		{"a search engine", attributes{"url": site, "referrer": "https://www.google.co.uk/"}, standard.OrganicSearch},
		{"an engine's address for searching", attributes{"url": site, "referrer": "https://uk.search.yahoo.com/"}, standard.OrganicSearch},
		{"a document", attributes{"url": site, "referrer": "https://docs.google.com/"}, standard.Referral},
		{"an engine's newspaper", attributes{"url": site, "referrer": "https://finance.yahoo.com/news"}, standard.Referral},
		{"a network of one letter", attributes{"url": site, "referrer": "https://x.com/"}, standard.OrganicSocial},
		{"its namesake", attributes{"url": site, "referrer": "https://x.ai/"}, standard.Referral},
		{"the namesake of a short form", attributes{"url": site, "referrer": "https://www.ig.com/uk"}, standard.Referral},
		{"a network", attributes{"url": site, "context.page.referrer": "https://lnkd.in/x"}, standard.OrganicSocial},
		{"a web mailer", attributes{"url": site, "referrer": "https://mail.google.com/"}, standard.ByEmail},
		{"another site", attributes{"url": site, "$referrer": "https://blog.example.org/x"}, standard.Referral},
		{"our own site", attributes{"url": site, "referrer": "https://blog.our.example/"}, ""},
		{"typed", attributes{"url": site, "$referrer": "$direct"}, standard.Direct},
		{"no address", attributes{"url": "http://x\x7f/?gclid=x", "referrer": "::"}, ""},
	}
	for _, tt := range tests {
		got := standard.Channel(signal.Signal{Type: signal.PageViewed, Attributes: tt.a})
		if got.Value != tt.want || (got.How == "") != (tt.want == "") {
			t.Errorf("%s: %+v, want %q", tt.name, got, tt.want)
		}
		if got.Value != "" && !slices.Contains(standard.Channels(), got.Value) {
			t.Errorf("%s is no channel", got.Value)
		}
	}
	if got := standard.Channel(signal.Signal{Type: signal.EmailClicked}); got.Value != standard.ByEmail {
		t.Errorf("a click in an e-mail: %+v", got)
	}
}
