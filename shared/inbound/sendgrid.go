package inbound

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// sendgrid takes the Event Webhook of Twilio SendGrid
// (https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event).
// The signature is ECDSA over the stated time and the raw body, whose trailing
// CR LF is part of it.
//
// "Test Your Integration" sends sample events about example@test.com.
type sendgrid struct{}

const (
	sendgridSignature = "x-twilio-email-event-webhook-signature"
	sendgridTimestamp = "x-twilio-email-event-webhook-timestamp"
	sendgridTestEmail = "example@test.com"
	// sendgridWindow is how far the stated time may lie from ours. SendGrid
	// names no limit; ours leaves room for its own queues.
	sendgridWindow = 10 * time.Minute
)

// About says how the event webhook is connected.
func (sendgrid) About() About {
	return About{
		Title:   "Twilio SendGrid",
		Paste:   "Settings → Mail Settings → Event Webhooks → Create new webhook: Post URL; choose delivered, opened, clicked, bounced, unsubscribed, spam reports",
		Key:     "There under Security features switch on Signed Event Webhook. The source's secret is its verification key: {\"public_key\": \"…\"}",
		Signs:   "X-Twilio-Email-Event-Webhook-Signature: ECDSA over the stated time and the body",
		Window:  sendgridWindow,
		EventID: "sg_event_id",
		Test:    "Test Your Integration sends events about example@test.com, which are answered and stored nowhere",
		Retries: "All but 2xx, for a day",
		Sample: Sample{
			ContentType: "application/json", Body: `[{"email":"example@test.com","event":"delivered","timestamp":1767225600,"sg_event_id":"sample"}]` + "\r\n",
			Why: "SendGrid signs with a private key that it alone has: press Test Your Integration there",
		},
	}
}

// Kinds returns engagement.
func (sendgrid) Kinds() []Kind { return []Kind{Engagement} }

// Verify checks the two headers. The keys are public keys: SPKI in base64, or PEM.
func (sendgrid) Verify(r Request) error {
	signature, stated := r.Headers[sendgridSignature], r.Headers[sendgridTimestamp]
	if signature == "" || stated == "" {
		return denied("the signature headers are missing: switch on the signed event webhook")
	}
	if !within(stated, time.Second, r.ReceivedAt, sendgridWindow) {
		return denied("the stated time is too far from now")
	}
	der, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil || strings.ContainsAny(signature, "\r\n") {
		return denied("the signature is not base64")
	}
	digest := sendgridDigest(stated, r.Body)
	fits := func(key string) bool {
		public, err := sendgridPublic(key)
		return err == nil && ecdsa.VerifyASN1(public, digest, der)
	}
	if !anyKey(r.Keys, fits) {
		return denied("the signature does not fit the body")
	}
	return nil
}

func sendgridDigest(stated string, body []byte) []byte {
	h := sha256.New()
	h.Write([]byte(stated))
	h.Write(body)
	return h.Sum(nil)
}

func sendgridPublic(key string) (*ecdsa.PublicKey, error) {
	var der []byte
	if block, _ := pem.Decode([]byte(key)); block != nil {
		der = block.Bytes
	} else {
		plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(key))
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "read public key", err)
		}
		der = plain
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "read public key", err)
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, fault.New(fault.Invalid, "the public key is not an ECDSA key")
	}
	return public, nil
}

// Sign signs with a private key in PEM, SEC 1 or PKCS #8.
func (sendgrid) Sign(l Letter) (map[string]string, error) {
	private, err := sendgridPrivate(l.Key)
	if err != nil {
		return nil, err
	}
	stated := strconv.FormatInt(l.At.Unix(), 10)
	der, err := ecdsa.SignASN1(rand.Reader, private, sendgridDigest(stated, l.Body))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "sign", err)
	}
	return map[string]string{
		"Content-Type":                           "application/json",
		"X-Twilio-Email-Event-Webhook-Signature": base64.StdEncoding.EncodeToString(der),
		"X-Twilio-Email-Event-Webhook-Timestamp": stated,
	}, nil
}

func sendgridPrivate(key string) (*ecdsa.PrivateKey, error) {
	rest := []byte(key)
	for {
		block, more := pem.Decode(rest)
		if block == nil {
			return nil, fault.New(fault.Invalid, "signing for sendgrid takes an ECDSA private key in PEM")
		}
		if private, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
			return private, nil
		}
		if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if private, ok := parsed.(*ecdsa.PrivateKey); ok {
				return private, nil
			}
		}
		rest = more // openssl writes the curve's parameters first
	}
}

// Answer follows the table of answers.
func (sendgrid) Answer(r Request, res Result) Answer {
	return machine{"sendgrid"}.Answer(r, res)
}

// Parse reads a list of events.
func (sendgrid) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	events, ok := v.([]any)
	if !ok {
		events = []any{v}
	}
	return each(events, func(_ int, e any) (*draft, bool) { return sendgridEvent(e) }, r)
}

func sendgridEvent(e any) (*draft, bool) {
	kind := text(e, "event")
	if kind == "" {
		return nil, false
	}
	d := newDraft(sendgridType(kind))
	if d.kind == signal.Other || kind == "dropped" || kind == "group_unsubscribe" {
		d.attributes.put(signal.AttrOriginalType, kind)
	}
	if d.kind == signal.ConsentGiven {
		d.attributes.put(signal.AttrConsentChannel, signal.PurposeEmail)
	}
	d.id = first(text(e, "sg_event_id"), hashed("content.", encode(e)))
	d.occurredAt = timeOf(text(e, "timestamp"), time.Second)
	d.identity.Email = text(e, "email")
	d.test = strings.EqualFold(d.identity.Email, sendgridTestEmail)
	d.attributes.put(signal.AttrMessageID, text(e, "sg_message_id"))
	d.attributes.put(signal.AttrURL, text(e, "url"))
	d.attributes.put(signal.AttrUserAgent, text(e, "useragent"))
	if text(e, "sg_machine_open") == "true" {
		d.attributes.put(signal.AttrMachine, "true")
	}
	o, _ := e.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "event", "email", "timestamp", "sg_event_id", "sg_message_id", "useragent", "url", "sg_machine_open", "ip":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	return d, true
}

func sendgridType(kind string) signal.Type {
	switch kind {
	case "delivered":
		return signal.EmailDelivered
	case "open":
		return signal.EmailOpened
	case "click":
		return signal.EmailClicked
	case "bounce", "dropped":
		return signal.EmailBounced
	case "spamreport":
		return signal.EmailComplained
	case "unsubscribe", "group_unsubscribe":
		return signal.EmailUnsubscribed
	case "group_resubscribe":
		return signal.ConsentGiven
	}
	return signal.Other
}
