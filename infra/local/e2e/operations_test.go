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

	"github.com/google/go-cmp/cmp"

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

// untold sends a lead whose rep has no address, and returns the event of which
// the mail was given up.
func (w world) untold(id string, monday time.Time) (l stack.Lead, letter, event string) {
	w.t.Helper()
	w.force(bytes.ReplaceAll(policy.Default(), []byte("email: "), []byte("mail: ")))
	w.send(stack.Typeform(person(1, "typeform"), "Request a demo", id, monday))
	w.idle()
	l = w.find(person(1, "typeform").Email)
	given := w.letters("notify")
	if len(given) != 1 || given[0].Lead != l.Key || given[0].Type != "lead.handed_off" || !strings.Contains(given[0].Why, "no e-mail address of rep:") {
		w.t.Fatalf("given up: %+v", given)
	}
	return l, given[0].ID, given[0].Event
}

// toldOf checks how many mails and other messages about a lead's handoff there are.
func (w world) toldOf(when string, l stack.Lead, mails, others int) {
	w.t.Helper()
	if m, o := w.mailsOf(l); m != mails || o != others {
		w.t.Errorf("%s: %d mails and %d other messages, want %d and %d", when, m, o, mails, others)
	}
}

// accepted counts the deliveries of an event that were accepted, by channel.
func (w world) accepted(event string) map[string]int {
	w.t.Helper()
	var got struct {
		Deliveries []struct{ Event, Channel string }
	}
	w.must(w.JSON(w.t.Context(), "/api/deliveries?state=accepted", &got))
	channels := map[string]int{}
	for _, d := range got.Deliveries {
		if d.Event == event {
			channels[d.Channel]++
		}
	}
	return channels
}

// A message that cannot be told is given up; the operator sees it with its
// reason, repairs what it says, sends it back, and it is told. The channels
// that took it get it no second time.
func TestAFailureIsSeenRepairedAndSentBack(t *testing.T) {
	w := start(t)
	l, letter, event := w.untold("ops-1", w.moveToMondayMorning())
	for _, path := range []string{"/operations", "/deliveries?state=given_up"} {
		if seen := w.page(path); !strings.Contains(seen, "no e-mail address of rep:") || !strings.Contains(seen, "/leads/"+l.Key) {
			t.Errorf("%s does not say what failed and why:\n%s", path, seen)
		}
	}
	w.toldOf("before the repair", l, 0, 2)
	const form = "application/x-www-form-urlencoded"
	w.post("/operations/retry", form, url.Values{"place": {"notify"}, "id": {letter}}.Encode())
	w.idle()
	if again := w.letters("notify"); len(again) != 1 || again[0].Event != event {
		t.Fatalf("what is not repaired must come to lie there again: %+v", again)
	}
	w.force(policy.Default())
	if r := w.post("/operations/retry", form, url.Values{"place": {"notify"}, "all": {"1"}}.Encode()); r.Status != http.StatusSeeOther {
		t.Errorf("the form answers %d", r.Status)
	}
	w.idle()
	w.toldOf("after the repair", l, 1, 2)
	if left := w.letters("notify"); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
	if diff := cmp.Diff(map[string]int{"slack": 1, "email": 1, "webhook": 1}, w.accepted(event)); diff != "" {
		t.Errorf("accepted (-want +got):\n%s", diff)
	}
	w.post("/api/deliveries/retry", "application/json", `{"event":"`+event+`"}`)
	w.idle()
	w.toldOf("after telling of it again", l, 1, 2)
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
