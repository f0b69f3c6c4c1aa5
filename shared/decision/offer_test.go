package decision_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
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

// Room that returns while a queue is offered is not forgotten.
func TestRoomThatReturnsDuringAnOfferIsOffered(t *testing.T) {
	plain, name := dynamotest.CreateTable(t)
	store := table.New(plain, name)
	roster := routing.Roster{}
	for _, rep := range []string{"alex", "bo", "casey"} {
		roster = roster.With(rep, routing.Entry{Switch: routing.Off, Reason: "at a fair"})
	}
	roster.Version = 1
	if err := store.PutRoster(t.Context(), roster); err != nil {
		t.Fatal(err)
	}
	waits(t, store, "1waits", "sales")
	returned := monday.Add(6*time.Minute + time.Second)
	done := false
	// Somebody gives a lead back just when the queue has been read.
	between := func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("between", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, meta, err := next.HandleInitialize(ctx, in)
			if _, isQuery := in.Parameters.(*dynamodb.QueryInput); !isQuery || done || err != nil {
				return out, meta, err
			}
			done = true
			state, err := store.Pool(ctx, "sales")
			if err == nil {
				state.Version++
				state.Reopens = returned
				err = store.PutPool(ctx, state)
			}
			return out, meta, err
		}), middleware.Before)
	}
	client := dynamodb.NewFromConfig(dynamotest.Config(t), func(o *dynamodb.Options) { o.APIOptions = append(o.APIOptions, between) })
	slow := table.New(client, name)
	maker := decision.New(slow, rules.NewLoader(slow.Policy))
	if _, err := maker.Offer(t.Context(), t.Context(), []string{"sales"}, monday.Add(6*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if state, err := store.Pool(t.Context(), "sales"); err != nil || !done || state.Reopens.After(returned) {
		t.Errorf("%v: offered next at %s, room returned at %s, %v", done, state.Reopens, returned, err)
	}
}
