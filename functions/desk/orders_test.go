package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// stored is a lead in a state in which an order makes sense.
func (b *bench) stored(name string, o view.Order) signal.LeadKey {
	b.t.Helper()
	k := b.give(name, "alex")
	switch o.Type { //nolint:exhaustive // The others are about a lead that somebody holds.
	case signal.OrderHandoff:
		b.change(k, func(j *lead.Journey) { j.Handoff, j.Held, j.Clocks, j.Stage = nil, nil, nil, lead.Known })
	case signal.OrderConfirm, signal.OrderDecline:
		b.change(k, func(j *lead.Journey) {
			j.Suggested = &lead.Suggestion{Handoff: *j.Handoff, Since: monday}
			j.Handoff, j.Clocks, j.Stage = nil, nil, lead.Qualified
		})
	}
	return k
}

func orderURL(k signal.LeadKey, what string) string { return "/leads/" + string(k) + "/order/" + what }

func TestEveryOrderIsAskedFirstAndGivenOnce(t *testing.T) {
	until := now.AddDate(0, 0, 3).In(time.FixedZone("", -4*3600)).Format(localTime)
	for name, want := range map[string]string{
		"confirm":    "gets the lead and a message about it",
		"decline":    "left to the process that you had before",
		"remind":     "ALEX gets a message now that says what is due",
		"reassign":   "ALEX is told that the lead is no longer theirs",
		"take-back":  "ALEX is told that the lead is no longer theirs",
		"hold":       "Nobody is offered the lead before Tue 19 May 2026, 09:00 EDT",
		"hand-off":   "gets the lead and a message about it",
		"recycle":    "goes back to nurture until Wed 17 Jun 2026, 09:00 EDT",
		"disqualify": "nothing that it does makes it qualify again",
	} {
		t.Run(name, func(t *testing.T) { newBench(t).asksAndOrders(name, want, until) })
	}
}

// asksAndOrders looks at the page of an order, and sends its form three times:
// twice at once, and once when it was carried out.
func (b *bench) asksAndOrders(name, want, until string) {
	b.t.Helper()
	o, _ := view.OrderNamed(name)
	k := b.stored("Ada", o)
	target := orderURL(k, name)
	version := b.read(k).Version
	page := b.get(target, manager("sales"), http.StatusOK)
	b.says(page, want, titleOf(o), "Ada")
	if len(b.said(k)) != 0 || b.read(k).Version != version {
		b.t.Fatal("looking has changed something")
	}
	if o.NeedsReason() {
		b.says(b.submit(page, target, manager("sales"), http.StatusUnprocessableEntity, "until", until), "Say why: the reason stands in the history of the lead.")
	}
	fill := []string{"reason", "I say so", "until", until, "to", ""}
	to := b.submit(page, target, manager("sales"), http.StatusSeeOther, fill...)
	at := []string{to, b.submit(page, target, manager("sales"), http.StatusSeeOther, fill...)}
	b.settle(k)
	at = append(at, b.submit(page, target, manager("sales"), http.StatusSeeOther, fill...))
	if !strings.HasPrefix(to, "/leads/"+string(k)+"?ordered=") || len(slices.Compact(at)) != 1 {
		b.t.Errorf("the same form leads to %v", at)
	}
	said := b.said(k)
	if len(said) != 1 || said[0].Type != o.Type || said[0].Source != lead.Operator || said[0].Attributes["by"] != "Kim Sato" {
		b.t.Fatalf("%+v", said)
	}
	j := b.read(k).Journey
	if !j.HasHeard(said[0]) || (j.Orders.Count != 1) != (name == "remind") {
		b.t.Errorf("%d orders were carried out, this one was heard: %v", j.Orders.Count, j.HasHeard(said[0]))
	}
}

