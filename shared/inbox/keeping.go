package inbox

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// PutUntil stores one signal, as Put does, that may be forgotten from a time on;
// the zero time is never.
type PutUntil func(ctx context.Context, s signal.Signal, until time.Time) (stored bool, err error)

// Keeping returns a Put of signals that are kept as long as the policy says:
// those that say nothing of a person but that something was done, so many days
// from their receipt (0: for ever), and all others as long as the lead.
func Keeping(days func(ctx context.Context, now time.Time) int, put PutUntil) Put {
	return func(ctx context.Context, s signal.Signal) (bool, error) {
		var until time.Time
		if s.Passing() {
			if n := days(ctx, s.ReceivedAt); n > 0 {
				until = s.ReceivedAt.AddDate(0, 0, n)
			}
		}
		return put(ctx, s, until)
	}
}
