package rollout

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Proportion is how many of N units had an outcome. The methods return NaN for
// one that cannot be: less than one unit, or more successes than units.
type Proportion struct {
	Successes int `json:"successes"`
	N         int `json:"n"`
}

// Interval is a range of values, both ends included.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Test is what a test of a hypothesis found.
type Test struct {
	Statistic float64 // z or chi-square
	P         float64 // two-sided
}

func nowhere() Interval { return Interval{math.NaN(), math.NaN()} }

func (i Interval) within(low, high float64) Interval {
	return Interval{min(max(i.Low, low), high), min(max(i.High, low), high)}
}

func around(middle, half float64) Interval { return Interval{middle - half, middle + half} }

// twoSided returns the normal quantile of a two-sided confidence, such as 1.96
// of 0.95, and NaN outside of 0 to 1.
func twoSided(confidence float64) float64 {
	if !(confidence > 0 && confidence < 1) {
		return math.NaN()
	}
	return upper((1 - confidence) / 2)
}

// upper returns the z that a standard normal value exceeds with a chance of
// alpha, 0 to 1.
func upper(alpha float64) float64 { return -distuv.UnitNormal.Quantile(alpha) }

// tail is the chance that a standard normal value exceeds z. The library's
// Survival is 1 minus another chance and has no digits left beyond a z of 8.
func tail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

func (p Proportion) valid() bool { return p.N > 0 && p.Successes >= 0 && p.Successes <= p.N }

// Share returns the successes by the units, 0 to 1.
func (p Proportion) Share() float64 {
	if !p.valid() {
		return math.NaN()
	}
	return float64(p.Successes) / float64(p.N)
}

// variance is that of one unit, as it was observed.
func (p Proportion) variance() float64 { return p.Share() * (1 - p.Share()) }

// Normal returns Wald's interval: the share, give or take standard errors. It is
// the one of textbooks, and too narrow for small numbers and for shares near 0
// or 1 (L. D. Brown, T. T. Cai, A. DasGupta, Interval estimation for a binomial
// proportion, Statistical Science 16, 2001, section 2).
func (p Proportion) Normal(confidence float64) Interval {
	return around(p.Share(), twoSided(confidence)*math.Sqrt(p.variance()/float64(p.N))).within(0, 1)
}

// Wilson returns Wilson's score interval: every share that a test would not
// reject. It is the one to show to people, also for small numbers (E. B. Wilson,
// Probable inference, the law of succession, and statistical inference, Journal
// of the American Statistical Association 22, 1927). Where nothing was observed
// it is 0 to 1.
func (p Proportion) Wilson(confidence float64) Interval {
	z := twoSided(confidence)
	if p == (Proportion{}) && z > 0 {
		return Interval{0, 1}
	}
	n := float64(p.N)
	middle := (p.Share() + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p.variance()/n+z*z/(4*n*n))
	return around(middle, half).within(0, 1)
}

// AgrestiCoull returns Wald's interval around the middle of Wilson's (A. Agresti,
// B. A. Coull, Approximate is better than "exact" for interval estimation of
// binomial proportions, The American Statistician 52, 1998).
func (p Proportion) AgrestiCoull(confidence float64) Interval {
	z := twoSided(confidence)
	n := float64(p.N) + z*z
	middle := (p.Share()*float64(p.N) + z*z/2) / n
	return around(middle, z*math.Sqrt(middle*(1-middle)/n)).within(0, 1)
}

// ClopperPearson returns the exact interval, which is never too narrow and
// mostly too wide (C. J. Clopper, E. S. Pearson, The use of confidence or
// fiducial limits illustrated in the case of the binomial, Biometrika 26, 1934).
func (p Proportion) ClopperPearson(confidence float64) Interval {
	x, n := float64(p.Successes), float64(p.N)
	return p.beta(confidence, x, n-x+1, x+1, n-x)
}

// Jeffreys returns the equal-tailed interval of a share of which nothing was
// known before, by the prior Beta(1/2, 1/2); see Brown, Cai and DasGupta, 2001,
// section 3.1. Unlike there, the ends are not moved to 0 and 1 where nobody or
// everybody had the outcome.
func (p Proportion) Jeffreys(confidence float64) Interval {
	x, n := float64(p.Successes), float64(p.N)
	return p.beta(confidence, x+0.5, n-x+0.5, x+0.5, n-x+0.5)
}

// beta returns the lower quantile of one beta distribution and the upper of
// another. Where a parameter is zero the end is 0 or 1.
func (p Proportion) beta(confidence, lowA, lowB, highA, highB float64) Interval {
	if !p.valid() || math.IsNaN(twoSided(confidence)) {
		return nowhere()
	}
	out := (1 - confidence) / 2
	i := Interval{0, 1}
	if lowA > 0 {
		i.Low = distuv.Beta{Alpha: lowA, Beta: lowB}.Quantile(out)
	}
	if highB > 0 {
		// By the mirrored distribution, since 1 - out would lose digits.
		i.High = 1 - distuv.Beta{Alpha: highB, Beta: highA}.Quantile(out)
	}
	return i
}
