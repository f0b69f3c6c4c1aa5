// Package signal defines the facts that everything else follows from: one
// thing that happened to one person, as a source reported it. A signal never
// changes after it is stored. The package knows the canonical types, how a
// signal is identified and how the key of its lead is derived; it does not
// know providers, scoring or storage.
package signal

import (
	"time"
)

// Type is the canonical type of a signal. Adapters map a provider's own types
// to these; what has no counterpart is Other, with the original name in the
// attribute AttrOriginalType.
type Type string

// The canonical types.
const (
	FormSubmitted     Type = "form.submitted"
	PageViewed        Type = "page.viewed"
	EventTracked      Type = "event.tracked" // a named product or site event; the name is AttrEvent
	LeadIdentified    Type = "lead.identified"
	EmailDelivered    Type = "email.delivered"
	EmailOpened       Type = "email.opened"
	EmailClicked      Type = "email.clicked"
	EmailBounced      Type = "email.bounced"
	EmailUnsubscribed Type = "email.unsubscribed"
	EmailComplained   Type = "email.complained"
	ConsentGiven      Type = "consent.given"     // the person agrees: AttrPurpose, AttrConsentChannel
	ConsentWithdrawn  Type = "consent.withdrawn" // the person agrees no more, or objects
	ContactCreated    Type = "contact.created"
	ContactChanged    Type = "contact.changed"
	ContactDeleted    Type = "contact.deleted"
	MeetingBooked     Type = "meeting.booked"
	MeetingCanceled   Type = "meeting.canceled"
	MeetingNoShow     Type = "meeting.no_show"
	MeetingHeld       Type = "meeting.held"  // a source says that both sides were there; that its time has passed does not
	DealOpened        Type = "deal.opened"   //
	DealChanged       Type = "deal.changed"  // the deal is open when AttrDealStatus says so, else nothing is known of that
	DealWon           Type = "deal.won"      //
	DealLost          Type = "deal.lost"     //
	DealDeleted       Type = "deal.deleted"  // the deal is gone, or is this person's no more
	OwnerChanged      Type = "owner.changed" // another person of the sender's company is answerable for the contact or the deal
	RepAccepted       Type = "rep.accepted"
	RepRejected       Type = "rep.rejected"
	ActivityLogged    Type = "activity.logged" // a CRM says that one of us acted: AttrHow, AttrDirection, AttrAutomated
	RepContacted      Type = "rep.contacted"   // the holder attests an outbound act: AttrHow, AttrWhen
	RepSnoozed        Type = "rep.snoozed"     // the holder asks for a pause: AttrReason, AttrUntil
	RepCommented      Type = "rep.commented"
	RepFeedback       Type = "rep.feedback" // what became of the lead: AttrOutcome
	Other             Type = "other"
)

// What somebody in charge orders about a lead: AttrReason and AttrBy say why and
// who, AttrHandoff, AttrStage and AttrAfter what they saw. See Ordered.
const (
	OrderReassign   Type = "order.reassign"   // the lead goes to another rep: AttrTo
	OrderTakeBack   Type = "order.take_back"  // the holder loses the lead, and the rules offer it to the others
	OrderHold       Type = "order.hold"       // nobody is offered the lead before AttrUntil
	OrderRecycle    Type = "order.recycle"    // back to nurture, until AttrUntil
	OrderDisqualify Type = "order.disqualify" // no lead for us
	OrderHandoff    Type = "order.handoff"    // a lead that did not qualify is handed off by a person's word: AttrTo
	OrderRemind     Type = "order.remind"     // the holder is reminded now
	OrderConfirm    Type = "order.confirm"    // a suggested handoff is made: to the rep of the suggestion, or to another, AttrTo
	OrderDecline    Type = "order.decline"    // a suggested handoff is not made: the lead is left to the existing process
	OrderMerge      Type = "order.merge"      // the lead and another one, AttrWith, are one person
	OrderSplit      Type = "order.split"      // a merge is taken back: AttrWith is who the other lead was
)

// OrderErase orders that everything about the person be forgotten: AttrReason is
// an erasure's reason, AttrBy who ordered it. It is no order about a lead that
// goes on, so that Ordered does not count it.
const OrderErase Type = "order.erase"

// Ordered tells whether signals of the type are what somebody in charge orders.
// They come from our own pages and commands alone, never by a webhook.
func (t Type) Ordered() bool {
	switch t { //nolint:exhaustive // All others are no orders.
	case OrderReassign, OrderTakeBack, OrderHold, OrderRecycle, OrderDisqualify, OrderHandoff, OrderRemind, OrderConfirm, OrderDecline,
		OrderMerge, OrderSplit:
		return true
	}
	return false
}

