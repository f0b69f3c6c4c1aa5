// Command retention is run by a schedule every day: it erases the leads that were
// kept as long as the policy lets them be, and ends erasures that something has
// interrupted.
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
	h := handler{table: t, maker: decision.New(t, rules.NewLoader(t.Policy)), most: mostErased, now: clock.Lambda, log: log}
	lambda.Start(h.handle)
}
