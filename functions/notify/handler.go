package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	// inParallel is how many events of a batch are told of at once.
	inParallel = 4
	// reserve is how much of the invocation's time must be left to begin a
	// delivery: one try, the marks around it, and the answer.
	reserve = 14 * time.Second
)

type handler struct {
	table     *table.Table
	policy    *policy.Loader[*policy.Policy]
	links     *secret.Reader
	channels  *secret.Reader
	publicURL string
	mailFrom  string // "" when e-mail is not set up
	http      *http.Client
	mail      *sesv2.Client
	queue     queue.Worked
	now       clock.Clock
	log       *slog.Logger
}

func decode(_ policy.Version, text []byte) (*policy.Policy, error) { return policy.Decode(text) }

// handle tells of the events of a batch, a few at once. An event that could
// not be told of completely stays in the queue, and what was told is not told
// again.
func (h handler) handle(ctx context.Context, in events.SQSEvent) (events.SQSEventResponse, error) {
	enough, cancel := clock.StopBefore(ctx, reserve)
	defer cancel()
	again := make([]bool, len(in.Records))
	var g errgroup.Group
	g.SetLimit(inParallel)
	for i, m := range in.Records {
		g.Go(func() error {
			again[i] = h.message(ctx, enough, m)
			return nil
		})
	}
	_ = g.Wait() // each message reports its own failure
	var out events.SQSEventResponse
	for i, m := range in.Records {
		if again[i] {
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return out, nil
}

// message tells of one event and settles its message: done, later again, or
// among the dead letters.
func (h handler) message(ctx, enough context.Context, m events.SQSMessage) (again bool) {
	start := h.now(ctx)
	e, err := eventOf(m)
	var done []delivery
	if err == nil {
		done, err = h.tellSafely(ctx, enough, e)
	}
	todo, delay, why := judge(done, err, queue.Receives(m))
	if todo == comeBack && h.queue.Last(m) {
		todo = giveUp
	}
	var settled error
	switch todo {
	case forget:
	case comeBack:
		again, settled = true, h.queue.Hide(ctx, m, delay)
	case giveUp:
		if settled = h.queue.Bury(ctx, m, why); settled != nil {
			again = true
		} else {
			h.giveUp(ctx, done)
		}
	}
	attrs := []slog.Attr{
		slog.String("event_id", e.ID), slog.String("event_type", string(e.Type)), slog.String("lead", e.Lead),
		slog.String("outcome", string(todo)), slog.String("deliveries", summary(done)), slog.Int("receives", queue.Receives(m)),
		slog.Int64("duration_ms", h.now(ctx).Sub(start).Milliseconds()),
	}
	if todo == comeBack {
		attrs = append(attrs, slog.Float64("delay_s", delay.Seconds()))
	}
	if why != nil {
		attrs = append(attrs, slog.String("kind", fault.KindOf(why).String()), slog.Any("error", why))
	}
	if settled != nil {
		attrs = append(attrs, slog.Any("queue_error", settled))
	}
	h.log.LogAttrs(ctx, level(todo), "event.told", attrs...)
	return again
}

// tellSafely keeps a panic to the event that caused it.
func (h handler) tellSafely(ctx, enough context.Context, e contract.Event) (done []delivery, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Internal, "panic: %v", r)
		}
	}()
	return h.tell(ctx, enough, e)
}

// eventOf decodes the event in a message: the bus wraps it in its envelope.
// Kind: Invalid.
func eventOf(m events.SQSMessage) (contract.Event, error) {
	var envelope events.EventBridgeEvent
	var e contract.Event
	if err := json.Unmarshal([]byte(m.Body), &envelope); err != nil {
		return e, fault.Wrap(fault.Invalid, "decode envelope", err)
	}
	if err := json.Unmarshal(envelope.Detail, &e); err != nil {
		return e, fault.Wrap(fault.Invalid, "decode event", err)
	}
	if e.ID == "" || e.Type == "" || (e.Lead != "") != e.Type.AboutLead() {
		return e, fault.New(fault.Invalid, "the message holds no event of ours")
	}
	return e, nil
}
