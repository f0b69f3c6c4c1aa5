package worktime

import (
	"slices"
	"time"
)

// rota is the week of one team or person on one zone's clock.
type rota struct {
	zone   *time.Location
	hours  [7][]block
	closed map[int64]bool // holidays, as days since 1970-01-01
}

// block is an Interval in seconds since midnight.
type block struct{ open, end int64 }

// on returns the blocks of a local date, in order.
func (r *rota) on(day int64) []block {
	if len(r.closed) > 0 && r.closed[day] {
		return nil
	}
	return r.hours[(day%7+11)%7] // 1970-01-01 was a Thursday
}

// run is uninterrupted open time of a rota within one piece, in Unix seconds:
// from is included, to is not. Every rota opens and closes at full seconds.
type run struct{ from, to int64 }

// cursor looks for runs. It remembers the period in which it looked last.
type cursor struct {
	*rota
	period period
	known  bool
}

func (c *cursor) at(t int64) piece {
	if !c.known || !c.period.covers(t) {
		c.period, c.known = periodAt(c.zone, t), true
	}
	return c.period.at(t)
}

// next returns the first run that ends after t, unless it begins at limit or later.
func (c *cursor) next(t, limit int64) (run, bool) {
	for t < limit {
		p := c.at(t)
		for _, b := range c.on(p.day) {
			r := run{max(p.start, p.midnight+b.open), min(p.end, p.midnight+b.end)}
			if t < r.to && r.from < r.to {
				return r, r.from < limit
			}
		}
		t = p.end
	}
	return run{}, false
}

// previous returns the last run that begins before t, unless it ends at limit or sooner.
func (c *cursor) previous(t, limit int64) (run, bool) {
	for t > limit {
		p := c.at(t - 1)
		for _, b := range slices.Backward(c.on(p.day)) {
			r := run{max(p.start, p.midnight+b.open), min(p.end, p.midnight+b.end)}
			if r.from < t && r.from < r.to {
				return r, r.to > limit
			}
		}
		t = p.start
	}
	return run{}, false
}

// stretch is uninterrupted open time of a calendar: from is included, to is
// not. Where one ends, the next may begin: a stretch ends at midnight and where
// the clocks change.
type stretch struct{ from, to time.Time }

// walk goes through the open time of a calendar, in one direction.
type walk struct {
	at      time.Time // how far it has come
	cursors []cursor  // one for each rota; the calendar is open when all are
	away    []Span    // of the calendar
}

func (c *Calendar) walk(t time.Time) walk {
	w := walk{at: t.UTC().Round(0), cursors: make([]cursor, len(c.rotas)), away: c.away}
	for i, r := range c.rotas {
		w.cursors[i].rota = r
	}
	return w
}

// next returns the next stretch that begins before limit, and goes to its end.
func (w *walk) next(limit time.Time) (stretch, bool) {
	for w.at.Before(limit) {
		s := stretch{w.at, horizon()}
		for i := range w.cursors {
			r, ok := w.cursors[i].next(s.from.Unix(), ceil(limit))
			if !ok {
				w.at = limit
				return stretch{}, false
			}
			s.from, s.to = latest(s.from, unix(r.from)), earliest(s.to, unix(r.to))
			if !s.from.Before(s.to) {
				break // the cursors' runs do not meet; all before s.from is closed
			}
		}
		i, _ := slices.BinarySearchFunc(w.away, s.from, endsAfter)
		switch {
		case i < len(w.away) && !w.away[i].From.After(s.from):
			w.at = w.away[i].To
			continue
		case i < len(w.away):
			s.to = earliest(s.to, w.away[i].From)
		}
		if w.at = latest(s.from, s.to); s.from.Before(s.to) {
			return s, true
		}
	}
	return stretch{}, false
}

// previous returns the stretch before that ends after limit, and goes to its
// beginning.
func (w *walk) previous(limit time.Time) (stretch, bool) {
	for w.at.After(limit) {
		s := stretch{origin(), w.at}
		for i := range w.cursors {
			r, ok := w.cursors[i].previous(ceil(s.to), limit.Unix())
			if !ok {
				w.at = limit
				return stretch{}, false
			}
			s.from, s.to = latest(s.from, unix(r.from)), earliest(s.to, unix(r.to))
			if !s.from.Before(s.to) {
				break // the cursors' runs do not meet; all after s.to is closed
			}
		}
		i, _ := slices.BinarySearchFunc(w.away, s.to, beginsAtOrAfter)
		switch {
		case i > 0 && !w.away[i-1].To.Before(s.to):
			w.at = w.away[i-1].From
			continue
		case i > 0:
			s.from = latest(s.from, w.away[i-1].To)
		}
		if w.at = earliest(s.from, s.to); s.from.Before(s.to) {
			return s, true
		}
	}
	return stretch{}, false
}

// endsAfter finds the first span that ends after t.
func endsAfter(s Span, t time.Time) int {
	if s.To.After(t) {
		return 1
	}
	return -1
}

// beginsAtOrAfter finds the first span that does not begin before t.
func beginsAtOrAfter(s Span, t time.Time) int {
	if s.From.Before(t) {
		return -1
	}
	return 1
}

// origin and horizon bound a stretch that has no bound of its own. They lie
// some billion years from now, where the arithmetic of package time still works.
func origin() time.Time  { return unix(-1 << 55) }
func horizon() time.Time { return unix(1 << 55) }
