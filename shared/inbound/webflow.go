package inbound

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// webflow takes the webhooks of Webflow sites, of which form_submission is the
// one that matters (https://developers.webflow.com/data/docs/working-with-webhooks),
// in version 2 and, without an envelope, in version 1.
//
// Webhooks made through the API are signed: an HMAC over the time in
// milliseconds, a colon and the raw body. Those made in the site's settings are
// not; put the source's secret into their address, as ?token=. Where there is a
// signature, it must fit.
//
// Webflow takes exactly 200 for success, a redirect or 202 for failure.
type webflow struct{}

const (
	webflowSignature = "x-webflow-signature"
	webflowTimestamp = "x-webflow-timestamp"
	webflowWindow    = 5 * time.Minute
	webflowForm      = "form_submission"
)

// About says how a site's forms are connected.
func (webflow) About() About {
	return About{
		Title:   "Webflow",
		Paste:   "Through the API (POST /v2/sites/{id}/webhooks, triggerType form_submission), which signs; or Site settings → Forms → Webhooks, with ?token= and the secret behind the address",
		Key:     "The secretKey of the answer that made the webhook, or the client secret of the app that did. For a webhook of the site's settings make one up",
		Signs:   "x-webflow-signature: HMAC-SHA256 over x-webflow-timestamp, a colon and the body; without a signature the token",
		Window:  webflowWindow,
		EventID: "payload.id",
		Test:    "None",
		Retries: "All but exactly 200 is tried again three times, ten minutes apart; failing again and again disables the webhook",
		Sample:  Sample{ContentType: "application/json", Body: `{"triggerType":"site_publish","payload":{"domains":["example.com"]}}`},
	}
}

// Kinds returns forms.
func (webflow) Kinds() []Kind { return []Kind{Forms} }

// Verify checks the signature, or the token where there is none.
func (webflow) Verify(r Request) error {
	given, stated := r.Headers[webflowSignature], r.Headers[webflowTimestamp]
	if given == "" {
		if hasToken(r) {
			return nil
		}
		return denied("the header x-webflow-signature is missing, and so is the token that unsigned webhooks need")
	}
	if !within(stated, time.Millisecond, r.ReceivedAt, webflowWindow) {
		return denied("the stated time is missing or too far from now")
	}
	if !anyKey(r.Keys, func(key string) bool { return equal(given, webflowMAC(key, stated, r.Body)) }) {
		return denied("the signature does not fit the body")
	}
	return nil
}

func webflowMAC(key, stated string, body []byte) string {
	return hex.EncodeToString(mac(sha256.New, key, []byte(stated), []byte(":"), body))
}

// Sign returns the two headers.
func (webflow) Sign(l Letter) (map[string]string, error) {
	stated := strconv.FormatInt(l.At.UnixMilli(), 10)
	return map[string]string{
		"Content-Type":        "application/json",
		"X-Webflow-Timestamp": stated,
		"X-Webflow-Signature": webflowMAC(l.Key, stated, l.Body),
	}, nil
}

// Answer follows the table of answers.
func (webflow) Answer(r Request, res Result) Answer {
	return machine{"webflow"}.Answer(r, res)
}

// Parse reads one event.
func (webflow) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	kind, payload := text(v, "triggerType"), at(v, "payload")
	if kind == "" && text(v, "_id") != "" && at(v, "data") != nil {
		kind, payload = webflowForm, v // version 1
	}
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a webhook of Webflow: triggerType is missing")
	}
	d := newDraft(signal.FormSubmitted)
	id := first(text(payload, "id"), text(payload, "_id"))
	d.id = first(id, hashed("content.", string(r.Body)))
	if kind != webflowForm {
		d.original(kind)
		d.id = hashed("content.", string(r.Body)) // a page's or an item's id comes with each of its changes
		flatten(d.attributes, "", payload)
		return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
	}
	d.occurredAt = timeOf(first(text(payload, "submittedAt"), text(payload, "d")), time.Millisecond)
	d.attributes.put(signal.AttrForm, text(payload, "name"))
	d.attributes.put(signal.AttrFormID, text(payload, "formId"))
	d.attributes.put(signal.AttrURL, text(payload, "pageUrl"))
	d.answers(r, d.flattened(at(payload, "data")))
	o, _ := payload.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "name", "formId", "pageUrl", "data", "schema", "submittedAt", "d", "id", "_id":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	d.submission(d.id)
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}
