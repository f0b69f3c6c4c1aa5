// Command fetch reads from providers' APIs what their webhooks only name: the
// leads of Meta and LinkedIn, the contacts of HubSpot.
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
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/remote"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE", "FETCH_SECRET", "FETCH_QUEUE_URL", "FETCH_DEAD_LETTERS_URL")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	cfg := env.AWS()
	tab := table.New(dynamodb.NewFromConfig(cfg), env.Get("TABLE"))
	h := handler{
		client: fetch.Client{HTTP: remote.NewClient(fetch.Timeout)},
		access: secret.New(secretsmanager.NewFromConfig(cfg), env.Get("FETCH_SECRET")),
		source: policy.NewSourcesLoader(tab.Policy).Source,
		put:    tab.PutSignal,
		seen:   health.New(tab.AddSourceHour).Record,
		queue: queue.Worked{
			Client: sqs.NewFromConfig(cfg),
			URL:    env.Get("FETCH_QUEUE_URL"), DeadLetters: env.Get("FETCH_DEAD_LETTERS_URL"), Most: queue.FetchReceives,
		},
		now: clock.Lambda, log: log,
	}
	lambda.Start(h.handle)
}
