package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/queue"
)

// handler puts the parked signals of each message into the inbox. A message
// that could not be stored as a whole is reported and comes again, for as long
// as the queue keeps it; what was stored of it already is then a duplicate and
// changes nothing. One that holds no signals at all goes to the dead letters at
// once, and so does the last try, with the reason.
type handler struct {
	put    inbox.Put
	putFor inbox.PutFor
	queue  parked
	clock  clock.Clock
	log    *slog.Logger
}

// parked is the queue that the messages come from.
type parked interface {
	Last(m events.SQSMessage) bool
	Hide(ctx context.Context, m events.SQSMessage, delay time.Duration) error
	Bury(ctx context.Context, m events.SQSMessage, why error) error
}

// pause is how long a message waits before it comes again: from seconds, so
// that a short outage is made up for at once, to half an hour, so that the
// fourteen days that the queue keeps it take fewer than the thousand tries
// after which it would become a dead letter.
func pause(m events.SQSMessage) time.Duration { return 2 * queue.Backoff(queue.Receives(m)) }

func (h handler) handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	var out events.SQSEventResponse
	for _, m := range e.Records {
		start := h.clock(ctx)
		stored, err := inbox.StoreMessage(ctx, h.put, h.putFor, m.Body)
		level := slog.LevelInfo
		attrs := []slog.Attr{
			slog.String("message", m.MessageId),
			slog.String("receives", m.Attributes["ApproximateReceiveCount"]),
			slog.Int("stored", stored.New),
			slog.Int("duplicates", stored.Duplicates),
			slog.Int("nobody", stored.Nobody),
		}
		if err != nil {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", err.Error()), slog.String("error_kind", fault.KindOf(err).String()))
			again, err := h.settle(ctx, m, err)
			if again {
				out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			}
			if err != nil {
				attrs = append(attrs, slog.String("queue_error", err.Error())) // it comes again after the queue's own timeout
			}
		}
		attrs = append(attrs, slog.Int64("duration_ms", h.clock(ctx).Sub(start).Milliseconds()))
		h.log.LogAttrs(ctx, level, "parked.stored", attrs...)
	}
	return out, nil
}

// settle says whether a message that failed stays in the queue.
func (h handler) settle(ctx context.Context, m events.SQSMessage, why error) (again bool, err error) {
	if fault.KindOf(why) == fault.Invalid || h.queue.Last(m) {
		err = h.queue.Bury(ctx, m, why)
		return err != nil, err
	}
	return true, h.queue.Hide(ctx, m, pause(m))
}
