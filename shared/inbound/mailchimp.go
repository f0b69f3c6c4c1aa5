package inbound

import (
	"sort"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// mailchimp takes the audience webhooks of Mailchimp Marketing
// (https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/):
// forms with bracketed names, data[merges][FNAME]. Mailchimp does not sign; put
// the secret into the address (?token=). When a webhook is made, Mailchimp looks
// at the address by GET, and a 200 is all that it wants.
//
// There is no event id, so the id is the hash of everything that is said. Times
// carry no zone and are taken as UTC, which Mailchimp does not state.
// Mailchimp sends no test events.
type mailchimp struct{ byToken }

const mailchimpTime = "2006-01-02 15:04:05"

// About says how it is connected.
func (mailchimp) About() About {
	return About{
		Title:   "Mailchimp",
		Paste:   "Audience → Manage contacts → Settings → Webhooks → Create new webhook: Callback URL, with ?token= and the secret behind the address",
		Key:     "Make one up; it stands in the address",
		Choose:  WeChoose,
		Signs:   "Nothing; the token in the address proves who sends, and not what",
		EventID: "None; the hash of all that is said",
		Test:    "None. When the webhook is made Mailchimp looks at the address by GET",
		Retries: "Not stated",
		Sample:  Sample{ContentType: typeForm, Body: "type=campaign&fired_at=2026-01-01+00%3A00%3A00&data%5Bid%5D=sample&data%5Bstatus%5D=sent"},
	}
}

// Kinds returns engagement.
func (mailchimp) Kinds() []Kind { return []Kind{Engagement} }

// Parse reads one event.
func (mailchimp) Parse(r Request) (Delivery, error) {
	values := map[string]string{}
	for _, p := range decodeForm(string(r.Body)) {
		name := dottedName(p.name)
		if values[name] != "" && p.value != "" {
			p.value = values[name] + ", " + p.value
		}
		values[name] = cut(first(p.value, values[name]), maxValue)
	}
	kind := values["type"]
	if kind == "" {
		return Delivery{}, fault.New(fault.Invalid, "not a Mailchimp event: the field type is missing")
	}
	names := make([]string, 0, len(values))
	content := []string{}
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		content = append(content, name, values[name])
	}
	d := newDraft(mailchimpType(values))
	if d.kind == signal.Other {
		d.original(kind)
	}
	d.id = hashed("content.", content...)
	if t, err := time.Parse(mailchimpTime, values["fired_at"]); err == nil {
		d.occurredAt = t
	}
	if kind != "campaign" { // whose data.id is the campaign's
		d.identity.ContactID = first(values["data.id"], values["data.new_id"])
	}
	d.identity.Email = first(values["data.new_email"], values["data.email"])
	d.attributes.put(signal.AttrEvent, kind)
	if kind == "subscribe" {
		d.attributes.put(signal.AttrConsent+signal.PurposeEmail, signal.ConsentYes)
	}
	for _, name := range names {
		mailchimpField(d, name, values[name])
	}
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

func mailchimpField(d *draft, name, value string) {
	switch name {
	case "type", "fired_at", "data.id", "data.new_id", "data.email", "data.new_email", "data.ip_opt", "data.ip_signup":
		return
	}
	rest := strings.TrimPrefix(name, "data.")
	if merge, ok := strings.CutPrefix(rest, "merges."); ok {
		if address, part, found := strings.Cut(merge, "."); found && strings.EqualFold(part, "country") && strings.Contains(strings.ToLower(address), "address") {
			merge = part
		}
		if d.field(canonical(merge), value) {
			return
		}
		rest = merge
	}
	d.attributes.put(rest, value)
}

func mailchimpType(values map[string]string) signal.Type {
	abuse := values["data.reason"] == "abuse"
	switch values["type"] {
	case "subscribe":
		return signal.ContactCreated
	case "profile", "upemail":
		return signal.ContactChanged
	case "unsubscribe":
		switch {
		case abuse:
			return signal.EmailComplained
		case values["data.action"] == "delete": // by the audience's owner, not by the person
			return signal.ContactDeleted
		}
		return signal.EmailUnsubscribed
	case "cleaned":
		if abuse {
			return signal.EmailComplained
		}
		return signal.EmailBounced
	}
	return signal.Other
}

// dottedName writes data[merges][FNAME] as data.merges.FNAME.
func dottedName(name string) string {
	head, tail, ok := strings.Cut(name, "[")
	if !ok {
		return name
	}
	parts := []string{head}
	for _, part := range strings.Split(tail, "[") {
		if part = strings.TrimSuffix(part, "]"); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ".")
}
