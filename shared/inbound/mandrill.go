package inbound

import (
	"crypto/sha1" //nolint:gosec // the provider signs with HMAC-SHA1, whose security does not rest on collisions
	"encoding/base64"
	"net/url"
	"sort"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// mandrill takes the webhooks of Mailchimp Transactional
// (https://mailchimp.com/developer/transactional/docs/webhooks/): a form with one
// field, mandrill_events, whose value is a list of up to 1,000 events as JSON.
//
// X-Mandrill-Signature is the base64 of HMAC-SHA1 over the address exactly as it
// was entered, with its credentials and query, and then the name and the decoded
// value of every field, sorted by name. Credentials do not travel in the
// address but in the header Authorization, so they are put back from there.
//
// The webhook's key exists only once the webhook does. Before that Mandrill
// looks at the address by HEAD, and where that fails by an empty list signed
// with the key "test-webhook"; an empty list so signed is let in, since it says
// nothing. "Send test" is about example.webhook@mandrillapp.com.
//
// _id is the message's, so it repeats: two clicks share it. The event id is the
// hash of what tells two events apart.
type mandrill struct{}

const (
	mandrillHeader    = "x-mandrill-signature"
	mandrillField     = "mandrill_events"
	mandrillProbeKey  = "test-webhook"
	mandrillTestEmail = "example.webhook@mandrillapp.com"
)

// About says how it is connected.
func (mandrill) About() About {
	return About{
		Title:   "Mailchimp Transactional (Mandrill)",
		Paste:   "Settings → Webhooks → Add a webhook: Post to URL, exactly as the public URL of this stack says it",
		Key:     "The key that the list of webhooks shows once the webhook is there",
		Signs:   "X-Mandrill-Signature: HMAC-SHA1 over the address and the form's fields",
		EventID: "None; the hash of the event, the message, the time, the link, the user agent and the device's address",
		Test:    "Send test is about example.webhook@mandrillapp.com. It is answered and stored nowhere",
		Retries: "Not stated",
		Sample:  Sample{ContentType: typeForm, Body: "mandrill_events=%5B%7B%22event%22%3A%22open%22%2C%22_id%22%3A%22sample%22%2C%22ts%22%3A1%2C%22msg%22%3A%7B%22email%22%3A%22example.webhook%40mandrillapp.com%22%7D%7D%5D"},
	}
}

// Kinds returns engagement.
func (mandrill) Kinds() []Kind { return []Kind{Engagement} }

// Verify checks X-Mandrill-Signature.
func (mandrill) Verify(r Request) error {
	given := r.Headers[mandrillHeader]
	if given == "" {
		return denied("the header X-Mandrill-Signature is missing")
	}
	fields := decodeForm(string(r.Body))
	fits := func(key string) bool {
		for _, u := range mandrillURLs(r) {
			if equal(given, mandrillSignature(key, u, fields)) {
				return true
			}
		}
		return false
	}
	if anyKey(r.Keys, fits) || (mandrillEmpty(fields) && fits(mandrillProbeKey)) {
		return nil
	}
	return denied("the signature does not fit: check the webhook's key and the public URL, which must be the one entered in Mandrill")
}

func mandrillEmpty(fields []pair) bool {
	return len(fields) == 1 && fields[0].name == mandrillField && strings.TrimSpace(fields[0].value) == "[]"
}

// mandrillURLs returns the forms in which the address may have been entered.
func mandrillURLs(r Request) []string {
	urls := []string{r.URL}
	scheme, credentials, _ := strings.Cut(r.Headers["authorization"], " ")
	if !strings.EqualFold(scheme, "basic") {
		return urls
	}
	plain, err := base64.StdEncoding.DecodeString(credentials)
	user, password, ok := strings.Cut(string(plain), ":")
	if err != nil || !ok {
		return urls
	}
	escaped := url.UserPassword(user, password).String()
	for _, c := range []string{string(plain), escaped} {
		urls = append(urls, strings.Replace(r.URL, "://", "://"+c+"@", 1))
	}
	return urls
}

func mandrillSignature(key, address string, fields []pair) string {
	sorted := append([]pair(nil), fields...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].name < sorted[j].name })
	parts := [][]byte{[]byte(address)}
	for _, f := range sorted {
		parts = append(parts, []byte(f.name), []byte(f.value))
	}
	return base64.StdEncoding.EncodeToString(mac(sha1.New, key, parts...))
}

