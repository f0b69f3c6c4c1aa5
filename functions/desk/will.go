package main

import (
	"cmp"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
)

// titleOf asks what the page of an order asks.
func titleOf(o view.Order) string {
	switch o.Type { //nolint:exhaustive // The others are no orders.
	case signal.OrderConfirm:
		return "Confirm this handoff?"
	case signal.OrderDecline:
		return "Decline this handoff?"
	case signal.OrderRemind:
		return "Remind the holder now?"
	case signal.OrderReassign:
		return "Give this lead to somebody else?"
	case signal.OrderTakeBack:
		return "Take this lead back?"
	case signal.OrderHold:
		return "Hold this lead back?"
	case signal.OrderHandoff:
		return "Hand off this lead?"
	case signal.OrderRecycle:
		return "Send this lead back to nurture?"
	case signal.OrderDisqualify:
		return "Disqualify this lead?"
	}
	return o.Label
}

// suggestions are reasons that are often given.
func suggestions(o view.Order) []string {
	switch o.Type { //nolint:exhaustive // The others are no orders.
	case signal.OrderRemind:
		return []string{"The customer waits", "The deadline is near"}
	case signal.OrderReassign, signal.OrderTakeBack:
		return []string{"The holder is away", "The holder has too much to do", "Somebody else knows the company", "Nothing has happened"}
	case signal.OrderHold:
		return []string{"The customer asked for a later time", "We are in touch about something else", "To be checked first"}
	case signal.OrderHandoff, signal.OrderConfirm:
		return []string{"They asked for sales", "They were referred", "We met them at a fair"}
	case signal.OrderRecycle, signal.OrderDecline:
		return []string{"Too early", "No budget this year", "Nobody could reach them"}
	case signal.OrderDisqualify:
		return []string{"Not a company for us", "A competitor", "A supplier or a job seeker", "Not a person"}
	}
	return nil
}

// willOf says in sentences what an order would do, from the decision that would
// be made of it.
func willOf(o *ordering, d lead.Decision, names view.Names) []string {
	if d.Lead == nil || d.Log == nil {
		return []string{"Nothing would change."}
	}
	var all []string
	say := func(s string) { all = append(all, s) }
	before, after := o.lead.Journey, d.Lead.Journey
	for _, e := range d.Log.Entries {
		if e.Type == contract.OrderIgnored {
			return []string{"Nothing would change now: " + e.Detail.Reason + "."}
		}
	}
	was, is := before.Holder(), after.Holder()
	if was != nil && (is == nil || is.Number != was.Number) {
		say(was.RepName + " is told that the lead is no longer theirs, and none of their clocks runs on.")
	}
	if is != nil && (was == nil || is.Number != was.Number) {
		say(cmp.Or(names.Of(is.Rep), is.RepName) + " of the pool " + is.Pool + " gets the lead and a message about it" + answerBy(after, o) + ".")
	}
	for _, s := range aside(o, after) {
		say(s)
	}
	if o.kind.Type == signal.OrderRemind && was != nil {
		say(was.RepName + " gets a message now that says what is due. Nothing else changes, and the next reminder is possible in an hour.")
		return all
	}
	say(promised(after, o))
	return all
}

// answerBy says until when a new holder has to answer.
func answerBy(j lead.Journey, o *ordering) string {
	for _, c := range j.Clocks {
		if c.Kind == lead.AcceptClock && c.State == lead.Running && c.Handoff == j.Handoff.Number {
			return ", and has until " + o.said(c.DueAt) + " to answer"
		}
	}
	return ""
}

// aside says where a lead that nobody would hold would be.
func aside(o *ordering, j lead.Journey) []string {
	switch {
	case j.Held != nil && !j.Held.Until.IsZero():
		return []string{"Nobody is offered the lead before " + o.said(j.Held.Until) + ". Then the rules offer it by themselves."}
	case j.Held != nil:
		return []string{"Nobody can take it now: it waits for the pool " + j.Held.Pool + ", and is offered again by itself, oldest first."}
	case j.Incomplete != nil:
		return []string{"The lead waits for data in the queue of the pool " + j.Incomplete.Pool + ": " + j.Incomplete.Words() + "."}
	case j.Reached() == lead.Recycled:
		return []string{
			"The lead goes back to nurture until " + o.said(j.RecycledUntil) + ". From then on it may qualify again.",
			"An explicit request, such as a demo form, is heard at once.",
		}
	case j.Reached() == lead.Disqualified:
		return []string{"The lead is none for us: nothing that it does makes it qualify again. Handing it off by hand takes that back."}
	case o.kind.Type == signal.OrderDecline:
		return []string{"The lead is left to the process that you had before, and nobody gets it here."}
	}
	return nil
}

// promised says what becomes of what the customer was promised.
func promised(j lead.Journey, o *ordering) string {
	for _, c := range j.Clocks {
		if c.Scope == lead.CustomerScope && c.State == lead.Running && !c.Past {
			if j.Held != nil && j.Held.Until.After(c.DueAt) {
				return "The customer was promised a first contact by " + o.said(c.DueAt) + ": that will be missed."
			}
			return "The customer’s clock runs on: a first contact by " + o.said(c.DueAt) + "."
		}
	}
	return "No promise to the customer runs on."
}

// said is a time by the pool's clock.
func (o *ordering) said(at time.Time) string {
	return at.In(o.terms.Zone()).Format("Mon 2 Jan 2006, 15:04 MST")
}

// sentence is text as a sentence of its own; "" stays so.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	s = page.Sentence(s)
	switch s[len(s)-1] {
	case '.', '!', '?':
		return s
	}
	return s + "."
}
