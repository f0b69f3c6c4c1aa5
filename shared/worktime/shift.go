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
	last := w.at.AddDate(patienceYears, 0, 0)
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
	// A date is over within two days, even one that a zone lives through twice.
	const slack = 48 * time.Hour
	look := cursor{rota: &rota{zone: c.zone}}
	first, last := look.at(from).day, look.at(to).day
	open := map[int64]bool{}
	end := to.Add(slack)
	w := c.walk(from.Add(-slack))
	for t := w.at; t.Before(end); {
		p := look.at(t)
		t = p.end
		if p.day < first || p.day > last || open[p.day] {
			continue
		}
		w.at = p.start
		if _, ok := w.next(p.end); ok {
			open[p.day] = true
		}
	}
	return len(open)
}
