package deadletter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
	"github.com/handoff-oss/handoff/infra/local/awsapi"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/deadletter"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const bucketName = "stream-dead-letters"

// stage is an office in front of emulated queues and a bucket.
type stage struct {
	*deadletter.Office
	t      *testing.T
	clock  *hosttest.Time
	queues *queue.Queues
	folder string // of the bucket
	refuse string // an operation that the services refuse

	mu     sync.Mutex
	asked  []string // operations, in order
	events []string // ids that the bus took
	signal map[table.SignalRef]signal.Signal
}

func open(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, clock: hosttest.Start(), folder: filepath.Join(t.TempDir(), bucketName), signal: map[table.SignalRef]signal.Signal{}}
	var all []cfn.Queue
	queues := map[deadletter.Place]deadletter.Queue{}
	for _, p := range []deadletter.Place{deadletter.Park, deadletter.Retry, deadletter.Fetch, deadletter.Notify, deadletter.Rule, deadletter.Schedule} {
		q := deadletter.Queue{DeadLetters: "http://q/0/" + string(p) + "-dead", BackTo: "http://q/0/" + string(p)}
		switch p { //nolint:exhaustive // the others go back to their own
		case deadletter.Rule:
			q.BackTo = "http://q/0/notify"
		case deadletter.Schedule:
			q.BackTo = ""
		}
		queues[p] = q
		for _, name := range []string{string(p), string(p) + "-dead"} {
			all = append(all, cfn.Queue{ID: name, Name: name, ARN: "arn:aws:sqs:::" + name, Retention: 14 * 24 * time.Hour, Visibility: time.Minute})
		}
	}
	var err error
	s.queues, err = queue.Open(hosttest.DB(t, ""), all, s.clock.Now, func() {})
	if err != nil {
		t.Fatal(err)
	}
	api := awsapi.API{Queues: s.queues, Buckets: map[string]string{bucketName: s.folder}, Log: hosttest.Log()}
	server := httptest.NewServer(s.listening(api.Handler()))
	t.Cleanup(server.Close)
	cfg := engine.Config(server.URL)
	cfg.RetryMaxAttempts = 1
	s.Office = deadletter.New(sqs.NewFromConfig(cfg), queues, deadletter.NewBucket(cfg, bucketName, time.Now), s, s.stored)
	return s
}

// listening notes each call, and refuses what the test says.
func (s *stage) listening(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
		if name == "" {
			name = r.Method + " object"
		}
		s.mu.Lock()
		s.asked = append(s.asked, name)
		refused := s.refuse == name
		s.mu.Unlock()
		if refused {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *stage) Put(_ context.Context, all []contract.Event) []bus.Failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range all {
		s.events = append(s.events, e.ID)
	}
	return nil
}

func (s *stage) stored(_ context.Context, r table.SignalRef) (signal.Signal, error) {
	found, ok := s.signal[r]
	if !ok {
		return found, fault.New(fault.NotFound, "no such signal")
	}
	return found, nil
}

// put sends a message to a queue.
func (s *stage) put(name, body string, attributes map[string]string) string {
	s.t.Helper()
	q, err := s.queues.Get(name)
	if err != nil {
		s.t.Fatal(err)
	}
	m := queue.Outgoing{Body: body, Delay: -1, Attributes: map[string]queue.Attribute{}}
	for name, v := range attributes {
		m.Attributes[name] = queue.Attribute{Type: "String", Text: v}
	}
	sent, err := q.Send(m)
	if err != nil {
		s.t.Fatal(err)
	}
	return sent[0].ID
}

