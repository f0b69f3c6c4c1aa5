package main

import (
	"time"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/link"
)

// view is what the pages show.
type view struct {
	answer.View
	RequestID string
}

func viewOf(r request, res result, now time.Time) view {
	v := view{View: answer.ViewOf(res.Result, res.steps, now)}
	v.Title, v.Detail, v.Tone = words(res, now)
	if res.State == answer.Failed || res.State == answer.Unavailable {
		v.RequestID = r.id
	}
	return v
}

// next returns the path of the step that the customer waits for, "" for none.
func (v view) next() string {
	for _, s := range v.Steps {
		if s.Purpose == link.Contacted {
			return s.URL
		}
	}
	return ""
}

// words says in plain words what a result means for the rep.
func words(res result, now time.Time) (title, detail, tone string) {
	switch res.State { //nolint:exhaustive // The others are of an answer.
	case stateStranger:
		return "This button is somebody else's", "Only the person who has the lead can answer. Nothing was changed.", "warn"
	case stateExpired:
		return "This link has expired", "Links work for a limited time. The newest message about the lead has one that works, if the lead is still yours; where it has none, ask your manager. Nothing was changed.", "warn"
	case stateForged:
		return "This link does not work", "It is damaged or incomplete. Open it from the message again, or copy all of it. Nothing was changed.", "bad"
	case stateMethod:
		return "That is not possible", "This address can be opened and answered, nothing else.", "bad"
	}
	return answer.Words(res.Result, now)
}
