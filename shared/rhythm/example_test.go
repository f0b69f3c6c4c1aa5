package rhythm_test

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/rhythm"
)

// A form that is filled in twelve times an hour falls silent on a Monday.
func ExampleJudge() {
	start := time.Date(2026, 4, 6, 0, 0, 0, 0, time.UTC)
	fell := start.AddDate(0, 0, 35).Add(9 * time.Hour)
	h := rhythm.History{First: start, Last: fell}
	for at := start; !at.After(fell); at = at.Add(time.Hour) {
		h.Hours = append(h.Hours, rhythm.Hour{Start: at, Events: 12})
	}
	state, changes := rhythm.Judge(h, rhythm.Calendar{}, rhythm.State{}, fell.Add(2*time.Hour))
	fmt.Println(len(changes), "after two hours")
	_, changes = rhythm.Judge(h, rhythm.Calendar{}, state, fell.Add(3*time.Hour))
	fmt.Println(changes[0].Kind, changes[0].Reason)
	// Output:
	// 0 after two hours
	// silent Usually 12 an hour on Monday mornings, none for 3 h.
}
