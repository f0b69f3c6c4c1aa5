package rollout_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/rollout"
)

func drawProportion(t *rapid.T, name string) rollout.Proportion {
	n := rapid.OneOf(rapid.IntRange(1, 60), rapid.IntRange(1, 100_000)).Draw(t, name+" n")
	return rollout.Proportion{Successes: rapid.IntRange(0, n).Draw(t, name+" x"), N: n}
}

func intervals(p rollout.Proportion) map[string]func(float64) rollout.Interval {
	return map[string]func(float64) rollout.Interval{
		"normal": p.Normal, "wilson": p.Wilson, "agresti-coull": p.AgrestiCoull, "clopper-pearson": p.ClopperPearson, "jeffreys": p.Jeffreys,
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestIntervalsOfAProportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProportion(t, "p")
		confidence := rapid.Float64Range(0.5, 0.999).Draw(t, "confidence")
		mirror := intervals(rollout.Proportion{Successes: p.N - p.Successes, N: p.N})
		for name, of := range intervals(p) {
			i, wider, other := of(confidence), of(confidence/2+0.5), mirror[name](confidence)
			if !(i.Low >= 0 && i.Low <= i.High && i.High <= 1) {
				t.Fatalf("%s: %v", name, i)
			}
			if wider.Low > i.Low+1e-12 || wider.High < i.High-1e-12 {
				t.Fatalf("%s: %v at %v, %v at more", name, i, confidence, wider)
			}
			if !near(i.Low, 1-other.High) || !near(i.High, 1-other.Low) {
				t.Fatalf("%s: %v of successes, %v of failures", name, i, other)
			}
			atEdge := p.Successes == 0 || p.Successes == p.N
			if name != "jeffreys" || !atEdge {
				if s := p.Share(); s < i.Low-1e-12 || s > i.High+1e-12 {
					t.Fatalf("%s: %v does not hold %v", name, i, s)
				}
			}
		}
	})
}

func TestWhatCannotBeIsNotANumber(t *testing.T) {
	bad := []rollout.Proportion{{}, {Successes: 1}, {Successes: -1, N: 5}, {Successes: 6, N: 5}, {N: -3}}
	for _, p := range bad {
		pair := rollout.Pair{A: p, B: rollout.Proportion{Successes: 1, N: 2}}
		odds, chance := pair.Fisher()
		numbers := []float64{
			p.Share(), pair.Difference(), pair.Lift(), pair.PooledZ().P, pair.WaldZ().P, pair.ChiSquared().P, pair.Yates().P, odds, chance,
			pair.Wald(0.9).Low, pair.AgrestiCaffo(0.9).Low, pair.Newcombe(0.9).Low, pair.LiftInterval(0.9).Low,
		}
		for name, of := range intervals(p) {
			if name != "wilson" || p.N != 0 || p.Successes != 0 {
				numbers = append(numbers, of(0.9).Low, of(0.9).High)
			}
		}
		for i, x := range numbers {
			if !math.IsNaN(x) {
				t.Errorf("%v: number %d is %v", p, i, x)
			}
		}
	}
	if got := (rollout.Proportion{}).Wilson(0.9); got != (rollout.Interval{Low: 0, High: 1}) {
		t.Errorf("of nobody: %v", got)
	}
	for _, confidence := range []float64{0, 1, -1, 2, math.NaN(), math.Inf(1)} {
		for name, of := range intervals(rollout.Proportion{Successes: 1, N: 5}) {
			if i := of(confidence); !math.IsNaN(i.Low) || !math.IsNaN(i.High) {
				t.Errorf("%s at %v: %v", name, confidence, i)
			}
		}
	}
	for _, ratio := range [][]float64{nil, {1}, {1, 0}, {1, -1}, {1, math.NaN()}, {1, math.Inf(1)}, {1, 1, 1}} {
		if test := rollout.Mismatch([]int{3, 4}, ratio); !math.IsNaN(test.P) || !math.IsNaN(rollout.AlwaysMismatch([]int{3, 4}, ratio)) {
			t.Errorf("ratio %v: %v", ratio, test)
		}
	}
	for _, s := range []rollout.Sequence{{}, {Alpha: 1, Tuning: 5}, {Alpha: 0.1}, {Alpha: 0.1, Tuning: -1}, {Alpha: math.NaN(), Tuning: 5}} {
		if h := s.HalfWidth(1, 10); !math.IsNaN(h) {
			t.Errorf("%v: %v", s, h)
		}
	}
}

