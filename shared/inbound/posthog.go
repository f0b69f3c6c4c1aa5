package inbound

import (
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// posthog takes what PostHog's HTTP Webhook destination sends
// (https://posthog.com/docs/cdp/destinations/webhook) with its default body,
// {"event": {event}, "person": {person}}. PostHog does not sign; put the secret
// into the destination's headers (X-Handoff-Token).
//
// Names with a dollar sign are PostHog's own: $pageview and $screen are pages,
// $identify and $set say who a person is, the others become "other". The test
// button sends an example that cannot be told from others.
type posthog struct{ byToken }

// About says how it is connected.
func (posthog) About() About {
	return About{
		Title:   "PostHog",
		Paste:   "Data pipelines → New → Destination → HTTP Webhook: Webhook URL, method POST, the JSON body as it is",
		Key:     "Make one up: under Headers, X-Handoff-Token",
		Choose:  WeChoose,
		Signs:   "Nothing; the token proves who sends, and not what",
		EventID: "event.uuid",
		Test:    "Test function sends an example that cannot be told from others",
		Retries: "5xx and 429 are tried again; for how long is not stated",
		Sample:  Sample{ContentType: "application/json", Body: `{"event":{"uuid":"sample","event":"sample","properties":{}},"person":{}}`},
	}
}

// Kinds returns engagement.
func (posthog) Kinds() []Kind { return []Kind{Engagement} }

// Parse reads one event, or a list.
func (posthog) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	posts, isList := v.([]any)
	if !isList {
		posts = []any{v}
	}
	d, err := each(posts, func(_ int, e any) (*draft, bool) { return posthogEvent(e) }, r)
	if err != nil {
		return Delivery{}, fault.New(fault.Invalid, "no event: keep the destination's JSON body {\"event\": \"{event}\", \"person\": \"{person}\"}")
	}
	return d, nil
}

func posthogEvent(post any) (*draft, bool) {
	e := at(post, "event")
	name := text(e, "event")
	if name == "" {
		return nil, false
	}
	properties, person := at(e, "properties"), at(post, "person")
	d := newDraft(signal.EventTracked)
	switch {
	case name == "$pageview" || name == "$screen":
		d.kind = signal.PageViewed
		d.attributes.put(signal.AttrPage, first(text(properties, "title"), text(properties, "$screen_name")))
	case name == "$identify" || name == "$set":
		d.kind = signal.LeadIdentified
	case strings.HasPrefix(name, "$"):
		d.original(name)
	default:
		d.attributes.put(signal.AttrEvent, name)
	}
	d.id = first(text(e, "uuid"), hashed("content.", encode(e)))
	d.occurredAt = timeOf(text(e, "timestamp"), time.Second)
	distinct := first(text(e, "distinct_id"), text(post, "distinct_id"))
	if text(properties, "$is_identified") == "true" || name == "$identify" {
		d.identity.UserID = distinct
		d.identity.AnonymousID = first(text(properties, "$anon_distinct_id"), text(properties, "$device_id"))
	} else {
		d.identity.AnonymousID = distinct
	}
	d.attributes.put(signal.AttrURL, first(text(properties, "$current_url"), text(e, "url")))
	d.attributes.put(signal.AttrUserAgent, first(text(properties, "$raw_user_agent"), text(properties, "$user_agent")))
	posthogPerson(d, at(person, "properties"))
	posthogPerson(d, at(properties, "$set"))
	if d.identity.Email == "" {
		d.identity.Email = first(text(properties, "email"), text(properties, "$email"))
	}
	if d.identity.Email == "" && strings.Contains(distinct, "@") { // some name their users by address
		d.identity.Email = distinct
	}
	d.attributes.put("person_id", text(person, "id"))
	posthogRest(d, properties)
	return d, true
}

// posthogPerson reads the person's properties; PostHog's own ($geoip_…,
// $initial_…) are left out.
func posthogPerson(d *draft, properties any) {
	o, _ := properties.(object)
	for _, whole := range []bool{false, true} { // parts of a name before the whole
		for _, name := range sortedKeys(o) {
			field := canonical(name)
			if strings.HasPrefix(name, "$") || (field == fieldFullName) != whole {
				continue
			}
			if !d.field(field, text(o, name)) {
				flatten(d.attributes, "person."+name, o[name])
			}
		}
	}
}

// posthogRest keeps the company's own properties first, then those of PostHog
// that say something about the visit.
func posthogRest(d *draft, properties any) {
	o, _ := properties.(object)
	for _, name := range sortedKeys(o) {
		if !strings.HasPrefix(name, "$") && name != "token" && name != "distinct_id" {
			flatten(d.attributes, name, o[name])
		}
	}
	for _, name := range []string{"$referrer", "$referring_domain", "$pathname", "$host", "$event_type", "$session_id", "$lib", "$browser", "$os", "$device_type"} {
		flatten(d.attributes, name, o[name])
	}
}
