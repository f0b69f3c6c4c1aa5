// Package bus puts events on the EventBridge bus. It knows the limits of
// PutEvents and what to do when EventBridge takes a part of a request only. It
// does not know what the events mean, nor who listens.
//
// Delivery is at least once: an event whose answer was lost is sent again
// under the same id. EventBridge keeps no order.
package bus

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
)

// The limits of one PutEvents request. AWS states 256 KB for an entry, and
// 256 KB or, lately, 1 MB for the whole request, depending on the page; staying
// below the smaller one costs nothing with events of about 1 KB.
const (
	maxEntries = 10
	maxBytes   = 256 << 10
)

// How often the entries that EventBridge refused for the moment are tried, and
// how long is waited in between.
const (
	tries     = 4
	firstWait = 100 * time.Millisecond
	maxWait   = 2 * time.Second
)

// Bus is one EventBridge bus.
type Bus struct {
	client *eventbridge.Client
	name   string
	wait   func(ctx context.Context, d time.Duration) error
}

// New returns the bus with that name or ARN.
func New(client *eventbridge.Client, name string) *Bus {
	return &Bus{client: client, name: name, wait: wait}
}

// Failure says that one event did not reach the bus, and why.
type Failure struct {
	Index int   // in the events given to Put
	Err   error // Unavailable when another try may help, else Invalid
}

// entry is an event in the form of the wire, with its place among the events.
type entry struct {
	index int
	size  int
	types.PutEventsRequestEntry
}

// Put sends the events in order, in as few requests as the limits allow, and
// returns those that EventBridge did not take, in order. Entries that it
// refused for the moment were tried again until tries were used up or ctx
// ended. When nobody takes a whole request, what follows it is not tried.
func (b *Bus) Put(ctx context.Context, events []contract.Event) []Failure {
	var failed []Failure
	entries := make([]entry, 0, len(events))
	for i, e := range events {
		made, err := b.entry(i, e)
		if err != nil {
			failed = append(failed, Failure{Index: i, Err: err})
			continue
		}
		entries = append(entries, made)
	}
	chunks := chunk(entries)
	for i, c := range chunks {
		refused, err := b.putChunk(ctx, c)
		failed = append(failed, refused...)
		if err == nil {
			continue
		}
		for _, rest := range chunks[i+1:] {
			failed = append(failed, failures(rest, err)...)
		}
		break
	}
	return inOrder(failed)
}

func (b *Bus) entry(index int, e contract.Event) (entry, error) {
	detail, err := json.Marshal(e)
	if err != nil {
		return entry{}, fault.Wrap(fault.Invalid, "encode event "+e.ID, err)
	}
	// AWS counts 14 bytes for the time, and the bytes of source, type and detail.
	size := 14 + len(contract.Source) + len(e.Type) + len(detail)
	if size >= maxBytes {
		return entry{}, fault.New(fault.Invalid, "event %s has %d bytes, EventBridge takes less than %d", e.ID, size, maxBytes)
	}
	return entry{index: index, size: size, PutEventsRequestEntry: types.PutEventsRequestEntry{
		EventBusName: aws.String(b.name),
		Source:       aws.String(contract.Source),
		DetailType:   aws.String(string(e.Type)),
		Time:         aws.Time(e.Time),
		Detail:       aws.String(string(detail)),
	}}, nil
}

// putChunk sends one request, and again what was refused. err is set when the
// last request failed as a whole, or ctx ended.
func (b *Bus) putChunk(ctx context.Context, chunk []entry) (failed []Failure, err error) {
	for try := 1; ; try++ {
		var again []entry
		var refused []Failure
		again, refused, err = b.put(ctx, chunk)
		failed = append(failed, refused...)
		if len(again) == 0 {
			return failed, nil
		}
		chunk = again
		if err == nil && try == tries {
			return append(failed, failures(chunk, fault.New(fault.Unavailable, "EventBridge refused the event %d times", tries))...), nil
		}
		if err == nil {
			err = b.wait(ctx, backoff(try))
		}
		if err != nil {
			return append(failed, failures(chunk, err)...), err
		}
	}
}

// put sends one request and sorts what EventBridge did not take into what is
// worth another try and what is not. A request that failed as a whole was
// tried again by the SDK already, so err is final.
func (b *Bus) put(ctx context.Context, chunk []entry) (again []entry, refused []Failure, err error) {
	in := &eventbridge.PutEventsInput{}
	for _, e := range chunk {
		in.Entries = append(in.Entries, e.PutEventsRequestEntry)
	}
	out, err := b.client.PutEvents(ctx, in)
	if err != nil {
		return chunk, nil, fault.Wrap(fault.Unavailable, "put events", err)
	}
	if len(out.Entries) != len(chunk) {
		return chunk, nil, fault.New(fault.Unavailable, "put events: %d results for %d entries", len(out.Entries), len(chunk))
	}
	for i, result := range out.Entries {
		code := aws.ToString(result.ErrorCode)
		switch {
		case code == "":
		case permanent(code):
			refused = append(refused, Failure{Index: chunk[i].index, Err: fault.New(fault.Invalid, "EventBridge refused the event: %s: %s", code, aws.ToString(result.ErrorMessage))})
		default:
			again = append(again, chunk[i])
		}
	}
	return again, refused, nil
}

// permanent tells the error codes of an entry that no other try can change.
// All others, ThrottlingException and InternalFailure before all, may pass.
func permanent(code string) bool {
	switch code {
	case "MalformedDetail", "InvalidArgument", "NotAuthorizedForDetailTypeException", "NotAuthorizedForSourceException":
		return true
	}
	return false
}

// chunk cuts the entries into requests within the limits and keeps their order.
func chunk(entries []entry) [][]entry {
	var chunks [][]entry
	first, size := 0, 0
	for i, e := range entries {
		if i > first && (i-first == maxEntries || size+e.size >= maxBytes) {
			chunks = append(chunks, entries[first:i])
			first, size = i, 0
		}
		size += e.size
	}
	if first < len(entries) {
		chunks = append(chunks, entries[first:])
	}
	return chunks
}

// backoff returns how long to wait after a try: doubled each time, capped, and
// anything between a half and the whole of it.
func backoff(try int) time.Duration {
	d := min(firstWait<<min(try-1, 10), maxWait)
	return d/2 + rand.N(d/2+1) //nolint:gosec // jitter needs no secrecy
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "wait to put events again", ctx.Err())
	case <-timer.C:
		return nil
	}
}
