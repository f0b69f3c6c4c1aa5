package outbound

import (
	"slices"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
)

// Asks returns the labels of the answers that are still open for the handoff
// that an event is about: none once the lead has moved on, none once all was
// said, and none for an event that asks for nothing. A next attempt may always
// be reported, so Contacted stays.
func Asks(e contract.Event, l *lead.Lead) []string {
	h, ref := l.Journey.Holder(), e.Detail.Handoff
	if !asksToAct(e.Type) || h == nil || ref == nil || h.Number != ref.Number || h.Rep != ref.Rep {
		return nil
	}
	asks := open(e, h)
	switch l.Journey.Stage {
	case lead.Won, lead.Lost:
		asks = only(asks, LabelFeedback)
	case lead.Meeting, lead.Opportunity:
		asks = slices.DeleteFunc(asks, func(label string) bool { return label == LabelMeeting })
	case lead.Recycled, lead.Disqualified:
		return nil
	case lead.Known, lead.Engaged, lead.Qualified, lead.HandedOff, lead.Accepted, lead.Contacted:
	}
	if h.Outcome != "" {
		asks = slices.DeleteFunc(asks, func(label string) bool { return label == LabelFeedback })
	}
	return asks
}

// open lists what a holder may answer by what they have answered.
func open(e contract.Event, h *lead.Handoff) []string {
	switch h.Answer {
	case lead.AnswerNone:
		return []string{LabelAccept, LabelReject, LabelContacted}
	case lead.AnswerAccepted:
		asks := []string{LabelContacted, LabelMeeting, LabelSnooze}
		if c := e.Detail.Clock; c != nil && lead.ClockKind(c.Kind) == lead.FeedbackClock {
			asks = append(asks, LabelFeedback)
		}
		return asks
	case lead.AnswerContacted:
		return []string{LabelContacted, LabelMeeting, LabelSnooze, LabelFeedback}
	case lead.AnswerRejected:
	}
	return nil
}

func only(labels []string, label string) []string {
	if slices.Contains(labels, label) {
		return []string{label}
	}
	return nil
}

// asksToAct tells the events that somebody must do something about.
func asksToAct(t contract.EventType) bool {
	return slices.Contains([]contract.EventType{
		contract.LeadHandedOff, contract.LeadReassigned, contract.LeadEscalated, contract.LeadActiveAgain,
		contract.LeadReminded, contract.ClockWarned, contract.ClockBreached, contract.ClockResumed,
	}, t)
}

// Changes tells the events after which what was said about a lead before may
// no longer be true.
func Changes(t contract.EventType) bool {
	return slices.Contains([]contract.EventType{
		contract.LeadHandedOff, contract.LeadHeld, contract.LeadAccepted, contract.LeadRejected, contract.LeadContacted,
		contract.LeadReassigned, contract.LeadTakenBack, contract.LeadMerged, contract.LeadSplit, contract.LeadEscalated, contract.LeadStageChanged, contract.LeadRecycled, contract.LeadDisqualified,
		contract.LeadSuggested, contract.LeadControlRouted, contract.LeadIncomplete, contract.LeadFeedback, contract.ClockPaused, contract.ClockResumed, contract.ClockMoved, contract.ClockLate, contract.ClockCorrected,
	}, t)
}
