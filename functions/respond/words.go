package main

import (
	"github.com/handoff-oss/handoff/shared/link"
)

// words says in plain words what a result means for the rep.
func words(res result) (title, detail, tone string) {
	switch res.state {
	case stateAsk, stateInvalid:
		return asking(res)
	case stateRecorded:
		return recorded(res.claims.Purpose)
	case stateParked:
		return "Your answer is kept", "The lead cannot be reached right now. Your answer is safe, with the time at which you gave it, and is applied by itself. You need not send it again.", "ok"
	case stateDone:
		return done(res)
	case stateContrary:
		return contrary(res)
	case stateMoved:
		return "This lead has moved on", "It is not with you any more, so there is nothing left to do here. Nothing was changed.", "warn"
	case stateExpired:
		return "This link has expired", "Links work for a limited time. The newest message about the lead has one that works, if the lead is still yours. Nothing was changed.", "warn"
	case stateForged:
		return "This link does not work", "It is damaged or incomplete. Open it from the message again, or copy all of it. Nothing was changed.", "bad"
	case stateGone:
		return "This lead is no longer here", "Its data was deleted. There is nothing left to do.", "warn"
	case stateMethod:
		return "That is not possible", "This address can be opened and answered, nothing else.", "bad"
	case stateUnavailable:
		return "Please try again in a moment", "The lead cannot be reached right now. Nothing was changed.", "bad"
	case stateFailed:
	}
	return "Something went wrong", "Nothing was changed. If it stays like this, the request's number helps to find out why.", "bad"
}

func asking(res result) (title, detail, tone string) {
	switch res.claims.Purpose {
	case link.Accept:
		return "Accept this lead?", "With your answer the lead is yours, and you promise to contact them in time.", ""
	case link.Reject:
		return "Reject this lead?", "With your answer the lead goes to the next person. Your reason makes the next leads better.", ""
	case link.Contacted:
		return "Have you contacted them?", "Confirm once you have called, written to or met them yourself. An automatic reply does not count.", ""
	}
	return "This request cannot be understood", "Open the link from the message again. Nothing was changed.", "bad"
}

func recorded(p link.Purpose) (title, detail, tone string) {
	switch p {
	case link.Accept:
		return "The lead is yours", "Your answer is recorded.", "ok"
	case link.Reject:
		return "The lead is off your list", "Your answer is recorded. The lead goes to the next person, or to the manager when there is none.", "ok"
	case link.Contacted:
		return "First contact is recorded", "Thank you. The promise to the customer is kept.", "ok"
	}
	return "Your answer is recorded", "", "ok"
}

func done(res result) (title, detail, tone string) {
	detail = "It was recorded before; this changes nothing."
	if res.lead == nil {
		detail += " Since then the lead has moved on."
	}
	switch res.claims.Purpose {
	case link.Accept:
		return "You have accepted this lead already", detail, "ok"
	case link.Reject:
		return "You have rejected this lead already", "It was recorded before; this changes nothing.", "ok"
	case link.Contacted:
		return "First contact is recorded already", detail, "ok"
	}
	return "You have answered already", detail, "ok"
}

func contrary(res result) (title, detail, tone string) {
	if res.given[link.Reject] {
		return "You have rejected this lead", "Your first answer stands, and the lead goes to somebody else. If that was a mistake, talk to your manager. Nothing was changed.", "warn"
	}
	return "You have accepted this lead", "Your first answer stands. To give the lead away now, talk to your manager. Nothing was changed.", "warn"
}
