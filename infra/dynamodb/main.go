// Command dynamodb fetches DynamoDB Local and runs it.
//
//	go run ./infra/dynamodb fetch                 fetch it into .cache/dynamodb
//	go run ./infra/dynamodb run [-port N] [-db D] run it until Ctrl-C
//	go run ./infra/dynamodb exec -- CMD ARG…      run CMD with one in memory, and
//	                                              AWS_ENDPOINT_URL_DYNAMODB set
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/dynamodb/engine"
	"github.com/handoff-oss/handoff/shared/fault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stderr)
	stop()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		os.Exit(max(exit.ExitCode(), 1))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dynamodb:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, log io.Writer) error {
	if len(args) == 0 {
		return fault.New(fault.Invalid, "say fetch, run or exec -- command")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(log)
	port := flags.Int("port", 8000, "port to listen on")
	db := flags.String("db", "", "folder of the data; in memory without it")
	if err := flags.Parse(args[1:]); err != nil {
		return fault.Wrap(fault.Invalid, "read the flags", err)
	}
	root, err := cfn.Root(".")
	if err != nil {
		return err
	}
	program, err := engine.Install(ctx, filepath.Join(root, ".cache", "dynamodb"), log)
	if err != nil || args[0] == "fetch" {
		return err
	}
	switch args[0] {
	case "run":
		return serve(ctx, program, engine.Options{Port: *port, DBPath: *db, Log: log}, log)
	case "exec":
		return execute(ctx, program, flags.Args())
	}
	return fault.New(fault.Invalid, "%s is not known: say fetch, run or exec -- command", args[0])
}

func serve(ctx context.Context, program engine.Program, o engine.Options, log io.Writer) error {
	server, err := program.Start(ctx, o)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(log, "DynamoDB Local answers at", server.URL())
	<-ctx.Done()
	server.Close()
	return err
}

// execute runs a command against an engine of its own and passes on its exit
// code.
func execute(ctx context.Context, program engine.Program, command []string) error {
	if len(command) == 0 {
		return fault.New(fault.Invalid, "exec: a command is missing")
	}
	server, err := program.Start(context.WithoutCancel(ctx), engine.Options{})
	if err != nil {
		return err
	}
	defer server.Close()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // Running what was asked for is the purpose.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL_DYNAMODB="+server.URL(), "AWS_REGION="+engine.Region,
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
	return cmd.Run()
}
