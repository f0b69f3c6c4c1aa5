// Command authorize is the function that API Gateway asks, before it lets a
// request through to the pages and the API: who is it, and may they? It
// recognizes a session's cookie and a program's token, and hands the person on
// to the function behind the route. It signs nobody in; login does.
package main

import (
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
)

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
	h := handler{
		table: tb, policy: policy.NewLoader(tb.Policy, decode), provider: idp.New(http.DefaultTransport, clock.System),
		access: secret.As[idp.Settings](secret.New(secrets, env.Get("ACCESS_SECRET"))), keys: secret.As[session.Secret](secret.New(secrets, env.Get("SESSIONS_SECRET"))),
		jar: session.JarOf(env.Get("PUBLIC_URL")), clock: clock.Lambda, log: log,
	}
	lambda.Start(h.handle)
	return nil
}

func decode(_ policy.Version, text []byte) (*policy.Policy, error) { return policy.Decode(text) }
