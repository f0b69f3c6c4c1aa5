package inbox_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

const key = "segment-secret"

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// world is what the receiver talks to, with the faults that a test asks for.
type world struct {
	mu        sync.Mutex
	stored    map[string]signal.Signal
	parked    []string
	failPut   func(signal.Signal) error
	failPark  error
	sourceErr error
	keysErr   error
	block     bool // the table never answers
}

func (w *world) receiver() *inbox.Receiver {
	w.stored = map[string]signal.Signal{}
	return &inbox.Receiver{Put: w.put, Park: w.park, Source: w.source, Keys: w.keys}
}

func (w *world) put(ctx context.Context, s signal.Signal) (bool, error) {
	if w.block {
		<-ctx.Done()
		return false, fault.Wrap(fault.Unavailable, "put", ctx.Err())
	}
	if w.failPut != nil {
		if err := w.failPut(s); err != nil {
			return false, err
		}
	}
	k, err := s.LeadKey()
	if err != nil {
		return false, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	id := string(k) + s.Source + s.ID
	_, known := w.stored[id]
	w.stored[id] = s
	return !known, nil
}

func (w *world) park(_ context.Context, bodies ...string) error {
	if w.failPark != nil {
		return w.failPark
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.parked = append(w.parked, bodies...)
	return nil
}

func (w *world) source(_ context.Context, _ time.Time, name string) (policy.Source, error) {
	switch name {
	case "segment", "typeform", "html", "nosecret":
		provider := name
		if name == "nosecret" {
			provider = "segment"
		}
		return policy.Source{Provider: provider}, w.sourceErr
	case "strange":
		return policy.Source{Provider: "strange"}, nil
	}
	if w.sourceErr != nil {
		return policy.Source{}, w.sourceErr
	}
	return policy.Source{}, fault.New(fault.NotFound, "no source")
}

func (w *world) keys(context.Context, time.Time) (map[string]secret.Keys, error) {
	return map[string]secret.Keys{"segment": {"", key}, "typeform": {key}, "html": {key}, "nosecret": {""}}, w.keysErr
}

func event(id, email string) string {
	return fmt.Sprintf(`{"type":"track","event":"Seen","messageId":%q,"context":{"traits":{"email":%q}}}`, id, email)
}

func batch(n int) string {
	events := make([]string, n)
	for i := range events {
		events[i] = event(fmt.Sprint("m", i), fmt.Sprintf("p%d@b.example", i))
	}
	return "[" + strings.Join(events, ",") + "]"
}

func request(source, body string) inbound.Request {
	m := hmac.New(sha1.New, []byte(key))
	m.Write([]byte(body))
	return inbound.Request{
		Method: "POST", URL: "https://in.handoff.example/webhooks/engagement/" + source, Headers: map[string]string{"x-signature": hex.EncodeToString(m.Sum(nil))},
		Body: []byte(body), ReceivedAt: noon, Kind: inbound.Engagement, Source: source,
	}
}

func TestOutcomes(t *testing.T) {
	away := fault.New(fault.Unavailable, "away")
	form := request("html", "email=a%40b.example&_gotcha=x")
	form.Kind, form.Headers = inbound.Forms, map[string]string{"x-handoff-token": key}
	forged := request("segment", event("1", "a@b.example"))
	forged.Headers["x-signature"] = "00"
	get := request("segment", "")
	get.Method = "GET"
	unready := request("nosecret", "")
	unready.Method = "GET"
	put := request("segment", "")
	put.Method = "PUT"
	for _, c := range []struct {
		name    string
		world   *world
		request inbound.Request
		outcome inbound.Outcome
		status  int
	}{
		{"stored", &world{}, request("segment", event("1", "a@b.example")), inbound.Accepted, 200},
		{"batch", &world{}, request("segment", batch(3)), inbound.Accepted, 200},
		{"about nobody", &world{}, request("segment", `{"type":"track","messageId":"1"}`), inbound.Ignored, 200},
		{"test event", &world{}, request("segment", event("segment-test-message-1", "a@b.example")), inbound.Ignored, 200},
		{"honeypot", &world{}, form, inbound.Ignored, 200},
		{"forged", &world{}, forged, inbound.BadSignature, 401},
		{"not JSON", &world{}, request("segment", "{"), inbound.Malformed, 400},
		{"too large", &world{}, request("segment", strings.Repeat(" ", 1<<20+1)), inbound.TooLarge, 413},
		{"exactly 1 MB", &world{}, request("segment", event("1", "a@b.example")+strings.Repeat(" ", 1<<20-len(event("1", "a@b.example")))), inbound.Accepted, 200},
		{"unknown source", &world{}, request("nosuch", "{}"), inbound.UnknownSource, 404},
		{"form tool on the engagement path", &world{}, request("typeform", "{}"), inbound.WrongPath, 403},
		{"look", &world{}, get, inbound.Probe, 200},
		{"put", &world{}, put, inbound.BadMethod, 405},
		{"no secret", &world{}, request("nosecret", "{}"), inbound.Unavailable, 503},
		{"no secret, look", &world{}, unready, inbound.Probe, 200},
		{"unknown provider", &world{}, request("strange", "{}"), inbound.Unavailable, 503},
		{"secrets away", &world{keysErr: away}, request("segment", event("1", "a@b.example")), inbound.Unavailable, 503},
		{"large batch", &world{}, request("segment", batch(101)), inbound.Parked, 200},
		{"table away", &world{failPut: func(signal.Signal) error { return away }}, request("segment", batch(3)), inbound.Parked, 200},
		{"table and queue away", &world{failPut: func(signal.Signal) error { return away }, failPark: away}, request("segment", batch(3)), inbound.Unavailable, 503},
		{"a defect loses nothing", &world{failPut: func(signal.Signal) error { return errors.New("defect") }}, request("segment", batch(1)), inbound.Parked, 200},
		{"policy away, genuine", &world{sourceErr: away}, request("segment", event("1", "a@b.example")), inbound.Accepted, 200},
		{"policy away, forged", &world{sourceErr: away}, forged, inbound.Unavailable, 503},
		{"policy away, unknown", &world{sourceErr: away}, request("nosuch", "{}"), inbound.Unavailable, 503},
		{"policy away, wrong path", &world{sourceErr: away}, request("typeform", "{}"), inbound.Unavailable, 503},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.world.receiver().Receive(t.Context(), c.request, "req-1")
			if got.Result.Outcome != c.outcome || got.Answer.Status != c.status {
				t.Errorf("%s, %d %s (%v)", got.Result.Outcome, got.Answer.Status, got.Answer.Body, got.Err)
			}
			if c.outcome == inbound.Unavailable && (got.Answer.Headers["Retry-After"] == "" || got.Err == nil) {
				t.Errorf("headers %v, cause %v", got.Answer.Headers, got.Err)
			}
			if c.outcome != inbound.Accepted && len(c.world.stored) != 0 {
				t.Errorf("%d signals stored", len(c.world.stored))
			}
		})
	}
}

