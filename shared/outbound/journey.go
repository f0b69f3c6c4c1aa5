package outbound

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
)

// Asks returns the labels of the answers that are still open for the handoff
// that an event is about: none once the lead has moved on or was answered, and
// none for an event that asks for nothing.
func Asks(e contract.Event, l *lead.Lead) []string {
	h := l.Journey.Handoff
	if !asksToAct(e.Type) || h == nil || e.Detail.Handoff == nil || h.Number != e.Detail.Handoff.Number || h.Rep != e.Detail.Handoff.Rep {
		return nil
	}
	switch h.Answer {
	case lead.AnswerNone:
		return []string{LabelAccept, LabelReject, LabelContacted}
	case lead.AnswerAccepted:
		return []string{LabelContacted}
	case lead.AnswerRejected, lead.AnswerContacted:
	}
	return nil
}

// asksToAct tells the events that somebody must do something about.
func asksToAct(t contract.EventType) bool {
	return slices.Contains([]contract.EventType{
		contract.LeadHandedOff, contract.LeadReassigned, contract.LeadEscalated, contract.ClockWarned, contract.ClockBreached,
	}, t)
}

// isCurrent tells whether the event is about the handoff that the lead is in.
func (v view) isCurrent() bool {
	h := v.Lead.Journey.Handoff
	return h != nil && v.Event.Detail.Handoff != nil && h.Number == v.Event.Detail.Handoff.Number
}

// holder names the rep of the event's handoff.
func (v view) holder() string {
	ref := v.Event.Detail.Handoff
	if ref == nil {
		return "nobody"
	}
	for _, r := range v.Policy.Routing.Pools[ref.Pool].Reps {
		if r.ID == ref.Rep && r.Name != "" {
			return clean(r.Name, mostName)
		}
	}
	if v.isCurrent() && v.Lead.Journey.Handoff.RepName != "" {
		return clean(v.Lead.Journey.Handoff.RepName, mostName)
	}
	return clean(ref.Rep, mostName)
}

