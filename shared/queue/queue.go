// Package queue sends messages to an SQS queue. It knows how SQS's errors map
// to kinds, and nothing of what the messages say.
package queue

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/fault"
)

// MaxMessage is the most bytes that one message may have. SQS takes more; this
// is what every queue and tool around it takes.
const MaxMessage = 200 << 10

// parallel is how many messages are on their way at a time.
const parallel = 8

// Queue is one SQS queue.
type Queue struct {
	client *sqs.Client
	url    string
}

// New returns the queue with that URL.
func New(client *sqs.Client, url string) *Queue {
	return &Queue{client: client, url: url}
}

// Send sends each body as a message of its own. On an error some of them may
// have been sent. Kinds: Invalid for a body over MaxMessage, Unavailable.
func (q *Queue) Send(ctx context.Context, bodies ...string) error {
	for _, b := range bodies {
		if len(b) > MaxMessage {
			return fault.New(fault.Invalid, "a message of %d bytes is over the limit of %d", len(b), MaxMessage)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, b := range bodies {
		group.Go(func() error { return q.send(ctx, b) })
	}
	return group.Wait()
}

func (q *Queue) send(ctx context.Context, body string) error {
	_, err := q.client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(q.url), MessageBody: aws.String(body)})
	var invalid *types.InvalidMessageContents
	if errors.As(err, &invalid) {
		return fault.Wrap(fault.Invalid, "send message", err)
	}
	// Whatever else went wrong, another try may succeed, and the caller still
	// has the message: a missing queue and a missing permission get repaired.
	return fault.Wrap(fault.Unavailable, "send message", err)
}
