package awsapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/shared/fault"
)

// maxMessage is the most that SQS takes in a message and in a batch.
const maxMessage = 1 << 20

type attribute struct {
	DataType    string
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

type outgoing struct {
	ID                string `json:"Id"`
	MessageBody       string
	DelaySeconds      *int
	MessageAttributes map[string]attribute
}

func (o outgoing) message() (queue.Outgoing, error) {
	m := queue.Outgoing{Body: o.MessageBody, Delay: -1}
	if o.MessageBody == "" || len(o.MessageBody) > maxMessage {
		return m, failure{"InvalidParameterValue", "a message has 1 byte to 1 MiB", http.StatusBadRequest}
	}
	if o.DelaySeconds != nil {
		if *o.DelaySeconds < 0 || *o.DelaySeconds > 900 {
			return m, failure{"InvalidParameterValue", "DelaySeconds is 0 to 900", http.StatusBadRequest}
		}
		m.Delay = time.Duration(*o.DelaySeconds) * time.Second
	}
	for name, a := range o.MessageAttributes {
		if m.Attributes == nil {
			m.Attributes = map[string]queue.Attribute{}
		}
		m.Attributes[name] = queue.Attribute{Type: a.DataType, Text: a.StringValue, Binary: a.BinaryValue}
	}
	return m, nil
}

type sendMessageInput struct {
	QueueURL string `json:"QueueUrl"`
	outgoing
}

func (a *API) sendMessage(_ context.Context, in sendMessageInput) (any, error) {
	q, err := a.Queues.Get(in.QueueURL)
	if err != nil {
		return nil, err
	}
	m, err := in.message()
	if err != nil {
		return nil, err
	}
	sent, err := q.Send(m)
	if err != nil {
		return nil, err
	}
	return map[string]string{"MessageId": sent[0].ID, "MD5OfMessageBody": queue.MD5(sent[0].Body)}, nil
}

type sendMessageBatchInput struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []outgoing
}

func (a *API) sendMessageBatch(_ context.Context, in sendMessageBatchInput) (any, error) {
	q, err := a.Queues.Get(in.QueueURL)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(in.Entries); err != nil {
		return nil, err
	}
	var out []queue.Outgoing
	for _, e := range in.Entries {
		m, err := e.message()
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	sent, err := q.Send(out...)
	if err != nil {
		return nil, err
	}
	done := []map[string]string{}
	for i, m := range sent {
		done = append(done, map[string]string{"Id": in.Entries[i].ID, "MessageId": m.ID, "MD5OfMessageBody": queue.MD5(m.Body)})
	}
	return map[string]any{"Successful": done, "Failed": []any{}}, nil
}

func checkBatch(entries []outgoing) error {
	total, ids := 0, map[string]bool{}
	for _, e := range entries {
		total += len(e.MessageBody)
		if ids[e.ID] {
			return failure{"BatchEntryIdsNotDistinct", e.ID, http.StatusBadRequest}
		}
		ids[e.ID] = true
	}
	switch {
	case len(entries) == 0:
		return failure{"EmptyBatchRequest", "a batch has 1 to 10 messages", http.StatusBadRequest}
	case len(entries) > 10:
		return failure{"TooManyEntriesInBatchRequest", "a batch has 1 to 10 messages", http.StatusBadRequest}
	case total > maxMessage:
		return failure{"BatchRequestTooLong", "a batch has at most 1 MiB", http.StatusBadRequest}
	}
	return nil
}

type receiveMessageInput struct {
	QueueURL            string `json:"QueueUrl"`
	MaxNumberOfMessages int
	VisibilityTimeout   *int
}

func (a *API) receiveMessage(_ context.Context, in receiveMessageInput) (any, error) {
	q, err := a.Queues.Get(in.QueueURL)
	if err != nil {
		return nil, err
	}
	visibility := time.Duration(-1)
	if in.VisibilityTimeout != nil {
		visibility = time.Duration(*in.VisibilityTimeout) * time.Second
	}
	got, err := q.Receive(max(in.MaxNumberOfMessages, 1), visibility)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, m := range got {
		attributes := map[string]attribute{}
		for name, v := range m.Attributes {
			attributes[name] = attribute{v.Type, v.Text, v.Binary}
		}
		list = append(list, map[string]any{
			"MessageId": m.ID, "ReceiptHandle": m.Receipt, "Body": m.Body, "MD5OfBody": queue.MD5(m.Body), "MessageAttributes": attributes,
			"Attributes": map[string]string{
				"ApproximateReceiveCount": strconv.Itoa(m.Receives),
				"SentTimestamp":           strconv.FormatInt(m.SentAt.UnixMilli(), 10),
			},
		})
	}
	return map[string]any{"Messages": list}, nil
}

type receiptInput struct {
	QueueURL          string `json:"QueueUrl"`
	ReceiptHandle     string
	VisibilityTimeout int
}

func (a *API) deleteMessage(_ context.Context, in receiptInput) (any, error) {
	q, err := a.Queues.Get(in.QueueURL)
	if err != nil {
		return nil, err
	}
	return struct{}{}, q.Delete(in.ReceiptHandle)
}

func (a *API) changeMessageVisibility(_ context.Context, in receiptInput) (any, error) {
	q, err := a.Queues.Get(in.QueueURL)
	if err != nil {
		return nil, err
	}
	if in.VisibilityTimeout < 0 || in.VisibilityTimeout > 43200 {
		return nil, failure{"InvalidParameterValue", "VisibilityTimeout is 0 to 43200", http.StatusBadRequest}
	}
	err = q.ChangeVisibility(in.ReceiptHandle, time.Duration(in.VisibilityTimeout)*time.Second)
	if fault.KindOf(err) == fault.NotFound {
		return nil, failure{"ReceiptHandleIsInvalid", err.Error(), http.StatusBadRequest}
	}
	return struct{}{}, err
}

type visibilityBatchInput struct {
	QueueURL string `json:"QueueUrl"`
	Entries  []struct {
		ID string `json:"Id"`
		receiptInput
	}
}

func (a *API) changeMessageVisibilityBatch(ctx context.Context, in visibilityBatchInput) (any, error) {
	done, failed := []map[string]string{}, []map[string]any{}
	for _, e := range in.Entries {
		e.QueueURL = in.QueueURL
		if _, err := a.changeMessageVisibility(ctx, e.receiptInput); err != nil {
			failed = append(failed, map[string]any{"Id": e.ID, "Code": "ReceiptHandleIsInvalid", "Message": err.Error(), "SenderFault": true})
			continue
		}
		done = append(done, map[string]string{"Id": e.ID})
	}
	return map[string]any{"Successful": done, "Failed": failed}, nil
}

type queueInput struct {
	QueueName string
	QueueURL  string `json:"QueueUrl"`
}

func (a *API) getQueueURL(_ context.Context, in queueInput) (any, error) {
	q, err := a.Queues.Get(in.QueueName)
	if err != nil {
		return nil, err
	}
	return map[string]string{"QueueUrl": q.URL}, nil
}

func (a *API) getQueueAttributes(_ context.Context, in queueInput) (any, error) {
	q, err := a.Queues.Get(in.QueueURL)
	if err != nil {
		return nil, err
	}
	visible, delayed, inFlight := q.Counts()
	return map[string]any{"Attributes": map[string]string{
		"QueueArn":                              q.ARN,
		"ApproximateNumberOfMessages":           strconv.Itoa(visible),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(delayed),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(inFlight),
		"VisibilityTimeout":                     strconv.Itoa(int(q.Visibility.Seconds())),
	}}, nil
}
