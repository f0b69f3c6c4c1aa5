package calendar

import (
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/teambition/rrule-go"
)

// farthest is how far back an event that repeats may begin.
func farthest() time.Time { return time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC) }

// repeats returns when an event that repeats begins, as far as that is looked
// for: by its rule and its further dates, without those that are excluded or
// that other events replace. A rule that cannot be understood is none.
func (b *book) repeats(e *ics.VEvent, start moment, rule string) []moment {
	begins := []moment{start}
	if rule != "" {
		last := b.reading.To.AddDate(0, 0, 2) // walls and instants differ by less
		for _, wall := range walls(rule, start, last) {
			begins = append(begins, moment{wall: wall, day: start.day, zone: start.zone})
		}
	}
	begins = append(begins, b.moments(e, "RDATE")...)
	out := map[string]bool{}
	for _, m := range b.moments(e, "EXDATE") {
		out[m.name()] = true
	}
	replaced := b.replaced[value(e, "UID")]
	seen := map[string]bool{}
	return slices.DeleteFunc(begins, func(m moment) bool {
		name, day := m.name(), m.wall.Format(time.DateOnly)
		gone := seen[name] || out[name] || out[day] || replaced[name] || replaced[day]
		seen[name] = true
		return gone || m.day != start.day
	})
}

// walls are the times of a rule that begins at a moment, up to a time, by the
// clock on the wall.
func walls(text string, start moment, last time.Time) []time.Time {
	if len(text) > longestRule || start.wall.Before(farthest()) {
		return nil
	}
	o, err := rrule.StrToROption(strings.ToUpper(text))
	if err != nil || o.Freq > rrule.DAILY || o.Interval > 1000 || byTimeOrEaster(o) {
		return nil // nobody is on leave every minute
	}
	if !start.day && untilIsUTC(text) {
		o.Until = start.zone.wall(o.Until)
	}
	return times(o, start.wall, last)
}

// byTimeOrEaster tells whether a rule chooses among times of day, or by Easter.
func byTimeOrEaster(o *rrule.ROption) bool {
	return len(o.Byhour)+len(o.Byminute)+len(o.Bysecond)+len(o.Byeaster) > 0
}

// times are those of a rule from its start up to a time. Of one that makes no
// sense there are none.
func times(o *rrule.ROption, start, last time.Time) []time.Time {
	o.Dtstart = start
	if o.Until.IsZero() || o.Until.After(last) {
		o.Until = last
	}
	r, err := rrule.NewRRule(*o)
	if err != nil {
		return nil
	}
	return r.All()
}

// untilIsUTC tells whether a rule's end is an instant, as it must be for events
// that have a zone, rather than what the clock on the wall shows.
func untilIsUTC(rule string) bool {
	for part := range strings.SplitSeq(strings.ToUpper(rule), ";") {
		if end, ok := strings.CutPrefix(part, "UNTIL="); ok {
			return strings.HasSuffix(end, "Z")
		}
	}
	return false
}
