package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// as returns the page of a lead as a person sees it.
func (b bench) as(t *testing.T, target string, who access.Person) string {
	t.Helper()
	out := b.send(t, webtest.Event(t, http.MethodGet, target, who))
	if out.StatusCode != http.StatusOK {
		t.Fatalf("GET %s answers %d\n%s", target, out.StatusCode, b.logs)
	}
	return out.Body
}

func says(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text(page), w) {
			t.Errorf("%q is missing in %s", w, text(page))
		}
	}
}

func managerOf(pools ...string) access.Person {
	who := webtest.Somebody(access.Manager)
	who.Pools = pools
	return who
}

func holder() access.Person {
	who := webtest.Somebody(access.Rep)
	who.Rep = "alex"
	return who
}

func TestEverybodyStartsWhereTheyWork(t *testing.T) {
	b := newBench(t)
	for role, want := range map[access.Role]string{access.Operator: "", access.Marketer: "", access.Manager: "/board", access.Rep: "/my"} {
		out := b.send(t, webtest.Event(t, http.MethodGet, "/", webtest.Somebody(role)))
		if out.Headers["Location"] != want || (want == "") != (out.StatusCode == http.StatusOK) {
			t.Errorf("%s: %d, %q", role, out.StatusCode, out.Headers["Location"])
		}
	}
	both := webtest.Somebody(access.Rep, access.Marketer)
	if out := b.send(t, webtest.Event(t, http.MethodGet, "/", both)); out.StatusCode != http.StatusOK {
		t.Errorf("a marketer who is a rep is sent to %q", out.Headers["Location"])
	}
}

func TestThePageOfALeadOffersWhatThePersonCanDo(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	b.store(t, l)
	target := "/leads/" + string(l.Key)
	links := regexp.MustCompile(`href="` + target + `/(answer|order)/([a-z-]+)"`)
	for name, tc := range map[string]struct {
		who  access.Person
		want string
	}{
		"holder":   {holder(), "answer/accept answer/reject answer/contacted"},
		"manager":  {managerOf("sales"), "order/remind order/reassign order/take-back order/hold order/recycle order/disqualify"},
		"operator": {webtest.Somebody(access.Operator), "order/remind order/reassign order/take-back order/hold order/recycle order/disqualify"},
		"marketer": {webtest.Somebody(access.Marketer), ""},
	} {
		var got []string
		for _, m := range links.FindAllStringSubmatch(b.as(t, target, tc.who), -1) {
			got = append(got, m[1]+"/"+m[2])
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("the %s is offered %v, want %s", name, got, tc.want)
		}
	}
}

// An order is shown as under way until the log has it, and then what came of it.
func TestAnOrderIsShownUntilItIsCarriedOut(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	b.store(t, l)
	give := func(to, by string) signal.Signal {
		s, err := decision.OrderFor(l, decision.Order{Type: signal.OrderReassign, To: to, Reason: "knows them", By: by}, now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.leads.PutSignalFor(t.Context(), l.Key, s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	first, second := give("bo", "Morgan Hale"), give("casey", "Lee Park")
	target := "/leads/" + string(l.Key) + "?ordered="
	page := b.as(t, target+first.ID, managerOf("sales"))
	says(t, page, "Reassign: ordered by Morgan Hale", "Reassign: ordered by Lee Park", "It is being carried out")
	if !strings.Contains(page, `data-live="3"`) || !strings.Contains(page, `http-equiv="refresh" content="3"`) {
		t.Error("the page is not read again")
	}
	for _, who := range []access.Person{holder(), webtest.Somebody(access.Marketer)} {
		if strings.Contains(text(b.as(t, target+first.ID, who)), "Lee Park") {
			t.Error("somebody else is shown the orders")
		}
	}

	if _, err := b.decide.Apply(t.Context(), l.Key, []signal.Signal{first}, now); err != nil {
		t.Fatal(err)
	}
	page = b.as(t, target+first.ID, managerOf("sales"))
	says(t, page, "The order was carried out.", "ordered by Lee Park")
	if strings.Contains(text(page), "ordered by Morgan Hale") {
		t.Error("the first order is still shown as under way")
	}
	if _, err := b.decide.Apply(t.Context(), l.Key, []signal.Signal{second}, now.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	stored, err := b.leads.Lead(t.Context(), l.Key)
	if err != nil || stored.Journey.Holder().Rep != "bo" || stored.Journey.Stage != lead.HandedOff {
		t.Fatalf("%+v, %v", stored, err)
	}
	for _, id := range []string{second.ID, "", first.ID} {
		page = b.as(t, target+id, managerOf("sales"))
		says(t, page, "An order changed nothing. Lee Park wanted")
		if strings.Contains(text(page), "being carried out") {
			t.Errorf("after the second: %s", text(page))
		}
	}
}
