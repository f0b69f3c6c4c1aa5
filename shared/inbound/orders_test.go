package inbound_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

// The answers of reps and the orders of those in charge come from our own pages:
// whoever states such a type by a webhook has said something else.
func TestNoWebhookAnswersOrOrders(t *testing.T) {
	bodies := map[string]string{
		"standard":    `{"type":%q,"occurred_at":"2026-03-02T10:00:00Z","identity":{"email":"ada@engines.example"},"attributes":{"handoff":"1","rep":"bo","to":"bo","by":"Morgan Hale"}}`,
		"cloudevents": `{"specversion":"1.0","id":"1","source":"/app","type":%q,"time":"2026-03-02T10:00:00Z","data":{"type":%[1]q,"identity":{"email":"ada@engines.example"},"attributes":{"handoff":"1"}}}`,
		"marketo":     `{"type":%q,"email":"ada@engines.example","handoff":"1"}`,
	}
	types := map[string]string{"standard": "application/json", "cloudevents": "application/cloudevents+json", "marketo": "application/json"}
	names := ours()
	if len(names) < 13 {
		t.Errorf("%d types of our own, want 6 answers and 7 orders at least", len(names))
	}
	for _, name := range names {
		if strings.HasPrefix(name, "order.") != (signal.Type(name).Ordered() || name == string(signal.OrderErase)) {
			t.Errorf("%s: is it an order?", name)
		}
		for provider, body := range bodies {
			d, err := lookup(t, provider).Parse(inbound.Request{
				Method: "POST", Body: fmt.Appendf(nil, body, name), ReceivedAt: noon, Source: provider, Kind: inbound.Engagement,
				Headers: map[string]string{"content-type": types[provider], "webhook-id": "m1"}, Keys: secret.Keys{"k"},
			})
			if err != nil || len(d.Signals) != 1 {
				t.Fatalf("%s by %s: %+v, %v", name, provider, d, err)
			}
			if s := d.Signals[0]; s.Type != signal.Other || s.Attributes[signal.AttrOriginalType] != name {
				t.Errorf("%s by %s is %s: %v", name, provider, s.Type, s.Attributes)
			}
		}
	}
}

// ours are the types of answers and orders.
func ours() (names []string) {
	for _, name := range rules.SignalTypes() {
		if strings.HasPrefix(name, "rep.") || strings.HasPrefix(name, "order.") {
			names = append(names, name)
		}
	}
	return names
}
