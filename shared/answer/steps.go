package answer

import (
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
)

// Step is something that the rep can do next.
type Step struct {
	Purpose link.Purpose `json:"purpose"`
	Label   string       `json:"label"`
	URL     string       `json:"url"` // path, as PageSteps has it, or of a link; "" in Steps
	Nth     int          `json:"-"`   // which of several of its purpose it would be
}

// Steps are the answers that make sense now, after all that were given so far.
// The first is what the customer waits for. There is none of a lead that is not
// the rep's.
func (r Result) Steps() []Step {
	if r.Lead == nil {
		return nil
	}
	h := r.Lead.Journey.Handoff
	steps := openSteps(h, r.given, r.Terms)
	for i := range steps {
		steps[i].Nth = nth(steps[i].Purpose, h, r.given)
	}
	return steps
}

// PageSteps are Steps with the addresses of their pages, for a rep who has signed in.
func (r Result) PageSteps() []Step {
	steps := r.Steps()
	for i := range steps {
		steps[i].URL = "/leads/" + string(r.Claims.Lead) + "/answer/" + string(steps[i].Purpose)
	}
	return steps
}

// openSteps are the answers that make sense after those given so far.
func openSteps(h *lead.Handoff, g given, t Terms) []Step {
	if g.any(link.Reject) {
		return nil
	}
	if !hasAccepted(h, g) {
		return []Step{
			{Purpose: link.Accept, Label: "Accept"}, {Purpose: link.Reject, Label: "Reject"}, {Purpose: link.Contacted, Label: "I have contacted them"},
		}
	}
	contacted := hasContacted(h, g)
	first := Step{Purpose: link.Contacted, Label: "I have contacted them"}
	if contacted {
		first.Label = "I have contacted them again"
	}
	steps := []Step{first, {Purpose: link.Meeting, Label: "A meeting is set"}}
	if t.mayPause(max(h.Pauses, g.times[link.Snooze])) {
		steps = append(steps, Step{Purpose: link.Snooze, Label: "Snooze"})
	}
	if contacted && h.Outcome == "" && !g.any(link.Feedback) {
		steps = append(steps, Step{Purpose: link.Feedback, Label: "Give feedback"})
	}
	return append(steps, Step{Purpose: link.Comment, Label: "Comment"})
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
func (t Terms) mayPause(used int) bool {
	return t.book != nil && t.book.SLA.Pause.Most > 0 && used < t.book.SLA.Pause.Times
}
