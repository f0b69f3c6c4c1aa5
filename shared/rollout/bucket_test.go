package rollout_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/rollout"
)

// A bucket that changed would move enrolled leads to the other arm.
func TestBucketsStayAsPublished(t *testing.T) {
	file, err := os.Open("testdata/buckets.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 50 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		if want, err := strconv.Atoi(row[2]); err != nil || rollout.Bucket(row[0], row[1]) != want {
			t.Errorf("Bucket(%q, %q) is %d, want %s", row[0], row[1], rollout.Bucket(row[0], row[1]), row[2])
		}
	}
}

func TestIn(t *testing.T) {
	tests := []struct {
		bucket int
		share  float64
		want   bool
	}{
		{0, 0, false},
		{0, 0.0001, true},
		{1, 0.0001, false},
		{0, 0.00004, false}, // less than a bucket
		{2899, 0.29, true},  // 0.29 times 10,000 is a little less than 2900 in binary
		{2900, 0.29, false},
		{5699, 0.57, true},
		{5700, 0.57, false},
		{9999, 0.9999, false},
		{9999, 1, true},
		{0, -1, false},
		{0, math.NaN(), false},
		{9999, math.Inf(1), true},
	}
	for _, tt := range tests {
		if got := rollout.In(tt.bucket, tt.share); got != tt.want {
			t.Errorf("In(%d, %v) is %v", tt.bucket, tt.share, got)
		}
	}
}

func TestWideningMovesNobodyOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bucket := rollout.Bucket(rapid.String().Draw(t, "seed"), rapid.String().Draw(t, "unit"))
		if bucket < 0 || bucket >= rollout.Buckets {
			t.Fatalf("bucket %d", bucket)
		}
		narrow := rapid.Float64Range(0, 1).Draw(t, "narrow")
		wide := rapid.Float64Range(narrow, 1).Draw(t, "wide")
		if rollout.In(bucket, narrow) && !rollout.In(bucket, wide) {
			t.Fatalf("bucket %d is in at %v and out at %v", bucket, narrow, wide)
		}
		if rollout.In(bucket, 0) || !rollout.In(bucket, 1) {
			t.Fatalf("bucket %d is in at 0 or out at 1", bucket)
		}
	})
}

// Keys that differ in one digit, as keys do, fall evenly, and where they fall
// under one seed says nothing about another, or about a seed that is alike.
func TestBucketsAreEvenAndSeedsIndependent(t *testing.T) {
	const units, tenths = 40_000, 10
	for _, seeds := range [][2]string{{"spring", "autumn"}, {"1", "2"}, {"", "\x00"}} {
		var single, pairs [tenths * tenths]float64
		for i := range units {
			unit := fmt.Sprintf("account-%05d", i)
			a, b := rollout.Bucket(seeds[0], unit), rollout.Bucket(seeds[1], unit)
			single[a*len(single)/rollout.Buckets]++
			pairs[a*tenths/rollout.Buckets*tenths+b*tenths/rollout.Buckets]++
		}
		for name, cells := range map[string][tenths * tenths]float64{"of the first": single, "of both": pairs} {
			chi2, expected := 0.0, float64(units)/float64(len(cells))
			for _, n := range cells {
				chi2 += (n - expected) * (n - expected) / expected
			}
			if p := (distuv.ChiSquared{K: float64(len(cells) - 1)}).Survival(chi2); p < 0.001 {
				t.Errorf("seeds %q: buckets %s: chi-square %.1f, p %.2g", seeds, name, chi2, p)
			}
		}
	}
}
