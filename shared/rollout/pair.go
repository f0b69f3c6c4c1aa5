package rollout

import (
	"math"
	"sort"
)

// Pair is two proportions to compare: A is the control, B what is tried. A
// difference is B minus A, a lift is the difference by A. The methods return
// NaN where a proportion cannot be or the quantity is not defined.
type Pair struct{ A, B Proportion }

// Difference returns the share of B less that of A, -1 to 1.
func (p Pair) Difference() float64 { return p.B.Share() - p.A.Share() }

// Lift returns the difference relative to A: 0.5 is half as much again. It is
// not defined where A had no success.
func (p Pair) Lift() float64 {
	if p.A.Successes == 0 {
		return math.NaN()
	}
	return p.Difference() / p.A.Share()
}

// differenceVariance is the variance of the difference as estimated.
func (p Pair) differenceVariance() float64 {
	return p.A.variance()/float64(p.A.N) + p.B.variance()/float64(p.B.N)
}

// liftVariance is the variance of the lift by the delta method.
func (p Pair) liftVariance() float64 {
	a, b := p.A.Share(), p.B.Share()
	if a == 0 {
		return math.NaN()
	}
	return p.B.variance()/(float64(p.B.N)*a*a) + b*b*p.A.variance()/(float64(p.A.N)*a*a*a*a)
}

// normal returns z and its two-sided p-value.
func normal(z float64) Test {
	return Test{z, 2 * tail(math.Abs(z))}
}

// PooledZ tests whether the shares are the same, with the variance that they
// would have if they were: the score test, whose square is Pearson's chi-square
// (J. L. Fleiss, B. Levin, M. C. Paik, Statistical Methods for Rates and
// Proportions, 3rd edition, 2003, chapter 3).
func (p Pair) PooledZ() Test {
	if !p.A.valid() || !p.B.valid() {
		return Test{math.NaN(), math.NaN()}
	}
	all := Proportion{p.A.Successes + p.B.Successes, p.A.N + p.B.N}
	return normal(p.Difference() / math.Sqrt(all.variance()*(1/float64(p.A.N)+1/float64(p.B.N))))
}

// WaldZ tests whether the shares are the same, with the variance of each as
// observed: the test that belongs to Wald's interval.
func (p Pair) WaldZ() Test { return normal(p.Difference() / math.Sqrt(p.differenceVariance())) }

// ChiSquared is Pearson's test of independence in the table of two by two.
func (p Pair) ChiSquared() Test { return p.chiSquared(0) }

// Yates is Pearson's test with the correction for continuity (F. Yates,
// Contingency tables involving small numbers and the chi-square test, Supplement
// to the Journal of the Royal Statistical Society 1, 1934).
func (p Pair) Yates() Test { return p.chiSquared(0.5) }

// chiSquared sums over the cells. All four are off by the same number, which
// the correction lessens, though not below zero.
func (p Pair) chiSquared(correction float64) Test {
	if !p.A.valid() || !p.B.valid() {
		return Test{math.NaN(), math.NaN()}
	}
	n, successes := float64(p.A.N+p.B.N), float64(p.A.Successes+p.B.Successes)
	sum := 0.0
	for _, arm := range []Proportion{p.A, p.B} {
		expected := float64(arm.N) * successes / n
		off := math.Abs(float64(arm.Successes) - expected)
		off -= min(off, correction)
		sum += off*off/expected + off*off/(float64(arm.N)-expected)
	}
	return Test{sum, survival(sum, 1)}
}

