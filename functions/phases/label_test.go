package main

import (
	"slices"
	"testing"
)

// The label of an outcome has its reason in it already.
func TestAnOutcomeIsNamedOnce(t *testing.T) {
	for outcome, want := range map[string]string{"rejection_rate: too_early": "Given back: too early", "acceptance": "Accepted", "gone_since": "Gone since"} {
		if got := labelOf(outcome); got != want {
			t.Errorf("%s is named %q, want %q", outcome, got, want)
		}
	}
}

// A criterion and a guardrail of one outcome wait for the same units.
func TestWhatTwoGatesSayIsSaidOnce(t *testing.T) {
	said := plain([]string{"acceptance needs 20 more leads.", "meeting_rate needs 20 more leads.", "acceptance needs 20 more leads."})
	if want := []string{"Acceptance needs 20 more leads.", "Meeting rate needs 20 more leads."}; !slices.Equal(said, want) {
		t.Errorf("got %q, want %q", said, want)
	}
}
