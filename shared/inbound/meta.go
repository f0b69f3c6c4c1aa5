package inbound

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// meta takes the page webhooks of Meta, of which leadgen is the one that says
// that somebody filled in a lead ad's form on Facebook or Instagram
// (https://developers.facebook.com/docs/graph-api/webhooks/getting-started,
// …/webhooks-for-leadgen). One delivery holds up to a thousand changes. What
// was written is not among them: it is read from the Graph API by leadgen_id.
//
// X-Hub-Signature-256 is an HMAC with the app's secret over the raw bytes. Meta
// escapes characters beyond ASCII in what it signs, so nothing may be decoded
// before. There is no time and so no replay window: a replay has the same
// leadgen_id.
//
// When the address is entered, Meta asks by GET with the verify token that was
// entered beside it. The token stands in the source's secret after "verify:",
// as in ["<app secret>", "verify:<token>"], because it travels in addresses
// and must not be able to sign.
//
// The button "Test" of the app's settings sends a lead whose id is 444444444444
// (unconfirmed). Leads of the Lead Ads Testing Tool are real records and known
// once they are read.
type meta struct{}

const (
	metaHeader     = "x-hub-signature-256"
	metaPrefix     = "sha256="
	metaVerify     = "verify:"
	metaTestLead   = "444444444444"
	metaChallenges = 200 // most bytes of a challenge; it is a number of ten digits
)

// About says how a page's lead ads are connected.
func (meta) About() About {
	return About{
		Title:   "Meta Lead Ads (Facebook, Instagram)",
		Paste:   "developers.facebook.com → your app → Webhooks → Page: Callback URL, and subscribe to leadgen; then let the page install the app (POST /{page-id}/subscribed_apps?subscribed_fields=leadgen)",
		Key:     "Two: the app's secret (App settings → Basic), and a verify token that you make up and enter beside the address. Store both: [\"<app secret>\", \"verify:<verify token>\"]",
		Signs:   "X-Hub-Signature-256: HMAC-SHA256 with the app's secret over the body",
		EventID: "leadgen_id",
		Test:    "Test, beside the field leadgen in the app's settings: leadgen_id 444444444444. It is answered and stored nowhere",
		Retries: "All but 200 is tried again at once, then less and less often, for 36 hours",
		Fetches: "The lead, from the Graph API, with a page's access token that has leads_retrieval",
		Sample: Sample{ContentType: "application/json", Body: `{"object":"page","entry":[{"id":"0","time":1,"changes":[{"field":"leadgen",` +
			`"value":{"leadgen_id":"444444444444","page_id":"444444444444","form_id":"444444444444","created_time":1}}]}]}`},
	}
}

// Kinds returns forms.
func (meta) Kinds() []Kind { return []Kind{Forms} }

// Verify checks X-Hub-Signature-256: sha256= and the hex of HMAC-SHA256 over the body.
func (meta) Verify(r Request) error {
	given := r.Headers[metaHeader]
	if given == "" {
		return denied("the header X-Hub-Signature-256 is missing")
	}
	fits := func(key string) bool {
		return !strings.HasPrefix(key, metaVerify) && equal(given, metaSignature(key, r.Body))
	}
	if !anyKey(r.Keys, fits) {
		return denied("the signature does not fit the body: the key is the app's secret")
	}
	return nil
}

func metaSignature(key string, body []byte) string {
	return metaPrefix + hex.EncodeToString(mac(sha256.New, key, body))
}

// Sign returns X-Hub-Signature-256.
func (meta) Sign(l Letter) (map[string]string, error) {
	if strings.HasPrefix(l.Key, metaVerify) {
		return nil, fault.New(fault.Invalid, "meta signs with the app's secret, not with the verify token")
	}
	return map[string]string{
		"Content-Type":        "application/json",
		"X-Hub-Signature-256": metaSignature(l.Key, l.Body),
	}, nil
}