func TestPower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rollout.Design{
			Alpha: rapid.Float64Range(0.001, 0.2).Draw(t, "alpha"), Power: rapid.Float64Range(0.3, 0.99).Draw(t, "power"),
			Ratio: rapid.Float64Range(0.05, 20).Draw(t, "ratio"), OneSided: rapid.Bool().Draw(t, "one-sided"),
		}
		base := rapid.Float64Range(0.01, 0.9).Draw(t, "base")
		change := rapid.Float64Range(0.001, 0.99-base).Draw(t, "change")
		n := d.Size(base, change)
		if p := d.Reaches(base, change, n); math.Abs(p-d.Power) > 1e-9 {
			t.Fatalf("%v units reach %v", n, p)
		}
		if got := d.Detectable(base, n); math.Abs(got-change) > 1e-9 {
			t.Fatalf("%v units detect %v, want %v", n, got, change)
		}
	})
	for _, x := range []float64{
		(rollout.Design{Alpha: 0.05, Power: 0.8}).Size(0.5, 0), (rollout.Design{Alpha: 0.05, Power: 0.8}).Size(0.5, 0.6),
		(rollout.Design{Alpha: 0.05, Power: 0.8}).Detectable(0.5, 2), (rollout.Design{Alpha: 0.9, Power: 0.8}).Size(0.5, 0.1),
	} {
		if !math.IsNaN(x) {
			t.Errorf("got %v of what cannot be", x)
		}
	}
}

// The ends of a sequence are where the mixture's evidence against the value
// there is worth 1/alpha: exactly so for two sides, at least so for one. That
// such evidence is rare is Ville's inequality; it is computed here by the
// mixture's own integral.
func TestSequenceEndsWhereTheEvidenceDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rollout.Sequence{Alpha: rapid.Float64Range(0.001, 0.4).Draw(t, "alpha"), Tuning: rapid.Float64Range(20, 5000).Draw(t, "tuning")}
		n := float64(rapid.IntRange(1, 20_000).Draw(t, "n"))
		for _, s.OneSided = range []bool{false, true} {
			l := -2 * math.Log(s.Alpha)
			if s.OneSided {
				l = -2 * math.Log(2*s.Alpha)
			}
			rho := math.Sqrt((l + math.Log(l+1)) / s.Tuning)
			z := s.HalfWidth(1/n, n) * n // the sum of n values of variance 1
			x := rho * z / math.Sqrt(n*rho*rho+1)
			logEvidence := x*x/2 - math.Log(n*rho*rho+1)/2
			if s.OneSided {
				logEvidence += math.Log(2 * distuv.UnitNormal.CDF(x))
			}
			short := -math.Log(s.Alpha) - logEvidence
			if short > 1e-9 || !s.OneSided && short < -1e-9 {
				t.Fatalf("%+v after %v: evidence exp(%v)", s, n, logEvidence)
			}
			if fixed := distuv.UnitNormal.Quantile(1-s.Alpha/2) / math.Sqrt(n); !s.OneSided && s.HalfWidth(1/n, n) <= fixed {
				t.Fatalf("%+v after %v is narrower than an interval for one look", s, n)
			}
		}
	})
}

func TestSequenceIsNarrowestWhereItIsTuned(t *testing.T) {
	for _, alpha := range []float64{0.01, 0.05, 0.2} {
		for _, oneSided := range []bool{false, true} {
			tuned := rollout.Sequence{Alpha: alpha, Tuning: 400, OneSided: oneSided}.HalfWidth(1, 400)
			best := math.Inf(1)
			for tuning := 50.0; tuning < 4000; tuning *= 1.1 {
				best = min(best, rollout.Sequence{Alpha: alpha, Tuning: tuning, OneSided: oneSided}.HalfWidth(1, 400))
			}
			if tuned > 1.01*best {
				t.Errorf("alpha %v, one-sided %v: %v, and %v by another tuning", alpha, oneSided, tuned, best)
			}
		}
	}
}

// A check of the ratio after every unit alarms rarely without a mismatch, where
// chi-square alarms often, and soon with one.
func TestAlwaysMismatch(t *testing.T) {
	const runs, units, alpha = 1000, 600, 0.01
	tests := []struct {
		name         string
		meant, truth float64
		least, most  int // alarms
	}{
		{"one in two", 0.5, 0.5, 0, runs * alpha},
		{"one in ten", 0.1, 0.1, 0, runs * alpha},
		{"60 for 50", 0.5, 0.6, runs * 9 / 10, runs},
		{"none for one in ten", 0.1, 0, runs, runs},
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, tt := range tests {
		alarms, naive, sum := 0, 0, 0
		for range runs {
			observed, peeked := []int{0, 0}, false
			for i := range units {
				arm := 1
				if r.Float64() < tt.truth {
					arm = 0
				}
				observed[arm]++
				if ratio := []float64{tt.meant, 1 - tt.meant}; rollout.AlwaysMismatch(observed, ratio) < alpha {
					alarms, sum = alarms+1, sum+i
					break
				} else if i%8 == 0 && rollout.Mismatch(observed, ratio).P < alpha {
					peeked = true
				}
			}
			if peeked {
				naive++
			}
		}
		t.Logf("%-20s %5.1f %% alarms, after %d units on the average; peeking at chi-square %.1f %%",
			tt.name, 100*float64(alarms)/runs, sum/max(1, alarms), 100*float64(naive)/runs)
		if alarms < tt.least || alarms > tt.most {
			t.Errorf("%s: %d alarms in %d runs", tt.name, alarms, runs)
		}
	}
}
