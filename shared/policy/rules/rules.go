// Package rules compiles the expressions of a policy and evaluates them for
// leads and signals. Expressions are type-checked against LeadEnv, SignalEnv
// and RouteEnv when they are compiled, so a field that does not exist is an
// error then and not a rule that never matches. They see nothing but their
// environment: no clock, no order of a map, nothing random, so the same
// signals give the same answers wherever and whenever they are evaluated. The
// package knows no points, scores or storage.
package rules

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
)

// Compiled is a policy whose expressions are ready to run. It is safe for
// concurrent use and must not be changed.
type Compiled struct {
	*policy.Policy
	Version policy.Version

	fit        []program
	exclude    []program
	engagement []engagementPrograms
	requests   []program
	route      routePrograms

	book        *standard.Book
	named       []string // the standard fields that an expression names
	fingerprint string
}

// program is one compiled expression and where it stands in the policy.
type program struct {
	path string
	code *vm.Program
}

type engagementPrograms struct {
	when    program
	oncePer program // code is nil when the rule has none
}

// Loader keeps the current policy compiled, for at most a minute.
type Loader = policy.Loader[*Compiled]

// NewLoader returns a loader that compiles what read returns; see
// policy.Loader for when it reads and what it does when it cannot.
func NewLoader(read policy.Read) *Loader {
	return policy.NewLoader(read, func(v policy.Version, text []byte) (*Compiled, error) {
		p, err := policy.Decode(text)
		if err != nil {
			return nil, err
		}
		return Compile(p, v)
	})
}

// Compile compiles every expression of p. The error joins an *ExpressionError
// for each that is wrong. Kind: Invalid.
func Compile(p *policy.Policy, v policy.Version) (*Compiled, error) {
	c, wrong := compile(p, v)
	errs := make([]error, len(wrong))
	for i, e := range wrong {
		errs[i] = e
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fault.Wrap(fault.Invalid, "compile policy", err)
	}
	var err error
	c.fingerprint, err = fingerprint(p)
	return c, err
}

// compile leaves the code of a program that is wrong nil.
func compile(p *policy.Policy, v policy.Version) (*Compiled, []*ExpressionError) {
	c := &Compiled{Policy: p, Version: v, book: bookOf(p.Identity)}
	var b builder
	for i, r := range p.Fit.Rules {
		c.fit = append(c.fit, b.lead(fmt.Sprintf("fit.rules[%d].when", i), r.When))
	}
	for i, x := range p.Qualification.Exclude {
		c.exclude = append(c.exclude, b.lead(fmt.Sprintf("qualification.exclude[%d].when", i), x.When))
	}
	for i, r := range p.Engagement.Rules {
		e := engagementPrograms{when: b.signal(fmt.Sprintf("engagement.rules[%d].when", i), r.When, expr.AsBool())}
		if r.OncePer != "" {
			e.oncePer = b.signal(fmt.Sprintf("engagement.rules[%d].once_per", i), r.OncePer, expr.AsKind(reflect.String))
		}
		c.engagement = append(c.engagement, e)
	}
	for i, r := range p.Qualification.Requests {
		c.requests = append(c.requests, b.signal(fmt.Sprintf("qualification.requests[%d].when", i), r.When, expr.AsBool()))
	}
	c.route = b.compileRoute(p)
	c.named = slices.Sorted(maps.Keys(b.named))
	return c, b.errs
}

// FitMatches returns the indices of the Fit.Rules that match. A rule whose
// expression fails does not match; the error, without personal data, says so.
func (c *Compiled) FitMatches(env LeadEnv) ([]int, error) { return matches(c.fit, env) }

// Excluded returns the indices of the Qualification.Exclude that match.
// Errors are as in FitMatches.
func (c *Compiled) Excluded(env LeadEnv) ([]int, error) { return matches(c.exclude, env) }

// RequestHits returns the indices of the Qualification.Requests that the
// signal matches. Errors are as in FitMatches.
func (c *Compiled) RequestHits(s signal.Signal) ([]int, error) {
	return matches(c.requests, signalEnv(s))
}

// EngagementHit is one engagement rule that a signal matches.
type EngagementHit struct {
	Rule int    // index in Engagement.Rules
	Item string // what once_per names; "" when the rule has none
}

// NoItem is the item of a signal for which once_per is the empty text: all
// such signals together count as one item.
const NoItem = "-"

// EngagementHits returns the engagement rules that the signal matches. Errors
// are as in FitMatches.
func (c *Compiled) EngagementHits(s signal.Signal) ([]EngagementHit, error) {
	var env any = signalEnv(s)
	var run runner
	var hits []EngagementHit
	for i, r := range c.engagement {
		if !run.bool(r.when, env) {
			continue
		}
		hit := EngagementHit{Rule: i}
		if r.oncePer.code != nil {
			item, ok := run.text(r.oncePer, env)
			if !ok {
				continue
			}
			hit.Item = item
		}
		hits = append(hits, hit)
	}
	return hits, run.err()
}

func matches(programs []program, env any) ([]int, error) {
	var run runner
	var hits []int
	for i, p := range programs {
		if run.bool(p, env) {
			hits = append(hits, i)
		}
	}
	return hits, run.err()
}
