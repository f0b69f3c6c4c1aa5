package decision

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Waiting is the queue of a pool: leads that are ready for a handoff, and that
// nobody could receive yet.
type Waiting struct {
	Pool string
	All  int          // how many wait
	Next time.Time    // when they are offered next, at the earliest; zero when none waits
	Head []*lead.Lead // those that wait longest, oldest first
}

// Waiting reads the queue of a pool, at most so many of its leads. Nothing is
// written. The queue's index is eventually consistent; the leads themselves
// decide. Kinds: Unavailable, Invalid when the policy cannot be used.
func (m *Maker) Waiting(ctx context.Context, pool string, most int, now time.Time) (Waiting, error) {
	w := Waiting{Pool: pool}
	queue, err := m.table.Queue(ctx, pool)
	if err != nil || len(queue) == 0 {
		return w, err
	}
	w.All = len(queue)
	var head []signal.LeadKey
	for _, waits := range queue[:min(len(queue), most)] {
		head = append(head, waits.Lead)
	}
	leads, err := m.table.LeadsOf(ctx, head)
	if err != nil {
		return w, err
	}
	for _, l := range leads {
		if l.Journey.QueuedIn() == pool {
			w.Head = append(w.Head, l)
		}
	}
	w.Next, err = m.NextOffer(ctx, pool, now)
	return w, err
}

// NextOffer returns when the leads that wait for a pool are offered next, at
// the earliest: now when the next sweep does it, as after a change of the
// policy or the roster. Kinds: as of Waiting.
func (m *Maker) NextOffer(ctx context.Context, pool string, now time.Time) (time.Time, error) {
	state, err := m.table.Pool(ctx, pool)
	if err != nil {
		return time.Time{}, err
	}
	under, err := m.under(ctx, now)
	if err != nil {
		return time.Time{}, err
	}
	if state.Under != under || state.Reopens.Before(now) {
		return now, nil
	}
	return state.Reopens, nil
}
