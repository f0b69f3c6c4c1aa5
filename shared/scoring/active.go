package scoring

import (
	"time"

	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// ActiveOn returns the last UTC day, up to now and within the horizon, on which
// the lead did something that an engagement rule gives points for, at its
// midnight. What a scanner did is none of it. ok is false when there is no such
// day. Requests are signals that rules may give no points for: they count too.
func ActiveOn(c *rules.Compiled, f Facts, now time.Time) (day time.Time, ok bool) {
	const none = -1 << 31
	today, last := dayOf(now), none
	matches := f.matchesByDay(c, today)
	for _, rule := range c.Engagement.Rules {
		if rule.Points <= 0 {
			continue
		}
		for d, n := range matches[rule.Name] {
			if n > 0 && d <= today {
				last = max(last, d)
			}
		}
	}
	for _, asked := range f.Requests {
		if d := dayOf(asked.At); d <= today && d >= today-c.Engagement.HorizonDays {
			last = max(last, d)
		}
	}
	return time.Unix(0, 0).UTC().AddDate(0, 0, last), last != none
}
