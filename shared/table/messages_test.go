package table_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/table"
)

func TestMessagesAreRememberedByLead(t *testing.T) {
	tb := newTable(t)
	one := table.Message{Lead: "1a", Event: "1a.3.0", To: "rep:maya", Channel: "D1", TS: "1.1"}
	other := table.Message{Lead: "1a", Event: "1a.3.0", To: "manager:sales", Channel: "D2", TS: "1.2"}
	foreign := table.Message{Lead: "1b", Event: "1b.1.0", To: "rep:maya", Channel: "D1", TS: "1.3"}
	repeat := one
	repeat.TS = "1.4"
	for _, m := range []table.Message{one, other, foreign, repeat} {
		if err := tb.PutMessage(t.Context(), m, noon); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want ...table.Message) {
		t.Helper()
		got, err := tb.Messages(t.Context(), "1a")
		if err != nil {
			t.Fatal(err)
		}
		byTo := map[string]table.Message{}
		for _, m := range got {
			byTo[m.To] = m
		}
		wanted := map[string]table.Message{}
		for _, m := range want {
			wanted[m.To] = m
		}
		if diff := cmp.Diff(wanted, byTo); diff != "" || len(got) != len(want) {
			t.Errorf("%d messages (-want +got):\n%s", len(got), diff)
		}
	}
	check(repeat, other)
	for range 2 {
		if err := tb.ForgetMessage(t.Context(), repeat); err != nil {
			t.Fatal(err)
		}
	}
	check(other)
}
