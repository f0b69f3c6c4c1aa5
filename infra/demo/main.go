// Command demo plays a story on the local stack, with a port and data of its
// own, and tells it as it goes: webhooks in the shapes of their providers and
// signed like theirs become two leads. One is answered in time, the other is
// left waiting until the manager hears of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/stack"
)

func main() {
	port := flag.Int("port", 3900, "the port of the demo's own stack")
	keep := flag.Bool("keep", false, "leave the stack running at the end, until Ctrl-C")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "Usage: make demo, or: go run ./infra/demo [-port N] [-keep]")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *port, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, port int, keep bool) (err error) {
	root, err := cfn.Root(".")
	if err != nil {
		return err
	}
	dir := filepath.Join(root, ".demo")
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return err
	}
	secrets, keys, err := stack.NewKeys(dir)
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(dir, "stack.log")) //nolint:gosec // the project's own folder
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	fmt.Printf("Starting a stack of its own on port %d; what it says goes to .demo/stack.log …\n", port)
	p, err := stack.Start(ctx, stack.Options{Port: port, Data: filepath.Join(dir, "data"), Secrets: secrets, Output: log})
	if err != nil {
		return fmt.Errorf("%w (is the port free? -port N takes another; see .demo/stack.log)", err)
	}
	defer func() { err = errors.Join(err, p.Stop()) }()
	s := &story{Stack: p.Stack, keys: keys, out: os.Stdout}
	if err := s.tell(ctx); err != nil {
		return err
	}
	if keep {
		s.say("\nThe stack stays up at %s until Ctrl-C.", p.URL)
		<-ctx.Done()
		return nil
	}
	s.say("\nThat was the demo. make run starts a stack to play with at http://127.0.0.1:3000.")
	return nil
}

// indent puts a margin before every line.
func indent(text string) string {
	return "    │ " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    │ ")
}
