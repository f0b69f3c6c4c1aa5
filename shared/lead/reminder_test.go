package lead_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// A reminder comes while its receiver is at work, though the sweep that gives it
// comes after the end of the day, or long after.
func TestNoReminderComesAfterTheEndOfTheDay(t *testing.T) {
	for _, sweep := range []time.Time{
		time.Date(2026, 5, 18, 21, 0, 0, 0, time.UTC),  // 17:00 in New York, when the day is over
		time.Date(2026, 5, 18, 23, 30, 0, 0, time.UTC), // after an outage
	} {
		t.Run(fmt.Sprint(sweep), func(t *testing.T) {
			s := newStory(t, func(p *policy.Policy) {
				p.SLA.Accept.Within, p.SLA.FirstContact.Within = policy.Duration(40*time.Minute), 0
				pool := p.Routing.Pools["sales"]
				pool.LastMinutes = 0
				p.Routing.Pools["sales"] = pool
			})
			asked := time.Date(2026, 5, 18, 20, 29, 30, 0, time.UTC) // the reminder is due thirty seconds before 17:00
			s.hear(asked, demo("1", asked))
			s.decide(sweep)
			if n := s.clockEvents("accept")["clock.warned"]; n != 0 {
				t.Fatalf("reminded at %s", sweep)
			}
			s.decide(time.Date(2026, 5, 19, 13, 0, 0, 0, time.UTC))
			if n := s.clockEvents("accept")["clock.warned"]; n != 1 {
				t.Errorf("reminded %d times by 9:00 on the next day, want once", n)
			}
		})
	}
}
