package queue

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/handoff-oss/handoff/shared/fault"
)

// How long a message waits for another try: doubled with each, up to MostWait.
const (
	FirstWait = 5 * time.Second
	MostWait  = 15 * time.Minute
	mostAsked = time.Hour
)

// Backoff returns how long to wait after the given number of tries, jittered.
func Backoff(receives int) time.Duration {
	d := min(FirstWait<<min(max(receives-1, 0), 20), MostWait)
	return d/2 + rand.N(d/2+1) //nolint:gosec // jitter needs no secrecy
}

// Wait returns how long to wait after the given number of tries when a server
// asked for a while: at least as long as it asked, up to an hour. Up to a tenth
// is added, so that not all come back at the same moment.
func Wait(receives int, asked time.Duration) time.Duration {
	d := min(asked, mostAsked)
	return max(Backoff(receives), d+rand.N(d/10+1)) //nolint:gosec // jitter needs no secrecy
}

// Receives is how often the queue has handed out the message, this time included.
func Receives(m events.SQSMessage) int {
	n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// Worked is a queue that a function works off, and where those messages go
// that nobody can work off.
type Worked struct {
	Client      *sqs.Client
	URL         string
	DeadLetters string // the URL of the queue of dead letters
}

// Hide keeps a message from being handed out again for the time of the delay.
// Kind: Unavailable.
func (q Worked) Hide(ctx context.Context, m events.SQSMessage, delay time.Duration) error {
	_, err := q.Client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.URL, ReceiptHandle: &m.ReceiptHandle,
		VisibilityTimeout: int32(delay.Round(time.Second) / time.Second), //nolint:gosec // at most mostAsked and a tenth
	})
	return fault.Wrap(fault.Unavailable, "hide message", err)
}

// Bury sends a copy of a message to the dead letters, with the reason in an
// attribute. Kind: Unavailable.
func (q Worked) Bury(ctx context.Context, m events.SQSMessage, why error) error {
	_, err := q.Client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.DeadLetters, MessageBody: &m.Body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			"reason":     {DataType: aws.String("String"), StringValue: aws.String(why.Error())},
			"message_id": {DataType: aws.String("String"), StringValue: aws.String(m.MessageId)},
		},
	})
	return fault.Wrap(fault.Unavailable, "bury message", err)
}
