package schedule

import (
	"context"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/infra/local/vtime"
)

// Job is something to do when a schedule is due.
type Job struct {
	Expression Expression
	Fire       func(ctx context.Context, at time.Time) // returns when it is done
}

// World is what moving time has to know of the rest of the host.
type World struct {
	// Settle returns when nothing more happens unless time passes.
	Settle func(ctx context.Context) error
	// NextDue returns the earliest time for which a sweep has something to do;
	// ok is false when there is none. Ticks of every-minute schedules before it
	// are skipped when time is moved.
	NextDue func(ctx context.Context) (at time.Time, ok bool, err error)
	// NextDelayed returns when the next delayed message becomes visible.
	NextDelayed func() (at time.Time, ok bool)
}

// Runner fires jobs as virtual time flows, and moves time.
type Runner struct {
	clock *vtime.Clock
	jobs  []Job

	mu     sync.Mutex // held while jobs fire and while time is moved
	cursor time.Time  // all schedules up to here have been seen to
}

// NewRunner returns a runner that begins now.
func NewRunner(c *vtime.Clock, jobs []Job) *Runner {
	return &Runner{clock: c, jobs: jobs, cursor: c.Now()}
}

// Run fires jobs as time flows, until ctx ends. Ticks of schedules that are due
// several times an hour and were missed, because the machine slept or a sweep
// took long, are made up for by one.
func (r *Runner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		moved := r.clock.Moved()
		r.mu.Lock()
		next, ok := r.next(r.cursor)
		wait := time.Hour
		if ok {
			wait = next.Sub(r.clock.Now())
		}
		if wait <= 0 {
			r.fire(ctx, next, r.clock.Now())
		}
		r.mu.Unlock()
		if wait <= 0 {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-moved:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Pending tells whether a schedule is due that has not fired, or is firing.
func (r *Runner) Pending() bool {
	if !r.mu.TryLock() {
		return true
	}
	defer r.mu.Unlock()
	next, ok := r.next(r.cursor)
	return ok && !next.After(r.clock.Now())
}

// next returns the first time after t at which a job is due.
func (r *Runner) next(t time.Time) (at time.Time, ok bool) {
	for _, j := range r.jobs {
		if due, known := j.Expression.AtOrAfter(t.Add(1)); known && (!ok || due.Before(at)) {
			at, ok = due, true
		}
	}
	return at, ok
}

// fire runs the jobs that are due at a time. latest is now; every-minute jobs
// whose following ticks have passed too run for the last of them.
func (r *Runner) fire(ctx context.Context, at, latest time.Time) {
	for _, j := range r.jobs {
		if due, ok := j.Expression.AtOrAfter(at); ok && due.Equal(at) {
			j.Fire(ctx, at)
		}
	}
	r.cursor = at
	if next, ok := r.nextRare(at); r.everyMinute() && (!ok || next.After(latest)) {
		last := latest.Truncate(time.Minute)
		if before := last.Add(-time.Minute); before.After(r.cursor) {
			r.cursor = before
		}
	}
}

func (r *Runner) everyMinute() bool {
	for _, j := range r.jobs {
		if j.Expression.EveryMinute() {
			return true
		}
	}
	return false
}

// nextRare is next without the jobs that are due several times an hour.
func (r *Runner) nextRare(t time.Time) (at time.Time, ok bool) {
	for _, j := range r.jobs {
		if j.Expression.EveryMinute() || j.Expression.Often() {
			continue
		}
		if due, known := j.Expression.AtOrAfter(t.Add(1)); known && (!ok || due.Before(at)) {
			at, ok = due, true
		}
	}
	return at, ok
}

// Advance moves time forward to target. Schedules that are due on the way fire
// in order, delayed messages become visible, and what they cause is worked off
// before time moves on. Ticks of every-minute schedules with nothing due are
// skipped. Of the other schedules that are due several times an hour, those of
// the first hour fire, then the first of each hour for a day, then that of each
// quarter of a day for a week, then that of each day, and the last.
func (r *Runner) Advance(ctx context.Context, target time.Time, w World) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := move{from: r.clock.Now()}
	for {
		if err := w.Settle(ctx); err != nil {
			return err
		}
		at, fires, err := r.nextStop(ctx, target, w, &s)
		if err != nil {
			return err
		}
		if err := r.clock.Set(at); err != nil {
			return err
		}
		switch {
		case fires:
			r.fire(ctx, at, at)
		case at.Equal(target):
			r.cursor = later(r.cursor, target)
			return w.Settle(ctx)
		}
	}
}

// nextStop returns the next time on the way to target at which something
// happens, target itself when nothing does, and whether schedules fire there.
func (r *Runner) nextStop(ctx context.Context, target time.Time, w World, s *move) (at time.Time, fires bool, err error) {
	at = target
	tick, ok, err := r.nextTick(ctx, target, w, s)
	if err != nil {
		return at, false, err
	}
	if ok && !tick.After(at) {
		at, fires = tick, true
	}
	if delayed, waits := w.NextDelayed(); waits && delayed.Before(at) {
		at, fires = delayed, false
	}
	return at, fires, nil
}

// move is one way through time. It notices when sweeps do not get a deadline
// out of the way, so that one lead that nobody can decide about does not make
// a week of time take a sweep for each minute.
type move struct {
	from  time.Time // where it began
	due   time.Time
	times int
}

// patience is how many sweeps a deadline gets, minute after minute; from then
// on it gets one each hour.
const patience = 10

// seen notes a deadline that the sweep at a time has left, and tells whether
// that has been so too often. One that was still to come is none.
func (s *move) seen(due, swept time.Time) bool {
	if due.After(swept) {
		return false
	}
	if !due.Equal(s.due) {
		s.due, s.times = due, 0
	}
	s.times++
	return s.times > patience
}

// nextTick returns the next time at which a job has something to do.
func (r *Runner) nextTick(ctx context.Context, target time.Time, w World, s *move) (at time.Time, ok bool, err error) {
	at, ok = r.nextRare(r.cursor)
	if often, known := r.nextOften(s.from, target); known && (!ok || often.Before(at)) {
		at, ok = often, true
	}
	if !r.everyMinute() {
		return at, ok, nil
	}
	due, waits, err := w.NextDue(ctx)
	if err != nil || !waits {
		return at, ok, err
	}
	from := later(due, r.cursor.Add(1))
	if s.seen(due, r.cursor) {
		from = from.Add(time.Hour)
	}
	tick := from.Truncate(time.Minute)
	if tick.Before(from) {
		tick = tick.Add(time.Minute)
	}
	if !ok || tick.Before(at) {
		at = tick
	}
	return at, true, nil
}

// nextOften returns the next tick on a move that is not skipped of the jobs
// that are due several times an hour.
func (r *Runner) nextOften(from, target time.Time) (at time.Time, ok bool) {
	for _, j := range r.jobs {
		if !j.Expression.Often() {
			continue
		}
		due, _ := j.Expression.AtOrAfter(r.cursor.Add(1))
		if far := due.Sub(from); far > time.Hour {
			due, _ = j.Expression.AtOrAfter(later(due, r.cursor.Truncate(stride(far)).Add(stride(far))))
			if last := target.Truncate(j.Expression.every); last.After(r.cursor) && last.Before(due) {
				due = last
			}
		}
		if !ok || due.Before(at) {
			at, ok = due, true
		}
	}
	return at, ok
}

// stride is how far apart the ticks are that fire so far into a move.
func stride(far time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case far > 7*day:
		return day
	case far > day:
		return day / 4
	}
	return time.Hour
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
