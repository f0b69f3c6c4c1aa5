package worktime_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

func TestRefused(t *testing.T) {
	week := func(intervals ...string) map[string][]string { return map[string][]string{"mon": intervals} }
	good := week("09:00-17:00")
	decade := make([]string, 0, 11)
	for _, year := range strings.Fields("2026 2027 2028 2029 2030 2031 2032 2033 2034 2035 2036") {
		decade = append(decade, year+"-01-01/"+year+"-12-31")
	}
	for name, tt := range map[string]struct {
		policy.Calendar
		want string
	}{
		"never opens":             {policy.Calendar{Zone: "UTC"}, "calendars.c.hours: never opens"},
		"only empty days":         {policy.Calendar{Zone: "UTC", Hours: week()}, "calendars.c.hours: never opens"},
		"no zone":                 {policy.Calendar{Hours: good}, `calendars.c.zone: "" is not`},
		"the machine's zone":      {policy.Calendar{Zone: "Local", Hours: good}, `calendars.c.zone: "Local" is not`},
		"unknown zone":            {policy.Calendar{Zone: "Europe/Atlantis", Hours: good}, `calendars.c.zone: "Europe/Atlantis" is not`},
		"unknown weekday":         {policy.Calendar{Zone: "UTC", Hours: map[string][]string{"monday": {"09:00-17:00"}}}, `calendars.c.hours.monday: "monday" is not one of mon`},
		"no interval":             {policy.Calendar{Zone: "UTC", Hours: week("09:00")}, `calendars.c.hours.mon[0]: "09:00" is not an interval`},
		"an hour of 25":           {policy.Calendar{Zone: "UTC", Hours: week("09:00-25:00")}, "calendars.c.hours.mon[0]"},
		"one digit":               {policy.Calendar{Zone: "UTC", Hours: week("9:00-17:00")}, "calendars.c.hours.mon[0]"},
		"backwards":               {policy.Calendar{Zone: "UTC", Hours: week("22:00-06:00")}, "calendars.c.hours.mon: Monday: 22:00-06:00 ends before it begins"},
		"empty interval":          {policy.Calendar{Zone: "UTC", Hours: week("09:00-09:00")}, "calendars.c.hours.mon: "},
		"overlap":                 {policy.Calendar{Zone: "UTC", Hours: week("09:00-12:00", "11:59-17:00")}, "09:00-12:00 and 11:59-17:00 overlap"},
		"a holiday that isn't":    {policy.Calendar{Zone: "UTC", Hours: good, Holidays: []string{"2026-02-30"}}, `calendars.c.holidays[0]: "2026-02-30" is neither`},
		"a holiday as a weekday":  {policy.Calendar{Zone: "UTC", Hours: good, Holidays: []string{"monday"}}, "calendars.c.holidays[0]"},
		"half a range":            {policy.Calendar{Zone: "UTC", Hours: good, Holidays: []string{"2026-12-24/"}}, "calendars.c.holidays[0]"},
		"a range of three":        {policy.Calendar{Zone: "UTC", Hours: good, Holidays: []string{"2026-12-24/2026-12-25/2026-12-26"}}, "calendars.c.holidays[0]"},
		"a range backwards":       {policy.Calendar{Zone: "UTC", Hours: good, Holidays: []string{"2026-12-24/2026-01-01"}}, "ends before it begins"},
		"a range of years":        {policy.Calendar{Zone: "UTC", Hours: good, Holidays: []string{"2026-12-24/2072-01-01"}}, "is longer than a year"},
		"a region without a list": {policy.Calendar{Zone: "UTC", Hours: good, Regions: []string{"France", "Bavaria"}}, `calendars.c.regions[1]: there are no holidays of "Bavaria"`},
		"closed for ten years":    {policy.Calendar{Zone: "America/New_York", Hours: good, Holidays: decade}, "the calendar stays closed for 10 years from 2026-01-01"},
	} {
		t.Run(name, func(t *testing.T) {
			p := alone("c", tt.Calendar)
			p.Holidays = map[string][]string{"France": {"2026-07-14"}}
			if _, err := worktime.FromPolicy(p, "c"); fault.KindOf(err) != fault.Invalid || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an Invalid fault with %q", err, tt.want)
			}
		})
	}
	if _, err := worktime.FromPolicy(&policy.Policy{}, "c"); fault.KindOf(err) != fault.Invalid || err == nil {
		t.Errorf("no such calendar: %v", err)
	}
	if _, err := worktime.FromPolicy(alone("c", policy.Calendar{Zone: "UTC", Hours: good, Holidays: decade[:9]}), "c"); err != nil {
		t.Errorf("closed for nine years, and nine days: %v", err)
	}
}

