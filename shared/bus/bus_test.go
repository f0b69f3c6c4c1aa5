package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
)

var at = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// wireEntry is one entry of a PutEvents request as EventBridge documents it.
type wireEntry struct {
	EventBusName, Source, DetailType, Detail string
	Time                                     float64
}

// eventBridge answers PutEvents as EventBridge does. answer returns the error
// code of an entry in the n-th request (from 1), "" to take it, or the code of
// the whole request when it begins with "!".
type eventBridge struct {
	answer func(n int, id string) string

	mu       sync.Mutex
	requests [][]wireEntry
	taken    []string // ids in order of arrival
}

func (s *eventBridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ Entries []wireEntry }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "AWSEvents.PutEvents" {
		http.Error(w, `{"__type":"ValidationException"}`, http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, in.Entries)
	type result struct {
		EventID                 string `json:"EventId"`
		ErrorCode, ErrorMessage string
	}
	out := struct {
		FailedEntryCount int
		Entries          []result
	}{}
	for _, e := range in.Entries {
		var event contract.Event
		if err := json.Unmarshal([]byte(e.Detail), &event); err != nil {
			out.Entries = append(out.Entries, result{ErrorCode: "MalformedDetail"})
			continue
		}
		code := ""
		if s.answer != nil {
			code = s.answer(len(s.requests), event.ID)
		}
		if whole, ok := strings.CutPrefix(code, "!"); ok {
			w.Header().Set("X-Amzn-Errortype", whole)
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"__type":%q}`, whole)
			return
		}
		if code != "" {
			out.FailedEntryCount++
			out.Entries = append(out.Entries, result{ErrorCode: code, ErrorMessage: "as the test wants it"})
			continue
		}
		s.taken = append(s.taken, event.ID)
		out.Entries = append(out.Entries, result{EventID: "eb-" + event.ID})
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(out)
}

func start(t *testing.T, answer func(n int, id string) string) (*Bus, *eventBridge, *[]time.Duration) {
	t.Helper()
	fake := &eventBridge{answer: answer}
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	client := eventbridge.New(eventbridge.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
	b := New(client, "handoff-bus")
	var waits []time.Duration
	b.wait = func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		return ctx.Err()
	}
	return b, fake, &waits
}

func events(n int) []contract.Event {
	out := make([]contract.Event, n)
	for i := range out {
		out[i] = contract.Event{ID: fmt.Sprintf("1lead.%d.0", i), Type: contract.LeadCreated, Time: at.Add(time.Duration(i) * time.Second), Lead: "1lead", Summary: "A new lead."}
	}
	return out
}

func ids(events []contract.Event) []string {
	out := make([]string, len(events))
	for i, e := range events {
		out[i] = e.ID
	}
	return out
}

func TestPutSendsEachEventInOrderAndInFewRequests(t *testing.T) {
	for _, tc := range []struct{ events, requests int }{{0, 0}, {1, 1}, {10, 1}, {11, 2}, {95, 10}} {
		b, fake, _ := start(t, nil)
		sent := events(tc.events)
		if failed := b.Put(t.Context(), sent); len(failed) > 0 {
			t.Fatalf("%d events: %v", tc.events, failed)
		}
		if len(fake.requests) != tc.requests {
			t.Errorf("%d events: %d requests, want %d", tc.events, len(fake.requests), tc.requests)
		}
		if diff := cmp.Diff(ids(sent), append([]string{}, fake.taken...)); diff != "" {
			t.Errorf("%d events (-sent +taken):\n%s", tc.events, diff)
		}
	}
}

func TestPutFillsTheEnvelope(t *testing.T) {
	b, fake, _ := start(t, nil)
	e := events(1)[0]
	if failed := b.Put(t.Context(), []contract.Event{e}); len(failed) > 0 {
		t.Fatal(failed)
	}
	got := fake.requests[0][0]
	var detail contract.Event
	if err := json.Unmarshal([]byte(got.Detail), &detail); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, detail); diff != "" {
		t.Errorf("detail (-want +got):\n%s", diff)
	}
	got.Detail = ""
	want := wireEntry{EventBusName: "handoff-bus", Source: "handoff", DetailType: "lead.created", Time: float64(at.Unix())}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
}

func TestPutStaysBelowTheSizeOfARequest(t *testing.T) {
	b, fake, _ := start(t, nil)
	sent := events(9)
	for i := range sent {
		sent[i].Summary = strings.Repeat("x", 60<<10)
	}
	sent[4].Summary = strings.Repeat("x", maxBytes)
	failed := b.Put(t.Context(), sent)
	if len(failed) != 1 || failed[0].Index != 4 || fault.KindOf(failed[0].Err) != fault.Invalid {
		t.Fatalf("failed: %v, want the oversized event alone", failed)
	}
	for i, r := range fake.requests {
		size := 0
		for _, e := range r {
			size += 14 + len(e.Source) + len(e.DetailType) + len(e.Detail)
		}
		if size >= maxBytes {
			t.Errorf("request %d has %d bytes", i, size)
		}
	}
	if len(fake.requests) != 2 || len(fake.taken) != 8 {
		t.Errorf("%d requests took %d events, want 2 and 8", len(fake.requests), len(fake.taken))
	}
}

func TestPutTriesOnlyWhatWasRefused(t *testing.T) {
	b, fake, waits := start(t, func(n int, id string) string {
		switch {
		case n == 1 && (id == "1lead.1.0" || id == "1lead.3.0"):
			return "ThrottlingException"
		case n == 2 && id == "1lead.3.0":
			return "InternalFailure"
		case id == "1lead.2.0":
			return "MalformedDetail"
		}
		return ""
	})
	failed := b.Put(t.Context(), events(5))
	if len(failed) != 1 || failed[0].Index != 2 || fault.KindOf(failed[0].Err) != fault.Invalid {
		t.Errorf("failed: %v, want event 2 for good", failed)
	}
	want := []string{"1lead.0.0", "1lead.4.0", "1lead.1.0", "1lead.3.0"}
	if diff := cmp.Diff(want, fake.taken); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	if len(*waits) != 2 || (*waits)[0] < firstWait/2 || (*waits)[0] > firstWait || (*waits)[1] < firstWait || (*waits)[1] > 2*firstWait {
		t.Errorf("waited %v", *waits)
	}
}

func TestPutGivesUpAndGoesOn(t *testing.T) {
	b, fake, waits := start(t, func(_ int, id string) string {
		if id == "1lead.3.0" {
			return "ThrottlingException"
		}
		return ""
	})
	failed := b.Put(t.Context(), events(12))
	if len(failed) != 1 || failed[0].Index != 3 || fault.KindOf(failed[0].Err) != fault.Unavailable {
		t.Errorf("failed: %v, want event 3 for now", failed)
	}
	if len(fake.taken) != 11 || len(*waits) != tries-1 {
		t.Errorf("%d taken after %d waits, want 11 after %d", len(fake.taken), len(*waits), tries-1)
	}
}

func TestPutStopsWhenNobodyAnswers(t *testing.T) {
	b, fake, _ := start(t, func(n int, _ string) string {
		if n >= 2 {
			return "!ThrottlingException"
		}
		return ""
	})
	failed := b.Put(t.Context(), events(30))
	if len(failed) != 20 || failed[0].Index != 10 || failed[19].Index != 29 {
		t.Fatalf("%d failed: %v, want events 10 to 29", len(failed), failed)
	}
	for _, f := range failed {
		if fault.KindOf(f.Err) != fault.Unavailable {
			t.Errorf("event %d: %v", f.Index, f.Err)
		}
	}
	if len(fake.requests) != 2 {
		t.Errorf("%d requests, want 2: what follows a refused request is not tried", len(fake.requests))
	}
}

func TestPutEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b, fake, _ := start(t, func(int, string) string {
		cancel()
		return "ThrottlingException"
	})
	failed := b.Put(ctx, events(3))
	if len(failed) != 3 || len(fake.requests) != 1 {
		t.Errorf("%d failed after %d requests, want 3 after 1", len(failed), len(fake.requests))
	}
}

func TestBackoffIsCappedAndJittered(t *testing.T) {
	for try := 1; try < 40; try++ {
		full := maxWait
		if try <= 5 {
			full = min(firstWait<<(try-1), maxWait)
		}
		for range 20 {
			if d := backoff(try); d < full/2 || d > full {
				t.Fatalf("backoff(%d) = %v, want %v to %v", try, d, full/2, full)
			}
		}
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := wait(ctx, time.Minute); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("wait: %v, want Unavailable", err)
		}
		if err := wait(t.Context(), time.Second); err != nil {
			t.Error(err)
		}
	})
}

func TestDivide(t *testing.T) {
	all := []contract.Event{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}}
	never, later := fault.New(fault.Invalid, "too long"), fault.New(fault.Unavailable, "away")
	for name, tt := range map[string]struct {
		failed     []Failure
		told, left []contract.Event
		cause      error
	}{
		"all are taken":                 {nil, all, nil, nil},
		"one is to be tried again":      {[]Failure{{1, later}}, []contract.Event{all[0], all[2], all[3]}, all[1:2], later},
		"one will never be taken":       {[]Failure{{0, never}}, all[1:], nil, never},
		"both":                          {[]Failure{{0, never}, {2, later}}, []contract.Event{all[1], all[3]}, all[2:3], later},
		"the last failure is the cause": {[]Failure{{0, later}, {3, never}}, all[1:3], all[:1], never},
	} {
		told, left, cause := Divide(all, tt.failed)
		if diff := cmp.Diff(tt.told, told) + cmp.Diff(tt.left, left); diff != "" || !errors.Is(cause, tt.cause) {
			t.Errorf("%s: %v\n%s", name, cause, diff)
		}
	}
}
