package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
)

// day is how a date is written in a sentence.
const day = "2 January 2006"

// minute is how a time is written in a sentence.
const minute = "Mon 2 Jan 2006, 15:04 UTC"

// whyNot lists what keeps a lead that nobody holds from being handed off.
// would says who would receive it now, if that is known.
func whyNot(l *lead.Lead, a leadAnswer, policy *rules.Compiled, would *view.Route, now time.Time) []blocker {
	j := l.Journey
	switch reached := j.Reached(); {
	case j.Holder() != nil:
		return []blocker{}
	case j.Held != nil && !j.Held.Until.IsZero():
		return []blocker{whyHeldBack(j)}
	case j.Held != nil:
		return []blocker{whyHeld(a.Held, would, now)}
	case j.Incomplete != nil:
		return []blocker{{
			Rule: "completeness", Reason: "it is qualified, and lacks what sales needs: " + j.Incomplete.Words(),
			Fix: "the data, from any source or entered by somebody, by which it is handed off at once; or an order to hand it off as it is",
		}}
	case reached == lead.Disqualified:
		return []blocker{{
			Rule: "disqualified", Reason: byWhom(j) + " that it is no lead for us",
			Fix: "nothing by itself: no signal makes it qualify again",
		}}
	case reached == lead.Recycled:
		return whyRecycled(j, a.Qualification, now)
	case j.Suggested != nil:
		return []blocker{whySuggested(j.Suggested)}
	case j.Handoff == nil && j.Enrolment != nil:
		return []blocker{whyOutside(j.Enrolment)}
	case j.Handoff != nil:
		return []blocker{whyRejected(j.Handoff, policy.Escalation.MaxReps)}
	case a.Qualification.Qualified:
		return []blocker{oldNews(policy)}
	}
	return a.Qualification.Blockers
}

// whySuggested is about a lead that waits for a manager's word.
func whySuggested(s *lead.Suggestion) blocker {
	b := blocker{
		Rule: "suggested", Reason: "it waits for the manager of the pool " + s.Pool + " to confirm the handoff",
		Fix: "the manager's word, on the page of handoffs to confirm",
	}
	if s.Rep != "" {
		b.Reason += " to " + cmp.Or(s.RepName, s.Rep)
	}
	if !s.LapsesAt.IsZero() {
		b.Fix += "; without it, it follows the existing process after " + s.LapsesAt.UTC().Format(minute)
	}
	return b
}

// whyOutside is about a lead that the rollout has not let into the process, or not
// further than it goes in its phase.
func whyOutside(e *lead.Enrolment) blocker {
	b := blocker{Rule: "rollout", Reason: "it follows the existing process", Fix: "an order to hand it off"}
	switch {
	case e.Arm == lead.Control:
		b.Reason += ": " + strings.TrimSuffix(e.Why, ".")
	case e.Lapse == lead.Declined:
		b.Reason += ", since a manager has declined the handoff"
	case e.Lapse == lead.Unconfirmed:
		b.Reason += ", since no manager has confirmed the handoff in time"
	case e.Mode == rollout.Shadow:
		b.Reason = "the phase " + e.Phase + " of the rollout only watches, so that nobody got it"
	default:
		b.Reason += ", since the rollout let nobody in when it was ready"
	}
	return b
}

// oldNews says why a lead is not handed off that qualifies.
func oldNews(policy *rules.Compiled) blocker {
	return blocker{
		Rule: "max_age", Reason: fmt.Sprintf("it would qualify, but by news older than %d hours, which start no handoff", policy.Qualification.MaxAgeHours),
		Fix: "any new signal",
	}
}

// whyHeld says why nobody can receive a lead that is ready, and when it is
// offered again.
func whyHeld(h *held, would *view.Route, now time.Time) blocker {
	b := blocker{Rule: "pool", Reason: "it is qualified, but nobody can receive it now"}
	switch {
	case would != nil && would.Holder != nil:
		b.Reason = fmt.Sprintf("it waits in the queue of the pool %s, which is offered oldest first; %s could receive it now", h.Pool, would.Holder.Name)
	case would != nil:
		b.Reason += nobodyOf(would.Steps)
	}
	b.Fix = "a rep who is on duty, present and has room; it is offered again by itself, oldest first, " + offered(h.NextOffer, now)
	return b
}

// offered says when a queue is offered next.
func offered(next, now time.Time) string {
	if !next.After(now) {
		return "within a minute"
	}
	return "at the latest on " + next.UTC().Format(minute)
}

// nobodyOf lists why each rep of the steps could not.
func nobodyOf(steps []view.RouteStep) string {
	var all []string
	told := map[string]bool{}
	for _, s := range steps {
		if s.Why != "" {
			all = append(all, s.By+": "+s.Why)
		}
		for _, c := range s.Considered {
			if line := c.Name + " (" + c.Why + ")"; !told[line] {
				told[line] = true
				all = append(all, line)
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	return ": " + page.Short(600, strings.Join(all, "; "))
}

func whyRecycled(j lead.Journey, q qualification, now time.Time) []blocker {
	until := j.RecycledUntil.UTC()
	if now.Before(until) {
		why := byWhom(j) + " that it is too early: it is back in nurture until "
		if by := orderedBy(j, signal.OrderRecycle); by != "" {
			why = by + " has sent it back to nurture until "
		}
		return []blocker{{
			Rule: "recycled", Reason: why + until.Format(day),
			Fix: "an explicit request such as a demo form, at once; any other signal that makes it qualify, after that day",
		}}
	}
	back := blocker{
		Rule: "recycled", Reason: "it went back to nurture until " + until.Format(day) + ", and nothing new has made it qualify since",
		Fix: "any new signal",
	}
	if q.Qualified {
		return []blocker{back}
	}
	back.Fix = "a new signal, once it qualifies"
	return append([]blocker{back}, q.Blockers...)
}

// whyRejected is about a lead that its last holder gave back and that went to
// nobody: a person has to say what becomes of it.
func whyRejected(h *lead.Handoff, maxReps int) blocker {
	b := blocker{
		Rule: "rejected", Reason: cmp.Or(h.RepName, h.Rep) + " has rejected it, and the manager decides what becomes of it",
		Fix: "an order by handoffctl lead give, or a new owner in the CRM, who then gets it",
	}
	if maxReps > 0 && len(h.HadBy) >= maxReps {
		b.Rule = "max_reps"
		b.Reason = "as many reps had it as may, and the manager decides what becomes of it"
	}
	return b
}

// whyHeldBack is about a lead that nobody is offered, by order.
func whyHeldBack(j lead.Journey) blocker {
	return blocker{
		Rule: "held_back", Reason: cmp.Or(orderedBy(j, signal.OrderHold), "somebody in charge") + " holds it back until " + j.Held.Until.UTC().Format(minute),
		Fix: "that time, at which it is offered by itself, or an order to give it to somebody",
	}
}

// orderedBy names who ordered what the lead is in since, "" when nobody did.
func orderedBy(j lead.Journey, what signal.Type) string {
	if last := j.Orders.Last; last != nil && last.Type == what && last.Handoff == j.About() {
		return last.By
	}
	return ""
}

// byWhom begins the sentence about the word of a holder, or of who gave an order.
func byWhom(j lead.Journey) string {
	h := j.Handoff
	if by := orderedBy(j, signal.OrderDisqualify); by != "" {
		return by + " has said"
	}
	if h == nil {
		return "sales has said"
	}
	return cmp.Or(h.RepName, h.Rep, "sales") + " has said"
}
