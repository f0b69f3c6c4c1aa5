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
	left time.Duration
	open bool
	turn time.Time
}

func countdownOf(t answer.Terms, c lead.Clock, now time.Time) countdown {
	var out countdown
	out.left, out.open, out.turn = t.Left(c, now)
	return out
}

// Countdown writes how much of the clock's hours is left until the promise is
// due; of a paused clock, when it goes on.
func (d due) Countdown(now time.Time) template.HTML {
	if d.Paused {
		return page.Until(now, d.At)
	}
	return page.Countdown(now, d.At, d.countdown.left, d.countdown.open, d.countdown.turn)
}
