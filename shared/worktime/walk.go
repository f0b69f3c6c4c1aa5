package worktime

import (
	"iter"
	"slices"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// stretch is uninterrupted open time within one day, in UTC: from is included,
// to is not.
type stretch struct{ from, to time.Time }

// period is a time in which the zone's offset from UTC does not change. Looking
// it up is the dear part of a walk, and it lasts for months.
type period struct {
	start, end time.Time // zero: no bound
	offset     int64     // seconds east of UTC
}

func (p period) covers(t time.Time) bool {
	return (p.start.IsZero() || !t.Before(p.start)) && (p.end.IsZero() || t.Before(p.end))
}

func (c *Calendar) periodAt(t time.Time) period {
	local := t.In(c.zone)
	_, offset := local.Zone()
	start, end := local.ZoneBounds()
	p := period{start: start.UTC(), end: end.UTC(), offset: int64(offset)}
	if !p.covers(t) {
		// On December 31 of leap years from 2040 on ZoneBounds ends a day early, before t
		// (seen in Go 1.26). The offset itself is right, and changes at full quarter hours.
		p.start = t.UTC().Truncate(15 * time.Minute)
		p.end = p.start.Add(15 * time.Minute)
	}
	return p
}

// piece is the part of one local date that lies in one period: the unit of both
// walks. Its bounds are instants.
type piece struct {
	start, end time.Time
	midnight   int64 // Unix time at which the local clock would show 00:00 with the period's offset
	day        int64 // local date, as days since 1970-01-01
}

// at returns the piece that t, which p covers, lies in.
func (p period) at(t time.Time) piece {
	day := floorDiv(t.Unix()+p.offset, secondsPerDay)
	midnight := day*secondsPerDay - p.offset
	out := piece{start: unix(midnight), end: unix(midnight + secondsPerDay), midnight: midnight, day: day}
	if !p.start.IsZero() {
		out.start = latest(out.start, p.start)
	}
	if !p.end.IsZero() {
		out.end = earliest(out.end, p.end)
	}
	return out
}

// hoursOn returns the intervals of a local date, in order.
func (c *Calendar) hoursOn(day int64) []Interval {
	if c.closed[day] {
		return nil
	}
	return c.hours[(day%7+11)%7] // 1970-01-01 was a Thursday
}

// open returns the part of the interval in the piece between two instants. It
// is empty or backwards when there is none.
func (p piece) open(v Interval, from, to time.Time) stretch {
	return stretch{
		from: latest(from, p.start, unix(p.midnight+int64(v.Open/time.Second))),
		to:   earliest(to, p.end, unix(p.midnight+int64(v.Close/time.Second))),
	}
}

// from yields the open stretches at or after t in order, without end.
func (c *Calendar) from(t time.Time) iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		t := t.UTC().Round(0)
		for zone := c.periodAt(t); ; {
			if !zone.covers(t) {
				zone = c.periodAt(t)
			}
			p := zone.at(t)
			for _, v := range c.hoursOn(p.day) {
				if s := p.open(v, t, p.end); s.from.Before(s.to) && !yield(s) {
					return
				}
			}
			t = p.end
		}
	}
}

// until yields the open stretches before t, the last one first, without end.
func (c *Calendar) until(t time.Time) iter.Seq[stretch] {
	return func(yield func(stretch) bool) {
		t := t.UTC().Round(0)
		for zone := c.periodAt(t.Add(-1)); ; {
			if !zone.covers(t.Add(-1)) {
				zone = c.periodAt(t.Add(-1))
			}
			p := zone.at(t.Add(-1))
			for _, v := range slices.Backward(c.hoursOn(p.day)) {
				if s := p.open(v, p.start, t); s.from.Before(s.to) && !yield(s) {
					return
				}
			}
			t = p.start
		}
	}
}

func unix(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func latest(a time.Time, others ...time.Time) time.Time {
	for _, b := range others {
		if b.After(a) {
			a = b
		}
	}
	return a
}

func earliest(a time.Time, others ...time.Time) time.Time {
	for _, b := range others {
		if b.Before(a) {
			a = b
		}
	}
	return a
}
