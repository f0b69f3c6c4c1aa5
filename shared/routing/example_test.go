package routing_test

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

func ExampleChoose() {
	pool := policy.Pool{Reps: []policy.Rep{
		{ID: "ana", Person: policy.Person{Name: "Ana"}, Weight: 2},
		{ID: "ben", Person: policy.Person{Name: "Ben"}, Weight: 1},
		{ID: "cho", Person: policy.Person{Name: "Cho"}, Weight: 1, Off: "on leave until 14 May"},
	}}
	choice, _ := routing.Choose(pool, routing.Pool{Name: "sales"}, nil)
	fmt.Println(choice.Rep.Name)
	for _, c := range choice.Considered {
		fmt.Println(c.Rep, c.Why)
	}
	// Output:
	// Ana
	// ana owed most: 0.67 leads
	// ben owed 0.33 leads, less than Ana
	// cho off: on leave until 14 May
}
