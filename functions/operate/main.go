// Command operate is the function behind the operator's pages: what waits,
// what failed and why, what was told to whom, and what the stack runs. It
// sends back and discards what other functions had to give up.
package main

import (
	"embed"
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/bus"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

// templates are the bodies of the pages.
//
//go:embed *.html
var templates embed.FS

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	if err := run(log); err != nil {
		log.Error("function.start_failed", slog.String("error", err.Error()))
		os.Exit(1)
	}
}

func run(log *slog.Logger) error {
	env, err := awsenv.Load(os.Getenv, "TABLE", "BUS", "STREAM_DEAD_LETTERS", "PARK_QUEUE_URL", "PARK_DEAD_LETTERS_URL",
		"RETRY_QUEUE_URL", "RETRY_DEAD_LETTERS_URL", "NOTIFY_QUEUE_URL", "NOTIFY_DEAD_LETTERS_URL", "FETCH_QUEUE_URL",
		"FETCH_DEAD_LETTERS_URL", "RULE_DEAD_LETTERS_URL", "SCHEDULE_DEAD_LETTERS_URL")
	if err != nil {
		return err
	}
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		return err
	}
	cfg := env.AWS()
	build, _ := debug.ReadBuildInfo()
	h := newHandler(clients{
		table: table.New(dynamodb.NewFromConfig(cfg), env.Get("TABLE")), queues: sqs.NewFromConfig(cfg),
		bus: bus.New(eventbridge.NewFromConfig(cfg), env.Get("BUS")), config: cfg, log: log,
	}, env.Get, build)
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Lambda, Log: log}
	lambda.Start(h.site.Handle)
	return nil
}
