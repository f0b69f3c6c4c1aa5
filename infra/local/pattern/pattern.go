// Package pattern matches events against EventBridge event patterns, which
// bus rules and the filters of Lambda event sources share. It knows the
// operators prefix, suffix, equals-ignore-case, anything-but, exists, numeric
// and $or, and refuses a pattern that uses another one.
// Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html.
package pattern

import (
	"encoding/json"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Pattern is a compiled event pattern.
type Pattern struct{ matches matcher }

// matcher tells whether a value matches. present is false when the event has
// no such member.
type matcher func(value any, present bool) bool

// Compile reads a pattern. Kind: Invalid.
func Compile(source string) (Pattern, error) {
	var doc map[string]any
	if err := json.Unmarshal([]byte(source), &doc); err != nil {
		return Pattern{}, fault.Wrap(fault.Invalid, "read the pattern", err)
	}
	m, err := object(doc)
	return Pattern{m}, err
}

// Matches tells whether an event, decoded from JSON, matches.
func (p Pattern) Matches(event any) bool { return p.matches(event, true) }

// object matches when all members match.
func object(doc map[string]any) (matcher, error) {
	members := make(map[string]matcher, len(doc))
	for name, want := range doc {
		m, err := member(name, want)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, name, err)
		}
		members[name] = m
	}
	return func(value any, _ bool) bool {
		if list, ok := value.([]any); ok {
			return anyOf(list, func(item any) bool { return all(members, item) })
		}
		return all(members, value)
	}, nil
}

func all(members map[string]matcher, value any) bool {
	fields, _ := value.(map[string]any)
	for name, m := range members {
		if name == "$or" {
			if !m(value, true) {
				return false
			}
			continue
		}
		v, ok := fields[name]
		if !m(v, ok) {
			return false
		}
	}
	return true
}

func member(name string, want any) (matcher, error) {
	switch want := want.(type) {
	case map[string]any:
		return object(want)
	case []any:
		if name == "$or" {
			return alternatives(want)
		}
		return leaf(want)
	}
	return nil, fault.New(fault.Invalid, "a list or an object belongs here")
}

func alternatives(list []any) (matcher, error) {
	var ms []matcher
	for _, item := range list {
		doc, ok := item.(map[string]any)
		if !ok {
			return nil, fault.New(fault.Invalid, "an object belongs here")
		}
		m, err := object(doc)
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return either(ms), nil
}

func either(ms []matcher) matcher {
	return func(value any, present bool) bool {
		for _, m := range ms {
			if m(value, present) {
				return true
			}
		}
		return false
	}
}

// leaf matches when one of the listed values or operators does.
func leaf(list []any) (matcher, error) {
	var ms []matcher
	for _, item := range list {
		if _, nested := item.([]any); nested {
			return nil, fault.New(fault.Invalid, "a list cannot stand in a list")
		}
		op, ok := item.(map[string]any)
		if !ok {
			ms = append(ms, each(func(v any) bool { return v == item }))
			continue
		}
		m, err := operator(op)
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return either(ms), nil
}

// each matches a present value, or a list with a value, for which test holds.
func each(test func(any) bool) matcher {
	return func(value any, present bool) bool {
		if list, ok := value.([]any); ok {
			return anyOf(list, test)
		}
		return present && test(value)
	}
}

func anyOf(list []any, test func(any) bool) bool {
	for _, v := range list {
		if test(v) {
			return true
		}
	}
	return false
}

func operator(op map[string]any) (matcher, error) {
	if len(op) != 1 {
		return nil, fault.New(fault.Invalid, "one operator belongs here")
	}
	for name, arg := range op {
		switch name {
		case "prefix":
			return texts(arg, strings.HasPrefix), nil
		case "suffix":
			return texts(arg, strings.HasSuffix), nil
		case "equals-ignore-case":
			return texts(arg, strings.EqualFold), nil
		case "exists":
			return func(_ any, present bool) bool { return present == (arg == true) }, nil
		case "anything-but":
			return anythingBut(arg)
		case "numeric":
			return numeric(arg)
		}
		return nil, fault.New(fault.Invalid, "the operator %q is not known here", name)
	}
	return nil, nil
}

// texts matches a text against the operator's argument, which may itself be
// {"equals-ignore-case": …}.
func texts(arg any, test func(value, want string) bool) matcher {
	fold := func(s string) string { return s }
	if m, ok := arg.(map[string]any); ok {
		arg, fold = m["equals-ignore-case"], strings.ToLower
	}
	want, ok := arg.(string)
	return each(func(v any) bool {
		s, isText := v.(string)
		return ok && isText && test(fold(s), fold(want))
	})
}

func anythingBut(arg any) (matcher, error) {
	var not matcher
	var err error
	switch arg := arg.(type) {
	case map[string]any:
		not, err = operator(arg)
	case []any:
		not, err = leaf(arg)
	default:
		not, err = leaf([]any{arg})
	}
	return func(value any, present bool) bool { return present && !not(value, present) }, err
}

func numeric(arg any) (matcher, error) {
	list, ok := arg.([]any)
	if !ok || len(list) == 0 || len(list)%2 != 0 {
		return nil, fault.New(fault.Invalid, "numeric: pairs of a comparison and a number belong here")
	}
	var tests []func(float64) bool
	for i := 0; i < len(list); i += 2 {
		limit, ok := list[i+1].(float64)
		test := comparison(list[i], limit)
		if !ok || test == nil {
			return nil, fault.New(fault.Invalid, "numeric: %v %v is not a comparison", list[i], list[i+1])
		}
		tests = append(tests, test)
	}
	return each(func(v any) bool {
		n, ok := v.(float64)
		for _, test := range tests {
			ok = ok && test(n)
		}
		return ok
	}), nil
}

func comparison(op any, limit float64) func(float64) bool {
	switch op {
	case "=":
		return func(n float64) bool { return n == limit }
	case "<":
		return func(n float64) bool { return n < limit }
	case "<=":
		return func(n float64) bool { return n <= limit }
	case ">":
		return func(n float64) bool { return n > limit }
	case ">=":
		return func(n float64) bool { return n >= limit }
	}
	return nil
}

// Filter is the filter criteria of an event source: a record passes when one
// of the patterns matches, or when there are none.
type Filter []Pattern

// CompileFilter reads the patterns of a filter. Kind: Invalid.
func CompileFilter(sources []string) (Filter, error) {
	var f Filter
	for _, s := range sources {
		p, err := Compile(s)
		if err != nil {
			return nil, err
		}
		f = append(f, p)
	}
	return f, nil
}

// Passes tells whether a record, encoded as JSON, passes.
func (f Filter) Passes(record []byte) bool {
	if len(f) == 0 {
		return true
	}
	var doc any
	if json.Unmarshal(record, &doc) != nil {
		return false
	}
	for _, p := range f {
		if p.Matches(doc) {
			return true
		}
	}
	return false
}
