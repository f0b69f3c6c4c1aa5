package explain

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// calendars says when everybody works.
func (w *writer) calendars(p *policy.Policy) {
	w.heading("Hours: when we work")
	for _, name := range slices.Sorted(maps.Keys(p.Calendars)) {
		cal := p.Calendars[name]
		w.item("%s: %s, %s%s", name, week(cal.Hours), cal.Zone, closed(p, cal))
	}
	if len(p.Closures) > 0 {
		w.paragraph("The whole company is closed on %s.", and(days(p.Closures)))
	}
}

// closed says on which days a calendar is closed.
func closed(p *policy.Policy, cal policy.Calendar) string {
	var parts []string
	for _, region := range cal.Regions {
		if len(p.Holidays[region]) > 0 {
			parts = append(parts, "on the holidays of "+region+", which are "+and(days(p.Holidays[region])))
		}
	}
	if len(cal.Holidays) > 0 {
		parts = append(parts, "on "+and(days(cal.Holidays)))
	}
	if len(parts) == 0 {
		return ""
	}
	return "; closed " + strings.Join(parts, "; and ")
}

// days puts days and ranges of days in words.
func days(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = strings.Replace(text, "/", " to ", 1)
	}
	return out
}

// example shows what the promises mean for a lead that comes a quarter of an
// hour before the last closing time of a week without holidays.
func (w *writer) example(cal policy.Calendar, times *worktime.Calendar, sla policy.SLA) {
	zone, err := time.LoadLocation(cal.Zone)
	if err != nil {
		return
	}
	const quarter = 15 * time.Minute
	monday := plainWeek(times, cal.Hours, zone)
	end := times.Before(monday.AddDate(0, 0, len(weekdays())), 0)
	start := times.Before(end, quarter)
	format := func(t time.Time) string { return t.In(zone).Format("Monday 15:04") }
	w.paragraph("For example, of a lead that becomes ready on %s, the rep answers by %s and somebody talks to the customer by %s.",
		format(start), format(deadline(times, start, sla.Accept)), format(deadline(times, start, sla.FirstContact)))
}

// deadline is when a clock that starts then runs out.
func deadline(times *worktime.Calendar, start time.Time, c policy.ClockPolicy) time.Time {
	if c.Hours == policy.HoursWall {
		times = worktime.Always()
	}
	return times.Add(start, time.Duration(c.Within))
}

// plainWeek returns the first Monday of a year of which that week and the next
// have no holiday and no change of the clock.
func plainWeek(times *worktime.Calendar, hours map[string][]string, zone *time.Location) time.Time {
	names := weekdays()
	monday := time.Date(2026, time.January, 5, 0, 0, 0, 0, zone)
	for range 52 {
		plain := true
		for d := range 2 * len(names) {
			date := monday.AddDate(0, 0, d)
			open := times.Elapsed(date, date.AddDate(0, 0, 1)) > 0
			plain = plain && open == (len(hours[names[d%len(names)]]) > 0)
		}
		_, first := monday.Zone()
		_, last := monday.AddDate(0, 0, 2*len(names)).Zone()
		if plain && first == last {
			break
		}
		monday = monday.AddDate(0, 0, len(names))
	}
	return monday
}

func weekdays() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// week puts working hours in words, days of the same hours together.
func week(hours map[string][]string) string {
	names := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	days := weekdays()
	var parts []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && slices.Equal(hours[days[j+1]], hours[days[i]]) {
			j++
		}
		if open := hours[days[i]]; len(open) > 0 {
			name := names[i]
			if j > i {
				name += " to " + names[j]
			}
			parts = append(parts, name+" "+and(open))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
