package rollout_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/rollout"
)

// decided is the case of a phase that runs automatically and has another after it.
func decided(change func(*rollout.Case)) rollout.Case {
	c := rollout.Case{
		Phase: second(), Mode: rollout.Auto, Status: rollout.Running, Next: &rollout.Step{Name: "all", Mode: rollout.Auto, Share: 1},
		Evidence: counted(100, 100, map[string][4]int{"accepted": {60, 100, 60, 100}, "meeting": {70, 100, 20, 100}}),
		Through:  began.Add(20 * day), State: 3, Policy: "p-1", Round: 1,
	}
	change(&c)
	return c
}

func TestDecide(t *testing.T) {
	harm := counted(100, 100, map[string][4]int{"accepted": {10, 100, 60, 100}, "meeting": {70, 100, 20, 100}})
	open := counted(100, 100, map[string][4]int{"accepted": {60, 100, 60, 100}, "meeting": {30, 100, 20, 100}})
	tests := []struct {
		name   string
		change func(*rollout.Case)
		after  time.Duration
		want   rollout.Decision
		why    string // that comes first, in part
	}{
		{"passed", func(*rollout.Case) {}, 20 * day, rollout.Promote, "meeting: 70 %"},
		{"passed too early", func(*rollout.Case) {}, 6 * day, rollout.Hold, "take 7 days at least"},
		{"passed, and somebody has to agree", func(c *rollout.Case) { c.Approve = "operator" }, 20 * day, rollout.Ask, "somebody has to agree: operator."},
		{"passed, and the next one begins later", func(c *rollout.Case) { c.Next.Start = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC) }, 20 * day, rollout.Hold, "all begins on 2026-04-01 at the earliest."},
		{"passed, and the next one begins by the hours of another zone", func(c *rollout.Case) { c.Next.Start = time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC) }, 20 * day, rollout.Hold, "all begins on 2026-03-31, 22:00 UTC, at the earliest."},
		{"not begun", func(c *rollout.Case) { c.Phase.Started = time.Time{} }, 20 * day, rollout.Hold, "The phase has not begun."},
		{"not begun, in shadow", func(c *rollout.Case) { c.Mode, c.Phase.Started = rollout.Shadow, time.Time{} }, 20 * day, rollout.Hold, "The phase has not begun."},
		{"begins later, in shadow", func(c *rollout.Case) { c.Mode = rollout.Shadow }, -day, rollout.Hold, "The phase has not begun."},
		{"the next one may begin now", func(c *rollout.Case) { c.Next.Start = began.Add(20 * day) }, 20 * day, rollout.Promote, "meeting"},
		{"passed, and nothing follows", func(c *rollout.Case) { c.Next = nil }, 20 * day, rollout.Hold, "this is the last phase"},
		{"passed while paused", func(c *rollout.Case) { c.Status = rollout.Paused }, 20 * day, rollout.Hold, "The phase is paused."},
		{"inconclusive", func(c *rollout.Case) { c.Evidence = open }, 20 * day, rollout.Hold, "meeting: 30 %"},
		{"inconclusive to the end", func(c *rollout.Case) { c.Evidence = open }, 60 * day, rollout.Ask, "The longest time"},
		{"harm", func(c *rollout.Case) { c.Evidence = harm }, 2 * day, rollout.Rollback, "accepted: 10 %"},
		{"harm needs nobody to agree", func(c *rollout.Case) { c.Evidence, c.Approve = harm, "operator" }, 2 * day, rollout.Rollback, "accepted: 10 %"},
		{"harm while paused", func(c *rollout.Case) { c.Evidence, c.Status = harm, rollout.Paused }, 2 * day, rollout.Rollback, "accepted: 10 %"},
		{"rolled back already", func(c *rollout.Case) { c.Evidence, c.Status = harm, rollout.RolledBack }, 2 * day, rollout.Hold, "The phase is rolled back."},
		{"suggest is judged as auto is", func(c *rollout.Case) { c.Mode = rollout.Suggest }, 20 * day, rollout.Promote, "meeting"},
		{"in shadow, early", func(c *rollout.Case) { c.Mode = rollout.Shadow }, 5 * day, rollout.Hold, "it needs 2 days more"},
		{"in shadow nothing can differ", func(c *rollout.Case) { c.Mode, c.Evidence = rollout.Shadow, harm }, 20 * day, rollout.Ask, "In shadow nobody hears of a lead"},
		{"in shadow, paused", func(c *rollout.Case) { c.Mode, c.Status = rollout.Shadow, rollout.Paused }, 20 * day, rollout.Hold, "paused"},
		{"no gate", func(c *rollout.Case) { c.Phase.Gates = nil }, 20 * day, rollout.Ask, "has no gate"},
		{"no gate, the last phase", func(c *rollout.Case) { c.Phase.Gates, c.Next = nil, nil }, 20 * day, rollout.Hold, "the last phase, and it asks nothing"},
		{"a phase that cannot be", func(c *rollout.Case) { c.Phase.Unit = "" }, 20 * day, rollout.Ask, "cannot be judged"},
	}
	for _, tt := range tests {
		r := rollout.Decide(decided(tt.change), began.Add(tt.after))
		if r.Action != tt.want || len(r.Why) == 0 || !strings.Contains(r.Why[0], tt.why) {
			t.Errorf("%s: %s %q, want %s %q", tt.name, r.Action, r.Why, tt.want, tt.why)
		}
		text, err := json.Marshal(r)
		var read rollout.Ruling
		if err == nil {
			err = json.Unmarshal(text, &read)
		}
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(r, read.Again()); diff != "" {
			t.Errorf("%s: decided again from what was stored: %s", tt.name, diff)
		}
	}
}

// What was stored does not change with the caller's slices.
func TestDecideKeepsItsInputs(t *testing.T) {
	c := decided(func(*rollout.Case) {})
	r := rollout.Decide(c, began.Add(20*day))
	c.Phase.Gates[0].Line, c.Next.Share = 0.9, 0.1
	if r.Case.Phase.Gates[0].Line == 0.9 || r.Case.Next.Share == 0.1 || r.Again().Action != rollout.Promote {
		t.Errorf("%+v", r.Case)
	}
}
