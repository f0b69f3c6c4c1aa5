package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/infra/local/welcome"
)

// steps are what is done while the stack starts, for the page at /, the health
// page and the terminal.
type steps struct {
	out io.Writer

	mu   sync.Mutex
	list []welcome.Step
}

// newSteps takes the steps in order, with what there is to say while they wait
// or run.
func newSteps(out io.Writer, list ...welcome.Step) *steps {
	for i := range list {
		list[i].State = "waiting"
	}
	return &steps{out: out, list: list}
}

// snapshot returns the steps as they stand.
func (s *steps) snapshot() []welcome.Step {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]welcome.Step(nil), s.list...)
}

// do runs one step and says how it went.
func (s *steps) do(ctx context.Context, name string, f func(context.Context) error) error {
	s.set(name, "running", s.detail(name))
	began := time.Now()
	if err := f(ctx); err != nil {
		s.set(name, "failed", err.Error())
		return err
	}
	s.set(name, "done", "")
	if ctx.Err() == nil {
		s.say("  %-26s %5.1f s", name, time.Since(began).Seconds())
	}
	return nil
}

func (s *steps) detail(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, step := range s.list {
		if step.Name == name {
			return step.Detail
		}
	}
	return ""
}

func (s *steps) set(name, state, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.list {
		if s.list[i].Name == name {
			s.list[i].State, s.list[i].Detail = state, detail
		}
	}
}

func (s *steps) say(format string, args ...any) {
	fmt.Fprintf(s.out, format+"\n", args...) //nolint:errcheck // A terminal that is gone hears nothing.
}
