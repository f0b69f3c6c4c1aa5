// Package worktime counts time only while somebody is at work. A Calendar is
// the hours of a team or a person in one zone, or several of these at once; it
// turns "within four hours" into an instant, and says how much of a wait
// somebody was there for.
//
// One definition carries everything: an instant is open when the clock on the
// wall of the calendar's zone shows a time inside that weekday's hours, on a
// date that is no holiday. So an hour that daylight saving skips is worth
// nothing, an hour that it repeats is worth two, and every duration is real
// elapsed time. Intervals include their opening and exclude their closing
// instant.
//
// What a clock counts is put together from there: team.And(rep).Without(leave)
// while the holder and the team are both on duty, the team's hours alone, or
// Always, the clock on the wall. A calendar that never opens is refused when it
// is read; what is put together may never open, and then has no deadlines.
//
// What holds, for every calendar: the time elapsed from a start to the deadline
// after d is d; a deadline is in open time or at a closing; a later start or a
// longer d never gives an earlier one; the cost grows with the days between,
// not with the seconds. Properties, cases by hand and a second implementation
// check it; testdata/vectors.md describes the table that the latter made.
//
// The package does not know what is due, to whom, or what time it is now.
package worktime

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Interval is one stretch of a working day by the clock on the wall, as time
// since midnight: from Open, up to but not including Close. Close is at most
// 24 hours; a night shift is written as two intervals, one on each day.
type Interval struct {
	Open, Close time.Duration
}

// Hours are the working intervals of each weekday. A weekday without intervals
// is closed. Intervals may touch but not overlap, and come in any order.
type Hours map[time.Weekday][]Interval

// Date is a day of the calendar in its own zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// patience is for how long a walk looks for open time where there is none: ten
// years and a little.
const (
	patienceYears = 10
	patience      = patienceYears * 366 * 24 * time.Hour
)

// Calendar is when somebody works: a team, a person, or both at once. It is
// immutable and safe for concurrent use.
type Calendar struct {
	zone  *time.Location
	rotas []*rota // it is open when all of them are
	away  []Span  // and none of these is; sorted, apart from each other
}

// New returns the calendar with those hours in that zone, closed on holidays.
// It reports everything that is wrong together. Kind: Invalid, also when the
// calendar would never open, or not for ten years on end, for then there would
// be obligations without a deadline.
func New(zone *time.Location, hours Hours, holidays []Date) (*Calendar, error) {
	r := &rota{zone: zone, closed: make(map[int64]bool, len(holidays))}
	if zone == nil {
		return nil, fault.New(fault.Invalid, "a calendar needs a zone")
	}
	var faults []error
	never := true
	for day, intervals := range hours {
		if day < time.Sunday || day > time.Saturday {
			faults = append(faults, fault.New(fault.Invalid, "weekday %d does not exist", int(day)))
			continue
		}
		faults = append(faults, check(day, intervals)...)
		for _, v := range byOpening(intervals) {
			r.hours[day] = append(r.hours[day], block{int64(v.Open / time.Second), int64(v.Close / time.Second)})
		}
		never = never && len(intervals) == 0
	}
	for _, d := range holidays {
		t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
		if t.Month() != d.Month || t.Day() != d.Day {
			faults = append(faults, fault.New(fault.Invalid, "%04d-%02d-%02d is not a date", d.Year, int(d.Month), d.Day))
		}
		r.closed[floorDiv(t.Unix(), secondsPerDay)] = true
	}
	if never {
		faults = append(faults, fault.New(fault.Invalid, "the calendar never opens: no weekday has hours"))
	}
	c := &Calendar{zone: zone, rotas: []*rota{r}}
	if len(faults) == 0 {
		faults = c.checkClosures()
	}
	if len(faults) > 0 {
		return nil, fault.Wrap(fault.Invalid, "check calendar", errors.Join(faults...))
	}
	return c, nil
}

// checkClosures finds closed days in a row that outlast a walk's patience.
func (c *Calendar) checkClosures() []error {
	r := c.rotas[0]
	var faults []error
	for _, day := range slices.Sorted(maps.Keys(r.closed)) {
		if r.closed[day-1] {
			continue
		}
		first, _ := instants(c.zone, day*secondsPerDay)
		closing := c.Before(unix(first), 0)
		if closing.IsZero() || c.NextOpen(closing).IsZero() {
			faults = append(faults, fault.New(fault.Invalid, "the calendar stays closed for %d years from %s", patienceYears, unix(day*secondsPerDay).Format(time.DateOnly)))
		}
	}
	return faults
}

