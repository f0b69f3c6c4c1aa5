package decision

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
)

// Offer offers the leads held for a pool to its reps again, oldest first, until
// nobody can take any, or enough is done. It notes when to try next. Kinds: as
// of Apply.
func (m *Maker) Offer(ctx, enough context.Context, pool string, now time.Time) (Outcome, error) {
	var sum Outcome
	state, err := m.table.Pool(ctx, pool)
	if err != nil || state.Held == 0 {
		return sum, err
	}
	keys, err := m.table.Queue(ctx, pool)
	if err != nil {
		return sum, err
	}
	reopens := now.Add(lead.OfferAgain)
	for _, k := range keys {
		if enough.Err() != nil {
			reopens = now
			break
		}
		out, err := m.run(ctx, lead.World{Key: k, Offer: true}, nil, now)
		sum.add(out)
		if err != nil {
			return sum, err
		}
		if out.Refused == nil {
			continue
		}
		if at := out.Refused.Reopens; !at.IsZero() && at.Before(reopens) {
			reopens = at
		}
		if out.Refused.Closed {
			break
		}
	}
	return sum, m.offered(ctx, pool, state.Reopens, reopens, now)
}

func (o *Outcome) add(other Outcome) {
	o.Decisions += other.Decisions
	o.Events += other.Events
	o.Tries += other.Tries
}

// offered notes under what the queue was offered, and when to try again: at
// once when room has returned since before.
func (m *Maker) offered(ctx context.Context, pool string, before, reopens, now time.Time) error {
	for try := range maxTries {
		if err := wait(ctx, try); err != nil {
			return err
		}
		state, err := m.table.Pool(ctx, pool)
		if err != nil || state.Held == 0 {
			return err
		}
		roster, err := m.table.Roster(ctx)
		if err != nil {
			return err
		}
		compiled, err := m.policy.Current(ctx, now)
		if err != nil {
			return err
		}
		if at := state.Reopens; at.Equal(before) || at.IsZero() || reopens.Before(at) {
			state.Reopens = reopens
		}
		state.Under = lead.Under(compiled.Version, roster)
		state.Version++
		err = m.table.PutPool(ctx, state)
		if fault.KindOf(err) != fault.Conflict || err == nil {
			return err
		}
	}
	return fault.New(fault.Conflict, "pool %s changed under each of %d tries", pool, maxTries)
}
