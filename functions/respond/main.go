// Command respond is the function behind the links in messages to reps. A link
// shows a page that asks; a POST to the same address accepts, rejects or
// reports first contact, once, as a signal through the inbox.
package main

import (
	"context"
	"embed"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

// templates are the bodies of the pages.
//
//go:embed *.html
var templates embed.FS

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE", "LINKS_SECRET", "PARK_QUEUE_URL")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	pages, err := page.Parse(templates, "*.html")
	if err != nil {
		log.Error("templates.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	cfg := env.AWS()
	links := secret.New(secretsmanager.NewFromConfig(cfg), env.Get("LINKS_SECRET"))
	h := handler{
		desk: desk{
			table: table.New(dynamodb.NewFromConfig(cfg), env.Get("TABLE")),
			park:  queue.New(sqs.NewFromConfig(cfg), env.Get("PARK_QUEUE_URL")).Send,
			keys: func(ctx context.Context, now time.Time) ([]string, error) {
				var s link.Secret
				err := links.JSON(ctx, now, &s)
				return s.Keys, err
			},
		},
		pages: pages, clock: clock.Lambda, log: log,
	}
	lambda.Start(h.handle)
}
