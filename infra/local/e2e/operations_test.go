package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// letters are what GET /api/dead-letters says of a place.
func (w world) letters(place string) (all []struct{ ID, What, Type, Lead, Event, Why string }) {
	w.t.Helper()
	var got struct {
		Letters []struct{ ID, What, Type, Lead, Event, Why string }
	}
	w.must(w.JSON(w.t.Context(), "/api/dead-letters?place="+place, &got))
	return got.Letters
}

// post sends a form, as a page does, or JSON for an API.
func (w world) post(path, kind, body string) stack.Reply {
	w.t.Helper()
	r, err := w.Do(w.t.Context(), http.MethodPost, path, map[string]string{"Content-Type": kind}, []byte(body))
	w.must(err)
	if !r.OK() {
		w.t.Fatalf("POST %s answered %d: %s", path, r.Status, r.Body)
	}
	return r
}

func (w world) page(path string) string {
	w.t.Helper()
	r, err := w.Do(w.t.Context(), http.MethodGet, path, map[string]string{"Accept": "text/html"}, nil)
	w.must(err)
	if r.Status != http.StatusOK {
		w.t.Fatalf("GET %s answered %d: %s", path, r.Status, r.Body)
	}
	return string(r.Body)
}

// force puts a policy into force without its being checked, as nobody should.
func (w world) force(yaml []byte) {
	w.t.Helper()
	now, err := w.Now(w.t.Context())
	w.must(err)
	w.must(w.table().PutPolicy(w.t.Context(), policy.VersionOf(yaml), yaml, now))
	w.must(w.MoveTo(w.t.Context(), now.Add(2*time.Minute))) // functions use what they have read for a minute
}

// mailsOf counts the e-mails about a lead's handoff.
func (w world) mailsOf(l stack.Lead) (mails, others int) {
	w.t.Helper()
	for _, m := range w.messages(l, "lead.handed_off") {
		if m.Channel == "email" {
			mails++
		} else {
			others++
		}
	}
	return mails, others
}

// A message that cannot be told is given up; the operator sees it with its
// reason, repairs what it says, sends it back, and it is told. The channels
// that took it get it no second time.
func TestAFailureIsSeenRepairedAndSentBack(t *testing.T) {
	w := start(t)
	monday := w.moveToMondayMorning()
	whole := policy.Default()
	broken := bytes.ReplaceAll(whole, []byte("email: "), []byte("mail: "))
	w.force(broken)
	w.send(stack.Typeform(person(1, "typeform"), "Request a demo", "ops-1", monday))
	w.idle()
	l := w.find(person(1, "typeform").Email)
	given := w.letters("notify")
	if len(given) != 1 || given[0].Lead != l.Key || given[0].Type != "lead.handed_off" || !strings.Contains(given[0].Why, "no e-mail address of rep:") {
		t.Fatalf("given up: %+v", given)
	}
	if mails, others := w.mailsOf(l); mails != 0 || others == 0 {
		t.Fatalf("%d mails and %d other messages", mails, others)
	}
	for _, path := range []string{"/operations", "/deliveries?state=given_up"} {
		if seen := w.page(path); !strings.Contains(seen, "no e-mail address of rep:") || !strings.Contains(seen, "/leads/"+l.Key) {
			t.Errorf("%s does not say what failed and why:\n%s", path, seen)
		}
	}
	_, before := w.mailsOf(l)
	form := "application/x-www-form-urlencoded"
	w.post("/operations/retry", form, url.Values{"place": {"notify"}, "id": {given[0].ID}}.Encode())
	w.idle()
	if again := w.letters("notify"); len(again) != 1 || again[0].Event != given[0].Event {
		t.Fatalf("what is not repaired must come to lie there again: %+v", again)
	}
	w.force(whole)
	if r := w.post("/operations/retry", form, url.Values{"place": {"notify"}, "all": {"1"}}.Encode()); r.Status != http.StatusSeeOther {
		t.Errorf("the form answers %d", r.Status)
	}
	w.idle()
	if mails, others := w.mailsOf(l); mails != 1 || others != before {
		t.Errorf("%d mails and %d other messages, want one and %d", mails, others, before)
	}
	if left := w.letters("notify"); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
	var accepted struct {
		Deliveries []struct{ Channel, State, Lead string }
	}
	w.must(w.JSON(t.Context(), "/api/deliveries?state=accepted", &accepted))
	if len(accepted.Deliveries) != 1+before {
		t.Errorf("accepted: %+v", accepted.Deliveries)
	}
	w.post("/api/deliveries/retry", "application/json", `{"event":"`+given[0].Event+`"}`)
	w.idle()
	if mails, others := w.mailsOf(l); mails != 1 || others != before {
		t.Errorf("after telling of it again: %d mails and %d other messages, want no more", mails, others)
	}
}

