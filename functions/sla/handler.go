package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	pageSize   = 200 // leads read from a shard at a time
	inParallel = 4   // leads decided about at once in a shard
	// reserve is how much of the invocation's time is left when the sweep stops
	// by itself: the next one goes on where it ended.
	reserve = 5 * time.Second
)

type store interface {
	Due(ctx context.Context, shard int, now time.Time, limit int) (table.Due, error)
	OldestHeld(ctx context.Context, pool string) (since time.Time, ok bool, err error)
	Clocked(ctx context.Context, shard int) ([]signal.LeadKey, error)
	Incomplete(ctx context.Context, pool string) ([]table.Waiting, error)
	HeldBy(ctx context.Context, rep string) ([]signal.LeadKey, error)
	Pool(ctx context.Context, name string) (routing.Pool, error)
	Roster(ctx context.Context) (routing.Roster, error)
	Reviewed(ctx context.Context) (table.Reviewed, error)
	PutReviewed(ctx context.Context, r table.Reviewed) error
}

type decider interface {
	Apply(ctx context.Context, k signal.LeadKey, signals []signal.Signal, now time.Time) (decision.Outcome, error)
	Review(ctx context.Context, k signal.LeadKey, now time.Time) (decision.Outcome, error)
	Offer(ctx, enough context.Context, pools []string, now time.Time) (decision.Outcome, error)
}

type handler struct {
	store  store
	decide decider
	policy *rules.Loader
	now    clock.Clock
	log    *slog.Logger
}

// sweep counts what one invocation did.
type sweep struct {
	leads, pools, reviewed, decisions, events, failed atomic.Int64

	mu  sync.Mutex
	due map[string]bool // pools in the due index
}

func (s *sweep) addPools(names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		s.due[name] = true
	}
}

func (s *sweep) add(out decision.Outcome) {
	s.decisions.Add(int64(out.Decisions))
	s.events.Add(int64(out.Events))
}

// handle sweeps all shards of the due index. Then, side by side, so that neither
// takes all the time that is left, it looks at clocks again whose hours have
// changed, and offers held leads. A lead that fails is reported and stays due
// for the next sweep; it holds up no other.
func (h handler) handle(ctx context.Context) error {
	now := h.now(ctx)
	done := sweep{due: map[string]bool{}}
	enough, cancel := clock.StopBefore(ctx, reserve)
	defer cancel()
	var shards, review errgroup.Group
	for shard := range table.DueShards {
		shards.Go(func() error { return h.shard(ctx, enough, shard, now, &done) })
	}
	err := shards.Wait()
	review.Go(func() error { return h.review(ctx, enough, now, &done) })
	oldest, queueErr := h.queues(ctx, enough, now, &done)
	err = errors.Join(err, review.Wait(), queueErr)
	if failed := done.failed.Load(); err == nil && failed > 0 {
		err = fault.New(fault.Unavailable, "%d leads could not be decided about; they stay due", failed)
	}
	h.log.LogAttrs(ctx, level(err), "deadlines.swept",
		slog.Int64("leads", done.leads.Load()), slog.Int64("pools", done.pools.Load()), slog.Int64("reviewed", done.reviewed.Load()),
		slog.Int64("decisions", done.decisions.Load()), slog.Int64("events", done.events.Load()), slog.Int64("failed", done.failed.Load()),
		slog.Int64("oldest_held_minutes", int64(oldest.Minutes())),
		slog.Int64("duration_ms", h.now(ctx).Sub(now).Milliseconds()), slog.Any("error", err))
	return err
}

// shard works one shard off, page by page. The index is eventually consistent
// and may show a lead again that was just decided about: each is taken once.
func (h handler) shard(ctx, enough context.Context, shard int, now time.Time, done *sweep) error {
	taken := map[signal.LeadKey]bool{}
	for limit := pageSize; ; limit += pageSize {
		due, err := h.store.Due(ctx, shard, now, limit)
		if err != nil {
			return err
		}
		done.addPools(due.Pools)
		var fresh []signal.LeadKey
		for _, k := range due.Leads {
			if !taken[k] {
				taken[k] = true
				fresh = append(fresh, k)
			}
		}
		if len(fresh) == 0 || enough.Err() != nil {
			return nil //nolint:nilerr // out of time is no failure: the next sweep goes on
		}
		h.page(enough, fresh, done, func(k signal.LeadKey) (decision.Outcome, error) {
			done.leads.Add(1)
			return h.decide.Apply(ctx, k, nil, now)
		})
	}
}

// page does one thing with each of some leads, a few at once.
func (h handler) page(enough context.Context, keys []signal.LeadKey, done *sweep, act func(signal.LeadKey) (decision.Outcome, error)) {
	var g errgroup.Group
	g.SetLimit(inParallel)
	for _, k := range keys {
		if enough.Err() != nil {
			break
		}
		g.Go(func() error {
			out, err := safely(func() (decision.Outcome, error) { return act(k) })
			done.add(out)
			if err != nil {
				done.failed.Add(1)
				h.log.LogAttrs(enough, slog.LevelError, "deadline.failed", slog.String("lead", string(k)),
					slog.String("kind", fault.KindOf(err).String()), slog.Any("error", err))
			}
			return nil
		})
	}
	_ = g.Wait() // the work reports its failures itself
}

// safely makes a panic in the rules a failure of one lead, or one pool, alone.
func safely(act func() (decision.Outcome, error)) (out decision.Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Internal, "panic: %v", r)
		}
	}()
	return act()
}

func level(err error) slog.Level {
	if err != nil {
		return slog.LevelError
	}
	return slog.LevelInfo
}
