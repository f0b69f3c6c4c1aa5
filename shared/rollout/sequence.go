package rollout

import "math"

// Sequence makes confidence sequences: intervals that may be looked at after
// every unit, since the chance that the truth is ever outside is at most Alpha.
// They are the asymptotic ones of a normal mixture (I. Waudby-Smith, D. Arbour,
// R. Sinha, E. H. Kennedy, A. Ramdas, Time-uniform central limit theory and
// asymptotic confidence sequences, Annals of Statistics 52, 2024,
// arXiv:2103.06476). What is always valid for sums of normal values is so here
// to the extent that the estimate is about normal: not before a minimum of units.
type Sequence struct {
	// Alpha is the chance of an error, 0 to 1, both excluded: of either end when
	// two-sided, of each end when one-sided.
	Alpha float64
	// Tuning is the number of units, over both arms, at which the sequence is
	// narrowest for its kind. It must be fixed before the first look.
	Tuning float64
	// OneSided is for a question that only one end answers.
	OneSided bool
}

// Estimate is a value with what is known of its error.
type Estimate struct {
	Value    float64
	Variance float64 // of the value; it falls as units come
	N        int     // units over both arms
}

// Estimate returns the share with its variance.
func (p Proportion) Estimate() Estimate {
	return Estimate{p.Share(), p.variance() / float64(p.N), p.N}
}

// DifferenceEstimate returns the difference with its variance.
func (p Pair) DifferenceEstimate() Estimate {
	return Estimate{p.Difference(), p.differenceVariance(), p.A.N + p.B.N}
}

// LiftEstimate returns the lift with its variance by the delta method.
func (p Pair) LiftEstimate() Estimate {
	return Estimate{p.Lift(), p.liftVariance(), p.A.N + p.B.N}
}

// rho2 is the square of the mixture's parameter that makes the sequence
// narrowest at Tuning units; arXiv:2103.06476, appendix B.2, and for one-sided
// sequences, by its advice, the same at twice the alpha.
func (s Sequence) rho2() float64 {
	alpha := s.Alpha
	if s.OneSided {
		alpha = min(2*alpha, 0.999)
	}
	l := -2 * math.Log(alpha)
	return (l + math.Log1p(l)) / s.Tuning
}

// HalfWidth returns how far the ends are from an estimate of that variance after
// so many units. NaN where a parameter is out of its range.
func (s Sequence) HalfWidth(variance, units float64) float64 {
	if !(s.Alpha > 0 && s.Alpha < 1 && s.Tuning > 0 && units > 0) {
		return math.NaN()
	}
	r2 := s.rho2()
	grown := units*r2 + 1
	level := math.Log(math.Sqrt(grown) / s.Alpha)
	if s.OneSided {
		level = math.Log1p(math.Sqrt(grown) / (2 * s.Alpha))
	}
	return math.Sqrt(variance * units * 2 * grown / (units * units * r2) * level)
}

// Around returns the interval of an estimate. Of a one-sided sequence each end
// is valid by itself, not both together.
func (s Sequence) Around(e Estimate) Interval {
	return around(e.Value, s.HalfWidth(e.Variance, float64(e.N)))
}
