package inbound

import (
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// gravityForms takes the webhooks of Gravity Forms' Webhooks Add-On for
// WordPress (https://docs.gravityforms.com/triggering-webhooks-form-submissions/),
// in both formats, JSON and form. They are not signed; put the source's secret
// into a request header, X-Handoff-Token, or into the address, as ?token=.
//
// With the request body "All Fields" an entry's fields have numbers, such as 3
// and, for the parts of a name, 1.3 and 1.6. Say what they mean in the source's
// policy:
//
//	fields: {"3": email, "4": company, "5": message}
//
// Without that, the parts of a name are found by their numbers and the address
// by being the only one. With "Select Fields" you name the fields yourself;
// send the entry's id as id, so that a second delivery is known for what it is.
// An entry says no title of its form; name it in the address, ?form=Contact+sales.
type gravityForms struct{ byToken }

// About says how a form is connected.
func (gravityForms) About() About {
	return About{
		Title:   "Gravity Forms (WordPress)",
		Paste:   "Form → Settings → Webhooks → Add New: Request URL, Request Method POST. An entry says no title of its form; add ?form=Contact+sales to the address",
		Key:     "Make one up and enter it under Request Headers as X-Handoff-Token",
		Choose:  WeChoose,
		Signs:   "Nothing; the token proves who sends, and not what",
		EventID: "form_id and id of the entry; without an id what was sent, and the hour",
		Test:    "None",
		Retries: "By WordPress; how often is not stated",
		Sample:  Sample{ContentType: "application/json", Body: `{"id":"1","form_id":"1","status":"active"}`},
	}
}

// Kinds returns forms.
func (gravityForms) Kinds() []Kind { return []Kind{Forms} }

// Parse reads one entry.
func (gravityForms) Parse(r Request) (Delivery, error) {
	d := newDraft(signal.FormSubmitted)
	answers, err := gravityFields(d, r)
	if err != nil {
		return Delivery{}, err
	}
	entry := map[string]string{}
	content := []string{r.Source, r.ReceivedAt.UTC().Format("2006-01-02T15")}
	for _, a := range answers {
		entry[a.name] = first(entry[a.name], a.value)
		content = append(content, a.name, a.value)
	}
	if len(answers) == 0 {
		return Delivery{}, fault.New(fault.Invalid, "the entry is empty")
	}
	form, id := entry["form_id"], first(entry["id"], entry["entry_id"])
	if id != "" {
		d.id = strings.TrimPrefix(form+"."+id, ".")
	} else {
		d.id = hashed("content.", content...)
	}
	d.occurredAt = gravityTime(entry["date_created"])
	d.attributes.put(signal.AttrForm, first(queryValue(r.Query, "form"), entry["form_title"]))
	d.attributes.put(signal.AttrFormID, form)
	d.attributes.put(signal.AttrURL, entry["source_url"])
	d.attributes.put(signal.AttrUserAgent, entry["user_agent"])
	var fields []answer
	for _, a := range answers {
		switch a.name {
		case "id", "entry_id", "form_id", "form_title", "date_created", "source_url", "user_agent", "ip":
		default:
			a.kind = gravityName(entry, a.name)
			fields = append(fields, a)
		}
	}
	d.answers(r, fields)
	d.onlyAddress(fields)
	d.submission(d.id)
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// gravityFields reads the entry in either format.
func gravityFields(d *draft, r Request) ([]answer, error) {
	if name, _ := mediaType(r); name == "application/json" {
		v, err := decode(r.Body)
		if err != nil {
			return nil, err
		}
		if _, ok := v.(object); !ok {
			return nil, fault.New(fault.Invalid, "the entry is not a JSON object")
		}
		return d.flattened(v), nil
	}
	pairs, err := formFields(r, maxPairBytes)
	if err != nil {
		return nil, err
	}
	return htmlAnswers(pairs), nil
}

// gravityName returns the part of a name that a numbered field is. A field of
// the type name has the inputs 2 (prefix), 3 (first), 4 (middle), 6 (last) and 8
// (suffix); addresses and check boxes have 1 or 5 as well.
func gravityName(entry map[string]string, name string) string {
	field, part, ok := strings.Cut(name, ".")
	if !ok || !isNumber(field) || (part != "3" && part != "6") {
		return ""
	}
	for other := range entry {
		if of, input, _ := strings.Cut(other, "."); of == field && input != "" && !strings.Contains(".2.3.4.6.8.", "."+input+".") {
			return ""
		}
	}
	if part == "3" {
		return signal.FieldFirstName
	}
	return signal.FieldLastName
}

// gravityTime reads a time of WordPress, which is UTC.
func gravityTime(s string) time.Time {
	if t, err := time.Parse(time.DateTime, s); err == nil {
		return t
	}
	return timeOf(s, time.Second)
}
