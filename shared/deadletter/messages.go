package deadletter

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/handoff-oss/handoff/shared/fault"
)

// How messages are taken. Receiving one counts as a try of it, which does no
// harm: a queue of dead letters passes nothing on.
const (
	// held is how long a message that was taken is kept from others, when this
	// process dies before it gives the message back.
	held    = 30 // seconds
	inBatch = 10 // that SQS hands out and takes back at once
	// patience asks all servers of the queue, and not a few of them, so that
	// an answer without messages means that there are none.
	patience = 1 // seconds
)

// messages is a queue of dead letters.
type messages struct {
	client *sqs.Client
	url    string
	place  Place
}

func (m messages) count(ctx context.Context) (Count, error) {
	w, err := Look(ctx, m.client, m.url)
	return Count{Letters: w.Waiting + w.InFlight + w.Delayed, Held: w.InFlight}, err
}

// Depth is what a queue says of itself, about.
type Depth struct {
	Waiting  int // can be received
	Delayed  int // later
	InFlight int // being worked off, or pausing after a failure
}

// Look asks a queue how much waits there. Kind: Unavailable.
func Look(ctx context.Context, client *sqs.Client, url string) (Depth, error) {
	names := []types.QueueAttributeName{
		types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesDelayed,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return Depth{}, fault.Wrap(fault.Unavailable, "count messages", err)
	}
	n := func(name types.QueueAttributeName) int {
		v, err := strconv.Atoi(out.Attributes[string(name)])
		if err != nil {
			return 0
		}
		return v
	}
	return Depth{Waiting: n(names[0]), Delayed: n(names[1]), InFlight: n(names[2])}, nil
}

func (m messages) take(ctx context.Context, most int) ([]Letter, error) {
	return m.receive(ctx, most, nil)
}

// mostSought is among how many letters one is looked for.
const mostSought = 500

// one gives those back at once that were in the way.
func (m messages) one(ctx context.Context, id string) (Letter, error) {
	is := func(l Letter) bool { return l.ID == id }
	letters, err := m.receive(ctx, mostSought, is)
	i := slices.IndexFunc(letters, is)
	if i < 0 {
		m.giveBack(ctx, letters)
		if err == nil {
			err = fault.New(fault.NotFound, "no dead letter %s", id)
		}
		return Letter{}, err
	}
	l := letters[i]
	m.giveBack(ctx, slices.Delete(letters, i, i+1))
	return l, nil
}

// receive takes up to most letters, until one is the one that is looked for;
// found may be nil.
func (m messages) receive(ctx context.Context, most int, found func(Letter) bool) ([]Letter, error) {
	count, err := m.count(ctx)
	if err != nil || count.Letters == 0 {
		return nil, err
	}
	var letters []Letter
	seen := map[string]int{}
	for range most + inBatch { // more often only when the same ones come again and again
		if len(letters) >= most {
			break
		}
		out, err := m.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &m.url, MaxNumberOfMessages: int32(min(inBatch, most-len(letters))), VisibilityTimeout: held, WaitTimeSeconds: patience, //nolint:gosec // bounded
			MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		})
		if err != nil {
			return letters, fault.Wrap(fault.Unavailable, "receive dead letters", err)
		}
		if len(out.Messages) == 0 {
			return letters, nil
		}
		var done bool
		if letters, done = m.add(letters, seen, out.Messages, found); done {
			return letters, nil
		}
		if found == nil && len(letters) >= count.Letters-count.Held {
			return letters, nil // without waiting for an answer that there are no more
		}
	}
	return letters, nil
}

// add appends messages. One that came before has a new receipt, which is the
// good one. done says that the one that is looked for is among them.
func (m messages) add(letters []Letter, seen map[string]int, more []types.Message, found func(Letter) bool) (all []Letter, done bool) {
	for _, msg := range more {
		l := letterOf(m.place, msg)
		if i, known := seen[l.ID]; known {
			letters[i] = l
			continue
		}
		seen[l.ID] = len(letters)
		letters = append(letters, l)
		done = done || found != nil && found(l)
	}
	return letters, done
}

// giveBack lets others see messages again at once. One that cannot be given
// back comes back by itself.
func (m messages) giveBack(ctx context.Context, letters []Letter) {
	ctx = context.WithoutCancel(ctx)
	for first := 0; first < len(letters); first += inBatch {
		var entries []types.ChangeMessageVisibilityBatchRequestEntry
		for i, l := range letters[first:min(first+inBatch, len(letters))] {
			entries = append(entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(l.receipt)})
		}
		_, _ = m.client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &m.url, Entries: entries})
	}
}

func (m messages) remove(ctx context.Context, l Letter) error {
	_, err := m.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &m.url, ReceiptHandle: aws.String(l.receipt)})
	return fault.Wrap(fault.Unavailable, "delete dead letter", err)
}

// letterOf reads a message.
func letterOf(p Place, m types.Message) Letter {
	l := Letter{Place: p, ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body), receipt: aws.ToString(m.ReceiptHandle)}
	if ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
		l.At = time.UnixMilli(ms).UTC()
	}
	said := map[string]string{}
	for name, v := range m.MessageAttributes {
		said[name] = aws.ToString(v.StringValue)
	}
	l.About = about(p, l.Body)
	l.Reason, l.Tries = reason(p, l.Body, said)
	return l
}
