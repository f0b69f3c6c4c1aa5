package worktime

import (
	"math"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// period is a time in which the zone's offset from UTC does not change, in Unix
// seconds; end is not included. Looking it up is the dear part of a walk, and
// it lasts for months.
type period struct{ start, end, offset int64 } // offset: seconds east of UTC

func periodAt(zone *time.Location, t int64) period {
	local := time.Unix(t, 0).In(zone)
	_, offset := local.Zone()
	start, end := local.ZoneBounds()
	p := period{start: math.MinInt64, end: math.MaxInt64, offset: int64(offset)}
	if !start.IsZero() {
		p.start = start.Unix()
	}
	if !end.IsZero() {
		p.end = end.Unix()
	}
	if !p.covers(t) {
		// On December 31 of leap years from 2040 on ZoneBounds ends a day early, before t
		// (seen in Go 1.26). The offset itself is right, and changes at full quarter hours.
		const quarter = 15 * 60
		p.start = floorDiv(t, quarter) * quarter
		p.end = p.start + quarter
	}
	return p
}

func (p period) covers(t int64) bool { return p.start <= t && t < p.end }

// piece is the part of one local date that lies in one period: the unit of all
// walks. In Unix seconds.
type piece struct {
	start, end int64
	midnight   int64 // when the local clock would show 00:00 with the period's offset
	day        int64 // local date, as days since 1970-01-01
}

// at returns the piece that t, which p covers, lies in.
func (p period) at(t int64) piece {
	day := floorDiv(t+p.offset, secondsPerDay)
	midnight := day*secondsPerDay - p.offset
	return piece{
		start: max(midnight, p.start), end: min(midnight+secondsPerDay, p.end),
		midnight: midnight, day: day,
	}
}

func unix(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// ceil returns the first full Unix second at or after t.
func ceil(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
