package worktime

import (
	"math"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// Leave returns the time in which a rep is away by the clock of a zone: both
// days are meant ("2026-07-01"), and a time ("2026-07-01T13:00") begins or ends
// it there. A time that the clocks skip means the first instant after the gap;
// one that they repeat means the first in From and the second in To. Instants
// ("2026-07-01T11:00Z"), as calendars that are read have them, are the same by
// any clock. Kind: Invalid when one of them is none of these, or it doesn't end
// after it begins.
func Leave(l policy.Leave, zone *time.Location) (Span, error) {
	if from, to, ok := instantsOf(l); ok {
		if !to.After(from) {
			return Span{}, fault.New(fault.Invalid, "the leave ends (%s) before it begins (%s)", l.To, l.From)
		}
		return Span{From: from, To: to}, nil
	}
	from, _, err := parseMoment(l.From)
	if err != nil {
		return Span{}, fault.Wrap(fault.Invalid, "from", err)
	}
	to, whole, err := parseMoment(l.To)
	if err != nil {
		return Span{}, fault.Wrap(fault.Invalid, "to", err)
	}
	if whole {
		to += secondsPerDay
	}
	if to <= from {
		return Span{}, fault.New(fault.Invalid, "the leave ends (%s) before it begins (%s)", l.To, l.From)
	}
	begin, _ := instants(zone, from)
	first, end := instants(zone, to)
	if whole && periodAt(zone, end-1).at(end-1).day >= to/secondsPerDay {
		end = first // the next day begins with a repeated hour, which is not the leave's
	}
	return Span{From: unix(begin), To: unix(end)}, nil
}

// Instant is how an instant stands in a leave.
const Instant = "2006-01-02T15:04Z"

// instantsOf reads a leave from one instant to another.
func instantsOf(l policy.Leave) (from, to time.Time, ok bool) {
	from, err := time.Parse(Instant, l.From)
	to, errTo := time.Parse(Instant, l.To)
	return from, to, err == nil && errTo == nil
}

// parseMoment returns what a clock on the wall shows, in seconds from 00:00 on
// 1970-01-01, and whether it is the beginning of a whole day.
func parseMoment(text string) (reading int64, whole bool, err error) {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t.Unix(), true, nil
	}
	t, err := time.Parse("2006-01-02T15:04", text)
	if err != nil || len(text) != len("2006-01-02T15:04") {
		return 0, false, fault.New(fault.Invalid, "%q is neither a date such as 2026-07-01 nor a time such as 2026-07-01T13:00", text)
	}
	return t.Unix(), false, nil
}

// instants returns when, in Unix seconds, a zone's clocks show a reading for the
// first and for the last time: mostly the same. When they skip it, it is the
// first instant after the gap.
func instants(zone *time.Location, reading int64) (first, last int64) {
	const slack = 2 * secondsPerDay // no zone is so far from UTC, nor sets its clocks by so much
	gap, shown := int64(math.MinInt64), false
	for t := reading - slack; t < reading+slack; {
		p := periodAt(zone, t)
		at := reading - p.offset
		switch {
		case p.covers(at) && !shown:
			first, last, shown = at, at, true
		case p.covers(at):
			last = at
		case gap == math.MinInt64 && at < p.start:
			gap = p.start
		}
		t = p.end
	}
	if !shown {
		return gap, gap
	}
	return first, last
}
