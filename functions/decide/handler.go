package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// inParallel is how many leads of a batch are decided about at once.
const inParallel = 4

type signalStore interface {
	SignalAt(ctx context.Context, r table.SignalRef) (signal.Signal, error)
}

type decider interface {
	Apply(ctx context.Context, k signal.LeadKey, signals []signal.Signal, now time.Time) (decision.Outcome, error)
}

type retryQueue interface {
	Send(ctx context.Context, bodies ...string) error
}

// retryEnd is where the retry queue's messages end that no try could work off.
type retryEnd interface {
	Last(m events.SQSMessage) bool
	Bury(ctx context.Context, m events.SQSMessage, why error) error
}

type handler struct {
	signals signalStore
	decide  decider
	retry   retryQueue
	retries retryEnd
	now     clock.Clock
	log     *slog.Logger
}

// answer tells Lambda which records to bring again: by SequenceNumber on the
// stream, by message id on the queue.
type answer struct {
	BatchItemFailures []failure `json:"batchItemFailures"`
}

type failure struct {
	ItemIdentifier string `json:"itemIdentifier"`
}

// received is one signal of a batch and how the batch names it.
type received struct {
	id     string
	ref    table.SignalRef
	signal signal.Signal
	queued events.SQSMessage // zero on the stream
}

// handle takes a batch of either source, as its records say.
func (h handler) handle(ctx context.Context, raw json.RawMessage) (answer, error) {
	start := h.now(ctx)
	var source struct {
		Records []struct {
			EventSource string `json:"eventSource"`
		} `json:"Records"`
	}
	if err := json.Unmarshal(raw, &source); err != nil || len(source.Records) == 0 {
		return answer{}, fault.Wrap(fault.Invalid, "decode batch", errors.Join(err, errors.New("no records")))
	}
	batch := &batch{handler: h, leads: map[signal.LeadKey][]received{}, source: source.Records[0].EventSource}
	read := batch.readStream
	if batch.source == "aws:sqs" {
		read = batch.readQueue
	}
	if err := read(ctx, raw); err != nil {
		return answer{}, err
	}
	batch.decideAll(ctx)
	h.log.LogAttrs(ctx, slog.LevelInfo, "signals.decided",
		slog.String("source", batch.source), slog.Int("records", len(source.Records)), slog.Int("leads", len(batch.leads)),
		slog.Int("decisions", batch.decisions), slog.Int("events", batch.events), slog.Int("tries", batch.tries), slog.Int("dropped", batch.dropped),
		slog.Int("retried", batch.retried), slog.Int("failed", len(batch.failed)),
		slog.Int64("duration_ms", h.now(ctx).Sub(start).Milliseconds()))
	return answer{BatchItemFailures: batch.failed}, nil
}

// decideLead decides about the signals of one lead in one write. A panic in
// the rules is a failure of this lead alone.
func (h handler) decideLead(ctx context.Context, k signal.LeadKey, rs []received) (out decision.Outcome, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Internal, "panic: %v", r)
		}
	}()
	signals := make([]signal.Signal, len(rs))
	for i, r := range rs {
		signals[i] = r.signal
	}
	return h.decide.Apply(ctx, k, signals, h.now(ctx))
}

// decideAll decides about every lead of the batch, a few at once.
func (b *batch) decideAll(ctx context.Context) {
	var g errgroup.Group
	g.SetLimit(inParallel)
	for k, rs := range b.leads {
		g.Go(func() error {
			out, err := b.decideLead(ctx, k, rs)
			b.add(out)
			if out.Broken != nil {
				b.log.LogAttrs(ctx, slog.LevelWarn, "policy.expression_failed", slog.String("lead", string(k)), slog.Any("error", out.Broken))
			}
			if out.Missed != nil {
				b.log.LogAttrs(ctx, slog.LevelWarn, "duplicates.search_failed", slog.String("lead", string(k)), slog.Any("error", out.Missed))
			}
			if err != nil {
				b.setAside(ctx, k, rs, err)
			}
			return nil
		})
	}
	_ = g.Wait() // each lead reports its own failure
}

// setAside sends the signals of a lead that failed to the retry queue, by
// their keys, so that it holds up nobody else and outlives the stream. What
// came from that queue stays there instead.
func (b *batch) setAside(ctx context.Context, k signal.LeadKey, rs []received, cause error) {
	b.log.LogAttrs(ctx, slog.LevelError, "lead.failed", slog.String("lead", string(k)), slog.Int("signals", len(rs)),
		slog.String("kind", fault.KindOf(cause).String()), slog.Any("error", cause))
	if b.source == "aws:sqs" {
		b.keep(ctx, rs, cause)
		return
	}
	bodies := make([]string, len(rs))
	for i, r := range rs {
		body, err := json.Marshal(r.ref)
		if err != nil {
			b.fail(rs)
			return
		}
		bodies[i] = string(body)
	}
	if err := b.retry.Send(ctx, bodies...); err != nil {
		b.log.LogAttrs(ctx, slog.LevelError, "retry.failed", slog.String("lead", string(k)), slog.Any("error", err))
		b.fail(rs)
		return
	}
	b.count(func() { b.retried += len(rs) })
}
