package inbound

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// object is a JSON object. Payloads are read as trees instead of structs: a
// struct would take "Email" for "email" and merge repeated keys, so that what
// is signed and what is read could differ.
type object = map[string]any

// decode reads exactly one JSON value. Numbers keep their digits.
func decode(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fault.New(fault.Invalid, "the body is not JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fault.New(fault.Invalid, "the body has more than one JSON value")
	}
	return v, nil
}

// at follows a path of names through objects. It returns nil where it ends early.
func at(v any, path ...string) any {
	for _, name := range path {
		o, ok := v.(object)
		if !ok {
			return nil
		}
		v = o[name]
	}
	return v
}

// text returns the scalar at the path as a string, and "" for anything else.
func text(v any, path ...string) string {
	switch s := at(v, path...).(type) {
	case string:
		return s
	case json.Number:
		return s.String()
	case bool:
		return strconv.FormatBool(s)
	}
	return ""
}

// list returns the array at the path, or nil.
func list(v any, path ...string) []any {
	l, ok := at(v, path...).([]any)
	if !ok {
		return nil
	}
	return l
}

// first returns the first string that is not empty.
func first(values ...string) string {
	for _, s := range values {
		if s != "" {
			return s
		}
	}
	return ""
}

// maxDepth is how many levels are flattened into dotted names; what lies
// deeper stands as JSON.
const maxDepth = 6

// flatten puts a value under a name: objects with dots, lists of scalars
// joined by commas, lists of objects with their index.
func flatten(b *bag, name string, v any) { flattenAt(b, name, v, 0) }

func flattenAt(b *bag, name string, v any, depth int) {
	switch x := v.(type) {
	case object:
		if depth >= maxDepth {
			b.put(name, encode(x))
			return
		}
		for _, k := range sortedKeys(x) {
			flattenAt(b, dotted(name, k), x[k], depth+1)
		}
	case []any:
		if joined, ok := joinScalars(x); ok {
			b.put(name, joined)
			return
		}
		if depth >= maxDepth {
			b.put(name, encode(x))
			return
		}
		for i, e := range x {
			flattenAt(b, dotted(name, strconv.Itoa(i)), e, depth+1)
		}
	default:
		b.put(name, text(v))
	}
}

func dotted(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

func joinScalars(l []any) (string, bool) {
	parts := make([]string, 0, len(l))
	for _, e := range l {
		switch e.(type) {
		case object, []any:
			return "", false
		}
		if s := text(e); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", "), true
}

func sortedKeys(o object) []string {
	keys := make([]string, 0, len(o))
	for k := range o {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// timeOf reads a time as RFC 3339, or as a number of the unit since 1970. The
// zero time stands for none.
func timeOf(s string, unit time.Duration) time.Time {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC()
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || f < 0 || f > math.MaxInt64/4 {
		return time.Time{}
	}
	if unit == time.Millisecond {
		return time.UnixMilli(int64(f)).UTC()
	}
	sec, frac := math.Modf(f)
	return time.Unix(int64(sec), int64(frac*1e9)).UTC()
}
