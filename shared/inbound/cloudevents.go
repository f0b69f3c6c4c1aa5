package inbound

import (
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// cloudevents takes CloudEvents 1.0 over HTTP
// (https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md)
// in all three modes: binary (ce-* headers), structured and batch, as JSON.
//
// The type is that of the signal when it is a canonical one; else the event is
// "other" with the type's name. The data may be our own signal (see standard:
// identity, lead, attributes, occurred_at, test; a canonical type in it counts
// where the event's own is none) or any object: fields that people have names
// for (email, first_name, company …, user_id, anonymous_id) say who it is about,
// the rest become attributes. So do the subject and extensions.
//
// A signature by Standard Webhooks must fit where there is one; else the
// source's secret comes as a token. That signature covers the body, and in
// binary mode the event's attributes are not in it: then webhook-id, which it
// covers, is the event id, and the signal carries unsigned=true, unless a token
// comes too.
type cloudevents struct{}

const (
	ceHeader     = "ce-"
	ceStructured = "application/cloudevents"
	ceBatch      = "application/cloudevents-batch"
)

// About says how it is connected.
func (cloudevents) About() About {
	return About{
		Title:   "CloudEvents",
		Paste:   "The address (sink) of your own software or event router, in any of the three modes of the HTTP binding, as JSON",
		Key:     "Make one up: sign with it by Standard Webhooks, or send it in the header X-Handoff-Token",
		Choose:  WeChooseWhsec,
		Signs:   "webhook-signature where it is sent, else the token. In binary mode the signature does not cover the event's attributes; such signals carry unsigned=true",
		Window:  standardWindow,
		EventID: "source and id; in signed binary mode webhook-id",
		Test:    "An event whose data says test: true is answered and stored nowhere",
		Retries: "Up to the sender",
		Sample:  Sample{ContentType: "application/cloudevents+json", Body: `{"specversion":"1.0","id":"sample","source":"/sample","type":"page.viewed","data":{"test":true}}`},
	}
}

// Kinds returns engagement and forms.
func (cloudevents) Kinds() []Kind { return []Kind{Engagement, Forms} }

// Verify checks the signature, or the token where there is none.
func (c cloudevents) Verify(r Request) error {
	if c.signed(r) {
		return standard{}.Verify(r)
	}
	return byToken{}.Verify(r)
}

func (cloudevents) signed(r Request) bool {
	_, _, signatures := standard{}.headers(r)
	return signatures != ""
}

// Sign signs by Standard Webhooks when the key is one of its keys, and returns
// the token when it is not.
func (cloudevents) Sign(l Letter) (map[string]string, error) {
	headers, err := byToken{}.Sign(l)
	if strings.HasPrefix(l.Key, secretPrefix) {
		headers, err = standard{}.Sign(l)
	}
	if err != nil {
		return nil, err
	}
	headers["Content-Type"] = "application/cloudevents+json"
	if strings.HasPrefix(strings.TrimSpace(string(l.Body)), "[") {
		headers["Content-Type"] = "application/cloudevents-batch+json"
	}
	return headers, nil
}

// Answer follows the table of answers.
func (cloudevents) Answer(r Request, res Result) Answer {
	return machine{"cloudevents"}.Answer(r, res)
}

// Parse reads one event, or a batch.
func (c cloudevents) Parse(r Request) (Delivery, error) {
	media := strings.ToLower(r.Headers["content-type"])
	switch {
	case !strings.HasPrefix(media, ceStructured):
		return c.binary(r)
	case !strings.Contains(media, "json"):
		return Delivery{}, fault.New(fault.Invalid, "of the formats of CloudEvents only JSON is read")
	}
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	if !strings.HasPrefix(media, ceBatch) {
		d, err := ceEvent(v, r.ReceivedAt)
		if err != nil {
			return Delivery{}, err
		}
		return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
	}
	events, ok := v.([]any)
	if !ok {
		return Delivery{}, fault.New(fault.Invalid, "the batch is not a list")
	}
	return each(events, func(_ int, e any) (*draft, bool) {
		d, err := ceEvent(e, r.ReceivedAt)
		return d, err == nil
	}, r)
}

// binary puts the headers and the body together to the event that they are.
func (c cloudevents) binary(r Request) (Delivery, error) {
	event := object{}
	for name, value := range r.Headers {
		attribute, ok := strings.CutPrefix(name, ceHeader)
		if !ok {
			continue
		}
		plain, err := ceValue(value)
		if err != nil {
			return Delivery{}, err
		}
		event[attribute] = plain
	}
	if len(event) == 0 {
		return Delivery{}, fault.New(fault.Invalid, "no CloudEvent: neither ce- headers nor the content type application/cloudevents+json")
	}
	delete(event, "data")
	delete(event, "data_base64")
	event["datacontenttype"] = r.Headers["content-type"]
	if len(r.Body) > 0 {
		event["data"] = ceData(r.Headers["content-type"], r.Body)
	}
	d, err := ceEvent(event, r.ReceivedAt)
	if err != nil {
		return Delivery{}, err
	}
	if c.signed(r) {
		d.id, _, _ = standard{}.headers(r)
		if !hasToken(r) {
			d.attributes.mark(attrUnsigned, "true")
		}
	}
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// ceValue decodes a header's value: once by percent signs, or as a quoted
// string, as older senders write it.
func ceValue(value string) (string, error) {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		var b strings.Builder
		for i := 1; i < len(value)-1; i++ {
			if value[i] == '\\' && i+1 < len(value)-1 {
				i++
			}
			b.WriteByte(value[i])
		}
		value = b.String()
	}
	out := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		if value[i] == '%' && i+2 < len(value) && isHex(value[i+1]) && isHex(value[i+2]) {
			out = append(out, hexValue(value[i+1])<<4|hexValue(value[i+2]))
			i += 2
			continue
		}
		out = append(out, value[i])
	}
	if !utf8.Valid(out) {
		return "", fault.New(fault.Invalid, "a ce- header is not UTF-8")
	}
	return string(out), nil
}

