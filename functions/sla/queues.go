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

// queues offers the held leads when capacity may have returned to any of them,
// and tells how long the oldest of all has waited.
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
	var queues []string
	due := false
	for _, name := range slices.Sorted(maps.Keys(names)) {
		state, failed := h.store.Pool(ctx, name)
		if failed != nil {
			return 0, failed
		}
		if state.Held > 0 {
			queues = append(queues, name)
			due = due || !now.Before(state.Reopens) || state.Under != under
		}
	}
	if due {
		err = h.offer(ctx, enough, queues, now, done)
	}
	for _, name := range queues {
		since, ok, failed := h.store.OldestHeld(ctx, name)
		if err = errors.Join(err, failed); ok {
			oldest = max(oldest, now.Sub(since))
		}
	}
	return oldest, err
}

// offer offers what is held to whom can receive it now.
func (h handler) offer(ctx, enough context.Context, queues []string, now time.Time, done *sweep) error {
	done.pools.Add(int64(len(queues)))
	out, err := safely(func() (decision.Outcome, error) { return h.decide.Offer(ctx, enough, queues, now) })
	done.add(out)
	if err != nil {
		h.log.LogAttrs(ctx, slog.LevelError, "offer.failed", slog.Any("pools", queues),
			slog.String("kind", fault.KindOf(err).String()), slog.Any("error", err))
	}
	return err
}
