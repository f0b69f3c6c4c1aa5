package inbound

import (
	"regexp"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// jotform takes the webhooks of Jotform
// (https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/): a
// form of multipart/form-data whose field rawRequest holds the answers as
// JSON. They are not signed; put the source's secret into the address, as
// ?token=. Because Jotform repeats the address in the field webhookURL, that
// field is kept nowhere.
//
// A question's name is made of its number and its label when it was made:
// q4_workEmail. Where the names say nothing, the source's policy can (fields).
type jotform struct{ byToken }

// jotformLimit is the most bytes of one field: rawRequest holds all answers.
const jotformLimit = 512 << 10

// About says how a form is connected.
func (jotform) About() About {
	return About{
		Title:   "Jotform",
		Paste:   "Form → Settings → Integrations → Webhooks, with ?token= and the secret behind the address",
		Key:     "Make one up; it stands in the address",
		Choose:  WeChoose,
		Signs:   "Nothing; the token in the address proves who sends, and not what",
		EventID: "submissionID",
		Test:    "None that can be told from others",
		Retries: "Not stated",
		Sample:  Sample{ContentType: typeForm, Body: "formID=1&submissionID=1&formTitle=Sample&rawRequest=%7B%22slug%22%3A%22submit%2F1%22%7D"},
	}
}

// Kinds returns forms.
func (jotform) Kinds() []Kind { return []Kind{Forms} }

// Parse reads one submission.
func (jotform) Parse(r Request) (Delivery, error) {
	pairs, err := formFields(r, jotformLimit)
	if err != nil {
		return Delivery{}, err
	}
	sent := map[string]string{}
	for _, p := range pairs {
		sent[p.name] = first(sent[p.name], p.value)
	}
	if sent["rawRequest"] == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a webhook of Jotform: rawRequest is missing")
	}
	v, err := decode([]byte(sent["rawRequest"]))
	raw, ok := v.(object)
	if err != nil || !ok {
		return Delivery{}, fault.New(fault.Invalid, "rawRequest is not a JSON object")
	}
	d := newDraft(signal.FormSubmitted)
	submission := sent["submissionID"]
	d.id = first(submission, hashed("content.", sent["formID"], encode(raw)))
	d.occurredAt = timeOf(text(raw, "submitDate"), time.Millisecond)
	d.attributes.put(signal.AttrForm, sent["formTitle"])
	d.attributes.put(signal.AttrFormID, sent["formID"])
	d.attributes.put("submission_id", submission)
	var answers []answer
	question := regexp.MustCompile(`^q\d+_(.+)$`)
	for _, key := range sortedKeys(raw) {
		if m := question.FindStringSubmatch(key); m != nil {
			answers = append(answers, jotformAnswers(key, m[1], raw[key])...)
		} else if !jotformOwn(key) { // fields that were passed in the form's address, and files
			answers = append(answers, answer{name: key, value: jotformText(raw[key])})
		}
	}
	d.answers(r, mapped(r, answers))
	d.onlyAddress(answers)
	jotformRest(d, sent)
	d.submission(d.id)
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// mapped gives back the name with the number to answers that the policy knows by it.
func mapped(r Request, answers []answer) []answer {
	for i, a := range answers {
		if r.Policy.Fields[a.label] != "" {
			answers[i].name = a.label
		}
	}
	return answers
}

// jotformAnswers reads one question. A name, a phone number and an address
// come in parts.
func jotformAnswers(key, name string, v any) []answer {
	o, ok := v.(object)
	switch {
	case !ok:
		return []answer{{name: name, label: key, value: jotformText(v)}}
	case text(o, "first") != "" || text(o, "last") != "":
		return []answer{
			{name: signal.FieldFirstName, label: key + ".first", value: text(o, "first")},
			{name: signal.FieldLastName, label: key + ".last", value: text(o, "last")},
			{name: key + ".rest", value: spaceJoined(text(o, "prefix"), text(o, "middle"), text(o, "suffix"))},
		}
	case text(o, "full") != "" || text(o, "phone") != "":
		return []answer{{
			name: name, label: key, kind: signal.FieldPhone,
			value: first(text(o, "full"), spaceJoined(text(o, "country"), text(o, "area"), text(o, "phone"))),
		}}
	}
	var out []answer
	for _, part := range sortedKeys(o) {
		a := answer{name: key + "." + part, value: jotformText(o[part])}
		if part == "country" {
			a.kind = signal.FieldCountry
		}
		out = append(out, a)
	}
	return out
}

func jotformText(v any) string {
	if l, ok := v.([]any); ok {
		if s, scalars := joinScalars(l); scalars {
			return s
		}
	}
	if s := text(v); s != "" || v == nil {
		return s
	}
	if s := encode(v); s != `""` && s != "{}" && s != "[]" {
		return s
	}
	return ""
}

func spaceJoined(parts ...string) string {
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// jotformOwn reports whether a field of rawRequest is Jotform's own.
func jotformOwn(key string) bool {
	switch key {
	case "slug", "path", "jsExecutionTracker", "submitSource", "submitDate", "buildDate", "uploadServerUrl", "eventObserver",
		"event_id", "timeToSubmit", "temp_upload", "file_server", "preview", "validatedNewRequiredFieldIDs", "visitedPages", "target_env":
		return true
	}
	return false
}

// jotformRest keeps what else was sent. The text "pretty" says again what the
// answers do.
func jotformRest(d *draft, sent map[string]string) {
	for _, name := range []string{"type", "event", "documentID", "teamID", "appID", "parent", "product", "customParams", "customTitle", "subject", "unread"} {
		d.attributes.put("jotform."+name, sent[name])
	}
}
