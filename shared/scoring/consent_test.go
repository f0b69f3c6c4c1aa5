package scoring_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

func says(id string, kind signal.Type, ago time.Duration, attributes map[string]string) signal.Signal {
	return event(id, ago, func(s *signal.Signal) { s.Type, s.Attributes = kind, attributes })
}

func demoForm(id string, ago time.Duration) signal.Signal {
	return says(id, signal.FormSubmitted, ago, map[string]string{signal.AttrForm: "Request a demo"})
}

// Whoever objects is scored no more until they agree again, and the parts of
// the score say so and still add up.
func TestAnObjectionStopsTheScoring(t *testing.T) {
	hour := time.Hour
	visits := []signal.Signal{pricing("v1", 9*hour), pricing("v2", 8*hour)}
	unsubscribe := says("u", signal.EmailUnsubscribed, 5*hour, nil)
	tests := []struct {
		name    string
		signals []signal.Signal
		stopped string // how; "" when nothing stops it
		state   string // of e-mail
	}{
		{"nobody objected", nil, "", ""},
		{"an unsubscribe", []signal.Signal{unsubscribe}, "opted out by unsubscribing on 20 May 2026", "withdrawn"},
		{"a complaint", []signal.Signal{says("c", signal.EmailComplained, 5*hour, nil)}, "opted out by a complaint about an e-mail on 20 May 2026", "withdrawn"},
		{"consent to marketing withdrawn", []signal.Signal{says("w", signal.ConsentWithdrawn, 5*hour, nil)}, "opted out by withdrawing consent to marketing on 20 May 2026", ""},
		{"consent to e-mail withdrawn", []signal.Signal{says("w", signal.ConsentWithdrawn, 5*hour, map[string]string{"purpose": "Marketing", "channel": "E-Mail"})}, "opted out by withdrawing consent to email on 20 May 2026", "withdrawn"},
		{"a purpose that the policy does not name", []signal.Signal{says("w", signal.ConsentWithdrawn, 5*hour, map[string]string{"purpose": "profiling for events"})}, "", ""},
		{"consent given again", []signal.Signal{unsubscribe, says("g", signal.ConsentGiven, 4*hour, map[string]string{"channel": "email"})}, "", "given"},
		{"consent given before", []signal.Signal{unsubscribe, says("g", signal.ConsentGiven, 6*hour, map[string]string{"channel": "email"})}, "opted out by unsubscribing on 20 May 2026", "withdrawn"},
		{"consent to something else given", []signal.Signal{unsubscribe, says("g", signal.ConsentGiven, 4*hour, map[string]string{"purpose": "marketing"})}, "opted out by unsubscribing on 20 May 2026", "withdrawn"},
		{"a box ticked on a form", []signal.Signal{unsubscribe, says("f", signal.FormSubmitted, 4*hour, map[string]string{"consent.email": "given"})}, "", "given"},
		{"a box that says no", []signal.Signal{says("f", signal.FormSubmitted, 4*hour, map[string]string{"consent.email": "withdrawn"})}, "opted out by withdrawing consent to email on 20 May 2026", "withdrawn"},
		{"a word that is no answer", []signal.Signal{says("f", signal.FormSubmitted, 4*hour, map[string]string{"consent.email": "maybe"})}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stops(t, append(slices.Clone(visits), tt.signals...), tt.stopped, tt.state)
		})
	}
}

// stops looks at how an objection stops the scoring, "" for not at all, and at
// what is known of the consent to e-mail.
func stops(t *testing.T, signals []signal.Signal, how, state string) {
	t.Helper()
	c := compiled(t)
	r := evaluate(t, c, now, signals...)
	f, err := scoring.Of(c, signals, now)
	if got := f.Consents()[signal.PurposeEmail]; err != nil || got != state || sum(r.Engagement.Parts) != r.Engagement.Score {
		t.Errorf("consent to e-mail is %q, want %q; parts sum to %d, score %d; %v", got, state, sum(r.Engagement.Parts), r.Engagement.Score, err)
	}
	if how == "" {
		if r.Objection != nil || points(r.Engagement, "consent") != 0 {
			t.Errorf("stopped: %+v", r.Engagement.Parts)
		}
		return
	}
	if r.Objection == nil || r.Objection.String() != how || r.Engagement.Score != 0 {
		t.Fatalf("%v, engagement %d; want %q and 0", r.Objection, r.Engagement.Score, how)
	}
	if q := r.Qualification; q.Qualified || !slices.ContainsFunc(q.Blockers, func(b scoring.Blocker) bool { return b.Rule == "consent" && b.Reason == how }) {
		t.Errorf("%+v", q)
	}
	if l := scoring.LackOf(c, r); l.Near() || l.String() != "consent: they opted out" {
		t.Errorf("lacks %s", l)
	}
}

