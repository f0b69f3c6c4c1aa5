package inbound

import (
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// unbounce takes the webhooks of Unbounce's landing pages
// (https://documentation.unbounce.com/hc/en-us/articles/203510044): a form
// whose field data.json holds the answers as JSON, each in a list; data.xml
// says the same again. They are not signed; put the source's secret into the
// address, as ?token=.
//
// A submission has no id. Its id is made of the page, the variant and all that
// was sent, among it the day and the minute; where those are missing, of the
// hour as well.
type unbounce struct{ byToken }

// About says how a page is connected.
func (unbounce) About() About {
	return About{
		Title:   "Unbounce",
		Paste:   "Page → Integrations → Webhooks → POST to URL, with ?token= and the secret behind the address",
		Key:     "Make one up; it stands in the address",
		Choose:  WeChoose,
		Signs:   "Nothing; the token in the address proves who sends, and not what",
		EventID: "Page, variant and all that was sent, among it the day and the minute",
		Test:    "None that can be told from others",
		Retries: "Not stated",
		Sample:  Sample{ContentType: typeForm, Body: "page_id=1&page_name=Sample&variant=a&data.json=%7B%22sample%22%3A%5B%22yes%22%5D%7D"},
	}
}

// Kinds returns forms.
func (unbounce) Kinds() []Kind { return []Kind{Forms} }

// Parse reads one submission.
func (unbounce) Parse(r Request) (Delivery, error) {
	pairs, err := formFields(r, jotformLimit)
	if err != nil {
		return Delivery{}, err
	}
	sent := map[string]string{}
	for _, p := range pairs {
		sent[p.name] = first(sent[p.name], p.value)
	}
	v, err := decode([]byte(sent["data.json"]))
	data, ok := v.(object)
	if err != nil || !ok {
		return Delivery{}, fault.New(fault.Invalid, "not a webhook of Unbounce: data.json is missing or not a JSON object")
	}
	d := newDraft(signal.FormSubmitted)
	content := []string{sent["page_id"], sent["page_uuid"], sent["variant"], encode(data)}
	day, minute := unbounceText(data["date_submitted"]), unbounceText(data["time_submitted"])
	if day == "" || minute == "" {
		content = append(content, r.ReceivedAt.UTC().Format("2006-01-02T15"))
	}
	d.id = hashed("content.", content...)
	d.occurredAt = unbounceTime(day, minute)
	d.attributes.put(signal.AttrForm, sent["page_name"])
	d.attributes.put(signal.AttrFormID, first(sent["page_id"], sent["page_uuid"]))
	d.attributes.put(signal.AttrURL, sent["page_url"])
	d.attributes.put("variant", sent["variant"])
	var answers []answer
	for _, name := range sortedKeys(data) {
		switch name {
		case "date_submitted", "time_submitted", "ip_address":
		case "page_id", "page_uuid", "page_name", "page_url", "variant": // said before
		default:
			answers = append(answers, answer{name: name, value: unbounceText(data[name])})
		}
	}
	d.answers(r, answers)
	d.submission(d.id)
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// unbounceText returns a value, which stands in a list even when it is alone.
func unbounceText(v any) string {
	if l, ok := v.([]any); ok {
		if s, scalars := joinScalars(l); scalars {
			return s
		}
		return encode(v)
	}
	return text(v)
}

// unbounceTime reads 2026-03-02 and "09:58 AM UTC". Other zones than UTC are
// left to the time of receipt: an abbreviation says no zone for certain.
func unbounceTime(day, minute string) time.Time {
	clock, found := strings.CutSuffix(minute, " UTC")
	if !found {
		return time.Time{}
	}
	t, err := time.Parse("2006-01-02 03:04 PM", day+" "+clock)
	if err != nil {
		return time.Time{}
	}
	return t
}