// Challenge answers hub.challenge to who knows the verify token.
func (meta) Challenge(r Request) (Answer, bool, error) {
	challenge := queryValue(r.Query, "hub.challenge")
	if r.Method != "GET" || challenge == "" {
		return Answer{}, false, nil
	}
	offered := sha256.Sum256([]byte(metaVerify + queryValue(r.Query, "hub.verify_token")))
	fits := func(key string) bool {
		own := sha256.Sum256([]byte(key))
		return len(key) > len(metaVerify) && strings.HasPrefix(key, metaVerify) && equal(string(own[:]), string(offered[:]))
	}
	switch {
	case !anyKey(r.Keys, fits):
		return Answer{}, true, denied("the verify token is wrong, or the source's secret has none: add \"verify:<token>\" to it")
	case queryValue(r.Query, "hub.mode") != "subscribe" || len(challenge) > metaChallenges:
		return Answer{}, true, fault.New(fault.Invalid, "not a question of Meta")
	}
	return proven("text/plain; charset=utf-8", challenge), true, nil
}

// Answer follows the table of answers.
func (meta) Answer(r Request, res Result) Answer {
	return machine{"meta"}.Answer(r, res)
}

// metaChange is one change of one page.
type metaChange struct{ entry, change any }

// Parse reads all changes of all entries, in order.
func (meta) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	if _, ok := at(v, "entry").([]any); !ok {
		return Delivery{}, fault.New(fault.Invalid, "not a webhook of Meta: entry is missing")
	}
	var changes []any
	for _, entry := range list(v, "entry") {
		inEntry := list(entry, "changes")
		for _, change := range inEntry {
			changes = append(changes, metaChange{entry, change})
		}
		if inEntry == nil { // messages to the page, for example
			changes = append(changes, metaChange{entry, entry})
		}
	}
	return each(changes, func(_ int, e any) (*draft, bool) {
		c, ok := e.(metaChange)
		if !ok {
			return nil, false
		}
		if text(c.change, "field") == "leadgen" {
			return metaLead(r, c)
		}
		return metaOther(text(v, "object"), c)
	}, r)
}

// metaLead reads a lead's ids.
func metaLead(r Request, c metaChange) (*draft, bool) {
	value := at(c.change, "value")
	lead := text(value, "leadgen_id")
	if !isNumber(lead) {
		return nil, false
	}
	d := newDraft(signal.FormSubmitted)
	d.id = lead
	d.test = lead == metaTestLead
	d.identity.ContactID = lead
	d.occurredAt = timeOf(text(value, "created_time"), time.Second)
	d.fetch = fetchMeta
	d.attributes.put("leadgen_id", lead)
	for _, page := range []string{text(value, "page_id"), text(c.entry, "id")} {
		if isNumber(page) {
			d.attributes.put("page_id", page) // the first stays
		}
	}
	d.attributes.put(signal.AttrForm, queryValue(r.Query, "form"))
	if form := text(value, "form_id"); isNumber(form) {
		d.attributes.put(signal.AttrFormID, form)
	}
	o, _ := value.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "leadgen_id", "page_id", "form_id", "created_time":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	return d, true
}

// metaOther keeps a change of another kind.
func metaOther(subject string, c metaChange) (*draft, bool) {
	o, ok := c.change.(object)
	if !ok {
		return nil, false
	}
	d := newDraft(signal.Other)
	d.original(strings.Trim(subject+"."+text(o, "field"), "."))
	d.id = hashed("content.", text(c.entry, "id"), text(c.entry, "time"), encode(o))
	d.occurredAt = metaTime(text(c.entry, "time"))
	flatten(d.attributes, "", o)
	return d, true
}

// metaTime reads an entry's time, which is in seconds for pages and in
// milliseconds for messages.
func metaTime(stated string) time.Time {
	const thirteenDigits = 13
	if len(stated) >= thirteenDigits {
		return timeOf(stated, time.Millisecond)
	}
	return timeOf(stated, time.Second)
}
