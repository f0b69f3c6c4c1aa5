// Package clock is the one place that reads the time. Rules take a time as an
// argument; edges take it from here, once for each invocation.
//
// The local host runs in virtual time. It tells a function how far virtual
// time is ahead of this machine's clock in the Lambda client context, under
// the key OffsetKey. In AWS only a caller with lambda:InvokeFunction could set
// that, so requests and records from outside always see the real time.
package clock

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// OffsetKey is the key in the Lambda client context's custom values that
// carries the offset of virtual time, in the form of time.ParseDuration.
const OffsetKey = "handoff-clock-offset"

// Clock returns the current time in UTC for the invocation that ctx belongs to.
type Clock func(ctx context.Context) time.Time

// Lambda is the clock of deployed functions: the machine's time, plus the
// offset of virtual time when the host states one.
func Lambda(ctx context.Context) time.Time {
	now := time.Now().UTC()
	lc, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return now
	}
	offset, err := time.ParseDuration(lc.ClientContext.Custom[OffsetKey])
	if err != nil {
		return now
	}
	return now.Add(offset)
}

// System is the machine's own time, for the local host and the command line.
func System(context.Context) time.Time { return time.Now().UTC() }

// Fixed returns a clock that stands still at t, for tests and replays.
func Fixed(t time.Time) Clock {
	return func(context.Context) time.Time { return t.UTC() }
}
