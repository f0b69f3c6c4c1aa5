package main

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rhythm"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	inParallel = 8
	// mostHours of the past are more than five weeks of hours in which something came.
	mostHours = 1000
)

type store interface {
	SourceHours(ctx context.Context, source string, most int) ([]table.SourceHour, error)
	Watch(ctx context.Context, source string) (table.Watch, error)
	PutWatch(ctx context.Context, w table.Watch) (table.Watch, error)
}

type eventBus interface {
	Put(ctx context.Context, all []contract.Event) []bus.Failure
}

type handler struct {
	table  store
	policy *policy.Loader[edition]
	bus    eventBus
	now    clock.Clock
	log    *slog.Logger
}

// edition is a policy with the version that it is.
type edition struct {
	*policy.Policy
	version policy.Version
}

func read(v policy.Version, text []byte) (edition, error) {
	p, err := policy.Decode(text)
	return edition{p, v}, err
}

// calendar is the team's week and its holidays.
func (e edition) calendar() rhythm.Calendar {
	c := e.Calendars[e.SLA.Calendar]
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		zone = time.UTC
	}
	return rhythm.Calendar{Zone: zone, Closed: c.Holidays}
}

// handle looks at all sources of the policy. One that cannot be looked at is
// reported, and looked at again the next time; it holds up no other.
func (h handler) handle(ctx context.Context) error {
	now := h.now(ctx)
	p, err := h.policy.Current(ctx, now)
	if err != nil {
		return fault.Wrap(fault.KindOf(err), "monitor", err)
	}
	var told, failed atomic.Int64
	var g errgroup.Group
	g.SetLimit(inParallel)
	for _, name := range slices.Sorted(maps.Keys(p.Sources)) {
		g.Go(func() error {
			events, err := h.look(ctx, p, name, now)
			told.Add(int64(len(events)))
			if err != nil {
				failed.Add(1)
			}
			h.report(ctx, name, events, err)
			return nil
		})
	}
	_ = g.Wait() // each source reports its own failure
	if n := failed.Load(); n > 0 {
		err = fault.New(fault.Unavailable, "%d sources could not be looked at; they are the next time", n)
	}
	h.log.LogAttrs(ctx, level(err), "sources.watched",
		slog.Int("sources", len(p.Sources)), slog.Int64("events", told.Load()), slog.Int64("failed", failed.Load()),
		slog.Int64("duration_ms", h.now(ctx).Sub(now).Milliseconds()), slog.Any("error", err))
	return err
}

func (h handler) report(ctx context.Context, name string, events []contract.Event, err error) {
	for _, e := range events {
		h.log.LogAttrs(ctx, slog.LevelWarn, "source.told", slog.String("source", name),
			slog.String("event_id", e.ID), slog.String("event_type", string(e.Type)), slog.String("reason", e.Detail.Source.Reason))
	}
	if err != nil {
		h.log.LogAttrs(ctx, slog.LevelError, "source.failed", slog.String("source", name),
			slog.String("kind", fault.KindOf(err).String()), slog.Any("error", err))
	}
}

func level(err error) slog.Level {
	if err != nil {
		return slog.LevelError
	}
	return slog.LevelInfo
}
