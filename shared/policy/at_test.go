package policy_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

func TestAt(t *testing.T) {
	tests := []struct {
		in, out string
		within  time.Duration
		want    time.Duration // from the start
	}{
		{"50%", "50%", time.Hour, 30 * time.Minute},
		{"100%", "100%", time.Hour, time.Hour},
		{"100.0%", "100%", time.Hour, time.Hour},
		{"150%", "150%", time.Hour, 90 * time.Minute},
		{"33.3%", "33.3%", time.Hour, 1199 * time.Second},
		{"7%", "7%", 100 * time.Second, 7 * time.Second},
		{"0%", "0s", time.Hour, 0},
		{"15m", "15m", time.Hour, 15 * time.Minute},
		{"90m", "1h30m", time.Hour, 90 * time.Minute},
		{"0s", "0s", time.Hour, 0},
		{"-10m", "-10m", time.Hour, 50 * time.Minute},
		{"-1h", "-1h", time.Hour, 0},
		{"-2h", "-2h", time.Hour, 0},
		{"+2h", "+2h", time.Hour, 3 * time.Hour},
		{"+0s", "+0s", time.Hour, time.Hour},
		{"-0s", "+0s", time.Hour, time.Hour},
	}
	for _, tt := range tests {
		var s policy.Step
		if err := yaml.Unmarshal([]byte("at: "+tt.in), &s); err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if got := s.At.Offset(policy.Duration(tt.within)); got != tt.want || s.At.String() != tt.out {
			t.Errorf("%s of %s is %s after the start and written %s; want %s and %s", tt.in, tt.within, got, s.At, tt.want, tt.out)
		}
		j, err := json.Marshal(s.At)
		var back policy.At
		if err != nil || string(j) != strconv.Quote(tt.out) || json.Unmarshal(j, &back) != nil || back != s.At {
			t.Errorf("%s as JSON: %s, %v, read back as %s", tt.in, j, err, back)
		}
	}
}

func TestAtRefuses(t *testing.T) {
	for _, text := range []string{"", "%", "half", "-5%", "10001%", "NaN%", "Inf%", "10", "+-5m", "- 5m", "5 minutes"} {
		var a policy.At
		if err := a.UnmarshalText([]byte(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %s, %v; want Invalid", text, a, err)
		}
	}
}

func TestAtReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9]{1,4}(\.[0-9]{1,3})?%|[+-]?([0-9]{1,3}(h|m|s)){1,3}`).Draw(t, "text")
		var a, back policy.At
		if err := a.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := back.UnmarshalText([]byte(a.String())); err != nil || back.String() != a.String() {
			t.Fatalf("%s is written %s and read back as %s, %v", text, a, back, err)
		}
		within := policy.Duration(rapid.Int64Range(0, int64(1000*time.Hour)).Draw(t, "within"))
		if got, want := back.Offset(within), a.Offset(within); got != want || got < 0 {
			t.Fatalf("%s of %s: %s after the start, read back %s", text, within, want, got)
		}
	})
}
