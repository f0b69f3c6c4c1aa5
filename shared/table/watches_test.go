package table_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/rhythm"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestAWatchIsWrittenByOneAtATime(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	first, err := tab.Watch(t.Context(), "typeform")
	if diff := cmp.Diff(table.Watch{Source: "typeform"}, first); diff != "" || err != nil {
		t.Fatalf("%v %s", err, diff)
	}
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	w := first
	w.State = rhythm.State{Open: []rhythm.Alert{{Kind: rhythm.Silent, Since: at, At: at}}}
	w.Untold = []contract.Event{{ID: contract.SourceEventID("typeform", at, 0), Type: contract.SourceSilent, Time: at}}
	w, err = tab.PutWatch(t.Context(), w)
	if err != nil || w.Version != 1 {
		t.Fatalf("version %d, %v", w.Version, err)
	}
	if _, err := tab.PutWatch(t.Context(), first); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the same version again: %v, want Conflict", err)
	}
	stored, err := tab.Watch(t.Context(), "typeform")
	if diff := cmp.Diff(w, stored); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	stored.Untold = nil
	if stored, err = tab.PutWatch(t.Context(), stored); err != nil || stored.Version != 2 {
		t.Errorf("version %d, %v", stored.Version, err)
	}
	if _, err := tab.PutWatch(t.Context(), w); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an older version: %v, want Conflict", err)
	}
	if hours, err := tab.SourceHours(t.Context(), "typeform", 10); err != nil || len(hours) != 0 {
		t.Errorf("the watch passes for an hour: %v %v", hours, err)
	}
}
