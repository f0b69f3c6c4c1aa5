// Command desk is the function behind the pages on which people act: a rep on
// their own leads, and whoever is in charge on those of their pools. What they
// say becomes a signal in the inbox of the lead; desk decides nothing itself.
package main

import (
	"context"
	"embed"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// templates are the bodies of the pages.
//
//go:embed *.html
var templates embed.FS

// keys is the script of the keyboard on the page of a rep's leads.
//
//go:embed keys.js
var keys string

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	if err := run(log); err != nil {
		log.Error("function.start_failed", slog.String("error", err.Error()))
		os.Exit(1)
	}
}

func run(log *slog.Logger) error {
	env, err := awsenv.Load(os.Getenv, "TABLE")
	if err != nil {
		return err
	}
	pages, err := readPages()
	if err != nil {
		return err
	}
	h := newHandler(table.New(dynamodb.NewFromConfig(env.AWS()), env.Get("TABLE")))
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Lambda, Log: log}
	lambda.Start(h.site.Handle)
	return nil
}

// newHandler makes the handler of a table, without its site.
func newHandler(t *table.Table) *handler {
	book := answer.Current(policy.NewLoader(t.Policy, answer.NewBook).Current, t.Roster)
	compiled := rules.NewLoader(t.Policy)
	return &handler{
		table: t, book: book, policy: compiled, decide: decision.New(t, compiled),
		// Whoever is signed in waits for the table: there is nowhere else to keep an answer.
		desk: answer.Desk{Table: t, Park: nowhere, Policy: book, Limits: answer.Patient()},
	}
}

func nowhere(context.Context, ...string) error {
	return fault.New(fault.Unavailable, "the answer could not be stored")
}

// readPages reads the bodies of the pages, and what they share with others.
func readPages() (*page.Set, error) {
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		return nil, err
	}
	if err := pages.Add(answer.Templates(), "*.html"); err != nil {
		return nil, err
	}
	return pages, pages.Add(view.Templates(), "*.html")
}
