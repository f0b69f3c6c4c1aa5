package queue

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/lambda"
	"github.com/handoff-oss/handoff/infra/local/pattern"
)

// Invoker calls a function.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) (lambda.Result, error)
}

// Poller hands a queue's messages to a function as Lambda's event source
// mapping does. It differs in one thing: a message that failed comes back
// after a short pause that doubles, at most the visibility timeout, unless the
// function itself said when. Nobody waits six minutes at a desk.
type Poller struct {
	queue    *Queue
	source   cfn.QueueSource
	filter   pattern.Filter
	function Invoker
	region   string
	activity *activity.Tracker
	log      *slog.Logger
	wake     chan struct{}
}

// NewPoller returns a poller of the queue for a function. Kind: Invalid when
// the filter is wrong.
func NewPoller(q *Queue, source cfn.QueueSource, function Invoker, region string, a *activity.Tracker, log *slog.Logger) (*Poller, error) {
	filter, err := pattern.CompileFilter(source.Batch.Filters)
	if err != nil {
		return nil, err
	}
	p := &Poller{
		queue: q, source: source, filter: filter, function: function, region: region,
		activity: a, log: log, wake: make(chan struct{}, 1),
	}
	a.Wake(p.Kick)
	return p, nil
}

// Kick makes the poller look at the queue now.
func (p *Poller) Kick() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Queue returns the queue that is polled.
func (p *Poller) Queue() *Queue { return p.queue }

// Run polls until ctx ends. moved returns a channel that is closed when time
// is moved.
func (p *Poller) Run(ctx context.Context, moved func() <-chan struct{}) {
	for ctx.Err() == nil {
		timeMoved := moved()
		if p.Poll(ctx) {
			continue
		}
		wait := time.Minute
		if at, ok := p.queue.NextVisible(); ok {
			wait = min(wait, at.Sub(p.queue.all.now()))
		}
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-ctx.Done():
		case <-p.wake:
		case <-timeMoved:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Poll receives one batch and hands it over. It tells whether there was one.
func (p *Poller) Poll(ctx context.Context) bool {
	batch, err := p.queue.Receive(p.source.Batch.Size, -1)
	if err != nil {
		p.log.ErrorContext(ctx, "queue.receive", slog.String("queue", p.queue.ID), slog.Any("error", err))
	}
	if len(batch) == 0 {
		return false
	}
	defer p.activity.Begin()()
	var records []json.RawMessage
	var sent []Message
	for _, m := range batch {
		record := p.record(m)
		if p.filter.Passes(record) {
			records, sent = append(records, record), append(sent, m)
			continue
		}
		p.done(ctx, p.queue.Delete(m.Receipt))
	}
	if len(sent) > 0 {
		p.settle(ctx, sent, p.invoke(ctx, records))
	}
	return true
}

// failures says which messages of a batch failed.
type failures struct {
	all bool
	ids map[string]bool
}

func (p *Poller) invoke(ctx context.Context, records []json.RawMessage) failures {
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		return failures{all: true}
	}
	// What has begun is finished, also while the host shuts down.
	result, err := p.function.Invoke(context.WithoutCancel(ctx), payload)
	if err != nil || result.Err != nil {
		return failures{all: true}
	}
	if !p.source.Batch.PartialFailure {
		return failures{}
	}
	return readFailures(result.Payload)
}

// readFailures reads a partial batch response. As in Lambda, an answer that
// is none fails the whole batch.
func readFailures(payload []byte) failures {
	var answer struct {
		Failed []struct {
			ID *string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if len(payload) > 0 && json.Unmarshal(payload, &answer) != nil {
		return failures{all: true}
	}
	f := failures{ids: map[string]bool{}}
	for _, failed := range answer.Failed {
		if failed.ID == nil || *failed.ID == "" {
			return failures{all: true}
		}
		f.ids[*failed.ID] = true
	}
	return f
}

func (p *Poller) settle(ctx context.Context, sent []Message, failed failures) {
	known := map[string]bool{}
	for _, m := range sent {
		known[m.ID] = true
	}
	for id := range failed.ids {
		failed.all = failed.all || !known[id]
	}
	for _, m := range sent {
		if failed.all || failed.ids[m.ID] {
			p.done(ctx, p.queue.giveBack(m.Receipt, p.pause(m.Receives)))
			continue
		}
		p.done(ctx, p.queue.Delete(m.Receipt))
	}
}

// pause is how long a message that failed for the nth time stays away.
func (p *Poller) pause(n int) time.Duration {
	const longest = 30 * time.Second
	pause := time.Second << min(max(n-1, 0), 10)
	return min(pause, longest, p.queue.Visibility)
}

func (p *Poller) done(ctx context.Context, err error) {
	if err != nil {
		p.log.ErrorContext(ctx, "queue.store", slog.String("queue", p.queue.ID), slog.Any("error", err))
	}
}

// record is a message in the form of Lambda's SQS event,
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html.
func (p *Poller) record(m Message) json.RawMessage {
	attributes := map[string]any{}
	for name, a := range m.Attributes {
		attribute := map[string]any{"dataType": a.Type, "stringListValues": []string{}, "binaryListValues": []string{}}
		if a.Binary != nil {
			attribute["binaryValue"] = base64.StdEncoding.EncodeToString(a.Binary)
		} else {
			attribute["stringValue"] = a.Text
		}
		attributes[name] = attribute
	}
	ms := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	b, err := json.Marshal(map[string]any{
		"messageId": m.ID, "receiptHandle": m.Receipt, "body": m.Body, "md5OfBody": MD5(m.Body),
		"attributes": map[string]string{
			"ApproximateReceiveCount": strconv.Itoa(m.Receives), "SentTimestamp": ms(m.SentAt),
			"SenderId": "local", "ApproximateFirstReceiveTimestamp": ms(m.FirstReceived),
		},
		"messageAttributes": attributes, "eventSource": "aws:sqs", "eventSourceARN": p.queue.ARN, "awsRegion": p.region,
	})
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}
