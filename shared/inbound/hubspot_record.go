package inbound

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// hubspotRecord is a contact in HubSpot's CRM API
// (https://developers.hubspot.com/docs/api-reference/crm-contacts-v3). The token of a
// private app with crm.objects.contacts.read reads it and does not expire. All
// apps of an account share the limit of calls, 100 to 190 in ten seconds, and
// an answer of 429 may not say when to come back.
type hubspotRecord struct{}

// fetchHubSpot is the kind of record of a contact. Its id is the attribute objectId.
const fetchHubSpot = "hubspot_contact"

// Provider returns hubspot.
func (hubspotRecord) Provider() string { return "hubspot" }

// API returns HubSpot's API.
func (hubspotRecord) API() string { return "https://api.hubapi.com" }

// hubspotProperties are those that are read: without a list the answer has
// five of them.
func hubspotProperties() []string {
	return []string{
		"email", "firstname", "lastname", "company", "jobtitle", "phone", "mobilephone", "country", "website", "industry",
		"numemployees", "company_size", "message", "lifecyclestage", "hs_lead_status", "hs_analytics_source", "hs_analytics_last_url",
		"recent_conversion_event_name", "recent_conversion_date", "hubspot_owner_id", "lastmodifieddate", "hs_object_id",
	}
}

// Ask reads the contact by its id.
func (hubspotRecord) Ask(thin signal.Signal, version string) (Ask, error) {
	id := thin.Attributes["objectId"]
	if !isNumber(id) {
		return Ask{}, fault.New(fault.Invalid, "the objectId is not one of HubSpot's")
	}
	version, err := versioned(version, "v3")
	if err != nil {
		return Ask{}, err
	}
	return Ask{Path: "/crm/" + version + "/objects/contacts/" + id, Query: "properties=" + strings.Join(hubspotProperties(), ",")}, nil
}

// Complete reads the contact as the one that a workflow sends. What happened,
// and when, the webhook has said.
func (hubspotRecord) Complete(r Request, thin signal.Signal, answered []byte) (signal.Signal, error) {
	v, err := decode(answered)
	if err != nil {
		return signal.Signal{}, err
	}
	r.Kind, r.ReceivedAt = Engagement, thin.ReceivedAt
	d, ok := hubspotContact(r, v)
	if !ok || text(v, "id") != thin.Attributes["objectId"] {
		return signal.Signal{}, fault.New(fault.Invalid, "the answer is not the contact that was asked for")
	}
	d.id, d.kind, d.occurredAt = thin.ID+fetchedMark, thin.Type, thin.OccurredAt
	d.identity.ContactID = thin.Identity.ContactID
	return d.finish(r, thin), nil
}

// Refusal goes by the status.
func (hubspotRecord) Refusal(status int, _ []byte) error { return refusal(status) }

// hubspotThin marks, for each contact of a delivery, the last change that says
// nothing about who it is, so that a contact is read once for a delivery. A
// redelivery marks the same.
func hubspotThin(signals []signal.Signal) {
	seen := map[string]bool{}
	for i := len(signals) - 1; i >= 0; i-- {
		s := signals[i]
		contact, about := s.Identity.ContactID, s.Identity.ContactID
		switch s.Type { //nolint:exhaustive // The others are not about a contact that can be read.
		case signal.ContactCreated, signal.ContactChanged:
		case signal.OwnerChanged, signal.DealOpened, signal.DealDeleted:
			about = s.ID // each of them says something of its own about the contact
		default:
			continue
		}
		if s.Test || seen[about] || signal.NormalizeEmail(s.Identity.Email) != "" || !isNumber(contact) || s.Attributes["objectId"] != contact {
			continue
		}
		seen[about] = true
		s.Attributes[signal.AttrFetch] = fetchHubSpot
	}
}
