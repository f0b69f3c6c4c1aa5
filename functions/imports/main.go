// Command imports is the function behind the pages and the JSON about imports of
// contacts: it shows what a file holds before anything is stored, takes the file
// in parts, and puts its rows into the inbox as quiet signals. It keeps no file
// and decides about no lead.
package main

import (
	"embed"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

// templates are the bodies of the pages.
//
//go:embed *.html
var templates embed.FS

// script sends a file part by part.
//
//go:embed imports.js
var script string

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
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		return err
	}
	t := table.New(dynamodb.NewFromConfig(env.AWS()), env.Get("TABLE"))
	h := &handler{table: t, policy: rules.NewLoader(t.Policy)}
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Lambda, Log: log}
	lambda.Start(h.site.Handle)
	return nil
}
