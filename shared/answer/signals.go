package answer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
)

// unspecified is the reason of a rejection that came without the page's form.
const unspecified = "unspecified"

// other is the reason that says nothing without a comment.
const other = "other"

// ways are how a rep may have contacted a lead.
func ways() []Option {
	return []Option{
		{Value: signal.HowCall, Label: "By phone"},
		{Value: signal.HowEmail, Label: "By e-mail"},
		{Value: signal.HowMeeting, Label: "In a meeting"},
		{Value: signal.HowMessage, Label: "By a message elsewhere"},
	}
}

// outcomes are what may become of a lead in a rep's eyes. The values stand in
// events and reports, so the list is the same for every company.
func outcomes() []Option {
	return []Option{
		{Value: "good_fit", Label: "A good fit", Note: "right person, right company, a real need"},
		{Value: "too_early", Label: "Too early", Note: "a fit, but nothing to talk about yet"},
		{Value: "wrong_person", Label: "The wrong person", Note: "the company fits, this contact does not decide"},
		{Value: "not_a_fit", Label: "Not a fit", Note: "nothing that we could sell to them"},
		{Value: "bad_data", Label: "Bad data", Note: "name, address or company were wrong"},
	}
}

func offered(list []Option, v string) bool {
	return slices.ContainsFunc(list, func(o Option) bool { return o.Value == v })
}

// answering makes the signal of an answer.
type answering struct {
	claims link.Claims
	form   Form
	terms  Terms
	lead   *lead.Lead // nil while it cannot be read
	now    time.Time
}

// signal returns the signal, or says what the form lacks. What a caller leaves
// out altogether is asked for only where the answer means nothing without it.
func (a answering) signal() (signal.Signal, Problem) {
	attributes := map[string]string{signal.AttrHandoff: strconv.Itoa(a.claims.Handoff), signal.AttrRep: a.claims.Rep}
	s := signal.Signal{Source: Source, ID: SignalID(a.claims), Type: typeOf(a.claims.Purpose), OccurredAt: a.now, ReceivedAt: a.now, Attributes: attributes}
	if a.claims.Nth > 0 {
		attributes[signal.AttrNth] = strconv.Itoa(a.claims.Nth)
	}
	if p := a.form.checkComment(); p.Text != "" {
		return s, p
	}
	if comment := a.form.comment(); comment != "" {
		attributes[signal.AttrMessage] = comment
	}
	return s, a.fill(attributes)
}

// typeOf is the type of the signal that a purpose becomes.
func typeOf(p link.Purpose) signal.Type {
	switch p {
	case link.Accept:
		return signal.RepAccepted
	case link.Reject:
		return signal.RepRejected
	case link.Contacted:
		return signal.RepContacted
	case link.Meeting:
		return signal.MeetingBooked
	case link.Snooze:
		return signal.RepSnoozed
	case link.Comment:
		return signal.RepCommented
	case link.Feedback:
		return signal.RepFeedback
	}
	return signal.Other
}

// fill adds what the purpose needs.
func (a answering) fill(attributes map[string]string) Problem {
	switch a.claims.Purpose {
	case link.Reject:
		return a.reject(attributes)
	case link.Contacted:
		return a.contact(attributes)
	case link.Meeting:
		return a.meeting(attributes)
	case link.Snooze:
		return a.snooze(attributes)
	case link.Feedback:
		return a.feedback(attributes)
	case link.Comment:
		if attributes[signal.AttrMessage] == "" {
			return Problem{fieldComment, "Please write what you want to say."}
		}
	case link.Accept:
	}
	return Problem{}
}

func (a answering) reject(attributes map[string]string) Problem {
	reason := unspecified
	if a.form.sent(FieldReason) {
		reason = a.form[FieldReason]
	}
	if reason != unspecified && !a.knows(a.terms.reasons(), reason) {
		return Problem{FieldReason, "Please choose a reason."}
	}
	if reason == other && a.form.sent(fieldComment) && a.form.comment() == "" {
		return Problem{fieldComment, "Please say in a few words what it is."}
	}
	attributes[signal.AttrReason] = reason
	return Problem{}
}

// knows tells whether a value is one of the policy's. While the policy cannot
// be read any identifier will do: the core decides by the policy anyway.
func (a answering) knows(list []Option, v string) bool {
	if a.terms.book != nil {
		return offered(list, v)
	}
	stranger := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}
	return v != "" && len(v) <= 64 && !strings.ContainsFunc(v, stranger)
}

func (a answering) contact(attributes map[string]string) Problem {
	if a.form.sent(fieldHow) {
		if !offered(ways(), a.form[fieldHow]) {
			return Problem{fieldHow, "Please say how you have contacted them."}
		}
		attributes[signal.AttrHow] = a.form[fieldHow]
	}
	when, ok := a.terms.parse(a.form[fieldWhen])
	switch {
	case !ok:
		return Problem{fieldWhen, "Please give the day and the time, such as " + a.now.In(a.terms.zone).Format(localTime) + "."}
	case when.IsZero():
		return Problem{}
	case when.After(a.now):
		return Problem{fieldWhen, "This time is still to come. Please say when you have contacted them, or come back afterwards."}
	case a.lead != nil && when.Before(a.lead.Journey.Handoff.Since.Add(-24*time.Hour)):
		return Problem{fieldWhen, "This is more than a day before the lead came to you, " + a.terms.clock(a.lead.Journey.Handoff.Since, a.now) + ". Please check the date."}
	}
	attributes[signal.AttrWhen] = when.UTC().Format(time.RFC3339)
	return Problem{}
}

func (a answering) meeting(attributes map[string]string) Problem {
	attributes[signal.AttrBookedBy] = signal.BookedByRep
	attributes[signal.AttrMeeting] = handoffPrefix(a.claims) + strconv.Itoa(a.claims.Nth)
	starts, ok := a.terms.parse(a.form[fieldStarts])
	switch {
	case !ok:
		return Problem{fieldStarts, "Please give the day and the time, such as " + a.now.AddDate(0, 0, 7).In(a.terms.zone).Format(localTime) + ", or leave it empty."}
	case starts.IsZero():
		return Problem{}
	case starts.Before(a.now.Add(-time.Minute)):
		return Problem{fieldStarts, "This time has passed. If you have met them already, report the contact instead."}
	case starts.After(a.now.AddDate(1, 0, 0)):
		return Problem{fieldStarts, "This is more than a year ahead. Please check the date."}
	}
	attributes[signal.AttrStartsAt] = starts.UTC().Format(time.RFC3339)
	return Problem{}
}

func (a answering) snooze(attributes map[string]string) Problem {
	until, p := a.until()
	if p.Text != "" {
		return p
	}
	reason := a.form[FieldReason]
	known := a.terms.book == nil || len(a.terms.book.SLA.Pause.Reasons) > 0
	if known && !a.knows(a.terms.pauseReasons(), reason) {
		return Problem{FieldReason, "Please say why the lead has to wait."}
	}
	if reason != "" && known {
		attributes[signal.AttrReason] = reason
	}
	attributes[signal.AttrUntil] = until.UTC().Format(time.RFC3339)
	return Problem{}
}

func (a answering) feedback(attributes map[string]string) Problem {
	if !offered(outcomes(), a.form[fieldOutcome]) {
		return Problem{fieldOutcome, "Please choose what became of it."}
	}
	attributes[signal.AttrOutcome] = a.form[fieldOutcome]
	return Problem{}
}
