package decision

import (
	"context"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
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
	under, err := m.under(ctx, now) // what changes meanwhile has the queues offered again
	if err != nil {
		return sum, err
	}
	roster, err := m.table.Roster(ctx)
	if err != nil {
		return sum, err
	}
	waiting, states, err := m.waiting(ctx, pools, now)
	if err != nil {
		return sum, err
	}
	offering := core.NewOffering(now)
	if err := m.offer(ctx, enough, offer{waiting, &roster, offering, now}, &sum); err != nil {
		return sum, err
	}
	for _, state := range states {
		if err := m.offered(ctx, state, under, offering.Reopens(state.Name)); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// offer is what is offered, and under what.
type offer struct {
	waiting  []table.Waiting
	roster   *routing.Roster // read once for all: a change meanwhile has them offered again
	offering *lead.Offering
	now      time.Time
}

// offer offers one lead after the other. When enough is done before the end,
// the next sweep goes on.
func (m *Maker) offer(ctx, enough context.Context, o offer, sum *Outcome) error {
	for _, w := range o.waiting {
		if enough.Err() != nil {
			o.offering.Cut(o.now)
			return nil //nolint:nilerr // out of time is no failure
		}
		out, err := m.run(ctx, lead.World{Key: w.Lead, Offer: true, Roster: o.roster}, nil, o.now)
		sum.add(out)
		if err != nil {
			return err
		}
		if out.Refused != nil && o.offering.Refused(w.Pool, *out.Refused) {
			return nil
		}
	}
	return nil
}

// waiting returns what waits for some pools at now, oldest first, and the states
// of the pools before their queues were read. What is held back by order does
// not wait yet.
func (m *Maker) waiting(ctx context.Context, pools []string, now time.Time) (all []table.Waiting, states []routing.Pool, err error) {
	for _, pool := range pools {
		state, err := m.table.Pool(ctx, pool)
		if err != nil {
			return nil, nil, err
		}
		queue, err := m.table.Queue(ctx, pool)
		if err != nil {
			return nil, nil, err
		}
		all, states = append(all, queue...), append(states, state)
	}
	all = slices.DeleteFunc(all, func(w table.Waiting) bool { return w.Since.After(now) })
	slices.SortStableFunc(all, func(a, b table.Waiting) int { return a.Since.Compare(b.Since) })
	return all, states, nil
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
		if at := state.Reopens; !at.Equal(before.Reopens) && !at.IsZero() && at.Before(next) {
			next = at
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
