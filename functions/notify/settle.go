package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/queue"
)

// fate is what becomes of a message.
type fate string

const (
	forget   fate = "done"
	comeBack fate = "again"
	giveUp   fate = "dead_letter"
)

// judge says what becomes of a message, after how long, and why. What may pass
// is tried again; a message of which only hopeless deliveries are left goes to
// the dead letters at once instead of knocking twenty times at a closed door.
func judge(done []delivery, err error, receives int) (todo fate, delay time.Duration, why error) {
	if err != nil {
		if fault.KindOf(err) == fault.Invalid || fault.KindOf(err) == fault.Denied {
			return giveUp, 0, err
		}
		return comeBack, queue.Backoff(receives), err
	}
	todo = forget
	for _, d := range done {
		switch d.result {
		case sent, before, skipped, erased, unkept, updated, gone:
			continue
		case held:
			todo, delay, why = comeBack, max(delay, lease+queue.Backoff(1)), d.why()
		case postpone:
			todo, delay, why = comeBack, max(delay, queue.Wait(receives, outbound.RetryAfter(d.err))), d.why()
		case failed:
			if todo == forget {
				todo, why = giveUp, d.why()
			}
		}
	}
	return todo, delay, why
}

// why is the delivery's error, with the channel and the receiver.
func (d delivery) why() error {
	return fault.Wrap(fault.KindOf(d.err), d.channel+" to "+d.to, d.err)
}

// giveUp marks what was not delivered of an event that went to the dead
// letters. A mark that cannot be written leaves it among those that wait; the
// dead letter says the same.
func (h handler) giveUp(ctx context.Context, done []delivery) {
	for _, d := range done {
		if d.err == nil || d.mark.Event == "" || d.result == unkept {
			continue
		}
		_ = h.table.GiveUp(context.WithoutCancel(ctx), d.mark, h.now(ctx), d.err.Error())
	}
}

func level(todo fate) slog.Level {
	switch todo {
	case comeBack:
		return slog.LevelWarn
	case giveUp:
		return slog.LevelError
	case forget:
	}
	return slog.LevelInfo
}
