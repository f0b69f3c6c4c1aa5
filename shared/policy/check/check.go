// Package check finds what is wrong with a policy before anybody applies it,
// and says it with file, line and field: first what cannot work (errors), then
// what works but is hardly meant (warnings). It checks the shape against the
// published JSON Schema, then what no schema can say: expressions, references,
// calendars, limits that contradict each other. It knows nothing of storage
// and no time; functions, which read what was checked here, do not link it.
package check

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// Problem is one thing that is wrong or doubtful in a file.
type Problem struct {
	File    string
	Line    int    // from 1
	Path    string // of the field, for example fit.rules[2].when; "" for the file
	Message string // what is wrong, or what to do about it

	field string // of which nothing more is said: Path, or the field that lacks
}

// Error is file:line: path: message, the form that editors understand.
func (p *Problem) Error() string {
	if p.Path == "" {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
	}
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Path, p.Message)
}

// Report is everything that was found in one file.
type Report struct {
	Policy   *policy.Policy // nil when the file could not be decoded
	Errors   []*Problem     // in order of lines; the policy must not be applied
	Warnings []*Problem     // in order of lines; looked for only when there is no error
}

// Err joins the errors, or returns nil. Kind: Invalid.
func (r Report) Err() error {
	errs := make([]error, len(r.Errors))
	for i, p := range r.Errors {
		errs[i] = p
	}
	return fault.Wrap(fault.Invalid, "invalid policy", errors.Join(errs...))
}

// Parse reads a policy that nobody has checked yet. The error joins a *Problem
// for everything that is wrong. Kind: Invalid.
func Parse(file string, text []byte) (*policy.Policy, error) {
	r := Run(file, text)
	if err := r.Err(); err != nil {
		return nil, err
	}
	return r.Policy, nil
}

// Run finds everything that is wrong or doubtful in the file.
func Run(file string, text []byte) Report {
	c := &checker{file: file}
	doc, err := parse(text)
	if err != nil {
		c.syntax(err)
		return c.report(nil)
	}
	c.places = doc.places
	if err := c.shape(doc.value); err != nil {
		c.problem("", "%v", err)
		return c.report(nil)
	}
	p, err := policy.Decode(text)
	if err != nil {
		if len(c.errors) == 0 {
			c.syntax(err)
		}
		return c.report(nil)
	}
	c.checkMeaning(p)
	if len(c.errors) == 0 {
		c.lint(p)
	}
	return c.report(p)
}

// checker collects problems of one file.
type checker struct {
	file      string
	places    places
	errors    []*Problem
	warnings  []*Problem
	inspected []rules.Inspection
	calendars map[string]*worktime.Calendar // those that can be used
	plain     hoursOf                       // for lint
}

func (c *checker) problem(path, format string, args ...any) {
	c.errors = append(c.errors, c.at(path, format, args...))
}

// missing adds the problem that the block at path lacks a field.
func (c *checker) missing(path, name, description string) {
	p := c.at(path, "lacks the field %s%s", name, description)
	p.field = join(path, name)
	c.errors = append(c.errors, p)
}

func (c *checker) warn(path, format string, args ...any) {
	c.warnings = append(c.warnings, c.at(path, format, args...))
}

func (c *checker) at(path, format string, args ...any) *Problem {
	return &Problem{File: c.file, Line: c.places.line(path), Path: path, Message: fmt.Sprintf(format, args...), field: path}
}

// meaning adds a problem unless the shape of the field, of what it is in or of
// what is in it is wrong: one mistake, one message.
func (c *checker) meaning(path, format string, args ...any) {
	for _, p := range c.errors {
		if within(p.field, path) || within(path, p.field) {
			return
		}
	}
	c.problem(path, format, args...)
}

// within reports whether path is the field outer or a field in it.
func within(path, outer string) bool {
	rest, ok := strings.CutPrefix(path, outer)
	return ok && (rest == "" || outer == "" || rest[0] == '.' || rest[0] == '[')
}

func (c *checker) report(p *policy.Policy) Report {
	byLine := func(a, b *Problem) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Path, b.Path)) }
	slices.SortStableFunc(c.errors, byLine)
	slices.SortStableFunc(c.warnings, byLine)
	return Report{Policy: p, Errors: c.errors, Warnings: c.warnings}
}
