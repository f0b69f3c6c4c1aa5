package evidence

import (
	"math"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// Span is which units count: those that were enrolled since a phase began, as
// far as everything was folded that happened until Through. From is taken as the
// UTC day that it is on.
type Span struct {
	From    time.Time
	Through time.Time
}

// Measure turns the days of one phase into evidence for outcomes, by their
// names. A unit counts for an outcome once the window has passed for every unit
// of its day, whatever is known before; until then it is censored.
//
// Where groups of leads are drawn, a unit is a group: its value is the mean of
// its leads that count, and it is censored while there are none. A group is taken
// as enrolled with its first lead.
func Measure(days []Day, span Span, outcomes []funnel.Outcome) rollout.Evidence {
	days = span.within(days)
	e := rollout.Evidence{Outcomes: map[string]rollout.Arms{}}
	e.Enrolled.Treated, e.Enrolled.Control = enrolled(days, funnel.Treatment), enrolled(days, funnel.Control)
	for _, o := range outcomes {
		e.Outcomes[o.Name] = rollout.Arms{
			Treated: measure(days, span, o, funnel.Treatment, e.Enrolled.Treated),
			Control: measure(days, span, o, funnel.Control, e.Enrolled.Control),
		}
	}
	return e
}

func (s Span) within(days []Day) []Day {
	from := s.From.UTC().Format(time.DateOnly)
	return slices.DeleteFunc(slices.Clone(days), func(d Day) bool { return d.Key.Day < from })
}

// mature tells whether every unit of a day has an age of so many days.
func (s Span) mature(d Day, age int) bool {
	begin, err := time.Parse(time.DateOnly, d.Key.Day)
	return err == nil && !s.Through.Before(begin.AddDate(0, 0, 1+age))
}

// enrolled counts units, or groups that have any.
func enrolled(days []Day, arm funnel.Arm) int {
	n, groups := 0, map[string]bool{}
	for _, d := range days {
		if d.Key.Arm != arm {
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

// measure counts one arm. All days are of units, or all are of groups.
func measure(days []Day, span Span, o funnel.Outcome, arm funnel.Arm, enrolled int) rollout.Arm {
	groups := map[string]rollout.Arm{}
	for _, d := range days {
		if d.Key.Arm != arm || !span.mature(d, o.Days) {
			continue
		}
		for group, s := range d.Groups {
			groups[group] = join(groups[group], s.of(o))
		}
	}
	all, n := groups[""], 0
	delete(groups, "")
	if all.N == 0 && len(groups) > 0 {
		all = means(groups)
	}
	if o.Name == funnel.Workload { // counts days of reps, of which there are at most as many as units
		for _, d := range days {
			if d.Key.Arm == arm && span.mature(d, o.Days) {
				n += d.Groups[""].Units
			}
		}
		all.Censored = enrolled - max(n, all.N)
		return all
	}
	all.Censored = enrolled - all.N
	return all
}

func join(a, b rollout.Arm) rollout.Arm {
	return rollout.Arm{N: a.N + b.N, Sum: a.Sum + b.Sum, Squares: a.Squares + b.Squares}
}

// means makes each group one unit, with the mean of what was counted in it.
func means(groups map[string]rollout.Arm) rollout.Arm {
	var all rollout.Arm
	for _, g := range groups {
		if g.N > 0 {
			value := g.Sum / float64(g.N)
			all = join(all, rollout.Arm{N: 1, Sum: value, Squares: value * value})
		}
	}
	return all
}

// of counts an outcome of units whose window has passed.
func (s Sums) of(o funnel.Outcome) rollout.Arm {
	switch o.Name {
	case funnel.Workload:
		return s.workload()
	}
	if o.Event == funnel.Contacted && o.Measure == rollout.Mean {
		return s.hours(o.Days)
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

// hours is the time to a first contact, cut off.
func (s Sums) hours(days int) rollout.Arm {
	var m Minutes
	for age, at := range s.Hours {
		if age < days {
			m = m.plus(at)
		}
	}
	const cut = funnel.MostMinutes
	never := int64(s.Units - m.Units)
	const hour = 60
	return rollout.Arm{N: s.Units, Sum: float64(m.Sum+never*cut) / hour, Squares: float64(m.Squares+never*cut*cut) / (hour * hour)}
}

func (s Sums) workload() rollout.Arm {
	var a rollout.Arm
	for _, n := range s.Reps {
		a = join(a, rollout.Arm{N: 1, Sum: float64(n), Squares: math.Pow(float64(n), 2)})
	}
	return a
}
