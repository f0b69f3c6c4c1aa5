package main

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/outbound"
)

// How long a message waits for another try: doubled with each, up to mostWait,
// unless a receiver asks for more, up to mostAsked.
const (
	firstWait = 5 * time.Second
	mostWait  = 15 * time.Minute
	mostAsked = time.Hour
)

// fate is what becomes of a message.
type fate string

const (
	forget   fate = "done"
	comeBack fate = "again"
	giveUp   fate = "dead_letter"
)

// judge says what becomes of a message, after how long, and why. What may pass
// is tried again; a message of which only hopeless deliveries are left goes to
// the dead letters at once instead of knocking twenty times at a closed door.
func judge(done []delivery, err error, receives int) (todo fate, delay time.Duration, why error) {
	if err != nil {
		if fault.KindOf(err) == fault.Invalid || fault.KindOf(err) == fault.Denied {
			return giveUp, 0, err
		}
		return comeBack, backoff(receives), err
	}
	todo = forget
	for _, d := range done {
		switch d.result {
		case sent, before, skipped, erased:
			continue
		case held:
			todo, delay, why = comeBack, max(delay, lease+backoff(1)), d.err
		case postpone:
			todo, delay, why = comeBack, max(delay, wait(d.err, receives)), d.err
		case failed:
			if todo == forget {
				todo, why = giveUp, d.err
			}
		}
	}
	return todo, delay, why
}

// wait is how long to wait after an error: at least as long as the receiver asked.
func wait(err error, receives int) time.Duration {
	return max(backoff(receives), jittered(min(outbound.RetryAfter(err), mostAsked)))
}

// backoff returns how long to wait after the given number of tries.
func backoff(receives int) time.Duration {
	d := min(firstWait<<min(max(receives-1, 0), 20), mostWait)
	return d/2 + rand.N(d/2+1) //nolint:gosec // jitter needs no secrecy
}

// jittered adds up to a tenth, so that not all come back at the same moment.
func jittered(d time.Duration) time.Duration {
	return d + rand.N(d/10+1) //nolint:gosec // jitter needs no secrecy
}

// receives is how often the queue has handed out the message, this time included.
func receives(m events.SQSMessage) int {
	n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	if err != nil || n < 1 {
		return 1
	}
	return n
}

func level(todo fate) slog.Level {
	switch todo {
	case comeBack:
		return slog.LevelWarn
	case giveUp:
		return slog.LevelError
	case forget:
	}
	return slog.LevelInfo
}

// queue is where the messages come from, and where those go that nobody can deliver.
type queue struct {
	client      *sqs.Client
	url         string
	deadLetters string
}

// hide keeps a message from being handed out again for the time of the delay.
func (q queue) hide(ctx context.Context, m events.SQSMessage, delay time.Duration) error {
	_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.url, ReceiptHandle: &m.ReceiptHandle,
		VisibilityTimeout: int32(delay.Round(time.Second) / time.Second), //nolint:gosec // at most mostAsked and a tenth
	})
	return fault.Wrap(fault.Unavailable, "hide message", err)
}

// bury sends a copy of a message to the dead letters, with the reason in an
// attribute.
func (q queue) bury(ctx context.Context, m events.SQSMessage, why error) error {
	_, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.deadLetters, MessageBody: &m.Body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			"reason":     {DataType: aws.String("String"), StringValue: aws.String(why.Error())},
			"message_id": {DataType: aws.String("String"), StringValue: aws.String(m.MessageId)},
		},
	})
	return fault.Wrap(fault.Unavailable, "bury message", err)
}
