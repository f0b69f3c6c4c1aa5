package steering

import (
	"fmt"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/rollout"
)

// Markdown writes the journal as a page of Markdown.
func (j Journal) Markdown() string {
	var b strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	w("# Journal of the rollout\n\nAs of %s.\n", moment(j.At))
	if len(j.Chapters) == 0 {
		w("\nThe process applies to every lead, and nothing was ever done to the rollout.\n")
	}
	for _, c := range j.Chapters {
		c.write(w)
	}
	return b.String()
}

type printf func(format string, args ...any)

func (c Chapter) write(w printf) {
	w("\n## %d. %s\n\n", c.Round, line(c.Phase))
	w("Mode %s, for %s of the units. %s\n", c.Mode, percent(c.Share), c.duration())
	c.numbers(w)
	w("\n### What was done\n\n")
	if len(c.Acts) == 0 {
		w("Nothing yet.\n")
	}
	for _, s := range c.Acts {
		w("- %s, %s: %s. %s\n", moment(s.At), line(s.By), s.Act.Words(), line(s.Why))
	}
	c.verdicts(w)
	w("\n### Policies applied meanwhile\n\n")
	if len(c.Policies) == 0 {
		w("None.\n")
	}
	for _, p := range c.Policies {
		w("- %s: `%s`\n", moment(p.At), p.Version)
	}
	w("\n### Notes\n\n")
	if len(c.Notes) == 0 {
		w("None.\n")
	}
	for _, n := range c.Notes {
		w("- %s, %s: %s\n", moment(n.At), line(n.By), line(n.Text))
	}
}

// duration says from when to when.
func (c Chapter) duration() string {
	switch {
	case c.Started.IsZero():
		return "Not begun."
	case c.Ended.IsZero():
		return "Since " + moment(c.Started) + "."
	}
	return "From " + moment(c.Started) + " to " + moment(c.Ended) + "."
}

// numbers are the outcomes in both arms.
func (c Chapter) numbers(w printf) {
	w("\n### Numbers\n\n")
	some := false
	for _, s := range c.Stages {
		if s.Treated.N+s.Control.N == 0 {
			continue
		}
		if !some {
			w("| Outcome | In the process | In control |\n| --- | --- | --- |\n")
			some = true
		}
		control := "only the process asks for it"
		if !s.Asked {
			control = s.words(s.Control)
		}
		w("| %s | %s | %s |\n", line(s.Label), s.words(s.Treated), control)
	}
	if !some {
		w("Nothing is old enough to count.\n")
	}
}

// words is one side with its interval of 95 %.
func (s Stage) words(side Side) string {
	switch {
	case side.N == 0:
		return "none yet"
	case s.Measure == rollout.Share || s.In == "share":
		return fmt.Sprintf("%s of %d (%s to %s)", percent(side.Value), side.N, percent(side.Low), percent(side.High))
	}
	return fmt.Sprintf("%.3g %s over %d (%.3g to %.3g)", side.Value, s.In, side.N, side.Low, side.High)
}

// verdicts are those at which the action changed, and the last one in full.
func (c Chapter) verdicts(w printf) {
	w("\n### Verdicts\n\n")
	if c.Last == nil {
		w("None.\n")
		return
	}
	var before rollout.Decision
	for _, r := range c.Verdicts {
		if r.Action != before {
			w("- %s: %s. %s\n", moment(r.At), r.Action, line(strings.Join(r.Why, " ")))
		}
		before = r.Action
	}
	if len(c.Last.Verdict.Findings) == 0 {
		return
	}
	w("\nThe gates at the last verdict, %s:\n\n", moment(c.Last.At))
	for _, f := range c.Last.Verdict.Findings {
		w("- %s, %s\n", f.Role, line(f.Reason))
	}
	for _, missing := range c.Last.Verdict.Missing {
		w("- missing: %s\n", line(missing))
	}
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// line keeps a text that somebody wrote on one line, and its signs from being
// taken for Markdown.
func line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "_", `\_`, "`", "\\`", "<", "&lt;", "[", `\[`, "#", `\#`).Replace(text)
}

func percent(share float64) string {
	return strings.Replace(fmt.Sprintf("%.1f %%", 100*share), ".0 %", " %", 1)
}
