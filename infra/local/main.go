// Command local runs the whole of template.yaml on this machine: functions as
// processes behind the Lambda Runtime API, the table in DynamoDB Local, queues,
// bus, schedules, the HTTP API, and an outbox in place of the world outside.
// What it keeps stands under one folder, so that a second start goes on where
// the first ended.
//
// The environment may name PORT (3000), SECRETS (a file with the sources'
// secrets), POLICY (a policy file), FETCH (a file with the access to providers'
// APIs, by source or provider; without it none is called), PUBLIC_URL (the
// address that senders use, when a tunnel leads here) and
// AWS_ENDPOINT_URL_DYNAMODB (a DynamoDB to use in place of the own one).
//
// What differs from AWS, on purpose: a message that failed comes back after
// seconds and not after the visibility timeout; a stream is worked off by one
// call at a time, whatever the template's parallelization factor, and a queue
// too; batching windows are not waited for; roles, throttles, reserved
// concurrency, encryption, alarms and TTL by virtual time are not there. The
// identity provider asks nobody for a password, and programs of this machine
// are the operator (see front.FromHere), so it listens on the loopback address
// alone.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/handoff-oss/handoff/infra/cfn"
)

// settings are what the environment and the command line say.
type settings struct {
	root      string // of the project
	data      string // folder of everything that is kept
	cache     string // folder of what is fetched
	functions string // folder of binaries that are there already; "" builds them
	port      string
	publicURL string
	secrets   string
	apis      string
	policy    string
	dynamodb  string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		// A second Ctrl-C ends the host at once, and the system its children.
		<-ctx.Done()
		stop()
	}()
	if err := start(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "\nhandoff:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context) error {
	s := settings{
		port: or(os.Getenv("PORT"), "3000"), publicURL: os.Getenv("PUBLIC_URL"), secrets: os.Getenv("SECRETS"),
		apis: os.Getenv("FETCH"), policy: os.Getenv("POLICY"), dynamodb: os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"),
	}
	root, err := cfn.Root(".")
	if err != nil {
		return err
	}
	s.root, s.cache = root, filepath.Join(root, ".cache")
	flag.StringVar(&s.data, "data", filepath.Join(root, ".data"), "folder of everything that is kept")
	flag.StringVar(&s.functions, "functions", "", "folder of function binaries that are built already")
	flag.Parse()
	if s.publicURL == "" {
		s.publicURL = "http://127.0.0.1:" + s.port
	}
	h, err := newHost(ctx, s, os.Stdout)
	if err != nil {
		return err
	}
	return h.run(ctx)
}

func or(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}
