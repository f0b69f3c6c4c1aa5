package rollout

import "math"

// Design is how two proportions are to be compared, once, when all units are
// there. For a comparison that is looked at on the way see Sequence.
type Design struct {
	Alpha    float64 // the chance to see a change where there is none, 0 to 1, both excluded
	Power    float64 // the chance to see one that is there, above Alpha and below 1
	Ratio    float64 // units tried for each of control; 0 is 1
	OneSided bool    // only a change in one direction counts
}

// CohenH returns the distance of two shares on the scale on which all
// proportions vary alike: twice the difference of the arcsines of their roots
// (J. Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition,
// 1988, chapter 6). It is positive when other is the greater, 0 to pi in size.
func CohenH(base, other float64) float64 {
	return 2*math.Asin(math.Sqrt(other)) - 2*math.Asin(math.Sqrt(base))
}

func (d Design) valid() bool {
	return d.Alpha > 0 && d.Alpha < 1 && d.Power > d.Alpha && d.Power < 1 && d.ratio() > 0 && !math.IsInf(d.Ratio, 1)
}

func (d Design) ratio() float64 {
	if d.Ratio == 0 {
		return 1
	}
	return d.Ratio
}

// Reaches returns the power with so many units of control to see a change from
// the base share to base plus change. The method is Cohen's. NaN where a share
// is outside of 0 to 1.
func (d Design) Reaches(base, change, control float64) float64 {
	return d.power(math.Abs(CohenH(base, base+change)), control)
}

// power is that of a distance h.
func (d Design) power(h, control float64) float64 {
	if !d.valid() || math.IsNaN(h) || !(control > 0) {
		return math.NaN()
	}
	shift := h * math.Sqrt(control*d.ratio()/(1+d.ratio()))
	if d.OneSided {
		return tail(upper(d.Alpha) - shift)
	}
	z := upper(d.Alpha / 2)
	return tail(z-shift) + tail(z+shift)
}

// Size returns how many units of control it takes, as a fraction, to see a
// change from the base share with the design's power. NaN where there is no
// change or a share is outside of 0 to 1.
func (d Design) Size(base, change float64) float64 {
	h := math.Abs(CohenH(base, base+change))
	if !d.valid() || !(h > 0) {
		return math.NaN()
	}
	return solve(1e18, func(n float64) bool { return d.power(h, n) >= d.Power })
}

// Detectable returns the smallest change from the base share that so many units
// of control show with the design's power: upwards, the minimum detectable
// effect. It is NaN where even a share of 1 is too near.
func (d Design) Detectable(base, control float64) float64 {
	if !d.valid() || !(control > 0) || !(base >= 0 && base < 1) {
		return math.NaN()
	}
	most := CohenH(base, 1)
	if d.power(most, control) < d.Power {
		return math.NaN()
	}
	h := solve(most, func(h float64) bool { return d.power(h, control) >= d.Power })
	root := math.Sin(math.Asin(math.Sqrt(base)) + h/2)
	return root*root - base
}

// solve returns the smallest number up to high from which on enough holds, to
// about 15 digits, however small it is. Enough must hold at high.
func solve(high float64, enough func(float64) bool) float64 {
	low := high * 1e-30
	for range 120 {
		middle := math.Sqrt(low) * math.Sqrt(high)
		if enough(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return high
}
