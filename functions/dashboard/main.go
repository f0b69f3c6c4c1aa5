// Command dashboard is the function behind the pages and the JSON that people
// and programs read: leads, why they stand where they stand, and what happened.
// It changes nothing but the views of leads that people save.
package main

import (
	"embed"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/view"
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
	env, err := awsenv.Load(os.Getenv, "TABLE")
	if err != nil {
		return err
	}
	pages, err := readPages()
	if err != nil {
		return err
	}
	h := newHandler(table.New(dynamodb.NewFromConfig(env.AWS()), env.Get("TABLE")), log)
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Lambda, Log: log}
	lambda.Start(h.site.Handle)
	return nil
}

// readPages reads the bodies of the pages, and what pages about leads are made of.
func readPages() (*page.Set, error) {
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		return nil, err
	}
	return pages, pages.Add(view.Templates(), "*.html")
}
