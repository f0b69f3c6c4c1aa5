package main

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// suggesting is the office in the phase in which the manager of europe confirms
// each handoff, with a lead that waits.
func suggesting(t *testing.T) (office, *lead.Lead) {
	t.Helper()
	o := open(t, pilot(t))
	o.Post(operator(), "/rollout/promote", http.StatusSeeOther, "version", "0", "reason", "x")
	s := signal.Signal{
		Source: "website", ID: "e-1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: "ida@ida-works.example"}, Lead: map[string]string{"first_name": "Ida", "company": "Ida Works", "country": "DE"},
		Attributes: map[string]string{"form": "Request a demo"},
	}
	k, err := s.LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.table.PutSignal(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return o, o.decide(k, s)
}

// decide lets decide take in the signals of a lead.
func (o office) decide(k signal.LeadKey, signals ...signal.Signal) *lead.Lead {
	o.TB.Helper()
	if _, err := o.maker.Apply(o.TB.Context(), k, signals, monday); err != nil {
		o.TB.Fatal(err)
	}
	l, err := o.table.Lead(o.TB.Context(), k)
	if err != nil {
		o.TB.Fatal(err)
	}
	return l
}

// ordered lets decide carry out the orders that wait for a lead.
func (o office) ordered(k signal.LeadKey) *lead.Lead {
	o.TB.Helper()
	all, err := o.table.Signals(o.TB.Context(), k)
	if err != nil {
		o.TB.Fatal(err)
	}
	var orders []signal.Signal
	for _, s := range all {
		if s.Type.Ordered() {
			orders = append(orders, s)
		}
	}
	if len(orders) == 0 {
		o.TB.Fatal("nothing was ordered")
	}
	return o.decide(k, orders...)
}

func fieldsOf(l *lead.Lead, more ...string) []string {
	s := l.Journey.Suggested
	return append([]string{"lead", string(l.Key), "number", strconv.Itoa(s.Number), "rep", s.Rep}, more...)
}

func TestASuggestionIsConfirmed(t *testing.T) {
	t.Parallel()
	o, l := suggesting(t)
	webtest.Says(t, o.Get(manager("europe"), "/rollout/suggestions", http.StatusOK).Body, "Ida, Ida Works", "Asked for a demo", l.Journey.Suggested.RepName, "as suggested")
	o.Post(manager("europe"), "/rollout/suggestions", http.StatusSeeOther, fieldsOf(l, "do", "confirm", "to", "", "reason", "")...)
	after := o.ordered(l.Key)
	if h := after.Journey.Handoff; h == nil || h.Rep != l.Journey.Suggested.Rep || !strings.Contains(h.By, "Kim Sato") {
		t.Fatalf("got %+v", h)
	}
	webtest.Says(t, o.Get(manager("europe"), "/rollout/suggestions?done=confirm&lead="+string(l.Key), http.StatusOK).Body, "The handoff is confirmed", "Nothing waits for you")
	webtest.Says(t, o.Post(manager("europe"), "/rollout/suggestions", http.StatusConflict, fieldsOf(l, "do", "decline", "reason", "late")...).Body, "Somebody else has answered")
}

func TestASuggestionGoesToAnotherOrIsDeclined(t *testing.T) {
	t.Parallel()
	o, l := suggesting(t)
	other := map[string]string{"maya": "omar", "omar": "maya"}[l.Journey.Suggested.Rep]
	o.Post(manager("europe"), "/rollout/suggestions", http.StatusBadRequest, fieldsOf(l, "do", "confirm", "to", "alex")...)
	o.Post(manager("europe"), "/rollout/suggestions", http.StatusBadRequest, fieldsOf(l, "do", "decline")...)
	o.Post(manager("europe"), "/rollout/suggestions", http.StatusBadRequest, fieldsOf(l, "do", "dance")...)
	o.Post(manager("europe"), "/rollout/suggestions", http.StatusSeeOther, fieldsOf(l, "do", "confirm", "to", other, "reason", "Knows them")...)
	if h := o.ordered(l.Key).Journey.Handoff; h == nil || h.Rep != other {
		t.Fatalf("got %+v", h)
	}

	o, l = suggesting(t)
	body, err := json.Marshal(answerToSuggestion{Do: "decline", Lead: string(l.Key), Number: l.Journey.Suggested.Number, Rep: l.Journey.Suggested.Rep, Reason: "A student"})
	if err != nil {
		t.Fatal(err)
	}
	o.Call(manager("europe"), "/api/rollout/suggestions", http.StatusOK, string(body))
	after := o.ordered(l.Key)
	if after.Journey.Suggested != nil || after.Journey.Handoff != nil || after.Journey.Enrolment.Lapse != lead.Declined {
		t.Fatalf("got %+v", after.Journey)
	}
}

func TestSuggestionsOfOtherPools(t *testing.T) {
	t.Parallel()
	o, l := suggesting(t)
	webtest.Says(t, o.Get(manager("americas"), "/rollout/suggestions", http.StatusOK).Body, "Nothing waits for you")
	o.Post(manager("americas"), "/rollout/suggestions", http.StatusForbidden, fieldsOf(l, "do", "confirm")...)
	o.Post(marketer(), "/rollout/suggestions", http.StatusForbidden, fieldsOf(l, "do", "confirm")...)
	if body := o.Get(operator(), "/api/rollout/suggestions", http.StatusOK).Body; !strings.Contains(body, string(l.Key)) {
		t.Errorf("the operator does not see it: %s", body)
	}
}
