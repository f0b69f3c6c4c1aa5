// Command rollout is run by a schedule every hour: it counts what became of the
// leads of a rollout, rules on the phase in force, carries that out and tells of it.
package main

import (
	"log/slog"
	"os"
	_ "time/tzdata" // phases begin by the team's days, whose zone the runtime's image may not know

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/steering"
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
		desk: steering.New(t), bus: bus.New(eventbridge.NewFromConfig(env.AWS()), env.Get("BUS")),
		now: clock.Lambda, log: log,
	}
	lambda.Start(h.handle)
}
