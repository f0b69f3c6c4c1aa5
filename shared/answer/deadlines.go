package answer

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
)

// Deadline is one thing that the rep owes, by their clock.
type Deadline struct {
	Kind    lead.ClockKind `json:"kind"`
	Label   string         `json:"-"`
	At      time.Time      `json:"at"`     // when it is due; of a paused clock: when it goes on
	Paused  bool           `json:"paused"` //
	Words   string         `json:"words"`  // "by Mon 18 May, 10:30"
	Working string         `json:"-"`      // "45 min of it working time", where that is less than the time left
	Clock   lead.Clock     `json:"-"`      // whose deadline it is
}

// DeadlinesOf lists those that still run after the answers given so far, one of a
// kind, the earliest of it.
func DeadlinesOf(res Result, now time.Time) []Deadline {
	var out []Deadline
	for _, kind := range []lead.ClockKind{lead.AcceptClock, lead.FirstContactClock, lead.FollowUpClock, lead.FeedbackClock} {
		if isOver(kind, res.Lead.Journey.Handoff, res.given) {
			continue
		}
		if c, ok := earliest(res.Lead.Journey, kind); ok {
			out = append(out, res.Terms.deadline(c, now))
		}
	}
	return out
}

// earliest finds the clock of a kind that ends first, for the customer or for
// the holder.
func earliest(j lead.Journey, kind lead.ClockKind) (first lead.Clock, ok bool) {
	for _, c := range j.Clocks {
		counts := c.Scope == lead.CustomerScope || c.Handoff == j.Handoff.Number
		if c.Kind != kind || !counts || (c.State != lead.Running && c.State != lead.Paused) {
			continue
		}
		if !ok || c.DueAt.Before(first.DueAt) {
			first, ok = c, true
		}
	}
	return first, ok
}

// isOver tells whether an answer that is stored and perhaps not applied yet
// ends or stops the clocks of a kind.
func isOver(kind lead.ClockKind, h *lead.Handoff, g given) bool {
	switch kind {
	case lead.AcceptClock:
		return hasAccepted(h, g)
	case lead.FeedbackClock:
		return g.any(link.Feedback) || g.times[link.Snooze] > h.Pauses
	case lead.FirstContactClock, lead.FollowUpClock:
		return g.times[link.Contacted]+g.times[link.Meeting] > h.Attempts || g.times[link.Snooze] > h.Pauses
	}
	return false
}

func (t Terms) deadline(c lead.Clock, now time.Time) Deadline {
	d := Deadline{Kind: c.Kind, Label: owed(c), At: c.DueAt, Words: "by " + t.clock(c.DueAt, now), Clock: c}
	if c.State == lead.Paused {
		d.At, d.Paused, d.Words = c.ResumeAt, true, "paused until "+t.clock(c.ResumeAt, now)
		return d
	}
	if counted := t.hours(c); counted != nil && c.DueAt.After(now) {
		if left := counted.Elapsed(now, c.DueAt); c.DueAt.Sub(now)-left >= time.Minute {
			d.Working = hours(left) + " of it working time"
		}
	}
	return d
}

// hours writes working time: a working day has no 24 of them.
func hours(d time.Duration) string {
	h, rest := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d min", rest)
	case rest == 0:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %d min", h, rest)
}

// owed names what a clock asks of the rep.
func owed(c lead.Clock) string {
	switch c.Kind {
	case lead.AcceptClock:
		return "Answer"
	case lead.FirstContactClock:
		return "First contact"
	case lead.FollowUpClock:
		return "Next attempt"
	case lead.FeedbackClock:
		return "Feedback"
	}
	return page.Title(c.Kind)
}
