package evidence

import (
	"maps"

	"github.com/handoff-oss/handoff/shared/funnel"
)

// Sums is what was counted of some units.
type Sums struct {
	Units int `json:"units"`
	Leads int `json:"leads"`
	Mixed int `json:"mixed,omitempty"` // units with leads on both sides
	// Events counts units by the day of their age, from 0, on which the event came.
	Events map[funnel.Event]map[int]int `json:"events,omitempty"`
	// Reasons counts rejected units in the same way, by why they were.
	Reasons map[string]map[int]int `json:"reasons,omitempty"`
	// Hours sums up the units that were contacted, by the age at which they were.
	Hours map[int]Minutes `json:"hours,omitempty"`
	// Reps counts the units whose first lead a rep was given on this day, on
	// whichever day they were enrolled.
	Reps map[string]int `json:"reps,omitempty"`
}

// Minutes sums up the working minutes until units were contacted.
type Minutes struct {
	Units   int   `json:"n"`
	Sum     int64 `json:"s"`
	Squares int64 `json:"q"`
}

// tally is what is to be added to days, by group.
type tally map[DayKey]map[string]*Sums

// of returns the sums of a group on a day, to be added to.
func (t tally) of(k DayKey, group string) *Sums {
	if t[k] == nil {
		t[k] = map[string]*Sums{}
	}
	if t[k][group] == nil {
		t[k][group] = &Sums{}
	}
	return t[k][group]
}

// add counts a unit, or with -1 takes it out.
func (t tally) add(u Unit, sign int) {
	unit, leads, ok := u.joined()
	if !ok {
		return
	}
	e, group := unit.Enrolment, ""
	if e.Grouped() {
		group = e.ID
	}
	s := t.of(dayKey(e, e.At), group)
	s.Units += sign
	s.Leads += sign * leads
	if unit.Mixed {
		s.Mixed += sign
	}
	for event, age := range unit.Ages {
		if age < funnel.MostDays {
			s.Events = count(s.Events, event, age, sign)
		}
	}
	if age, rejected := unit.Ages[funnel.Rejected]; rejected && age < funnel.MostDays {
		s.Reasons = count(s.Reasons, unit.Reason, age, sign)
	}
	if unit.Contacted {
		s.contact(unit, sign)
	}
	if !unit.Given.IsZero() && unit.Rep != "" {
		given := t.of(dayKey(e, unit.Given), group)
		if given.Reps == nil {
			given.Reps = map[string]int{}
		}
		given.Reps[unit.Rep] += sign
	}
}

// contact counts the time until the unit's first lead was contacted. Another
// lead of the unit may have been contacted before, so its age is of its own.
func (s *Sums) contact(unit funnel.Unit, sign int) {
	age := unit.ContactAge
	if age >= funnel.MostDays {
		return
	}
	if s.Hours == nil {
		s.Hours = map[int]Minutes{}
	}
	m := s.Hours[age]
	m.Units += sign
	m.Sum += int64(sign) * unit.Minutes
	m.Squares += int64(sign) * unit.Minutes * unit.Minutes
	s.Hours[age] = m
}

// count counts into a map that it makes when there is none.
func count[K comparable](m map[K]map[int]int, k K, age, n int) map[K]map[int]int {
	if m == nil {
		m = map[K]map[int]int{}
	}
	if m[k] == nil {
		m[k] = map[int]int{}
	}
	m[k][age] += n
	return m
}

// plus returns the day with sums added, and whether that makes a difference.
func (d Day) plus(more map[string]*Sums) (Day, bool) {
	groups, differs := maps.Clone(d.Groups), false
	if groups == nil {
		groups = map[string]Sums{}
	}
	for group, s := range more {
		next, other := groups[group].plus(*s)
		differs = differs || other
		if next.empty() {
			delete(groups, group)
			continue
		}
		groups[group] = next
	}
	d.Groups = groups
	return d, differs
}

// plus adds sums. What came to nothing is left out, so that the same counts have
// the same form.
func (s Sums) plus(o Sums) (sum Sums, differs bool) {
	differs = o.Units != 0 || o.Leads != 0 || o.Mixed != 0
	s.Units, s.Leads, s.Mixed = s.Units+o.Units, s.Leads+o.Leads, s.Mixed+o.Mixed
	var changed [4]bool
	s.Events, changed[0] = addNested(s.Events, o.Events)
	s.Reasons, changed[1] = addNested(s.Reasons, o.Reasons)
	s.Hours, changed[2] = added(s.Hours, o.Hours, Minutes.plus)
	s.Reps, changed[3] = added(s.Reps, o.Reps, plus)
	for _, c := range changed {
		differs = differs || c
	}
	return s, differs
}

func (s Sums) empty() bool {
	return s.Units == 0 && s.Leads == 0 && s.Mixed == 0 && len(s.Events)+len(s.Reasons)+len(s.Hours)+len(s.Reps) == 0
}

func (m Minutes) plus(o Minutes) Minutes {
	return Minutes{m.Units + o.Units, m.Sum + o.Sum, m.Squares + o.Squares}
}

func plus(a, b int) int { return a + b }

// added returns a with everything of b added, zeros left out, and whether that
// differs from a.
func added[K, V comparable](a, b map[K]V, plus func(V, V) V) (sum map[K]V, differs bool) {
	var zero V
	for k, v := range b {
		if v == zero {
			continue
		}
		if !differs {
			a, differs = maps.Clone(a), true
		}
		if a == nil {
			a = map[K]V{}
		}
		if a[k] = plus(a[k], v); a[k] == zero {
			delete(a, k)
		}
	}
	return orNil(a), differs
}

// orNil makes a map without entries nil.
func orNil[K comparable, V any](m map[K]V) map[K]V {
	if len(m) == 0 {
		return nil
	}
	return m
}

func addNested[K comparable](a, b map[K]map[int]int) (sum map[K]map[int]int, differs bool) {
	for k, ages := range b {
		next, other := added(a[k], ages, plus)
		if !other {
			continue
		}
		if !differs {
			a, differs = maps.Clone(a), true
		}
		if a == nil {
			a = map[K]map[int]int{}
		}
		if a[k] = next; len(next) == 0 {
			delete(a, k)
		}
	}
	return orNil(a), differs
}
