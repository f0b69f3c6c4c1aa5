package worktime_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

func ExampleCalendar_Add() {
	office, err := worktime.FromPolicy(&policy.Policy{
		Calendars: map[string]policy.Calendar{"office": {
			Zone:    "Europe/Berlin",
			Hours:   map[string][]string{"mon": {"09:00-12:00", "13:00-17:00"}, "fri": {"09:00-17:00"}},
			Regions: []string{"Germany"},
		}},
		Holidays: map[string][]string{"Germany": {"2026-05-01"}},
		Closures: []string{"2026-12-24/2027-01-01"},
	}, "office")
	if err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2026, 5, 8, 14, 30, 0, 0, time.UTC) // 16:30 in Berlin
	deadline := office.Add(friday, 4*time.Hour)
	fmt.Println(deadline.Format(time.RFC1123))
	fmt.Println(office.Elapsed(friday, deadline))
	fmt.Println(office.Before(deadline, 30*time.Minute).Format(time.RFC1123))
	// Output:
	// Mon, 11 May 2026 11:30:00 UTC
	// 4h0m0s
	// Mon, 11 May 2026 11:00:00 UTC
}

func ExampleCalendar_And() {
	weekdays := map[string][]string{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri"} {
		weekdays[day] = []string{"09:00-17:00"}
	}
	p := &policy.Policy{Calendars: map[string]policy.Calendar{
		"team": {Zone: "America/New_York", Hours: weekdays},
		"rep":  {Zone: "Europe/Berlin", Hours: weekdays},
	}}
	team, teamErr := worktime.FromPolicy(p, "team")
	rep, repErr := worktime.FromPolicy(p, "rep")
	if err := errors.Join(teamErr, repErr); err != nil {
		fmt.Println(err)
		return
	}
	leave, err := worktime.Leave(policy.Leave{From: "2026-05-12T16:00", To: "2026-05-13"}, rep.Zone())
	if err != nil {
		fmt.Println(err)
		return
	}
	holder := team.And(rep).Without([]worktime.Span{leave})
	monday := time.Date(2026, 5, 11, 12, 0, 0, 0, time.UTC) // 14:00 in Berlin, 8:00 in New York
	for _, clock := range []*worktime.Calendar{holder, team, worktime.Always()} {
		fmt.Println(clock.Add(monday, 4*time.Hour).In(rep.Zone()).Format("Monday 15:04"))
	}
	// Output:
	// Thursday 16:00
	// Monday 19:00
	// Monday 18:00
}
