// Command publish puts what was decided on the bus: the table's stream brings
// the log items, which are the outbox, and every entry becomes one event.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "BUS")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	h := handler{
		bus: bus.New(eventbridge.NewFromConfig(env.AWS()), env.Get("BUS")),
		now: clock.Lambda,
		log: log,
	}
	lambda.Start(h.handle)
}
