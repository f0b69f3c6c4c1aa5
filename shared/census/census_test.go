package census_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/census"
	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

var monday = time.Date(2026, 5, 18, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// change is a version of a lead's record.
func change(key string, version int64, at time.Time, events ...funnel.Event) evidence.Change {
	arm := []funnel.Arm{funnel.Treatment, funnel.Control}[len(key)%2]
	c := evidence.Change{Lead: signal.LeadKey(key), Version: version, Record: funnel.Record{
		Enrolment: funnel.Enrolment{Phase: "half #1", Round: 1, Unit: funnel.UnitAccount, ID: "account of " + key, Arm: arm, At: at},
	}}
	for i, e := range events {
		c.Record.Since(e, at.Add(time.Duration(i)*time.Hour))
	}
	return c
}

// decide writes changes as the decisions about the leads do.
func decide(tb testing.TB, t *table.Table, at time.Time, changes ...evidence.Change) {
	tb.Helper()
	for _, c := range changes {
		l := &lead.Lead{Key: c.Lead, Version: 1, CreatedAt: at, UpdatedAt: at, Journey: lead.Journey{Stage: lead.Known, StageAt: map[lead.Stage]time.Time{lead.Known: at}}}
		if old, err := t.Lead(tb.Context(), c.Lead); err == nil {
			l.Version = old.Version + 1
		}
		if err := t.Commit(tb.Context(), table.Change{Lead: l, Outcomes: []evidence.Change{c}}); err != nil {
			tb.Fatal(err)
		}
	}
}

func counted(tb testing.TB, t *table.Table) []evidence.Day {
	tb.Helper()
	days, err := t.Counted(tb.Context(), "half #1", 1)
	if err != nil {
		tb.Fatal(err)
	}
	return days
}

// fromScratch is what folding all changes at once gives.
func fromScratch(all []evidence.Change) []evidence.Day {
	_, days := evidence.Fold(nil, nil, all)
	return days
}

func run(tb testing.TB, c *census.Counter, now time.Time) census.Report {
	tb.Helper()
	r, err := c.Run(tb.Context(), now)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func ignoringVersions() cmp.Option { return cmpopts.IgnoreFields(evidence.Day{}, "Version") }

func TestRunsCountWhatHasChanged(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tb := table.New(client, name)
	c := census.New(tb)
	if r := run(t, c, monday); r.Changes+r.Units+r.Days != 0 || !r.Through.Equal(monday.Add(-30*time.Minute)) {
		t.Errorf("a run of nothing: %+v", r)
	}
	var all []evidence.Change
	for i := range 100 { // more than one transaction takes, on many days
		all = append(all, change(fmt.Sprint("lead", i), 1, monday.Add(-time.Duration(i%70)*day), funnel.HandedOff))
	}
	decide(t, tb, monday.Add(5*time.Minute), all...)
	now := monday.Add(time.Hour)
	if r := run(t, c, now); r.Units != 100 || r.Changes != 100 {
		t.Errorf("%+v, want 100 units", r)
	}
	later := change("lead7", 2, monday.Add(-7*day), funnel.HandedOff, funnel.Accepted)
	decide(t, tb, now.Add(time.Minute), later)
	if r := run(t, c, now.Add(time.Hour)); r.Units != 1 || r.Days != 1 {
		t.Errorf("%+v, want one unit and one day", r)
	}
	if r := run(t, c, now.Add(2*time.Hour)); r.Units != 0 || r.Days != 0 {
		t.Errorf("%+v, want nothing new", r)
	}
	if diff := cmp.Diff(fromScratch(append(all, later)), counted(t, tb), ignoringVersions()); diff != "" {
		t.Error(diff)
	}
}

// What is written a while after it was decided, under an hour that was counted,
// is counted by the next run.
func TestALateWriteIsCounted(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tb := table.New(client, name)
	c := census.New(tb)
	decide(t, tb, monday, change("a", 1, monday))
	run(t, c, monday.Add(time.Hour+time.Minute))
	decide(t, tb, monday.Add(58*time.Minute), change("bb", 1, monday))
	if r := run(t, c, monday.Add(2*time.Hour)); r.Units != 1 {
		t.Errorf("%+v, want one unit", r)
	}
}

// Runs that race, die in the middle and are repeated count everything once.
func TestRacingAndDyingRunsCountOnce(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	plain := table.New(client, name)
	r := rand.New(rand.NewPCG(1, 2))
	var all []evidence.Change
	versions := map[string]int64{}
	now := monday
	for hour := range 3 {
		for range 40 {
			key := fmt.Sprint("lead", r.IntN(60))
			versions[key]++
			c := change(key, versions[key], monday, []funnel.Event{funnel.HandedOff, funnel.Accepted, funnel.Meeting}[:min(3, versions[key])]...)
			c.Record.Enrolment.ID = fmt.Sprint("account", len(key)) // few accounts, so that they race
			all = append(all, c)
			decide(t, plain, now.Add(time.Duration(r.IntN(59))*time.Minute), c)
		}
		now = monday.Add(time.Duration(hour+1) * time.Hour)
		var wg sync.WaitGroup
		for range 3 {
			dying := table.New(failing(t, r.IntN(6)), name)
			wg.Go(func() {
				if _, err := census.New(dying).Run(t.Context(), now); err != nil && fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Unavailable {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	run(t, census.New(plain), now.Add(time.Minute))
	if diff := cmp.Diff(fromScratch(all), counted(t, plain), ignoringVersions()); diff != "" {
		t.Error(diff)
	}
}

// failing is a client whose writes fail after so many.
func failing(t *testing.T, writes int) *dynamodb.Client {
	t.Helper()
	var mu sync.Mutex
	return dynamodb.NewFromConfig(dynamotest.Config(t), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("dies", func(
				ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
			) (middleware.InitializeOutput, middleware.Metadata, error) {
				_, single := in.Parameters.(*dynamodb.PutItemInput)
				_, several := in.Parameters.(*dynamodb.TransactWriteItemsInput)
				mu.Lock()
				defer mu.Unlock()
				if single || several {
					if writes--; writes < 0 {
						return middleware.InitializeOutput{}, middleware.Metadata{}, context.Canceled
					}
				}
				return next.HandleInitialize(ctx, in)
			}), middleware.Before)
		})
	})
}

// reads counts the units that reads take, by the engine's word.
type reads struct {
	mu       sync.Mutex
	units    float64
	requests int
}

func (m *reads) client(tb testing.TB) *dynamodb.Client {
	tb.Helper()
	return dynamodb.NewFromConfig(dynamotest.Config(tb), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("reads", m.handle), middleware.Before)
		})
	})
}

