package inbound

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// snowplow takes what Snowplow's trackers post
// (https://docs.snowplow.io/docs/events/going-deeper/http-requests/): a
// self-describing payload_data whose data is a list of flat maps of strings. Set
// the tracker's collector to our host, its method to POST and its path to
// /webhooks/engagement/<source>. Trackers do not sign; the secret goes into the
// path (postPath with ?token=) or a custom header. In a browser anybody can read
// it there: it keeps out strangers' robots and no more.
//
// A page view is page.viewed. Structured events are tracked events named by
// their action, self-describing ones by the name of their schema; of these
// submit_form is form.submitted, and identify says who a person is. Page pings
// and the like are other. Trackers' clocks are wrong at times: where a tracker
// says when it sent, the event is dated by how long before that it happened.
type snowplow struct{ byToken }

// About says how it is connected.
func (snowplow) About() About {
	return About{
		Title:   "Snowplow trackers",
		Paste:   "The tracker's collector is the host of the address, its postPath the rest, with ?token= and the secret behind it; method POST",
		Key:     "Make one up; it stands in the address. In a browser anybody can read it",
		Choose:  WeChoose,
		Signs:   "Nothing; the token keeps out strangers' robots and no more",
		EventID: "eid",
		Test:    "None",
		Retries: "The tracker keeps what was not taken and sends it later",
		Sample:  Sample{ContentType: "application/json", Body: `{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","eid":"sample"}]}`},
	}
}

// Kinds returns engagement.
func (snowplow) Kinds() []Kind { return []Kind{Engagement} }

// Parse reads a payload_data, or one self-describing event.
func (snowplow) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	name := igluName(text(v, "schema"))
	if name == "" {
		return Delivery{}, fault.New(fault.Invalid, "not self-describing: schema is missing")
	}
	if name != "payload_data" {
		return each([]any{v}, func(_ int, e any) (*draft, bool) {
			d := newDraft(signal.Other)
			d.id = hashed("content.", encode(e))
			snowplowDescribed(d, e)
			return d, true
		}, r)
	}
	events, ok := at(v, "data").([]any)
	if !ok {
		return Delivery{}, fault.New(fault.Invalid, "payload_data has no list of events")
	}
	return each(events, func(_ int, e any) (*draft, bool) { return snowplowEvent(r, e) }, r)
}

func snowplowEvent(r Request, e any) (*draft, bool) {
	kind := text(e, "e")
	if kind == "" {
		return nil, false
	}
	d := newDraft(signal.Other)
	d.id = first(text(e, "eid"), hashed("content.", encode(e)))
	d.occurredAt = snowplowTime(r, e)
	d.identity = signal.Identity{UserID: text(e, "uid"), AnonymousID: first(text(e, "duid"), text(e, "nuid"), text(e, "tnuid"))}
	switch kind {
	case "pv":
		d.kind = signal.PageViewed
		d.attributes.put(signal.AttrPage, text(e, "page"))
	case "se":
		d.kind = signal.EventTracked
		d.attributes.put(signal.AttrEvent, text(e, "se_ac"))
	case "ue":
		snowplowDescribed(d, at(snowplowJSON(e, "ue_px", "ue_pr"), "data"))
	default:
		d.original(kind)
	}
	if strings.Contains(d.identity.UserID, "@") { // some name their users by address
		d.identity.Email = first(d.identity.Email, d.identity.UserID)
	}
	d.attributes.put(signal.AttrURL, text(e, "url"))
	d.attributes.put(signal.AttrPage, text(e, "page"))
	d.attributes.put(signal.AttrUserAgent, text(e, "ua"))
	o, _ := e.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "e", "eid", "dtm", "stm", "ttm", "uid", "duid", "nuid", "tnuid", "url", "page", "ua", "ip", "ue_px", "ue_pr", "cx", "co":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	for _, c := range list(snowplowJSON(e, "cx", "co"), "data") {
		snowplowContext(d, c)
	}
	return d, true
}

// snowplowTime is the true time where the tracker knows one, else the device's,
// corrected by how far the device's clock was off when it sent.
func snowplowTime(r Request, e any) time.Time {
	if t := timeOf(text(e, "ttm"), time.Millisecond); !t.IsZero() {
		return t
	}
	happened, sent := timeOf(text(e, "dtm"), time.Millisecond), timeOf(text(e, "stm"), time.Millisecond)
	if happened.IsZero() || sent.IsZero() || sent.Before(happened) {
		return happened
	}
	return r.ReceivedAt.Add(-sent.Sub(happened))
}

// snowplowJSON reads a parameter that is JSON, in URL-safe base64 or plain.
func snowplowJSON(e any, encoded, plain string) any {
	s := text(e, plain)
	if b := text(e, encoded); b != "" {
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(b), "="))
		if err != nil {
			return nil
		}
		s = string(raw)
	}
	v, err := decode([]byte(s))
	if err != nil {
		return nil
	}
	return v
}

// igluName returns the name in iglu:<vendor>/<name>/jsonschema/<version>.
func igluName(schema string) string {
	parts := strings.Split(schema, "/")
	if len(parts) != 4 || !strings.HasPrefix(schema, "iglu:") {
		return ""
	}
	return parts[1]
}

// snowplowDescribed reads a self-describing event.
func snowplowDescribed(d *draft, described any) {
	name := igluName(text(described, "schema"))
	data := at(described, "data")
	if name == "" {
		d.original("ue")
		return
	}
	d.attributes.put("schema", text(described, "schema"))
	switch name {
	case "submit_form":
		d.kind = signal.FormSubmitted
		snowplowForm(d, data)
		return
	case "identify":
		d.kind = signal.LeadIdentified
	default:
		d.kind = signal.EventTracked
		d.attributes.put(signal.AttrEvent, name)
	}
	d.attributes.put(signal.AttrURL, text(data, "targetUrl")) // of link_click
	if aboutPerson(name) {
		snowplowPerson(d, data)
	}
	d.field(signal.FieldEmail, text(data, "email"))
	flatten(d.attributes, "", data)
}

// aboutPerson reports whether a schema of that name describes the person: only
// then is its "name" a person's.
func aboutPerson(name string) bool {
	switch name {
	case "identify", "user", "lead", "contact", "person", "customer", "profile", "sign_up", "signup":
		return true
	}
	return false
}

func snowplowPerson(d *draft, data any) {
	o, _ := data.(object)
	for _, whole := range []bool{false, true} { // parts of a name before the whole
		for _, name := range sortedKeys(o) {
			if field := canonical(name); (field == fieldFullName) == whole {
				d.field(field, text(o, name))
			}
		}
	}
}

func snowplowForm(d *draft, data any) {
	id := text(data, "formId")
	d.attributes.put(signal.AttrFormID, id)
	d.attributes.put(signal.AttrForm, id)
	for _, e := range list(data, "elements") {
		name, value := text(e, "name"), text(e, "value")
		if !d.field(canonical(name), value) {
			d.attributes.put(name, value)
		}
	}
	d.submission(d.id)
}

// snowplowContext keeps an entity that was sent along, under the name of its schema.
func snowplowContext(d *draft, context any) {
	name := igluName(text(context, "schema"))
	if name == "" {
		return
	}
	data := at(context, "data")
	if aboutPerson(name) {
		snowplowPerson(d, data)
	}
	flatten(d.attributes, name, data)
}
