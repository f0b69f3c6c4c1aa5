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

// How often each queue hands a message out until it goes to the dead letters.
// template.yaml says the same, which a test checks.
const (
	ParkReceives   = 1000
	RetryReceives  = 50
	NotifyReceives = 20
	FetchReceives  = 20
)

// Worked is a queue that a function works off, and where those messages go
// that nobody can work off.
type Worked struct {
	Client      *sqs.Client
	URL         string
	DeadLetters string // the URL of the queue of dead letters
	Most        int    // how often it hands a message out; 0 is without end
}

// Last tells whether this is the last time that the queue hands the message
// out. Whoever buries it now can say why; the queue, which does so next, cannot.
func (q Worked) Last(m events.SQSMessage) bool { return q.Most > 0 && Receives(m) >= q.Most }

// Hide keeps a message from being handed out again for the time of the delay.
// Kind: Unavailable.
func (q Worked) Hide(ctx context.Context, m events.SQSMessage, delay time.Duration) error {
	_, err := q.Client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.URL, ReceiptHandle: &m.ReceiptHandle,
		VisibilityTimeout: int32(delay.Round(time.Second) / time.Second), //nolint:gosec // at most mostAsked and a tenth
	})
	return fault.Wrap(fault.Unavailable, "hide message", err)
}

// The attributes of a message that was buried.
const (
	AttrReason = "reason" // why, in the words of the error
	AttrTries  = "tries"  // how often it was tried
	attrID     = "message_id"
)

// Bury sends a copy of a message to the dead letters, with the reason in an
// attribute. Kind: Unavailable.
func (q Worked) Bury(ctx context.Context, m events.SQSMessage, why error) error {
	_, err := q.Client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &q.DeadLetters, MessageBody: &m.Body,
		MessageAttributes: map[string]types.MessageAttributeValue{
			AttrReason: {DataType: aws.String("String"), StringValue: aws.String(why.Error())},
			attrID:     {DataType: aws.String("String"), StringValue: aws.String(m.MessageId)},
			AttrTries:  {DataType: aws.String("Number"), StringValue: aws.String(strconv.Itoa(Receives(m)))},
		},
	})
	return fault.Wrap(fault.Unavailable, "bury message", err)
}
