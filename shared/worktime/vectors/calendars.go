package vectors

import (
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// The years in which January 1 and December 25 are holidays here.
const firstYear, lastYear = 1970, 2199

// on returns hours that are the same on several weekdays.
func on(days []string, intervals ...string) map[string][]string {
	hours := map[string][]string{}
	for _, day := range days {
		hours[day] = intervals
	}
	return hours
}

func week() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// hours returns the calendars of vectors.md by name, and nil for another name.
func hours(name string) map[string][]string {
	all := week()
	switch name {
	case "mon_fri_9_17", "regional", "with_new_york":
		return on(all[:5], "09:00-17:00")
	case "mon_fri_break", "on_leave":
		return on(all[:5], "09:00-12:00", "13:00-17:30")
	case "every_day":
		return on(all, "09:00-12:00", "13:00-17:30")
	case "mon_sat_8_20":
		return on(all[:6], "08:00-20:00")
	case "split":
		h := on(all[1:5], "09:00-14:00", "16:00-20:00")
		h["mon"], h["sat"] = []string{"08:30-14:00"}, []string{"10:00-12:00"}
		return h
	case "night_shift":
		h := on(all[1:5], "00:00-06:00", "22:00-24:00")
		h["mon"], h["sat"] = []string{"22:00-24:00"}, []string{"00:00-06:00"}
		return h
	case "small_hours", "small_hours_on_leave":
		return on(all, "00:00-05:00")
	}
	return nil
}

func leaves(name string) []policy.Leave {
	switch name {
	case "on_leave":
		return []policy.Leave{
			{From: "2026-07-06", To: "2026-07-10"},
			{From: "2026-07-15T13:00", To: "2026-07-16"},
			{From: "2026-07-20T10:00", To: "2026-07-20T11:30"},
			{From: "2026-07-22", To: "2026-07-22T15:00"},
		}
	case "small_hours_on_leave":
		return []policy.Leave{
			{From: "2026-03-08T01:30", To: "2026-03-08T02:30"},
			{From: "2026-03-29T02:30", To: "2026-03-29T04:00"},
			{From: "2026-04-04T23:30", To: "2026-04-05T01:45"},
			{From: "2026-04-05T02:15", To: "2026-04-05T02:30"},
			{From: "2026-09-06", To: "2026-09-06"},
			{From: "2026-10-04T02:10", To: "2026-10-04T04:00"},
			{From: "2026-10-25T02:15", To: "2026-10-25T02:30"},
			{From: "2026-11-01T01:00", To: "2026-11-01T02:00"},
		}
	}
	return nil
}

// holidays returns those that all calendars keep.
func holidays() []string {
	days := []string{"2025-07-04", "2026-07-03"}
	for year := firstYear; year <= lastYear; year++ {
		days = append(days, fmt.Sprintf("%d-01-01", year), fmt.Sprintf("%d-12-25", year))
	}
	return days
}

// calendar makes a calendar as a policy would. Kind: Invalid.
func calendar(name, zone string) (*worktime.Calendar, error) {
	if name == "always" {
		return worktime.Always(), nil
	}
	cal := policy.Calendar{Zone: zone, Hours: hours(name), Regions: []string{"all"}}
	if cal.Hours == nil {
		return nil, fault.New(fault.Invalid, "unknown calendar %q", name)
	}
	p := &policy.Policy{Holidays: map[string][]string{"all": holidays()}, Calendars: map[string]policy.Calendar{name: cal}}
	if name == "regional" {
		cal.Regions, cal.Holidays = []string{"all", "here"}, []string{"2026-06-04"}
		p.Holidays["here"], p.Closures = []string{"2026-05-14"}, []string{"2026-12-24/2027-01-03"}
		p.Calendars[name] = cal
	}
	c, err := worktime.FromPolicy(p, name)
	if err != nil {
		return nil, err
	}
	if name == "with_new_york" {
		team, err := calendar("mon_fri_9_17", "America/New_York")
		if err != nil {
			return nil, err
		}
		c = c.And(team)
	}
	return without(c, leaves(name))
}

func without(c *worktime.Calendar, leaves []policy.Leave) (*worktime.Calendar, error) {
	away := make([]worktime.Span, 0, len(leaves))
	for _, l := range leaves {
		span, err := worktime.Leave(l, c.Zone())
		if err != nil {
			return nil, err
		}
		away = append(away, span)
	}
	return c.Without(away), nil
}

// covers says whether the holidays here are known at an instant.
func covers(t time.Time) bool { return t.Year() > firstYear && t.Year() < lastYear }
