// Command login is the function that signs people in at the company's identity
// provider and out again, keeps a form that somebody sent after their session
// had ended, and lists who is signed in. What anybody may do is for authorize.
package main

import (
	"embed"
	"log/slog"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/handoff-oss/handoff/shared/awsenv"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/idp"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/session"
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
	env, err := awsenv.Load(os.Getenv, "TABLE", "ACCESS_SECRET", "SESSIONS_SECRET")
	if err != nil {
		return err
	}
	secrets := secretsmanager.NewFromConfig(env.AWS())
	tb := table.New(dynamodb.NewFromConfig(env.AWS()), env.Get("TABLE"))
	h := &handler{
		table: tb, policy: policy.NewLoader(tb.Policy, decode), provider: idp.New(http.DefaultTransport, clock.System),
		access: secret.As[idp.Settings](secret.New(secrets, env.Get("ACCESS_SECRET"))), keys: secret.As[session.Secret](secret.New(secrets, env.Get("SESSIONS_SECRET"))),
		publicURL: env.Get("PUBLIC_URL"), jar: session.JarOf(env.Get("PUBLIC_URL")), log: log,
	}
	pages, err := web.Pages(templates, "*.html")
	if err != nil {
		return err
	}
	h.site = &web.Site{Routes: h.routes(), Pages: pages, Clock: clock.Lambda, Log: log}
	lambda.Start(h.site.Handle)
	return nil
}

func decode(_ policy.Version, text []byte) (*policy.Policy, error) { return policy.Decode(text) }
