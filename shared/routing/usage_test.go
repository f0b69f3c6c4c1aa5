package routing_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

func TestUsesCountWhatChooseCounts(t *testing.T) {
	now := time.Date(2026, 5, 11, 9, 30, 0, 0, time.UTC)
	pool := policy.Pool{Caps: []policy.Cap{
		{Most: 40, Per: policy.CapOpen},
		{Most: 3, Per: policy.CapDay},
		{Most: 9, Per: "36h"},
		{Most: 2, Per: policy.CapWeek, Tag: "big"},
		{Most: 5, Per: policy.CapOpen, Tag: "big"},
	}}
	rep := policy.Rep{ID: "ana", Weight: 1}
	state := routing.Pool{Name: "sales"}
	for i := range 3 {
		choice, ok := routing.Choose(routing.Request{
			Policy: pool, State: state, Candidates: []routing.Candidate{{Rep: rep}}, Now: now.Add(time.Duration(i) * time.Minute),
			Concerns: func(policy.Cap) bool { return i == 0 },
		})
		if !ok {
			t.Fatalf("lead %d: %v", i, choice.Considered)
		}
		state = choice.State
	}
	for _, c := range []struct {
		name string
		at   time.Time
		want []int64
		said []string
	}{
		{"the same day", now.Add(time.Hour), []int64{3, 3, 3, 1, 1}, []string{"open", "today", "in 36h", "this week (big)", "open (big)"}},
		{"the next day", now.AddDate(0, 0, 1), []int64{3, 0, 3, 1, 1}, nil},
		{"the next week", now.AddDate(0, 0, 7), []int64{3, 0, 0, 0, 1}, nil},
	} {
		var got []int64
		var said []string
		for _, u := range state.Uses(pool, rep, nil, c.at) {
			got, said = append(got, u.Count), append(said, u.Words)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.said, said); c.said != nil && diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