// Fisher returns the odds ratio as observed, B's odds by A's, and the p-value of
// Fisher's exact test: the chance, were the shares the same, of a table with the
// same margins that is no likelier than this one (R. A. Fisher, Statistical
// Methods for Research Workers, 5th edition, 1934, section 21.02). The ratio is
// infinite, or NaN, where an odds is.
func (p Pair) Fisher() (odds, chance float64) {
	if !p.A.valid() || !p.B.valid() {
		return math.NaN(), math.NaN()
	}
	a, b := float64(p.A.Successes), float64(p.B.Successes)
	odds = b * (float64(p.A.N) - a) / ((float64(p.B.N) - b) * a)
	successes := p.A.Successes + p.B.Successes
	logChance := func(inB int) float64 {
		return logChoose(p.B.N, inB) + logChoose(p.A.N, successes-inB) - logChoose(p.A.N+p.B.N, successes)
	}
	// As likely as this one, give or take the rounding of logarithms.
	limit := logChance(p.B.Successes) + 1e-7
	least, most := max(0, successes-p.A.N), min(successes, p.B.N)
	mode := min(max((successes+1)*(p.B.N+1)/(p.A.N+p.B.N+2), least), most)
	// The chances rise to the mode and fall after it. Both tails are summed up
	// from where they begin until nothing is left to add.
	down := sort.Search(mode-least+1, func(i int) bool { return logChance(mode-i) <= limit })
	for k := mode - down; k >= least && logChance(k) > limit-50; k-- {
		chance += math.Exp(logChance(k))
	}
	up := sort.Search(most-mode, func(i int) bool { return logChance(mode+1+i) <= limit })
	for k := mode + 1 + up; k <= most && logChance(k) > limit-50; k++ {
		chance += math.Exp(logChance(k))
	}
	return odds, min(1, chance)
}

func logChoose(n, k int) float64 {
	return logGamma(float64(n)+1) - logGamma(float64(k)+1) - logGamma(float64(n-k)+1)
}

// Wald returns the interval of the difference by the normal approximation. An
// end may lie beyond -1 or 1.
func (p Pair) Wald(confidence float64) Interval {
	return around(p.Difference(), twoSided(confidence)*math.Sqrt(p.differenceVariance()))
}

// AgrestiCaffo returns Wald's interval of the difference after one success and
// one failure were added to each side (A. Agresti, B. Caffo, Simple and
// effective confidence intervals for proportions and differences of proportions,
// The American Statistician 54, 2000).
func (p Pair) AgrestiCaffo(confidence float64) Interval {
	if !p.A.valid() || !p.B.valid() {
		return nowhere()
	}
	return Pair{p.A.shrunk(), p.B.shrunk()}.Wald(confidence)
}

// shrunk has one success and one failure more.
func (p Proportion) shrunk() Proportion { return Proportion{p.Successes + 1, p.N + 2} }

// Newcombe returns the interval of the difference that is made of both Wilson
// intervals; it is the one to show to people, also for small numbers (R. G.
// Newcombe, Interval estimation for the difference between independent
// proportions, Statistics in Medicine 17, 1998, method 10).
func (p Pair) Newcombe(confidence float64) Interval {
	a, b := p.A.Wilson(confidence), p.B.Wilson(confidence)
	d := p.Difference()
	return Interval{
		d - math.Hypot(p.B.Share()-b.Low, a.High-p.A.Share()),
		d + math.Hypot(b.High-p.B.Share(), p.A.Share()-a.Low),
	}
}

// LiftInterval returns the interval of the lift by the normal approximation of
// the logarithm of the ratio, which keeps it above -1 (D. Katz, J. Baptista,
// S. P. Azen, M. C. Pike, Obtaining confidence intervals for the risk ratio in
// cohort studies, Biometrics 34, 1978). It is not defined where a side had no
// success.
func (p Pair) LiftInterval(confidence float64) Interval {
	a, b := p.A.Share(), p.B.Share()
	if !(a > 0 && b > 0) {
		return nowhere()
	}
	half := twoSided(confidence) * math.Sqrt((1-a)/float64(p.A.Successes)+(1-b)/float64(p.B.Successes))
	middle := math.Log(b / a)
	return Interval{math.Expm1(middle - half), math.Expm1(middle + half)}
}
