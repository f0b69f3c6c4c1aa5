package outbound

import (
	"fmt"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
)

// rolloutMessage tells of the rollout itself. It is about no person.
func rolloutMessage(in Input, v view) Message {
	m := Message{Event: in.Event, To: in.To, Links: in.Links, Profile: map[string]string{}}
	r := in.Event.Detail.Rollout
	if r == nil {
		m.Subject, m.Intro = event(in.Event.Type), clean(in.Event.Summary, 1000)
		return m
	}
	phase, by := clean(r.Phase, mostName), clean(in.Event.Detail.By, mostName)
	subject, intro := v.rolloutHeadline(phase)
	for _, reason := range r.Reasons {
		intro += " " + sentence(clean(reason, mostValue))
	}
	m.Subject, m.Intro = clean(subject, 150), clean(intro, 1000)
	m.Promises = []Line{{"Phase", phase}, {"Share", fmt.Sprintf("%.4g %%", 100*r.Share)}, {"Mode", clean(r.Mode, mostName)}}
	if by != "" {
		m.Promises = append(m.Promises, Line{"By", by})
	}
	for _, missing := range r.Missing {
		m.Notes = append(m.Notes, sentence(clean(missing, mostValue)))
	}
	return m
}

// rolloutHeadline says what happened, and what is asked.
func (v view) rolloutHeadline(phase string) (subject, intro string) {
	r := v.Event.Detail.Rollout
	switch v.Event.Type { //nolint:exhaustive // All others are about a lead or a source.
	case contract.RolloutPromoted:
		return "The rollout goes on: " + phase, fmt.Sprintf("The phase %s is in force now.", phase)
	case contract.RolloutResumed:
		return "The rollout runs again: " + phase, fmt.Sprintf("The phase %s runs again.", phase)
	case contract.RolloutRolledBack:
		return "The rollout is rolled back: " + phase,
			fmt.Sprintf("The phase %s is rolled back: no new lead is in the process. Leads that were handed off keep their holders and deadlines. Please look at why, then resume or change the policy.", phase)
	case contract.RolloutApprovalNeeded:
		who := "Somebody in charge is"
		if strings.Contains(r.Approve, "@") {
			who = clean(r.Approve, mostName) + " is"
		} else if r.Approve != "" {
			who = "The " + r.Approve + " is"
		}
		return "Please decide about the rollout: " + phase, fmt.Sprintf("%s asked to decide whether the phase %s goes on. Nothing changes until then.", who, phase)
	}
	if r.Status == "paused" {
		return "The rollout pauses: " + phase, fmt.Sprintf("The phase %s pauses: no new lead is in the process until it is resumed.", phase)
	}
	return "The rollout is held: " + phase, fmt.Sprintf("The phase %s stays as it is.", phase)
}
