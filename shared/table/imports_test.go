package table_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/tabular"
)

func TestImportsAreKept(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	kept := table.New(client, name)
	at := time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)
	first := imports.Start(imports.Plan{File: "a.csv", Sum: "aa", Source: "import", Header: []string{"email"}, Targets: []imports.Target{imports.Email}}, tabular.Place{Offset: 6, Line: 1}, "Kim", at)
	second := imports.Start(imports.Plan{File: "b.csv", Sum: "bb"}, tabular.Place{Offset: 9, Line: 1}, "Kim", at.Add(time.Minute))
	for id, s := range map[string]imports.State{"one": first, "two": second} {
		if err := kept.NewImport(t.Context(), id, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := kept.NewImport(t.Context(), "one", second); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an import begins twice: %v", err)
	}
	on := first
	on.At.Offset, on.Stored, on.Reasons = 50, 2, map[string]int{"the row names nobody": 1}
	if err := kept.PutImport(t.Context(), "one", on, first.At.Offset); err != nil {
		t.Fatal(err)
	}
	if err := kept.PutImport(t.Context(), "one", first, first.At.Offset); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an import goes back: %v", err)
	}
	if got, err := kept.Import(t.Context(), "one"); err != nil || cmp.Diff(on, got) != "" {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := kept.Import(t.Context(), "three"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("%v", err)
	}
	if got, err := kept.Imports(t.Context()); err != nil || cmp.Diff([]imports.State{second, on}, got) != "" {
		t.Errorf("%+v %v", got, err)
	}
}

// What is imported a second time is no new item, and nothing changes.
func TestSignalsArePutTogether(t *testing.T) {
	client, name := dynamotest.CreateTable(t)
	kept := table.New(client, name)
	at := time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)
	all := make([]signal.Signal, imports.Batch)
	for i := range all {
		all[i] = signal.Signal{
			Source: "import", ID: fmt.Sprint("import.x.", i), Type: signal.ContactCreated, OccurredAt: at, ReceivedAt: at, Quiet: true,
			Identity: signal.Identity{Email: fmt.Sprintf("p%d@x.example", i)},
		}
	}
	for range 2 {
		if err := kept.PutSignals(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range all {
		k, _ := s.LeadKey()
		if got, err := kept.Signals(t.Context(), k); err != nil || cmp.Diff([]signal.Signal{s}, got) != "" {
			t.Fatalf("%+v %v", got, err)
		}
	}
	if err := kept.PutSignals(t.Context(), make([]signal.Signal, imports.Batch+1)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if err := kept.PutSignals(t.Context(), []signal.Signal{{ID: "nobody"}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if err := kept.PutSignals(t.Context(), []signal.Signal{all[0], all[0]}); err == nil {
		t.Error("two of the same pass")
	}
	n, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &name})
	if err != nil || int(n.Count) != imports.Batch {
		t.Errorf("%d items, %v", n.Count, err)
	}
}