func TestAnOrderShowsWhomTheRulesWouldChoose(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	page := b.get(orderURL(k, "reassign"), manager("sales"), http.StatusOK)
	b.says(page, "Whom the rules choose now", "chosen", "Rep Why, or why not", "to answer.", "Somebody whom you name gets the lead whatever their caps")
	if strings.Contains(page, `<option value="alex"`) || !strings.Contains(page, `<option value="bo"`) {
		t.Error("the list offers the holder, or not the others")
	}
	page = b.get(orderURL(k, "reassign")+"?to=bo&reason=knows+them", manager("sales"), http.StatusOK)
	if !strings.Contains(page, `<option value="bo" selected>`) || !strings.Contains(page, `value="knows them"`) {
		t.Errorf("the query does not fill the form: %s", page)
	}
	b.submit(page, orderURL(k, "reassign"), manager("sales"), http.StatusSeeOther, "to", "bo", "reason", "knows them")
	b.settle(k)
	if h := b.read(k).Journey.Holder(); h == nil || h.Rep != "bo" {
		t.Errorf("%+v", h)
	}
	page = b.get(orderURL(k, "reassign"), operator(), http.StatusOK)
	b.says(b.submit(page, orderURL(k, "reassign"), operator(), http.StatusUnprocessableEntity, "to", "nobody", "reason", "x"), "Choose somebody of the list")
}

// Two managers who look at the same lead: the second is told what the first did.
func TestTheSecondOfTwoManagersIsTold(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	target := orderURL(k, "reassign")
	second := manager("sales")
	second.Name, second.Subject = "Lee Park", "u-18"
	theirs, others := b.get(target, manager("sales"), http.StatusOK), b.get(target, second, http.StatusOK)
	b.submit(theirs, target, manager("sales"), http.StatusSeeOther, "to", "bo", "reason", "knows them")
	b.settle(k)
	page := b.submit(others, target, second, http.StatusConflict, "to", "casey", "reason", "speaks French")
	b.says(page, "The lead has changed since you looked", "Nothing was ordered", "Kim Sato")
	if !strings.Contains(page, `value="speaks French"`) || !strings.Contains(page, `<option value="casey" selected>`) {
		t.Error("what was filled in is lost")
	}
	if said := b.said(k); len(said) != 1 {
		t.Fatalf("%+v", said)
	}
	b.submit(page, target, second, http.StatusSeeOther, "to", "casey", "reason", "speaks French")
	b.settle(k)
	if h := b.read(k).Journey.Holder(); h == nil || h.Rep != "casey" {
		t.Errorf("%+v", h)
	}
}

// Both orders may be under way before either is carried out: then the core lets
// the first one count, and says so of the second.
func TestTwoOrdersInTheSameMoment(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	target := orderURL(k, "reassign")
	page := b.get(target, manager("sales"), http.StatusOK)
	b.submit(page, target, manager("sales"), http.StatusSeeOther, "to", "bo", "reason", "knows them")
	b.submit(page, target, manager("sales"), http.StatusSeeOther, "to", "casey", "reason", "speaks French")
	b.settle(k)
	if l := b.read(k); l.Journey.Orders.Count != 1 || len(b.said(k)) != 2 || l.Journey.Holder().Number != 2 {
		t.Errorf("%+v", l.Journey)
	}
}

// A click of the customer's, or the holder's answer, changes the lead, and the
// order about it stays right.
func TestWhatChangesNothingOfTheMatterStopsNoOrder(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	page := b.get(orderURL(k, "take-back"), manager("sales"), http.StatusOK)
	b.get("/leads/"+string(k)+"/answer/accept", rep("alex"), http.StatusOK)
	b.post("/api/leads/"+string(k)+"/answers", rep("alex"), `{"answer":"accept"}`, http.StatusOK)
	b.settle(k)
	b.submit(page, orderURL(k, "take-back"), manager("sales"), http.StatusSeeOther, "reason", "away")
	b.settle(k)
	if l := b.read(k); l.Journey.Orders.Count != 1 {
		t.Errorf("%+v", l.Journey)
	}
}

