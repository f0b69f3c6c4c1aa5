package rollout

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// priorUnits is how many units the prior of AlwaysMismatch is worth. The more,
// the sooner it sees a small mismatch, and the later a large one.
const priorUnits = 100

// survival is the chance of a chi-square above x.
func survival(x, freedom float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	return distuv.ChiSquared{K: freedom}.Survival(x)
}

// Mismatch tests, by Pearson's chi-square, whether units fell to the arms in the
// ratio that was meant: the check of the sample ratio (A. Fabijan and others,
// Diagnosing sample ratio mismatch in online controlled experiments, KDD 2019).
// The ratio may be given in any unit: 1 to 1, or 0.5 to 0.5. It is right for one
// look; for many see AlwaysMismatch. Where the two are not of the same length,
// of at least 2, a part is not positive, or nobody was observed, it is NaN.
func Mismatch(observed []int, ratio []float64) Test {
	expected, ok := expect(observed, ratio)
	if !ok {
		return Test{math.NaN(), math.NaN()}
	}
	sum := 0.0
	for i, n := range observed {
		sum += (float64(n) - expected[i]) * (float64(n) - expected[i]) / expected[i]
	}
	return Test{sum, survival(sum, float64(len(observed)-1))}
}

// AlwaysMismatch returns a p-value of the same hypothesis that may be looked at
// after every unit: the chance that it is ever below alpha without a mismatch is
// at most alpha. It is the inverse of the Bayes factor against the meant ratio
// under a Dirichlet prior around it (M. Lindon, A. Malek, Anytime-valid inference
// for multinomial count data, NeurIPS 2022), here worth 100 units. NaN as in
// Mismatch.
func AlwaysMismatch(observed []int, ratio []float64) float64 {
	expected, ok := expect(observed, ratio)
	if !ok {
		return math.NaN()
	}
	total, logFactor := 0.0, 0.0
	for _, n := range observed {
		total += float64(n)
	}
	for i, n := range observed {
		part := expected[i] / total
		logFactor += logGamma(priorUnits*part+float64(n)) - logGamma(priorUnits*part) - float64(n)*math.Log(part)
	}
	logFactor -= logGamma(priorUnits+total) - logGamma(priorUnits)
	return min(1, math.Exp(-logFactor))
}

func logGamma(x float64) float64 {
	l, _ := math.Lgamma(x)
	return l
}

// expect returns how many units each arm should have.
func expect(observed []int, ratio []float64) (expected []float64, ok bool) {
	if len(observed) != len(ratio) || len(observed) < 2 {
		return nil, false
	}
	var total, whole float64
	for i, n := range observed {
		if n < 0 || !(ratio[i] > 0) || math.IsInf(ratio[i], 1) {
			return nil, false
		}
		total += float64(n)
		whole += ratio[i]
	}
	for _, part := range ratio {
		expected = append(expected, total*part/whole)
	}
	return expected, total > 0
}
