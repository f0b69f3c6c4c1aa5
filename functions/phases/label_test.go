package main

import "testing"

// The label of an outcome has its reason in it already.
func TestAnOutcomeIsNamedOnce(t *testing.T) {
	for outcome, want := range map[string]string{"rejection_rate: too_early": "Given back: too early", "acceptance": "Accepted", "gone_since": "Gone since"} {
		if got := labelOf(outcome); got != want {
			t.Errorf("%s is named %q, want %q", outcome, got, want)
		}
	}
}
