package rollout_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/rollout"
)

func TestForecast(t *testing.T) {
	assumed := []rollout.Assumption{
		{Base: 0.6, Change: 0.25},
		{Base: 0.2, Change: 0.1, Maturity: 14 * day},
	}
	o, err := rollout.Forecast(second(), 40, assumed)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"accepted: at 40 leads a week this gate decides within about 5 weeks, 8 times in 10, if the truth is 25.0 points worse than control. In the 8 weeks of the phase it can tell 20.3 points from there.",
		"meeting: at 40 leads a week this gate stays open for about 6 months, longer than the phase, if the truth is 10.0 points better than control: choose another. In the 8 weeks of the phase it can tell 21.8 points from there.",
		"Of 100 such phases that do no harm, at most 5 are rolled back all the same.",
	}
	if got := strings.Join(o.Words, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	if o.FalseRollback != 0.05 {
		t.Errorf("false rollbacks %v", o.FalseRollback)
	}
	// What can be told in the phase takes the phase.
	for i, g := range second().Gates {
		again := slices.Clone(assumed)
		again[i].Change = o.Prospects[i].Detectable
		o, err := rollout.Forecast(second(), 40, again)
		if err != nil || math.Abs(o.Prospects[i].Open.Hours()-second().Most.Hours()) > 0.1 {
			t.Errorf("%s: %v points take %v, %v", g.Outcome, again[i].Change, o.Prospects, err)
		}
	}
	// Twice the leads take half of the time, without the time to get old enough.
	twice, err := rollout.Forecast(second(), 80, assumed)
	if err != nil || math.Abs((o.Prospects[1].Open-14*day).Hours()-2*(twice.Prospects[1].Open-14*day).Hours()) > 0.1 {
		t.Errorf("%v at 40, %v at 80, %v", o.Prospects[1].Open, twice.Prospects[1].Open, err)
	}
}

func TestForecastAtTheEdges(t *testing.T) {
	threshold := second()
	threshold.Share = 1
	for i := range threshold.Gates {
		threshold.Gates[i].Against, threshold.Gates[i].Line = rollout.Threshold, 0.3
	}
	hours := second()
	hours.Gates = hours.Gates[:1]
	hours.Gates[0].Measure, hours.Gates[0].Direction = rollout.Mean, rollout.Lower
	tests := []struct {
		name    string
		phase   rollout.Phase
		perWeek float64
		assumed rollout.Assumption
		words   string // of the first gate, in part
		want    string // the error
	}{
		{"a threshold", threshold, 40, rollout.Assumption{Change: 0.2}, "if the truth is 20.0 points worse than 30 %", ""},
		{"a mean", hours, 40, rollout.Assumption{Base: 6, Deviation: 5, Change: 3}, "if the truth is 3 worse than control. In the 8 weeks of the phase it can tell 2.03 from there.", ""},
		{"hardly any leads", second(), 0.01, rollout.Assumption{Base: 0.5, Change: 0.3}, "at 0.01 leads a week this gate stays open for about 100 years, longer than the phase, if the truth is 30.0 points worse than control: choose another. In the 8 weeks of the phase it can tell nothing.", ""},
		{"older than the phase", second(), 1000, rollout.Assumption{Base: 0.5, Change: 0.3, Maturity: 60 * day}, "it can tell nothing", ""},
		{"a trifle", second(), 40, rollout.Assumption{Base: 0.5, Change: 1e-9}, "about 100 years", ""},
		{"no leads", second(), 0, rollout.Assumption{Base: 0.5, Change: 0.3}, "", "0 leads a week cannot be"},
		{"no change", second(), 40, rollout.Assumption{Base: 0.5}, "", "its change 0"},
		{"worse than nobody", second(), 40, rollout.Assumption{Base: 0.1, Change: 0.2}, "", "not between 0 and 1"},
		{"no share", second(), 40, rollout.Assumption{Base: 1.1, Change: 0.2}, "", "base 1.1"},
		{"no deviation", hours, 40, rollout.Assumption{Base: 6, Change: 3}, "", "its deviation 0"},
		{"a negative age", second(), 40, rollout.Assumption{Base: 0.5, Change: 0.3, Maturity: -time.Hour}, "", "its maturity"},
		{"no phase", rollout.Phase{}, 40, rollout.Assumption{}, "", "no unit"},
	}
	for _, tt := range tests {
		o, err := rollout.Forecast(tt.phase, tt.perWeek, slices.Repeat([]rollout.Assumption{tt.assumed}, len(tt.phase.Gates)))
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if err == nil && !strings.Contains(o.Words[0], tt.words) {
			t.Errorf("%s: got %q, want %q", tt.name, o.Words[0], tt.words)
		}
	}
	if _, err := rollout.Forecast(second(), 40, []rollout.Assumption{{Base: 0.5, Change: 0.1}}); err == nil || !strings.Contains(err.Error(), "gate meeting: nothing is assumed") {
		t.Errorf("got %v", err)
	}
}
