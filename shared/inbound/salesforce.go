package inbound

import (
	"net/http"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// salesforce takes the outbound messages of Salesforce
// (https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm):
// SOAP 1.1 with up to a hundred notifications, each an object with the fields
// that the message's settings name. Salesforce does not sign: the source's
// secret stands in the endpoint's address as ?token=. Where the policy names
// the source's organization, messages of another one are refused. Besides, the
// API may ask for Salesforce's client certificate.
//
//   - Opportunity: won and lost are told by IsWon and IsClosed, else by the
//     stage's name; so name StageName, Amount, CurrencyIsoCode, IsWon, IsClosed,
//     ContactId, CreatedDate, LastModifiedDate in the message's settings. It is
//     of the person whom a field Email (also of a custom field such as
//     Contact_Email__c) or ContactId names, else kept under the contact id
//     deal:<id> of its own.
//   - Lead and Contact bring the profile.
//   - A Task that is closed and an Event that was held are what one of us did:
//     see salesforce_activity.go.
//   - With &event=owner.changed in the address, each message is taken as news
//     of the record's owner: for a flow that runs when the owner changes. Else
//     OwnerId is an attribute, since a message says all of a record and not
//     what changed. OwnerEmail or a custom field Owner_Email__c names the owner
//     by address.
//
// A notification that is tried again has the same id. Only 200 with an Ack of
// true ends the tries; anything else is tried again for 24 hours. Salesforce
// sends no test events.
type salesforce struct{}

const (
	salesforceOwner = "owner.changed" // the value of the query parameter event
	salesforceSpace = "http://soap.sforce.com/2005/09/outbound"
)

// About says how outbound messages are connected.
func (salesforce) About() About {
	return About{
		Title:   "Salesforce outbound messages",
		Paste:   "Setup → Outbound Messages → New: Endpoint URL, with ?token= and the secret behind the address; then a flow or workflow rule that sends it. Choose the fields that salesforce.go and salesforce_activity.go name. For changes of the owner use a message of its own, with &event=owner.changed. For calls and mails that your people began, where no CallType says so, use one for Task with &direction=outbound, and a flow that lets only those through",
		Key:     "Make one up; it stands in the address. In the policy, organization names the only organization that may send",
		Choose:  WeChoose,
		Signs:   "Nothing; the token in the address proves who sends, and not what. The API may ask for Salesforce's client certificate besides",
		EventID: "The notification's Id; of what was done, that of the task or event and when it was done",
		Test:    "None",
		Retries: "All but 200 with an Ack of true, for a day",
		Sample:  Sample{ContentType: "text/xml; charset=UTF-8", Body: `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>00D000000000000</OrganizationId><Notification><Id>04l000000000000</Id><sObject xmlns:sf="urn:sobject.enterprise.soap.sforce.com"></sObject></Notification></notifications></soapenv:Body></soapenv:Envelope>`},
	}
}

// Kinds returns crm.
func (salesforce) Kinds() []Kind { return []Kind{CRM} }

// Verify checks the token, and the organization where the policy names one.
func (salesforce) Verify(r Request) error {
	if !hasToken(r) {
		return denied("the token is missing or wrong: put the source's secret into the endpoint's address as ?token=")
	}
	want := r.Policy.Organization
	if want == "" {
		return nil
	}
	m, err := salesforceMessage(r.Body)
	if err != nil {
		return nil //nolint:nilerr // What cannot be read has no organization; Parse refuses it as what it is.
	}
	if sent := m.text("OrganizationId"); !sameID(sent, want) {
		return denied("the message is from another organization than the policy names")
	}
	return nil
}

// sameID compares ids of Salesforce: the first 15 characters, which are case
// sensitive; the other three are a checksum.
func sameID(a, b string) bool {
	const significant = 15
	return len(a) >= significant && len(b) >= significant && equal(a[:significant], b[:significant])
}

// Sign returns the token in the header X-Handoff-Token. Salesforce has it in
// the address instead.
func (salesforce) Sign(l Letter) (map[string]string, error) {
	return map[string]string{"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": `""`, "X-Handoff-Token": l.Key}, nil
}

// Answer follows the table of answers, in SOAP: an Ack of true for what was
// taken, of false for what is to come again.
func (salesforce) Answer(r Request, res Result) Answer {
	a := machine{"salesforce"}.Answer(r, res)
	if res.Outcome == Probe {
		return a
	}
	ack := "false"
	if a.Status == http.StatusOK {
		ack = "true"
	}
	a.Headers["Content-Type"] = "text/xml; charset=utf-8"
	a.Body = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>` +
		`<notificationsResponse xmlns="` + salesforceSpace + `"><Ack>` + ack + `</Ack></notificationsResponse>` +
		`</soapenv:Body></soapenv:Envelope>` + "\n"
	return a
}

// Parse reads all notifications.
func (salesforce) Parse(r Request) (Delivery, error) {
	m, err := salesforceMessage(r.Body)
	if err != nil {
		return Delivery{}, err
	}
	var all []any
	for _, c := range m.children {
		if c.name == "Notification" {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return Delivery{}, fault.New(fault.Invalid, "the message holds no Notification")
	}
	return each(all, func(_ int, n any) (*draft, bool) {
		e, ok := n.(*element)
		if !ok {
			return nil, false
		}
		return salesforceNotification(e, r)
	}, r)
}

// salesforceMessage returns the element notifications. The session that a
// message may carry for calls back is a key to the company's data: nothing
// reads it.
func salesforceMessage(body []byte) (*element, error) {
	root, err := parseXML(body)
	if err != nil {
		return nil, err
	}
	m := root.child("Envelope").child("Body").child("notifications")
	if m.name == "" {
		return nil, fault.New(fault.Invalid, "not an outbound message: there is no Envelope with a Body with notifications")
	}
	return m, nil
}

// salesforceNotification reads one object.
func salesforceNotification(n *element, r Request) (*draft, bool) {
	o := n.child("sObject")
	if o.name == "" {
		return nil, false
	}
	d := newDraft(signal.Other)
	d.id = first(n.text("Id"), hashed("content.", o.kind, o.text("Id"), o.text("LastModifiedDate")))
	created, changed := o.text("CreatedDate"), first(o.text("LastModifiedDate"), o.text("SystemModstamp"))
	d.occurredAt = timeOf(first(changed, created), time.Second)
	d.attributes.put(signal.AttrOwner, o.text("OwnerId"))
	d.attributes.put(signal.AttrOwnerEmail, first(o.text("OwnerEmail"), o.text("Owner_Email__c")))
	d.identity.Email = first(o.text("Email"), o.text("PersonEmail"), o.text("Email__c"), o.text("Contact_Email__c"))
	asOwner := queryValue(r.Query, "event") == salesforceOwner
	isNew := created != "" && created == changed
	switch o.kind {
	case "Lead", "Contact", "Account":
		salesforcePerson(d, o, isNew)
	case "Opportunity":
		salesforceDeal(d, o, isNew)
	default:
		d.identity.ContactID = first(o.text("ContactId"), o.text("WhoId"))
		if !asOwner {
			salesforceActivity(d, o, r)
		}
		if d.kind == signal.Other {
			d.original(first(o.kind, "sObject"))
		}
	}
	if asOwner {
		d.kind = signal.OwnerChanged
	}
	for _, c := range o.children {
		if len(c.children) == 0 && (canonical(c.name) == "" || o.kind == "Opportunity") {
			d.attributes.put(c.name, strings.TrimSpace(string(c.value)))
		}
	}
	return d, true
}

// salesforcePerson reads a lead or a contact; an account is one where it is a
// person's.
func salesforcePerson(d *draft, o *element, isNew bool) {
	if o.kind == "Account" && d.identity.Email == "" {
		d.original(o.kind)
		return
	}
	d.kind = signal.ContactChanged
	if isNew {
		d.kind = signal.ContactCreated
	}
	d.identity.ContactID = o.text("Id")
	for _, name := range []string{
		"FirstName", "LastName", "Company", "Title", "Phone", "MobilePhone", "Country", "MailingCountry", "NumberOfEmployees", "Website", "Industry",
	} {
		d.field(canonical(strings.TrimPrefix(name, "Mailing")), o.text(name))
	}
}

// salesforceDeal reads an opportunity as it is now.
func salesforceDeal(d *draft, o *element, isNew bool) {
	id, stage := o.text("Id"), o.text("StageName")
	d.attributes.put(signal.AttrDeal, id)
	d.attributes.put(signal.AttrDealStage, stage)
	d.attributes.put(signal.AttrAmount, decimal(o.text("Amount")))
	d.attributes.put(signal.AttrCurrency, o.text("CurrencyIsoCode"))
	d.attributes.put(signal.AttrReason, first(o.text("Loss_Reason__c"), o.text("Lost_Reason__c"), o.text("Reason_Lost__c")))
	d.identity.ContactID = first(o.text("ContactId"), o.text("Contact__c"), dealContact(id))
	name := strings.ToLower(stage)
	switch {
	case o.text("IsWon") == "true" || (o.text("IsWon") == "" && name == "closed won"):
		d.kind = signal.DealWon
	case o.text("IsClosed") == "true" || (o.text("IsClosed") == "" && name == "closed lost"):
		d.kind = signal.DealLost
	case isNew:
		d.kind = signal.DealOpened
	default:
		d.kind = signal.DealChanged
		if stage != "" || o.text("IsClosed") == "false" {
			d.attributes.put(signal.AttrDealStatus, signal.DealOpen)
		}
	}
}
