package stack

import (
	"fmt"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/inbound"
)

// Calendly is a booked meeting, or with kind "invitee.canceled" a canceled one.
func Calendly(p Person, kind, meeting string, at time.Time) Webhook {
	return jsonHook("calendly", inbound.CRM, "", object{
		"event": kind, "created_at": at.Format(time.RFC3339Nano), "created_by": "https://api.calendly.com/users/9f9f",
		"payload": object{
			"uri": "https://api.calendly.com/scheduled_events/e1/invitees/" + meeting, "email": p.Email, "name": p.FirstName + " " + p.LastName,
			"status": "active", "rescheduled": false, "old_invitee": nil, "new_invitee": nil, "timezone": "Europe/Berlin",
			"questions_and_answers": []any{object{"question": "Company", "answer": p.Company, "position": 0}},
			"scheduled_event": object{
				"uri": "https://api.calendly.com/scheduled_events/e1", "name": "Discovery call", "status": "active",
				"start_time": at.Add(48 * time.Hour).Format(time.RFC3339), "end_time": at.Add(49 * time.Hour).Format(time.RFC3339),
			},
		},
	})
}

// Calcom is a booking, or with trigger "BOOKING_CANCELLED" its end.
func Calcom(p Person, trigger, uid string, at time.Time) Webhook {
	return jsonHook("calcom", inbound.CRM, "", object{
		"triggerEvent": trigger, "createdAt": at.Format(time.RFC3339Nano),
		"payload": object{
			"type": "discovery", "eventTitle": "Discovery", "uid": uid, "bookingId": 4711, "startTime": at.Add(48 * time.Hour).Format(time.RFC3339),
			"organizer": object{"name": "Alex Rivera", "email": "alex.rivera@our-company.example"},
			"attendees": []any{object{"email": p.Email, "name": p.FirstName + " " + p.LastName, "timeZone": "Europe/Berlin"}},
			"responses": object{"company": object{"label": "Company", "value": p.Company}},
		},
	})
}

// PipedrivePerson is a person whose owner changed.
func PipedrivePerson(p Person, id int, owner int, at time.Time) Webhook {
	return jsonHook("pipedrive", inbound.CRM, "", object{
		"meta": object{
			"action": "change", "entity": "person", "entity_id": fmt.Sprint(id), "id": fmt.Sprintf("00000000-0000-4000-8000-%012d", id),
			"timestamp": at.Format(time.RFC3339Nano), "version": "2.0", "attempt": 1, "webhook_id": "5",
		},
		"data": object{
			"id": id, "first_name": p.FirstName, "last_name": p.LastName, "name": p.FirstName + " " + p.LastName, "owner_id": owner,
			"emails": []any{object{"value": p.Email, "primary": true, "label": "work"}},
		},
		"previous": object{"owner_id": owner + 1},
	})
}

// Opportunity is a deal of Salesforce.
type Opportunity struct {
	ID, Stage, Amount string
	Notification      string
	At                time.Time
}

// Salesforce is an outbound message about deals of one person.
func Salesforce(p Person, deals ...Opportunity) Webhook {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ` +
		`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">` +
		`<OrganizationId>00D5e000000AbCdEAK</OrganizationId><ActionId>04k5e000000GhIjAAK</ActionId>`)
	for _, d := range deals {
		fmt.Fprintf(&b, `<Notification><Id>%s</Id><sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">`+
			`<sf:Id>%s</sf:Id><sf:Amount>%s</sf:Amount><sf:Contact_Email__c>%s</sf:Contact_Email__c><sf:CurrencyIsoCode>EUR</sf:CurrencyIsoCode>`+
			`<sf:LastModifiedDate>%s</sf:LastModifiedDate><sf:StageName>%s</sf:StageName></sObject></Notification>`,
			d.Notification, d.ID, d.Amount, p.Email, d.At.Format(time.RFC3339), d.Stage)
	}
	b.WriteString(`</notifications></soapenv:Body></soapenv:Envelope>`)
	return Webhook{Source: "salesforce", Kind: inbound.CRM, ContentType: "text/xml; charset=UTF-8", Body: []byte(b.String())}
}

// HubSpotDeal is a deal of nobody that is opened and won.
func HubSpotDeal(deal, event int, at time.Time) Webhook {
	change := func(n int, kind string, more object) object {
		more["eventId"], more["subscriptionId"], more["portalId"], more["appId"] = event+n, 40+n, 4242, 17
		more["occurredAt"], more["attemptNumber"], more["subscriptionType"], more["objectId"] = at.Add(time.Duration(n)*time.Second).UnixMilli(), 0, kind, deal
		return more
	}
	return jsonHook("hubspot", inbound.CRM, "", []any{
		change(0, "deal.creation", object{"changeFlag": "NEW"}),
		change(1, "deal.propertyChange", object{"propertyName": "amount", "propertyValue": "900"}),
		change(2, "deal.propertyChange", object{"propertyName": "dealstage", "propertyValue": "closedwon"}),
	})
}

// StandardSignal is our own signal of any type.
func StandardSignal(p Person, kind, id string, attributes map[string]string, at time.Time) Webhook {
	return StandardOf(map[string]string{"email": p.Email}, kind, id, attributes, at)
}

// StandardOf is our own signal of somebody with these names: email, user_id and anonymous_id.
func StandardOf(identity map[string]string, kind, id string, attributes map[string]string, at time.Time) Webhook {
	return jsonHook("standard", inbound.CRM, id, object{
		"type": kind, "occurred_at": at.Format(time.RFC3339), "identity": identity, "attributes": attributes,
	})
}
