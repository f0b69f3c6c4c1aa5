package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/lambda"
	"github.com/handoff-oss/handoff/infra/local/stream"
)

// scheduledCall calls a function as EventBridge Scheduler does: asynchronously
// in AWS, so a failure is tried again and then sent to the function's
// destination.
type scheduledCall struct {
	function cfn.Function
	schedule cfn.Schedule
	pool     stream.Invoker
	send     func(arn, body string) error
	log      *slog.Logger
}

func (c scheduledCall) make(ctx context.Context, at time.Time) {
	payload := c.payload(at)
	var failed *lambda.FunctionError
	for range c.function.Async.Retries + 1 {
		result, err := c.pool.Invoke(context.WithoutCancel(ctx), payload)
		if err == nil && result.Err == nil {
			return
		}
		failed = result.Err
		if ctx.Err() != nil {
			return
		}
	}
	c.log.WarnContext(ctx, "schedule.failed", slog.String("function", c.function.Folder), slog.Any("error", failed))
	destination := c.function.Async.OnFailure
	if destination == "" {
		return
	}
	record, err := json.Marshal(map[string]any{
		"version": "1.0", "timestamp": at,
		"requestContext":  map[string]any{"functionArn": c.function.ARN, "condition": "RetriesExhausted", "approximateInvokeCount": c.function.Async.Retries + 1},
		"requestPayload":  json.RawMessage(payload),
		"responseContext": map[string]any{"statusCode": 200, "functionError": "Unhandled"},
		"responsePayload": failed,
	})
	if err == nil {
		err = c.send(destination, string(record))
	}
	logged(ctx, c.log, "send to "+destination, err)
}

// payload is the template's input, with the placeholders that Scheduler knows,
// else its own event.
func (c scheduledCall) payload(at time.Time) []byte {
	arn := "arn:aws:scheduler:us-east-1:000000000000:schedule/default/" + c.function.ID + c.schedule.Event
	when := at.UTC().Format(time.RFC3339)
	if c.schedule.Input != "" {
		return []byte(strings.NewReplacer("<aws.scheduler.scheduled-time>", when, "<aws.scheduler.schedule-arn>", arn).Replace(c.schedule.Input))
	}
	b, err := json.Marshal(map[string]any{
		"version": "0", "id": c.function.ID + "-" + when, "detail-type": "Scheduled Event", "source": "aws.scheduler",
		"account": "000000000000", "time": when, "region": "us-east-1", "resources": []string{arn}, "detail": "{}",
	})
	if err != nil {
		return []byte("{}")
	}
	return b
}
