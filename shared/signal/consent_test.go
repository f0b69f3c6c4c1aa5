package signal_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/signal"
)

func TestConsentsOfASignal(t *testing.T) {
	given := func(purpose string, by signal.Type) signal.Consent {
		return signal.Consent{Purpose: purpose, Given: by == signal.ConsentGiven, By: by}
	}
	tests := []struct {
		name string
		kind signal.Type
		a    map[string]string
		want []signal.Consent
	}{
		{"a visit says nothing", signal.PageViewed, map[string]string{"url": "https://x.example"}, nil},
		{"neither purpose nor channel", signal.ConsentGiven, nil, []signal.Consent{given("marketing", signal.ConsentGiven)}},
		{"a channel of marketing", signal.ConsentWithdrawn, map[string]string{"purpose": "marketing", "channel": "Phone"}, []signal.Consent{given("phone", signal.ConsentWithdrawn)}},
		{"a purpose with a channel", signal.ConsentGiven, map[string]string{"purpose": "Research & Surveys", "channel": "phone"}, []signal.Consent{given("research_surveys", signal.ConsentGiven)}},
		{"an unsubscribe", signal.EmailUnsubscribed, nil, []signal.Consent{given("email", signal.EmailUnsubscribed)}},
		{"two boxes", signal.FormSubmitted, map[string]string{"consent.email": "given", "consent.sms": "withdrawn", "consent.": "given"}, []signal.Consent{given("email", signal.ConsentGiven), given("sms", signal.ConsentWithdrawn)}},
		{"yes and no to the same", signal.FormSubmitted, map[string]string{"consent.email": "given", "consent.E-Mail": "withdrawn"}, []signal.Consent{given("email", signal.ConsentWithdrawn)}},
		{"an unsubscribe that says yes besides", signal.EmailUnsubscribed, map[string]string{"consent.email": "given"}, []signal.Consent{given("email", signal.EmailUnsubscribed)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := signal.Signal{Type: tt.kind, Attributes: tt.a}.Consents()
			if len(got) == 0 {
				got = nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzPurposeOf(f *testing.F) {
	for _, s := range []string{"", "E-Mail", strings.Repeat("a", 38) + " 語語", "Product news", "  a  b ", "ß", "__", "a very long purpose that nobody could ever want to write down"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := signal.PurposeOf(s)
		if again := signal.PurposeOf(p); again != p {
			t.Errorf("%q is %q, and that %q", s, p, again)
		}
		if len(p) > 40 {
			t.Errorf("%q is longer than it may be", p)
		}
	})
}
