package inbound

import (
	"crypto/sha1" //nolint:gosec // the provider signs with HMAC-SHA1, whose security does not rest on collisions
	"encoding/hex"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// intercom takes the notifications of Intercom
// (https://developers.intercom.com/docs/webhooks): one a request.
// X-Hub-Signature is sha1= and the hex of HMAC-SHA1 over the body with the app's
// client secret. It covers no time; a replay has the same id and changes nothing.
//
// The topic ping is a test; its id is null. What a person does in a conversation
// becomes a tracked event with the topic as its name. What an admin writes to a
// person is an activity (see intercom_reply.go); what an admin does else, other.
type intercom struct{}

const (
	intercomHeader = "x-hub-signature"
	intercomPrefix = "sha1="
)

// About says how it is connected.
func (intercom) About() About {
	return About{
		Title:   "Intercom",
		Paste:   "Developer Hub → your app → Configure → Webhooks: Endpoint URL; then choose topics: contact.*, conversation.user.*, conversation.admin.replied, conversation.admin.single.created, event.created",
		Key:     "The client secret of the app (Configure → Basic information)",
		Signs:   "X-Hub-Signature: HMAC-SHA1 over the body",
		EventID: "id (notif_…); of what an admin wrote, that of the text and when it was written",
		Test:    "The topic ping is answered and stored nowhere",
		Retries: "Once, after a minute",
		Sample:  Sample{ContentType: "application/json", Body: `{"type":"notification_event","topic":"ping","id":null,"data":{"item":{"type":"ping"}}}`},
	}
}

// Kinds returns engagement.
func (intercom) Kinds() []Kind { return []Kind{Engagement} }

// Verify checks X-Hub-Signature.
func (intercom) Verify(r Request) error {
	given := r.Headers[intercomHeader]
	if given == "" {
		return denied("the header X-Hub-Signature is missing")
	}
	if !anyKey(r.Keys, func(key string) bool { return equal(given, intercomSignature(key, r.Body)) }) {
		return denied("the signature does not fit the body: the secret is the app's client secret")
	}
	return nil
}

func intercomSignature(key string, body []byte) string {
	return intercomPrefix + hex.EncodeToString(mac(sha1.New, key, body))
}

// Sign returns X-Hub-Signature.
func (intercom) Sign(l Letter) (map[string]string, error) {
	return map[string]string{"Content-Type": "application/json", "X-Hub-Signature": intercomSignature(l.Key, l.Body)}, nil
}

// Answer follows the table of answers.
func (intercom) Answer(r Request, res Result) Answer {
	return machine{"intercom"}.Answer(r, res)
}

// Parse reads one notification.
func (intercom) Parse(r Request) (Delivery, error) {
	v, err := decode(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	topic, item := text(v, "topic"), at(v, "data", "item")
	if topic == "" {
		return Delivery{}, fault.New(fault.Invalid, "not an Intercom notification: topic is missing")
	}
	d := newDraft(intercomType(topic))
	d.test = topic == "ping" || text(item, "type") == "ping"
	// delivery_attempts and the like change with every try, so they are no part of the id.
	d.id = first(text(v, "id"), hashed("content.", topic, text(v, "created_at"), encode(item)))
	d.occurredAt = timeOf(text(v, "created_at"), time.Second)
	intercomAct(d, topic, d.id, item)
	if d.kind == signal.Other {
		d.original(topic)
	}
	switch kind := text(item, "type"); {
	case kind == "conversation" || strings.HasPrefix(topic, "conversation."):
		intercomConversation(d, topic, item)
	case topic == "event.created":
		intercomEvent(d, item)
	default:
		intercomContact(d, item)
	}
	return Delivery{Signals: []signal.Signal{d.signal(r)}}, nil
}

// intercomContact reads a contact, or what a notification says about one: the
// item itself, or its parts contact and user.
func intercomContact(d *draft, item any) {
	who := item
	for _, part := range []string{"contact", "user"} { // tags, companies and older topics wrap the contact
		if o, ok := at(item, part).(object); ok {
			who = o
			break
		}
	}
	kind := text(who, "type")
	if kind == "contact" || kind == "user" || kind == "lead" || kind == "visitor" || kind == "" {
		d.identity = signal.Identity{
			Email: text(who, "email"), ContactID: text(who, "id"), UserID: first(text(who, "external_id"), text(who, "user_id")), Phone: text(who, "phone"),
		}
		d.field(fieldFullName, text(who, "name"))
		d.lead.put(signal.FieldPhone, text(who, "phone"))
		d.lead.put(signal.FieldCountry, first(text(who, "location", "country"), text(who, "location_data", "country_name")))
		for _, c := range list(who, "companies", "companies") {
			d.lead.put(signal.FieldCompany, text(c, "name"))
		}
		custom, _ := at(who, "custom_attributes").(object)
		for _, name := range sortedKeys(custom) {
			if !d.field(canonical(name), text(custom, name)) {
				flatten(d.attributes, name, custom[name])
			}
		}
	}
	o, _ := item.(object)
	for _, name := range sortedKeys(o) {
		switch name {
		case "email", "name", "phone", "custom_attributes", "contact", "user", "companies", "avatar", "location_data", "links":
		default:
			flatten(d.attributes, name, o[name])
		}
	}
}

// intercomConversation reads who wrote, and what.
func intercomConversation(d *draft, topic string, item any) {
	d.attributes.put(signal.AttrEvent, topic)
	author := at(item, "source", "author")
	for _, part := range list(item, "conversation_parts", "conversation_parts") {
		if person := at(part, "author"); intercomPerson(person) {
			author = person
			d.attributes.put(signal.AttrMessage, text(part, "body"))
		}
	}
	if intercomPerson(author) {
		d.identity.Email, d.identity.ContactID = text(author, "email"), text(author, "id")
		d.field(fieldFullName, text(author, "name"))
	}
	for _, c := range append(list(item, "contacts", "contacts"), at(item, "user")) {
		if d.identity.ContactID == "" || d.identity.ContactID == text(c, "id") {
			d.identity.ContactID = text(c, "id")
			d.identity.Email = first(d.identity.Email, text(c, "email"))
			d.identity.UserID = first(text(c, "external_id"), text(c, "user_id"))
		}
	}
	if d.kind == signal.EventTracked {
		d.attributes.put(signal.AttrMessage, text(item, "source", "body"))
	}
	d.attributes.put(signal.AttrURL, text(item, "source", "url"))
	d.attributes.put("conversation_id", text(item, "id"))
	for _, name := range []string{"state", "priority", "title", "tags"} {
		flatten(d.attributes, name, at(item, name))
	}
	flatten(d.attributes, "source.type", at(item, "source", "type"))
	flatten(d.attributes, "source.subject", at(item, "source", "subject"))
}

func intercomPerson(author any) bool {
	kind := text(author, "type")
	return kind == "user" || kind == "lead" || kind == "contact"
}

// intercomEvent reads an event that the company tracks in Intercom.
func intercomEvent(d *draft, item any) {
	d.attributes.put(signal.AttrEvent, text(item, "event_name"))
	d.identity = signal.Identity{
		Email: text(item, "email"), ContactID: first(text(item, "intercom_user_id"), text(item, "contact_id")), UserID: text(item, "user_id"),
	}
	if t := timeOf(text(item, "created_at"), time.Second); !t.IsZero() {
		d.occurredAt = t
	}
	flatten(d.attributes, "", at(item, "metadata"))
}

func intercomType(topic string) signal.Type {
	subject, change, _ := strings.Cut(topic, ".")
	switch topic {
	case "conversation.user.created", "conversation.user.replied", "event.created":
		return signal.EventTracked
	case "contact.unsubscribed", "user.unsubscribed":
		return signal.EmailUnsubscribed
	}
	if subject != "contact" && subject != "user" && subject != "visitor" {
		return signal.Other
	}
	change = strings.TrimPrefix(strings.TrimPrefix(change, "user."), "lead.")
	switch change {
	case "created", "signed_up":
		return signal.ContactCreated
	case "updated", "added_email", "email.updated", "merged":
		return signal.ContactChanged
	case "deleted":
		return signal.ContactDeleted
	}
	return signal.Other
}
