package table_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// counted is a table that counts the items that the engine looks at.
type counted struct {
	*table.Table
	items atomic.Int64
}

func newCounted(tb testing.TB) *counted {
	tb.Helper()
	_, name := dynamotest.CreateTable(tb)
	c := new(counted)
	c.Table = table.New(dynamodb.NewFromConfig(dynamotest.Config(tb), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, c.count)
	}), name)
	return c
}

func (c *counted) count(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("count", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		out, meta, err := next.HandleInitialize(ctx, in)
		switch o := out.Result.(type) {
		case *dynamodb.QueryOutput:
			c.items.Add(int64(o.ScannedCount))
		case *dynamodb.GetItemOutput:
			c.items.Add(1)
		case *dynamodb.BatchGetItemOutput:
			for _, found := range o.Responses {
				c.items.Add(int64(len(found)))
			}
		}
		return out, meta, err
	}), middleware.Before)
}

// manyLeads spreads n leads over a hundred days. One in 20 is qualified, one in
// 50 is from the source rare, one in 25 is nearly qualified, one in 40 waits
// and one in 1,000 is called Needle.
func manyLeads(n int) []*lead.Lead {
	leads := make([]*lead.Lead, n)
	for i := range leads {
		at := noon.Add(-time.Duration(i) * 100 * 24 * time.Hour / time.Duration(n)).Truncate(time.Millisecond)
		l := newLead(signal.LeadKey(fmt.Sprintf("1lead%07d", i)), 1)
		l.CreatedAt, l.UpdatedAt = at, at
		l.Journey.StageAt[lead.Known] = at
		l.Facts.Origin.First = scoring.Mark{At: at, Event: "common#1"}
		l.Facts.Profile = map[string]scoring.Field{signal.FieldLastName: {Value: fmt.Sprintf("Person %d", i)}}
		switch {
		case i%20 == 1:
			l.Journey.Stage = lead.Qualified
		case i%25 == 2:
			l.Journey.Stage, l.Journey.NearSince = lead.Engaged, at
		case i%40 == 3:
			l.Journey.Stage, l.Journey.Held = lead.Qualified, &lead.Handoff{Pool: "sales", Waits: at}
		}
		if i%50 == 4 {
			l.Facts.Origin.First.Event = "rare#1"
		}
		if i%1000 == 999 {
			l.Facts.Profile[signal.FieldLastName] = scoring.Field{Value: "Needle"}
		}
		leads[i] = l
	}
	return leads
}

// lists are the kinds of lists that pages show.
func lists() map[string]table.LeadsQuery {
	return map[string]table.LeadsQuery{
		"all":       {},
		"by stage":  {Filter: find.Filter{Stage: lead.Qualified}},
		"by source": {Filter: find.Filter{Source: "rare"}},
		"in pools":  {Pools: []string{"sales"}},
		"by text":   {Filter: find.Filter{Text: "needle"}},
		"of 7 days": {Filter: find.Filter{Days: 7}},
		"waiting":   {Filter: find.Filter{List: find.Waiting}, Queues: []string{"sales"}},
		"nearly":    {Filter: find.Filter{List: find.Nearly}, Limit: table.MostLeads},
	}
}

// reads fills a table with so many leads, asks for the first page of each list
// and returns how many items each took.
func reads(tb testing.TB, n int) map[string]int64 {
	tb.Helper()
	c := newCounted(tb)
	if err := c.Fill(tb.Context(), manyLeads(n)); err != nil {
		tb.Fatal(err)
	}
	took := map[string]int64{}
	for name, q := range lists() {
		q.Now = noon
		c.items.Store(0)
		begin := time.Now()
		page, err := c.Leads(tb.Context(), q)
		if err != nil {
			tb.Fatal(err)
		}
		took[name] = c.items.Load()
		tb.Logf("%7d leads, %-9s %3d found, %4d items read, %v", n, name+":", len(page.Leads), took[name], time.Since(begin).Round(time.Millisecond))
		if most := int64(page.Entries + page.Read + 1); took[name] > most {
			tb.Errorf("%s: %d items were read, the page owns up to %d", name, took[name], most)
		}
	}
	return took
}

// What a page reads has a bound that does not depend on how many leads there are.
func TestListsReadNoMoreAsTheTableGrows(t *testing.T) {
	few, many := reads(t, 1_000), reads(t, 10_000)
	compareReads(t, few, many)
}

func compareReads(tb testing.TB, few, many map[string]int64) {
	tb.Helper()
	const budget = table.MostEntries + table.MostRead
	for name, n := range many {
		if n > few[name]+budget || n > budget+5 { // the first day, and one entry of each lane
			tb.Errorf("%s: %d items, with fewer leads %d", name, n, few[name])
		}
	}
}

// BenchmarkLists shows what a page reads of 1,000 and of 100,000 leads.
func BenchmarkLists(b *testing.B) {
	few, many := reads(b, 1_000), reads(b, 100_000)
	compareReads(b, few, many)
	for name, n := range many {
		name = strings.ReplaceAll(name, " ", "-")
		b.ReportMetric(float64(n), name+"-items")
	}
}
