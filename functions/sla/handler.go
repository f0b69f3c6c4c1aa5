package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
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

type dueIndex interface {
	Due(ctx context.Context, shard int, now time.Time, limit int) ([]signal.LeadKey, error)
}

type decider interface {
	Apply(ctx context.Context, k signal.LeadKey, signals []signal.Signal, now time.Time) (decision.Outcome, error)
}

type handler struct {
	due    dueIndex
	decide decider
	now    clock.Clock
	log    *slog.Logger
}

// sweep counts what one invocation did.
type sweep struct {
	leads, decisions, events, failed atomic.Int64
}

// handle sweeps all shards of the due index. A lead that fails is reported and
// stays due for the next sweep; it holds up no other.
func (h handler) handle(ctx context.Context) error {
	now := h.now(ctx)
	var done sweep
	enough, cancel := stopBefore(ctx)
	defer cancel()
	var g errgroup.Group
	for shard := range table.DueShards {
		g.Go(func() error { return h.shard(ctx, enough, shard, now, &done) })
	}
	err := g.Wait()
	if failed := done.failed.Load(); err == nil && failed > 0 {
		err = fault.New(fault.Unavailable, "%d leads could not be decided about; they stay due", failed)
	}
	h.log.LogAttrs(ctx, level(err), "deadlines.swept",
		slog.Int64("leads", done.leads.Load()), slog.Int64("decisions", done.decisions.Load()),
		slog.Int64("events", done.events.Load()), slog.Int64("failed", done.failed.Load()),
		slog.Int64("duration_ms", h.now(ctx).Sub(now).Milliseconds()), slog.Any("error", err))
	return err
}

// shard works one shard off, page by page. The index is eventually consistent
// and may show a lead again that was just decided about: each is taken once.
func (h handler) shard(ctx, enough context.Context, shard int, now time.Time, done *sweep) error {
	taken := map[signal.LeadKey]bool{}
	for limit := pageSize; ; limit += pageSize {
		keys, err := h.due.Due(ctx, shard, now, limit)
		if err != nil {
			return err
		}
		var fresh []signal.LeadKey
		for _, k := range keys {
			if !taken[k] {
				taken[k] = true
				fresh = append(fresh, k)
			}
		}
		if len(fresh) == 0 || enough.Err() != nil {
			return nil //nolint:nilerr // out of time is no failure: the next sweep goes on
		}
		h.page(ctx, enough, fresh, now, done)
	}
}

func (h handler) page(ctx, enough context.Context, keys []signal.LeadKey, now time.Time, done *sweep) {
	var g errgroup.Group
	g.SetLimit(inParallel)
	for _, k := range keys {
		if enough.Err() != nil {
			break
		}
		g.Go(func() error {
			out, err := h.decideLead(ctx, k, now)
			done.leads.Add(1)
			done.decisions.Add(int64(out.Decisions))
			done.events.Add(int64(out.Events))
			if err != nil {
				done.failed.Add(1)
				h.log.LogAttrs(ctx, slog.LevelError, "deadline.failed", slog.String("lead", string(k)),
					slog.String("kind", fault.KindOf(err).String()), slog.Any("error", err))
			}
			return nil
		})
	}
	_ = g.Wait() // the work reports its failures itself
}

// decideLead lets the deadlines of one lead pass. A panic in the rules is a
// failure of this lead alone.
func (h handler) decideLead(ctx context.Context, k signal.LeadKey, now time.Time) (out decision.Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Internal, "panic: %v", r)
		}
	}()
	return h.decide.Apply(ctx, k, nil, now)
}

// stopBefore returns a context that ends while the invocation still has time
// to finish what is under way.
func stopBefore(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

func level(err error) slog.Level {
	if err != nil {
		return slog.LevelError
	}
	return slog.LevelInfo
}
