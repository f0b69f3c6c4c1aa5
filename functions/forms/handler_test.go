package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	testKey = "typeform-secret"
	address = "https://in.handoff.example"
	answer  = `{"event_id":"evt-1","event_type":"form_response","form_response":{"form_id":"f1","token":"t1","submitted_at":"2026-03-02T09:59:00Z",
"definition":{"id":"f1","title":"Request a demo","fields":[{"id":"a","ref":"email","type":"email","title":"Work email"}]},
"answers":[{"type":"email","email":"Mira@Brightwater.example","field":{"id":"a","ref":"email","type":"email"}}]}}`
)

func now() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }

// open returns the handler around what stores signals, and its log.
func open(put inbox.Put, park func(context.Context, ...string) error, source func(context.Context, time.Time, string) (policy.Source, error)) (handler, *bytes.Buffer) {
	var log bytes.Buffer
	return handler{
		receiver: &inbox.Receiver{
			Put: put, Park: park, Source: source,
			Keys: func(context.Context, time.Time) (map[string]secret.Keys, error) {
				return map[string]secret.Keys{"typeform": {testKey}, "html": {testKey}}, nil
			},
		},
		publicURL: address,
		clock:     clock.Fixed(now()),
		log:       slog.New(slog.NewJSONHandler(&log, nil)),
	}, &log
}

// post makes the gateway's event of a signed request.
func post(tb testing.TB, provider, body string) events.APIGatewayV2HTTPRequest {
	tb.Helper()
	a, ok := inbound.Lookup(provider)
	if !ok {
		tb.Fatal(provider)
	}
	path := "/webhooks/forms/" + provider
	headers, err := a.Sign(inbound.Letter{URL: address + path, Body: []byte(body), Key: testKey, At: now()})
	if err != nil {
		tb.Fatal(err)
	}
	e := events.APIGatewayV2HTTPRequest{RawPath: path, Headers: headers, Body: base64.StdEncoding.EncodeToString([]byte(body)), IsBase64Encoded: true}
	e.RequestContext.HTTP.Method = "POST"
	e.RequestContext.RequestID = "req-1"
	return e
}

func TestAFormIsStoredOnce(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	park := func(context.Context, ...string) error { t.Error("parked"); return nil }
	h, log := open(tab.PutSignal, park, policy.NewSourcesLoader(tab.Policy).Source)
	for _, want := range []string{"accepted", "duplicate"} {
		got, err := h.handle(t.Context(), post(t, "typeform", answer))
		if err != nil || got.StatusCode != 200 || !strings.Contains(got.Body, `"status":"`+want+`"`) {
			t.Fatalf("%d %s %v", got.StatusCode, got.Body, err)
		}
	}
	key, err := signal.KeyOfEmail("mira@brightwater.example")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := tab.Signals(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	want := []signal.Signal{{
		Source: "typeform", ID: "evt-1", Type: signal.FormSubmitted, OccurredAt: now().Add(-time.Minute), ReceivedAt: now(),
		Identity: signal.Identity{Email: "Mira@Brightwater.example"}, Lead: map[string]string{"email": "Mira@Brightwater.example"},
		Attributes: map[string]string{"form": "Request a demo", "form_id": "f1", "token": "t1"},
	}}
	if diff := cmp.Diff(want, stored); diff != "" {
		t.Error(diff)
	}
	if lines := strings.Split(strings.TrimSpace(log.String()), "\n"); len(lines) != 2 || strings.Contains(strings.ToLower(log.String()), "mira") {
		t.Errorf("log: %s", log)
	}
}

func TestRefusalsStoreNothing(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	h, _ := open(tab.PutSignal, nil, policy.NewSourcesLoader(tab.Policy).Source)
	forged := post(t, "typeform", answer)
	forged.Headers["Typeform-Signature"] = "sha256=" + strings.Repeat("A", 43) + "="
	large := post(t, "typeform", strings.Repeat("x", inbound.MaxBody+1))
	unknown := post(t, "html", "email=a%40b.example")
	unknown.RawPath = "/webhooks/forms/nosuch"
	broken := post(t, "typeform", answer)
	broken.Body = "%"
	elsewhere := post(t, "typeform", answer)
	elsewhere.RawPath = "/webhooks/forms/segment"
	for what, c := range map[string]struct {
		event  events.APIGatewayV2HTTPRequest
		status int
	}{"forged": {forged, 401}, "large": {large, 413}, "unknown": {unknown, 404}, "broken": {broken, 400}, "wrong kind": {elsewhere, 503}} {
		got, err := h.handle(t.Context(), c.event)
		if err != nil || got.StatusCode != c.status {
			t.Errorf("%s: %d %s %v", what, got.StatusCode, got.Body, err)
		}
		var problem struct {
			RequestID string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(got.Body), &problem); err != nil || problem.RequestID != "req-1" {
			t.Errorf("%s: %s", what, got.Body)
		}
	}
}

// BenchmarkIngest is the path of one webhook through the function, without
// the table.
func BenchmarkIngest(b *testing.B) {
	put := func(context.Context, signal.Signal) (bool, error) { return true, nil }
	source := func(context.Context, time.Time, string) (policy.Source, error) {
		return policy.Source{Provider: "typeform"}, nil
	}
	h, log := open(put, nil, source)
	e := post(b, "typeform", answer)
	b.ReportAllocs()
	for b.Loop() {
		got, err := h.handle(b.Context(), e)
		if err != nil || got.StatusCode != 200 {
			b.Fatal(got.StatusCode, err)
		}
		log.Reset()
	}
}
