package rollout_test

import (
	"math"
	"math/rand/v2"
	"strings"
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
			if !(i.Low >= 0 && i.Low <= i.High && i.High <= 1) || !holds(wider, i.Low) || !holds(wider, i.High) {
				t.Fatalf("%s: %v at %v, %v at more", name, i, confidence, wider)
			}
			if !near(i.Low, 1-other.High) || !near(i.High, 1-other.Low) {
				t.Fatalf("%s: %v of successes, %v of failures", name, i, other)
			}
		}
	})
}

// All hold the share as observed, but for Jeffreys' where nobody or everybody had
// the outcome.
func TestIntervalsHoldTheShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawProportion(t, "p")
		edge := p.Successes == 0 || p.Successes == p.N
		for name, of := range intervals(p) {
			if i := of(0.9); (name != "jeffreys" || !edge) && !holds(i, p.Share()) {
				t.Fatalf("%s: %v does not hold %v", name, i, p.Share())
			}
		}
	})
}

func holds(i rollout.Interval, x float64) bool { return x >= i.Low-1e-12 && x <= i.High+1e-12 }

// numbers are all of a proportion and of its comparison with one in two.
func numbers(p rollout.Proportion) map[string]float64 {
	pair := rollout.Pair{A: p, B: rollout.Proportion{Successes: 1, N: 2}}
	odds, chance := pair.Fisher()
	all := map[string]float64{
		"share": p.Share(), "difference": pair.Difference(), "lift": pair.Lift(), "pooled": pair.PooledZ().P, "wald z": pair.WaldZ().P,
		"chi-square": pair.ChiSquared().P, "yates": pair.Yates().P, "odds": odds, "fisher": chance,
		"wald": pair.Wald(0.9).Low, "caffo": pair.AgrestiCaffo(0.9).Low, "newcombe": pair.Newcombe(0.9).Low, "lift interval": pair.LiftInterval(0.9).Low,
	}
	for name, of := range intervals(p) {
		all[name+" low"], all[name+" high"] = of(0.9).Low, of(0.9).High
	}
	return all
}

func TestProportionsThatCannotBe(t *testing.T) {
	for _, p := range []rollout.Proportion{{Successes: 1}, {Successes: -1, N: 5}, {Successes: 6, N: 5}, {N: -3}, {}} {
		for name, x := range numbers(p) {
			nobody := p.N == 0 && p.Successes == 0 && strings.HasPrefix(name, "wilson")
			if !math.IsNaN(x) && !nobody {
				t.Errorf("%v: %s is %v", p, name, x)
			}
		}
	}
	if got := (rollout.Proportion{}).Wilson(0.9); got != (rollout.Interval{Low: 0, High: 1}) {
		t.Errorf("of nobody: %v", got)
	}
}

func TestParametersThatCannotBe(t *testing.T) {
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
		if got, want := logEvidence(s, 1, n), -math.Log(s.Alpha); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%+v after %v: evidence exp(%v), want exp(%v)", s, n, got, want)
		}
		if fixed := distuv.UnitNormal.Quantile(1-s.Alpha/2) / math.Sqrt(n); s.HalfWidth(1/n, n) <= fixed {
			t.Fatalf("%+v after %v is narrower than an interval for one look", s, n)
		}
		s.OneSided = true
		if got, want := logEvidence(s, 2, n), -math.Log(s.Alpha); got < want-1e-9 {
			t.Fatalf("%+v after %v: evidence exp(%v), want exp(%v)", s, n, got, want)
		}
	})
}

// logEvidence is the logarithm of the mixture's likelihood ratio where the
// sequence ends, after n values of variance 1. The parameter is tuned at so many
// times alpha.
func logEvidence(s rollout.Sequence, times, n float64) float64 {
	l := -2 * math.Log(times*s.Alpha)
	rho := math.Sqrt((l + math.Log(l+1)) / s.Tuning)
	sum := s.HalfWidth(1/n, n) * n
	x := rho * sum / math.Sqrt(n*rho*rho+1)
	both := x*x/2 - math.Log(n*rho*rho+1)/2
	if s.OneSided {
		return both + math.Log(2*distuv.UnitNormal.CDF(x))
	}
	return both
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
		alarms, naive := 0, 0
		for range runs {
			alarm, peeked := watch(r, []float64{tt.meant, 1 - tt.meant}, tt.truth, units, alpha)
			if alarm {
				alarms++
			}
			if peeked {
				naive++
			}
		}
		t.Logf("%-20s %5.1f %% alarms; peeking at chi-square %5.1f %%", tt.name, 100*float64(alarms)/runs, 100*float64(naive)/runs)
		if alarms < tt.least || alarms > tt.most {
			t.Errorf("%s: %d alarms in %d runs", tt.name, alarms, runs)
		}
	}
}

// watch looks at the ratio after every unit, and at chi-square after every
// eighth, and says which of them is ever below alpha.
func watch(r *rand.Rand, ratio []float64, truth float64, units int, alpha float64) (always, chi2 bool) {
	observed := []int{0, 0}
	for i := range units {
		arm := 1
		if r.Float64() < truth {
			arm = 0
		}
		observed[arm]++
		always = always || rollout.AlwaysMismatch(observed, ratio) < alpha
		chi2 = chi2 || i%8 == 0 && rollout.Mismatch(observed, ratio).P < alpha
	}
	return always, chi2
}
