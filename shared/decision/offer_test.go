package decision_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// waits stores a lead that is held for a pool.
func waits(t *testing.T, store *table.Table, k signal.LeadKey, pool string, gaveBack ...string) {
	t.Helper()
	l := &lead.Lead{Key: k, Version: 1, CreatedAt: monday, UpdatedAt: monday, Journey: lead.Journey{
		Stage: lead.Qualified, StageAt: map[lead.Stage]time.Time{lead.Qualified: monday},
		Held: &lead.Handoff{Number: 1, Pool: pool, Waits: monday, Request: "demo", GaveBack: gaveBack},
	}}
	if err := store.Commit(t.Context(), table.Change{Lead: l}); err != nil {
		t.Fatal(err)
	}
	if err := store.PutPool(t.Context(), routing.Pool{Name: pool, Version: 1, Held: 1, Reopens: monday}); err != nil {
		t.Fatal(err)
	}
}

// twoQueues is a policy under which every lead may go to either of two pools,
// of whom dana alone is there.
func twoQueues(t *testing.T, store *table.Table) {
	t.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Routing.Pools["sales"].Reps {
		p.Routing.Pools["sales"].Reps[i].Off = "at a fair"
	}
	p.Routing.Pools["big"] = policy.Pool{Reps: []policy.Rep{{ID: "dana", Person: policy.Person{Name: "Dana"}}}}
	p.Routing.Rules = []policy.RoutingRule{{Name: "all", When: "true", Pool: "sales"}, {Name: "rest", When: "true", Pool: "big"}}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutPolicy(t.Context(), policy.VersionOf(text), text, monday.AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
}

// offerWhatIsDue offers a queue once its time has come.
func offerWhatIsDue(t *testing.T, store *table.Table, maker *decision.Maker, pool string, now time.Time) {
	t.Helper()
	state, err := store.Pool(t.Context(), pool)
	if err == nil && !now.Before(state.Reopens) {
		_, err = maker.Offer(t.Context(), t.Context(), []string{pool}, now)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Two queues whose leads may go to the other's pool do not wait for each other.
func TestQueuesDoNotWaitForEachOther(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	twoQueues(t, store)
	waits(t, store, "1gaveback", "big", "dana")
	waits(t, store, "1free", "sales")
	maker := decision.New(store, rules.NewLoader(store.Policy))
	for minute := range 3 {
		for _, pool := range []string{"big", "sales"} {
			offerWhatIsDue(t, store, maker, pool, monday.Add(time.Duration(minute)*time.Minute))
		}
	}
	if l, err := store.Lead(t.Context(), "1free"); err != nil || l.Journey.Holder() == nil {
		t.Errorf("dana has room, and the lead is with %+v, %v", l.Journey.Handoff, err)
	}
}

// meddler is a maker for whom something happens just when it has read a queue.
func meddler(t *testing.T, name string, meddle func(ctx context.Context) error) *decision.Maker {
	t.Helper()
	done := false
	between := func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("between", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, meta, err := next.HandleInitialize(ctx, in)
			if _, isQuery := in.Parameters.(*dynamodb.QueryInput); isQuery && !done && err == nil {
				done = true
				err = meddle(ctx)
			}
			return out, meta, err
		}), middleware.Before)
	}
	client := dynamodb.NewFromConfig(dynamotest.Config(t), func(o *dynamodb.Options) { o.APIOptions = append(o.APIOptions, between) })
	t.Cleanup(func() {
		if !done {
			t.Error("no queue was read")
		}
	})
	store := table.New(client, name)
	return decision.New(store, rules.NewLoader(store.Policy))
}

// What changes while a queue is offered, after its first leads were refused,
// has it offered again by the next sweep.
func TestWhatChangesDuringAnOfferIsNotForgotten(t *testing.T) {
	now := monday.Add(6 * time.Minute)
	for name, change := range map[string]func(ctx context.Context, store *table.Table) error{
		"a lead is given back": func(ctx context.Context, store *table.Table) error {
			state, err := store.Pool(ctx, "sales")
			if err != nil {
				return err
			}
			state.Version++
			state.Reopens = now.Add(time.Second)
			return store.PutPool(ctx, state)
		},
		"somebody is switched on": func(ctx context.Context, store *table.Table) error {
			r, err := store.Roster(ctx)
			if err != nil {
				return err
			}
			return store.PutRoster(ctx, r.With("casey", routing.Entry{Leave: []policy.Leave{{From: "2026-05-18", To: "2026-05-19"}}}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, tableName := dynamotest.CreateTable(t)
			store := table.New(client, tableName)
			twoQueues(t, store)
			waits(t, store, "1waits", "sales", "dana")
			maker := meddler(t, tableName, func(ctx context.Context) error { return change(ctx, store) })
			if _, err := maker.Offer(t.Context(), t.Context(), []string{"sales"}, now); err != nil {
				t.Fatal(err)
			}
			if next, err := maker.NextOffer(t.Context(), "sales", now); err != nil || next.After(now.Add(time.Minute)) {
				t.Errorf("offered next at %s, %v", next, err)
			}
		})
	}
}
