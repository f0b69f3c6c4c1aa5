package scoring_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

func form(id, title string, ago time.Duration, attributes map[string]string) signal.Signal {
	return event(id, ago, func(s *signal.Signal) {
		s.Source, s.Type = "typeform", signal.FormSubmitted
		s.Attributes[signal.AttrForm] = title
		for name, v := range attributes {
			s.Attributes[name] = v
		}
	})
}

func TestOrigin(t *testing.T) {
	c := compiled(t)
	long := strings.Repeat("ü", 80)
	tests := []struct {
		name                   string
		signals                []signal.Signal
		source, form, campaign string
	}{
		{"nothing is known", nil, "", "", ""},
		{"a page view has no form", []signal.Signal{pricing("1", time.Hour)}, "segment", "", ""},
		{"the first signal names the source, the first form the form", []signal.Signal{
			form("2", "Ebook", time.Hour, nil), pricing("1", 2*time.Hour), form("3", "Demo", time.Minute, nil),
		}, "segment", "Ebook", ""},
		{"what happened first comes late", []signal.Signal{pricing("1", time.Hour), form("0", "Ebook", 3*time.Hour, nil)}, "typeform", "Ebook", ""},
		{"a form without a title has its id", []signal.Signal{form("1", "", time.Hour, map[string]string{signal.AttrFormID: "f-7"})}, "typeform", "f-7", ""},
		{"a hidden field names the campaign", []signal.Signal{form("1", "Demo", time.Hour, map[string]string{"utm_campaign": "spring"})}, "typeform", "Demo", "spring"},
		{"a prefixed parameter names it", []signal.Signal{form("1", "Demo", time.Hour, map[string]string{"tracking.utm_campaign": "spring"})}, "typeform", "Demo", "spring"},
		{"the page names it", []signal.Signal{form("1", "Demo", time.Hour, map[string]string{"url": "https://x.example/?utm_source=a&utm_campaign=spring%20sale"})}, "typeform", "Demo", "spring sale"},
		{"analytics name it", []signal.Signal{form("1", "Demo", time.Hour, map[string]string{"context.campaign.name": "q1"})}, "typeform", "Demo", "q1"},
		{"the first campaign stays", []signal.Signal{
			form("1", "Demo", 2*time.Hour, map[string]string{"utm_campaign": "spring"}), form("2", "Demo", time.Hour, map[string]string{"utm_campaign": "fall"}),
		}, "typeform", "Demo", "spring"},
		{"a long name is cut at a character", []signal.Signal{form("1", long, time.Hour, nil)}, "typeform", strings.Repeat("ü", 50), ""},
		{"an address that cannot be read names none", []signal.Signal{form("1", "Demo", time.Hour, map[string]string{"url": "http://x\x7f/?utm_campaign=spring"})}, "typeform", "Demo", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := scoring.Of(c, tt.signals, now)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{f.Origin.Source(), f.Origin.Form.Value, f.Origin.Campaign.Value}
			if diff := cmp.Diff([]string{tt.source, tt.form, tt.campaign}, got); diff != "" {
				t.Errorf("source, form, campaign (-want +got):\n%s", diff)
			}
			if !utf8.ValidString(f.Origin.Form.Value) {
				t.Errorf("%q is cut within a character", f.Origin.Form.Value)
			}
		})
	}
}

func TestOriginChannel(t *testing.T) {
	c := compiled(t)
	view := func(id string, ago time.Duration, address string) signal.Signal {
		return form(id, "Demo", ago, map[string]string{signal.AttrURL: address})
	}
	tests := []struct {
		name    string
		signals []signal.Signal
		want    rules.OriginFields
	}{
		{"none says", []signal.Signal{view("1", time.Hour, "https://x.example/")}, rules.OriginFields{Form: "Demo", Source: "typeform"}},
		{"the first that says so", []signal.Signal{
			view("3", time.Hour, "https://x.example/?utm_medium=email"), view("2", 2*time.Hour, "https://x.example/?gclid=1&utm_campaign=spring"),
			view("1", 3*time.Hour, "https://x.example/"),
		}, rules.OriginFields{Channel: "paid_search", Campaign: "spring", Form: "Demo", Source: "typeform"}},
	}
	for _, tt := range tests {
		f, err := scoring.Of(c, tt.signals, now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, f.Origin.Fields()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestOriginDependsOnNoOrder(t *testing.T) {
	c := compiled(t)
	rapid.Check(t, func(t *rapid.T) {
		var signals []signal.Signal
		for i := range rapid.IntRange(0, 8).Draw(t, "n") {
			ago := time.Duration(rapid.IntRange(0, 3).Draw(t, "hours")) * time.Hour
			title := rapid.SampledFrom([]string{"", "Demo", "Ebook"}).Draw(t, "form")
			campaign := rapid.SampledFrom([]string{"", "spring", "fall"}).Draw(t, "campaign")
			signals = append(signals, form(fmt.Sprint(i), title, ago, map[string]string{
				"utm_campaign": campaign, "utm_medium": rapid.SampledFrom([]string{"", "email", "cpc"}).Draw(t, "medium"),
			}))
		}
		want, err := scoring.Of(c, signals, now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := scoring.Of(c, rapid.Permutation(signals).Draw(t, "order"), now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Origin, got.Origin); diff != "" {
			t.Errorf("another order gives another origin (-want +got):\n%s", diff)
		}
	})
}

// Facts that were counted before origins were kept are made anew, once.
func TestFactsWithoutAnOriginAreMadeAnew(t *testing.T) {
	c := compiled(t)
	f, err := scoring.Of(c, []signal.Signal{pricing("1", time.Hour)}, now)
	if err != nil {
		t.Fatal(err)
	}
	if !f.Fits(c, pricing("2", 0)) {
		t.Error("facts with an origin do not fit")
	}
	f.Origin = scoring.Origin{}
	if f.Fits(c, pricing("2", 0)) {
		t.Error("facts without an origin fit")
	}
	if empty := scoring.New(c); !empty.Fits(c, pricing("2", 0)) {
		t.Error("facts about nobody do not fit")
	}
}
