package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

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
	for i, h := range cal.Holidays {
		if _, err := time.Parse(time.DateOnly, h); err != nil {
			c.meaning(fmt.Sprintf("%s.holidays[%d]", path, i), "%q is not a date", h)
		}
	}
	if _, err := worktime.FromPolicy(p, name); err != nil {
		c.meaning(path, "%v", err)
	}
}

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
