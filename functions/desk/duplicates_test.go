package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// twins stores two leads of one person, and returns their keys.
func (b *bench) twins() (one, other signal.LeadKey) {
	b.t.Helper()
	return b.visits("robert.krueger@acme.example", "Robert", "Krüger", "Acme GmbH"), b.visits("bob77@mail.example", "Bob", "Krueger", "ACME AG")
}

func (b *bench) visits(email, given, family, company string) signal.LeadKey {
	b.t.Helper()
	s := signal.Signal{
		Source: "typeform", ID: email, Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday, Identity: signal.Identity{Email: email},
		Lead:       map[string]string{"first_name": given, "last_name": family, "company": company},
		Attributes: map[string]string{"form": "Newsletter"},
	}
	return b.arrives(s)
}

func marketer() access.Person { return webtest.Somebody(access.Marketer) }

func TestTwoLeadsThatMayBeOneAreListedWithTheirReasons(t *testing.T) {
	b := newBench(t)
	b.says(b.get("/duplicates", marketer(), http.StatusOK), "None to judge")
	one, other := b.twins()
	page := b.get("/duplicates", marketer(), http.StatusOK)
	b.says(page, "1 pair", "Bob is short for Robert (+14)", "60 of 100", "Robert Krüger", "Bob Krueger")
	if target := pairURL(duplicate.Of(one, other)); !strings.Contains(page, `href="`+target+`"`) {
		t.Errorf("no link to %s", target)
	}
	var answer duplicatesAnswer
	if err := json.Unmarshal([]byte(b.get("/api/duplicates", marketer(), http.StatusOK)), &answer); err != nil || len(answer.Pairs) != 1 || answer.Pairs[0].Score != 60 {
		t.Errorf("%+v %v", answer, err)
	}
	// A manager is not shown leads of others' pools, and nobody judges those unseen.
	b.change(one, func(j *lead.Journey) { handTo(j, "alex", 1) })
	b.says(b.get("/duplicates", manager("enterprise"), http.StatusOK), "None to judge")
	b.get(pairURL(duplicate.Of(one, other)), manager("enterprise"), http.StatusForbidden)
	b.says(b.get("/duplicates", manager("sales"), http.StatusOK), "1 pair", "With ALEX")
	b.get("/duplicates/nobody/"+string(one), marketer(), http.StatusNotFound)
	b.get("/duplicates/-/"+string(one), marketer(), http.StatusNotFound)
}

func TestNotTheSameIsKeptWithItsReason(t *testing.T) {
	b := newBench(t)
	one, other := b.twins()
	target := pairURL(duplicate.Of(one, other))
	page := b.get(target, marketer(), http.StatusOK)
	b.says(page, "Are these one person?", "First name differs Bob", "typeform", "1 address")
	b.says(b.submit(page, target, marketer(), http.StatusUnprocessableEntity, "say", "dismiss"), "Say why")
	if to := b.submit(page, target, marketer(), http.StatusSeeOther, "say", "dismiss", "reason", "cousins"); to != "/duplicates?done=dismiss" {
		t.Errorf("leads to %s", to)
	}
	b.says(b.get("/duplicates?done=dismiss", marketer(), http.StatusOK), "Kept: they are two people", "None to judge")
	b.says(b.get(target, marketer(), http.StatusOK), "Kim Sato said that they are two people", "cousins")
	if len(b.said(one))+len(b.said(other)) > 0 {
		t.Error("an order was given")
	}
}

func TestAMergeIsShownFirstOrderedOnceAndTakenBack(t *testing.T) {
	b := newBench(t)
	one, other := b.twins()
	b.change(one, func(j *lead.Journey) { handTo(j, "alex", 1) })
	target := pairURL(duplicate.Of(one, other))
	page := b.get(target, marketer(), http.StatusOK)
	b.says(page, "Robert Krüger remains, and Bob Krueger becomes part of it", "2 addresses in all", "As before, ALEX has Robert Krüger")
	fill := []string{"say", "merge", "reason", "the same on the phone"}
	to := b.submit(page, target, marketer(), http.StatusSeeOther, fill...)
	again := b.submit(page, target, marketer(), http.StatusSeeOther, fill...)
	first := duplicate.Of(one, other).A
	if said := b.said(first); len(said) != 1 || said[0].Type != signal.OrderMerge || said[0].Attributes["by"] != "Kim Sato" || to != again {
		t.Fatalf("%v, then %s: %+v", to, again, said)
	}
	b.settle(first)
	if b.read(one).Key != b.read(other).Key {
		t.Fatal("they are two leads still")
	}
	b.submit(page, target, marketer(), http.StatusSeeOther, fill...) // the form once more
	b.get(target, marketer(), http.StatusConflict)
	b.says(b.get("/duplicates", marketer(), http.StatusOK), "None to judge")

	back := "/leads/" + string(one) + "/merges/" + string(other)
	page = b.get(back, marketer(), http.StatusOK)
	b.says(page, "Take this merge back?", "by order of Kim Sato: the same on the phone", "It brought 1 address",
		"gets back 1 address; this one keeps 1 address", "As before, ALEX has this lead")
	b.says(b.submit(page, back, marketer(), http.StatusUnprocessableEntity), "Say why")
	b.submit(page, back, marketer(), http.StatusSeeOther, "reason", "cousins after all")
	b.settle(one)
	if b.read(one).Key == b.read(other).Key {
		t.Fatal("they are one lead still")
	}
	b.submit(page, back, marketer(), http.StatusSeeOther, "reason", "cousins after all")
	b.get(back, marketer(), http.StatusNotFound)
	b.says(b.get("/duplicates", marketer(), http.StatusOK), "None to judge")
}

