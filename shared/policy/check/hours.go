package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// hours checks the calendars, and what closes them, and keeps those that can be
// used.
func (c *checker) hours(p *policy.Policy) {
	c.days("closures", p.Closures)
	for _, region := range slices.Sorted(maps.Keys(p.Holidays)) {
		c.days("holidays."+region, p.Holidays[region])
	}
	c.calendars = map[string]*worktime.Calendar{}
	for _, name := range slices.Sorted(maps.Keys(p.Calendars)) {
		c.calendar(p, name)
	}
}

// days checks the days of a list, and ranges of days.
func (c *checker) days(path string, texts []string) {
	for i, text := range texts {
		where := fmt.Sprintf("%s[%d]", path, i)
		first, last, ranged := strings.Cut(text, "/")
		if !ranged {
			last = first
		}
		from, errFrom := time.Parse(time.DateOnly, first)
		to, errTo := time.Parse(time.DateOnly, last)
		switch {
		case errFrom != nil:
			c.meaning(where, "%q is not a date", first)
		case errTo != nil:
			c.meaning(where, "%q is not a date", last)
		case to.Before(from):
			c.meaning(where, "%s ends before it begins", text)
		case to.After(from.AddDate(0, 0, longestClosure)):
			c.meaning(where, "%s is longer than a year; close the calendar's hours instead", text)
		}
	}
}

// longestClosure is how many days after its first one a closure may end; see worktime.FromPolicy.
const longestClosure = 365

// calendar checks one calendar.
func (c *checker) calendar(p *policy.Policy, name string) {
	path, cal := "calendars."+name, p.Calendars[name]
	if _, err := time.LoadLocation(cal.Zone); err != nil || cal.Zone == "" || cal.Zone == "Local" {
		c.meaning(path+".zone", "%q is not a time zone of the IANA database, such as Europe/Berlin", cal.Zone)
	}
	open := false
	for _, day := range slices.Sorted(maps.Keys(cal.Hours)) {
		open = c.day(path+".hours."+day, cal.Hours[day]) || open
	}
	if !open {
		c.meaning(path+".hours", "never opens, so no clock would ever run; give at least one day hours")
	}
	c.days(path+".holidays", cal.Holidays)
	for i, region := range cal.Regions {
		c.exists(fmt.Sprintf("%s.regions[%d]", path, i), "region", region, slices.Sorted(maps.Keys(p.Holidays)))
	}
	if !c.clean(path, "holidays", "closures") {
		return
	}
	times, err := worktime.FromPolicy(p, name)
	if err != nil {
		c.meaning(path, "%v", err)
		return
	}
	c.calendars[name] = times
}

// clean reports whether nothing is wrong with the fields or in them.
func (c *checker) clean(paths ...string) bool {
	return !slices.ContainsFunc(c.errors, func(p *Problem) bool {
		return slices.ContainsFunc(paths, func(path string) bool { return within(p.field, path) })
	})
}

// team returns the hours of a pool, and onDuty those in which both the pool
// and its rep work; nil when they cannot be told.
func (c *checker) team(p *policy.Policy, pool policy.Pool) *worktime.Calendar {
	return c.calendars[cmp.Or(pool.Calendar, p.SLA.Calendar)]
}

func (c *checker) onDuty(p *policy.Policy, pool policy.Pool, rep policy.Rep) *worktime.Calendar {
	team, own := c.team(p, pool), c.calendars[rep.Calendar]
	if rep.Calendar == "" || team == nil {
		return team
	}
	if own == nil {
		return nil
	}
	return team.And(own)
}

// shifts finds reps who never work in the hours of their pool, and leaves that
// make no sense.
func (c *checker) shifts(p *policy.Policy) {
	c.eachRep(p, func(path, _ string, pool policy.Pool, r policy.Rep) {
		if both := c.onDuty(p, pool, r); both != nil && !both.Opens(someDay()) {
			c.meaning(path+".calendar", "%s and the pool's calendar %s are never open at the same time, so nothing could be asked of the rep; change one of them", r.Calendar, cmp.Or(pool.Calendar, p.SLA.Calendar))
		}
		for i, l := range r.Leave {
			if _, err := worktime.Leave(l, time.UTC); err != nil {
				c.meaning(fmt.Sprintf("%s.leave[%d]", path, i), "%v", err)
			}
		}
	})
}

// someDay is a Monday from which on calendars are looked at.
func someDay() time.Time { return time.Date(2026, time.January, 12, 0, 0, 0, 0, time.UTC) }

// day checks the intervals of one day and reports whether there is one.
func (c *checker) day(path string, texts []string) bool {
	var before []interval
	for i, text := range texts {
		where := fmt.Sprintf("%s[%d]", path, i)
		v, ok := parseInterval(text)
		switch {
		case !ok:
			c.meaning(where, "%q is not hours such as 09:00-12:30", text)
			continue
		case v.end <= v.start:
			c.meaning(where, "%s ends before it starts; write hours past midnight as two days: one until 24:00, the next from 00:00", text)
			continue
		}
		for _, b := range before {
			if v.start < b.end && b.start < v.end {
				c.meaning(where, "%s overlaps with %s", text, b.text)
			}
		}
		before = append(before, v)
	}
	return len(texts) > 0
}

// interval is working hours in minutes from midnight.
type interval struct {
	text       string
	start, end int
}

func parseInterval(text string) (interval, bool) {
	from, to, ok := strings.Cut(text, "-")
	start, okStart := minutes(from)
	end, okEnd := minutes(to)
	return interval{text, start, end}, ok && okStart && okEnd
}

func minutes(text string) (int, bool) {
	if text == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil && len(text) == 5
}
