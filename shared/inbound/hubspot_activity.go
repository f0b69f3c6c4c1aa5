package inbound

import (
	"maps"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// What one of us did stands in HubSpot as an engagement: a call, a mail, a
// meeting or a communication (SMS, WhatsApp, LinkedIn). Of its creation a
// webhook names the engagement alone and no contact. That it is associated with
// a contact, which happens when it is logged, names both. So subscribe, with
// expanded object support (generic subscriptions, a beta of HubSpot's), to
// association changes of these four objects
// (https://developers.hubspot.com/docs/guides/webhooks/create-generic-webhook-subscriptions).
// Contacts tell of the same associations; both are one signal.
//
// How it went, and who began, is read from the API afterwards, once: only then
// is it an activity. A meeting that is planned at that time stays other, and so
// does a call that does not yet ring, since no webhook tells of their end
// together with the contact. Communications do not say who wrote. Not confirmed:
// that the association made while an engagement is logged is told like a later one.

// hubspotEngagement is one type of engagement.
type hubspotEngagement struct {
	typeID string // HubSpot's id of the type
	fetch  string // the kind of record; its id is the attribute objectId
	path   string // of the API
	how    string
}

func hubspotEngagements() []hubspotEngagement {
	return []hubspotEngagement{
		{"0-48", "hubspot_call", "calls", signal.HowCall},
		{"0-49", "hubspot_email", "emails", signal.HowEmail},
		{"0-47", "hubspot_meeting", "meetings", signal.HowMeeting},
		{"0-18", "hubspot_communication", "communications", signal.HowMessage},
	}
}

// hubspotLogged reads that an engagement and a contact belong together from now
// on. It reports whether that is what the change says.
func hubspotLogged(d *draft, e any) bool {
	from, to := text(e, "fromObjectId"), text(e, "toObjectId")
	fromType, toType := text(e, "fromObjectTypeId"), text(e, "toObjectTypeId")
	if fromType == hubspotContacts { // told by the contact
		from, to, fromType, toType = to, from, toType, fromType
	}
	if toType != hubspotContacts || text(e, "associationRemoved") == "true" {
		return false
	}
	for _, k := range hubspotEngagements() {
		if k.typeID != fromType {
			continue
		}
		d.original(hubspotKind(e))
		d.identity.ContactID = to
		d.attributes.put("objectId", from) // by which the engagement is read
		d.id = strings.Join([]string{"activity", k.path, from, to}, ".")
		if isNumber(from) && isNumber(to) {
			d.fetch = k.fetch
		}
		return true
	}
	return false
}

// hubspotActivity is an engagement in HubSpot's CRM API
// (https://developers.hubspot.com/docs/api-reference/crm-calls-v3 and its
// neighbors). The token needs crm.objects.contacts.read, and for mails
// sales-email-read.
type hubspotActivity struct {
	hubspotRecord
	hubspotEngagement
}

// Ask reads the engagement by its id. Nothing of what was said or written is
// asked for.
func (h hubspotActivity) Ask(thin signal.Signal, version string) (Ask, error) {
	id := thin.Attributes["objectId"]
	if !isNumber(id) {
		return Ask{}, fault.New(fault.Invalid, "the objectId is not one of HubSpot's")
	}
	version, err := versioned(version, "v3")
	if err != nil {
		return Ask{}, err
	}
	properties := strings.Join(hubspotActivityProperties(h.how), ",")
	return Ask{Path: "/crm/" + version + "/objects/" + h.path + "/" + id, Query: "properties=" + properties}, nil
}

func hubspotActivityProperties(how string) []string {
	common := []string{"hs_timestamp", "hubspot_owner_id", "hs_object_source"}
	switch how {
	case signal.HowCall:
		return append(common, "hs_call_direction", "hs_call_status", "hs_call_duration", "hs_call_disposition")
	case signal.HowEmail:
		return append(common, "hs_email_direction", "hs_email_status", "hs_sequence_id")
	case signal.HowMeeting:
		return append(common, "hs_meeting_outcome", "hs_meeting_start_time")
	}
	return append(common, "hs_communication_channel_type", "hs_communication_logged_from")
}

// Complete reads the engagement: an activity once it has been done, other as
// long as it is planned, failed or not over.
func (h hubspotActivity) Complete(r Request, thin signal.Signal, answered []byte) (signal.Signal, error) {
	v, err := decode(answered)
	if err != nil {
		return signal.Signal{}, err
	}
	properties, ok := at(v, "properties").(object)
	if !ok || text(v, "id") == "" || text(v, "id") != thin.Attributes["objectId"] {
		return signal.Signal{}, fault.New(fault.Invalid, "the answer is not the engagement that was asked for")
	}
	d := completed(thin, signal.Other)
	when := timeOf(first(text(properties, "hs_meeting_start_time"), text(properties, "hs_timestamp")), time.Millisecond)
	direction, done := hubspotDone(h.how, properties)
	if done && !when.After(thin.ReceivedAt.Add(hubspotWindow)) {
		d.logged(act{
			record: text(v, "id"), at: when, how: h.how, direction: direction,
			automated: text(properties, "hs_sequence_id") != "", owner: text(properties, "hubspot_owner_id"),
		})
		d.id = thin.ID + fetchedMark
	}
	for _, name := range hubspotActivityProperties(h.how) {
		d.attributes.put(name, text(properties, name))
	}
	if d.kind == signal.ActivityLogged { // no longer of a type without counterpart
		thin.Attributes = maps.Clone(thin.Attributes)
		delete(thin.Attributes, signal.AttrOriginalType)
	}
	return d.finish(r, thin), nil
}

// hubspotDone returns who began, and whether the engagement has been done. An
// attempt to call counts once the other side's telephone rings. A mail that was
// forwarded to HubSpot may be one of either side. That mails of a sequence have
// a hs_sequence_id is seen in others' code and in none of HubSpot's documents.
func hubspotDone(how string, properties object) (direction string, done bool) {
	switch how {
	case signal.HowCall:
		switch text(properties, "hs_call_direction") {
		case "OUTBOUND":
			direction = signal.Outbound
		case "INBOUND":
			direction = signal.Inbound
		}
		switch text(properties, "hs_call_status") {
		case "COMPLETED", "IN_PROGRESS", "RINGING", "NO_ANSWER", "BUSY":
			return direction, true
		}
		return "", false
	case signal.HowEmail:
		switch text(properties, "hs_email_direction") {
		case "EMAIL":
			return signal.Outbound, text(properties, "hs_email_status") == "SENT"
		case "INCOMING_EMAIL":
			return signal.Inbound, true
		}
		return "", false
	case signal.HowMeeting:
		return signal.Outbound, text(properties, "hs_meeting_outcome") == "COMPLETED"
	}
	return "", true
}