// bodies takes all that can be received from a queue.
func (s *stage) bodies(name string) []string {
	s.t.Helper()
	q, err := s.queues.Get(name)
	if err != nil {
		s.t.Fatal(err)
	}
	got, err := q.Receive(1000, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, m := range got {
		all = append(all, m.Body)
	}
	return all
}

func (s *stage) object(key, body string) {
	s.t.Helper()
	file := filepath.Join(s.folder, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestLookingTakesNothingAway(t *testing.T) {
	s := open(t)
	for i := range 23 {
		s.put("notify-dead", fmt.Sprintf(`{"n":%d}`, i), nil)
	}
	for _, most := range []int{5, 10, 50, 50} {
		got, err := s.Peek(t.Context(), deadletter.Notify, most)
		s.must(err)
		ids := map[string]bool{}
		for _, l := range got {
			ids[l.ID] = true
		}
		if len(got) != min(most, 23) || len(ids) != len(got) {
			t.Errorf("%d letters of %d asked for, %d of them different", len(got), most, len(ids))
		}
		count, err := s.Count(t.Context(), deadletter.Notify)
		if err != nil || count.Letters != 23 || count.Held != 0 {
			t.Errorf("after a look: %+v %v", count, err)
		}
	}
	if slices.Contains(s.asked, "DeleteMessage") {
		t.Error("a look deletes")
	}
}

func TestAnEmptyPlaceIsEmpty(t *testing.T) {
	s := open(t)
	for _, p := range deadletter.Places() {
		got, err := s.Peek(t.Context(), p, 10)
		if err != nil || len(got) != 0 {
			t.Errorf("%s: %v %v", p, got, err)
		}
		if p.Advice().Title == "" || p.Advice().Todo == "" {
			t.Errorf("%s: nothing is said about it", p)
		}
	}
	if _, err := s.Peek(t.Context(), "attic", 10); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a place that is not there: %v", err)
	}
}

func TestARetryGoesToWhereItIsWorkedOff(t *testing.T) {
	for place, target := range map[deadletter.Place]string{
		deadletter.Park: "park", deadletter.Retry: "retry", deadletter.Fetch: "fetch", deadletter.Notify: "notify", deadletter.Rule: "notify",
	} {
		s := open(t)
		s.put(string(place)+"-dead", `{"pk":"LEAD#1a","sk":"SIG#typeform#1"}`, nil)
		id := s.put(string(place)+"-dead", "the other", nil)
		if _, err := s.RetryOne(t.Context(), place, id); err != nil {
			t.Fatalf("%s: %v", place, err)
		}
		if got := s.bodies(target); len(got) != 1 || got[0] != "the other" {
			t.Errorf("%s: sent %q", place, got)
		}
		if got := s.bodies(string(place) + "-dead"); len(got) != 1 || got[0] == "the other" {
			t.Errorf("%s: left %q", place, got)
		}
		if sent, gone := slices.Index(s.asked, "SendMessage"), slices.Index(s.asked, "DeleteMessage"); sent < 0 || gone < sent {
			t.Errorf("%s: the letter was removed before it was sent: %v", place, s.asked)
		}
		if _, err := s.RetryOne(t.Context(), place, id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: a letter that is gone: %v", place, err)
		}
	}
}

func TestMissedRunsAreDiscardedOnly(t *testing.T) {
	s := open(t)
	id := s.put("schedule-dead", "{}", nil)
	if _, err := s.RetryOne(t.Context(), deadletter.Schedule, id); fault.KindOf(err) != fault.Invalid {
		t.Errorf("retry: %v", err)
	}
	if _, err := s.Retry(t.Context(), deadletter.Schedule, 10); fault.KindOf(err) != fault.Invalid {
		t.Errorf("retry all: %v", err)
	}
	if _, err := s.DiscardOne(t.Context(), deadletter.Schedule, id); err != nil || len(s.bodies("schedule-dead")) != 0 {
		t.Errorf("discard: %v", err)
	}
}

func TestAllAreSentBackInSteps(t *testing.T) {
	s := open(t)
	const all = 2*deadletter.MostAtOnce + 30
	for i := range all {
		s.put("park-dead", fmt.Sprintf("%d", i), nil)
	}
	done := 0
	for _, left := range []int{all - deadletter.MostAtOnce, 30, 0} {
		got, err := s.Retry(t.Context(), deadletter.Park, 1000)
		s.must(err)
		done += got.Done
		if got.Left != left || len(got.Failed) != 0 {
			t.Errorf("after %d: %+v, want %d left", done, got, left)
		}
	}
	sent := s.bodies("park")
	slices.Sort(sent)
	if len(sent) != all || len(slices.Compact(sent)) != all {
		t.Errorf("%d sent of %d, or some twice", len(sent), all)
	}
}

// Nothing is lost when something fails between the steps, and what was sent
// already may be sent again.
func TestNothingIsLostBetweenSendingAndRemoving(t *testing.T) {
	for _, step := range []string{"SendMessage", "DeleteMessage"} {
		s := open(t)
		id := s.put("notify-dead", "a letter", nil)
		s.refuse = step
		if _, err := s.RetryOne(t.Context(), deadletter.Notify, id); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("%s: %v", step, err)
		}
		got, err := s.Retry(t.Context(), deadletter.Notify, 10)
		if err != nil || got.Done != 0 || len(got.Failed) != 1 || got.Left != 1 {
			t.Errorf("%s: %+v %v", step, got, err)
		}
		s.refuse = ""
		if _, err := s.RetryOne(t.Context(), deadletter.Notify, id); err != nil {
			t.Fatalf("%s: after the repair: %v", step, err)
		}
		if sent := s.bodies("notify"); len(sent) == 0 || len(s.bodies("notify-dead")) != 0 {
			t.Errorf("%s: sent %q", step, sent)
		}
	}
}

// A process that dies while it holds letters gives them back by itself.
func TestLettersOfADeadProcessComeBack(t *testing.T) {
	s := open(t)
	id := s.put("notify-dead", "a letter", nil)
	s.refuse = "ChangeMessageVisibilityBatch"
	_, err := s.Peek(t.Context(), deadletter.Notify, 10)
	s.must(err)
	if _, err := s.Find(t.Context(), deadletter.Notify, id); fault.KindOf(err) != fault.NotFound {
		t.Errorf("while it is held: %v", err)
	}
	s.clock.Add(time.Minute)
	if l, err := s.Find(t.Context(), deadletter.Notify, id); err != nil || l.Body != "a letter" {
		t.Errorf("afterwards: %+v %v", l, err)
	}
}

// record is a record of the stream, in the form of Lambda's.
func record(sk string, doc any) map[string]any {
	text := func(v string) any { return map[string]string{"S": v} }
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) //nolint:forbidigo // a test's own data
	}
	return map[string]any{
		"eventName": "INSERT",
		"dynamodb": map[string]any{
			"SequenceNumber": "1", "Keys": map[string]any{"pk": text("LEAD#1a"), "sk": text(sk)},
			"NewImage": map[string]any{"pk": text("LEAD#1a"), "sk": text(sk), "doc": text(string(b))},
		},
	}
}

