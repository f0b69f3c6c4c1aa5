// Command store puts signals that were parked on the queue, while the table
// was away or because a batch was large, into the inbox.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fetch"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/table"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE", "FETCH_QUEUE_URL", "PARK_QUEUE_URL", "PARK_DEAD_LETTERS_URL")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	cfg := env.AWS()
	tab := table.New(dynamodb.NewFromConfig(cfg), env.Get("TABLE"))
	queues := sqs.NewFromConfig(cfg)
	ask := queue.New(queues, env.Get("FETCH_QUEUE_URL")).Send
	parked := queue.Worked{
		Client: queues, URL: env.Get("PARK_QUEUE_URL"), DeadLetters: env.Get("PARK_DEAD_LETTERS_URL"), Most: queue.ParkReceives,
	}
	lambda.Start(handler{
		put: fetch.Before(ask, inbox.Keeping(policy.NewSourcesLoader(tab.Policy).SignalsDays, tab.PutSignalUntil)), putFor: tab.PutSignalFor, queue: parked, clock: clock.Lambda, log: log,
	}.handle)
}
