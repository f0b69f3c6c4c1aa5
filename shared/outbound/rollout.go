package outbound

import (
	"fmt"
	"strings"

	"github.com/handoff-oss/handoff/shared/lead"
)

// suggestion asks a manager to confirm whom a lead goes to, while that waits.
func (v view) suggestion(person, holder string) (subject, intro string) {
	s, ref := v.Lead.Journey.Suggested, v.Event.Detail.Handoff
	if s == nil || ref != nil && s.Number != ref.Number {
		return "No longer to be confirmed: " + person, "This lead waited for a manager to confirm whom it goes to. Nothing is asked of you. " + v.ending()
	}
	subject = fmt.Sprintf("Please confirm (%s): %s", holder, person)
	intro = fmt.Sprintf("This lead is ready for sales and would go to %s. Please confirm that, name somebody else, or decline it with a reason.", holder)
	if ref == nil {
		subject = "Please decide who gets a lead: " + person
		intro = "This lead is ready for sales, and nobody can receive it at the moment. Please name somebody, confirm that it waits, or decline it with a reason."
	}
	if !s.LapsesAt.IsZero() {
		intro += fmt.Sprintf(" After %s it is left to the existing process.", v.time(s.LapsesAt))
	}
	return subject, intro
}

// ending says what became of a suggestion.
func (v view) ending() string {
	j := v.Lead.Journey
	if e := j.Enrolment; e != nil && e.Lapse != "" && j.Handoff == nil {
		return map[lead.Lapse]string{
			lead.Declined:    "It was declined and is left to the existing process.",
			lead.Unconfirmed: "Nobody confirmed it in time, so it is left to the existing process.",
		}[e.Lapse]
	}
	return v.whereabouts()
}

// existing tells who looks after the existing process of a lead that is left to it.
func (v view) existing(person, _ string) (subject, intro string) {
	why := strings.TrimPrefix(v.Event.Summary, "Left to the existing process: ")
	return "For the existing process: " + person,
		"This lead is ready for sales, and is left to the process that you had before: it has no holder here, and no deadline. The reason: " + sentence(clean(why, mostValue))
}
