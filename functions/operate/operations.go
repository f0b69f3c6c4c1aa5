package main

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/deadletter"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/web"
)

// operationsAnswer is the answer of GET /api/operations.
type operationsAnswer struct {
	Waiting []waitingState `json:"waiting"` // by queue, in the order of a signal's way
	Failed  []failedState  `json:"failed"`  // by place
	Runs    versions       `json:"runs"`
	AsOf    time.Time      `json:"as_of"`
}

// waitingState is how much waits in a queue, about.
type waitingState struct {
	Queue    string `json:"queue"`
	Holds    string `json:"holds"` // in words
	Waiting  int    `json:"waiting"`
	Delayed  int    `json:"delayed"`
	InFlight int    `json:"in_flight"` // being worked off, or pausing after a failure
	Error    string `json:"error,omitempty"`
}

// Ready is how many messages nobody works on yet.
func (w waitingState) Ready() int { return w.Waiting + w.Delayed }

// failedState is how much lies in a place of dead letters, about.
type failedState struct {
	Place     string `json:"place"`
	Title     string `json:"title"`
	Holds     string `json:"holds"`
	Todo      string `json:"todo"`
	Count     int    `json:"count"`
	Retryable bool   `json:"retryable"`
	Error     string `json:"error,omitempty"`
}

// Waits tells whether anything waits in any queue.
func (a operationsAnswer) Waits() bool {
	for _, w := range a.Waiting {
		if w.Waiting+w.Delayed+w.InFlight > 0 || w.Error != "" {
			return true
		}
	}
	return false
}

// away is what is said in place of a count that could not be read.
const away = "cannot be reached right now"

// operations answers GET /api/operations. A queue that cannot be reached is
// said so, and hides nothing else.
func (h *handler) operations(ctx context.Context, r *web.Request) (operationsAnswer, error) {
	places := deadletter.Places()
	out := operationsAnswer{AsOf: r.Now.UTC(), Waiting: make([]waitingState, len(h.work)), Failed: make([]failedState, len(places))}
	var g errgroup.Group
	for i, q := range h.work {
		g.Go(func() error {
			out.Waiting[i] = h.waiting(ctx, q)
			return nil
		})
	}
	for i, p := range places {
		g.Go(func() error {
			out.Failed[i] = h.failed(ctx, p)
			return nil
		})
	}
	g.Go(func() (err error) {
		out.Runs, err = h.versions(ctx)
		return err
	})
	return out, g.Wait()
}

func (h *handler) waiting(ctx context.Context, q workQueue) waitingState {
	w := waitingState{Queue: q.name, Holds: q.holds}
	depth, err := deadletter.Look(ctx, h.queues, q.url)
	if err != nil {
		w.Error = away
		h.unreachable(ctx, q.name, err)
	}
	w.Waiting, w.Delayed, w.InFlight = depth.Waiting, depth.Delayed, depth.InFlight
	return w
}

func (h *handler) failed(ctx context.Context, p deadletter.Place) failedState {
	advice := p.Advice()
	f := failedState{Place: string(p), Title: advice.Title, Holds: advice.Holds, Todo: advice.Todo, Retryable: p.Retryable()}
	count, err := h.office.Count(ctx, p)
	if err != nil {
		f.Error = away
		h.unreachable(ctx, string(p), err)
	}
	f.Count = count.Letters
	return f
}

func (h *handler) unreachable(ctx context.Context, what string, err error) {
	h.log.LogAttrs(ctx, slog.LevelError, "place.unreachable", slog.String("place", what),
		slog.String("kind", fault.KindOf(err).String()), slog.Any("error", err))
}
