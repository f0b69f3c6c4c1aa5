package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web/webtest"
)

// wait makes a lead wait for the pool sales since a time.
func (b *bench) wait(name string, since time.Time) {
	b.t.Helper()
	k := b.known(name)
	b.change(k, func(j *lead.Journey) {
		j.Held = &lead.Handoff{Number: 1, Pool: "sales", Reason: "asked for a demo", Waits: since}
		j.Handoff, j.Clocks, j.Stage = nil, nil, lead.Qualified
	})
}

func (b *bench) boardOf(query string, who access.Person) boardAnswer {
	b.t.Helper()
	var got boardAnswer
	if err := json.Unmarshal([]byte(b.get("/api/board"+query, who, http.StatusOK)), &got); err != nil {
		b.t.Fatal(err)
	}
	return got
}

func namesOf(rows []boardRow) string {
	var all []string
	for _, r := range rows {
		all = append(all, r.Name)
	}
	return strings.Join(all, " ")
}

func TestTheBoardHasWhatIsOpen(t *testing.T) {
	b := newBench(t)
	b.give("Ada", "alex")
	late := b.give("Lou", "bo")
	b.change(late, func(j *lead.Journey) { j.Clocks[0].State, j.Clocks[0].EndedAt = lead.Breached, monday })
	calm := b.give("Cam", "casey")
	b.change(calm, func(j *lead.Journey) { j.Clocks = nil })
	b.wait("Hana", monday.Add(-time.Hour))
	b.wait("Otto", monday.Add(-50*time.Hour))
	back := b.give("Bea", "alex")
	b.change(back, func(j *lead.Journey) {
		j.Handoff.Answer, j.Handoff.AnsweredAt, j.Stage, j.Clocks = lead.AnswerRejected, monday, lead.Qualified, nil
	})
	suggested := b.give("Sue", "alex")
	b.change(suggested, func(j *lead.Journey) {
		j.Suggested = &lead.Suggestion{Handoff: *j.Handoff, Since: monday}
		j.Handoff, j.Clocks, j.Stage = nil, nil, lead.Qualified
	})

	got := b.boardOf("", manager("sales"))
	for part, pair := range map[string][2]string{
		"overdue": {namesOf(got.Overdue), "Lou"}, "due soon": {namesOf(got.Soon), "Ada"}, "held": {namesOf(got.Held), "Otto Hana"},
		"to decide": {namesOf(got.Decide), "Bea Sue"},
	} {
		if pair[0] != pair[1] && pair[0] != "Sue Bea" {
			t.Errorf("%s: %s, want %s", part, pair[0], pair[1])
		}
	}
	if got.OpenLeads != 7 || strings.Join(got.Pools, " ") != "sales" {
		t.Errorf("%d open leads of %v", got.OpenLeads, got.Pools)
	}
	if first := got.Reps[0]; first.Rep != "bo" || first.Overdue != 1 || first.Open != 1 {
		t.Errorf("%+v", first)
	}
	page := b.get("/board", manager("sales"), http.StatusOK)
	b.says(page, "7 open leads", "Overdue now", "Due soon", "Held", "For you to decide", "Lou", "25 min left", "Suggested for ALEX, and waits to be confirmed",
		"ALEX gave it back", "Take back", "Confirm", "Waits for somebody of the pool", "2 d ago")
	if !strings.Contains(page, orderURL(late, "take-back")) || !strings.Contains(page, `data-live=`) {
		t.Error("no order can be given from the board")
	}

	if got := b.boardOf("", manager("enterprise")); got.OpenLeads != 0 {
		t.Errorf("a manager of another pool sees %d leads", got.OpenLeads)
	}
	if got := b.boardOf("?pool=sales", operator()); got.OpenLeads != 7 {
		t.Errorf("the operator sees %d leads", got.OpenLeads)
	}
	b.says(b.get("/board", manager(), http.StatusOK), "You manage no pool yet")
	b.get("/board?pool=sales", manager("enterprise"), http.StatusForbidden)
	b.get("/board", webtest.Somebody(access.Marketer), http.StatusForbidden)
	b.get("/board", rep("alex"), http.StatusForbidden)
}

