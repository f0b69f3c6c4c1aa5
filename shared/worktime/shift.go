package worktime

import "time"

// breakLimit is how long a shift may be interrupted, as by lunch, without
// being over: anything shorter.
const breakLimit = 4 * time.Hour

// ShiftEnd returns when the shift ends that the open instant t lies in: the
// first closing after t that is followed by at least four closed hours. When t
// is closed, the shift is the one that begins next, or goes on after the break
// that t lies in. In UTC. It is the zero time when no shift ends within ten
// years, as that of Always, or none begins.
func (c *Calendar) ShiftEnd(t time.Time) time.Time {
	w := c.walk(t)
	last := w.at.Add(patience)
	s, ok := w.next(last)
	for ok {
		end := s.to
		if end.After(last) {
			break
		}
		if s, ok = w.next(end.Add(breakLimit)); !ok {
			return end
		}
	}
	return time.Time{}
}

// Workdays counts the dates, on the clock of the calendar's zone, that have any
// open time, from that of from to that of to, both included. A date counts
// whole, with what lies before from and after to. It is 0 when to's date is
// before from's.
func (c *Calendar) Workdays(from, to time.Time) int {
	const slack = 2 * secondsPerDay // a date is over by then, even one that a zone lives through twice
	look := cursor{rota: &rota{zone: c.zone}}
	first, last := look.at(from.Unix()).day, look.at(to.Unix()).day
	open := map[int64]bool{}
	w := c.walk(from)
	for t, end := from.Unix()-slack, to.Unix()+slack; t < end; {
		p := look.at(t)
		t = p.end
		if p.day < first || p.day > last || open[p.day] {
			continue
		}
		w.at = unix(p.start)
		if _, ok := w.next(unix(p.end)); ok {
			open[p.day] = true
		}
	}
	return len(open)
}
