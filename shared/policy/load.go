package policy

import (
	"context"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// How long a policy that was read is used, and how soon a failed read is
// tried again: a table that is away must not slow down every invocation.
const (
	maxAge       = time.Minute
	retryKnown   = 5 * time.Second // meanwhile the last one known serves
	retryUnknown = time.Second     // meanwhile nothing serves
)

// Read returns the current version and its text. Kinds: NotFound when none
// was ever applied; Unavailable.
type Read func(ctx context.Context) (Version, []byte, error)

// Loader keeps what build makes of the current policy, for at most a minute.
// It is safe for concurrent use.
type Loader[T any] struct {
	read  Read
	build func(Version, []byte) (T, error)

	mu       sync.Mutex
	known    bool
	value    T
	version  Version
	readAt   time.Time // of the last success
	failedAt time.Time // of the last failure
	failure  error     // nil when the last read succeeded
}

// NewLoader returns a loader that has read nothing yet.
func NewLoader[T any](read Read, build func(Version, []byte) (T, error)) *Loader[T] {
	return &Loader[T]{read: read, build: build}
}

// Current returns what was built from the policy in force. A policy applied
// at any moment is in force here at most a minute later. While none was ever
// applied, the default is. When the policy cannot be read, or the stored one
// cannot be used, the last one known serves; when there is none, the error is
// returned, because the default may contradict what the company applied.
// Kinds: Unavailable, Invalid.
func (l *Loader[T]) Current(ctx context.Context, now time.Time) (T, error) {
	return l.current(ctx, now, maxAge)
}

// current is Current for a value read less than fresh ago.
func (l *Loader[T]) current(ctx context.Context, now time.Time, fresh time.Duration) (T, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known && between(l.readAt, now, fresh) {
		return l.value, nil
	}
	retry := retryUnknown
	if l.known {
		retry = retryKnown
	}
	if l.failure == nil || !between(l.failedAt, now, retry) {
		l.failure, l.failedAt = l.refresh(ctx, now), now
	}
	if l.failure != nil && !l.known {
		var none T
		return none, l.failure
	}
	return l.value, nil
}

// refresh reads the current version and builds it, unless it is the one known.
func (l *Loader[T]) refresh(ctx context.Context, now time.Time) error {
	version, text, err := l.read(ctx)
	switch {
	case err == nil:
	case fault.KindOf(err) == fault.NotFound:
		text = Default()
		version = VersionOf(text)
	default:
		return fault.Wrap(fault.KindOf(err), "read policy", err)
	}
	if !l.known || version != l.version {
		value, err := l.build(version, text)
		if err != nil {
			return fault.Wrap(fault.KindOf(err), "policy "+string(version), err)
		}
		l.value, l.version, l.known = value, version, true
	}
	l.readAt = now
	return nil
}

// between reports whether now is at or after start and less than d after it.
func between(start, now time.Time, d time.Duration) bool {
	return !now.Before(start) && now.Sub(start) < d
}

// Stale reports whether the last read failed, so that what Current returns may
// be older than it promises.
func (l *Loader[T]) Stale() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failure != nil
}
