package inbound

import (
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// act is one thing that somebody of ours did with a person, as a sender logged
// it. What is only planned, and what a machine answers by itself, is none.
type act struct {
	record    string // the sender's id of what it logged
	at        time.Time
	how       string // signal.HowCall, …
	direction string // "" when the sender does not say who began
	automated bool   // a machine acted in the name of one of us
	owner     string // the sender's id of who acted
	email     string // the address of who acted
}

// logged makes the draft the signal of that act. A sender tells of an act again
// whenever somebody edits its record, so the event id is that of the act: the
// record and when it was done, whatever the sender calls this message.
func (d *draft) logged(a act) {
	d.kind = signal.ActivityLogged
	done := "done"
	if !a.at.IsZero() {
		done = a.at.UTC().Format(time.RFC3339)
		d.occurredAt = a.at
	}
	d.id = "activity." + a.record + "." + done
	d.act = &a
	d.attributes.put(signal.AttrHow, a.how)
	d.attributes.put(signal.AttrDirection, a.direction)
	d.attributes.put(signal.AttrOwner, a.owner)
	d.attributes.put(signal.AttrOwnerEmail, a.email)
}

// sayAct sees to it that nothing but the act says how, who began and whether a
// machine acted: a field of the sender's that happens to have such a name is
// left out.
func (d *draft) sayAct() {
	if d.act == nil {
		return
	}
	automated := ""
	if d.act.automated {
		automated = "true"
	}
	for name, value := range map[string]string{signal.AttrHow: d.act.how, signal.AttrDirection: d.act.direction, signal.AttrAutomated: automated} {
		delete(d.attributes.values, name)
		if value != "" {
			d.attributes.mark(name, value)
		}
	}
}

// checkActivity refuses an act of a company's own software that says how, or
// who began, in words that nobody knows: it would be stored and never count. It
// also refuses one that is yet to come. Kind: Invalid.
func checkActivity(d *draft, received time.Time) error {
	if d.kind != signal.ActivityLogged {
		return nil
	}
	said := d.attributes.values
	switch said[signal.AttrHow] {
	case signal.HowCall, signal.HowEmail, signal.HowMeeting, signal.HowMessage:
	default:
		return fault.New(fault.Invalid, "attributes.how of activity.logged must be call, email, meeting or message")
	}
	switch said[signal.AttrDirection] {
	case signal.Outbound, signal.Inbound:
	default:
		return fault.New(fault.Invalid, "attributes.direction of activity.logged must be outbound or inbound")
	}
	switch said[signal.AttrAutomated] {
	case "", "true", "false":
	default:
		return fault.New(fault.Invalid, "attributes.automated of activity.logged must be true or false")
	}
	if d.occurredAt.After(received.Add(standardWindow)) {
		return fault.New(fault.Invalid, "occurred_at of activity.logged lies ahead: send it when it has been done")
	}
	return nil
}
