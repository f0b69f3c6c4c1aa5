// Command trial deploys the unchanged template by sam build and sam deploy to
// an AWS emulator that is not ours, posts one signed request to the API there,
// and follows it: to the messages, through an answer by the link in one of
// them, to the lead as the API shows it to somebody with a token, and as a page
// shows it to somebody who has signed in. It is a second opinion on the template, on what the functions expect of AWS, and on
// how they are wired. It needs no account and sends nothing off this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/deploy/samcli"
	"github.com/handoff-oss/handoff/shared/fault"
)

// patience is how long the whole trial may take.
const patience = 15 * time.Minute

func main() {
	sam := flag.String("sam", "sam", "the SAM CLI")
	python := flag.String("python", "python3", "a Python that has ministack")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("out of patience"))
	err := run(ctx, *sam, *python)
	cancel()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "trial:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, sam, python string) error {
	root, err := cfn.Root(".")
	if err != nil {
		return err
	}
	work := filepath.Join(root, ".cache", "trial")
	if err := os.MkdirAll(work, 0o750); err != nil {
		return fault.Wrap(fault.Internal, "make a folder", err)
	}
	step := steps(time.Now())
	aws, err := startEmulator(ctx, python, root, work)
	if err != nil {
		return err
	}
	defer aws.stop()
	step("the emulator runs")
	if err := trial(ctx, aws, samcli.CLI{Program: sam, Root: root}, work, step); err != nil {
		return fmt.Errorf("%w\nthe emulator's log is %s", err, aws.logFile)
	}
	return nil
}

// steps prints what has been done and how long it took.
func steps(last time.Time) func(string, ...any) {
	return func(format string, args ...any) {
		now := time.Now()
		fmt.Printf("%7.1f s  %s\n", now.Sub(last).Seconds(), fmt.Sprintf(format, args...))
		last = now
	}
}

func trial(ctx context.Context, aws *emulator, sam samcli.CLI, work string, step func(string, ...any)) error {
	people, err := makePeople(ctx)
	if err != nil {
		return err
	}
	defer people.close()
	if err := aws.verifySender(ctx, mailFrom); err != nil {
		return err
	}
	built, err := sam.Build(ctx, filepath.Join(work, "build"))
	if err != nil {
		return err
	}
	step("sam build has built the functions")
	stack, err := deploy(ctx, sam, built, aws, people)
	if err != nil {
		return err
	}
	step("sam deploy has deployed %d resources", len(stack.resources))
	if err := stack.openRoutes(ctx); err != nil {
		return err
	}
	inbox, err := openInbox(ctx)
	if err != nil {
		return err
	}
	defer inbox.close()
	if err := stack.fillSecrets(ctx, inbox); err != nil {
		return err
	}
	step("routes and secrets are in place")
	if err := (story{stack: stack, inbox: inbox, people: people, step: step}).play(ctx); err != nil {
		return fmt.Errorf("%w\n%s", err, stack.logs(ctx))
	}
	return nil
}
