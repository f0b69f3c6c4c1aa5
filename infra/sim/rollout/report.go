package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// report writes what came of all chapters. Kind: Internal, when more phases were
// decided in error than allowed.
func report(w io.Writer, all []chapter) error {
	var text strings.Builder
	var wrong []string
	for _, c := range all {
		fmt.Fprintf(&text, "%s. %s\n", c.title, c.about)
		switch {
		case c.null:
			wrong = append(wrong, c.errors(&text)...)
		case c.spill:
			c.effects(&text)
		default:
			wrong = append(wrong, c.times(&text)...)
		}
		text.WriteString("\n")
	}
	text.WriteString("errors that are more than their gates allow: " + fmt.Sprint(len(wrong)) + "\n")
	for _, line := range wrong {
		text.WriteString("  " + line + "\n")
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fault.New(fault.Internal, "more phases were decided in error than their gates allow; see the report")
	}
	return nil
}

// allowed is the most that the errors of the gates add up to.
func (s *scene) allowed() float64 {
	sum := 0.0
	for _, g := range s.phase.Gates {
		sum += g.Alpha
	}
	return sum
}

// errors writes how often phases were decided though there was nothing to find.
func (c chapter) errors(w io.Writer) (wrong []string) {
	line(w, "%-50s %6s %8s %20s %9s", "", "phases", "errors", "(95 % interval)", "allowed")
	for i := range c.scenes {
		s := &c.scenes[i]
		p := rollout.Proportion{Successes: s.came.rollbacks + s.came.promotions, N: s.came.runs}
		ends := p.Wilson(0.95)
		line(w, "%-50s %6d %6.2f %% %8.2f to %5.2f %% %7.0f %%", s.name, p.N, 100*p.Share(), 100*ends.Low, 100*ends.High, 100*s.allowed())
		if !s.same && ends.Low > s.allowed() {
			wrong = append(wrong, fmt.Sprintf("%s: %.2f %%", s.name, 100*p.Share()))
		}
	}
	return wrong
}

// times writes when phases were decided.
func (c chapter) times(w io.Writer) (wrong []string) {
	line(w, "%-50s %6s %8s %9s %9s %9s", "", "phases", "decided", "median", "8 in 10", "forecast")
	for i := range c.scenes {
		s := &c.scenes[i]
		line(w, "%-50s %6d %6.1f %% %9s %9s %9s", s.name, s.came.runs, 100*s.came.share(math.Inf(1)),
			inDays(s.came.day(0.5)), inDays(s.came.day(0.8)), inDays(s.forecast()))
		against := s.came.promotions
		if s.phase.Gates[0].Role == rollout.Criterion {
			against = s.came.rollbacks
		}
		if against > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d the wrong way around", s.name, against))
		}
	}
	return wrong
}

// effects writes what drawing leads, or accounts, shows of an effect.
func (c chapter) effects(w io.Writer) {
	line(w, "%-50s %6s %9s %9s %9s %13s", "", "phases", "promoted", "median", "8 in 10", "effect seen")
	for i := range c.scenes {
		s := &c.scenes[i]
		line(w, "%-50s %6d %7.1f %% %9s %9s %+6.1f points", s.name, s.came.runs, 100*s.came.share(math.Inf(1)),
			inDays(s.came.day(0.5)), inDays(s.came.day(0.8)), 100*s.came.effect)
	}
	line(w, "An account has had a meeting when any of its leads has; so its effect is not that of a lead.")
}

func line(w io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }

func inDays(d float64) string {
	if math.IsInf(d, 1) {
		return "never"
	}
	return fmt.Sprintf("%.0f d", d)
}
