// Command samlocal serves the HTTP API by sam local start-api from the
// unchanged template: each function in a container of the base image that AWS
// runs it in, built for this machine. What containers cannot have here they
// get from a local stack beside them: its table, queues, secrets and channels,
// and the functions that no request calls. With -try it sends one request
// through the API, looks whether the message about it comes, and ends.
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
	"github.com/handoff-oss/handoff/infra/deploy/samcli"
	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/fault"
)

func main() {
	sam := flag.String("sam", "sam", "the SAM CLI")
	once := flag.Bool("try", false, "send one request, look for its message, and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *sam, *once)
	interrupted := ctx.Err() != nil
	stop()
	if err != nil && !interrupted {
		fmt.Fprintln(os.Stderr, "samlocal:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program string, once bool) error {
	root, err := cfn.Root(".")
	if err != nil {
		return err
	}
	work := filepath.Join(root, ".cache", "sam-local")
	if err := os.MkdirAll(work, 0o750); err != nil {
		return fault.Wrap(fault.Internal, "make a folder", err)
	}
	engine, err := findDocker(ctx)
	if err != nil {
		return err
	}
	fmt.Println("building the functions with sam build")
	sam := samcli.CLI{Program: program, Root: root}
	template, err := sam.Build(ctx, filepath.Join(work, "build"))
	if err != nil {
		return err
	}
	keys, senders, err := stack.NewKeys(work)
	if err != nil {
		return fault.Wrap(fault.Internal, "make up the senders' secrets", err)
	}
	if !once {
		keys = os.Getenv("SECRETS")
	}
	fmt.Println("starting the local stack beside it")
	local, err := stack.Start(ctx, stack.Options{Data: filepath.Join(work, "data"), Secrets: keys, Policy: os.Getenv("POLICY")})
	if err != nil {
		return fault.Wrap(fault.Unavailable, "start the local stack", err)
	}
	defer func() { _ = local.Stop() }()
	a, err := newAPI(ctx, engine, sam, local, template, work)
	if err != nil {
		return err
	}
	defer a.close()
	if once {
		return a.try(ctx, senders["typeform"])
	}
	return a.serve(ctx)
}