// What somebody says of two leads is said of all pairs that lead to the two.
func TestTwoLeadsAreJudgedOnce(t *testing.T) {
	for _, say := range []string{sayDismiss, sayMerge} {
		b := newBench(t)
		one, other := b.twins()
		third := b.visits("r.krueger@post.example", "Robert", "Krueger", "Acme")
		b.says(b.get("/duplicates", marketer(), http.StatusOK), "3 pairs")
		b.merge(one, other)
		page := b.get("/duplicates", marketer(), http.StatusOK)
		b.says(page, "1 pair")
		target := pairURL(duplicate.Of(b.read(one).Key, third))
		b.submit(b.get(target, marketer(), http.StatusOK), target, marketer(), http.StatusSeeOther, "say", say, "reason", "asked them")
		b.says(b.get("/duplicates", marketer(), http.StatusOK), "None to judge")
		for _, k := range []signal.LeadKey{one, other} {
			if p, err := b.table.Duplicate(t.Context(), duplicate.Of(k, third)); err != nil || p.State == duplicate.Open {
				t.Errorf("after %s the pair of %s is %+v, %v", say, k, p, err)
			}
		}
	}
}

// Whom somebody took apart is not suggested again, whatever made them one.
func TestWhatWasTakenApartIsNotSuggested(t *testing.T) {
	b := newBench(t)
	one, other := b.twins()
	b.merge(one, other)
	root := b.read(one)
	back := "/leads/" + string(root.Key) + "/merges/" + string(root.Merges[0].From)
	b.submit(b.get(back, marketer(), http.StatusOK), back, marketer(), http.StatusSeeOther, "reason", "cousins")
	b.settle(root.Key)
	if b.read(one).Key == b.read(other).Key {
		t.Fatal("they are one lead still")
	}
	b.says(b.get("/duplicates", marketer(), http.StatusOK), "None to judge")
}

// merge makes two leads one, without a word about the pair.
func (b *bench) merge(one, other signal.LeadKey) {
	b.t.Helper()
	l := b.read(one)
	s, err := decision.OrderFor(l, decision.Order{Type: signal.OrderMerge, With: other, Reason: "one person", By: "Kim Sato"}, b.at)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.table.PutSignalFor(b.t.Context(), one, s); err != nil {
		b.t.Fatal(err)
	}
	b.settle(one)
	if b.read(one).Key != b.read(other).Key {
		b.t.Fatal("they are two leads still")
	}
}

func TestWhatHasChangedSinceIsShownAgain(t *testing.T) {
	b := newBench(t)
	one, other := b.twins()
	target := pairURL(duplicate.Of(one, other))
	page := b.get(target, marketer(), http.StatusOK)
	b.change(one, func(j *lead.Journey) { handTo(j, "alex", 1) })
	b.says(b.submit(page, target, marketer(), http.StatusConflict, "say", "merge", "reason", "the same"), "has changed since you looked")
	b.submit(page, target, marketer(), http.StatusBadRequest, "say", "nonsense", "reason", "x")
	if len(b.said(one))+len(b.said(other)) > 0 {
		t.Error("an order was given")
	}
}

func TestProgramsJudgePairsToo(t *testing.T) {
	b := newBench(t)
	one, other := b.twins()
	c := webtest.Client{TB: t, Site: b.site, Logs: b.logs}
	target := "/api" + pairURL(duplicate.Of(one, other))
	c.Call(marketer(), target, http.StatusBadRequest, `{"say":"perhaps"}`)
	c.Call(marketer(), target, http.StatusUnprocessableEntity, `{"say":"merge"}`)
	c.Call(marketer(), target, http.StatusOK, `{"say":"dismiss","reason":"cousins"}`)
	out := c.Call(marketer(), target, http.StatusOK, `{"say":"merge","reason":"the same after all"}`)
	if !strings.Contains(out.Body, `"order":"`) {
		t.Error(out.Body)
	}
	b.settle(duplicate.Of(one, other).A)
	c.Call(marketer(), target, http.StatusConflict, `{"say":"merge","reason":"again"}`)
}
