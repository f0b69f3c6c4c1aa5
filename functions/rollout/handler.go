package main

import (
	"context"
	"log/slog"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/steering"
)

type handler struct {
	desk *steering.Desk
	bus  steering.Bus
	now  clock.Clock
	log  *slog.Logger
}

// handle does what is due. After a failure the next hour goes on where it was.
func (h handler) handle(ctx context.Context) error {
	now := h.now(ctx)
	r, err := h.desk.Tick(ctx, h.bus, now)
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
		err = fault.Wrap(fault.KindOf(err), "rollout", err)
	}
	h.log.LogAttrs(ctx, level, "rollout.ruled",
		slog.Bool("everybody", r.Everybody), slog.String("phase", r.State.Phase), slog.Int("round", r.State.Round),
		slog.String("status", string(r.State.Status)), slog.String("action", string(r.Ruling.Action)),
		slog.Bool("kept", r.Kept), slog.Bool("carried", r.Carried), slog.Int("changes", r.Counted.Changes), slog.Int("units", r.Counted.Units),
		slog.Int("events", len(r.Told)), slog.Int64("duration_ms", h.now(ctx).Sub(now).Milliseconds()), slog.Any("error", err))
	return err
}
