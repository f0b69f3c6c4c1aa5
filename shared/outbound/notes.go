package outbound

import (
	"fmt"
	"slices"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
)

// notes say what happened after an event that asks somebody to act.
func (v view) notes() []string {
	if v.Event.Type == contract.LeadHeld {
		if v.Lead.Journey.Held != nil {
			return nil
		}
		return []string{v.whereabouts()}
	}
	h := v.Lead.Journey.Handoff
	if h == nil || v.Event.Detail.Handoff == nil || !asksToAct(v.Event.Type) {
		return nil
	}
	if !v.isCurrent() {
		return []string{"The lead has moved on since. " + v.whereabouts()}
	}
	var notes []string
	if said := v.said(h); said != "" {
		notes = append(notes, said)
	}
	if said := v.stage(); said != "" && !v.tellsStage() {
		notes = append(notes, said)
	}
	return notes
}

// said is what the holder has answered since the event.
func (v view) said(h *lead.Handoff) string {
	name := clean(h.RepName, mostName)
	known := slices.Index([]lead.Stage{lead.Accepted, lead.Contacted}, lead.Stage(v.Event.Detail.Stage))
	switch {
	case !h.TakenAt.IsZero():
		return fmt.Sprintf("The lead was taken back from %s.", name)
	case h.Answer == lead.AnswerAccepted && known < 0:
		return fmt.Sprintf("%s has accepted the lead by now.", name)
	case h.Answer == lead.AnswerContacted && known < 1:
		return fmt.Sprintf("%s has contacted the lead by now.", name)
	case h.Answer == lead.AnswerRejected:
		return fmt.Sprintf("%s has rejected the lead.", name)
	}
	return ""
}

// tellsStage tells whether the event itself is younger than the lead's stage.
func (v view) tellsStage() bool { return v.Event.Detail.Stage == string(v.Lead.Journey.Stage) }

// stage says what sales, or the end of the journey, made of the lead.
func (v view) stage() string {
	switch v.Lead.Journey.Stage {
	case lead.Meeting:
		return "A meeting is booked by now."
	case lead.Opportunity:
		return "It is an opportunity by now."
	case lead.Won:
		return "The deal is won by now."
	case lead.Lost:
		return "The deal is lost by now."
	case lead.Recycled:
		return "It has gone back to nurture."
	case lead.Disqualified:
		return "It is disqualified by now."
	case lead.Known, lead.Engaged, lead.Qualified, lead.HandedOff, lead.Accepted, lead.Contacted:
	}
	return ""
}

// whereabouts says where the lead is now.
func (v view) whereabouts() string {
	j := v.Lead.Journey
	switch {
	case slices.Contains([]lead.Stage{lead.Recycled, lead.Disqualified}, j.Stage):
		return v.stage()
	case j.Held != nil && !j.Held.Until.IsZero():
		return "It is held back until " + v.time(j.Held.Until) + "."
	case j.Held != nil:
		return "It waits for somebody who can receive it."
	case j.Incomplete != nil:
		return "It waits for data: " + j.Incomplete.Words() + "."
	case j.Suggested != nil:
		return "It waits for a manager to confirm whom it goes to."
	case j.Holder() == nil:
		return "It is with nobody now."
	}
	at := fmt.Sprintf("It is with %s now.", clean(j.Holder().RepName, mostName))
	if said := v.stage(); said != "" {
		at += " " + said
	}
	return at
}
