// Package awsapi answers the calls that functions make to AWS: SQS,
// EventBridge, Secrets Manager and SES in the JSON protocols that the SDKs
// speak, and S3 in its own, as far as the functions use them. It checks no
// signatures, since only this machine can reach it. What it is asked for beyond
// that it refuses by name, so that a new need shows at once.
package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/handoff-oss/handoff/infra/local/bus"
	"github.com/handoff-oss/handoff/infra/local/outbox"
	"github.com/handoff-oss/handoff/infra/local/queue"
	"github.com/handoff-oss/handoff/shared/fault"
)

// API is the endpoint.
type API struct {
	Queues *queue.Queues
	Bus    *bus.Bus
	Outbox *outbox.Outbox
	// Secret returns the value of a secret by its name or ARN. Kind: NotFound.
	Secret func(id string) (string, error)
	// Buckets are folders, by the bucket's name.
	Buckets map[string]string
	Log     *slog.Logger
}

// maxBody is above what any of the services takes.
const maxBody = 16 << 20

// operation answers one call: it decodes the input and returns the output.
type operation func(ctx context.Context, input []byte) (any, error)

func (a *API) operations() map[string]operation {
	return map[string]operation{
		"AmazonSQS.SendMessage":                  decoding(a.sendMessage),
		"AmazonSQS.SendMessageBatch":             decoding(a.sendMessageBatch),
		"AmazonSQS.ReceiveMessage":               decoding(a.receiveMessage),
		"AmazonSQS.DeleteMessage":                decoding(a.deleteMessage),
		"AmazonSQS.ChangeMessageVisibility":      decoding(a.changeMessageVisibility),
		"AmazonSQS.ChangeMessageVisibilityBatch": decoding(a.changeMessageVisibilityBatch),
		"AmazonSQS.GetQueueUrl":                  decoding(a.getQueueURL),
		"AmazonSQS.GetQueueAttributes":           decoding(a.getQueueAttributes),
		"AWSEvents.PutEvents":                    decoding(a.putEvents),
		"secretsmanager.GetSecretValue":          decoding(a.getSecretValue),
		"POST /v2/email/outbound-emails":         decoding(a.sendEmail),
	}
}

// decoding makes an operation of a function with a typed input.
func decoding[In any](f func(context.Context, In) (any, error)) operation {
	return func(ctx context.Context, input []byte) (any, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, failure{"SerializationException", "the input is not the JSON that belongs here: " + err.Error(), http.StatusBadRequest}
		}
		return f(ctx, in)
	}
}

// failure is an error in AWS's terms.
type failure struct {
	Type    string
	Message string
	Status  int
}

// Error joins type and message.
func (f failure) Error() string { return f.Type + ": " + f.Message }

// Handler returns the endpoint's handler.
func (a *API) Handler() http.Handler {
	operations := a.operations()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Header.Get("X-Amz-Target")
		if name == "" {
			name = r.Method + " " + r.URL.Path
			if folder, key, ok := a.bucket(r.URL.Path); ok {
				a.serveBucket(w, r, folder, key)
				return
			}
		}
		op, ok := operations[name]
		if !ok {
			a.refuse(w, r, failure{"UnknownOperationException", name + " is not emulated here", http.StatusBadRequest})
			return
		}
		input, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			a.refuse(w, r, failure{"SerializationException", "unreadable", http.StatusBadRequest})
			return
		}
		output, err := op(r.Context(), input)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		body, err := json.Marshal(output)
		if err != nil {
			a.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", contentType(r))
		_, _ = w.Write(body) // The caller may be gone.
	})
}

func contentType(r *http.Request) string {
	if t := r.Header.Get("Content-Type"); t != "" {
		return t
	}
	return "application/json"
}

func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var f failure
	if !errors.As(err, &f) {
		f = failure{"InternalFailure", err.Error(), http.StatusInternalServerError}
		if fault.KindOf(err) == fault.NotFound {
			f.Type, f.Status = "ResourceNotFoundException", http.StatusBadRequest
			if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.") {
				f.Type = "com.amazonaws.sqs#QueueDoesNotExist"
			}
		}
	}
	a.Log.WarnContext(r.Context(), "aws.refused", slog.String("error", f.Error()))
	body, err := json.Marshal(map[string]string{"__type": f.Type, "message": f.Message})
	if err != nil {
		body = []byte(`{"__type":"InternalFailure"}`)
	}
	w.Header().Set("Content-Type", contentType(r))
	w.Header().Set("X-Amzn-ErrorType", f.Type)
	w.WriteHeader(f.Status)
	_, _ = w.Write(body) // The caller may be gone.
}
