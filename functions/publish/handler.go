package main

import (
	"context"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/table"
)

type eventBus interface {
	Put(ctx context.Context, all []contract.Event) []bus.Failure
}

type handler struct {
	bus eventBus
	now clock.Clock
	log *slog.Logger
}

// handle publishes the events of a batch of log items, in the order of the
// stream. Everything that can be published is, even behind a record that
// cannot: a listener knows a repeat by the event's id. Lambda resumes from the
// earliest record that failed.
func (h handler) handle(ctx context.Context, in events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	start := h.now(ctx)
	failed := make([]bool, len(in.Records))
	var all []contract.Event
	var from []int // the record that an event comes from
	for i, r := range in.Records {
		item, err := table.LogItemFromImage(r.Change.NewImage)
		if err != nil {
			h.fail(ctx, failed, i, r, err)
			continue
		}
		for _, e := range item.Entries {
			all, from = append(all, e), append(from, i)
		}
	}
	for _, f := range h.bus.Put(ctx, all) {
		i := from[f.Index]
		h.fail(ctx, failed, i, in.Records[i], f.Err)
	}
	var out events.DynamoDBEventResponse
	for i, bad := range failed {
		if bad {
			out.BatchItemFailures = append(out.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: in.Records[i].Change.SequenceNumber})
		}
	}
	h.log.LogAttrs(ctx, slog.LevelInfo, "entries.published",
		slog.Int("records", len(in.Records)), slog.Int("events", len(all)), slog.Int("failed", len(out.BatchItemFailures)),
		slog.Int64("duration_ms", h.now(ctx).Sub(start).Milliseconds()))
	return out, nil
}

// fail marks a record and says why, once for each record.
func (h handler) fail(ctx context.Context, failed []bool, i int, r events.DynamoDBEventRecord, err error) {
	if failed[i] {
		return
	}
	failed[i] = true
	h.log.LogAttrs(ctx, slog.LevelError, "record.failed",
		slog.String("pk", key(r, "pk")), slog.String("sk", key(r, "sk")), slog.String("sequence_number", r.Change.SequenceNumber),
		slog.String("kind", fault.KindOf(err).String()), slog.Any("error", err))
}

func key(r events.DynamoDBEventRecord, name string) string {
	if v, ok := r.Change.Keys[name]; ok && v.DataType() == events.DataTypeString {
		return v.String()
	}
	return ""
}
