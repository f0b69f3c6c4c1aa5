package decision_test

import (
	"context"
	"testing"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestAHandOverSaysWhatCouldNotBeOrdered(t *testing.T) {
	l := &lead.Lead{Key: "1lead", Journey: lead.Journey{Handoff: &lead.Handoff{Number: 1, Rep: "alex"}}}
	never := &lead.Lead{Key: "1never"}
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	maker := decision.New(store, rules.NewLoader(store.Policy))
	moves := []decision.Move{{Lead: l, To: "bo"}, {Lead: &lead.Lead{Key: "1stays"}, Why: "nobody else can take it now"}, {Lead: never, To: "bo"}}
	ordered, failed, err := maker.HandOver(t.Context(), moves, "sick", "kim", monday)
	if len(ordered) != 1 || ordered[0].Lead != l || len(failed) != 1 || failed[0].Lead != never || err == nil {
		t.Errorf("ordered %v, failed %v, %v", ordered, failed, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if ordered, failed, err = maker.HandOver(gone, moves[:1], "sick", "kim", monday); len(ordered) != 0 || len(failed) != 1 || err == nil {
		t.Errorf("without a table: ordered %v, failed %v, %v", ordered, failed, err)
	}
}

func TestAMoveSaysWhy(t *testing.T) {
	step := lead.RouteStep{By: "fallback", Pool: "sales", Considered: []routing.Considered{{Rep: "alex", Why: "off: sick"}, {Rep: "bo", Why: "owed most", Chosen: true}}}
	if why := (decision.Move{To: "bo", Steps: []lead.RouteStep{step}}).Reason(); why != "fallback, owed most" {
		t.Error(why)
	}
	step.Considered = step.Considered[:1]
	if why := (decision.Move{Why: "nobody else can take it now", Steps: []lead.RouteStep{step, step}}).Reason(); why != "nobody else can take it now: alex (off: sick)" {
		t.Error(why)
	}
	if why := (decision.Move{Why: "it waits"}).Reason(); why != "it waits" {
		t.Error(why)
	}
}
