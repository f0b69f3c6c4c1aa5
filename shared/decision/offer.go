package decision

import (
	"context"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/table"
)

// Offer offers the leads held for some pools to their reps again, oldest first
// whichever pool they wait for, until nobody can take any lead, or enough is
// done. It notes when to try next. Kinds: as of Apply.
func (m *Maker) Offer(ctx, enough context.Context, pools []string, now time.Time) (Outcome, error) {
	var sum Outcome
	core, err := m.current(ctx, now)
	if err != nil {
		return sum, err
	}
	waiting, before, err := m.waiting(ctx, pools)
	if err != nil {
		return sum, err
	}
	offering, cut := core.NewOffering(now), false
	for _, w := range waiting {
		if cut = enough.Err() != nil; cut {
			break
		}
		out, err := m.run(ctx, lead.World{Key: w.Lead, Offer: true}, nil, now)
		sum.add(out)
		if err != nil {
			return sum, err
		}
		if out.Refused != nil && offering.Refused(w.Pool, *out.Refused) {
			break
		}
	}
	for _, pool := range pools {
		at := offering.Reopens(pool)
		if cut {
			at = now // the next sweep goes on
		}
		if err := m.offered(ctx, pool, before[pool], at, now); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// waiting returns what waits for some pools, oldest first, and when each pool
// was to reopen before the queues were read.
func (m *Maker) waiting(ctx context.Context, pools []string) (all []table.Waiting, before map[string]time.Time, err error) {
	before = map[string]time.Time{}
	for _, pool := range pools {
		state, err := m.table.Pool(ctx, pool)
		if err != nil {
			return nil, nil, err
		}
		before[pool] = state.Reopens
		queue, err := m.table.Queue(ctx, pool)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, queue...)
	}
	slices.SortStableFunc(all, func(a, b table.Waiting) int { return a.Since.Compare(b.Since) })
	return all, before, nil
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
		if state.Under, err = m.under(ctx, now); err != nil {
			return err
		}
		if at := state.Reopens; at.Equal(before) || at.IsZero() || reopens.Before(at) {
			state.Reopens = reopens
		}
		state.Version++
		err = m.table.PutPool(ctx, state)
		if fault.KindOf(err) != fault.Conflict || err == nil {
			return err
		}
	}
	return fault.New(fault.Conflict, "pool %s changed under each of %d tries", pool, maxTries)
}

// under names what is known of rules and people now.
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