func byOpening(intervals []Interval) []Interval {
	return slices.SortedFunc(slices.Values(intervals), func(a, b Interval) int { return cmp.Compare(a.Open, b.Open) })
}

// check returns what is wrong with one day's intervals.
func check(day time.Weekday, intervals []Interval) []error {
	var faults []error
	sorted := byOpening(intervals)
	for i, v := range sorted {
		switch {
		case v.Open < 0 || v.Close > 24*time.Hour:
			faults = append(faults, fault.New(fault.Invalid, "%s: %s is not within one day", day, v))
		case v.Open >= v.Close:
			faults = append(faults, fault.New(fault.Invalid, "%s: %s ends before it begins; write a night shift as two intervals, one on each day", day, v))
		case v.Open%time.Second != 0 || v.Close%time.Second != 0:
			faults = append(faults, fault.New(fault.Invalid, "%s: %s is not in whole seconds", day, v))
		case i > 0 && v.Open < sorted[i-1].Close:
			faults = append(faults, fault.New(fault.Invalid, "%s: %s and %s overlap", day, sorted[i-1], v))
		}
	}
	return faults
}

// String returns the interval as it stands in a policy, for example "09:00-12:30".
func (v Interval) String() string { return reading(v.Open) + "-" + reading(v.Close) }

// Zone is where the calendar's clock hangs: of a combined calendar, where the
// first one's does. Of Always it is UTC.
func (c *Calendar) Zone() *time.Location { return c.zone }

// Open says whether t is working time.
func (c *Calendar) Open(t time.Time) bool {
	w := c.walk(t)
	_, ok := w.next(t.Add(1))
	return ok
}

// Opens says whether there is open time at or after an instant, within ten
// years. Only a combined calendar may have none.
func (c *Calendar) Opens(after time.Time) bool { return !c.NextOpen(after).IsZero() }

// NextOpen returns the first open instant at or after t: t itself when it is
// open. At the moment of closing it is the next opening. In UTC. It is the zero
// time when the calendar doesn't open within ten years.
func (c *Calendar) NextOpen(t time.Time) time.Time { return c.Add(t, 0) }

// Add returns the deadline of an obligation that takes d of open time from
// start, in UTC. A d that is used up exactly at closing time is due then, not
// at the next opening. With a d of 0 or less it is the first open instant at
// or after start. The cost grows with the days between, not with d's seconds.
//
// It is the zero time when there is no deadline: when the calendar, or what is
// left of it, stays closed for ten years before d is used up.
func (c *Calendar) Add(start time.Time, d time.Duration) time.Time {
	left := max(d, 0)
	w := c.walk(start)
	for {
		s, ok := w.next(w.at.Add(patience))
		if !ok {
			return time.Time{}
		}
		length := s.to.Sub(s.from)
		if left <= length {
			return s.from.Add(left)
		}
		left -= length
	}
}

// Before returns the latest open instant from which d of open time remains
// until deadline, in UTC: where a reminder belongs. It is an opening rather
// than the closing before it. With a d of 0 or less it is the deadline, or the
// closing before it when the deadline lies in closed time. It is the zero time
// when the calendar stays closed for ten years before d is found.
func (c *Calendar) Before(deadline time.Time, d time.Duration) time.Time {
	left := max(d, 0)
	w := c.walk(deadline)
	for {
		s, ok := w.previous(w.at.Add(-patience))
		if !ok {
			return time.Time{}
		}
		length := s.to.Sub(s.from)
		if left <= length {
			return s.to.Add(-left)
		}
		left -= length
	}
}

// Elapsed returns how much open time lies between two instants. It is negative
// when to is before from, and at most the longest time.Duration.
func (c *Calendar) Elapsed(from, to time.Time) time.Duration {
	if to.Before(from) {
		return -c.Elapsed(to, from)
	}
	var sum time.Duration
	w := c.walk(from)
	for {
		s, ok := w.next(to)
		if !ok {
			return sum
		}
		length := earliest(s.to, to).Sub(s.from)
		if length > math.MaxInt64-sum {
			return math.MaxInt64
		}
		sum += length
	}
}
