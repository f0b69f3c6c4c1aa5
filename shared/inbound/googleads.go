package inbound

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// googleAds takes the leads of Google Ads' lead forms
// (https://developers.google.com/google-ads/webhook/docs/implementation). They
// are not signed: the key that was entered beside the address stands in the
// body as google_key. So the key proves no body, and it is kept nowhere.
//
// A form has an id and no title; name it in the address, ?form=Request+a+demo.
// "Send test data" marks its lead by is_test.
type googleAds struct{}

// About says how a lead form is connected.
func (googleAds) About() About {
	return About{
		Title:   "Google Ads lead forms",
		Paste:   "Campaign → Assets → Lead form → Export leads from Google Ads → Webhook integration: Webhook URL. A form sends no title; add ?form=Request+a+demo to the address",
		Key:     "Make one up, of at most 50 characters, and enter it there as Key",
		Choose:  WeChoose,
		Signs:   "The key stands in the body as google_key; what else stands there is not proven",
		EventID: "lead_id",
		Test:    "Send test data: is_test is true. It is answered and stored nowhere",
		Retries: "5xx is tried again; for how long is not stated",
		Sample:  Sample{ContentType: "application/json", Body: `{"lead_id":"test-1","form_id":1,"is_test":true,"user_column_data":[{"column_id":"EMAIL","string_value":"test@example.com"}]}`},
	}
}

// Kinds returns forms.
func (googleAds) Kinds() []Kind { return []Kind{Forms} }

// Verify checks google_key.
func (googleAds) Verify(r Request) error {
	v, err := decode(r.Body)
	if err != nil {
		return denied("the body has no google_key")
	}
	// Hashing first hides the length of the key from the comparison's time.
	given := sha256.Sum256([]byte(text(v, "google_key")))
	fits := func(key string) bool {
		own := sha256.Sum256([]byte(key))
		return subtle.ConstantTimeCompare(given[:], own[:]) == 1
	}
	if !anyKey(r.Keys, fits) {
		return denied("google_key is missing or wrong")
	}
	return nil
}

// SignBody puts the key into the body, as google_key.
func (googleAds) SignBody(l Letter) ([]byte, error) {
	v, err := decode(l.Body)
	if err != nil {
		return nil, err
	}
	o, ok := v.(object)
	if !ok {
		return nil, fault.New(fault.Invalid, "the body is not an object")
	}
	o["google_key"] = l.Key
	body, err := json.Marshal(o)
	return body, fault.Wrap(fault.Invalid, "encode body", err)
}

// Sign is for bodies that carry the key already; SignBody puts it in.
func (g googleAds) Sign(l Letter) (map[string]string, error) {
	if g.Verify(Request{Body: l.Body, Keys: []string{l.Key}}) != nil {
		return nil, fault.New(fault.Invalid, "Google's proof stands in the body, and this one has no google_key that fits")
	}
	return map[string]string{"Content-Type": "application/json"}, nil
}

// Answer follows the table of answers.
func (googleAds) Answer(r Request, res Result) Answer {
	return machine{"google-ads"}.Answer(r, res)
}

// Parse reads one lead.
func (googleAds) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	o, ok := v.(object)
	if !ok || text(v, "lead_id") == "" && list(v, "user_column_data") == nil {
		return Delivery{}, fault.New(fault.Invalid, "not a lead of Google Ads: lead_id and user_column_data are missing")
	}
	columns := list(v, "user_column_data")
	d := newDraft(signal.FormSubmitted)
	d.id = first(text(v, "lead_id"), hashed("content.", text(v, "gcl_id"), encode(columns)))
	d.test = text(v, "is_test") == "true"
	d.occurredAt = timeOf(text(v, "lead_submit_time"), time.Second)
	d.attributes.put(signal.AttrForm, queryValue(r.Query, "form"))
	d.attributes.put(signal.AttrFormID, text(v, "form_id"))
	d.attributes.put("lead_id", text(v, "lead_id"))
	answers := make([]answer, 0, len(columns))
	for _, c := range columns {
		id, title := text(c, "column_id"), text(c, "column_name")
		answers = append(answers, answer{name: id, title: title, label: first(id, title), value: text(c, "string_value")})
	}
	d.answers(r, answers)
	for _, name := range sortedKeys(o) {
		switch name {
		case "google_key", "user_column_data", "lead_id", "form_id", "is_test", "lead_submit_time":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	d.submission(d.id)
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}
