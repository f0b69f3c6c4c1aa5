package main

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/steering"
)

// A criterion and a guardrail of one outcome wait for the same units.
func TestStatusSaysEachThingOnce(t *testing.T) {
	v := steering.View{Track: []steering.Point{{Current: true}}}
	v.Ruling.Verdict.Missing = []string{"acceptance needs 20 more leads.", "acceptance needs 20 more leads."}
	v.NextOutlook = []string{"meeting_rate decides."}
	var out strings.Builder
	if err := printRollout(&out, v); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "acceptance needs 20 more leads.") != 1 || !strings.Contains(got, "\nBefore the next phase begins:\n  meeting_rate decides.\n") {
		t.Errorf("it says\n%s", got)
	}
}