// Records of the stream that were given up go back by their kind: a signal is
// decided about, and events are published with the ids that they have.
func TestRecordsOfTheStreamAreSentBack(t *testing.T) {
	w := start(t)
	monday := w.moveToMondayMorning()
	w.send(stack.Typeform(person(1, "typeform"), "Request a demo", "ops-2", monday))
	w.idle()
	l := w.find(person(1, "typeform").Email)
	key := signal.LeadKey(l.Key)
	entries, _, err := w.table().Timeline(t.Context(), key, "", 1)
	w.must(err)
	w.abandon("decide", "SIG#typeform#ops-2", l.Key, map[string]any{})
	w.abandon("publish", "LOG#000000000001", l.Key, entries[0])
	lost := w.letters("stream")
	if len(lost) != 2 || lost[0].Lead != l.Key || lost[1].Lead != l.Key {
		t.Fatalf("lost: %+v", lost)
	}
	before, err := w.Events(t.Context(), l.Key)
	w.must(err)
	messages, err := w.Outbox(t.Context(), l.Key)
	w.must(err)
	w.post("/api/dead-letters/retry", "application/json", `{"place":"stream","all":true}`)
	w.idle()
	if left := w.letters("stream"); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
	after, err := w.Events(t.Context(), l.Key)
	w.must(err)
	if len(after) != len(before)+len(entries[0].Entries) {
		t.Errorf("%d events after %d, want the %d of the entry once more", len(after), len(before), len(entries[0].Entries))
	}
	if told, err := w.Outbox(t.Context(), l.Key); err != nil || len(told) != len(messages) {
		t.Errorf("%d messages after %d, %v; nobody is told twice", len(told), len(messages), err)
	}
	if now := w.find(l.Email); now.Version != l.Version {
		t.Errorf("the lead is at version %d after %d: a signal counted twice", now.Version, l.Version)
	}
}

// abandon leaves a record in the bucket as Lambda does after its last try.
func (w world) abandon(function, sk, lead string, doc any) {
	w.t.Helper()
	text := func(s string) any { return map[string]string{"S": s} }
	encode := func(v any) string {
		b, err := json.Marshal(v)
		w.must(err)
		return string(b)
	}
	image := map[string]any{"pk": text("LEAD#" + lead), "sk": text(sk), "doc": text(encode(doc))}
	payload := encode(map[string]any{"Records": []any{map[string]any{"eventName": "INSERT", "dynamodb": map[string]any{"SequenceNumber": "1", "NewImage": image}}}})
	object := encode(map[string]any{
		"requestContext": map[string]any{"functionArn": "arn:aws:lambda:us-east-1:0:function:" + function, "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 11},
		"timestamp":      "2026-03-02T09:00:00Z", "payload": payload,
	})
	dir := filepath.Join(filepath.Dir(w.logs), "dead-letters", function)
	w.must(os.MkdirAll(dir, 0o750))
	w.must(os.WriteFile(filepath.Join(dir, "lost.json"), []byte(object), 0o600))
}

