// Command sla is swept by a schedule every minute: it warns of deadlines that
// come near, breaches those that passed and escalates what nobody answered.
package main

import (
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/table"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	t := table.New(dynamodb.NewFromConfig(env.AWS()), env.Get("TABLE"))
	loader := rules.NewLoader(t.Policy)
	h := handler{store: t, decide: decision.New(t, loader), policy: loader, now: clock.Lambda, log: log}
	lambda.Start(h.handle)
}
