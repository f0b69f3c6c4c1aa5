package worktime_test

import (
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
