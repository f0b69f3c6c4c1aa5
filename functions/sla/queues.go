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
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// review looks at the running clocks again when the policy or what is said
// about reps has changed: all of them after a change of the policy, else those
// of the leads whose holder's entry has changed. It costs nothing while neither
// does, and grows with the leads concerned.
func (h handler) review(ctx, enough context.Context, now time.Time, done *sweep) error {
	p, err := h.policy.Current(ctx, now)
	if err != nil {
		return err
	}
	roster, err := h.store.Roster(ctx)
	if err != nil {
		return err
	}
	seen, err := h.store.Reviewed(ctx)
	if err != nil {
		return err
	}
	is := table.Reviewed{Policy: string(p.Version), Roster: roster.Version}
	if seen == is {
		return nil
	}
	keys, err := h.concerned(ctx, seen, is, roster)
	if err != nil {
		return err
	}
	failed := done.failed.Load()
	h.page(enough, keys, done, func(k signal.LeadKey) (decision.Outcome, error) {
		done.reviewed.Add(1)
		return h.decide.Review(ctx, k, now)
	})
	if enough.Err() != nil || done.failed.Load() > failed {
		return nil //nolint:nilerr // the next sweep looks again
	}
	return h.store.PutReviewed(ctx, is)
}

// concerned returns the leads whose clocks a change of policy or roster may move.
func (h handler) concerned(ctx context.Context, seen, is table.Reviewed, roster routing.Roster) (keys []signal.LeadKey, err error) {
	add := func(found []signal.LeadKey, failed error) {
		keys, err = append(keys, found...), errors.Join(err, failed)
	}
	if seen.Policy != is.Policy {
		for shard := range table.DueShards {
			add(h.store.Clocked(ctx, shard))
		}
		return keys, err
	}
	for _, rep := range slices.Sorted(maps.Keys(roster.Reps)) {
		if roster.Reps[rep].Version > seen.Roster {
			add(h.store.HeldBy(ctx, rep))
		}
	}
	return keys, err
}

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
