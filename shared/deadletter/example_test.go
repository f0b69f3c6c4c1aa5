package deadletter_test

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/deadletter"
)

func ExamplePlace_Advice() {
	for _, p := range deadletter.Places() {
		fmt.Println(p, p.Retryable(), p.Advice().Title)
	}
	// Output:
	// park true Signals not stored
	// fetch true Records not fetched
	// stream true Stream records given up
	// retry true Signals not decided
	// rule true Events not handed on
	// notify true Events not told
	// schedule false Runs missed
}
