package inbound

import (
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// customerio takes the reporting webhooks of Customer.io
// (https://docs.customer.io/integrations/api/webhooks/): one event a request.
// X-CIO-Signature is the hex of HMAC-SHA256 over v0:, X-CIO-Timestamp, : and
// the body.
//
// Customer.io wants its answer within four seconds and keeps all later events
// waiting until a refused one is taken, for up to seven days. So an event that
// can never be read is answered 200; see the table of answers. It is not
// documented whether a retry is signed anew; the window assumes so.
//
// Its test events are samples that cannot be told from others.
type customerio struct{}

func customerioProof() stamped {
	return stamped{signature: "x-cio-signature", timestamp: "x-cio-timestamp", window: 5 * time.Minute}
}

// About says how it is connected.
func (customerio) About() About {
	return About{
		Title:   "Customer.io",
		Paste:   "Data & Integrations → Integrations → Reporting Webhooks → Add Reporting Webhook: Webhook Endpoint. Choose delivered, opened and clicked, so that scanners can be told from people",
		Key:     "Customer.io shows the webhook's signing key beside it",
		Signs:   "X-CIO-Signature: HMAC-SHA256 over v0, X-CIO-Timestamp and the body",
		Window:  customerioProof().window,
		EventID: "event_id",
		Test:    "Send test sends a sample that cannot be told from others",
		Retries: "All but 2xx within four seconds is tried again for seven days, and all later events wait; so what can never be read is answered 200 and let go",
		Sample:  Sample{ContentType: "application/json", Body: `{"event_id":"sample","object_type":"email","metric":"sent","data":{}}`},
	}
}

// Kinds returns engagement.
func (customerio) Kinds() []Kind { return []Kind{Engagement} }

// Verify checks X-CIO-Signature and X-CIO-Timestamp.
func (customerio) Verify(r Request) error { return customerioProof().verify(r) }

// Sign returns the two headers.
func (customerio) Sign(l Letter) (map[string]string, error) {
	return customerioProof().sign(l, "X-CIO-Signature", "X-CIO-Timestamp")
}

// Answer follows the table of answers.
func (customerio) Answer(r Request, res Result) Answer {
	return machine{"customerio"}.Answer(r, res)
}

// Parse reads one event.
func (customerio) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	object, metric := text(v, "object_type"), text(v, "metric")
	if object == "" { // older webhooks name both in one: email_opened
		object, metric, _ = strings.Cut(text(v, "event_type"), "_")
	}
	if object == "" || metric == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a Customer.io event: object_type or metric is missing")
	}
	data := at(v, "data")
	d := newDraft(customerioType(object, metric))
	if d.kind == signal.Other || metric == "dropped" {
		d.attributes.put(signal.AttrOriginalType, object+"_"+metric)
	}
	if d.kind == signal.ConsentGiven {
		d.attributes.put(signal.AttrConsentChannel, signal.PurposeEmail)
	}
	d.id = first(text(v, "event_id"), hashed("content.", string(r.Body)))
	d.occurredAt = timeOf(text(v, "timestamp"), time.Second)
	customerioIdentity(d, object, data)
	d.attributes.put(signal.AttrMessageID, first(text(data, "delivery_id"), text(data, "email_id")))
	d.attributes.put(signal.AttrURL, first(text(data, "href"), text(data, "link_url")))
	d.attributes.put(signal.AttrUserAgent, first(text(data, "user_agent"), text(data, "useragent")))
	// prefetched: the mail client opened it before the person did. Other marks of
	// machines are not documented for webhooks.
	if text(data, "prefetched") == "true" || text(data, "machine") == "true" {
		d.attributes.put(signal.AttrMachine, "true")
	}
	customerioRest(d, data)
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

func customerioIdentity(d *draft, object string, data any) {
	d.identity.UserID = first(text(data, "identifiers", "id"), text(data, "customer_id"))
	d.identity.ContactID = text(data, "identifiers", "cio_id")
	d.identity.Email = first(text(data, "identifiers", "email"), text(data, "email_address"))
	if object == "email" {
		d.identity.Email = first(d.identity.Email, text(data, "recipient"))
	}
	if object == "sms" || object == "whatsapp" {
		d.identity.Phone = text(data, "recipient")
	}
}

func customerioRest(d *draft, data any) {
	o, _ := data.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "identifiers", "customer_id", "recipient", "email_address", "delivery_id", "email_id", "href", "user_agent", "useragent", "body", "headers":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
}

func customerioType(object, metric string) signal.Type {
	switch {
	case object == "customer" && metric == "unsubscribed":
		return signal.EmailUnsubscribed
	case object == "customer" && metric == "subscribed":
		return signal.ConsentGiven
	}
	if object != "email" {
		return signal.Other
	}
	switch metric {
	case "delivered":
		return signal.EmailDelivered
	case "opened":
		return signal.EmailOpened
	case "clicked":
		return signal.EmailClicked
	case "bounced", "dropped":
		return signal.EmailBounced
	case "spammed":
		return signal.EmailComplained
	case "unsubscribed":
		return signal.EmailUnsubscribed
	}
	return signal.Other // drafted, sent, attempted, converted, failed …
}
