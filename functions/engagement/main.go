// Command engagement receives the webhooks of tools that report engagement:
// product and site events, opens and clicks, changes of contacts.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fetch"
	"github.com/handoff-oss/handoff/shared/health"
	"github.com/handoff-oss/handoff/shared/inbox"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE", "PARK_QUEUE_URL", "FETCH_QUEUE_URL", "SOURCES_SECRET")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	cfg := env.AWS()
	queues := sqs.NewFromConfig(cfg)
	tab := table.New(dynamodb.NewFromConfig(cfg), env.Get("TABLE"))
	keys := secret.New(secretsmanager.NewFromConfig(cfg), env.Get("SOURCES_SECRET"))
	sources := policy.NewSourcesLoader(tab.Policy)
	h := handler{
		receiver: &inbox.Receiver{
			Put:    fetch.Before(queue.New(queues, env.Get("FETCH_QUEUE_URL")).Send, inbox.Keeping(sources.SignalsDays, tab.PutSignalUntil)),
			Spend:  tab.SpendNonce,
			Park:   queue.New(queues, env.Get("PARK_QUEUE_URL")).Send,
			Source: sources.Source,
			Keys:   keys.Sources,
			Seen:   health.New(tab.AddSourceHour).Webhook,
		},
		publicURL: env.Get("PUBLIC_URL"),
		clock:     clock.Lambda,
		log:       log,
	}
	lambda.Start(h.handle)
}
