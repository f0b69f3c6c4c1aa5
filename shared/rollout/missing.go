package rollout

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// missing says what a promotion still needs.
func (v Verdict) missing() []string {
	var out []string
	for i, f := range v.Findings {
		g := v.Phase.Gates[i]
		switch {
		case f.State == Few:
			out = append(out, v.tooFew(g))
		case f.State == Open && f.Role == Criterion:
			out = append(out, v.undecided(g, f))
		}
	}
	if left := v.Phase.Least - v.At.Sub(v.Phase.Started); left > 0 {
		out = append(out, fmt.Sprintf("The phase needs %s more.", lasting(left)))
	}
	return out
}

// tooFew says how many units lack to the gate's minimum, and for how long.
func (v Verdict) tooFew(g Gate) string {
	arms, e := v.Evidence.Outcomes[g.Outcome], v.Evidence.Enrolled
	treated := v.lack(g, arms.Treated, e.Treated, "in the process")
	if g.Against == Threshold {
		return v.needs(g, treated)
	}
	return v.needs(g, treated, v.lack(g, arms.Control, e.Control, "in control"))
}

// lack is what one arm is short of.
type lack struct {
	units, young int // short of, and how many of those are enrolled already
	where        string
	days         float64 // until the others are enrolled; infinite when nobody comes
}

func (v Verdict) lack(g Gate, a Arm, enrolled int, where string) lack {
	l := lack{units: g.Minimum - a.N, where: where}
	if g.Counts != "" {
		l.days = v.days(float64(l.units), a.N)
		return l
	}
	l.young = min(a.Censored, max(0, l.units))
	l.days = v.days(float64(l.units-l.young), enrolled)
	return l
}

// days is how long so many units take at the rate at which an arm was enrolled.
func (v Verdict) days(units float64, enrolled int) float64 {
	if units <= 0 {
		return 0
	}
	elapsed := v.At.Sub(v.Phase.Started).Hours() / 24
	if enrolled <= 0 || elapsed <= 0 {
		return math.Inf(1)
	}
	return units / (float64(enrolled) / elapsed)
}

func (v Verdict) needs(g Gate, lacks ...lack) string {
	days, young, words := 0.0, 0, []string{}
	for _, l := range lacks {
		if l.units <= 0 {
			continue
		}
		what := ""
		if len(words) == 0 {
			what = " more " + plural(l.units, g.counted(v.Phase))
		}
		words = append(words, strconv.Itoa(l.units)+what+" "+l.where)
		days, young = max(days, l.days), young+l.young
	}
	text := fmt.Sprintf("%s needs %s", g.Outcome, and(words))
	switch {
	case days == 0:
		return text + ", all of which are in and get old enough by themselves."
	case young > 0:
		text += fmt.Sprintf(" (%d of them in, and too young)", young)
	}
	return text + v.atThisRate(days)
}

// atThisRate ends a sentence.
func (v Verdict) atThisRate(days float64) string {
	if math.IsInf(days, 1) {
		return "; there is no rate yet to say how long that takes."
	}
	return fmt.Sprintf(", %s at this rate.", about(days))
}

// undecided says how much more evidence would do if it went on as it does.
func (v Verdict) undecided(g Gate, f Finding) string {
	arms := v.Evidence.Outcomes[g.Outcome]
	e := g.estimate(arms)
	distance := (e.Value - g.Line) * g.better()
	if !(e.Variance > 0) {
		return fmt.Sprintf("%s has the same value everywhere, which says nothing about how it varies.", g.Outcome)
	}
	if distance <= 0 {
		return fmt.Sprintf("%s is not better than %s so far; time alone will not change that.", g.Outcome, g.lineInWords())
	}
	const most = 1000
	enough := func(times float64) bool {
		return g.sequence().HalfWidth(e.Variance/times, times*float64(e.N)) < distance
	}
	if !enough(most) {
		return fmt.Sprintf("%s is so near to %s that no phase would tell them apart.", g.Outcome, g.lineInWords())
	}
	times := max(1, solve(most, enough))
	units := math.Ceil((times - 1) * float64(f.Treated+f.Control))
	young, enrolled := arms.Treated.Censored, v.Evidence.Enrolled.Treated
	if g.Counts != "" {
		young, enrolled = 0, arms.Treated.N
	} else if g.Against == Control {
		young, enrolled = young+arms.Control.Censored, enrolled+v.Evidence.Enrolled.Control
	}
	return fmt.Sprintf("%s needs about %.0f more %s if it stays as it is%s", g.Outcome, units, plural(int(units), g.counted(v.Phase)),
		v.atThisRate(v.days(units-float64(young), enrolled)))
}

// about puts a number of days in words.
func about(days float64) string {
	if days < 1 {
		return "less than a day"
	}
	return "about " + lasting(time.Duration(min(days, mostDays)*24*float64(time.Hour)))
}
