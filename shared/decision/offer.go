package decision

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
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
	under, err := m.under(ctx, now) // what changes meanwhile has the queue offered again
	if err != nil {
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
		reopens = earlier(reopens, out.Refused.Reopens)
		if out.Refused.Closed {
			break
		}
	}
	return sum, m.offered(ctx, state, under, reopens)
}

// earlier returns the earlier of two times, the second of which may not be set.
func earlier(a, b time.Time) time.Time {
	if !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (o *Outcome) add(other Outcome) {
	o.Decisions += other.Decisions
	o.Events += other.Events
	o.Tries += other.Tries
}

// under names the policy and the roster that hold now.
func (m *Maker) under(ctx context.Context, now time.Time) (string, error) {
	roster, err := m.table.Roster(ctx)
	if err != nil {
		return "", err
	}
	compiled, err := m.policy.Current(ctx, now)
	if err != nil {
		return "", err
	}
	return lead.Under(compiled.Version, roster), nil
}

// offered notes under what a queue was offered, and when to try again: sooner
// when room has returned to its pool since the state before.
func (m *Maker) offered(ctx context.Context, before routing.Pool, under string, reopens time.Time) error {
	for try := range maxTries {
		if err := wait(ctx, try); err != nil {
			return err
		}
		state, err := m.table.Pool(ctx, before.Name)
		if err != nil || state.Held == 0 {
			return err
		}
		next := reopens
		if !state.Reopens.Equal(before.Reopens) {
			next = earlier(reopens, state.Reopens)
		}
		state.Reopens, state.Under = next, under
		state.Version++
		err = m.table.PutPool(ctx, state)
		if fault.KindOf(err) != fault.Conflict || err == nil {
			return err
		}
	}
	return fault.New(fault.Conflict, "pool %s changed under each of %d tries", before.Name, maxTries)
}
