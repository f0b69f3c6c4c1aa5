package inbound

import (
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// postmark takes the webhooks of Postmark
// (https://postmarkapp.com/developer/webhooks/webhooks-overview). Postmark does
// not sign; give the webhook the secret as the password of its basic
// authentication, or as the custom header X-Handoff-Token.
//
// Bounces and complaints have an id; other events have that of their message,
// so their event id is the hash of what tells them apart. The test button sends
// samples about message 00000000-0000-0000-0000-000000000000.
type postmark struct{ byToken }

const postmarkTestMessage = "00000000-0000-0000-0000-000000000000"

// About says how it is connected.
func (postmark) About() About {
	return About{
		Title:   "Postmark",
		Paste:   "Server → message stream → Webhooks → Add webhook: Webhook URL",
		Key:     "Make one up: as the password under Basic auth credentials, or as the custom header X-Handoff-Token",
		Choose:  WeChoose,
		Signs:   "Nothing; the token proves who sends, and not what",
		EventID: "ID of a bounce or complaint; else the hash of the event, the message, the time and the recipient",
		Test:    "Send test is about message 00000000-0000-0000-0000-000000000000. It is answered and stored nowhere",
		Retries: "All but 200 and 403, a few times within hours; what can never be read is answered 403",
		Sample:  Sample{ContentType: "application/json", Body: `{"RecordType":"Delivery","MessageID":"00000000-0000-0000-0000-000000000000","Recipient":"sample@example.com"}`},
	}
}

// Kinds returns engagement.
func (postmark) Kinds() []Kind { return []Kind{Engagement} }

// Parse reads one event.
func (postmark) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	kind := text(v, "RecordType")
	if kind == "" && text(v, "From") != "" {
		kind = "Inbound" // an incoming message has no type
	}
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a Postmark event: RecordType is missing")
	}
	d := newDraft(postmarkType(kind, v))
	if d.kind == signal.Other {
		d.original(kind)
	}
	message := text(v, "MessageID")
	stated := first(text(v, "ReceivedAt"), text(v, "DeliveredAt"), text(v, "BouncedAt"), text(v, "ChangedAt"), text(v, "Date"))
	d.occurredAt = timeOf(stated, time.Second)
	d.identity.Email = first(text(v, "Recipient"), text(v, "Email"))
	if kind == "Inbound" {
		d.identity.Email = first(text(v, "FromFull", "Email"), text(v, "From"))
	}
	if id := text(v, "ID"); id != "" {
		d.id = kind + "." + id
	} else {
		d.id = hashed("event.", kind, message, stated, d.identity.Email, text(v, "OriginalLink"), text(v, "UserAgent"))
	}
	d.test = message == postmarkTestMessage
	d.attributes.put(signal.AttrMessageID, message)
	d.attributes.put(signal.AttrURL, text(v, "OriginalLink"))
	d.attributes.put(signal.AttrUserAgent, text(v, "UserAgent"))
	o, _ := v.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "RecordType", "MessageID", "Recipient", "Email", "OriginalLink", "UserAgent", "ID", "Geo",
			"Content", "HtmlBody", "Headers", "Attachments", "FromFull", "ToFull", "CcFull", "BccFull":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	flatten(d.attributes, "Geo.Country", at(v, "Geo", "CountryISOCode"))
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

func postmarkType(kind string, v any) signal.Type {
	switch kind {
	case "Delivery":
		return signal.EmailDelivered
	case "Open":
		return signal.EmailOpened
	case "Click":
		return signal.EmailClicked
	case "Bounce":
		return signal.EmailBounced
	case "SpamComplaint":
		return signal.EmailComplained
	case "SubscriptionChange":
		// A bounce or a complaint that suppresses an address is told by its own event too.
		if text(v, "SuppressSending") == "true" && text(v, "SuppressionReason") == "ManualSuppression" {
			return signal.EmailUnsubscribed
		}
	}
	return signal.Other
}
