package decision_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// phoneWanted is the default policy, in which sales needs a phone number.
func phoneWanted(t *testing.T) []byte {
	t.Helper()
	text := strings.Replace(string(policy.Default()), "  handed_off: [email]", "  handed_off: [phone]", 1)
	if text == string(policy.Default()) {
		t.Fatal("the default policy has no such line")
	}
	return []byte(text)
}

// hearsOf stores a signal about a lead and lets the first maker decide about it.
func (d desk) hearsOf(t *testing.T, k signal.LeadKey, s signal.Signal) {
	t.Helper()
	if _, err := d.table.PutSignalFor(t.Context(), k, s); err != nil {
		t.Fatal(err)
	}
	if _, err := d.makers[0].Apply(t.Context(), k, []signal.Signal{s}, s.ReceivedAt); err != nil {
		t.Fatal(err)
	}
}

// Through the table: a lead that lacks a phone number waits for it, is found in
// the data queue, and is handed off when somebody enters it.
func TestAnEntryCompletesALead(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	text := phoneWanted(t)
	d := desk{table: table.New(client, name)}
	if err := d.table.PutPolicy(t.Context(), policy.VersionOf(text), text, monday); err != nil {
		t.Fatal(err)
	}
	d.makers = append(d.makers, decision.New(d.table, rules.NewLoader(d.table.Policy)))
	k := d.hears(t, signal.Signal{
		Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: "ada@engines.example"}, Lead: map[string]string{"first_name": "Ada", "company": "Engines"},
		Attributes: map[string]string{"form": "Request a demo"},
	})
	waiting, err := d.table.Incomplete(t.Context(), "sales")
	if err != nil || len(waiting) != 1 || waiting[0].Lead != k {
		t.Fatalf("%v, %v", waiting, err)
	}
	p, err := policy.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	at := monday.Add(time.Hour)
	s, err := decision.EntryFor(d.lead(t, k), p.Completeness, decision.Entry{Fields: map[string]string{"phone": " +44 20 7946 0018 "}, By: "Kim Sato"}, at)
	if err != nil {
		t.Fatal(err)
	}
	d.hearsOf(t, k, s)
	d.hearsOf(t, k, s)
	l := d.lead(t, k)
	if h := l.Journey.Holder(); h == nil || l.Journey.Incomplete != nil || l.Facts.Profile["phone"].Value != "+44 20 7946 0018" {
		t.Errorf("%+v", l.Journey)
	}
	if told := d.told(t, k, contract.LeadIncomplete, contract.LeadHandedOff); len(told) != 2 || told[0].Type != contract.LeadIncomplete {
		t.Errorf("%+v", told)
	}
	if waiting, err := d.table.Incomplete(t.Context(), "sales"); err != nil || len(waiting) > 0 {
		t.Errorf("it waits on: %v, %v", waiting, err)
	}
}

func TestWhatCanBeEntered(t *testing.T) {
	asks := policy.Completeness{
		Needs:   policy.Needs{HandedOff: []policy.Need{"email", "phone or mobile"}},
		Sources: map[string]policy.Needs{"meta": {Qualified: []policy.Need{"budget"}}},
	}
	l := &lead.Lead{Key: "1key", Version: 7, Facts: scoring.Facts{Origin: scoring.Origin{First: scoring.Mark{Event: "meta#1"}}}}
	may := decision.Enterable(l, asks)
	for field, want := range map[string]bool{"email": false, "phone": true, "mobile": true, "budget": true, "company": true, "lucky_number": false} {
		if slices.Contains(may, field) != want {
			t.Errorf("%s is enterable: %t", field, !want)
		}
	}
	good := decision.Entry{Fields: map[string]string{"mobile": " 1 ", "title": " "}, Reason: " by chat ", By: "Kim Sato"}
	s, err := decision.EntryFor(l, asks, good, monday)
	if err != nil {
		t.Fatal(err)
	}
	want := signal.Signal{
		Source: "operator", ID: s.ID, Type: signal.ContactChanged, OccurredAt: monday, ReceivedAt: monday,
		Lead: map[string]string{"mobile": "1"}, Attributes: map[string]string{"by": "Kim Sato", "reason": "by chat"},
	}
	if diff := cmp.Diff(want, s); diff != "" || !decision.IsEntry(s.ID) || !strings.HasPrefix(s.ID, "7.") {
		t.Errorf("%s; %s", s.ID, diff)
	}
	for name, change := range map[string]func(*decision.Entry){
		"nothing":          func(e *decision.Entry) { e.Fields = map[string]string{"title": " "} },
		"an address":       func(e *decision.Entry) { e.Fields["email"] = "a@b.example" },
		"what nobody asks": func(e *decision.Entry) { e.Fields["lucky_number"] = "7" },
		"a novel":          func(e *decision.Entry) { e.Fields["title"] = strings.Repeat("x", 201) },
		"a dash":           func(e *decision.Entry) { e.Fields["title"] = "-" },
		"a line break":     func(e *decision.Entry) { e.Fields["title"] = "a\nb" },
		"a long reason":    func(e *decision.Entry) { e.Reason = strings.Repeat("x", 501) },
		"nobody":           func(e *decision.Entry) { e.By = " " },
		"a long name":      func(e *decision.Entry) { e.By = strings.Repeat("x", 81) },
	} {
		e := good
		e.Fields = maps.Clone(good.Fields)
		change(&e)
		if _, err := decision.EntryFor(l, asks, e, monday); err == nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := good
	other.By = "Morgan Hale"
	if again, err := decision.EntryFor(l, asks, other, monday); err != nil || again.ID == s.ID {
		t.Errorf("another person's is the same signal: %v", err)
	}
	if order, err := decision.OrderFor(l, decision.Order{Type: signal.OrderDisqualify, Reason: "no", By: "Kim"}, monday); err != nil || decision.IsEntry(order.ID) {
		t.Errorf("an order passes for an entry: %v, %v", order.ID, err)
	}
}