func TestRepeatsChangeNothing(t *testing.T) {
	var w world
	r := w.receiver()
	first := r.Receive(t.Context(), request("segment", batch(5)), "1")
	again := r.Receive(t.Context(), request("segment", batch(5)), "2")
	if first.Result.Stored != 5 || again.Result.Outcome != inbound.Duplicate || again.Result.Duplicates != 5 || len(w.stored) != 5 {
		t.Errorf("%+v, %+v, %d stored", first.Result, again.Result, len(w.stored))
	}
}

// What failed is parked, what was stored is not, and the chunk stored later
// completes the batch.
func TestHalfABatchIsParked(t *testing.T) {
	w := world{}
	r := w.receiver()
	w.failPut = func(s signal.Signal) error {
		if s.ID == "m1" || s.ID == "m3" {
			return fault.New(fault.Unavailable, "throttled")
		}
		return nil
	}
	got := r.Receive(t.Context(), request("segment", batch(5)), "1")
	if got.Result.Stored != 3 || got.Result.Parked != 2 || len(w.parked) != 1 || got.Err == nil {
		t.Fatalf("%+v, %d chunks", got.Result, len(w.parked))
	}
	if _, err := inbox.StoreChunk(t.Context(), w.put, w.parked[0]); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("the table is still away, and the chunk says %v", err)
	}
	w.failPut = nil
	stored, err := inbox.StoreChunk(t.Context(), w.put, w.parked[0])
	if err != nil || stored.New != 2 || len(w.stored) != 5 {
		t.Errorf("%+v %v, %d stored", stored, err, len(w.stored))
	}
	for _, s := range w.stored {
		if !s.ReceivedAt.Equal(noon) {
			t.Errorf("received at %v", s.ReceivedAt)
		}
	}
	if stored, err := inbox.StoreChunk(t.Context(), w.put, w.parked[0]); err != nil || stored.Duplicates != 2 {
		t.Errorf("again: %+v %v", stored, err)
	}
}

func TestASilentTableIsAnsweredInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := world{block: true}
		start := time.Now()
		got := w.receiver().Receive(t.Context(), request("segment", batch(100)), "1")
		if took := time.Since(start); took > 3*time.Second || got.Result.Parked != 100 {
			t.Errorf("%v, %+v", took, got.Result)
		}
	})
}

func TestChunksKeepTheLimitsAndEverySignal(t *testing.T) {
	var signals []signal.Signal
	for i := range 450 {
		s := signal.Signal{Source: "s", ID: fmt.Sprint(i), Type: signal.Other, Attributes: map[string]string{}}
		for j := range i % 40 {
			s.Attributes[fmt.Sprint(j)] = strings.Repeat("<", 200)
		}
		signals = append(signals, s)
	}
	chunks, err := inbox.Chunks(signals)
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	for _, c := range chunks {
		for _, s := range decodeChunk(t, c) {
			if s.ID != fmt.Sprint(next) {
				t.Fatalf("signal %s where %d should be", s.ID, next)
			}
			next++
		}
	}
	if next != len(signals) {
		t.Errorf("%d of %d signals", next, len(signals))
	}
	if none, err := inbox.Chunks(nil); err != nil || len(none) != 0 {
		t.Errorf("%v %v", none, err)
	}
}

func decodeChunk(t *testing.T, chunk string) []signal.Signal {
	t.Helper()
	var part []signal.Signal
	if err := json.Unmarshal([]byte(chunk), &part); err != nil {
		t.Fatal(err)
	}
	if len(chunk) > 200<<10 || len(part) > 100 || len(part) == 0 {
		t.Errorf("a chunk of %d bytes and %d signals", len(chunk), len(part))
	}
	return part
}

func TestAMessageThatIsNoChunk(t *testing.T) {
	var w world
	w.receiver()
	if _, err := inbox.StoreChunk(t.Context(), w.put, `{"a":1}`); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	stored, err := inbox.StoreChunk(t.Context(), w.put, `[{"source":"s","id":"1"}]`)
	if err != nil || stored.Nobody != 1 {
		t.Errorf("%+v %v", stored, err)
	}
}

func TestTheLogLineNamesNobody(t *testing.T) {
	var w world
	req := request("segment", event("1", "secret.person@b.example"))
	rep := w.receiver().Receive(t.Context(), req, "1")
	line := fmt.Sprint(rep.Attrs(req, time.Millisecond))
	if strings.Contains(line, "person") || strings.Contains(line, key) || !strings.Contains(line, string(rep.Lead)) || rep.Lead == "" {
		t.Error(line)
	}
}
