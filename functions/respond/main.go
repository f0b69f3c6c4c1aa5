// Command respond is the function behind the links and the buttons in messages
// to reps. A link shows a page that asks; a POST to the same address, or a
// button in Slack, answers once: as a signal through the inbox. It knows what
// the policy allows a rep to say, and decides nothing that follows from it.
package main

import (
	"embed"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/remote"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

// templates are the bodies of the pages.
//
//go:embed *.html
var templates embed.FS

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	env, err := awsenv.Load(os.Getenv, "TABLE", "LINKS_SECRET", "CHANNELS_SECRET", "PARK_QUEUE_URL")
	if err != nil {
		log.Error("settings.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	pages, err := readPages()
	if err != nil {
		log.Error("templates.invalid", slog.Any("error", err))
		os.Exit(1)
	}
	cfg := env.AWS()
	secrets := secretsmanager.NewFromConfig(cfg)
	t := table.New(dynamodb.NewFromConfig(cfg), env.Get("TABLE"))
	h := handler{
		desk: desk{
			Desk: answer.Desk{
				Table:  t,
				Park:   queue.New(sqs.NewFromConfig(cfg), env.Get("PARK_QUEUE_URL")).Send,
				Policy: answer.Current(policy.NewLoader(t.Policy, answer.NewBook).Current, t.Roster),
				Limits: answer.Patient(),
			},
			keys: linkKeys(secret.New(secrets, env.Get("LINKS_SECRET"))),
		},
		channels: slackSecrets(secret.New(secrets, env.Get("CHANNELS_SECRET"))),
		http:     remote.NewClient(tellTimeout),
		pages:    pages, clock: clock.Lambda, log: log,
	}
	lambda.Start(h.handle)
}

// readPages reads the bodies of the pages, and what forms of answers are made of.
func readPages() (*page.Set, error) {
	pages, err := page.Parse(templates, "*.html")
	if err != nil {
		return nil, err
	}
	return pages, pages.Add(answer.Templates(), "*.html")
}
