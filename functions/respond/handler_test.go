package main

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestLookingChangesNothing(t *testing.T) {
	b := newBench(t)
	for _, p := range purposes() {
		body := b.get(b.token(p), http.StatusOK)
		b.expect(body, "Ada", "Analytical Engines", `<form method="post">`, "&lt;b&gt;Byron")
		e := b.event("get.json", b.token(p))
		e.RequestContext.HTTP.Method = http.MethodHead
		if body := b.send(e, http.StatusOK); body != "" {
			t.Errorf("HEAD has a body: %s", body)
		}
	}
	b.expect(b.get(b.token(link.Accept), http.StatusOK), "Accept this lead?", "autofocus>Accept</button>",
		"<dt>Answer</dt><dd>by Mon 18 May, 10:30 (", "<dt>First contact</dt><dd>by Mon 18 May, 11:30 (", "Deadlines are by the clock in New York")
	b.expect(b.get(b.token(link.Reject), http.StatusOK), `<legend>Why?</legend>`, `name="reason" value="too_early" required`,
		"Back to nurture for 60 days; does not count for you", "Goes to the next rep", "No lead at all", "Your manager decides", ">Reject</button>")
	if n := b.answers(); n != 0 {
		t.Errorf("looking stored %d answers", n)
	}
}

func TestAcceptOnceThenContacted(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Accept)
	body := b.post(token, "", http.StatusOK)
	b.expect(body, "The lead is yours", "I have contacted them", "A meeting is set", "Snooze", "Comment", "mailto:ada@", "tel:", "<dt>First contact</dt><dd>by Mon 18 May, 11:30 (")
	b.expect(b.post(token, "", http.StatusOK), "accepted this lead already") // not applied yet
	b.apply("1.accept")
	b.expect(b.post(token, "", http.StatusOK), "accepted this lead already")
	b.expect(b.get(token, http.StatusOK), "accepted this lead already", "I have contacted them")
	s := b.stored("1.accept")
	if s.Type != signal.RepAccepted || s.Attributes["handoff"] != "1" || s.Attributes["rep"] != b.lead().Journey.Handoff.Rep || !s.ReceivedAt.Equal(monday.Add(5*time.Minute)) {
		t.Errorf("signal %+v", s)
	}
	if l := b.lead(); b.answers() != 1 || l.Journey.Stage != lead.Accepted {
		t.Errorf("%d answers, stage %s", b.answers(), l.Journey.Stage)
	}

	next := regexp.MustCompile(`href="/r/([^"]+)"`).FindStringSubmatch(body)
	if next == nil {
		t.Fatal("no link to the next step")
	}
	b.expect(b.get(next[1], http.StatusOK), "Have you contacted them?", "tel:")
	b.expect(b.post(next[1], "how=call", http.StatusOK), "First contact is recorded")
	b.apply("1.contacted")
	if got := b.stored("1.contacted").Attributes["how"]; got != "call" || b.lead().Journey.Stage != lead.Contacted {
		t.Errorf("how %q, stage %s", got, b.lead().Journey.Stage)
	}
	b.expect(b.post(next[1], "", http.StatusOK), "recorded already")
	b.expect(b.get(token, http.StatusOK), "I have contacted them again", "Give feedback")
	b.expect(b.post(b.token(link.Reject), "reason=not_a_fit", http.StatusConflict), "You have accepted this lead", "talk to your manager, Morgan Hale")
}

func TestRejectNeedsAReason(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Reject)
	b.expect(b.post(token, "reason=&comment=", http.StatusUnprocessableEntity), "Please choose a reason.", `name="reason"`)
	b.expect(b.post(token, "reason=made_up", http.StatusUnprocessableEntity), "Please choose a reason.")
	b.expect(b.post(token, "reason=other&comment=+", http.StatusUnprocessableEntity), "in a few words")
	b.expect(b.post(token, "reason=other&comment="+strings.Repeat("x", 1001), http.StatusUnprocessableEntity), "under 1000")
	b.expect(b.post(token, "%zz", http.StatusUnprocessableEntity), "cannot be read")
	b.expect(b.post(token, "comment="+strings.Repeat("x", answer.MostBody), http.StatusUnprocessableEntity), "cannot be read")
	if n := b.answers(); n != 0 {
		t.Fatalf("%d answers", n)
	}
	b.expect(b.post(token, "reason=other&comment=Moved+to+%3Cb%3EMars", http.StatusOK), "off your list", "What follows: goes to the next rep, or to your manager when none is left.")
	s := b.stored("1.reject")
	if s.Type != signal.RepRejected || s.Attributes["reason"] != "other" || s.Attributes["message"] != "Moved to <b>Mars" {
		t.Errorf("signal %+v", s)
	}
	b.expect(b.get(b.token(link.Accept), http.StatusConflict), "You have rejected this lead") // not applied yet
	accept := b.token(link.Accept)
	b.apply("1.reject")
	if h := b.lead().Journey.Holder(); h != nil && h.Number == 1 {
		t.Fatalf("handoff %+v", h)
	}
	b.expect(b.post(token, "reason=other&comment=again", http.StatusOK), "rejected this lead already")
	moved := b.post(accept, "", http.StatusConflict)
	b.expect(moved, "This lead has moved on")
	if strings.Contains(moved, "Ada") || b.answers() != 1 {
		t.Errorf("%d answers; a former holder sees %s", b.answers(), moved)
	}
	b.give("bo", 2)
	b.expect(b.post(b.token(link.Accept), "", http.StatusOK), "The lead is yours")
}

