package main

import (
	"bytes"
	"context"
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

// Who has seen one of Mailgun's signatures can say nothing else with it: not
// about the same person, and not about another.
func TestACapturedSignatureOfMailgunSaysNothingElse(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	h := handler{
		receiver: &inbox.Receiver{
			Put: tab.PutSignal, Spend: tab.SpendNonce, Source: policy.NewSourcesLoader(tab.Policy).Source,
			Park: func(context.Context, ...string) error { t.Error("parked"); return nil },
			Keys: func(context.Context, time.Time) (map[string]secret.Keys, error) {
				return map[string]secret.Keys{"mailgun": {testKey}}, nil
			},
		},
		publicURL: address, clock: clock.Fixed(now()), log: slog.New(slog.NewJSONHandler(&bytes.Buffer{}, nil)),
	}
	a, ok := inbound.Lookup("mailgun")
	if !ok {
		t.Fatal("no mailgun")
	}
	const said = `{"event-data":{"event":"opened","id":"1","recipient":"a@b.example"}`
	_, genuine, err := inbound.Seal(a, inbound.Letter{Body: []byte(said + "}"), Key: testKey, At: now()})
	if err != nil || !strings.HasPrefix(string(genuine), said) {
		t.Fatal(err, string(genuine))
	}
	proof := strings.TrimPrefix(string(genuine), said)
	for _, c := range []struct {
		body   string
		status int
		says   string
	}{
		{string(genuine), 200, `"stored":1`},
		{`{"event-data":{"event":"clicked","id":"2","recipient":"a@b.example"}` + proof, 401, "bad_signature"},
		{`{"event-data":{"event":"opened","id":"1","recipient":"c@b.example"}` + proof, 401, "bad_signature"},
		{string(genuine), 200, `"duplicates":1`},
	} {
		e := events.APIGatewayV2HTTPRequest{RawPath: "/webhooks/engagement/mailgun", Headers: map[string]string{"Content-Type": "application/json"}, Body: c.body}
		e.RequestContext.HTTP.Method = "POST"
		got, err := h.handle(t.Context(), e)
		if err != nil || got.StatusCode != c.status || !strings.Contains(got.Body, c.says) {
			t.Errorf("%s: %d %s %v", c.body, got.StatusCode, got.Body, err)
		}
	}
	for person, want := range map[string]int{"a@b.example": 1, "c@b.example": 0} {
		key, err := signal.KeyOfEmail(person)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := tab.Signals(t.Context(), key)
		if err != nil || len(stored) != want {
			t.Errorf("%s: %v %v", person, stored, err)
		}
	}
}
