package routing_test

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

func ExampleChoose() {
	now := time.Date(2026, 5, 11, 9, 0, 0, 0, time.UTC)
	vacation := routing.Away{From: now.AddDate(0, 0, -7), To: time.Date(2026, 5, 14, 0, 0, 0, 0, time.UTC)}
	pool := routing.Pool{Name: "sales"}
	for range 2 {
		choice, _ := routing.Choose(routing.Request{
			Policy: policy.Pool{Caps: []policy.Cap{{Most: 5, Per: policy.CapDay}}},
			State:  pool,
			Candidates: []routing.Candidate{
				{Rep: policy.Rep{ID: "ana", Person: policy.Person{Name: "Ana"}, Weight: 2}},
				{Rep: policy.Rep{ID: "ben", Person: policy.Person{Name: "Ben"}, Weight: 1}},
				{Rep: policy.Rep{ID: "cho", Person: policy.Person{Name: "Cho"}, Weight: 1}, Leave: []routing.Away{vacation}},
			},
			Now: now,
		})
		fmt.Println("to", choice.Rep.Name)
		for _, c := range choice.Considered {
			fmt.Println(" ", c.Rep, c.Why)
		}
		pool = choice.State
	}
	// Output:
	// to Ana
	//   ana owed most: 0.67 leads
	//   ben owed 0.33 leads, less than Ana
	//   cho on leave until 14 May
	// to Ben
	//   ana owed 0.33 leads, less than Ben
	//   ben owed most: 0.67 leads
	//   cho on leave until 14 May
}
