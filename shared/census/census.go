// Package census counts, run by run, what became of the units of a rollout: it
// reads which leads' outcomes have changed since the last run, and folds those
// changes into the sums of their days. It carries out what package evidence
// computes; it judges nothing.
//
// What a run costs grows with the number of changes, and not with how many leads
// there are. For each change it reads its unit, an item that grows with the leads
// of one account, and writes it in a transaction: about one read unit and two
// write units. To them come the days of up to 60 units together, and the six
// requests of a run that has nothing to do, ten after midnight. What the evidence
// of a phase costs to read grows with its days: two items a day, of one to some
// kilobytes.
//
// Each write is one transaction of some units and their days, conditioned on the
// versions that were read, and a unit knows which version of each of its leads it
// has counted. So a run that dies, that is repeated, or that races with another
// counts nothing twice.
package census

import (
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	// Overlap is how far back a run looks at what the run before has seen: a change
	// is filed under the time at which it was decided, and may be written a while
	// later. A function runs for 15 minutes at most.
	Overlap = 30 * time.Minute
	// unitsAtOnce is how many units one transaction counts. Each of them changes
	// one or two days, many of them the same; four at most.
	unitsAtOnce = 60
	maxTries    = 5
)

// Counter counts into one table.
type Counter struct{ table *table.Table }

// New returns a counter.
func New(t *table.Table) *Counter { return &Counter{table: t} }

// Report is what a run did.
type Report struct {
	Changes int // read; those of the overlap are read by two runs
	Units   int // counted anew
	Days    int // writes of days
	// Through is up to when everything that was decided is counted: what evidence is
	// measured at.
	Through time.Time
}

// Run counts what has changed until now. It moves on day by day: after an error
// the next run goes on where it was. A run that comes more than
// table.OutcomesKept after the one before misses what has expired meanwhile.
// Kinds: Conflict when others kept counting the same, Unavailable.
func (c *Counter) Run(ctx context.Context, now time.Time) (Report, error) {
	var r Report
	mark, err := c.table.CountMark(ctx)
	if err != nil {
		return r, err
	}
	r.Through = mark.Through.Add(-Overlap)
	from := now.Add(-table.OutcomesKept).UTC()
	if r.Through.After(from) {
		from = r.Through
	}
	for !from.After(now) {
		counted := r.Units
		if err := c.since(ctx, from, &r); err != nil {
			return r, err
		}
		next := from.Truncate(day).Add(day)
		from = next
		last := next.After(now)
		if last {
			next = now
		}
		if !next.After(mark.Through) || (r.Units == counted && !last) {
			continue // nothing that a run would have to do again
		}
		mark.Through = next
		if mark, err = c.table.MoveCountMark(ctx, mark); err != nil {
			return r, err
		}
		r.Through = next.Add(-Overlap)
	}
	return r, nil
}

const day = 24 * time.Hour

// since counts the changes from an instant on to the end of its day.
func (c *Counter) since(ctx context.Context, from time.Time, r *Report) error {
	changes, err := c.changes(ctx, from)
	if err != nil {
		return err
	}
	r.Changes += len(changes)
	byUnit := map[evidence.UnitKey][]evidence.Change{}
	for _, change := range changes {
		byUnit[change.Of()] = append(byUnit[change.Of()], change)
	}
	// Units of the same day stand together, so that a transaction changes few days.
	keys := slices.SortedFunc(maps.Keys(byUnit), func(a, b evidence.UnitKey) int {
		return byUnit[a][0].Record.Enrolment.At.Compare(byUnit[b][0].Record.Enrolment.At)
	})
	for some := range slices.Chunk(keys, unitsAtOnce) {
		if err := c.count(ctx, some, byUnit, r); err != nil {
			return err
		}
	}
	return nil
}

// changes reads all shards.
func (c *Counter) changes(ctx context.Context, from time.Time) ([]evidence.Change, error) {
	shards := make([][]evidence.Change, table.OutcomeShards)
	g, ctx := errgroup.WithContext(ctx)
	for n := range shards {
		g.Go(func() error {
			var err error
			shards[n], err = c.table.Outcomes(ctx, from, n)
			return err
		})
	}
	err := g.Wait()
	return slices.Concat(shards...), err
}

// count folds the changes of some units, again when somebody else has counted
// meanwhile, and by halves when they change more than one transaction can.
func (c *Counter) count(ctx context.Context, keys []evidence.UnitKey, byUnit map[evidence.UnitKey][]evidence.Change, r *Report) error {
	var err error
	for range maxTries {
		var units []evidence.Unit
		var days []evidence.Day
		if units, days, err = c.fold(ctx, keys, byUnit); err != nil || len(units) == 0 {
			return err
		}
		if len(units)+len(days) > table.MostCounted {
			half := len(keys) / 2
			if err := c.count(ctx, keys[:half], byUnit, r); err != nil {
				return err
			}
			return c.count(ctx, keys[half:], byUnit, r)
		}
		err = c.table.CommitCount(ctx, units, days)
		if err == nil {
			r.Units, r.Days = r.Units+len(units), r.Days+len(days)
			return nil
		}
		if fault.KindOf(err) != fault.Conflict {
			return err
		}
	}
	return err
}

// fold reads what changes are about and folds them in.
func (c *Counter) fold(ctx context.Context, keys []evidence.UnitKey, byUnit map[evidence.UnitKey][]evidence.Change) ([]evidence.Unit, []evidence.Day, error) {
	units, err := c.table.Units(ctx, keys)
	if err != nil {
		return nil, nil, err
	}
	var changes []evidence.Change
	for _, k := range keys {
		changes = append(changes, byUnit[k]...)
	}
	days := map[evidence.DayKey]evidence.Day{}
	for some := range slices.Chunk(evidence.Days(units, changes), mostRead) {
		read, err := c.table.Days(ctx, some)
		if err != nil {
			return nil, nil, err
		}
		maps.Copy(days, read)
	}
	changed, counted := evidence.Fold(units, days, changes)
	return changed, counted, nil
}

// mostRead is how many items one batch reads.
const mostRead = 100
