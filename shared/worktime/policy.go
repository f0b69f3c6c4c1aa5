package worktime

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the Lambda image need not have the zone database

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// longestRange is how many days a range of closed days may have. A longer one
// is a slip of the pen.
const longestRange = 366

// FromPolicy returns the calendar of that name, closed on the holidays of its
// regions, on its own and on the company's closures. It reports everything that
// is wrong together, each by its field of the policy. Kind: Invalid, also when
// there is no such calendar and when it never opens; see New.
func FromPolicy(p *policy.Policy, name string) (*Calendar, error) {
	cal, ok := p.Calendars[name]
	if !ok {
		return nil, fault.New(fault.Invalid, "calendars: there is no %q", name)
	}
	r := &reader{}
	path := "calendars." + name
	zone := r.zone(path+".zone", cal.Zone)
	hours := r.hours(path+".hours", cal.Hours)
	if len(slices.Concat(slices.Collect(maps.Values(cal.Hours))...)) == 0 {
		r.wrong(path+".hours", "never opens; give at least one weekday hours")
	}
	holidays := r.days(path+".holidays", cal.Holidays)
	for i, region := range cal.Regions {
		days, ok := p.Holidays[region]
		if !ok {
			r.wrong(fmt.Sprintf("%s.regions[%d]", path, i), "there are no holidays of %q", region)
		}
		holidays = append(holidays, r.days("holidays."+region, days)...)
	}
	holidays = append(holidays, r.days("closures", p.Closures)...)
	if len(r.faults) > 0 {
		return nil, fault.Wrap(fault.Invalid, "read calendar", errors.Join(r.faults...))
	}
	c, err := New(zone, hours, holidays)
	return c, fault.Wrap(fault.Invalid, path, err)
}

// reader collects what is wrong with a policy's words.
type reader struct{ faults []error }

func (r *reader) wrong(path, format string, args ...any) {
	r.faults = append(r.faults, fault.New(fault.Invalid, "%s: %s", path, fmt.Sprintf(format, args...)))
}

func (r *reader) zone(path, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		r.wrong(path, "%q is not an IANA time zone such as Europe/Berlin", name)
	}
	return zone
}

func (r *reader) hours(path string, texts map[string][]string) Hours {
	hours := Hours{}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		path := path + "." + name
		day, err := weekday(name)
		if err != nil {
			r.wrong(path, "%v", err)
			continue
		}
		for i, text := range texts[name] {
			v, err := parseInterval(text)
			if err != nil {
				r.wrong(fmt.Sprintf("%s[%d]", path, i), "%v", err)
				continue
			}
			hours[day] = append(hours[day], v)
		}
		for _, err := range check(day, hours[day]) {
			r.wrong(path, "%v", err)
		}
	}
	return hours
}

// days reads dates and ranges of dates.
func (r *reader) days(path string, texts []string) []Date {
	var out []Date
	for i, text := range texts {
		from, to, err := parseDays(text)
		if err != nil {
			r.wrong(fmt.Sprintf("%s[%d]", path, i), "%v", err)
			continue
		}
		for t := from; !t.After(to); t = t.AddDate(0, 0, 1) {
			out = append(out, Date{t.Year(), t.Month(), t.Day()})
		}
	}
	return out
}

// parseDays reads "2026-12-25" or "2026-12-24/2027-01-01", both ends included.
func parseDays(text string) (from, to time.Time, err error) {
	first, last, ranged := strings.Cut(text, "/")
	if !ranged {
		last = first
	}
	from, err = time.Parse(time.DateOnly, first)
	to, errTo := time.Parse(time.DateOnly, last)
	switch {
	case err != nil || errTo != nil:
		err = fault.New(fault.Invalid, "%q is neither a date such as 2026-12-25 nor a range such as 2026-12-24/2027-01-01", text)
	case to.Before(from):
		err = fault.New(fault.Invalid, "%q ends before it begins", text)
	case to.Sub(from) >= longestRange*24*time.Hour:
		err = fault.New(fault.Invalid, "%q is longer than a year", text)
	}
	return from, to, err
}

func weekday(name string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()[:3]) == name {
			return d, nil
		}
	}
	return 0, fault.New(fault.Invalid, "%q is not one of mon, tue, wed, thu, fri, sat, sun", name)
}

// parseInterval reads "09:00-12:30". The end may be "24:00".
func parseInterval(text string) (Interval, error) {
	from, to, ok := strings.Cut(text, "-")
	open, openErr := parseReading(from)
	end, endErr := parseReading(to)
	if !ok || openErr != nil || endErr != nil {
		return Interval{}, fault.New(fault.Invalid, "%q is not an interval such as 09:00-12:30", text)
	}
	return Interval{open, end}, nil
}

func parseReading(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return 0, fault.New(fault.Invalid, "%q is not a time of day", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// reading is the inverse of parseReading; seconds stand only where there are some.
func reading(d time.Duration) string {
	text := fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
	if s := d % time.Minute; s != 0 {
		text += fmt.Sprintf(":%02d", int(s/time.Second))
	}
	return text
}
