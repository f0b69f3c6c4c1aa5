package rollout

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"
)

// mostDays is as far as words go: a hundred years.
const mostDays = 36_500

// counted names what a gate counts.
func (g Gate) counted(p Phase) string { return cmp.Or(g.Counts, p.Unit) }

// few says how many units there are of how many needed.
func (g Gate) few(p Phase, arms Arms) string {
	text := fmt.Sprintf("%s: %d %s in the process", g.Outcome, arms.Treated.N, plural(arms.Treated.N, g.counted(p)))
	if g.Against == Control {
		text += fmt.Sprintf(" and %d in control", arms.Control.N)
	}
	text += " are old enough"
	if g.Counts != "" { // who is too young is a unit, of which nobody knows what comes
		return fmt.Sprintf("%s, of %d needed", text, g.Minimum)
	}
	young := arms.Treated.Censored
	if g.Against == Control {
		young += arms.Control.Censored
		return fmt.Sprintf("%s and %d too young, of %d needed in each", text, young, g.Minimum)
	}
	return fmt.Sprintf("%s and %d too young, of %d needed", text, young, g.Minimum)
}

// describe puts a finding in words.
func (g Gate) describe(p Phase, arms Arms, f Finding) string {
	text := fmt.Sprintf("%s: %s of %d %s in the process", g.Outcome, g.amount(arms.Treated.mean()), f.Treated, plural(f.Treated, g.counted(p)))
	low, high := g.amount(f.Low), g.amount(f.High)
	if g.Against == Control {
		text += fmt.Sprintf(" and %s of %d in control, %s", g.amount(arms.Control.mean()), f.Control, g.gap(f.Value))
		low, high = g.gap(f.Low), g.gap(f.High)
	} else if g.Measure == Share {
		low, high = percent(max(0, f.Low)), percent(min(1, f.High))
	}
	text += fmt.Sprintf(" (%s to %s over all looks)", low, high)
	switch f.State {
	case Better, Worse:
		return fmt.Sprintf("%s, %s than %s", text, f.State, g.lineInWords())
	case Open, Few, Unusable:
	}
	return fmt.Sprintf("%s, not told apart from %s", text, g.lineInWords())
}

// lineInWords is what an outcome is better or worse than.
func (g Gate) lineInWords() string {
	switch {
	case g.Against == Threshold:
		return g.amount(g.Line)
	case g.Line == 0:
		return "control"
	}
	return "control " + g.gap(g.Line)
}

// amount is a share or a mean in words.
func (g Gate) amount(x float64) string {
	if g.Measure == Share {
		return percent(x)
	}
	return number(x)
}

// gap is a difference in words, with its sign.
func (g Gate) gap(x float64) string {
	sign := "+"
	if x < 0 {
		sign = "-"
	}
	if g.Measure == Mean {
		return sign + number(math.Abs(x))
	}
	return fmt.Sprintf("%s%.1f points", sign, math.Abs(100*x))
}

// percent keeps one digit, except of small shares.
func percent(x float64) string {
	if x > 0 && x < 0.01 {
		return fmt.Sprintf("%.2g %%", 100*x)
	}
	return strings.Replace(fmt.Sprintf("%.1f %%", 100*x), ".0 ", " ", 1)
}

// number keeps three digits, without an exponent where it reads better.
func number(x float64) string {
	if a := math.Abs(x); a >= 1000 && a < 1e9 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}

func plural(n int, unit string) string {
	if n == 1 {
		return unit
	}
	return unit + "s"
}

func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " and " + words[n]
}

// lasting puts a length of time in words, in the greatest unit of which there
// are two or more. Days and hours are rounded up, others to the nearest.
func lasting(d time.Duration) string {
	const day = 24 * time.Hour
	units := []struct {
		length time.Duration
		name   string
	}{{365 * day, "year"}, {30 * day, "month"}, {7 * day, "week"}}
	for _, u := range units {
		if d >= 2*u.length {
			return fmt.Sprintf("%.0f %ss", math.Round(float64(d)/float64(u.length)), u.name)
		}
	}
	n, name := int(math.Ceil(d.Hours()/24)), "day"
	if d < day {
		n, name = int(math.Ceil(d.Hours())), "hour"
	}
	return fmt.Sprintf("%d %s", n, plural(n, name))
}
