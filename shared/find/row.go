package find

import (
	"cmp"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/scoring"
)

// Row is one lead of a list with what its facts say now.
type Row struct {
	Lead   *lead.Lead
	Result scoring.Result
	Lack   scoring.Lack
}

// RowOf evaluates a lead at now. Its facts are taken as they were counted last:
// of a lead that other scoring rules counted, the rules that both know count.
// An expression of the policy that fails counts as no match.
func RowOf(c *rules.Compiled, l *lead.Lead, now time.Time) Row {
	r, _ := scoring.Evaluate(c, l.Facts, now) // the page of the lead tells of what fails
	return Row{Lead: l, Result: r, Lack: scoring.LackOf(c, r)}
}

// MatchRow tells whether the filter matches a row at now, its scores included. A
// lead that is filed as nearly qualified matches while it is that.
func (f Filter) MatchRow(r Row, now time.Time) bool {
	switch {
	case f.Fit != "" && r.Result.Fit.Grade > f.Fit, // A is before D
		r.Result.Engagement.Score < f.Interest,
		f.List == Nearly && !r.Lack.Near():
		return false
	}
	return f.Match(r.Lead, now)
}

// ByLack sorts rows, those that lack least first; of as much, those that are
// nearly qualified for the shortest time.
func ByLack(rows []Row) {
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Lack.Distance(), b.Lack.Distance()), b.Lead.Journey.NearSince.Compare(a.Lead.Journey.NearSince))
	})
}
