package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// review looks at the running clocks again when the policy or what is said
// about reps has changed: all of them after a change of the policy, and the leads
// that wait for data, else those
// of the leads whose holder's entry has changed. It costs nothing while neither
// does, and grows with the leads concerned. What one sweep has no time for the
// next goes on with, in the order of the keys, which deadlines do not change.
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
	walk := table.Walk{Policy: string(p.Version), Roster: roster.Version}
	if seen.Policy == walk.Policy && seen.Roster == walk.Roster {
		return nil
	}
	if seen.Walk != nil && seen.Walk.Policy == walk.Policy {
		walk = *seen.Walk
	}
	keys, err := h.concerned(ctx, seen, walk, roster, slices.Sorted(maps.Keys(p.Routing.Pools)))
	if err != nil {
		return err
	}
	for some := range slices.Chunk(keys, pageSize) {
		if !h.reviewPage(ctx, enough, some, now, done) {
			if seen.Policy != walk.Policy {
				seen.Policy = "" // some clocks follow the one policy, some the other
			}
			seen.Walk = &walk
			return h.store.PutReviewed(ctx, seen)
		}
		walk.After = some[len(some)-1]
	}
	return h.store.PutReviewed(ctx, table.Reviewed{Policy: walk.Policy, Roster: walk.Roster})
}

// reviewPage reviews some leads. It returns false when there was no time for
// all of them, or some could not be reached. One whose review breaks is left
// for its deadline: it would break again.
func (h handler) reviewPage(ctx, enough context.Context, keys []signal.LeadKey, now time.Time, done *sweep) bool {
	var again atomic.Bool
	h.page(enough, keys, done, func(k signal.LeadKey) (decision.Outcome, error) {
		done.reviewed.Add(1)
		out, err := h.decide.Review(ctx, k, now)
		if kind := fault.KindOf(err); err != nil && (kind == fault.Unavailable || kind == fault.Conflict) {
			again.Store(true)
		}
		return out, err
	})
	return enough.Err() == nil && !again.Load()
}

// concerned returns the leads whose clocks a change of policy or roster may
// move and that the walk has not come to yet, in its order.
// A change of the policy may also ask for less data than leads wait for, in any of
// the pools.
func (h handler) concerned(ctx context.Context, seen table.Reviewed, walk table.Walk, roster routing.Roster, pools []string) (keys []signal.LeadKey, err error) {
	add := func(found []signal.LeadKey, failed error) {
		keys, err = append(keys, found...), errors.Join(err, failed)
	}
	if seen.Policy != walk.Policy {
		for shard := range table.DueShards {
			add(h.store.Clocked(ctx, shard))
		}
		for _, pool := range pools {
			waiting, failed := h.store.Incomplete(ctx, pool)
			for _, w := range waiting {
				keys = append(keys, w.Lead)
			}
			err = errors.Join(err, failed)
		}
	} else {
		for _, rep := range slices.Sorted(maps.Keys(roster.Reps)) {
			if roster.Reps[rep].Version > seen.Roster {
				add(h.store.HeldBy(ctx, rep))
			}
		}
	}
	slices.Sort(keys)
	return slices.DeleteFunc(slices.Compact(keys), func(k signal.LeadKey) bool { return k <= walk.After }), err
}
