package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// standing says in a sentence why a lead stands where it stands. blockers are
// what keeps it from a handoff, and said is why it left sales' hands, in the
// words of the policy, "" when that is not known.
func standing(l *lead.Lead, blockers []blocker, said string) string {
	j := l.Journey
	switch j.Stage {
	case lead.Known:
		return "Known since " + on(l.CreatedAt) + cameBy(l) + ", and not handed off: " + because(blockers) + "."
	case lead.Engaged:
		return "Interested since " + on(j.StageAt[lead.Engaged]) + cameBy(l) + ", and not handed off: " + because(blockers) + "."
	case lead.Qualified, lead.HandedOff, lead.Accepted, lead.Contacted:
		return atSales(j, blockers)
	case lead.Meeting:
		return "A meeting is booked or took place; at this stage since " + on(j.StageAt[lead.Meeting]) + withWhom(j) + "."
	case lead.Opportunity, lead.Won, lead.Lost:
		return dealt(l)
	case lead.Recycled:
		return "Back in nurture until " + on(j.RecycledUntil) + ": " + rejectedBy(j, said) + "."
	case lead.Disqualified:
		return "Disqualified: " + rejectedBy(j, said) + "."
	}
	return ""
}

func on(t time.Time) string {
	if t.IsZero() {
		return "an unknown day"
	}
	return t.UTC().Format(day)
}

// at is a day and a time within a sentence.
func at(t time.Time) string { return t.UTC().Format(minute) }

// cameBy says where the lead came from.
func cameBy(l *lead.Lead) string {
	o := l.Facts.Origin
	words := ""
	if s := o.Source(); s != "" {
		words = " through " + s
	}
	if o.Channel.Value != "" {
		words += ", by " + page.Words(o.Channel.Value)
	}
	if o.Form.Value != "" {
		words += ", by the form " + page.Short(60, o.Form.Value)
	}
	return words
}

// because joins what stands in the way.
func because(blockers []blocker) string {
	if len(blockers) == 0 {
		return "nothing new has made it qualify"
	}
	reasons := make([]string, len(blockers))
	for i, b := range blockers {
		reasons[i] = strings.TrimSuffix(b.Reason, ".")
	}
	return page.Short(400, strings.Join(reasons, "; "))
}

// atSales is about a lead that has qualified and that no meeting and no deal
// has moved on.
func atSales(j lead.Journey, blockers []blocker) string {
	h := j.Holder()
	switch {
	case j.Held != nil:
		return "Qualified (" + cmp.Or(j.Held.Reason, "by its facts") + ") and waiting since " + at(j.Held.Waits) + " for somebody of the pool " + j.Held.Pool + "."
	case j.Incomplete != nil:
		return "Qualified (" + cmp.Or(j.Incomplete.Reason, "by its facts") + ") and waiting since " + at(j.Incomplete.Waits) + " for data that sales needs: " + j.Incomplete.Words() + "."
	case h == nil:
		return "Qualified on " + on(j.StageAt[lead.Qualified]) + ", and with nobody now: " + because(blockers) + "."
	}
	who := cmp.Or(h.RepName, h.Rep)
	switch j.Stage { //nolint:exhaustive // The others are no stages of a handoff.
	case lead.Accepted:
		return "Accepted by " + who + " on " + on(h.AnsweredAt) + " (" + h.Reason + ")" + owes(j, lead.FirstContactClock, "the first contact") + "."
	case lead.Contacted:
		return "Contacted by " + who + contactSaid(h) + owes(j, lead.FeedbackClock, "what became of it") + "."
	}
	return "With " + who + " since " + at(h.Since) + ", who has not answered yet (" + h.Reason + ")" + owes(j, lead.AcceptClock, "the answer") + "."
}

func contactSaid(h *lead.Handoff) string {
	c := contactOf(h)
	if c == nil {
		return ""
	}
	return " (" + c.How + " on " + at(c.At) + ", " + c.Label + ")"
}

// owes says when the holder must have done something, or that they are late.
func owes(j lead.Journey, kind lead.ClockKind, what string) string {
	i := slices.IndexFunc(j.Clocks, func(c lead.Clock) bool {
		return c.Kind == kind && c.Scope == lead.HolderScope && c.Handoff == j.Handoff.Number
	})
	if i < 0 {
		return ""
	}
	switch c := j.Clocks[i]; c.State {
	case lead.Running:
		return "; " + what + " is due on " + at(c.DueAt)
	case lead.Paused:
		return "; the clock for " + what + " pauses until " + at(c.ResumeAt)
	case lead.Breached:
		if c.ActedAt.IsZero() {
			return "; " + what + " is missing since " + at(c.DueAt)
		}
	case lead.Met, lead.Stopped:
	}
	return ""
}

// withWhom names the holder.
func withWhom(j lead.Journey) string {
	if h := j.Holder(); h != nil {
		return ", with " + cmp.Or(h.RepName, h.Rep)
	}
	return ", with nobody of the pools"
}

// dealt is about a lead that a deal has moved on.
func dealt(l *lead.Lead) string {
	j := l.Journey
	source, id, _ := strings.Cut(j.Deal, "#")
	d := l.Sales.Deals[j.Deal]
	sentence := "An opportunity since "
	switch j.Stage { //nolint:exhaustive // The others are no deal's.
	case lead.Won:
		sentence = "Won on "
	case lead.Lost:
		sentence = "Lost on "
	}
	sentence += on(j.StageAt[j.Stage])
	if j.Deal != "" {
		sentence += ", as " + source + " says of the deal " + page.Short(40, id)
	}
	if d.Amount.Value != "" {
		sentence += " of " + strings.TrimSpace(d.Amount.Value+" "+d.Currency.Value)
	}
	sentence += withWhom(j)
	if j.Stage == lead.Lost && d.Reason.Value != "" {
		sentence += ": " + page.Short(200, d.Reason.Value)
	}
	return strings.TrimSuffix(sentence, ".") + "."
}

// rejectedBy says who gave the lead back, and why.
func rejectedBy(j lead.Journey, said string) string {
	who, when := "sales", ""
	if h := j.Handoff; h != nil {
		who = cmp.Or(h.RepName, h.Rep, who)
		if !h.AnsweredAt.IsZero() {
			when = " on " + on(h.AnsweredAt)
		}
	}
	if said == "" {
		return who + " has rejected it" + when
	}
	return who + " has rejected it" + when + ", with the reason “" + page.Short(120, said) + "”"
}

// whyLeft finds in the story why a lead left sales' hands last, and says it in
// the words of the policy.
func whyLeft(story []entry, policy *rules.Compiled) string {
	for _, e := range story {
		kind := contract.EventType(e.Type)
		if kind != contract.LeadRecycled && kind != contract.LeadDisqualified {
			continue
		}
		for _, r := range policy.Routing.Rejections.Reasons {
			if r.ID == e.detail.Reason {
				return cmp.Or(r.Label, r.ID)
			}
		}
		return e.detail.Reason
	}
	return ""
}
