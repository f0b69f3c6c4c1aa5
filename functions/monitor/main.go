// Command monitor looks at every source of webhooks, every five minutes: it
// tells when one falls silent, fails or loses fields, and when that is over.
package main

import (
	"log/slog"
	"os"
	_ "time/tzdata" // a source's week is the team's, whose zone the runtime's image may not know

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/table"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE", "BUS")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	t := table.New(dynamodb.NewFromConfig(env.AWS()), env.Get("TABLE"))
	h := handler{
		table: t, policy: policy.NewLoader(t.Policy, read),
		bus: bus.New(eventbridge.NewFromConfig(env.AWS()), env.Get("BUS")),
		now: clock.Lambda, log: log,
	}
	lambda.Start(h.handle)
}
