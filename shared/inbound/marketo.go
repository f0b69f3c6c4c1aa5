package inbound

import (
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// marketo takes what the flow step "Call Webhook" of Adobe Marketo Engage sends
// (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/webhooks/webhooks).
// The payload is a template of the user's. Paste this one, with the request
// token encoding JSON, which puts the quotes around text itself, and the secret
// as the custom header X-Handoff-Token:
//
//	{"type": "event.tracked",
//	 "event": {{campaign.name}},
//	 "datetime": {{system.dateTime}},
//	 "campaign": {"id": {{campaign.id}}, "name": {{campaign.name}}},
//	 "lead": {"id": {{lead.Id}}, "email": {{lead.Email Address}},
//	          "first_name": {{lead.First Name}}, "last_name": {{lead.Last Name}},
//	          "title": {{lead.Job Title}}, "phone": {{lead.Phone Number}}, "country": {{lead.Country}}},
//	 "company": {"name": {{company.Company Name}}, "industry": {{company.Industry}}, "website": {{company.Website}}}}
//
// type is a canonical type, form.submitted in a campaign that a form triggers,
// email.clicked where a click does; one webhook for each. Without it the post is
// a form submission on the forms path and a tracked event on the other. Other
// fields of lead and company are kept. "test": true marks a test.
//
// There is no event id and no retry, so the id is the hash of what was sent and,
// where that says no datetime, the hour. system.dateTime carries no zone, so the
// event counts as having happened when it came; an occurred_at of RFC 3339 is
// believed.
type marketo struct{ byToken }

// About says how it is connected.
func (marketo) About() About {
	return About{
		Title:   "Adobe Marketo Engage",
		Paste:   "Admin → Webhooks → New webhook: URL, type POST, request token encoding JSON, and the template that stands in marketo.go; then the flow step Call Webhook in a trigger campaign",
		Key:     "Make one up: Webhooks Actions → Set custom header, X-Handoff-Token",
		Choose:  WeChoose,
		Signs:   "Nothing; the token proves who sends, and not what",
		EventID: "None; the hash of all that is said",
		Test:    "A template with test: true is answered and stored nowhere",
		Retries: "None",
		Sample:  Sample{ContentType: "application/json", Body: `{"type":"event.tracked","event":"sample","test":true,"lead":{"email":"sample@example.com"}}`},
	}
}

// Kinds returns engagement and forms.
func (marketo) Kinds() []Kind { return []Kind{Engagement, Forms} }

// Parse reads one post.
func (marketo) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, fault.New(fault.Invalid, "the body is not JSON: choose the request token encoding JSON and put no quotes around tokens")
	}
	o, ok := v.(object)
	if !ok || len(o) == 0 {
		return Delivery{}, fault.New(fault.Invalid, "the body is not an object with fields")
	}
	d := marketoDraft(r, o)
	d.test = text(o, "test") == "true"
	d.occurredAt = timeOf(text(o, "occurred_at"), time.Second)
	content := []string{r.Source, encode(o)}
	if text(o, "datetime") == "" && text(o, "occurred_at") == "" {
		content = append(content, r.ReceivedAt.UTC().Format("2006-01-02T15"))
	}
	d.id = hashed("content.", content...)
	campaign := text(o, "campaign", "name")
	if d.kind == signal.FormSubmitted {
		d.attributes.put(signal.AttrForm, first(text(o, "form"), text(o, "event"), campaign, text(o, "name")))
	}
	if d.kind == signal.EventTracked {
		d.attributes.put(signal.AttrEvent, first(text(o, "event"), campaign, text(o, "name")))
	}
	marketoLead(d, o)
	for _, name := range sortedKeys(o) {
		switch name {
		case "type", "lead", "company", "occurred_at", "test":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	if d.kind == signal.FormSubmitted {
		d.submission(d.id)
	}
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

func marketoDraft(r Request, o object) *draft {
	kind := text(o, "type")
	switch {
	case kind == "" && r.Kind == Forms:
		return newDraft(signal.FormSubmitted)
	case kind == "":
		return newDraft(signal.EventTracked)
	}
	d := newDraft(signal.Type(kind))
	if !fromOutside(d.kind) {
		d.original(kind)
	}
	return d
}

// marketoLead reads the lead and its company. A field that is empty comes as "".
func marketoLead(d *draft, o object) {
	lead, _ := o["lead"].(object)
	d.identity.ContactID = text(lead, "id")
	for _, name := range sortedKeys(lead) {
		field := canonical(strings.TrimPrefix(name, "lead."))
		if name == "id" || (field != fieldFullName && d.field(field, text(lead, name))) {
			continue
		}
		if field != fieldFullName {
			flatten(d.attributes, "lead."+name, lead[name])
		}
	}
	d.field(fieldFullName, first(text(lead, "name"), text(lead, "full_name"))) // after its parts
	company, ok := o["company"].(object)
	if !ok {
		d.lead.put(signal.FieldCompany, text(o, "company"))
		return
	}
	for _, name := range sortedKeys(company) {
		switch field := canonical(name); field {
		case fieldFullName, signal.FieldCompany:
			d.lead.put(signal.FieldCompany, text(company, name))
		case signal.FieldIndustry, signal.FieldWebsite, signal.FieldEmployees, signal.FieldCountry:
			d.lead.put(field, text(company, name))
		default:
			flatten(d.attributes, "company."+name, company[name])
		}
	}
}
