package table_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// More leads than one request may ask for come in the order that was asked for.
func TestLeadsOfManyKeys(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	store := table.New(client, name)
	at := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	var keys []signal.LeadKey
	for i := range 130 {
		key := signal.LeadKey(fmt.Sprintf("1lead%03d", i))
		l := &lead.Lead{Key: key, Version: 1, CreatedAt: at, UpdatedAt: at, Journey: lead.Journey{Stage: lead.Known, StageAt: map[lead.Stage]time.Time{lead.Known: at}}}
		if err := store.Commit(t.Context(), table.Change{Lead: l}); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	slices.Reverse(keys)
	found, err := store.LeadsOf(t.Context(), slices.Insert(slices.Clone(keys), 50, "1nobody"))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]signal.LeadKey, len(found))
	for i, l := range found {
		got[i] = l.Key
	}
	if diff := cmp.Diff(keys, got); diff != "" {
		t.Errorf("leads (-want +got):\n%s", diff)
	}
}
