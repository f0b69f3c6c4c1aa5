package main

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
)

// words says in plain words what a result means for the rep.
func words(res result, now time.Time) (title, detail, tone string) {
	switch res.state {
	case stateAsk, stateInvalid:
		return asking(res.claims)
	case stateRecorded:
		return recorded(res, now)
	case stateParked:
		return "Your answer is kept", "The lead cannot be reached right now. Your answer is safe, with the time at which you gave it, and is applied by itself. You need not send it again.", "ok"
	case stateDone:
		return done(res)
	case stateContrary:
		return contrary(res)
	case stateMoved:
		return "This lead has moved on", "It is not with you any more, so there is nothing left to do here. Nothing was changed.", "warn"
	case stateLimit, stateUsedUp, stateNoPause:
		return refused(res)
	case stateStranger, stateExpired, stateForged, stateGone, stateMethod, stateUnavailable, stateFailed, stateIgnored:
	}
	return useless(res.state)
}

// useless says why a link or a button can do nothing.
func useless(s state) (title, detail, tone string) {
	switch s { //nolint:exhaustive // The others are no dead ends.
	case stateStranger:
		return "This button is somebody else's", "Only the person who has the lead can answer. Nothing was changed.", "warn"
	case stateExpired:
		return "This link has expired", "Links work for a limited time. The newest message about the lead has one that works, if the lead is still yours; where it has none, ask your manager. Nothing was changed.", "warn"
	case stateForged:
		return "This link does not work", "It is damaged or incomplete. Open it from the message again, or copy all of it. Nothing was changed.", "bad"
	case stateGone:
		return "This lead is no longer here", "Its data was deleted. There is nothing left to do.", "warn"
	case stateMethod:
		return "That is not possible", "This address can be opened and answered, nothing else.", "bad"
	case stateUnavailable:
		return "Please try again in a moment", "The lead cannot be reached right now. Nothing was changed.", "bad"
	}
	return "Something went wrong", "Nothing was changed. If it stays like this, the request's number helps to find out why.", "bad"
}

// refused says which of the policy's limits is reached.
func refused(res result) (title, detail, tone string) {
	t := res.terms
	ask := " If you cannot take care of it, talk to " + t.manager() + ". Nothing was changed."
	switch res.state { //nolint:exhaustive // The others are no limits.
	case stateLimit:
		most := page.Plural(t.book.Routing.Rejections.PerDay, "lead")
		return "You have reached today’s limit", "You have rejected " + most + " today, and a day allows no more. This one stays with you." + ask, "warn"
	case stateUsedUp:
		times := page.Plural(t.book.SLA.Pause.Times, "time")
		return "This lead cannot wait any longer", "Its clocks were paused " + times + " already, and no more is allowed. They run on." + ask, "warn"
	}
	return "Leads cannot be paused here", "The clocks of this lead run on." + ask, "warn"
}

func asking(c link.Claims) (title, detail, tone string) {
	switch c.Purpose {
	case link.Accept:
		return "Accept this lead?", "With your answer the lead is yours, and you promise to contact them in time.", ""
	case link.Reject:
		return "Reject this lead?", "Your reason says where it goes next, and makes the next leads better.", ""
	case link.Contacted:
		if c.Nth > 0 {
			return "Have you contacted them again?", "Confirm the next attempt once you have made it yourself. An automatic message does not count.", ""
		}
		return "Have you contacted them?", "Confirm once you have called, written to or met them yourself. An automatic reply does not count.", ""
	case link.Meeting:
		return "Is a meeting set?", "Confirm once you and the customer have agreed on one. It counts as contact, too.", ""
	case link.Snooze:
		return "Snooze this lead?", "Its clocks stand still until then, and go on by themselves. The lead stays yours.", ""
	case link.Comment:
		return "Leave a comment", "What you write stays with the lead. It is in no message and no report.", ""
	case link.Feedback:
		return "What became of this lead?", "Your answer decides which leads come to you next.", ""
	}
	return "This request cannot be understood", "Open the link from the message again. Nothing was changed.", "bad"
}

func recorded(res result, now time.Time) (title, detail, tone string) {
	switch res.claims.Purpose {
	case link.Accept:
		return "The lead is yours", "Your answer is recorded.", "ok"
	case link.Reject:
		follows := res.terms.consequence(res.signal.Attributes[signal.AttrReason])
		return "The lead is off your list", "Your answer is recorded. What follows: " + follows + ".", "ok"
	case link.Contacted:
		if res.claims.Nth > 0 {
			return "The next attempt is recorded", "Thank you. It stands in the history as your own word.", "ok"
		}
		return "First contact is recorded", "Thank you. It stands in the history as your own word.", "ok"
	case link.Meeting:
		return "The meeting is recorded", "Congratulations." + when(res, signal.AttrStartsAt, " It is on %s.", now), "ok"
	case link.Snooze:
		return "The lead is snoozed", "Its clocks stand still." + when(res, signal.AttrUntil, " They go on at %s, by themselves.", now), "ok"
	case link.Comment:
		return "Your comment is kept", "It stays with the lead.", "ok"
	case link.Feedback:
		return "Your feedback is recorded", "Thank you. It makes the next leads better.", "ok"
	}
	return "Your answer is recorded", "", "ok"
}

// when says a time of the answer by the rep's clock, nothing when it has none.
func when(res result, attribute, sentence string, now time.Time) string {
	at, err := time.Parse(time.RFC3339, res.signal.Attributes[attribute])
	if err != nil {
		return ""
	}
	return fmt.Sprintf(sentence, res.terms.clock(at, now))
}

func done(res result) (title, detail, tone string) {
	detail = "It was recorded before; this changes nothing."
	if res.lead == nil && res.claims.Purpose != link.Reject {
		detail += " Since then the lead has moved on."
	}
	switch res.claims.Purpose {
	case link.Accept:
		title = "You have accepted this lead already"
	case link.Reject:
		title = "You have rejected this lead already"
	case link.Contacted:
		title = "First contact is recorded already"
		if res.claims.Nth > 0 {
			title = "This attempt is recorded already"
		}
	case link.Meeting:
		title = "The meeting is recorded already"
	case link.Snooze:
		title = "The lead was snoozed already"
	case link.Comment:
		title = "Your comment is kept already"
	case link.Feedback:
		title = "Your feedback is recorded already"
	default:
		title = "You have answered already"
	}
	return title, detail, "ok"
}

func contrary(res result) (title, detail, tone string) {
	manager := res.terms.manager()
	if res.given.any(link.Reject) {
		return "You have rejected this lead", "Your first answer stands, and the lead goes to somebody else. If that was a mistake, talk to " + manager + ". Nothing was changed.", "warn"
	}
	return "You have accepted this lead", "Your first answer stands. To give the lead away now, talk to " + manager + ". Nothing was changed.", "warn"
}
