package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/fetch"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/remote"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/signal"
)

// handler works off the requests for records. What may pass, and what somebody
// can repair, is tried again until the queue gives up; what is hopeless goes to
// the dead letters at once.
type handler struct {
	client fetch.Client
	access *secret.Reader
	source func(ctx context.Context, now time.Time, name string) (policy.Source, error)
	put    inbox.Put
	seen   func(ctx context.Context, source string, at time.Time, shape inbox.Shape, err error)
	queue  queue.Worked
	now    clock.Clock
	log    *slog.Logger
}

// outcome is what became of a request.
type outcome string

const (
	stored    outcome = "stored"
	duplicate outcome = "duplicate" // fetched before
	nobody    outcome = "nobody"    // the record says nothing about a person
	test      outcome = "test"      // the provider's test: seen, not stored
	skipped   outcome = "skipped"   // the secret says that these are not fetched
	gone      outcome = "gone"      // deleted at the provider since
	again     outcome = "again"
	given     outcome = "dead_letter"
)

// goneAfter is how often a record must not be there to count as deleted: an
// API may not know at once what a webhook tells of.
const goneAfter = 4

func (h handler) handle(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
	var out events.SQSEventResponse
	for _, m := range e.Records {
		if h.message(ctx, m) {
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
		}
	}
	return out, nil
}

// message works off one request and settles its message. keep says that it
// stays in the queue.
func (h handler) message(ctx context.Context, m events.SQSMessage) (keep bool) {
	start := h.now(ctx)
	r, err := fetch.Parse(m.Body)
	result := given
	if err == nil {
		var shape inbox.Shape
		result, shape, err = h.fetch(ctx, r, start)
		if result != skipped {
			h.seen(ctx, r.Signal.Source, start, shape, err)
		}
	}
	if err != nil {
		result = judge(err, queue.Receives(m))
		if result == again && h.queue.Last(m) {
			result = given
		}
	}
	var settled error
	switch result {
	case again:
		keep, settled = true, h.queue.Hide(ctx, m, queue.Wait(queue.Receives(m), remote.RetryAfter(err)))
	case given:
		if settled = h.queue.Bury(ctx, m, err); settled != nil {
			keep = true
		}
	case stored, duplicate, nobody, test, skipped, gone:
	}
	attrs := []slog.Attr{
		slog.String("source", r.Signal.Source), slog.String("record", r.Signal.Attributes[signal.AttrFetch]),
		slog.String("outcome", string(result)), slog.Int("receives", queue.Receives(m)), slog.String("message", m.MessageId),
		slog.Int64("duration_ms", h.now(ctx).Sub(start).Milliseconds()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()), slog.String("error_kind", fault.KindOf(err).String()))
	}
	if settled != nil {
		attrs = append(attrs, slog.String("queue_error", settled.Error()))
	}
	h.log.LogAttrs(ctx, level(result), "record.fetched", attrs...)
	return keep
}

// fetch completes the signal and stores it. It returns the shape of one that was
// not stored before.
func (h handler) fetch(ctx context.Context, r fetch.Request, now time.Time) (outcome, inbox.Shape, error) {
	var all fetch.Accesses
	if err := h.access.JSON(ctx, now, &all); err != nil {
		// A secret that somebody mistyped is put right: the request can wait.
		return "", inbox.Shape{}, fault.Wrap(fault.Unavailable, "the secret of the APIs", err)
	}
	source, err := h.source(ctx, now, r.Signal.Source)
	if err != nil && fault.KindOf(err) != fault.NotFound { // a source that was taken out of the policy still has its say
		return "", inbox.Shape{}, fault.Wrap(fault.Unavailable, "read the policy", err)
	}
	s, err := h.client.Complete(ctx, r, all, source, now)
	switch {
	case errors.Is(err, fetch.ErrSkipped):
		return skipped, inbox.Shape{}, nil
	case err != nil:
		return "", inbox.Shape{}, err
	case s.Test:
		return test, inbox.Shape{}, nil
	}
	isNew, err := h.put(ctx, s)
	switch {
	case err != nil && fault.KindOf(err) == fault.Invalid:
		return nobody, inbox.Shape{}, nil // it belongs to no lead, and no other try changes that
	case err != nil:
		return "", inbox.Shape{}, fault.Wrap(fault.Unavailable, "store", err)
	case isNew:
		return stored, inbox.RecordShape(s), nil
	}
	return duplicate, inbox.Shape{}, nil
}

// judge says what becomes of a request that failed.
func judge(err error, receives int) outcome {
	switch fault.KindOf(err) {
	case fault.Invalid:
		return given
	case fault.NotFound:
		if receives >= goneAfter {
			return gone
		}
	case fault.Internal, fault.Conflict, fault.Denied, fault.Unavailable:
	}
	return again
}

func level(o outcome) slog.Level {
	switch o {
	case again, gone, nobody:
		return slog.LevelWarn
	case given:
		return slog.LevelError
	case stored, duplicate, test, skipped:
	}
	return slog.LevelInfo
}
