package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

func TestARepSeesWhatAsksForThem(t *testing.T) {
	b := newBench(t)
	ada, bo := b.give("Ada", "alex"), b.give("Bob", "bo")
	page := b.get("/my", rep("alex"), http.StatusOK)
	b.says(page, "1 lead with you", "New 1", "Ada", "CTO, Ada Works", "Asked for a demo", "Answer, by Mon 18 May, 10:30", "Accept", "Reject", "Contacted")
	b.saysNot(page, "Bob", "Waiting")
	for _, mark := range []string{`data-row`, `data-key="r"`, `href="/leads/` + string(ada) + `/answer/reject"`, `data-live=`, `<kbd>j</kbd>`} {
		if !strings.Contains(page, mark) {
			t.Errorf("%s is missing", mark)
		}
	}

	to := b.submit(page, "/leads/"+string(ada)+"/answer/accept", rep("alex"), http.StatusSeeOther)
	after := b.get(to, rep("alex"), http.StatusOK) // not applied yet
	b.says(after, "The lead is yours. Your answer is recorded.", "The next promise: First contact, 1 h 25 min left , by Mon 18 May, 11:30.", "Due next 1", "Meeting set", "Snooze", "Comment")
	b.saysNot(after, "New 1", "Accept ")
	b.settle(ada)
	b.says(b.get("/my", rep("alex"), http.StatusOK), "Due next 1", "First contact, by Mon 18 May, 11:30")

	to = b.submit(b.get("/leads/"+string(ada)+"/answer/snooze", rep("alex"), http.StatusOK), "/leads/"+string(ada)+"/answer/snooze", rep("alex"), http.StatusSeeOther,
		"until", "date", "date", "2026-05-22", "reason", "customer_asked")
	b.settle(ada)
	b.says(b.get(to, rep("alex"), http.StatusOK), "The lead is snoozed", "They go on at Fri 22 May, 09:00", "Waiting 1")

	b.says(b.get("/my", rep("casey"), http.StatusOK), "No leads with you now")
	b.says(b.get("/leads/"+string(bo)+"/answer/accept", rep("alex"), http.StatusForbidden), "You may not see this")
	b.get("/my", manager("sales"), http.StatusForbidden)
	b.says(b.get("/my", webtest.Somebody(access.Rep), http.StatusForbidden), "No rep has your e-mail address")

	var got myAnswer
	if err := json.Unmarshal([]byte(b.get("/api/my", rep("alex"), http.StatusOK)), &got); err != nil || len(got.Waiting) != 1 || got.Waiting[0].Key != ada || !got.Waiting[0].Due.Paused {
		t.Errorf("%+v, %v", got, err)
	}
}

// fill is a form of each purpose that lacks nothing.
func fill(p link.Purpose) []string {
	switch p {
	case link.Reject:
		return []string{"reason", "too_early", "comment", ""}
	case link.Contacted:
		return []string{"how", "call", "when", "2026-05-18T10:05"}
	case link.Meeting:
		return []string{"starts_at", "2026-05-21T15:30"}
	case link.Snooze:
		return []string{"until", "date", "date", "2026-05-22", "reason", "customer_asked"}
	case link.Comment:
		return []string{"comment", "Asked for a quote"}
	case link.Feedback:
		return []string{"outcome", "good_fit", "comment", ""}
	case link.Accept:
	}
	return nil
}

// An answer from the page is the answer of a link: whichever comes second hears
// that it was given, and it counts once.
func TestAPageAnswersAsALinkDoes(t *testing.T) {
	for _, p := range purposes() {
		t.Run(string(p), func(t *testing.T) {
			b := newBench(t)
			k := b.give("Ada", "alex")
			byLink := link.Claims{Lead: k, Handoff: 1, Rep: "alex", Purpose: p} // what a link in a message says
			target := "/leads/" + string(k) + "/answer/" + string(p)
			page := b.get(target, rep("alex"), http.StatusOK)
			if seen := b.desk.Look(t.Context(), byLink, now); seen.State != answer.Open {
				t.Fatalf("the link can %s", seen.State)
			}
			to := b.submit(page, target, rep("alex"), http.StatusSeeOther, fill(p)...)
			again := b.submit(page, target, rep("alex"), http.StatusSeeOther, fill(p)...) // a second click
			if seen := b.desk.Look(t.Context(), byLink, now); seen.State != answer.Done {
				t.Errorf("after the page the link can %s", seen.State)
			}
			b.settle(k)
			if seen := b.desk.Look(t.Context(), byLink, now); seen.State != answer.Done {
				t.Errorf("after the decision the link can %s", seen.State)
			}
			said := b.said(k)
			if to != again || len(said) != 1 || said[0].ID != answer.SignalID(byLink) || said[0].Source != lead.Respond {
				t.Errorf("%s and %s, %+v", to, again, said)
			}
			b.get(to, rep("alex"), http.StatusOK)
		})
	}
}