// ceData reads data of a stated content type: JSON as what it says, all else as text.
func ceData(contentType string, raw []byte) any {
	media, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	media = strings.TrimSpace(media)
	if media == "" || strings.HasSuffix(media, "/json") || strings.HasSuffix(media, "+json") {
		if v, err := decode(raw); err == nil {
			return v
		}
	}
	return toUTF8(string(raw))
}

// ceEvent reads an event in the shape of the JSON format, which was received at
// that time.
func ceEvent(e any, received time.Time) (*draft, error) {
	o, ok := e.(object)
	id, source, kind := text(o, "id"), text(o, "source"), text(o, "type")
	switch {
	case !ok || id == "" || source == "" || kind == "":
		return nil, fault.New(fault.Invalid, "a CloudEvent needs id, source and type")
	case text(o, "specversion") != "1.0":
		return nil, fault.New(fault.Invalid, "the specversion must be 1.0")
	}
	stated := text(o, "time")
	occurred := timeOf(stated, time.Second)
	if _, err := time.Parse(time.RFC3339Nano, stated); stated != "" && err != nil {
		return nil, fault.New(fault.Invalid, "time is not a time as in RFC 3339")
	}
	data := o["data"]
	if raw, err := base64.StdEncoding.DecodeString(text(o, "data_base64")); err == nil && len(raw) > 0 {
		data = ceData(text(o, "datacontenttype"), raw)
	}
	d := ceDraft(kind, data)
	d.id = hashed("ce.", source, id) // unique together
	d.occurredAt = occurred
	if occurred.IsZero() {
		d.occurredAt = timeOf(text(data, "occurred_at"), time.Second)
	}
	d.attributes.put("subject", text(o, "subject"))
	ceContent(d, data)
	if subject := text(o, "subject"); d.nameless() && signal.NormalizeEmail(subject) != "" {
		d.identity.Email = subject
	}
	for _, name := range sortedKeys(o) {
		switch name {
		case "id", "type", "specversion", "time", "subject", "data", "data_base64", "datacontenttype":
		case "source":
			d.attributes.put("ce_source", source)
		default:
			flatten(d.attributes, name, o[name])
		}
	}
	if d.kind == signal.FormSubmitted {
		d.submission(d.id)
	}
	return d, checkActivity(d, received)
}

// ceDraft takes the type from the event, or from our own signal in its data.
func ceDraft(kind string, data any) *draft {
	inner := text(data, "type")
	for _, t := range []string{kind, inner} {
		if t != "" && t != string(signal.Other) && fromOutside(signal.Type(t)) {
			return newDraft(signal.Type(t))
		}
	}
	d := newDraft(signal.Other)
	d.original(kind)
	return d
}

// ceContent reads the data: our own signal, an object, or plain text.
func ceContent(d *draft, data any) {
	o, ok := data.(object)
	if !ok {
		flatten(d.attributes, "data", data)
		return
	}
	d.test = text(o, "test") == "true"
	_, hasIdentity := o["identity"].(object)
	_, hasLead := o["lead"].(object)
	if hasIdentity || hasLead {
		ownSignal(d, o)
		return
	}
	d.identity.UserID = first(text(o, "user_id"), text(o, "userId"))
	d.identity.AnonymousID = first(text(o, "anonymous_id"), text(o, "anonymousId"))
	d.identity.ContactID = first(text(o, "contact_id"), text(o, "contactId"))
	for _, whole := range []bool{false, true} { // parts of a name before the whole
		for _, name := range sortedKeys(o) {
			field := canonical(name)
			if (field == fieldFullName) == whole && !d.field(field, text(o, name)) {
				flatten(d.attributes, name, o[name])
			}
		}
	}
}

// ownSignal reads the parts of our own signal, as standard describes them.
func ownSignal(d *draft, v any) {
	d.identity = signal.Identity{
		Email: text(v, "identity", "email"), ContactID: text(v, "identity", "contact_id"), UserID: text(v, "identity", "user_id"),
		AnonymousID: text(v, "identity", "anonymous_id"), Phone: text(v, "identity", "phone"),
	}
	d.field(signal.FieldEmail, text(v, "lead", "email")) // where identity has none
	d.lead.put(signal.FieldEmail, d.identity.Email)      // one address, not two
	flatten(d.lead, "", at(v, "lead"))
	if _, ok := at(v, "attributes").(object); ok {
		flatten(d.attributes, "", at(v, "attributes"))
	}
}
