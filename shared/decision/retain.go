package decision

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	// retentionAuthor is who orders what the policy orders.
	retentionAuthor = "the policy's retention"
	// daysToLift is how long the tombstones of who was kept long enough may stand
	// until something lifts them.
	daysToLift = 7
	// underWay is for how long an erasure is somebody else's to end.
	underWay = time.Hour
)

// Retention is what one run of the policy's retention found and did.
type Retention struct {
	Days     int    // privacy.retention.leads_days; 0 keeps everybody for ever
	Overdue  int    // leads that were kept as long as the policy lets them be
	Erased   int    // of those
	Kept     int    // of those: gone, or heard of, since the list was read
	Finished int    // erasures that something had interrupted, and that are over now
	Failed   int    // leads and interrupted erasures
	Next     string // where the next run goes on; "" after the last lead
}

// RetentionBound says where a run begins and ends.
type RetentionBound struct {
	From string // Next of the run before
	Most int    // so many overdue leads, and interrupted erasures; 0 is as many as there are
}

// CountOverdue counts the leads that Retain would erase now.
func (m *Maker) CountOverdue(ctx context.Context, now time.Time) (Retention, error) {
	r := retaining{maker: m, now: now}
	err := r.walk(ctx, ctx, RetentionBound{}, func(signal.LeadKey) {})
	return r.done, err
}

// Retain erases the leads that were kept as long as the policy lets them be,
// until there is enough, and ends erasures, of whomever, that something has
// interrupted more than an hour ago. No tombstone keeps who is erased so away:
// whoever comes back is a new lead. What fails is counted, and does not stop the
// rest; err is the first of it, or that of the list. It may be called again at
// any time, and whatever it dies of, a later call ends what it began. Kinds:
// Invalid for a place that is none, and for a policy that cannot be used;
// Conflict, Unavailable.
func (m *Maker) Retain(ctx, enough context.Context, b RetentionBound, now time.Time) (Retention, error) {
	r := retaining{maker: m, now: now}
	if err := r.finish(ctx, enough, b.Most); err != nil {
		return r.done, err
	}
	if err := r.walk(ctx, enough, b, func(k signal.LeadKey) { r.erase(ctx, k) }); err != nil {
		return r.done, err
	}
	return r.done, r.failed()
}

// retaining is one run.
type retaining struct {
	maker *Maker
	now   time.Time
	kept  policy.Retention
	done  Retention
	first error // of what failed
}

func (r *retaining) overdue(l *lead.Lead) bool { return l.Overdue(r.kept, r.now) }

// walk goes through the overdue leads, the newest first. A cursor is a place in
// the list, so that it holds when leads before it go.
func (r *retaining) walk(ctx, enough context.Context, b RetentionBound, use func(signal.LeadKey)) error {
	core, err := r.maker.current(ctx, r.now)
	if err != nil {
		return err
	}
	r.kept = core.Retention()
	if r.done.Days = r.kept.LeadsDays; r.done.Days == 0 {
		return nil
	}
	q := table.LeadsQuery{
		Filter: find.Filter{List: find.All, To: r.now.AddDate(0, 0, -r.kept.LeadsDays)}, Now: r.now, Match: r.overdue, Cursor: b.From,
	}
	for more := true; more; {
		if more, err = r.page(ctx, enough, &q, b.Most, use); err != nil {
			return err
		}
	}
	return nil
}

// page goes through one page of the overdue leads, and puts the query at the
// next. more is false at the end, and when there is enough.
func (r *retaining) page(ctx, enough context.Context, q *table.LeadsQuery, most int, use func(signal.LeadKey)) (more bool, err error) {
	r.done.Next, q.Limit = q.Cursor, table.MostLeads
	if most > 0 {
		q.Limit = min(q.Limit, most-r.done.Overdue)
	}
	if q.Limit == 0 || over(enough) {
		return false, nil
	}
	page, err := r.maker.table.Leads(ctx, *q)
	if err != nil {
		r.done.Next = ""
		return false, err
	}
	for _, l := range page.Leads {
		if over(enough) {
			return false, nil // the page is read again
		}
		r.done.Overdue++
		use(l.Key)
	}
	r.done.Next, q.Cursor = page.Next, page.Next
	return page.Next != "", nil
}

// over tells whether there is enough.
func over(enough context.Context) bool { return enough.Err() != nil }

// erase makes one lead forgotten, if it is still overdue, and lets the person
// come back.
func (r *retaining) erase(ctx context.Context, k signal.LeadKey) {
	e := lead.Erasure{Reason: lead.OverTime, By: retentionAuthor}
	done, err := r.maker.erase(ctx, burial{key: k, erasure: e, at: r.now, only: r.overdue})
	if err == nil {
		err = r.lift(ctx, done.Tomb)
	} else if fault.KindOf(err) == fault.NotFound {
		r.done.Kept++
		return
	}
	if err != nil {
		r.fails(err)
		return
	}
	r.done.Erased++
}

// finish ends what was interrupted.
func (r *retaining) finish(ctx, enough context.Context, most int) error {
	if most == 0 {
		most = table.MostLeads
	}
	keys, err := r.maker.table.Unfinished(ctx, r.now.Add(-underWay), most)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if over(enough) {
			break
		}
		tomb, err := r.maker.table.Tombstone(ctx, k)
		if err == nil && tomb.Cleared.IsZero() {
			_, err = r.maker.clear(ctx, tomb, r.now)
		}
		if err == nil {
			err = r.lift(ctx, tomb)
		}
		switch {
		case err == nil:
			r.done.Finished++
		case fault.KindOf(err) != fault.NotFound: // somebody was faster
			r.fails(err)
		}
	}
	return nil
}

// lift removes the tombstones of who was kept long enough, and nobody else's.
func (r *retaining) lift(ctx context.Context, tomb table.Tombstone) error {
	if tomb.Reason != lead.OverTime {
		return nil
	}
	err := r.maker.table.Lift(ctx, tomb.Root)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

func (r *retaining) fails(err error) {
	if r.done.Failed++; r.first == nil {
		r.first = err
	}
}

func (r *retaining) failed() error {
	if r.first == nil {
		return nil
	}
	return fault.Wrap(fault.KindOf(r.first), "erase whom the policy keeps no longer", r.first)
}