func TestRejectWithoutTheForm(t *testing.T) {
	b := newBench(t)
	b.post(b.token(link.Reject), "", http.StatusOK)
	if got := b.stored("1.reject").Attributes["reason"]; got != "unspecified" {
		t.Errorf("reason %q", got)
	}
}

func TestLinksThatDoNothing(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Accept)
	b.expect(b.post(token[:len(token)-4]+"AAAA", "", http.StatusForbidden), "This link does not work")
	b.expect(b.get("nonsense", http.StatusForbidden), "This link does not work")
	method := b.event("post.json", token)
	method.RequestContext.HTTP.Method = http.MethodDelete
	b.send(method, http.StatusMethodNotAllowed)
	broken := b.event("post.json", token)
	broken.Body = "%%%"
	b.send(broken, http.StatusUnprocessableEntity)
	gone, err := link.Sign(linkKey, link.Claims{Lead: "1nobody", Handoff: 1, Rep: "alex", Purpose: link.Accept, Expires: monday.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	b.expect(b.get(gone, http.StatusGone), "no longer here")
	b.post(gone, "", http.StatusGone)

	b.h.clock = clock.Fixed(monday.AddDate(0, 0, 7))
	b.expect(b.get(token, http.StatusGone), "This link has expired")
	b.expect(b.post(token, "", http.StatusGone), "This link has expired")
	if n := b.answers(); n != 0 {
		t.Errorf("%d answers", n)
	}
}

func TestTheTableIsAway(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Accept)
	b.h.desk.Table = away(t)

	b.expect(b.get(token, http.StatusServiceUnavailable), "Nothing was changed")
	b.expect(b.post(token, "", http.StatusAccepted), "Your answer is kept")
	if len(b.parked) != 1 {
		t.Fatalf("parked %v", b.parked)
	}
	b.unpark()
	b.apply("1.accept")
	if l := b.lead(); l.Journey.Stage != lead.Accepted {
		t.Errorf("stage %s", l.Journey.Stage)
	}

	b.h.desk.Park = func(context.Context, ...string) error { return fault.New(fault.Unavailable, "away too") }
	out, err := b.h.handle(t.Context(), b.event("post.json", token))
	if err != nil || out.StatusCode != http.StatusServiceUnavailable || out.Headers["Retry-After"] == "" {
		t.Errorf("got %+v, %v", out, err)
	}
	b.h.desk.keys = func(context.Context, time.Time) ([]string, error) {
		return nil, fault.New(fault.Unavailable, "no keys")
	}
	b.post(token, "", http.StatusServiceUnavailable)
}

func TestPrograms(t *testing.T) {
	b := newBench(t)
	request := func(token, method, body string, want int) map[string]any {
		e := b.event("post.json", token)
		e.Headers = map[string]string{"Accept": "application/json", "Content-Type": "application/json; charset=utf-8"}
		e.RequestContext.HTTP.Method, e.Body, e.IsBase64Encoded = method, body, false
		e.PathParameters = nil
		var doc map[string]any
		if err := json.Unmarshal([]byte(b.send(e, want)), &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	reject := b.token(link.Reject)
	if doc := request(reject, http.MethodGet, "", http.StatusOK); doc["state"] != "open" || doc["purpose"] != "reject" || doc["lead"] == nil {
		t.Errorf("got %v", doc)
	}
	if doc := request(reject, http.MethodPost, `{"reason":"nonsense"}`, http.StatusUnprocessableEntity); doc["code"] != "invalid" || doc["request_id"] == "" {
		t.Errorf("got %v", doc)
	}
	request(reject, http.MethodPost, `[]`, http.StatusUnprocessableEntity)
	doc := request(b.token(link.Accept), http.MethodPost, "", http.StatusOK)
	if next, ok := doc["next"].(string); !ok || doc["state"] != "recorded" || !strings.HasPrefix(next, "/r/") {
		t.Errorf("got %v", doc)
	}
	if doc := request(reject, http.MethodPost, `{"reason":"no_time"}`, http.StatusConflict); doc["status"] != float64(409) || doc["code"] != "answered" {
		t.Errorf("got %v", doc)
	}
}

func TestLogsKeepSecrets(t *testing.T) {
	b := newBench(t)
	token := b.token(link.Reject)
	b.get(token, http.StatusOK)
	b.post(token, "reason=other&comment=secret+words", http.StatusOK)
	b.post(token+"x", "", http.StatusForbidden)
	text := b.logs.String()
	for _, secret := range []string{token, token[:20], "ada@", "Ada", "Byron", "secret words", "7946"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in the log: %s", secret, text)
		}
	}
	b.expect(text, `"msg":"link.answered"`, `"lead":"`+string(b.key)+`"`, `"outcome":"recorded"`, `"outcome":"link_invalid"`)
	if n := strings.Count(text, "\n"); n != 3 {
		t.Errorf("%d lines for 3 requests", n)
	}
}
