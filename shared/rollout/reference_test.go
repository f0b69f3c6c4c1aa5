package rollout_test

import (
	"math"
	"os"
	"testing"

	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/rollout/vectors"
)

func TestAnswersAreThoseOfOtherSoftware(t *testing.T) {
	text, err := os.ReadFile("testdata/references.json")
	if err != nil {
		t.Fatal(err)
	}
	quantities, err := vectors.Compare(text)
	if err != nil || len(quantities) < 600 {
		t.Errorf("%d quantities, %v", len(quantities), err)
	}
	for _, q := range quantities {
		if !q.Same() {
			t.Error(q)
		}
	}
}

// What papers and manuals print, to the digits that they print.
func TestAnswersAreThoseOfPapers(t *testing.T) {
	const (
		single     = "R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, 1998, table I"
		difference = "R. G. Newcombe, Interval estimation for the difference, Statistics in Medicine 17, 1998, table II"
	)
	both := func(i rollout.Interval) []float64 { return []float64{i.Low, i.High} }
	share := func(x, n int) rollout.Proportion { return rollout.Proportion{Successes: x, N: n} }
	pair := func(xa, na, xb, nb int) rollout.Pair { return rollout.Pair{A: share(xa, na), B: share(xb, nb)} }
	_, tea := pair(1, 4, 3, 4).Fisher()
	lift := pair(1396, 3000, 2422, 3461).LiftEstimate()
	growth := rollout.Sequence{Alpha: 0.05, Tuning: 5000}
	tests := []struct {
		name, source string
		got, want    []float64
		digits       int
	}{
		{"Wilson 81/263", single, both(share(81, 263).Wilson(0.95)), []float64{0.2553, 0.3662}, 4},
		{"Wilson 15/148", single, both(share(15, 148).Wilson(0.95)), []float64{0.0624, 0.1605}, 4},
		{"Wilson 0/20", single, both(share(0, 20).Wilson(0.95)), []float64{0, 0.1611}, 4},
		{"Wilson 1/29", single, both(share(1, 29).Wilson(0.95)), []float64{0.0061, 0.1718}, 4},
		{"Clopper-Pearson 81/263", single, both(share(81, 263).ClopperPearson(0.95)), []float64{0.2527, 0.3676}, 4},
		{"Clopper-Pearson 15/148", single, both(share(15, 148).ClopperPearson(0.95)), []float64{0.0578, 0.1617}, 4},
		{"Clopper-Pearson 0/20", single, both(share(0, 20).ClopperPearson(0.95)), []float64{0, 0.1684}, 4},
		{"Clopper-Pearson 1/29", single, both(share(1, 29).ClopperPearson(0.95)), []float64{0.0009, 0.1776}, 4},
		{"method 10, 56/70 - 48/80", difference, both(pair(48, 80, 56, 70).Newcombe(0.95)), []float64{0.0524, 0.3339}, 4},
		{"method 10, 9/10 - 3/10", difference, both(pair(3, 10, 9, 10).Newcombe(0.95)), []float64{0.1705, 0.8090}, 4},
		{"method 10, 6/7 - 2/7", difference, both(pair(2, 7, 6, 7).Newcombe(0.95)), []float64{0.0582, 0.8062}, 4},
		{"method 10, 5/56 - 0/29", difference, both(pair(0, 29, 5, 56).Newcombe(0.95)), []float64{-0.0381, 0.1926}, 4},
		{"method 10, 0/10 - 0/20", difference, both(pair(0, 20, 0, 10).Newcombe(0.95)), []float64{-0.1611, 0.2775}, 4},
		{"method 10, 10/10 - 0/20", difference, both(pair(0, 20, 10, 10).Newcombe(0.95)), []float64{0.6791, 1}, 4},
		{"method 10, 10/10 - 0/10", difference, both(pair(0, 10, 10, 10).Newcombe(0.95)), []float64{0.6075, 1}, 4},
		{"tea tasting, 34/70", "Fisher, The Design of Experiments, 1935", []float64{tea}, []float64{34.0 / 70}, 12},
		{"relative sequence", "GrowthBook, tests of gbstats", append(both(growth.Around(lift)), lift.Value), []float64{0.40098, 0.60675, 0.50386}, 5},
	}
	for _, tt := range tests {
		for i, got := range tt.got {
			if !(math.Abs(got-tt.want[i]) <= 0.51*math.Pow10(-tt.digits)) {
				t.Errorf("%s (%s): got %v, want %v", tt.name, tt.source, tt.got, tt.want)
			}
		}
	}
}
