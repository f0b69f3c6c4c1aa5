// Command notify tells people and systems what happened: the bus brings the
// events, the policy says who is told of which and on what channel. Each event
// has one effect on each channel, however often it is delivered here.
package main

import (
	"log/slog"
	"os"
	_ "time/tzdata" // times are written in the team's zone, which the runtime's image may not know

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE", "PUBLIC_URL", "LINKS_SECRET", "CHANNELS_SECRET", "NOTIFY_QUEUE_URL", "NOTIFY_DEAD_LETTERS_URL")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	cfg := env.AWS()
	secrets := secretsmanager.NewFromConfig(cfg)
	t := table.New(dynamodb.NewFromConfig(cfg), env.Get("TABLE"))
	h := handler{
		table: t, policy: policy.NewLoader(t.Policy, decode),
		links: secret.New(secrets, env.Get("LINKS_SECRET")), channels: secret.New(secrets, env.Get("CHANNELS_SECRET")),
		publicURL: env.Get("PUBLIC_URL"), mailFrom: env.Get("MAIL_FROM"),
		http: outbound.NewHTTPClient(),
		mail: sesv2.NewFromConfig(cfg, func(o *sesv2.Options) { o.Retryer = aws.NopRetryer{} }),
		queue: queue.Worked{
			Client: sqs.NewFromConfig(cfg),
			URL:    env.Get("NOTIFY_QUEUE_URL"), DeadLetters: env.Get("NOTIFY_DEAD_LETTERS_URL"), Most: queue.NotifyReceives,
		},
		now: clock.Lambda, log: log,
	}
	lambda.Start(h.handle)
}