// An answer from a link is done on the page.
func TestALinkAnswersForThePage(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	target := "/leads/" + string(k) + "/answer/contacted"
	page := b.get(target, rep("alex"), http.StatusOK)
	c := link.Claims{Lead: k, Handoff: 1, Rep: "alex", Purpose: link.Contacted}
	if res := b.desk.Act(t.Context(), b.desk.Look(t.Context(), c, now), answer.Form{"how": "email"}, now); res.State != answer.Recorded {
		t.Fatal(res.State)
	}
	b.submit(page, target, rep("alex"), http.StatusSeeOther, fill(link.Contacted)...)
	if said := b.said(k); len(said) != 1 || said[0].Attributes["how"] != "email" {
		t.Errorf("%+v", said)
	}
	b.says(b.get(target, rep("alex"), http.StatusOK), "Have you contacted them again?")
	b.submit(b.get(target, rep("alex"), http.StatusOK), target, rep("alex"), http.StatusSeeOther, fill(link.Contacted)...)
	if said := b.said(k); len(said) != 2 {
		t.Errorf("%+v", said)
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	path := "/leads/" + string(k) + "/answer/"
	page := b.get(path+"reject", rep("alex"), http.StatusOK)
	b.says(page, "Reject this lead?", "Why?", "Interested, but not now", "Back to nurture for 60 days; does not count for you")
	b.says(b.submit(page, path+"reject", rep("alex"), http.StatusUnprocessableEntity, "reason", "made_up"), "Please choose a reason.")
	forged := rep("alex")
	forged.Token = "of another session"
	b.says(b.submit(page, path+"reject", forged, http.StatusForbidden, "form_token", "a token of kim", "reason", "too_early"), "was not made for your session")
	ended := b.submit(page, path+"reject", access.Person{}, http.StatusUnauthorized, "reason", "too_early", "comment", "next year")
	b.says(ended, "Your session has ended", "nothing that you entered is lost")
	if !strings.Contains(ended, `value="next year"`) || !strings.Contains(ended, `name="field.handoff" value="1"`) {
		t.Errorf("the form is not kept: %s", ended)
	}
	b.get(path+"shrug", rep("alex"), http.StatusNotFound)
	b.get("/leads/"+string(k)+"x/answer/accept", rep("alex"), http.StatusGone)
	b.get("/leads/no-key/answer/accept", rep("alex"), http.StatusNotFound)
	b.submit(page, path+"reject", rep("alex"), http.StatusBadRequest, "handoff", "many")
	for _, who := range []access.Person{manager("sales"), webtest.Somebody(access.Marketer), rep("bo")} {
		b.get(path+"accept", who, http.StatusForbidden)
		b.submit(page, path+"accept", who, http.StatusForbidden)
	}
	if said := b.said(k); len(said) != 0 {
		t.Fatalf("%+v", said)
	}

	b.change(k, func(j *lead.Journey) {
		handTo(j, "bo", 2)
		j.Handoff.HadBy = []string{"alex", "bo"}
	})
	moved := b.submit(page, path+"reject", rep("alex"), http.StatusConflict, "reason", "too_early")
	b.says(moved, "This lead has moved on", "Nothing was changed")
	b.saysNot(moved, "Ada")
	if said := b.said(k); len(said) != 0 {
		t.Errorf("%+v", said)
	}
	b.says(b.get("/my?"+url.Values{"did": {"accept"}, "lead": {string(k)}, "handoff": {"2"}}.Encode(), rep("bo"), http.StatusOK), "New 1")
}

func TestAnswersOfPrograms(t *testing.T) {
	b := newBench(t)
	k := b.give("Ada", "alex")
	target := "/api/leads/" + string(k) + "/answers"
	doc := b.post(target, rep("alex"), `{"answer":"accept"}`, http.StatusOK)
	if doc["state"] != "recorded" || doc["title"] != "The lead is yours" || doc["next"] == nil {
		t.Errorf("%v", doc)
	}
	if doc := b.post(target, rep("alex"), `{"answer":"accept"}`, http.StatusOK); doc["state"] != "done" {
		t.Errorf("%v", doc)
	}
	if doc := b.post(target, rep("alex"), `{"answer":"reject","reason":"too_early"}`, http.StatusConflict); doc["code"] != "answered" {
		t.Errorf("%v", doc)
	}
	if doc := b.post(target, rep("alex"), `{"answer":"contacted","how":"pigeon"}`, http.StatusUnprocessableEntity); doc["detail"] != "Please say how you have contacted them." {
		t.Errorf("%v", doc)
	}
	b.post(target, rep("alex"), `{"answer":7}`, http.StatusBadRequest)
	b.post(target, rep("bo"), `{"answer":"accept"}`, http.StatusForbidden)
	b.post(target, operator(), `{"answer":"accept"}`, http.StatusForbidden)
	if said := b.said(k); len(said) != 1 || said[0].Type != signal.RepAccepted {
		t.Errorf("%+v", said)
	}
	b.later(time.Hour)
	if strings.Contains(b.logs.String(), "ada") || strings.Contains(b.logs.String(), "Ada") {
		t.Errorf("the log names somebody: %s", b.logs)
	}
}
