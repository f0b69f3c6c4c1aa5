// Package fault gives every error a kind, so that each edge can decide in one
// switch what to answer or whether to try again. It knows nothing of HTTP,
// AWS or the domain.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what a caller can do about an error.
type Kind int

// The kinds of error. The zero value is Internal: an error that nobody
// classified is a defect until somebody says otherwise.
const (
	Internal    Kind = iota // a defect or an unknown state; retry, then park
	Invalid                 // the input is wrong; never retry
	NotFound                // the thing does not exist
	Conflict                // somebody else changed it first; load again and retry
	Denied                  // the caller may not; never retry
	Unavailable             // a dependency is away; retry later
)

// String returns the kind as a lower-case word, as it stands in logs and
// problem details.
func (k Kind) String() string {
	switch k {
	case Internal:
		return "internal"
	case Invalid:
		return "invalid"
	case NotFound:
		return "not_found"
	case Conflict:
		return "conflict"
	case Denied:
		return "denied"
	case Unavailable:
		return "unavailable"
	}
	return "internal"
}

type fault struct {
	kind Kind
	op   string
	err  error
}

// Error joins the operation and the cause.
func (f *fault) Error() string {
	if f.err == nil {
		return f.op
	}
	return f.op + ": " + f.err.Error()
}

// Unwrap returns the cause.
func (f *fault) Unwrap() error { return f.err }

// New returns an error of the kind with a message made by fmt.Sprintf.
func New(kind Kind, format string, args ...any) error {
	return &fault{kind: kind, op: fmt.Sprintf(format, args...)}
}

// Wrap adds an operation and a kind to err. It returns nil when err is nil.
func Wrap(kind Kind, op string, err error) error {
	if err == nil {
		return nil
	}
	return &fault{kind: kind, op: op, err: err}
}

// KindOf returns the kind of the outermost classified error in the chain of
// err, and Internal when none is classified.
func KindOf(err error) Kind {
	var f *fault
	if errors.As(err, &f) {
		return f.kind
	}
	return Internal
}
