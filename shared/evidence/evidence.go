// Package evidence adds up what became of the units of a phase, and turns the
// sums into what rollout.Judge looks at. Sums are kept per phase, arm and UTC day
// of enrolment, with the age at which each outcome came, so that nothing has to
// be counted again when units get old enough: a day counts for an outcome once
// the outcome's window has passed for every unit of the day. A change of a lead
// changes the sums by the difference of its unit before and after (Fold). It is
// pure. It does not know where units and sums are stored, nor when it is called.
//
// From leads to a decision: lead.Record says what became of a lead; the decision
// core's write stores a Change when that differs; package census folds the changes
// of the last hours; funnel.Of and Measure make evidence of the sums for the gates
// of a phase; rollout.Decide rules on it.
//
// Folding records in any order, and any of them again, gives the sums that
// counting them from the start would give. All sums are whole numbers, so that
// this is exact.
package evidence

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Change is what a lead's record became with a version of the lead.
type Change struct {
	Lead    signal.LeadKey `json:"lead"`
	Version int64          `json:"version"` // of the lead
	Record  funnel.Record  `json:"record"`
	// Gone says that the lead is none of the unit's any more, which Record names: it
	// was merged into another one, or erased.
	Gone bool `json:"gone,omitempty"`
}

// UnitKey names what is kept of one unit. Where groups of leads are drawn it is
// one lead.
type UnitKey struct {
	Phase string `json:"phase"`
	Round int    `json:"round"`
	ID    string `json:"id"`
}

// Of returns the unit that a change is about.
func (c Change) Of() UnitKey {
	e := c.Record.Enrolment
	if e.Grouped() {
		return UnitKey{e.Phase, e.Round, string(c.Lead)}
	}
	return UnitKey{e.Phase, e.Round, e.ID}
}

// Unit is what is kept of a unit: the record of each of its leads as it was
// folded last.
type Unit struct {
	Key     UnitKey                   `json:"key"`
	Version int64                     `json:"version"` // grows by one with every write; 0 when nothing is stored
	Leads   map[signal.LeadKey]Change `json:"leads"`
}

// apply returns the unit with a change, and whether it says anything new. An
// older version than the one that is known changes nothing.
func (u Unit) apply(c Change) (Unit, bool) {
	if known, ok := u.Leads[c.Lead]; ok && known.Version >= c.Version {
		return u, false
	}
	u.Leads = maps.Clone(u.Leads)
	if u.Leads == nil {
		u.Leads = map[signal.LeadKey]Change{}
	}
	u.Leads[c.Lead] = c
	return u, true
}

// joined puts the unit's leads together; ok is false when it has none.
func (u Unit) joined() (unit funnel.Unit, leads int, ok bool) {
	var records []funnel.Record
	for _, c := range u.Leads { // in any order, which is all the same to Join
		if !c.Gone {
			records = append(records, c.Record)
		}
	}
	return funnel.Join(records), len(records), len(records) > 0
}

// DayKey names the sums of a day.
type DayKey struct {
	Phase string     `json:"phase"`
	Round int        `json:"round"`
	Arm   funnel.Arm `json:"arm"`
	Day   string     `json:"day"` // UTC, such as 2026-11-25
}

func dayKey(e funnel.Enrolment, at time.Time) DayKey {
	return DayKey{e.Phase, e.Round, e.Arm, at.UTC().Format(time.DateOnly)}
}

// Day is what was counted of the units that were enrolled on one day, in one arm
// of a phase.
type Day struct {
	Key     DayKey `json:"key"`
	Version int64  `json:"version"` // grows by one with every write; 0 when nothing is stored
	// Groups are the sums by the group that was drawn: the rep or the team. Where
	// leads or accounts are drawn all are under "".
	Groups map[string]Sums `json:"groups"`
}

// Fold applies changes to the units that they are about and to the days that
// these count for. Units and days hold those that are stored; the ones that are
// missing are new. It returns the units and the days that differ now, in the
// order of their keys, with the versions that they had. What ends up as it was is
// left out.
func Fold(units map[UnitKey]Unit, days map[DayKey]Day, changes []Change) (changedUnits []Unit, changedDays []Day) {
	after := apply(units, changes)
	sums := difference(units, after)
	for _, k := range sortedUnits(after) {
		changedUnits = append(changedUnits, after[k])
	}
	for _, k := range sortedDays(sums) {
		d := days[k]
		d.Key = k
		if next, differs := d.plus(sums[k]); differs {
			changedDays = append(changedDays, next)
		}
	}
	return changedUnits, changedDays
}

// Days returns the days that Fold needs for changes, given the units that are
// stored.
func Days(units map[UnitKey]Unit, changes []Change) []DayKey {
	return sortedDays(difference(units, apply(units, changes)))
}

// apply returns the units to which changes are news.
func apply(units map[UnitKey]Unit, changes []Change) map[UnitKey]Unit {
	after := map[UnitKey]Unit{}
	for _, c := range changes {
		k := c.Of()
		u, ok := after[k]
		if !ok {
			u = units[k]
			u.Key = k
		}
		if next, news := u.apply(c); news {
			after[k] = next
		}
	}
	return after
}

// difference is what units count now, less what they did.
func difference(before, after map[UnitKey]Unit) tally {
	sums := tally{}
	for k, u := range after {
		sums.add(before[k], -1)
		sums.add(u, 1)
	}
	return sums
}

func sortedUnits(m map[UnitKey]Unit) []UnitKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b UnitKey) int {
		return cmp.Or(cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Round, b.Round), cmp.Compare(a.ID, b.ID))
	})
}

func sortedDays(m tally) []DayKey {
	return slices.SortedFunc(maps.Keys(m), func(a, b DayKey) int {
		return cmp.Or(cmp.Compare(a.Phase, b.Phase), cmp.Compare(a.Round, b.Round), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Arm, b.Arm))
	})
}
