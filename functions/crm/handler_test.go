package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	testKey = "whsec_Y3JtLXRlc3Qta2V5LWNybS10ZXN0LWtleQ=="
	address = "https://in.handoff.example"
	person  = "nadia@harborworks.example"
	message = `<Envelope><Body><notifications><OrganizationId>00D5e000000AbCdEAK</OrganizationId><Notification><Id>04l1</Id>` +
		`<sObject xmlns:x="urn:x" x:type="sf:Opportunity"><Id>0061</Id><Email>` + person + `</Email><StageName>Closed Won</StageName><Amount>900.0</Amount></sObject></Notification></notifications></Body></Envelope>`
)

func now() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }

func post(t *testing.T, provider, body string) events.APIGatewayV2HTTPRequest {
	t.Helper()
	a, ok := inbound.Lookup(provider)
	if !ok {
		t.Fatal(provider)
	}
	path := "/webhooks/crm/" + provider
	headers, err := a.Sign(inbound.Letter{URL: address + path, Body: []byte(body), Key: testKey, At: now()})
	if err != nil {
		t.Fatal(err)
	}
	e := events.APIGatewayV2HTTPRequest{RawPath: path, Headers: headers, Body: body}
	e.RequestContext.HTTP.Method = "POST"
	return e
}

func open(t *testing.T) (handler, *table.Table, *bytes.Buffer) {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	var log bytes.Buffer
	return handler{
		receiver: &inbox.Receiver{
			Put: tab.PutSignal, Source: policy.NewSourcesLoader(tab.Policy).Source,
			Park: func(context.Context, ...string) error { t.Error("parked"); return nil },
			Keys: func(context.Context, time.Time) (map[string]secret.Keys, error) {
				all := map[string]secret.Keys{}
				for _, provider := range inbound.Providers() {
					all[provider] = secret.Keys{testKey}
				}
				return all, nil
			},
		},
		publicURL: address, clock: clock.Fixed(now()), log: slog.New(slog.NewJSONHandler(&log, nil)),
	}, tab, &log
}

// Every provider's webhook reaches the lead, whose stage follows.
func TestMeetingsAndDealsReachTheLead(t *testing.T) {
	h, tab, log := open(t)
	key, err := signal.KeyOfEmail(person)
	if err != nil {
		t.Fatal(err)
	}
	maker := decision.New(tab, rules.NewLoader(tab.Policy))
	for i, c := range []struct {
		provider, body string
		stage          lead.Stage
	}{
		{"calendly", `{"event":"invitee.created","created_at":"2026-03-02T09:50:00Z","payload":{"uri":"https://api.calendly.com/i/1","email":"` + person + `"}}`, lead.Meeting},
		{"calcom", `{"triggerEvent":"BOOKING_CANCELLED","createdAt":"2026-03-02T09:51:00Z","payload":{"uid":"u1","attendees":[{"email":"` + person + `"}]}}`, lead.Meeting},
		{"calendly", `{"event":"invitee.canceled","created_at":"2026-03-02T09:52:00Z","payload":{"uri":"https://api.calendly.com/i/1","email":"` + person + `"}}`, lead.Known},
		{"standard", `{"type":"deal.opened","occurred_at":"2026-03-02T09:53:00Z","identity":{"email":"` + person + `"},"attributes":{"deal":"7"}}`, lead.Opportunity},
		{"salesforce", message, lead.Won},
	} {
		got, err := h.handle(t.Context(), post(t, c.provider, c.body))
		if err != nil || got.StatusCode != 200 {
			t.Fatalf("%s: %d %s %v", c.provider, got.StatusCode, got.Body, err)
		}
		signals, err := tab.Signals(t.Context(), key)
		if err != nil || len(signals) != i+1 {
			t.Fatalf("%s: %d signals, %v", c.provider, len(signals), err)
		}
		if _, err := maker.Apply(t.Context(), key, signals, now()); err != nil {
			t.Fatal(err)
		}
		l, err := tab.Lead(t.Context(), key)
		if err != nil || l.Journey.Stage != c.stage {
			t.Errorf("%s: stage %s, want %s, %v", c.provider, l.Journey.Stage, c.stage, err)
		}
	}
	if strings.Contains(log.String(), "nadia") {
		t.Errorf("the log names a person: %s", log)
	}
}

// Deals of nobody are stored all the same; other kinds of sources are refused.
func TestWhatIsKeptAndWhatIsRefused(t *testing.T) {
	h, _, _ := open(t)
	for _, c := range []struct {
		provider, body string
		status         int
		stored         string
	}{
		{"hubspot", `[{"eventId":900,"subscriptionType":"deal.creation","objectId":7,"occurredAt":1772445581000}]`, 200, `"stored":1`},
		{"pipedrive", `{"meta":{"entity":"deal","action":"create","entity_id":"7","id":"0b7c5a52-8d1a-4f8e-9a30-4b5f3a1e9c77"},"data":{"id":7,"status":"open"}}`, 200, `"stored":1`},
		{"calendly", `{}`, 400, ""},
		{"typeform", `{}`, 403, ""},
	} {
		got, err := h.handle(t.Context(), post(t, c.provider, c.body))
		if err != nil || got.StatusCode != c.status || !strings.Contains(got.Body, c.stored) {
			t.Errorf("%s: %d %s %v", c.provider, got.StatusCode, got.Body, err)
		}
	}
	forged := post(t, "salesforce", message)
	forged.Headers["X-Handoff-Token"] = "guessed"
	got, err := h.handle(t.Context(), forged)
	if err != nil || got.StatusCode != 401 || !strings.Contains(got.Body, "<Ack>false</Ack>") || json.Valid([]byte(got.Body)) {
		t.Errorf("%d %s %v", got.StatusCode, got.Body, err)
	}
}
