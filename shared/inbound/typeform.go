package inbound

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// typeform takes the form_response webhooks of Typeform
// (https://www.typeform.com/developers/webhooks/). The signature covers the
// body and no time, so there is no replay window: a replay has the same event
// id and changes nothing.
//
// "Send test request" fills a real form's webhook with sample answers, which
// are told by their values: the address an_account@example.com, or the text
// "Lorem ipsum dolor" where the form asks for no address.
type typeform struct{}

const (
	typeformHeader     = "typeform-signature"
	typeformPrefix     = "sha256="
	typeformTestEmail  = "an_account@example.com"
	typeformTestAnswer = "Lorem ipsum dolor"
)

// About says how a form is connected.
func (typeform) About() About {
	return About{
		Title:   "Typeform",
		Paste:   "Form → Connect → Webhooks → Add a webhook: Endpoint",
		Key:     "Make one up and enter it under Edit → Secret",
		Choose:  WeChoose,
		Signs:   "Typeform-Signature: HMAC-SHA256 over the body",
		EventID: "event_id",
		Test:    "Send test request fills the form with samples (an_account@example.com, Lorem ipsum dolor), which are answered and stored nowhere",
		Retries: "408, 423, 429 and 503 every few minutes for ten hours, other codes five times in three hours; 404 and 410 disable the webhook at once, so they are never the answer of a known source",
		Sample:  Sample{ContentType: "application/json", Body: `{"event_id":"sample","event_type":"form_response","form_response":{"form_id":"sample","token":"sample","definition":{"fields":[]},"answers":[{"type":"email","email":"an_account@example.com","field":{"id":"a","type":"email","ref":"email"}}]}}`},
	}
}

// Kinds returns forms.
func (typeform) Kinds() []Kind { return []Kind{Forms} }

// Verify checks Typeform-Signature: sha256= and the base64 of HMAC-SHA256 over the body.
func (typeform) Verify(r Request) error {
	given := r.Headers[typeformHeader]
	if given == "" {
		return denied("the header Typeform-Signature is missing: set a secret in the webhook's settings")
	}
	if !anyKey(r.Keys, func(key string) bool { return equal(given, typeformSignature(key, r.Body)) }) {
		return denied("the signature does not fit the body")
	}
	return nil
}

func typeformSignature(key string, body []byte) string {
	return typeformPrefix + base64.StdEncoding.EncodeToString(mac(sha256.New, key, body))
}

// Sign returns Typeform-Signature.
func (typeform) Sign(l Letter) (map[string]string, error) {
	return map[string]string{
		"Content-Type":       "application/json",
		"Typeform-Signature": typeformSignature(l.Key, l.Body),
	}, nil
}

// Answer follows the table of answers.
func (typeform) Answer(r Request, res Result) Answer {
	return machine{"typeform"}.Answer(r, res)
}

// Parse reads one response.
func (typeform) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	eventType, response := text(v, "event_type"), at(v, "form_response")
	if eventType == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a Typeform event: event_type is missing")
	}
	d := newDraft(signal.FormSubmitted)
	if eventType != "form_response" {
		d.original(eventType)
	}
	token := text(response, "token")
	d.id = first(text(v, "event_id"), token, hashed("content.", string(r.Body)))
	d.occurredAt = timeOf(first(text(response, "submitted_at"), text(response, "landed_at")), time.Second)
	d.attributes.put(signal.AttrForm, text(response, "definition", "title"))
	d.attributes.put(signal.AttrFormID, first(text(response, "form_id"), text(response, "definition", "id")))
	d.attributes.put("token", token)
	typeformAnswers(d, r, response)
	typeformHidden(d, response)
	for _, name := range []string{"calculated", "ending", "variables", "landed_at"} {
		flatten(d.attributes, name, at(response, name))
	}
	d.submission(first(token, d.id))
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// typeformHidden puts hidden fields into the attributes (utm_source …), and
// into the profile where they carry one of its fields and no answer does.
func typeformHidden(d *draft, response any) {
	hidden, ok := at(response, "hidden").(object)
	if !ok {
		return
	}
	for _, name := range sortedKeys(hidden) {
		if !d.field(canonical(name), text(hidden, name)) {
			flatten(d.attributes, name, hidden[name])
		}
	}
}

// typeformAnswers maps answers to profile fields by the field's ref, then by
// its title, then by its type; the others become attributes.
func typeformAnswers(d *draft, r Request, response any) {
	titles := map[string]string{}
	for _, f := range list(response, "definition", "fields") {
		titles[text(f, "id")] = text(f, "title")
		for _, sub := range list(f, "properties", "fields") { // question groups
			titles[text(sub, "id")] = text(sub, "title")
		}
	}
	sample := false
	var answers []answer
	for _, a := range list(response, "answers") {
		ref, title := text(a, "field", "ref"), titles[text(a, "field", "id")]
		value := typeformValue(a)
		sample = sample || value == typeformTestAnswer
		label := ref
		if title != "" && (ref == "" || strings.Count(ref, "-") == 4) { // a generated UUID says nothing
			label = title
		}
		answers = append(answers, answer{
			name: ref, title: title, kind: first(canonical(text(a, "field", "subfield_key")), typeformByType(text(a, "type"))),
			label: first(label, text(a, "field", "id")), value: value,
		})
	}
	d.answers(r, answers)
	d.test = strings.EqualFold(d.identity.Email, typeformTestEmail) || (d.identity.Email == "" && sample)
}

func typeformByType(answerType string) string {
	switch answerType {
	case "email":
		return signal.FieldEmail
	case "phone_number":
		return signal.FieldPhone
	}
	return ""
}

// typeformValue returns the value of an answer, whose key is named by its type.
func typeformValue(a any) string {
	kind := text(a, "type")
	switch kind {
	case "choice":
		return first(text(a, "choice", "label"), text(a, "choice", "other"))
	case "choices":
		labels, _ := joinScalars(list(a, "choices", "labels"))
		if other := text(a, "choices", "other"); other != "" {
			labels = strings.TrimPrefix(labels+", "+other, ", ")
		}
		return labels
	}
	if s := text(a, kind); s != "" {
		return s
	}
	if v := at(a, kind); v != nil {
		return encode(v)
	}
	return ""
}
