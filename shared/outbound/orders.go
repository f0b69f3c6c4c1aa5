package outbound

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
)

// by names who gave the order that the event follows from.
func (v view) by() string {
	if by := clean(v.Event.Detail.By, mostName); by != "" {
		return by
	}
	return "Somebody in charge"
}

// because says why somebody in charge wants it, after what they did.
func (v view) because() string {
	if r := clean(v.Event.Detail.Reason, mostValue); r != "" {
		return ": " + ended(r)
	}
	return "."
}

// isHeldBack tells whether the event is about a lead that an order holds back.
func (v view) isHeldBack() bool {
	return v.Event.Type == contract.LeadHeld && v.Event.Detail.Until != nil
}

// holdBack tells that nobody is offered a lead before a time, and whether that
// is over.
func (v view) holdBack(person string) (subject, intro string) {
	h, until := v.Lead.Journey.Held, *v.Event.Detail.Until
	said := fmt.Sprintf("%s held this lead back until %s%s", v.by(), v.time(until), v.because())
	if h == nil || !h.Until.Equal(until) {
		return "No longer held back: " + person, said + " That is over. Nothing is asked of you."
	}
	return "Held back: " + person, said + " Then it is offered by itself; an order to give it to somebody ends that before. What the customer was promised stays promised."
}

// takenBack tells the rep who had a lead that they have it no more, and where it is.
func (v view) takenBack(person, holder string) (subject, intro string) {
	subject = fmt.Sprintf("Taken back from %s: %s", holder, person)
	took := fmt.Sprintf("%s took it back%s", v.by(), v.because())
	if h, ref := v.Lead.Journey.Holder(), v.Event.Detail.Handoff; h != nil && ref != nil && h.Rep == ref.Rep {
		return subject, fmt.Sprintf("%s, you had lost this lead, and it is yours again. %s", holder, took)
	}
	return subject, fmt.Sprintf("%s, this lead is not yours any more. %s %s Nothing is asked of you.", holder, took, v.whereabouts())
}

// merged tells the rep of a lead that it is part of another one now, and who has
// that.
func (v view) merged(person, holder string) (subject, intro string) {
	subject = "One lead with another: " + person
	why := sentence(v.Event.Summary)
	switch h, ref := v.Lead.Journey.Holder(), v.Event.Detail.Handoff; {
	case ref == nil:
		return subject, why
	case h != nil && h.Rep == ref.Rep:
		return subject, fmt.Sprintf("%s, two of your leads are one person. %s Go on with the one that is left.", holder, why)
	}
	return subject, fmt.Sprintf("%s, this lead is not yours any more: it is the same person as another lead. %s %s Nothing is asked of you.", holder, why, v.whereabouts())
}

// erased tells the rep who had a lead that the person is to be forgotten. It
// cannot say who it was.
func (v view) erased(_, holder string) (subject, intro string) {
	why := "."
	switch lead.Reason(v.Event.Detail.Reason) { //nolint:exhaustive // The others are no matter of the rep's.
	case lead.OnRequest:
		why = " at the person's wish."
	case lead.OnObjection:
		why = ", because the person objects to the use of their data."
	}
	if v.Event.Detail.Handoff == nil {
		return "A lead was erased", fmt.Sprintf("A lead is erased%s Everything about the person is forgotten here. Please delete what you have noted of them elsewhere.", why)
	}
	return "A lead was erased", fmt.Sprintf("%s, a lead that was yours is erased%s Everything about the person is forgotten here, and it is not in your list any more. Please delete what you have noted of them elsewhere.",
		holder, why)
}

// reminder tells the holder that somebody in charge asks them to see to a lead,
// unless it has moved on before the message could be sent.
func (v view) reminder(person, holder string) (subject, intro string) {
	if !v.isCurrent() || v.Lead.Journey.Holder() == nil {
		return fmt.Sprintf("Lead no longer with %s: %s", holder, person),
			fmt.Sprintf("%s, you were reminded of this lead, which has moved on since. Nothing is asked of you.", holder)
	}
	intro = fmt.Sprintf("%s, %s reminds you of this lead%s", holder, v.by(), v.because())
	if c := v.Event.Detail.Clock; c != nil && !c.DueAt.IsZero() {
		intro += fmt.Sprintf(" %s is due by %s.", capital(duty(*c)), v.time(c.DueAt))
	}
	return fmt.Sprintf("Reminder for %s: %s", holder, person), intro
}

// ignored tells a manager of an order that changed nothing, and why.
func (v view) ignored(person, _ string) (subject, intro string) {
	return "Nothing changed: " + person, sentence(clean(v.Event.Summary, mostValue)) + " Look at the lead as it is now, and order again if that is still right."
}
