package outbound

import (
	"fmt"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
)

// duty says what a clock obliges to.
func duty(c contract.ClockRef) string {
	switch lead.ClockKind(c.Kind) {
	case lead.AcceptClock:
		return "accept or reject"
	case lead.FirstContactClock:
		if lead.ClockScope(c.Scope) == lead.CustomerScope {
			return "the customer's first contact"
		}
		return "first contact"
	case lead.FollowUpClock:
		if c.N > 0 {
			return fmt.Sprintf("follow-up attempt %d", c.N)
		}
		return "follow-up"
	case lead.FeedbackClock:
		return "feedback"
	}
	return words(c.Kind)
}

// deadline tells that one is near, is past, or is past for long.
func (v view) deadline(person, holder string) (subject, intro string) {
	c := v.Event.Detail.Clock
	if c == nil {
		return "Deadline: " + person, v.Event.Summary
	}
	due := v.time(c.DueAt)
	switch {
	case v.Event.Type == contract.ClockWarned && v.Event.Time.After(c.DueAt):
		return fmt.Sprintf("Still missing (%s): %s", duty(*c), person),
			fmt.Sprintf("%s, %s was due by %s and is still missing.", holder, duty(*c), due)
	case v.Event.Type == contract.ClockWarned:
		return fmt.Sprintf("Due soon (%s): %s", duty(*c), person),
			fmt.Sprintf("%s, %s is due by %s.", holder, duty(*c), due)
	case lead.ClockScope(c.Scope) == lead.CustomerScope:
		return v.brokenPromise(*c, person, holder)
	}
	return fmt.Sprintf("Missed (%s): %s", duty(*c), person),
		fmt.Sprintf("%s has missed a deadline: %s was due by %s.", holder, duty(*c), due)
}

// brokenPromise says what the customer was promised, and blames nobody: who has
// the lead now may not have had it then.
func (v view) brokenPromise(c contract.ClockRef, person, holder string) (subject, intro string) {
	return fmt.Sprintf("Missed (%s): %s", duty(c), person),
		fmt.Sprintf("A promise to the customer was missed: the first contact was due by %s. The lead is with %s.", v.time(c.DueAt), holder)
}

// clock tells what else happens to a deadline.
func (v view) clock(person, holder string) (subject, intro string) {
	d := v.Event.Detail
	if d.Clock == nil {
		return event(v.Event.Type) + ": " + person, v.Event.Summary
	}
	due := v.time(d.Clock.DueAt)
	title := func(word string) string { return fmt.Sprintf("%s (%s): %s", word, duty(*d.Clock), person) }
	switch v.Event.Type { //nolint:exhaustive // The others are no clock's, or a deadline's.
	case contract.ClockPaused:
		intro = fmt.Sprintf("%s has paused it", holder)
		if d.Until != nil {
			intro += " until " + v.time(*d.Until)
		}
		if d.Reason != "" {
			intro += ": " + v.reason(d.Reason)
		}
		return title("Paused"), sentence(intro)
	case contract.ClockResumed:
		return title("The pause is over"), fmt.Sprintf("%s, %s is due by %s.", holder, duty(*d.Clock), due)
	case contract.ClockMoved:
		return title("New deadline"), fmt.Sprintf("Hours or leave have changed: %s is now due by %s%s.", duty(*d.Clock), due, v.before())
	case contract.ClockLate:
		return title("Done, too late"),
			fmt.Sprintf("%s came after all, %s of the clock's hours after its deadline of %s.", capital(duty(*d.Clock)), clean(d.Late, mostName), due)
	case contract.ClockCorrected:
		return title("In time after all"),
			fmt.Sprintf("We heard of it only after the deadline of %s: it was in time. Reports count it so.", due)
	case contract.ClockMet:
		return title("In time"), fmt.Sprintf("%s was due by %s, and is done.", capital(duty(*d.Clock)), due)
	case contract.ClockStopped:
		return title("No longer asked"), sentence(clean(v.Event.Summary, mostValue))
	}
	return title("Deadline"), fmt.Sprintf("%s is due by %s.", capital(duty(*d.Clock)), due)
}

// before says what a deadline was before it moved, when the event's reason
// tells.
func (v view) before() string {
	at, found := strings.CutPrefix(v.Event.Detail.Reason, "was due ")
	t, err := time.Parse(time.RFC3339, at)
	if !found || err != nil {
		return ""
	}
	return ", it was by " + v.time(t)
}

// promises lists the deadlines of the event's handoff: what the rep owes, and
// what the customer was promised, whoever has the lead.
func (v view) promises() []Line {
	var lines []Line
	own := v.Event.Detail.Clock
	if own != nil && own.DueAt.IsZero() {
		own = nil
	}
	if own != nil {
		lines = append(lines, v.promise(lead.Clock{Kind: lead.ClockKind(own.Kind), Scope: lead.ClockScope(own.Scope), N: own.N, DueAt: own.DueAt}))
	}
	ref := v.Event.Detail.Handoff
	if ref == nil || !v.isCurrent() {
		return lines
	}
	for _, c := range v.Lead.Journey.Clocks {
		switch {
		case c.Scope == lead.HolderScope && c.Handoff != ref.Number:
		case own != nil && own.Kind == string(c.Kind) && own.Scope == string(c.Scope) && own.N == c.N:
			lines[0] = v.promise(c)
		default:
			lines = append(lines, v.promise(c))
		}
	}
	return lines
}

func (v view) promise(c lead.Clock) Line {
	label := duty(contract.ClockRef{Kind: string(c.Kind), Scope: string(c.Scope), N: c.N})
	text := "by " + v.time(c.DueAt)
	switch c.State {
	case lead.Met:
		text += ", done in time"
	case lead.Breached:
		text += missed(c)
	case lead.Stopped:
		text += ", no longer asked"
	case lead.Paused:
		text = "paused"
		if !c.ResumeAt.IsZero() {
			text += " until " + v.time(c.ResumeAt)
		}
	case lead.Running:
	}
	return Line{Label: capital(label), Text: text}
}

// missed says what became of what was due.
func missed(c lead.Clock) string {
	switch {
	case c.Corrected:
		return ", done in time, as we heard later"
	case !c.ActedAt.IsZero():
		return ", done too late"
	}
	return ", missed"
}
