package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/view"
)

// lacksPhone is a lead that has qualified and waits for a phone number.
func lacksPhone(t *testing.T, name string, since time.Duration) *lead.Lead {
	t.Helper()
	l := waits(t, name, since)
	l.Journey.Incomplete = &lead.Incomplete{Handoff: *l.Journey.Held, Since: l.CreatedAt, Missing: []policy.Need{"phone or title"}}
	l.Journey.Held = nil
	return l
}

func TestALeadThatWaitsForDataSaysSo(t *testing.T) {
	b := newBench(t)
	hana, otto := lacksPhone(t, "Hana", 20*time.Minute), lacksPhone(t, "Otto", 50*time.Hour)
	b.store(t, hana, otto, ada(t))
	got := b.answer(t, hana)
	want := &incomplete{Pool: "sales", Since: hana.CreatedAt.UTC(), Missing: []string{"phone or title"}}
	if diff := cmp.Diff(want, got.Incomplete); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(view.Missing{Known: []string{}, Qualified: []string{"phone"}, HandedOff: []string{"phone or title"}}, got.Missing); diff != "" {
		t.Error(diff)
	}
	if len(got.WhyNot) != 1 || got.WhyNot[0].Rule != "completeness" || !strings.Contains(got.WhyNot[0].Reason, "the phone or title is not known") {
		t.Errorf("%+v", got.WhyNot)
	}
	out := b.get(t, "/leads/"+string(hana.Key))
	seen := text(out.Body)
	for _, want := range []string{"incomplete", "waits for data", "lacks what sales needs: the phone or title is not known", "Sales would need to know, too: phone or title", "Enter data"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page does not say %q:\n%s", want, seen)
		}
	}
	if !strings.Contains(out.Body, `href="/leads/`+string(hana.Key)+`/data"`) {
		t.Error("there is no way to enter it")
	}
	var list listAnswer
	if err := json.Unmarshal([]byte(b.get(t, "/api/leads?list=incomplete").Body), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Leads) != 2 || list.Leads[0].Name != "Otto" || len(list.Leads[0].Incomplete) != 1 {
		t.Errorf("%+v", list)
	}
	if seen := text(b.get(t, "/leads?list=incomplete").Body); !strings.Contains(seen, "Leads that wait for data") || !strings.Contains(seen, "Lacks phone or title") {
		t.Error(seen)
	}
}

// sends counts profiles that typeform sent so many days ago, by their fields.
func (b bench) sends(t *testing.T, daysAgo int, n int64, fields ...string) {
	t.Helper()
	s := signal.Signal{Lead: map[string]string{}}
	for _, f := range fields {
		s.Lead[f] = "x"
	}
	h := table.SourceHour{
		Source: "typeform", Hour: now.AddDate(0, 0, -daysAgo).Truncate(time.Hour), Outcomes: map[string]int64{"accepted": 1},
		Profiles: map[signal.FieldSet]int64{signal.FieldsOf(s): n},
	}
	if err := b.leads.AddSourceHour(t.Context(), h); err != nil {
		t.Fatal(err)
	}
}

// Of each source is said how complete what it sends is, by the needs of leads
// from there.
func TestHowCompleteTheDataOfSourcesIs(t *testing.T) {
	b := newBench(t)
	b.sends(t, 0, 6, "email", "title")
	b.sends(t, 0, 2, "email")
	b.sends(t, 20, 1, "email", "phone")
	b.sends(t, 20, 1)
	b.sends(t, 40, 100, "email")
	var got sourcesAnswer
	if err := json.Unmarshal([]byte(b.get(t, "/api/sources").Body), &got); err != nil {
		t.Fatal(err)
	}
	for _, s := range got.Sources {
		want := sourceData{Days: 30, Fields: []dataField{{"email", 0, 0}, {"phone", 0, 0}}, Uncounted: []string{}}
		if s.Name == "typeform" {
			want = sourceData{Days: 30, Profiles: 10, Complete: 7, Fields: []dataField{{"email", 9, 90}, {"phone", 1, 10}, {"title", 6, 60}}, Uncounted: []string{}}
		}
		if diff := cmp.Diff(want, s.Data, cmp.AllowUnexported(sourceData{})); diff != "" {
			t.Errorf("%s: %s", s.Name, diff)
		}
	}
	seen := text(b.get(t, "/sources").Body)
	for _, want := range []string{"How complete the data is", "typeform 10 70 %", "Email 90 %", "Phone 10 %", "Title 60 %"} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page does not say %q:\n%s", want, seen)
		}
	}
	if strings.Count(seen, "typeform 10 70 %") != 1 || strings.Contains(seen, "hubspot 0") {
		t.Error(seen)
	}
}
