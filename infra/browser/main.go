// Command browser looks at the pages of a local stack as people do: it starts
// a stack with data of its own, drives Chromium through the first minutes, the
// lists and the answers to a handoff, and holds every page to the same rules:
// nothing in the console, nothing wider than a telephone, small, usable
// without scripts. It leaves screenshots to look at. It knows what the pages
// show and nothing of how the stack works inside.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/stack"
)

// patience bounds a whole run.
const patience = 10 * time.Minute

func main() {
	chromium := flag.String("chromium", "", "the browser (default: chromium or Chrome on the PATH)")
	out := flag.String("out", "", "folder for screenshots (default: .cache/pages)")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "Usage: make test-pages, or: go run ./infra/browser [-chromium FILE] [-out FOLDER]")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := run(ctx, *chromium, *out); err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, chromium, out string) (err error) {
	if chromium, err = find(chromium); err != nil {
		return err
	}
	root, err := cfn.Root(".")
	if err != nil {
		return err
	}
	if out == "" {
		out = filepath.Join(root, ".cache", "pages")
	}
	if err := errors.Join(os.RemoveAll(out), os.MkdirAll(out, 0o750)); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "handoff-pages-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	browser, quit, err := launch(ctx, chromium)
	if err != nil {
		return err
	}
	defer quit()
	starting, err := begin(ctx, dir, filepath.Join(out, "stack.log"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, starting.stop()) }()
	v := &visitor{Stack: starting.stack, from: starting, report: report{out: os.Stdout}, browser: browser, root: root, shots: out, bytes: map[string]int{}}
	v.all()
	fmt.Printf("\n%d passed, %d failed; screenshots in %s\n", v.passed, v.failed, out)
	if v.failed > 0 {
		return errors.New("not every page is as it should be")
	}
	return nil
}

// find returns the browser to use.
func find(named string) (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"}
	if named != "" {
		names = []string{named}
	}
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path, nil
		}
	}
	return "", errors.New("chromium is missing: apt-get install -y chromium")
}

// starting is a stack on its way up, so that a browser can watch it start.
type starting struct {
	stack *stack.Stack
	up    chan error
	own   *stack.Process // set once up has said nil
	log   *os.File
	halt  context.CancelFunc
	end   sync.Once
}

// begin starts a stack with data of its own and does not wait for it.
func begin(ctx context.Context, dir, logFile string) (*starting, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(logFile) //nolint:gosec // The user names the folder.
	if err != nil {
		return nil, err
	}
	ctx, halt := context.WithCancel(ctx)
	s := &starting{stack: stack.At(fmt.Sprintf("http://127.0.0.1:%d", port)), up: make(chan error, 1), log: log, halt: halt}
	go func() {
		var err error
		s.own, err = stack.Start(ctx, stack.Options{Port: port, Data: filepath.Join(dir, "data"), Output: log})
		s.up <- err
	}()
	return s, nil
}

// wait returns when the stack is up.
func (s *starting) wait() error {
	err := <-s.up
	s.up <- err
	if err != nil {
		return fmt.Errorf("%w (%s says why)", err, s.log.Name())
	}
	return nil
}

// stop ends the stack, once.
func (s *starting) stop() (err error) {
	s.end.Do(func() {
		if err = s.wait(); err == nil {
			err = s.own.Stop()
		}
		s.halt()
		err = errors.Join(err, s.log.Close())
	})
	return err
}

func freePort(ctx context.Context) (int, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	address, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no TCP address")
	}
	return address.Port, nil
}
