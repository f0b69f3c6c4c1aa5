package stream

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/lambda"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Invoker calls a function.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) (lambda.Result, error)
}

// delivery hands records of one shard to a function by Lambda's rules for
// streams: in order, again from the first record that failed, in halves when
// that may isolate it, until the retries or the age run out; then to the
// destination for failures, so that one record cannot block the shard.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html.
type delivery struct {
	source   cfn.StreamSource
	function Invoker
	now      func() time.Time // the machine's time, which records carry
	pause    func(ctx context.Context, failed int) error
	dead     func(Discarded) error
	done     func(sequence string) error // stores how far the shard has been worked off
}

// Discarded are records that are given up, with the reason.
type Discarded struct {
	Records  []Record
	Reason   string // RetryAttemptsExhausted or MaximumRecordAgeExceeded
	Attempts int
	Last     *lambda.FunctionError // what the function said last, nil when it reported single records
}

// part is a run of records that are handed over together.
type part struct {
	records []Record
	failed  int // attempts so far
	last    *lambda.FunctionError
}

// deliver returns when every record has been worked off or given up, or with
// an error when ctx ends or the host's own storage fails.
func (d *delivery) deliver(ctx context.Context, records []Record) error {
	todo := []part{{records: records}}
	for len(todo) > 0 {
		next, err := d.attempt(ctx, todo[0])
		if err != nil {
			return err
		}
		todo = slices.Concat(next, todo[1:])
	}
	return nil
}

// attempt hands one part over and returns what is left of it to do.
func (d *delivery) attempt(ctx context.Context, p part) ([]part, error) {
	p, err := d.dropOld(p)
	if err != nil || len(p.records) == 0 {
		return nil, err
	}
	first, failure, err := d.invoke(ctx, p.records)
	if err != nil {
		return nil, err
	}
	if first > 0 {
		if err := d.done(p.records[first-1].Sequence); err != nil {
			return nil, err
		}
	}
	if first == len(p.records) {
		return nil, nil
	}
	return d.failed(ctx, part{records: p.records[first:], failed: p.failed, last: failure}, first > 0)
}

// failed decides how a part goes on whose first record has failed. progress
// says that records before it were worked off.
func (d *delivery) failed(ctx context.Context, p part, progress bool) ([]part, error) {
	if progress {
		p.failed = 0
	}
	if d.source.Bisect && len(p.records) > 1 {
		// Splitting does not count toward the retries.
		half := (len(p.records) + 1) / 2
		return []part{{p.records[:half], p.failed, p.last}, {p.records[half:], 0, nil}}, nil
	}
	p.failed++
	if d.source.Retries >= 0 && p.failed > d.source.Retries {
		return nil, d.discard(p, "RetryAttemptsExhausted")
	}
	return []part{p}, d.pause(ctx, p.failed)
}

func (d *delivery) dropOld(p part) (part, error) {
	if d.source.MaxAge < 0 {
		return p, nil
	}
	i := 0
	for i < len(p.records) && d.now().Sub(p.records[i].At) > d.source.MaxAge {
		i++
	}
	if i == 0 {
		return p, nil
	}
	old := part{p.records[:i], p.failed, p.last}
	p.records = p.records[i:]
	return p, d.discard(old, "MaximumRecordAgeExceeded")
}

func (d *delivery) discard(p part, reason string) error {
	if err := d.dead(Discarded{Records: p.records, Reason: reason, Attempts: p.failed, Last: p.last}); err != nil {
		return err
	}
	return d.done(p.records[len(p.records)-1].Sequence)
}

// invoke hands records over and returns the index of the first that failed,
// their number when none did.
func (d *delivery) invoke(ctx context.Context, records []Record) (first int, failure *lambda.FunctionError, err error) {
	list := make([]json.RawMessage, 0, len(records))
	for _, r := range records {
		list = append(list, r.Event)
	}
	payload, err := json.Marshal(map[string]any{"Records": list})
	if err != nil {
		return 0, nil, fault.Wrap(fault.Internal, "encode records", err)
	}
	// What has begun is finished, also while the host shuts down.
	result, err := d.function.Invoke(context.WithoutCancel(ctx), payload)
	if err != nil {
		return 0, nil, err
	}
	if result.Err != nil {
		return 0, result.Err, nil
	}
	if !d.source.Batch.PartialFailure {
		return len(records), nil, nil
	}
	return firstFailure(records, result.Payload), nil, nil
}

// firstFailure reads a partial batch response. As in Lambda, the lowest
// sequence number counts, and an answer that is none, or names a record that
// was not sent, fails the whole batch.
func firstFailure(records []Record, payload []byte) int {
	var answer struct {
		Failed []struct {
			ID string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(payload) > 0 && json.Unmarshal(payload, &answer) != nil {
		return 0
	}
	first := len(records)
	for _, failed := range answer.Failed {
		i := slices.IndexFunc(records, func(r Record) bool { return r.Sequence == failed.ID })
		if i < 0 {
			return 0
		}
		first = min(first, i)
	}
	return first
}
