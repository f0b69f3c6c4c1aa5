package inbound

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// tally takes the webhooks of Tally (https://tally.so/help/webhooks). The
// signature covers the body and no time, so there is no replay window: a
// replay has the same event id and changes nothing.
type tally struct{}

const (
	tallyHeader   = "tally-signature"
	tallyResponse = "FORM_RESPONSE"
)

// About says how a form is connected.
func (tally) About() About {
	return About{
		Title:   "Tally",
		Paste:   "Form → Integrations → Webhooks → Connect: Endpoint URL",
		Key:     "Make one up and enter it there as Signing secret",
		Choose:  WeChoose,
		Signs:   "Tally-Signature: HMAC-SHA256 over the body",
		EventID: "eventId",
		Test:    "None that can be told from others",
		Retries: "All but 2xx within ten seconds is tried again after 5 and 30 minutes, 1 hour, 6 hours and a day",
		Sample:  Sample{ContentType: "application/json", Body: `{"eventId":"sample","eventType":"SAMPLE","data":{}}`},
	}
}

// Kinds returns forms.
func (tally) Kinds() []Kind { return []Kind{Forms} }

// Verify checks Tally-Signature: the base64 of HMAC-SHA256 over the body.
func (tally) Verify(r Request) error {
	given := r.Headers[tallyHeader]
	if given == "" {
		return denied("the header Tally-Signature is missing: set a signing secret in the webhook's settings")
	}
	if !anyKey(r.Keys, func(key string) bool { return equal(given, tallySignature(key, r.Body)) }) {
		return denied("the signature does not fit the body")
	}
	return nil
}

func tallySignature(key string, body []byte) string {
	return base64.StdEncoding.EncodeToString(mac(sha256.New, key, body))
}

// Sign returns Tally-Signature.
func (tally) Sign(l Letter) (map[string]string, error) {
	return map[string]string{
		"Content-Type":    "application/json",
		"Tally-Signature": tallySignature(l.Key, l.Body),
	}, nil
}

// Answer follows the table of answers.
func (tally) Answer(r Request, res Result) Answer {
	return machine{"tally"}.Answer(r, res)
}

// Parse reads one response.
func (tally) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	kind, data := text(v, "eventType"), at(v, "data")
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a webhook of Tally: eventType is missing")
	}
	d := newDraft(signal.FormSubmitted)
	if kind != tallyResponse {
		d.original(kind)
	}
	submission := first(text(data, "submissionId"), text(data, "responseId"))
	d.id = first(text(v, "eventId"), submission, hashed("content.", string(r.Body)))
	d.occurredAt = timeOf(first(text(data, "createdAt"), text(v, "createdAt")), time.Second)
	d.attributes.put(signal.AttrForm, text(data, "formName"))
	d.attributes.put(signal.AttrFormID, text(data, "formId"))
	d.attributes.put("submission_id", submission)
	d.attributes.put("respondent_id", text(data, "respondentId"))
	answers := make([]answer, 0, len(list(data, "fields")))
	for _, f := range list(data, "fields") {
		if tallyRepeats(f) {
			continue
		}
		key, title := text(f, "key"), text(f, "label")
		answers = append(answers, tallyAnswer(key, title, f))
	}
	d.answers(r, answers)
	d.submission(first(submission, d.id))
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// tallyRepeats reports whether a field says again what another one says: each
// option of a question with check boxes comes once more, as true or false.
func tallyRepeats(f any) bool {
	_, isBool := at(f, "value").(bool)
	return isBool && text(f, "type") == "CHECKBOXES" && strings.Count(text(f, "key"), "_") > 1
}

func tallyAnswer(key, title string, f any) answer {
	a := answer{name: key, title: title, label: first(title, key), value: tallyValue(f)}
	switch text(f, "type") {
	case "HIDDEN_FIELDS": // the label is the name of the parameter, such as utm_source
		a.name, a.label = title, first(title, key)
	case "INPUT_EMAIL":
		a.kind = signal.FieldEmail
	case "INPUT_PHONE_NUMBER":
		a.kind = signal.FieldPhone
	}
	return a
}

// tallyValue returns an answer as text, with the texts of options for their ids.
func tallyValue(f any) string {
	names := map[string]string{}
	for _, kind := range []string{"options", "rows", "columns"} {
		for _, o := range list(f, kind) {
			names[text(o, "id")] = text(o, "text")
		}
	}
	named := func(v any) string {
		if s := text(v); s != "" {
			return first(names[s], s)
		}
		// A file, or a signature.
		return first(text(v, "name"), text(v, "url"))
	}
	switch value := at(f, "value").(type) {
	case []any:
		return joined(value, named)
	case object: // a matrix: for each row the chosen columns
		parts := make([]string, 0, len(value))
		for _, row := range sortedKeys(value) {
			chosen, _ := value[row].([]any)
			parts = append(parts, first(names[row], row)+": "+first(joined(chosen, named), text(value[row])))
		}
		return strings.Join(parts, "; ")
	default:
		return named(value)
	}
}

func joined(list []any, name func(any) string) string {
	parts := make([]string, 0, len(list))
	for _, v := range list {
		if s := name(v); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}
