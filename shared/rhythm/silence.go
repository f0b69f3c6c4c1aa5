package rhythm

import (
	"fmt"
	"time"
)

const (
	// leastHistory is how long a source must be known.
	leastHistory = 3 * week
	// leastPerWeek is how many events a week must have.
	leastPerWeek = 5
	// mostChance and mostPerWeek bound how often a steady stream is called silent.
	mostChance  = 0.001
	mostPerWeek = 0.01
	// beyond is how much longer than any gap before a silence is.
	beyond = 1.5
	// longestGap bounds how far back a silence is looked for.
	longestGap = 6 * week
)

func (j *judge) silence() {
	if a, open := j.find(Silent); open {
		if j.history.Last.After(a.Since) {
			j.end(a, fmt.Sprintf("An event came after %s without one.", lasting(j.history.Last.Sub(a.Since))))
		}
		return
	}
	if _, failing := j.find(Failing); failing {
		return
	}
	if at, silent := j.model.silent(j.history.Last, j.now); silent {
		j.begin(Alert{Kind: Silent, Since: j.history.Last.UTC()}, fmt.Sprintf("%s, none for %s.", j.model.usually(at), lasting(j.now.Sub(j.history.Last))))
	}
}

// silent tells whether the gap since the last event is none of the rhythm. at
// is the last hour of it in which something was expected.
func (m *model) silent(last, now time.Time) (at hour, found bool) {
	perWeek := m.level * m.perWeek()
	if m.known < leastHistory || m.weeks == 0 || perWeek < leastPerWeek {
		return 0, false
	}
	first, end := hourOf(last)+1, hourOf(now)
	end = min(end, first+hour(longestGap/time.Hour))
	g := gap{vary: m.vary}
	for h := first; h < end; h++ {
		if slot, ok := m.usual(h, Silent); ok && m.mean[slot] > 0 {
			g.add(m.dayOf(h), m.level*m.evidence[slot])
			at = h
		}
	}
	chance := m.chance(g.weight(), time.Duration(end-first)*time.Hour)
	often := min(perWeek, m.openHours()) // gaps in a week: one begins at most in each hour
	return at, chance < mostChance && chance*often < mostPerWeek && g.weight() > beyond*m.longest
}