func (m *reads) handle(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	switch p := in.Parameters.(type) {
	case *dynamodb.QueryInput:
		p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.BatchGetItemInput:
		p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	case *dynamodb.GetItemInput:
		p.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	}
	out, meta, err := next.HandleInitialize(ctx, in)
	m.mu.Lock()
	defer m.mu.Unlock()
	add := func(all ...types.ConsumedCapacity) {
		m.requests++
		for _, c := range all {
			m.units += aws.ToFloat64(c.CapacityUnits)
		}
	}
	switch o := out.Result.(type) {
	case *dynamodb.QueryOutput:
		if o != nil && o.ConsumedCapacity != nil {
			add(*o.ConsumedCapacity)
		}
	case *dynamodb.BatchGetItemOutput:
		if o != nil {
			add(o.ConsumedCapacity...)
		}
	case *dynamodb.GetItemOutput:
		if o != nil && o.ConsumedCapacity != nil {
			add(*o.ConsumedCapacity)
		}
	}
	return out, meta, err
}

// fill stores so many units of two months, as runs would have counted them.
func fill(tb testing.TB, t *table.Table, units int) {
	tb.Helper()
	const days = 60
	counted := map[evidence.DayKey]evidence.Day{}
	var stored []evidence.Unit
	for d := range days {
		var some []evidence.Change
		for i := d; i < units; i += days {
			some = append(some, change(fmt.Sprint("old", i), 1, monday.AddDate(0, 0, -d), funnel.HandedOff, funnel.Accepted))
		}
		folded, sums := evidence.Fold(nil, nil, some)
		stored = append(stored, folded...)
		for _, s := range sums {
			counted[s.Key] = s
		}
	}
	for from := 0; from < len(stored); from += table.MostCounted {
		if err := t.CommitCount(tb.Context(), stored[from:min(from+table.MostCounted, len(stored))], nil); err != nil {
			tb.Fatal(err)
		}
	}
	for _, d := range counted {
		if err := t.CommitCount(tb.Context(), nil, []evidence.Day{d}); err != nil {
			tb.Fatal(err)
		}
	}
}

// costOf is what counting so many changes reads among so many units.
func costOf(tb testing.TB, units, changes int) (r census.Report, m *reads) {
	tb.Helper()
	client, name := dynamotest.CreateTable(tb)
	plain := table.New(client, name)
	fill(tb, plain, units)
	run(tb, census.New(plain), monday)
	var some []evidence.Change
	for i := range changes {
		c := change(fmt.Sprint("old", i*units/changes), 2, monday.AddDate(0, 0, -(i*units/changes)%60), funnel.HandedOff, funnel.Accepted, funnel.Meeting)
		some = append(some, c)
	}
	decide(tb, plain, monday.Add(10*time.Minute), some...)
	m = &reads{}
	r = run(tb, census.New(table.New(m.client(tb), name)), monday.Add(20*time.Minute))
	if r.Units != changes {
		tb.Fatalf("%+v, want %d units", r, changes)
	}
	return r, m
}

// A run reads as much among many units as among few: what has changed.
func TestCostGrowsWithChangesAlone(t *testing.T) {
	few, cheap := costOf(t, 300, 20)
	many, dear := costOf(t, 3000, 20)
	t.Logf("20 changes among 300 units: %.1f read units in %d requests, %d days; among 3,000: %.1f in %d, %d days",
		cheap.units, cheap.requests, few.Days, dear.units, dear.requests, many.Days)
	if dear.units > cheap.units*1.2 || dear.requests != cheap.requests {
		t.Errorf("among ten times as many units it reads %.1f units for %.1f", dear.units, cheap.units)
	}
}

// More units take longer to store:
// go test ./shared/census -run '^$' -bench Run -benchtime 1x -args -units 200000.
var manyUnits = flag.Int("units", 20_000, "how many units the benchmark counts among")

// BenchmarkRun counts 100 changes among few and many units, in the real engine.
func BenchmarkRun(b *testing.B) {
	for _, units := range []int{2_000, *manyUnits} {
		b.Run(fmt.Sprint(units), func(b *testing.B) {
			for b.Loop() {
				r, m := costOf(b, units, 100)
				b.ReportMetric(m.units/100, "read-units/change")
				b.ReportMetric(float64(r.Days)/100, "days/change")
			}
		})
	}
}