func TestARequestIsHeardIfThePolicySaysSo(t *testing.T) {
	for _, heard := range []bool{true, false} {
		t.Run(fmt.Sprint(heard), func(t *testing.T) {
			c := compiled(t)
			c.Privacy.Consent.HearRequests = heard
			r := evaluate(t, c, now, says("u", signal.EmailUnsubscribed, 2*time.Hour, nil), demoForm("d", time.Hour))
			if r.Qualification.Qualified != heard || (r.Qualification.Request != "") != heard {
				t.Errorf("%+v", r.Qualification)
			}
			fix := "consent to email, given again"
			if !heard && !strings.HasPrefix(r.Qualification.Blockers[0].Fix, fix) {
				t.Errorf("%+v", r.Qualification.Blockers)
			}
		})
	}
}

// A policy that says nothing about consent scores everybody, as before there
// was such a section.
func TestWithoutASectionNothingStops(t *testing.T) {
	c := compiled(t)
	c.Privacy.Consent.StoppedBy = nil
	if r := evaluate(t, c, now, pricing("1", time.Hour), says("u", signal.ConsentWithdrawn, time.Hour, nil)); r.Objection != nil || r.Engagement.Score == 0 {
		t.Errorf("%+v", r)
	}
}

func TestExpressionsSeeConsent(t *testing.T) {
	c := compiled(t)
	f, err := scoring.Of(c, []signal.Signal{
		says("u", signal.EmailUnsubscribed, time.Hour, nil), says("g", signal.ConsentGiven, time.Hour, map[string]string{"purpose": "Product news"}),
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	env := f.Env(c)
	if env.Consent.Email != "withdrawn" || env.Consent.Marketing != "" || env.Consent.Purposes["product_news"] != "given" {
		t.Errorf("%+v", env.Consent)
	}
}

// What a person agrees to does not depend on the order in which it is heard of,
// and the latest word holds: by time, then by the name of the signal.
func TestConsentCommutes(t *testing.T) {
	c := compiled(t)
	rapid.Check(t, func(t *rapid.T) {
		signals := drawStatements(t)
		want, wrong := scoring.Of(c, signals, now)
		got, err := scoring.Of(c, rapid.Permutation(signals).Draw(t, "order"), now)
		if wrong != nil || err != nil || len(want.Consent) > 20 {
			t.Fatalf("%v, %v; %d purposes are kept", wrong, err, len(want.Consent))
		}
		if diff := cmp.Diff(want.Consent, got.Consent); diff != "" {
			t.Fatalf("the order matters:\n%s", diff)
		}
		state := latest(signals)
		for purpose, s := range got.Consents() {
			if s != state[purpose] {
				t.Fatalf("%s is %s, want %s", purpose, s, state[purpose])
			}
		}
	})
}

func drawStatements(t *rapid.T) []signal.Signal {
	kinds := []signal.Type{signal.ConsentGiven, signal.ConsentWithdrawn, signal.EmailUnsubscribed, signal.EmailComplained, signal.FormSubmitted}
	signals := make([]signal.Signal, rapid.IntRange(1, 40).Draw(t, "n"))
	for i := range signals {
		purpose := rapid.SampledFrom([]string{"", "email", "marketing", "a", "b"}).Draw(t, "purpose")
		if rapid.Bool().Draw(t, "many") {
			purpose = fmt.Sprint("p", rapid.IntRange(0, 40).Draw(t, "which"))
		}
		attributes := map[string]string{
			signal.AttrPurpose: purpose, signal.AttrTextVersion: fmt.Sprint("v", i),
			"consent." + purpose: rapid.SampledFrom([]string{"given", "withdrawn", "on"}).Draw(t, "word"),
		}
		ago := time.Duration(rapid.IntRange(0, 5).Draw(t, "ago")) * time.Hour // many at one time
		signals[i] = says(fmt.Sprint(i), rapid.SampledFrom(kinds).Draw(t, "kind"), ago, attributes)
	}
	return signals
}

// latest is what was said last of each purpose.
func latest(signals []signal.Signal) map[string]string {
	last, state := map[string]signal.Signal{}, map[string]string{}
	for _, s := range signals {
		for _, said := range s.Consents() {
			old, known := last[said.Purpose]
			if known && (s.OccurredAt.Before(old.OccurredAt) || s.OccurredAt.Equal(old.OccurredAt) && s.ID < old.ID) {
				continue
			}
			last[said.Purpose], state[said.Purpose] = s, map[bool]string{true: "given", false: "withdrawn"}[said.Given]
		}
	}
	return state
}
