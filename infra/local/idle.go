package main

import (
	"context"
	"time"
)

// settle returns when nothing more happens unless time passes: no function
// runs, no queue has a message that can be received, and every stream has been
// read to its end, found so twice in a row with nothing happening in between.
func (h *host) settle(ctx context.Context) error {
	for clean := 0; clean < 2; {
		changed := h.activity.Changed()
		mark, inFlight := h.activity.State()
		if inFlight > 0 || h.queuesBusy() {
			clean = 0
			if err := wait(ctx, changed, 20*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		if err := h.drain(ctx); err != nil {
			return err
		}
		if again, _ := h.activity.State(); again != mark {
			clean = 0
			continue
		}
		clean++
	}
	return nil
}

// idle returns when all has been worked off: what settle waits for, delayed
// messages and due schedules.
func (h *host) idle(ctx context.Context) error {
	for {
		if err := h.settle(ctx); err != nil {
			return err
		}
		at, delayed := h.nextDelayed()
		if !delayed && !h.schedules.Pending() {
			return nil
		}
		pause := 20 * time.Millisecond
		if delayed {
			pause = min(max(at.Sub(h.clock.Now()), time.Millisecond), time.Second)
		}
		if err := wait(ctx, h.activity.Changed(), pause); err != nil {
			return err
		}
	}
}

func (h *host) queuesBusy() bool {
	busy := false
	for _, p := range h.queuePollers {
		visible, _, inFlight := p.Queue().Counts()
		if visible > 0 {
			p.Kick()
		}
		busy = busy || visible+inFlight > 0
	}
	return busy
}

// nextDelayed is when the next delayed message of a polled queue can be
// received.
func (h *host) nextDelayed() (at time.Time, ok bool) {
	for _, p := range h.queuePollers {
		if next, waits := p.Queue().NextVisible(); waits && (!ok || next.Before(at)) {
			at, ok = next, true
		}
	}
	return at, ok
}

// drain waits until every stream has been read to its end from now on.
func (h *host) drain(ctx context.Context) error {
	var done []<-chan struct{}
	for _, p := range h.streamPollers {
		done = append(done, p.Drained())
	}
	for _, d := range done {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d:
		}
	}
	return nil
}

func wait(ctx context.Context, changed <-chan struct{}, most time.Duration) error {
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-timer.C:
	}
	return nil
}