// Names of attributes that rules and adapters agree on. Every other attribute
// keeps the provider's name.
const (
	AttrForm         = "form"          // title of the form
	AttrFormID       = "form_id"       // the provider's id of the form
	AttrEvent        = "event"         // name of a tracked event
	AttrURL          = "url"           // page viewed or link clicked
	AttrPage         = "page"          // title of the page
	AttrMessageID    = "message_id"    // the e-mail that was delivered, opened or clicked
	AttrUserAgent    = "user_agent"    //
	AttrMachine      = "machine"       // "true" when the provider itself says a machine opened or clicked
	AttrOriginalType = "original_type" // the provider's name of a type mapped to Other
	AttrMessage      = "message"       // free text that a person wrote
	AttrHandoff      = "handoff"       // number of the handoff that a rep answers
	AttrRep          = "rep"           // id of the rep who answers
	AttrReason       = "reason"        // why a rep rejects, a meeting is canceled, a deal is lost
	AttrHow          = "how"           // HowCall, HowEmail, HowMeeting or HowMessage
	AttrWhen         = "when"          // RFC 3339: when the rep says that it was
	AttrUntil        = "until"         // RFC 3339: the end of a pause, of a hold, or of a time in nurture
	AttrOutcome      = "outcome"       // of RepFeedback
	AttrNth          = "nth"           // which of several answers of a kind in one handoff, from 0
	AttrTo           = "to"            // the id of the rep who is to have the lead; "" lets the rules choose
	AttrBy           = "by"            // who gave an order
	AttrWith         = "with"          // the key of the lead that a lead is merged with, or split from
	AttrStage        = "stage"         // the stage of the lead when an order was given
	AttrAfter        = "after"         // how many orders had been carried out about the lead when an order was given
	AttrDirection    = "direction"     // Outbound or Inbound
	AttrAutomated    = "automated"     // "true" when a machine acted, as with a sequence or an auto-reply
	AttrFetch        = "fetch"         // the kind of record that the signal names by its id alone, to be got from the sender's API
)

// Names of attributes of meetings, deals and owners.
const (
	AttrMeeting         = "meeting"          // the sender's id of the meeting with this person
	AttrPreviousMeeting = "previous_meeting" // the meeting that this one takes the place of
	AttrNextMeeting     = "next_meeting"     // the meeting that takes the place of this one
	AttrStartsAt        = "starts_at"        // RFC 3339, UTC
	AttrBookedBy        = "booked_by"        // BookedByRep when one of us booked the meeting on behalf of the person
	AttrDeal            = "deal"             // the sender's id of the deal
	AttrDealStatus      = "deal_status"      // DealOpen on DealChanged when the deal is known to be open
	AttrDealStage       = "deal_stage"       // the stage of the deal, by the sender's name or id
	AttrEndedAt         = "ended_at"         // RFC 3339: when a deal was won or lost, where the sender says it beside the signal's own time
	AttrAmount          = "amount"           // a decimal number such as 12000.50
	AttrCurrency        = "currency"         // ISO 4217
	AttrOwner           = "owner"            // the sender's id of the owner
	AttrOwnerEmail      = "owner_email"      //
)

// Values of attributes.
const (
	BookedByRep  = "rep"
	BookedByLead = "lead"
	DealOpen     = "open"
	HowCall      = "call"
	HowEmail     = "email"
	HowMeeting   = "meeting"
	HowMessage   = "message" // any other medium
	Outbound     = "outbound"
	Inbound      = "inbound"
)

// Operator is the source of what people of ours say about a lead on our own pages
// and by our own commands: orders, and data that they enter. No policy has a
// source of that name.
const Operator = "operator"

// Names of profile fields in Signal.Lead. An adapter may add others.
const (
	FieldEmail     = "email"
	FieldFirstName = "first_name"
	FieldLastName  = "last_name"
	FieldCompany   = "company"
	FieldTitle     = "title"
	FieldPhone     = "phone"
	FieldCountry   = "country"
	FieldEmployees = "employees"
	FieldWebsite   = "website"
	FieldIndustry  = "industry"
	FieldPostal    = "postal_code"
)

// Fields lists the names that every source has. Where they stand in the list is
// stored with what is counted: others may only be added at its end.
func Fields() []string {
	return []string{
		FieldEmail, FieldFirstName, FieldLastName, FieldCompany, FieldTitle, FieldPhone,
		FieldCountry, FieldEmployees, FieldWebsite, FieldIndustry, FieldPostal,
	}
}

// Identity says by which names the sender knows the person. Any may be empty.
type Identity struct {
	Email       string `json:"email,omitempty"`
	ContactID   string `json:"contact_id,omitempty"` // the sender's own id of the contact record
	UserID      string `json:"user_id,omitempty"`
	AnonymousID string `json:"anonymous_id,omitempty"`
	Phone       string `json:"phone,omitempty"`
}

// Signal is one thing that happened, as a fact.
type Signal struct {
	Source     string            `json:"source"`      // the source's name in the policy, for example "typeform"
	ID         string            `json:"id"`          // the source's event id; the same for every redelivery
	Type       Type              `json:"type"`        //
	OccurredAt time.Time         `json:"occurred_at"` // the sender's word, UTC
	ReceivedAt time.Time         `json:"received_at"` // ours, UTC
	Identity   Identity          `json:"identity"`
	Lead       map[string]string `json:"lead,omitempty"`       // profile fields as sent
	Attributes map[string]string `json:"attributes,omitempty"` // all other facts, nested values flattened with dots
	// Home is the key that the signal is stored under, where that is not the lead's own: it came under another of the
	// lead's names. Whoever reads the signal for a lead sets it; it is not stored.
	Home LeadKey `json:"-"`
	// Test marks a provider's test event: acknowledged and shown as received, never stored as a signal of a lead.
	Test bool `json:"test,omitempty"`
	// Quiet marks history that was imported: it adds to what is known of the lead, starts no handoff and wakes nobody.
	// Only an import sets it; no webhook can.
	Quiet bool `json:"quiet,omitempty"`
}
