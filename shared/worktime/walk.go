package worktime

import (
	"slices"
	"sort"
	"time"
)

// stretch is uninterrupted open time: from is included, to is not. Where one
// ends, the next may begin: a rota's stretches end at midnight and where the
// clocks change.
type stretch struct{ from, to time.Time }

// rota is the week of one team or person on one zone's clock.
type rota struct {
	zone   *time.Location
	hours  [7][]Interval  // sorted
	closed map[int64]bool // holidays, as days since 1970-01-01
}

// on returns the intervals of a local date, in order.
func (r *rota) on(day int64) []Interval {
	if r.closed[day] {
		return nil
	}
	return r.hours[(day%7+11)%7] // 1970-01-01 was a Thursday
}

// cursor looks for open stretches of one rota. It remembers the period in
// which it looked last.
type cursor struct {
	*rota
	period period
	known  bool
}

func (c *cursor) at(t time.Time) piece {
	if !c.known || !c.period.covers(t) {
		c.period, c.known = periodAt(c.zone, t), true
	}
	return c.period.at(t)
}

// next returns the first stretch at or after t that begins before limit. A
// stretch that contains t is cut to begin there.
func (c *cursor) next(t, limit time.Time) (stretch, bool) {
	for t.Before(limit) {
		p := c.at(t)
		for _, v := range c.on(p.day) {
			if s := p.open(v, t, p.end); s.from.Before(s.to) {
				return s, s.from.Before(limit)
			}
		}
		t = p.end
	}
	return stretch{}, false
}

// previous returns the last stretch before t that ends after limit. A stretch
// that contains t is cut to end there.
func (c *cursor) previous(t, limit time.Time) (stretch, bool) {
	for t.After(limit) {
		p := c.at(t.Add(-1))
		for _, v := range slices.Backward(c.on(p.day)) {
			if s := p.open(v, p.start, t); s.from.Before(s.to) {
				return s, s.to.After(limit)
			}
		}
		t = p.start
	}
	return stretch{}, false
}

// walk goes through the open time of a calendar, in one direction.
type walk struct {
	at      time.Time // how far it has come
	cursors []cursor  // one for each rota; the calendar is open when all are
	away    []Span    // of the calendar
}

func (c *Calendar) walk(t time.Time) *walk {
	w := &walk{at: t.UTC().Round(0), cursors: make([]cursor, len(c.rotas)), away: c.away}
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
			r, ok := w.cursors[i].next(s.from, limit)
			if !ok {
				w.at = limit
				return stretch{}, false
			}
			// When r begins after s ends, what is left is empty: all before r is closed.
			s.from, s.to = r.from, earliest(s.to, r.to)
			if !s.from.Before(s.to) {
				break
			}
		}
		i := sort.Search(len(w.away), func(i int) bool { return w.away[i].To.After(s.from) })
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
			r, ok := w.cursors[i].previous(s.to, limit)
			if !ok {
				w.at = limit
				return stretch{}, false
			}
			s.from, s.to = latest(s.from, r.from), r.to
			if !s.from.Before(s.to) {
				break
			}
		}
		i := sort.Search(len(w.away), func(i int) bool { return !w.away[i].From.Before(s.to) }) - 1
		switch {
		case i >= 0 && !w.away[i].To.Before(s.to):
			w.at = w.away[i].From
			continue
		case i >= 0:
			s.from = latest(s.from, w.away[i].To)
		}
		if w.at = earliest(s.from, s.to); s.from.Before(s.to) {
			return s, true
		}
	}
	return stretch{}, false
}

// origin and horizon bound a stretch that has no bound of its own. They lie
// some billion years from now, where the arithmetic of package time still works.
func origin() time.Time  { return unix(-1 << 55) }
func horizon() time.Time { return unix(1 << 55) }
