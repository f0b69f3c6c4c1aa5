package lead

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Overdue tells whether a lead was kept as long as the policy lets it be: so many
// days have passed since its latest signal, and since it became known. One whose
// deal is open, or that somebody has, waits for or owes something to, is not.
func (l *Lead) Overdue(r policy.Retention, now time.Time) bool {
	last := l.Facts.Latest.At
	if last.Before(l.CreatedAt) {
		last = l.CreatedAt
	}
	if r.LeadsDays <= 0 || now.Before(last.AddDate(0, 0, r.LeadsDays)) {
		return false
	}
	j := l.Journey
	if j.decided() {
		return true
	}
	busy := slices.ContainsFunc(j.Clocks, func(c Clock) bool { return c.State == Running || c.State == Paused })
	return !busy && j.Holder() == nil && j.Held == nil && j.Suggested == nil && j.Incomplete == nil && j.Stage != Opportunity
}
