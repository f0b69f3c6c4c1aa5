package view_test

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/view"
)

// What can be ordered follows from where the lead is.
func ExampleOrdersFor() {
	now := time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)
	waits := lead.Journey{Stage: lead.Qualified, Held: &lead.Handoff{Number: 1, Pool: "sales"}}
	for _, o := range view.OrdersFor(waits, now) {
		fmt.Println(o.Name)
	}
	remind, _ := view.OrderNamed("remind")
	fmt.Println(remind.Refused(waits, now))
	// Output:
	// reassign
	// hold
	// recycle
	// disqualify
	// nobody holds the lead
}
