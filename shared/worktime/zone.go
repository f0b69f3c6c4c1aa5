package worktime

import "time"

const secondsPerDay = 24 * 60 * 60

// period is a time in which the zone's offset from UTC does not change. Looking
// it up is the dear part of a walk, and it lasts for months.
type period struct {
	start, end time.Time // zero: no bound
	offset     int64     // seconds east of UTC
}

func periodAt(zone *time.Location, t time.Time) period {
	local := t.In(zone)
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

func (p period) covers(t time.Time) bool {
	return (p.start.IsZero() || !t.Before(p.start)) && (p.end.IsZero() || t.Before(p.end))
}

// piece is the part of one local date that lies in one period: the unit of all
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

// open returns the part of the interval in the piece between two instants. It
// is empty or backwards when there is none.
func (p piece) open(v Interval, from, to time.Time) stretch {
	return stretch{
		from: latest(from, p.start, unix(p.midnight+int64(v.Open/time.Second))),
		to:   earliest(to, p.end, unix(p.midnight+int64(v.Close/time.Second))),
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
