package inbound

import (
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// What a message about an activity says:
//
//   - A Task that is closed was a call, a mail or a message by its TaskSubtype,
//     else by its Type. CallType says who began a call, where a telephone
//     system filled it in; Internal is none with a lead. Of a mail, and of a call
//     logged by hand, no field of Task says who began: let the flow that sends
//     the message choose those that your people began, and put
//     &direction=outbound into the address. A ListEmail is the work of a machine.
//     A Cadence may be any step of a sequence and is other.
//   - An Event has no field for whether it was held; that its time has passed
//     does not say so. The checkbox Held__c, or a picklist Meeting_Status__c,
//     Status__c or Outcome__c with the value Held or Completed does.
//
// So name Id, WhoId, OwnerId, Subject, Status, IsClosed, TaskSubtype, Type,
// CallType, CompletedDateTime and LastModifiedDate of a Task, and Id, WhoId,
// OwnerId, StartDateTime and the field of your own of an Event. Which editions
// offer outbound messages for both was not confirmed.

// salesforceActivity reads a task or an appointment; any other object is none.
func salesforceActivity(d *draft, o *element, r Request) {
	switch o.kind {
	case "Task":
		salesforceTask(d, o, salesforceDirection(r.Query))
	case "Event":
		salesforceEvent(d, o, r.ReceivedAt)
	}
}

// salesforceTask reads a task as it is now. direction is what the address says.
func salesforceTask(d *draft, o *element, direction string) {
	how, automated := salesforceHow(o)
	closed := o.text("IsClosed") == "true" || (o.text("IsClosed") == "" && strings.EqualFold(o.text("Status"), "Completed"))
	if how == "" || !closed || o.text("IsDeleted") == "true" {
		return
	}
	switch kind := strings.ToLower(o.text("CallType")); {
	case how != signal.HowCall || kind == "":
	case kind == signal.Inbound || kind == signal.Outbound:
		direction = kind
	default: // between two of us
		return
	}
	if automated || how == signal.HowMeeting || how == signal.HowMessage {
		direction = first(direction, signal.Outbound)
	}
	done := timeOf(o.text("CompletedDateTime"), time.Second)
	d.logged(act{record: o.text("Id"), at: done, how: how, direction: direction, automated: automated})
}

// salesforceHow returns what a task was about: "" when it was no act with a person.
func salesforceHow(o *element) (how string, automated bool) {
	kind := strings.ToLower(o.text("TaskSubtype"))
	if kind == "" || kind == "task" {
		kind = strings.ToLower(o.text("Type"))
	}
	switch kind {
	case "call":
		return signal.HowCall, false
	case "email":
		return signal.HowEmail, false
	case "listemail":
		return signal.HowEmail, true
	case "meeting":
		return signal.HowMeeting, false
	case "linkedin":
		return signal.HowMessage, false
	}
	return "", false
}

// salesforceEvent reads an appointment as it is now.
func salesforceEvent(d *draft, o *element, received time.Time) {
	held := o.text("Held__c") == "true"
	for _, name := range []string{"Meeting_Status__c", "Status__c", "Outcome__c"} {
		value := strings.ToLower(o.text(name))
		held = held || value == "held" || value == "completed"
	}
	began := timeOf(first(o.text("StartDateTime"), o.text("ActivityDateTime")), time.Second)
	if !held || began.IsZero() || began.After(received) || o.text("IsDeleted") == "true" {
		return
	}
	how := signal.HowMeeting
	if strings.EqualFold(o.text("Type"), "Call") {
		how = signal.HowCall
	}
	d.logged(act{record: o.text("Id"), at: began, how: how, direction: signal.Outbound})
}

// salesforceDirection reads who began from the address: "" when it says nothing known.
func salesforceDirection(query string) string {
	switch said := queryValue(query, "direction"); said {
	case signal.Outbound, signal.Inbound:
		return said
	}
	return ""
}
