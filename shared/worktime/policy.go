package worktime

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the Lambda image need not have the zone database

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// FromPolicy returns the calendar of that name. It reports everything that is
// wrong together, each by its field. Kind: Invalid.
func FromPolicy(pol *policy.Policy, name string) (*Calendar, error) {
	p := pol.Calendars[name]
	var faults []error
	zone, err := time.LoadLocation(p.Zone)
	if err != nil || p.Zone == "" || p.Zone == "Local" {
		faults = append(faults, fault.New(fault.Invalid, "zone: %q is not an IANA time zone such as Europe/Berlin", p.Zone))
		zone = time.UTC
	}
	hours := Hours{}
	for name, texts := range p.Hours {
		day, err := weekday(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		for i, text := range texts {
			v, err := parseInterval(text)
			if err != nil {
				faults = append(faults, fault.Wrap(fault.Invalid, fmt.Sprintf("hours.%s[%d]", name, i), err))
				continue
			}
			hours[day] = append(hours[day], v)
		}
	}
	holidays := make([]Date, 0, len(p.Holidays))
	for i, text := range p.Holidays {
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			faults = append(faults, fault.New(fault.Invalid, "holidays[%d]: %q is not a date such as 2026-12-25", i, text))
			continue
		}
		holidays = append(holidays, Date{t.Year(), t.Month(), t.Day()})
	}
	if len(faults) > 0 {
		return nil, fault.Wrap(fault.Invalid, "read calendar", errors.Join(faults...))
	}
	return New(zone, hours, holidays)
}

func weekday(name string) (time.Weekday, error) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()[:3]) == name {
			return d, nil
		}
	}
	return 0, fault.New(fault.Invalid, "hours: %q is not one of mon, tue, wed, thu, fri, sat, sun", name)
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
