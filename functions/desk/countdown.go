package main

import (
	"html/template"
	"time"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
)

// countdown is how much of the hours that a clock counts is left.
type countdown struct {
	due, turn time.Time
	left      time.Duration
	open      bool
}

func countdownOf(t answer.Terms, c lead.Clock, now time.Time) countdown {
	out := countdown{due: c.DueAt}
	out.left, out.open, out.turn = t.Left(c, now)
	return out
}

// Countdown writes what is left until the promise is due; of a paused clock,
// when it goes on.
func (d due) Countdown(now time.Time) template.HTML {
	return page.Until(now, d.At)
}
