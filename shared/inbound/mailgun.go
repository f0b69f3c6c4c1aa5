package inbound

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// mailgun takes the webhooks of Mailgun
// (https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhooks).
//
// The proof stands in the body: signature.signature is the hex of HMAC-SHA256
// over signature.timestamp and signature.token. It does not cover event-data,
// so who has seen one webhook could say anything with its proof. Therefore a
// token is good for one event: Nonce binds it to the digest of the event-data
// that it came with first, and with other data it is refused. A redelivery says
// the same with the same token, or with a token of its own; both pass, and the
// event id, event-data.id, makes them one.
//
// Mailgun says not to be strict about the time, since its webhooks may be
// delayed, and tries again for eight hours; it does not say whether it signs
// anew then. So the window is twelve hours, and the token is what stops replays.
//
// "Test webhook" sends samples with the user variable my_var_1.
type mailgun struct{}

const (
	mailgunWindow  = 12 * time.Hour
	mailgunTestVar = "Mailgun Variable #1"
)

// About says how it is connected.
func (mailgun) About() About {
	return About{
		Title:   "Mailgun",
		Paste:   "Sending → Webhooks → Add webhook, one for each event: delivered, opened, clicked, permanent failure, spam complaint, unsubscribe",
		Key:     "The HTTP webhook signing key (API security → Webhook signing key), which is not an API key",
		Signs:   "signature in the body: HMAC-SHA256 over timestamp and token. It does not cover the event, so each token is good for one event",
		Window:  mailgunWindow,
		EventID: "event-data.id",
		Test:    "Test webhook sends samples with the variable my_var_1. They are answered and stored nowhere",
		Retries: "All but 200 and 406 for eight hours; what can never be read is answered 406",
		Sample:  Sample{ContentType: "application/json", Body: `{"event-data":{"event":"delivered","id":"sample","recipient":"sample@example.com","user-variables":{"my_var_1":"Mailgun Variable #1"}}}`},
	}
}

// Kinds returns engagement.
func (mailgun) Kinds() []Kind { return []Kind{Engagement} }

// Verify checks the signature in the body.
func (m mailgun) Verify(r Request) error {
	v, err := decode(r.Body)
	if err != nil {
		return denied("the body is not JSON, so it has no signature")
	}
	token, stated, given := m.signature(v)
	if token == "" || given == "" {
		return denied("the body has no signature")
	}
	if !within(stated, time.Second, r.ReceivedAt, mailgunWindow) {
		return denied("the stated time is too far from now")
	}
	if !anyKey(r.Keys, func(key string) bool { return equal(given, mailgunSignature(key, stated, token)) }) {
		return denied("the signature does not fit: check the webhook signing key, which is not the API key")
	}
	return nil
}

func (mailgun) signature(v any) (token, stated, given string) {
	return text(v, "signature", "token"), text(v, "signature", "timestamp"), text(v, "signature", "signature")
}

func mailgunSignature(key, stated, token string) string {
	return hex.EncodeToString(mac(sha256.New, key, []byte(stated), []byte(token)))
}

// Nonce returns the token, bound to the event-data.
func (m mailgun) Nonce(r Request) Nonce {
	v, err := decode(r.Body)
	if err != nil {
		return Nonce{}
	}
	token, stated, _ := m.signature(v)
	return Nonce{
		Value: token, Content: hashed("", encode(at(v, "event-data"))),
		Until: timeOf(stated, time.Second).Add(mailgunWindow),
	}
}

// Sign is for bodies that are signed already; SignBody signs them.
func (m mailgun) Sign(l Letter) (map[string]string, error) {
	v, err := decode(l.Body)
	if err != nil {
		return nil, err
	}
	token, stated, given := m.signature(v)
	if token == "" || !equal(given, mailgunSignature(l.Key, stated, token)) {
		return nil, fault.New(fault.Invalid, "Mailgun's proof stands in the body, and this one has none that fits the key")
	}
	return map[string]string{"Content-Type": "application/json"}, nil
}

// SignBody puts the signature into the body. The token follows from the body,
// so that the same body is the same delivery.
func (mailgun) SignBody(l Letter) ([]byte, error) {
	v, err := decode(l.Body)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, fault.New(fault.Invalid, "the body is not an object")
	}
	stated := strconv.FormatInt(l.At.Unix(), 10)
	token := hex.EncodeToString(mac(sha256.New, stated, []byte(encode(o["event-data"]))))[:50]
	o["signature"] = object{"timestamp": stated, "token": token, "signature": mailgunSignature(l.Key, stated, token)}
	body, err := json.Marshal(o)
	return body, fault.Wrap(fault.Invalid, "encode body", err)
}

// Answer follows the table of answers.
func (mailgun) Answer(r Request, res Result) Answer {
	return machine{"mailgun"}.Answer(r, res)
}

// Parse reads one event.
func (mailgun) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	e := at(v, "event-data")
	kind := text(e, "event")
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a Mailgun event: event-data.event is missing")
	}
	d := newDraft(mailgunType(kind, text(e, "severity")))
	if d.kind == signal.Other || kind == "rejected" {
		d.attributes.put(signal.AttrOriginalType, kind)
	}
	d.id = first(text(e, "id"), hashed("content.", encode(e)))
	d.occurredAt = timeOf(text(e, "timestamp"), time.Second)
	d.identity.Email = text(e, "recipient")
	d.test = text(e, "user-variables", "my_var_1") == mailgunTestVar
	d.attributes.put(signal.AttrMessageID, text(e, "message", "headers", "message-id"))
	d.attributes.put(signal.AttrURL, text(e, "url"))
	d.attributes.put(signal.AttrUserAgent, text(e, "client-info", "user-agent"))
	if bot := text(e, "client-info", "bot"); bot != "" && bot != "false" { // the name of the prefetching mail service
		d.attributes.put(signal.AttrMachine, "true")
	}
	o, _ := e.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "event", "id", "timestamp", "recipient", "url", "ip", "storage", "envelope", "message", "client-info":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	for _, path := range [][]string{
		{"message", "headers", "subject"}, {"client-info", "client-type"}, {"client-info", "client-name"}, {"client-info", "device-type"}, {"client-info", "bot"},
	} {
		d.attributes.put(path[len(path)-1], text(e, path...))
	}
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

func mailgunType(kind, severity string) signal.Type {
	switch kind {
	case "delivered":
		return signal.EmailDelivered
	case "opened":
		return signal.EmailOpened
	case "clicked":
		return signal.EmailClicked
	case "failed":
		if severity == "temporary" { // Mailgun goes on trying
			return signal.Other
		}
		return signal.EmailBounced
	case "rejected":
		return signal.EmailBounced
	case "complained":
		return signal.EmailComplained
	case "unsubscribed":
		return signal.EmailUnsubscribed
	}
	return signal.Other
}
