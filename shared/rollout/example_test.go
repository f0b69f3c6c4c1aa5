package rollout_test

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/rollout"
)

// Half of the leads go through the process; the phase may go on once more of them
// book a meeting.
func ExampleJudge() {
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	phase := rollout.Phase{
		Name: "half", Unit: "lead", Share: 0.5, Started: began, Least: 7 * 24 * time.Hour, Most: 60 * 24 * time.Hour,
		Gates: []rollout.Gate{{
			Outcome: "meeting", Role: rollout.Criterion, Measure: rollout.Share, Against: rollout.Control,
			Direction: rollout.Higher, Alpha: 0.05, Minimum: 100,
		}},
	}
	evidence := rollout.Evidence{
		Enrolled: rollout.Enrolled{Treated: 66, Control: 71},
		Outcomes: map[string]rollout.Arms{"meeting": {
			Treated: rollout.Successes(21, 66, 0), Control: rollout.Successes(13, 71, 0),
		}},
	}
	v := rollout.Judge(phase, evidence, began.Add(12*24*time.Hour))
	fmt.Println(v.Decision)
	fmt.Println(v.Missing[0])
	// Output:
	// hold
	// meeting needs 34 more leads in the process and 29 in control, about 7 days at this rate.
}