// Who has left may have leads still: somebody has to see them.
func TestLeadsOfWhoHasLeft(t *testing.T) {
	b := newBench(t)
	b.give("Ada", "alex")
	roster := routing.Roster{}.With("alex", routing.Entry{Card: routing.Card{Gone: true}})
	if err := b.table.PutRoster(t.Context(), roster); err != nil {
		t.Fatal(err)
	}
	if got := b.boardOf("", manager("sales")); got.OpenLeads != 1 || got.Reps[0].Name != "ALEX" {
		t.Errorf("%+v", got)
	}
}

// counted counts the items that a table reads.
type counted struct{ items atomic.Int64 }

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
	}), middleware.After)
}

const openLeads = 40

// readsOf fills a table with so many leads, of which the same number is open,
// and returns how many items each page reads.
func readsOf(tb testing.TB, all int) (my, board int64) {
	tb.Helper()
	_, name := dynamotest.CreateTable(tb)
	c := new(counted)
	on := table.New(dynamodb.NewFromConfig(dynamotest.Config(tb), func(o *dynamodb.Options) { o.APIOptions = append(o.APIOptions, c.count) }), name)
	g, ctx := errgroup.WithContext(tb.Context())
	g.SetLimit(16)
	for i := range all {
		g.Go(func() error { return on.Commit(ctx, table.Change{Lead: numbered(i)}) })
	}
	if err := g.Wait(); err != nil {
		tb.Fatal(err)
	}
	b := benchOn(tb, on)
	b.get("/my", rep("alex"), http.StatusOK) // loads the policy, once a minute
	for _, page := range []struct {
		target string
		who    access.Person
		into   *int64
	}{{"/my", rep("alex"), &my}, {"/board", manager("sales"), &board}} {
		c.items.Store(0)
		begin := time.Now()
		b.get(page.target, page.who, http.StatusOK)
		*page.into = c.items.Load()
		tb.Logf("%7d leads, %d open: %-6s reads %3d items in %v", all, openLeads, page.target, *page.into, time.Since(begin).Round(time.Millisecond))
	}
	return my, board
}

// numbered is the nth lead of a table: the first ones are with reps or held.
func numbered(i int) *lead.Lead {
	l := &lead.Lead{
		Key: signal.LeadKey(fmt.Sprintf("1x%07d", i)), Version: 1, CreatedAt: monday.Add(-time.Duration(i) * time.Minute), UpdatedAt: monday,
		Journey: lead.Journey{Stage: lead.Known, StageAt: map[lead.Stage]time.Time{lead.Known: monday}},
	}
	switch {
	case i < openLeads/2:
		handTo(&l.Journey, []string{"alex", "bo", "casey"}[i%3], 1)
	case i < openLeads:
		l.Journey.Stage = lead.Qualified
		l.Journey.Held = &lead.Handoff{Number: 1, Pool: "sales", Reason: "asked for a demo", Waits: monday.Add(-time.Duration(i) * time.Minute)}
	case i%2 == 0:
		handTo(&l.Journey, "alex", 1)
		l.Journey.Handoff.Answer, l.Journey.Stage, l.Journey.Clocks = lead.AnswerRejected, lead.Recycled, nil
		l.Journey.RecycledUntil = monday.AddDate(0, 2, 0)
	}
	return l
}

func compareReads(tb testing.TB, few, many int) {
	tb.Helper()
	myFew, boardFew := readsOf(tb, few)
	myMany, boardMany := readsOf(tb, many)
	if myFew != myMany || boardFew != boardMany {
		tb.Errorf("with %d leads /my reads %d and /board %d items, with %d they read %d and %d", few, myFew, boardFew, many, myMany, boardMany)
	}
	if boardMany > 3*openLeads {
		tb.Errorf("the board reads %d items for %d open leads", boardMany, openLeads)
	}
}

// What the pages read follows from what is open, not from how many leads there are.
func TestThePagesReadNoMoreAsTheTableGrows(t *testing.T) { compareReads(t, 100, 1_000) }

// BenchmarkReads shows what the pages read of 1,000 and of 100,000 leads.
func BenchmarkReads(b *testing.B) { compareReads(b, 1_000, 100_000) }