// duty says what a clock obliges to.
func duty(kind string) string {
	switch lead.ClockKind(kind) {
	case lead.AcceptClock:
		return "accept or reject"
	case lead.FirstContactClock:
		return "first contact"
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// headline returns the subject and the sentence below it.
func (v view) headline() (subject, intro string) {
	say, ok := map[contract.EventType]func(person, holder string) (string, string){
		contract.LeadHandedOff:  v.assignment,
		contract.LeadReassigned: v.assignment,
		contract.LeadHeld:       v.hold,
		contract.ClockWarned:    v.deadline,
		contract.ClockBreached:  v.deadline,
		contract.LeadEscalated:  v.escalation,

		contract.LeadStageChanged: v.progress,
	}[v.Event.Type]
	if !ok {
		return fmt.Sprintf("%s: %s", event(v.Event.Type), v.person()), v.Event.Summary
	}
	return say(v.person(), v.holder())
}

// progress tells of a stage that a meeting or a deal made, or that was taken
// back.
func (v view) progress(person, _ string) (subject, intro string) {
	stage := map[lead.Stage]string{
		lead.Meeting: "Meeting booked", lead.Opportunity: "Opportunity", lead.Won: "Won", lead.Lost: "Lost",
	}[lead.Stage(v.Event.Detail.Stage)]
	if stage == "" {
		stage = "Back to " + strings.ReplaceAll(v.Event.Detail.Stage, "_", " ")
	}
	intro = v.Event.Summary + "."
	if r := clean(v.Event.Detail.Reason, mostName); r != "" && !strings.Contains(intro, r) {
		intro += " " + capital(r) + "."
	}
	return stage + ": " + person, intro
}

func (v view) hold(person, _ string) (subject, intro string) {
	return "Nobody can take a lead now: " + person,
		"The lead qualified, but nobody can receive it at the moment. It is offered again by itself, and goes to the first who can."
}

// assignment tells a rep of a lead, unless it has moved on before the message
// could be sent.
func (v view) assignment(person, holder string) (subject, intro string) {
	switch {
	case !v.isCurrent():
		return fmt.Sprintf("Lead no longer with %s: %s", holder, person),
			fmt.Sprintf("%s, this lead was given to you and has moved on since. Nothing is asked of you.", holder)
	case v.Event.Type == contract.LeadHandedOff:
		return fmt.Sprintf("New lead for %s: %s", holder, person),
			fmt.Sprintf("%s, this lead is yours. Please accept or reject it.", holder)
	default:
		return fmt.Sprintf("Lead passed on to %s: %s", holder, person),
			fmt.Sprintf("%s, this lead is yours now. Please accept or reject it.", holder)
	}
}

// event says the name of an event in words.
func event(t contract.EventType) string {
	return capital(strings.NewReplacer(".", " ", "_", " ").Replace(string(t)))
}

func (v view) deadline(person, holder string) (subject, intro string) {
	c := v.Event.Detail.Clock
	if c == nil {
		return "Deadline: " + person, v.Event.Summary
	}
	if v.Event.Type == contract.ClockWarned {
		return fmt.Sprintf("Due soon (%s): %s", duty(c.Kind), person),
			fmt.Sprintf("%s, %s is due by %s.", holder, duty(c.Kind), v.time(c.DueAt))
	}
	return fmt.Sprintf("Missed (%s): %s", duty(c.Kind), person),
		fmt.Sprintf("%s has missed a deadline: %s was due by %s.", holder, duty(c.Kind), v.time(c.DueAt))
}

// escalation says who did not do what. An escalation may also come before a
// deadline, when nobody is left to give the lead to; then the event's reason
// says all.
func (v view) escalation(person, holder string) (subject, intro string) {
	c := v.Event.Detail.Clock
	if c == nil || c.DueAt.IsZero() || v.Event.Time.Before(c.DueAt) {
		return "Needs you: " + person,
			fmt.Sprintf("The lead has come to you: %s. It was last with %s.", v.Event.Detail.Reason, holder)
	}
	if lead.ClockKind(c.Kind) == lead.AcceptClock {
		intro = fmt.Sprintf("%s neither accepted nor rejected this lead. It was due by %s.", holder, v.time(c.DueAt))
	} else {
		intro = fmt.Sprintf("%s did not report the %s. It was due by %s.", holder, duty(c.Kind), v.time(c.DueAt))
	}
	return fmt.Sprintf("Not answered by %s: %s", holder, person), intro
}

// promises lists the deadlines of the event's handoff: what the rep owes, and
// what the customer was promised, whoever has the lead.
func (v view) promises() []Line {
	var lines []Line
	if c := v.Event.Detail.Clock; c != nil && !c.DueAt.IsZero() {
		lines = append(lines, v.promise(lead.Clock{Kind: lead.ClockKind(c.Kind), Scope: lead.ClockScope(c.Scope), DueAt: c.DueAt}))
	}
	ref := v.Event.Detail.Handoff
	if ref == nil || !v.isCurrent() {
		return lines
	}
	for _, c := range v.Lead.Journey.Clocks {
		if c.Scope == lead.HolderScope && c.Handoff != ref.Number {
			continue
		}
		if own := v.Event.Detail.Clock; own != nil && own.Kind == string(c.Kind) && own.DueAt.Equal(c.DueAt) {
			lines[0] = v.promise(c)
			continue
		}
		lines = append(lines, v.promise(c))
	}
	return lines
}

func (v view) promise(c lead.Clock) Line {
	label := duty(string(c.Kind))
	text := "by " + v.time(c.DueAt)
	switch c.State {
	case lead.Met:
		text += ", done in time"
	case lead.Breached:
		text += ", missed"
	case lead.Stopped:
		text += ", no longer asked"
	case lead.Running:
	}
	return Line{Label: capital(label), Text: text}
}

// notes say what happened after an event that asks somebody to act.
func (v view) notes() []string {
	h := v.Lead.Journey.Handoff
	if h == nil || v.Event.Detail.Handoff == nil || !asksToAct(v.Event.Type) {
		return nil
	}
	name := clean(h.RepName, mostName)
	if !v.isCurrent() {
		return []string{fmt.Sprintf("The lead has moved on since: it is with %s now.", name)}
	}
	switch h.Answer {
	case lead.AnswerAccepted:
		return []string{fmt.Sprintf("%s has accepted the lead by now.", name)}
	case lead.AnswerContacted:
		return []string{fmt.Sprintf("%s has contacted the lead by now.", name)}
	case lead.AnswerRejected:
		return []string{fmt.Sprintf("%s has rejected the lead.", name)}
	case lead.AnswerNone:
	}
	return nil
}