func TestWhoMayOrder(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	target := orderURL(k, "take-back")
	page := b.get(target, operator(), http.StatusOK)
	for name, who := range map[string]access.Person{
		"manager of others": manager("enterprise"), "manager of none": manager(), "marketer": webtest.Somebody(access.Marketer), "holder": rep("alex"), "another rep": rep("bo"),
	} {
		b.get(target, who, http.StatusForbidden)
		b.submit(page, target, who, http.StatusForbidden, "reason", "x")
		b.post("/api/leads/"+string(k)+"/orders", who, `{"order":"take-back","reason":"x","handoff":1}`, http.StatusForbidden)
		if len(b.said(k)) > 0 {
			t.Fatalf("the %s gave an order", name)
		}
	}
	forged := manager("sales")
	forged.Token = "of another session"
	b.submit(page, target, forged, http.StatusForbidden, "form_token", "a token of kim", "reason", "x")
	ended := b.submit(page, target, access.Person{}, http.StatusUnauthorized, "reason", "not to be lost")
	b.says(ended, "Your session has ended")
	if !strings.Contains(ended, `value="not to be lost"`) || !strings.Contains(ended, `name="field.version"`) {
		t.Error("the form is not kept")
	}
	for _, what := range []string{"shout", "give"} {
		b.get(orderURL(k, what), operator(), http.StatusNotFound)
	}
	b.get(orderURL("0nobody", "hold"), operator(), http.StatusNotFound)
	b.says(b.get(orderURL(k, "hand-off"), operator(), http.StatusOK), "ALEX holds the lead", "There is nothing to order")
	b.submit(page, target, operator(), http.StatusBadRequest, "reason", "x", "version", "")
	if len(b.said(k)) > 0 {
		t.Error("an order was given")
	}

	unknown := b.known("Gus")
	b.change(unknown, func(j *lead.Journey) { j.Handoff, j.Held, j.Clocks, j.Stage = nil, nil, nil, lead.Known })
	b.get(orderURL(unknown, "hand-off"), manager("enterprise"), http.StatusOK) // in no pool yet, it is everybody's
}

func TestOrdersOfPrograms(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	target := "/api/leads/" + string(k) + "/orders"
	for body, code := range map[string]string{
		`{"order":"hold","reason":"x"}`:                                  "invalid",
		`{"order":"hold","reason":"x","handoff":1}`:                      "invalid",
		`{"order":"hold","reason":"x","handoff":1,"until":"soon"}`:       "invalid",
		`{"order":"reassign","reason":"x","handoff":1,"to":"nobody"}`:    "invalid",
		`{"order":"recycle","until":"2026-06-01T09:00:00Z","handoff":1}`: "invalid",
	} {
		if doc := b.post(target, manager("sales"), body, http.StatusUnprocessableEntity); doc["code"] != code {
			t.Errorf("%s: %v", body, doc)
		}
	}
	if doc := b.post(target, manager("sales"), `{"order":"take-back","reason":"x","handoff":2}`, http.StatusConflict); doc["code"] != "changed" {
		t.Errorf("%v", doc)
	}
	b.post(target, manager("sales"), `[]`, http.StatusBadRequest)
	const body = `{"order":"hold","reason":"asked for June","until":"2026-06-01T09:00:00Z","handoff":1}`
	first := b.post(target, manager("sales"), body, http.StatusOK)
	second := b.post(target, manager("sales"), body, http.StatusOK)
	if first["before"] != false || second["before"] != true || first["id"] != second["id"] {
		t.Errorf("%v, %v", first, second)
	}
	b.settle(k)
	if l := b.read(k); l.Journey.Held == nil || !l.Journey.Held.Until.Equal(time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", l.Journey)
	}
}

func TestHostileTextIsText(t *testing.T) {
	b := newBench(t)
	const hostile = `"><script>alert(1)</script>`
	k := b.give("Ada", "alex")
	b.change(k, func(j *lead.Journey) { j.Handoff.RepName, j.Handoff.Reason = hostile, hostile })
	for _, page := range []string{
		b.get("/my", rep("alex"), http.StatusOK), b.get("/board", operator(), http.StatusOK), b.get("/leads/"+string(k)+"/answer/reject", rep("alex"), http.StatusOK),
		b.get(orderURL(k, "reassign")+"?"+url.Values{"reason": {hostile}, "to": {hostile}}.Encode(), operator(), http.StatusOK),
	} {
		if strings.Contains(page, "<script>alert") {
			t.Error("a page has a script of a lead's")
		}
	}
}
