package answer

import (
	"cmp"
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Words says in plain words what a result means for the rep, or what the form
// lacks. tone is "", "ok", "warn" or "bad".
func Words(res Result, now time.Time) (title, detail, tone string) {
	switch res.State {
	case Open, Invalid:
		title, detail, tone = asking(res.Claims)
		return title, cmp.Or(res.Problem.Text, detail), tone
	case Recorded:
		return recorded(res, now)
	case Parked:
		return "Your answer is kept", "The lead cannot be reached right now. Your answer is safe, with the time at which you gave it, and is applied by itself. You need not send it again.", "ok"
	case Done:
		return done(res)
	case Contrary:
		return contrary(res)
	case Moved:
		return "This lead has moved on", "It is not with you any more, so there is nothing left to do here. Nothing was changed.", "warn"
	case LimitReached, PausesUsedUp, NoPauses:
		return refused(res)
	case Gone:
		return "This lead is no longer here", "Its data was deleted. There is nothing left to do.", "warn"
	case Unavailable:
		return "Please try again in a moment", "The lead cannot be reached right now. Nothing was changed.", "bad"
	case Failed:
	}
	return "Something went wrong", "Nothing was changed. If it stays like this, the request's number helps to find out why.", "bad"
}

// refused says which of the policy's limits is reached.
func refused(res Result) (title, detail, tone string) {
	t := res.Terms
	ask := " If you cannot take care of it, talk to " + t.manager() + ". Nothing was changed."
	switch res.State { //nolint:exhaustive // The others are no limits.
	case LimitReached:
		most := page.Plural(t.book.Routing.Rejections.PerDay, "lead")
		return "You have reached today’s limit", "You have rejected " + most + " today, and a day allows no more. This one stays with you." + ask, "warn"
	case PausesUsedUp:
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
		return "Leave a comment", "What you write stands on the lead’s page, for whoever may see the lead. It is in no message and no report.", ""
	case link.Feedback:
		return "What became of this lead?", "Your answer decides which leads come to you next.", ""
	}
	return "This request cannot be understood", "Open the link from the message again. Nothing was changed.", "bad"
}

func recorded(res Result, now time.Time) (title, detail, tone string) {
	switch res.Claims.Purpose {
	case link.Accept:
		return "The lead is yours", "Your answer is recorded.", "ok"
	case link.Reject:
		follows := res.Terms.consequence(res.Signal.Attributes[signal.AttrReason])
		return "The lead is off your list", "Your answer is recorded. What follows: " + follows + ".", "ok"
	case link.Contacted:
		if res.Claims.Nth > 0 {
			return "The next attempt is recorded", "Thank you. It stands in the history as your own word.", "ok"
		}
		return "First contact is recorded", "Thank you. It stands in the history as your own word.", "ok"
	case link.Meeting:
		return "The meeting is recorded", "Congratulations." + when(res, signal.AttrStartsAt, " It is on %s.", now), "ok"
	case link.Snooze:
		return "The lead is snoozed", "Its clocks stand still." + when(res, signal.AttrUntil, " They go on at %s, by themselves.", now), "ok"
	case link.Comment:
		return "Your comment is kept", "It stands on the lead’s page.", "ok"
	case link.Feedback:
		return "Your feedback is recorded", "Thank you. It makes the next leads better.", "ok"
	}
	return "Your answer is recorded", "", "ok"
}

// when says a time of the answer by the rep's clock, nothing when it has none.
func when(res Result, attribute, sentence string, now time.Time) string {
	at, err := time.Parse(time.RFC3339, res.Signal.Attributes[attribute])
	if err != nil {
		return ""
	}
	return fmt.Sprintf(sentence, res.Terms.clock(at, now))
}

func done(res Result) (title, detail, tone string) {
	detail = "It was recorded before; this changes nothing."
	if res.Lead == nil && res.Claims.Purpose != link.Reject {
		detail += " Since then the lead has moved on."
	}
	switch res.Claims.Purpose {
	case link.Accept:
		title = "You have accepted this lead already"
	case link.Reject:
		title = "You have rejected this lead already"
	case link.Contacted:
		title = "First contact is recorded already"
		if res.Claims.Nth > 0 {
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

func contrary(res Result) (title, detail, tone string) {
	manager := res.Terms.manager()
	if res.given.any(link.Reject) {
		return "You have rejected this lead", "Your first answer stands, and the lead goes to somebody else. If that was a mistake, talk to " + manager + ". Nothing was changed.", "warn"
	}
	return "You have accepted this lead", "Your first answer stands. To give the lead away now, talk to " + manager + ". Nothing was changed.", "warn"
}
