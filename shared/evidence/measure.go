package evidence

import (
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// Measure turns the days of one round of a phase into evidence for outcomes, by
// their names. Through is up to when everything that happened was folded. A unit
// counts for an outcome once the window has passed for every unit of its day,
// whatever is known before; until then it is censored.
//
// Where groups of leads are drawn, a unit is a group: its value is the mean of
// its leads that count, and it is censored while there are none.
func Measure(days []Day, through time.Time, outcomes []funnel.Outcome) rollout.Evidence {
	e := rollout.Evidence{Outcomes: map[string]rollout.Arms{}}
	treated, control := side(days, funnel.Treatment), side(days, funnel.Control)
	e.Enrolled = rollout.Enrolled{Treated: treated.enrolled(), Control: control.enrolled()}
	for _, o := range outcomes {
		e.Outcomes[o.Name] = rollout.Arms{
			Treated: treated.measure(o, through, e.Enrolled.Treated), Control: control.measure(o, through, e.Enrolled.Control),
		}
	}
	return e
}

// arm is the days of one arm.
type arm []Day

func side(days []Day, which funnel.Arm) arm {
	out := make(arm, 0, len(days))
	for _, d := range days {
		if d.Key.Arm == which {
			out = append(out, d)
		}
	}
	return out
}

// enrolled counts units, or groups that have any.
func (a arm) enrolled() int { return a.enrolledUntil("9999") }

// enrolledUntil counts those of the days up to one.
func (a arm) enrolledUntil(last string) int {
	n, groups := 0, map[string]bool{}
	for _, d := range a {
		if d.Key.Day > last {
			continue
		}
		for group, s := range d.Groups {
			if group == "" {
				n += s.Units
			} else if s.Units > 0 {
				groups[group] = true
			}
		}
	}
	return n + len(groups)
}

// mature returns the last day of which every unit has an age of so many days.
func mature(age int, through time.Time) string {
	return through.UTC().AddDate(0, 0, -1-age).Format(time.DateOnly)
}

// measure counts an outcome. All days are of units, or all are of groups.
func (a arm) measure(o funnel.Outcome, through time.Time, enrolled int) rollout.Arm {
	last, groups := mature(o.Days, through), map[string]rollout.Arm{}
	for _, d := range a {
		if d.Key.Day > last {
			continue
		}
		for group, s := range d.Groups {
			groups[group] = join(groups[group], s.of(o))
		}
	}
	if o.Measure == rollout.Mean && o.Event == funnel.Contacted {
		for group, minutes := range groups {
			groups[group] = inHours(minutes)
		}
	}
	sum := groups[""]
	delete(groups, "")
	if len(groups) > 0 {
		sum = means(groups)
	}
	// The workload's values are days of reps, which are no more than the units that
	// count: who is not old enough is what censored says, all the same.
	counted := sum.N
	if o.Name == funnel.Workload {
		counted = max(counted, a.enrolledUntil(last))
	}
	sum.Censored = max(0, enrolled-counted)
	return sum
}

func join(a, b rollout.Arm) rollout.Arm {
	return rollout.Arm{N: a.N + b.N, Sum: a.Sum + b.Sum, Squares: a.Squares + b.Squares}
}

// means makes each group one unit, with the mean of what was counted in it.
func means(groups map[string]rollout.Arm) rollout.Arm {
	var all rollout.Arm
	for _, name := range slices.Sorted(maps.Keys(groups)) { // in order, since fractions are added
		if g := groups[name]; g.N > 0 {
			value := g.Sum / float64(g.N)
			all = join(all, rollout.Arm{N: 1, Sum: value, Squares: value * value})
		}
	}
	return all
}

// of counts an outcome of units whose window has passed.
func (s Sums) of(o funnel.Outcome) rollout.Arm {
	switch {
	case o.Name == funnel.Workload:
		return s.workload()
	case o.Measure == rollout.Mean:
		return s.minutes(o.Days)
	}
	ages := s.Events[o.Event]
	if o.Reason != "" {
		ages = s.Reasons[o.Reason]
	}
	had := 0
	for age, n := range ages {
		if age < o.Days {
			had += n
		}
	}
	if o.Absent {
		had = s.Units - had
	}
	return rollout.Successes(had, s.Units, 0)
}

// minutes is the time to a first contact, cut off. Whole numbers are added up, so
// that the order of days does not matter.
func (s Sums) minutes(days int) rollout.Arm {
	var m Minutes
	for age, at := range s.Hours {
		if age < days {
			m = m.plus(at)
		}
	}
	const most = funnel.MostMinutes
	never := int64(s.Units - m.Units)
	return rollout.Arm{N: s.Units, Sum: float64(m.Sum + never*most), Squares: float64(m.Squares + never*most*most)}
}

func inHours(minutes rollout.Arm) rollout.Arm {
	const hour = 60
	return rollout.Arm{N: minutes.N, Sum: minutes.Sum / hour, Squares: minutes.Squares / (hour * hour)}
}

func (s Sums) workload() rollout.Arm {
	n, sum, squares := 0, 0, 0
	for _, given := range s.Reps {
		n, sum, squares = n+1, sum+given, squares+given*given
	}
	return rollout.Arm{N: n, Sum: float64(sum), Squares: float64(squares)}
}

const day = 24 * time.Hour
