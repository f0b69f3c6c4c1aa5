// Command decide folds new signals into leads and decides what follows. The
// table's stream brings the signals; the retry queue brings those again whose
// lead could not be decided about.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/table"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE", "RETRY_QUEUE_URL", "RETRY_DEAD_LETTERS_URL")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	t := table.New(dynamodb.NewFromConfig(env.AWS()), env.Get("TABLE"))
	queues := sqs.NewFromConfig(env.AWS())
	h := handler{
		signals: t,
		decide:  decision.New(t, rules.NewLoader(t.Policy)),
		retry:   queue.New(queues, env.Get("RETRY_QUEUE_URL")),
		retries: queue.Worked{
			Client: queues, URL: env.Get("RETRY_QUEUE_URL"), DeadLetters: env.Get("RETRY_DEAD_LETTERS_URL"), Most: queue.RetryReceives,
		},
		now: clock.Lambda,
		log: log,
	}
	lambda.Start(h.handle)
}
