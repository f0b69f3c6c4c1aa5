package rhythm

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// usually says how many events there are at that time of the week, by the
// hour, by the day or by the week, whichever gives a number to speak of.
func (m *model) usually(h hour) string {
	t := h.time().In(m.zone)
	part, from, to := partOfDay(t.Hour())
	day := int(t.Weekday()) * 24
	switch hourly, daily := m.usualSum(day+from, day+to)/float64(to-from), m.usualSum(day, day+24); {
	case hourly >= 1 && m.spread(day+from, day+to):
		return fmt.Sprintf("Usually %.0f an hour on %s %ss", hourly, t.Weekday(), part)
	case daily >= 1:
		return fmt.Sprintf("Usually %.0f on a %s", daily, t.Weekday())
	}
	return fmt.Sprintf("Usually %.0f a week", m.level*m.perWeek())
}

// spread tells whether events come in half of these hours of the week or more.
func (m *model) spread(from, to int) bool {
	n := 0
	for _, x := range m.mean[from:to] {
		if x > 0 {
			n++
		}
	}
	return 2*n >= to-from
}

// usualSum is the median over the weeks of what came in these hours of a day.
func (m *model) usualSum(from, to int) float64 {
	var sums []float64
	last := -1
	for _, h := range m.hours {
		if h.slot < from || h.slot >= to {
			continue
		}
		if h.day != last {
			sums = append(sums, 0)
			last = h.day
		}
		sums[len(sums)-1] += h.came
	}
	return m.level * median(sums)
}

func partOfDay(hour int) (name string, from, to int) {
	switch {
	case hour < 6:
		return "night", 0, 6
	case hour < 12:
		return "morning", 6, 12
	case hour < 18:
		return "afternoon", 12, 18
	}
	return "evening", 18, 24
}

// lasting puts a length of time in words.
func lasting(d time.Duration) string {
	hours := int(d.Hours())
	if hours < 72 {
		return fmt.Sprintf("%d h", hours)
	}
	return fmt.Sprintf("%d days", hours/24)
}

func percent(share float64) string {
	if p := 100 * share; p > 0 && p < 1 {
		return "less than 1 %"
	}
	return fmt.Sprintf("%.0f %%", math.Floor(100*share))
}

func outOf(failed, all int) string {
	if failed == 0 {
		return fmt.Sprintf("none of %d failed", all)
	}
	return fmt.Sprintf("%d of %d failed", failed, all)
}

func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " and " + words[n]
}

func is(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}
