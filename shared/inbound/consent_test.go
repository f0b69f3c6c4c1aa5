package inbound_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// What senders say about consent becomes what a signal says of it.
func TestConsentOfProviders(t *testing.T) {
	given, withdrawn := map[string]string{"email": "given"}, map[string]string{"email": "withdrawn"}
	box := policy.Source{Provider: "html", Fields: map[string]string{"newsletter": "consent.email"}}
	tests := []struct {
		name, provider string
		kind           inbound.Kind
		source         policy.Source
		body           string
		want           map[string]string
	}{
		{"a box that is ticked", "html", inbound.Forms, box, "email=ada%40engines.example&newsletter=on", given},
		{"a box with a value of its own", "html", inbound.Forms, box, "email=ada%40engines.example&newsletter=Yes%2C+please", given},
		{"a box that a script sends empty", "html", inbound.Forms, box, "email=ada%40engines.example&newsletter=false", map[string]string{}},
		{"no box", "html", inbound.Forms, box, "email=ada%40engines.example", map[string]string{}},
		{"a box that the policy does not know", "html", inbound.Forms, policy.Source{}, "email=ada%40engines.example&newsletter=on", map[string]string{}},
		{"our own signal", "standard", inbound.Engagement, policy.Source{}, `{"type":"consent.withdrawn","identity":{"email":"ada@engines.example"},"attributes":{"purpose":"marketing","channel":"email"}}`, withdrawn},
		{"an attribute of our own signal", "standard", inbound.Forms, policy.Source{}, `{"type":"form.submitted","identity":{"email":"ada@engines.example"},"attributes":{"form":"x","consent":{"email":"given"}}}`, given},
		{"sendgrid: subscribed again", "sendgrid", inbound.Engagement, policy.Source{}, `[{"event":"group_resubscribe","email":"ada@engines.example","timestamp":1767225600,"sg_event_id":"1"}]`, given},
		{"customer.io: subscribed", "customerio", inbound.Engagement, policy.Source{}, `{"event_id":"1","object_type":"customer","metric":"subscribed","timestamp":1767225600,"data":{"email_address":"ada@engines.example"}}`, given},
		{"hubspot: opted out", "hubspot", inbound.CRM, policy.Source{}, `[{"eventId":1,"subscriptionId":1,"objectId":9,"occurredAt":1767225600000,"subscriptionType":"contact.propertyChange","propertyName":"hs_email_optout","propertyValue":"true"}]`, withdrawn},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, ok := inbound.Lookup(tt.provider)
			if !ok {
				t.Fatal("no such adapter")
			}
			contentType := "application/json"
			if tt.provider == "html" {
				contentType = "application/x-www-form-urlencoded"
			}
			d, err := a.Parse(inbound.Request{
				Kind: tt.kind, Source: tt.provider, Method: "POST", ReceivedAt: time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC),
				Headers: map[string]string{"content-type": contentType, "webhook-id": "m1"}, Body: []byte(tt.body), Policy: tt.source,
			})
			if err != nil || len(d.Signals) != 1 {
				t.Fatalf("%+v, %v", d, err)
			}
			got := consentsOf(d.Signals[0])
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s\n%+v", diff, d.Signals[0])
			}
		})
	}
}

func consentsOf(s signal.Signal) map[string]string {
	all := map[string]string{}
	for _, c := range s.Consents() {
		all[c.Purpose] = map[bool]string{true: signal.ConsentYes, false: signal.ConsentNo}[c.Given]
	}
	return all
}
