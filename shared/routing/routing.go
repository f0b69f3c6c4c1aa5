// Package routing chooses who of a pool receives a lead.
package routing

import (
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Lead is how many parts of a balance make one lead.
const Lead int64 = 1_000_000_000

// Choose picks who of the pool receives the lead.
func Choose(Request) (Choice, bool) { return Choice{}, false }

// Release says that a lead that the rep held is open no more.
func (p Pool) Release(string, []string) Pool { return p }

// Replace says that a rejected lead does not count.
func (p Pool) Replace(string, []string, time.Time) Pool { return p }

// Reject counts a rejection of a day.
func (p Pool) Reject(string, time.Time) Pool { return p }

// Rejections returns how many leads a rep rejected on a day.
func (p Pool) Rejections(string, time.Time) int64 { return 0 }

// Miss counts an accept deadline missed in a row.
func (p Pool) Miss(string) Pool { return p }

// Answered ends the row of missed deadlines.
func (p Pool) Answered(string) Pool { return p }

// Take records a lead that came to a rep by somebody's word.
func (p Pool) Take(policy.Pool, string, func(policy.Cap) bool) (Pool, []string) { return p, nil }