// Sign returns X-Mandrill-Signature. The letter's URL carries the credentials,
// if there are any.
func (mandrill) Sign(l Letter) (map[string]string, error) {
	return map[string]string{
		"Content-Type":         "application/x-www-form-urlencoded",
		"X-Mandrill-Signature": mandrillSignature(l.Key, l.URL, decodeForm(string(l.Body))),
	}, nil
}

// Answer follows the table of answers.
func (mandrill) Answer(r Request, res Result) Answer {
	return machine{"mandrill"}.Answer(r, res)
}

// Parse reads the list of events.
func (mandrill) Parse(r Request) (Delivery, error) {
	var values []string
	for _, f := range decodeForm(string(r.Body)) {
		if f.name == mandrillField {
			values = append(values, f.value)
		}
	}
	if len(values) != 1 {
		return Delivery{}, fault.New(fault.Invalid, "the form has no field mandrill_events, or several")
	}
	v, err := decode([]byte(values[0]))
	if err != nil {
		return Delivery{}, err
	}
	events, ok := v.([]any)
	if !ok {
		return Delivery{}, fault.New(fault.Invalid, "mandrill_events is not a list")
	}
	return each(events, func(_ int, e any) (*draft, bool) { return mandrillEvent(e) }, r)
}

func mandrillEvent(e any) (*draft, bool) {
	kind := first(text(e, "event"), text(e, "type")) // changes of the deny and allow lists have a type
	if kind == "" {
		return nil, false
	}
	d := newDraft(mandrillType(kind))
	if d.kind == signal.Other || kind == "reject" || kind == "soft_bounce" {
		d.attributes.put(signal.AttrOriginalType, kind)
	}
	message := first(text(e, "_id"), text(e, "msg", "_id"))
	what := []string{kind, message, text(e, "ts"), text(e, "url"), text(e, "user_agent"), text(e, "ip")}
	if message == "" {
		what = append(what, encode(e))
	}
	d.id = hashed("event.", what...)
	d.occurredAt = timeOf(text(e, "ts"), time.Second)
	d.identity.Email = first(text(e, "msg", "email"), text(e, "reject", "email"), text(e, "entry", "email"))
	if kind == "inbound" {
		d.identity.Email = text(e, "msg", "from_email") // msg.email is our mailbox
	}
	d.test = strings.EqualFold(d.identity.Email, mandrillTestEmail)
	d.attributes.put(signal.AttrMessageID, message)
	d.attributes.put(signal.AttrURL, text(e, "url"))
	d.attributes.put(signal.AttrUserAgent, text(e, "user_agent"))
	if strings.EqualFold(text(e, "user_agent_parsed", "type"), "robot") {
		d.attributes.put(signal.AttrMachine, "true")
	}
	mandrillRest(d, e)
	return d, true
}

// mandrillRest keeps the other facts. It leaves out what was read before, the
// history of the message, which comes as events of its own, and addresses of devices.
func mandrillRest(d *draft, e any) {
	o, _ := e.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "event", "_id", "ts", "url", "user_agent", "user_agent_parsed", "ip", "msg":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	msg, _ := o["msg"].(object)
	for _, name := range sortedKeys(msg) {
		switch name {
		case "_id", "_version", "email", "opens", "clicks", "smtp_events", "resends", "raw_msg", "headers", "attachments", "images", "html":
		default:
			flatten(d.attributes, name, msg[name])
		}
	}
}

func mandrillType(kind string) signal.Type {
	switch kind {
	case "delivered":
		return signal.EmailDelivered
	case "open":
		return signal.EmailOpened
	case "click":
		return signal.EmailClicked
	case "hard_bounce", "soft_bounce", "reject":
		return signal.EmailBounced
	case "spam":
		return signal.EmailComplained
	case "unsub":
		return signal.EmailUnsubscribed
	}
	// send: Mandrill has taken the message, or handed it on; deferral; lists; inbound.
	return signal.Other
}
