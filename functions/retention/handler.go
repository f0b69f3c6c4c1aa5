package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	// mostErased is how many leads one run erases at the most.
	mostErased = 1_000
	// reserve is how much of the invocation's time is left when no other lead is
	// begun.
	reserve = 10 * time.Second
)

type handler struct {
	table *table.Table
	maker *decision.Maker
	most  int
	now   clock.Clock
	log   *slog.Logger
}

// handle erases who is overdue. What this run leaves over is where the next one
// begins; after the end of the list, or what fails of reading it, that is at its
// beginning.
func (h handler) handle(ctx context.Context) error {
	now := h.now(ctx)
	enough, cancel := clock.StopBefore(ctx, reserve)
	defer cancel()
	mark, err := h.table.Retained(ctx)
	if err != nil {
		return err
	}
	r, err := h.maker.Retain(ctx, enough, decision.RetentionBound{From: mark.Cursor, Most: h.most}, now)
	if r.Next != mark.Cursor {
		err = errors.Join(err, h.table.PutRetained(ctx, table.Retained{Cursor: r.Next}))
	}
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
	}
	h.log.LogAttrs(ctx, level, "retention.run", slog.Int("leads_days", r.Days), slog.Int("overdue", r.Overdue), slog.Int("erased", r.Erased),
		slog.Int("kept", r.Kept), slog.Int("finished", r.Finished), slog.Int("failed", r.Failed), slog.Bool("more", r.Next != ""),
		slog.Int64("duration_ms", h.now(ctx).Sub(now).Milliseconds()), slog.Any("error", err))
	return err
}
