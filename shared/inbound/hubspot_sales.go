package inbound

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/signal"
)

// What an app's webhook says about deals and owners, one property at a time:
//
//   - deal.creation opens a deal. dealstage moves it: closedwon and closedlost
//     are the last stages of HubSpot's own pipeline; those of other pipelines
//     have numbers for names, so subscribe to hs_is_closed_won and
//     hs_is_closed_lost as well. amount, deal_currency_code and
//     closed_lost_reason are its details.
//   - hubspot_owner_id of a contact is its owner, by id alone.
//   - A deal names nobody. What is said about one is kept under the contact id
//     deal:<id> of its own. That it was associated with a contact is said of
//     the contact: it is the contact's deal from then on, until the association
//     is removed.
const hubspotAssociation = "associationChange"

// Ids of HubSpot's types of objects, which generic subscriptions name.
const (
	hubspotContacts = "0-1"
	hubspotDeals    = "0-3"
)

// hubspotSales reads a change of a deal, of an owner or of an association of
// the two. It reports whether it was one.
func hubspotSales(d *draft, e any, subject, change string) bool {
	property, value := text(e, "propertyName"), text(e, "propertyValue")
	deal := subject == "deal" || (subject == "object" && text(e, "objectTypeId") == hubspotDeals)
	contact := subject == "contact" || (subject == "object" && text(e, "objectTypeId") == hubspotContacts)
	switch {
	case change == hubspotAssociation:
		return hubspotAssociated(d, e, subject)
	case contact && change == "propertyChange" && property == "hubspot_owner_id":
		d.kind = signal.OwnerChanged
		d.attributes.put(signal.AttrOwner, value)
		return true
	case deal:
		id := text(e, "objectId")
		d.attributes.put(signal.AttrDeal, id)
		d.identity.ContactID = dealContact(id)
		return hubspotDeal(d, change, property, value)
	}
	return false
}

// dealContact is the identity of what is said about a deal of nobody.
func dealContact(id string) string {
	if id == "" {
		return ""
	}
	return "deal:" + id
}

func hubspotDeal(d *draft, change, property, value string) bool {
	switch change {
	case "creation":
		d.kind = signal.DealOpened
	case "deletion":
		d.kind = signal.DealDeleted
	case "propertyChange":
		hubspotDetail(d, property, value)
	default: // merge, restore
		return false
	}
	return true
}

// hubspotDetail reads a property of a deal.
func hubspotDetail(d *draft, property, value string) {
	d.kind = signal.DealChanged
	switch property {
	case "dealstage":
		d.attributes.put(signal.AttrDealStage, value)
		switch strings.ToLower(value) {
		case "closedwon":
			d.kind = signal.DealWon
		case "closedlost":
			d.kind = signal.DealLost
		case "":
		default:
			d.attributes.put(signal.AttrDealStatus, signal.DealOpen)
		}
	case "hs_is_closed_won":
		if value == "true" {
			d.kind = signal.DealWon
		}
	case "hs_is_closed_lost":
		if value == "true" {
			d.kind = signal.DealLost
		}
	case "amount":
		d.attributes.put(signal.AttrAmount, decimal(value))
	case "deal_currency_code":
		d.attributes.put(signal.AttrCurrency, value)
	case "closed_lost_reason":
		d.attributes.put(signal.AttrReason, value)
	case "hubspot_owner_id":
		d.kind = signal.OwnerChanged
		d.attributes.put(signal.AttrOwner, value)
	}
}

// hubspotAssociated reads that a contact and a deal belong together from now
// on, or no longer. Both sides may be subscribed to; they say the same.
func hubspotAssociated(d *draft, e any, subject string) bool {
	from, to := text(e, "fromObjectId"), text(e, "toObjectId")
	kind := strings.ToUpper(text(e, "associationType"))
	fromType, toType := text(e, "fromObjectTypeId"), text(e, "toObjectTypeId")
	switch {
	case kind == "DEAL_TO_CONTACT", fromType == hubspotDeals && toType == hubspotContacts:
		from, to = to, from
	case kind == "CONTACT_TO_DEAL", fromType == hubspotContacts && toType == hubspotDeals:
	default:
		if subject == "contact" {
			d.identity.ContactID = from
		}
		return hubspotLogged(d, e)
	}
	d.kind = signal.DealOpened
	if text(e, "associationRemoved") == "true" {
		d.kind = signal.DealDeleted
	}
	d.identity.ContactID = from
	d.attributes.put(signal.AttrDeal, to)
	d.attributes.put("objectId", from) // by which the contact is read
	d.id = strings.Join([]string{d.id, from, to, text(e, "associationRemoved")}, ".")
	return true
}
