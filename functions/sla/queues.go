package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
)

// queues offers the held leads of every pool to which capacity may have
// returned, and tells how long the oldest of all has waited.
func (h handler) queues(ctx, enough context.Context, now time.Time, done *sweep) (oldest time.Duration, err error) {
	p, err := h.policy.Current(ctx, now)
	if err != nil {
		return 0, err
	}
	roster, err := h.store.Roster(ctx)
	if err != nil {
		return 0, err
	}
	under := lead.Under(p.Version, roster)
	names := maps.Clone(done.due) // one that the policy has lost may still have a queue
	for name := range p.Routing.Pools {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		waits, failed := h.queue(ctx, enough, name, under, now, done)
		oldest, err = max(oldest, waits), errors.Join(err, failed)
	}
	return oldest, err
}

func (h handler) queue(ctx, enough context.Context, pool, under string, now time.Time, done *sweep) (time.Duration, error) {
	state, err := h.store.Pool(ctx, pool)
	if err != nil || state.Held == 0 {
		return 0, err
	}
	if !now.Before(state.Reopens) || state.Under != under {
		done.pools.Add(1)
		out, err := safely(func() (decision.Outcome, error) { return h.decide.Offer(ctx, enough, pool, now) })
		done.add(out)
		if err != nil {
			h.log.LogAttrs(ctx, slog.LevelError, "offer.failed", slog.String("pool", pool),
				slog.String("kind", fault.KindOf(err).String()), slog.Any("error", err))
			return 0, err
		}
	}
	since, ok, err := h.store.OldestHeld(ctx, pool)
	if err != nil || !ok {
		return 0, err
	}
	return now.Sub(since), nil
}
