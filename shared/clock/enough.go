package clock

import (
	"context"
	"time"
)

// StopBefore returns a context that ends while the invocation still has some
// time in reserve, to finish what is under way. One without a deadline ends with
// ctx.
func StopBefore(ctx context.Context, reserve time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}