func TestEverythingWrongIsReportedTogether(t *testing.T) {
	p := alone("c", policy.Calendar{
		Zone: "Mars", Hours: map[string][]string{"mon": {"9-5", "10:00-12:00", "11:00-13:00"}, "tuesday": {}},
		Holidays: []string{"x"}, Regions: []string{"France", "Spain"},
	})
	p.Holidays, p.Closures = map[string][]string{"France": {"2026-07-14", "y"}}, []string{"2026-12-25", "z"}
	_, err := worktime.FromPolicy(p, "c")
	if fault.KindOf(err) != fault.Invalid || err == nil {
		t.Fatalf("got %v, want Invalid", err)
	}
	for _, field := range []string{
		"calendars.c.zone: ", "calendars.c.hours.mon[0]: ", "calendars.c.hours.mon: ", "calendars.c.hours.tuesday: ",
		"calendars.c.holidays[0]: ", "calendars.c.regions[1]: ", "holidays.France[1]: ", "closures[1]: ",
	} {
		if !strings.Contains(err.Error(), "\n"+field) && !strings.Contains(err.Error(), ": "+field) {
			t.Errorf("nothing about %q in\n%v", field, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := worktime.New(time.UTC, worktime.Hours{7: {{0, time.Hour}}}, []worktime.Date{{2026, 2, 30}}); err == nil {
		t.Error("an eighth weekday was accepted")
	}
	if _, err := worktime.New(nil, worktime.Hours{1: {{0, time.Hour}}}, nil); err == nil {
		t.Error("no zone was accepted")
	}
	if _, err := worktime.New(time.UTC, worktime.Hours{1: {{0, 1500 * time.Millisecond}}}, nil); err == nil {
		t.Error("half a second was accepted")
	}
}

func TestClosedDaysComeFromThreePlaces(t *testing.T) {
	office := policy.Calendar{
		Zone: "Europe/Paris", Hours: map[string][]string{"mon": {"09:00-17:00"}, "tue": {"09:00-17:00"}, "wed": {"09:00-17:00"}, "thu": {"09:00-17:00"}, "fri": {"09:00-17:00"}},
		Regions: []string{"France", "Alsace"}, Holidays: []string{"2026-07-15/2026-07-15"},
	}
	p := &policy.Policy{
		Calendars: map[string]policy.Calendar{"office": office},
		Holidays:  map[string][]string{"France": {"2026-07-14"}, "Alsace": {"2026-04-03", "2026-07-14"}, "Spain": {"2026-07-13"}},
		Closures:  []string{"2026-07-16/2026-07-17"},
	}
	c, err := worktime.FromPolicy(p, "office")
	if err != nil {
		t.Fatal(err)
	}
	noon := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 12, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		at   time.Time
		open bool
		why  string
	}{
		{noon(7, 13), true, "another region's holiday"},
		{noon(7, 14), false, "a region's holiday"},
		{noon(4, 3), false, "the other region's"},
		{noon(7, 15), false, "a holiday of its own"},
		{noon(7, 16), false, "the first day of a closure"},
		{noon(7, 17), false, "the last day of a closure"},
		{noon(7, 20), true, "the next working day"},
	} {
		if c.Open(tt.at) != tt.open {
			t.Errorf("%s, %s: open is %t", tt.at, tt.why, !tt.open)
		}
	}
}