// given is an object as Lambda leaves it.
func given(t *testing.T, function string, records ...map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(map[string]any{
		"requestContext": map[string]any{"functionArn": "arn:aws:lambda:eu-west-1:1:function:" + function + ":live", "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 11},
		"version":        "1.0", "timestamp": "2026-03-02T08:00:00.123Z", "payload": string(payload),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func signals(ids ...string) []map[string]any {
	var all []map[string]any
	for _, id := range ids {
		all = append(all, record("SIG#typeform#"+id, signal.Signal{Source: "typeform", ID: id, Type: signal.FormSubmitted, Identity: signal.Identity{Email: "ada@engines.example"}}))
	}
	return all
}

func decided() map[string]any {
	e := contract.Event{Lead: "1a", Type: contract.LeadCreated}
	first, second := e, e
	first.ID, second.ID = contract.EventID("1a", 7, 0), contract.EventID("1a", 7, 1)
	return record("LOG#000000000007", map[string]any{"key": "1a", "version": 7, "entries": []contract.Event{first, second}})
}

func TestRecordsOfTheStreamGoBackByTheirKind(t *testing.T) {
	const key = "aws/lambda/0b1c/shardId-1/2026-03-02T08.00.00-a b+c=ü.json"
	s := open(t)
	s.object(key, given(t, "decide", signals("1", "2")...))
	s.object("aws/lambda/publish.json", given(t, "publish", decided()))
	s.object("garbage.json", "{")
	all, err := s.Peek(t.Context(), deadletter.Stream, 10)
	s.must(err)
	byKey := map[string]deadletter.Letter{}
	for _, l := range all {
		byKey[l.ID] = l
	}
	if l := byKey[key]; l.What != "2 signals, the first of typeform" || l.Lead != "1a" || l.Type != "form.submitted" || l.Tries != 11 ||
		!strings.HasPrefix(l.Reason, "decide failed in every try") || !l.At.Equal(time.Date(2026, 3, 2, 8, 0, 0, 123e6, time.UTC)) {
		t.Errorf("%+v", l)
	}
	if l := byKey["aws/lambda/publish.json"]; l.What != "2 events" || l.Event != "1a.7.0" || l.Count != 2 {
		t.Errorf("%+v", l)
	}
	got, err := s.Retry(t.Context(), deadletter.Stream, 10)
	if err != nil || got.Done != 2 || got.Left != 1 || len(got.Failed) != 1 || got.Failed[0].ID != "garbage.json" {
		t.Fatalf("%+v %v", got, err)
	}
	sent := s.bodies("retry")
	slices.Sort(sent)
	if diff := cmp.Diff([]string{`{"pk":"LEAD#1a","sk":"SIG#typeform#1"}`, `{"pk":"LEAD#1a","sk":"SIG#typeform#2"}`}, sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1a.7.0", "1a.7.1"}, s.events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if _, err := s.DiscardOne(t.Context(), deadletter.Stream, "garbage.json"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RetryOne(t.Context(), deadletter.Stream, "garbage.json"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an object that is gone: %v", err)
	}
}

func TestAnObjectStaysUntilItsRecordsAreSent(t *testing.T) {
	for _, step := range []string{"SendMessage", "DELETE object"} {
		s := open(t)
		s.object("a.json", given(t, "decide", signals("1")...))
		s.refuse = step
		if _, err := s.RetryOne(t.Context(), deadletter.Stream, "a.json"); fault.KindOf(err) != fault.Unavailable {
			t.Fatalf("%s: %v", step, err)
		}
		s.refuse = ""
		if _, err := s.RetryOne(t.Context(), deadletter.Stream, "a.json"); err != nil || len(s.bodies("retry")) == 0 {
			t.Errorf("%s: after the repair: %v", step, err)
		}
	}
}

func TestOnlyTheBucketsFilesAreReached(t *testing.T) {
	s := open(t)
	s.object("a.json", "{}")
	s.must(os.WriteFile(filepath.Join(filepath.Dir(s.folder), "secret"), []byte("x"), 0o600))
	if l, err := s.Find(t.Context(), deadletter.Stream, "../secret"); err == nil {
		t.Errorf("%+v", l)
	}
}
