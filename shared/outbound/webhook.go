package outbound

import (
	"context"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Webhook posts to a system of the company, signed as
// https://www.standardwebhooks.com says. The webhook-id is the event's id, so
// a receiver that keeps the ids it has seen takes each event once.
type Webhook struct {
	Client *http.Client
	URL    string
	Secret string // whsec_ and the key in base64
}

// payload is the body, in the form that Standard Webhooks recommends. Unlike
// the event on the bus it says who the lead is.
type payload struct {
	Type      contract.EventType `json:"type"`
	Timestamp time.Time          `json:"timestamp"` // of the event
	Data      data               `json:"data"`
}

type data struct {
	Event   contract.Event `json:"event"`
	Lead    *person        `json:"lead,omitempty"` // none of an event about a source
	Text    string         `json:"text"`           // the message for people, in plain text
	Links   []Link         `json:"links"`
	Subject string         `json:"subject"`
}

type person struct {
	Key     string            `json:"key"`
	Profile map[string]string `json:"profile"` // first_name, last_name, company, email … as far as known
}

// Send signs and posts the message.
func (w Webhook) Send(ctx context.Context, m Message, now time.Time) error {
	body, err := webhookBody(m)
	if err != nil {
		return err
	}
	signer, err := standardwebhooks.NewWebhook(w.Secret)
	if err != nil || w.Secret == "" {
		// The library's error may quote the secret.
		return fault.New(fault.Invalid, "the webhook's secret is not whsec_ and base64")
	}
	signature, err := signer.Sign(m.Event.ID, now, body)
	if err != nil {
		return fault.Wrap(fault.Internal, "sign webhook", err)
	}
	h := m.header()
	h.Set(standardwebhooks.HeaderWebhookID, m.Event.ID)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return post(ctx, w.Client, w.URL, h, body, now)
}

func webhookBody(m Message) ([]byte, error) {
	links := m.Links
	if links == nil {
		links = []Link{}
	}
	d := data{Event: m.Event, Subject: m.Subject, Text: m.text(), Links: links}
	if m.Event.Type.AboutLead() {
		d.Lead = &person{Key: m.Event.Lead, Profile: m.Profile}
	}
	return encode(payload{Type: m.Event.Type, Timestamp: m.Event.Time, Data: d})
}
