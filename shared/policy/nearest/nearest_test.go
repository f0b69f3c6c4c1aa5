package nearest_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/policy/nearest"
)

func TestWord(t *testing.T) {
	words := []string{"when", "within", "warn_before", "points", "reason", "half_life_days"}
	tests := []struct{ written, want string }{
		{"whne", "when"},
		{"withn", "within"},
		{"warnbefore", "warn_before"},
		{"Points", "points"},
		{"half_live_days", "half_life_days"},
		{"zone", ""},
		{"x", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got, _ := nearest.Word(tt.written, words); got != tt.want {
			t.Errorf("Word(%q) = %q, want %q", tt.written, got, tt.want)
		}
	}
}
