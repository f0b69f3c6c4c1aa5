package main

import (
	"errors"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
)

// nextLink is how long the link to a next step works at least.
const nextLink = 7 * 24 * time.Hour

// step is something that the rep can do next.
type step struct {
	Purpose link.Purpose `json:"purpose"`
	Label   string       `json:"label"`
	URL     string       `json:"url"` // path
}

// nextSteps makes the links by which a rep goes on after an answer. The first
// is what the customer waits for.
func nextSteps(key string, res result, now time.Time) ([]step, error) {
	if res.lead == nil {
		return nil, nil
	}
	h := res.lead.Journey.Handoff
	var steps []step
	var failures []error
	for _, s := range openSteps(h, res.given, res.terms) {
		c := res.claims
		c.Purpose, c.Nth = s.Purpose, nth(s.Purpose, h, res.given)
		if until := now.Add(nextLink); c.Expires.Before(until) {
			c.Expires = until
		}
		token, err := link.Sign(key, c)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		s.URL = "/r/" + token
		steps = append(steps, s)
	}
	return steps, errors.Join(failures...)
}

// openSteps are the answers that make sense after those given so far.
func openSteps(h *lead.Handoff, g given, t terms) []step {
	if g.any(link.Reject) {
		return nil
	}
	if !hasAccepted(h, g) {
		return []step{
			{Purpose: link.Accept, Label: "Accept"}, {Purpose: link.Reject, Label: "Reject"}, {Purpose: link.Contacted, Label: "I have contacted them"},
		}
	}
	contacted := hasContacted(h, g)
	first := step{Purpose: link.Contacted, Label: "I have contacted them"}
	if contacted {
		first.Label = "I have contacted them again"
	}
	steps := []step{first, {Purpose: link.Meeting, Label: "A meeting is set"}}
	if t.mayPause(max(h.Pauses, g.times[link.Snooze])) {
		steps = append(steps, step{Purpose: link.Snooze, Label: "Snooze"})
	}
	if contacted && h.Outcome == "" && !g.any(link.Feedback) {
		steps = append(steps, step{Purpose: link.Feedback, Label: "Give feedback"})
	}
	return append(steps, step{Purpose: link.Comment, Label: "Comment"})
}

// nth is which of several of its kind the next answer is, as the core and the
// inbox count them.
func nth(p link.Purpose, h *lead.Handoff, g given) int {
	applied := h.Next[typeOf(p)]
	switch p {
	case link.Contacted: // a meeting is an attempt, too
		return max(applied, h.Attempts, g.times[link.Contacted]+g.times[link.Meeting])
	case link.Snooze:
		return max(applied, h.Pauses, g.times[p])
	case link.Meeting, link.Comment:
		return max(applied, g.times[p])
	case link.Accept, link.Reject, link.Feedback:
	}
	return 0
}

// mayPause tells whether the policy allows one more pause.
func (t terms) mayPause(used int) bool {
	return t.book != nil && t.book.SLA.Pause.Most > 0 && used < t.book.SLA.Pause.Times
}
