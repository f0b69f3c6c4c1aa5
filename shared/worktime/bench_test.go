package worktime_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/worktime"
)

// The cost grows with the days between start and deadline, and with how many
// hours must agree.
func BenchmarkAdd(b *testing.B) {
	team, rep := calendar(b, "lunch", "America/New_York"), calendar(b, "office", "America/Chicago")
	start := time.Date(2026, 3, 6, 20, 0, 0, 0, time.UTC)
	var leave []worktime.Span
	for i := range 10 {
		from := start.AddDate(0, 0, 30*i)
		leave = append(leave, worktime.Span{From: from, To: from.Add(50 * time.Hour)})
	}
	for _, c := range []struct {
		name string
		*worktime.Calendar
	}{
		{"wall", worktime.Always()},
		{"team", team},
		{"team without leave", team.Without(leave)},
		{"team and rep", team.And(rep)},
		{"team and rep without leave", team.And(rep).Without(leave)},
	} {
		for _, hours := range []int{1, 8, 80, 800} {
			b.Run(fmt.Sprintf("%s/%dh", c.name, hours), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.Add(start, time.Duration(hours)*time.Hour)
				}
			})
		}
	}
}

// Two teams that never meet: a walk gives up after ten years.
func BenchmarkNeverOpen(b *testing.B) {
	c := calendar(b, "office", "America/New_York").And(calendar(b, "office", "Asia/Kolkata"))
	b.ReportAllocs()
	for b.Loop() {
		if c.Opens(time.Date(2026, 3, 6, 20, 0, 0, 0, time.UTC)) {
			b.Fatal("it opens")
		}
	}
}

func BenchmarkCombine(b *testing.B) {
	team, rep := calendar(b, "lunch", "America/New_York"), calendar(b, "office", "America/Chicago")
	from := time.Date(2026, 3, 6, 20, 0, 0, 0, time.UTC)
	leave := []worktime.Span{{From: from, To: from.Add(50 * time.Hour)}}
	b.ReportAllocs()
	for b.Loop() {
		team.And(rep).Without(leave)
	}
}
