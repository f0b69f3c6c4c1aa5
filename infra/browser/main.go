// Command browser looks at the pages of a local stack as people do: it starts
// a stack with data of its own, drives Chromium through the first minutes, the
// lists, the answers to a handoff and the days of those who work with it, and
// holds every page to the same rules: nothing in the console, nothing that axe
// finds, nothing wider than a telephone, nothing that moves by itself, small,
// usable without scripts. It leaves screenshots to look at. Before that it
// looks at a gallery of the components that pages are made of, which it serves
// itself. It knows what the pages show and nothing of how the stack works
// inside, but for the queue into which it puts something damaged.
package main

import (
	"cmp"
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

// patience bounds a whole run, which takes about ten minutes on two idle cores.
const patience = 40 * time.Minute

// settings are what the command line says.
type settings struct {
	chromium, out, axe string
	chapters           string // a text that the titles of the chapters have in them; empty for all
	pictures, gallery  bool
}

func main() {
	var set settings
	flag.StringVar(&set.chromium, "chromium", "", "the browser (default: chromium or Chrome on the PATH)")
	flag.StringVar(&set.out, "out", "", "folder for screenshots (default: .cache/pages)")
	flag.StringVar(&set.axe, "axe", "", "the file axe.min.js (default: where make test-pages puts it)")
	flag.BoolVar(&set.pictures, "pictures", false, "take the pictures, and hold no page to the rules")
	flag.BoolVar(&set.gallery, "gallery", false, "look at the components alone, without a stack")
	flag.StringVar(&set.chapters, "chapters", "", "after the start only the chapters with this text in their title, without the components")
	serve := flag.String("serve", "", "only serve the components, at this address")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "Usage: make test-pages, screenshots or gallery; or: go run ./infra/browser [flags]")
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	do := func() error { return set.run(ctx) }
	if *serve != "" {
		do = func() error { return serveGallery(ctx, *serve) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "browser:", err)
		os.Exit(1)
	}
}

// run makes the visit and reports.
func (s settings) run(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if s.chromium, err = find(s.chromium); err != nil {
		return err
	}
	root, err := cfn.Root(".")
	if err != nil {
		return err
	}
	v := &visitor{report: report{out: os.Stdout}, root: root, only: s.pictures, chapters: s.chapters, shots: cmp.Or(s.out, filepath.Join(root, ".cache", "pages"))}
	if !s.pictures {
		if v.axe, err = readAxe(cmp.Or(s.axe, filepath.Join(root, ".cache", "axe", "node_modules", "axe-core", "axe.min.js"))); err != nil {
			return err
		}
	}
	if err := errors.Join(os.RemoveAll(v.shots), os.MkdirAll(v.shots, 0o750)); err != nil {
		return err
	}
	browser, quit, err := launch(ctx, s.chromium)
	if err != nil {
		return err
	}
	defer quit()
	v.browser = browser
	if err := v.visit(ctx, s.gallery); err != nil {
		return err
	}
	fmt.Printf("\n%d passed, %d failed; screenshots in %s\n", v.passed, v.failed, filepath.Join(v.shots, "index.html"))
	return errors.Join(v.pages.write(v.shots), unless(v.failed == 0, "not every page is as it should be"))
}

// visit looks at the components, and unless they are all that is wanted starts
// a stack with data of its own and looks at its pages.
func (v *visitor) visit(ctx context.Context, componentsOnly bool) (err error) {
	if v.chapters == "" || componentsOnly {
		if err := v.components(ctx); err != nil || componentsOnly {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "handoff-pages-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if v.from, err = begin(ctx, dir, filepath.Join(v.shots, "stack.log")); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, v.from.stop()) }()
	v.Stack = v.from.stack
	v.all()
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
