package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

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
	testKey = "segment-secret"
	address = "https://in.handoff.example"
)

func post(t *testing.T, provider, body string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	a, ok := inbound.Lookup(provider)
	if !ok {
		t.Fatal(provider)
	}
	path := "/webhooks/engagement/" + provider
	headers, err := a.Sign(inbound.Letter{URL: address + path, Body: []byte(body), Key: testKey, At: now()})
	if err != nil {
		t.Fatal(err)
	}
	e := events.APIGatewayV2HTTPRequest{RawPath: path, Headers: headers, Body: body}
	e.RequestContext.HTTP.Method = "POST"
	return e
}

func now() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }

func events3() string {
	var parts []string
	for i := range 3 {
		parts = append(parts, fmt.Sprintf(`{"type":"track","event":"Seen","messageId":"m%d","context":{"traits":{"email":"p%d@b.example"}}}`, i, i))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func TestABatchIsStored(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	h := handler{
		receiver: &inbox.Receiver{
			Put: tab.PutSignal, Source: policy.NewSourcesLoader(tab.Policy).Source,
			Park: func(context.Context, ...string) error { t.Error("parked"); return nil },
			Keys: func(context.Context, time.Time) (map[string]secret.Keys, error) {
				return map[string]secret.Keys{"segment": {testKey}, "typeform": {testKey}}, nil
			},
		},
		publicURL: address, clock: clock.Fixed(now()), log: slog.New(slog.NewJSONHandler(&bytes.Buffer{}, nil)),
	}
	got, err := h.handle(t.Context(), post(t, "segment", events3()))
	if err != nil || got.StatusCode != 200 || !strings.Contains(got.Body, `"stored":3`) {
		t.Fatalf("%d %s %v", got.StatusCode, got.Body, err)
	}
	for i := range 3 {
		key, err := signal.KeyOfEmail(fmt.Sprintf("p%d@b.example", i))
		if err != nil {
			t.Fatal(err)
		}
		stored, err := tab.Signals(t.Context(), key)
		if err != nil || len(stored) != 1 || stored[0].ID != fmt.Sprintf("m%d", i) {
			t.Errorf("%d: %v %v", i, stored, err)
		}
	}
	// A known source of a form tool is refused here, and never with 404.
	wrong, err := h.handle(t.Context(), post(t, "typeform", "{}"))
	if err != nil || wrong.StatusCode != 403 {
		t.Errorf("%d %v", wrong.StatusCode, err)
	}
}
