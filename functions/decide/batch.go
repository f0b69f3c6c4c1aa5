package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// batch is the work of one invocation: its signals by lead, and what became of them.
type batch struct {
	handler
	source string
	leads  map[signal.LeadKey][]received

	mu        sync.Mutex
	failed    []failure
	decisions int
	events    int
	tries     int
	dropped   int // items about people who were erased
	retried   int
}

// readStream takes the signals of a batch of stream records. A record that
// cannot be read is brought again by Lambda and, in the end, kept with all it
// holds by the stream's failure destination.
func (b *batch) readStream(ctx context.Context, raw json.RawMessage) error {
	var in events.DynamoDBEvent
	if err := json.Unmarshal(raw, &in); err != nil {
		return fault.Wrap(fault.Invalid, "decode stream batch", err)
	}
	for _, record := range in.Records {
		ref, s, err := table.SignalFromImage(record.Change.NewImage)
		b.take(ctx, received{id: record.Change.SequenceNumber, ref: ref, signal: s}, err)
	}
	return nil
}

// readQueue takes the signals that messages of the retry queue name. A signal
// that is stored no more was erased meanwhile: there is nothing left to do.
func (b *batch) readQueue(ctx context.Context, raw json.RawMessage) error {
	var in events.SQSEvent
	if err := json.Unmarshal(raw, &in); err != nil {
		return fault.Wrap(fault.Invalid, "decode queue batch", err)
	}
	for _, message := range in.Records {
		r := received{id: message.MessageId, queued: message}
		err := json.Unmarshal([]byte(message.Body), &r.ref)
		if err == nil {
			r.signal, err = b.signals.SignalAt(ctx, r.ref)
		}
		if err != nil && fault.KindOf(err) == fault.NotFound {
			b.log.LogAttrs(ctx, slog.LevelWarn, "signal.gone", slog.String("pk", r.ref.PK))
			continue
		}
		b.take(ctx, r, err)
	}
	return nil
}

// take files a signal under its lead, or fails its record.
func (b *batch) take(ctx context.Context, r received, err error) {
	k, keyErr := r.ref.Lead()
	if err == nil {
		err = keyErr
	}
	if err != nil {
		b.log.LogAttrs(ctx, slog.LevelError, "record.failed", slog.String("record", r.id), slog.Any("error", err))
		b.keep(ctx, []received{r}, err)
		return
	}
	b.leads[k] = append(b.leads[k], r)
}

// keep leaves what failed where it came from; the last try of a message goes
// to the dead letters with the reason instead.
func (b *batch) keep(ctx context.Context, rs []received, why error) {
	for _, r := range rs {
		if r.queued.MessageId == "" || !b.retries.Last(r.queued) {
			b.fail([]received{r})
			continue
		}
		if err := b.retries.Bury(ctx, r.queued, why); err != nil {
			b.log.LogAttrs(ctx, slog.LevelError, "retry.bury_failed", slog.String("record", r.id), slog.Any("error", err))
			b.fail([]received{r})
		}
	}
}

func (b *batch) fail(rs []received) {
	b.count(func() {
		for _, r := range rs {
			b.failed = append(b.failed, failure{ItemIdentifier: r.id})
		}
	})
}

func (b *batch) add(out decision.Outcome) {
	b.count(func() {
		b.decisions += out.Decisions
		b.events += out.Events
		b.tries += out.Tries
		b.dropped += out.Dropped
	})
}

// count changes the counters; leads are decided about side by side.
func (b *batch) count(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}
