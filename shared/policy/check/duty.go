package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// team returns the hours of a pool in a plain week, and rep those of a rep in
// the pool; nil when there are none.
func (h hoursOf) team(p *policy.Policy, pool policy.Pool) *worktime.Calendar {
	return h[cmp.Or(pool.Calendar, p.SLA.Calendar)]
}

func (h hoursOf) rep(p *policy.Policy, pool policy.Pool, r policy.Rep) *worktime.Calendar {
	team, own := h.team(p, pool), h[r.Calendar]
	if own == nil || team == nil || r.Calendar == cmp.Or(pool.Calendar, p.SLA.Calendar) {
		return team
	}
	return team.And(own)
}

// inUse returns the hours that a clock may count in a plain week, each once.
func (h hoursOf) inUse(p *policy.Policy) []*worktime.Calendar {
	var all []*worktime.Calendar
	seen := map[string]bool{}
	for _, name := range usedPools(p) {
		pool := p.Routing.Pools[name]
		for _, r := range pool.Reps {
			if key := cmp.Or(pool.Calendar, p.SLA.Calendar) + " " + r.Calendar; !seen[key] {
				seen[key] = true
				all = append(all, h.rep(p, pool, r))
			}
		}
	}
	return all
}

// lintDuty finds hours of a pool in which nobody is on duty, and reps who are
// hardly ever.
func (c *checker) lintDuty(p *policy.Policy) {
	for _, name := range usedPools(p) {
		pool := p.Routing.Pools[name]
		path := "routing.pools." + name
		c.lintGaps(p, path, pool)
		c.lintTogether(p, path, pool)
		c.lintShifts(p, path, pool)
	}
}

// lintGaps looks at four weeks: in winter, in summer, and when only some
// countries have set their clocks.
func (c *checker) lintGaps(p *policy.Policy, path string, pool policy.Pool) {
	const step = 15 * time.Minute
	team := c.plain.team(p, pool)
	var reps []*worktime.Calendar
	for _, r := range pool.Reps {
		if r.Off == "" {
			reps = append(reps, c.plain.rep(p, pool, r))
		}
	}
	if slices.Contains(reps, team) {
		return
	}
	covered := func(t time.Time) bool {
		return slices.ContainsFunc(reps, func(r *worktime.Calendar) bool { return r.Open(t) })
	}
	for _, monday := range []time.Time{someDay(), someDay().AddDate(0, 0, 9*7), someDay().AddDate(0, 0, 26*7), someDay().AddDate(0, 0, 41*7)} {
		for t := monday; t.Before(monday.Add(week)); t = t.Add(step) {
			if !team.Open(t) || covered(t) {
				continue
			}
			end := t
			for team.Open(end) && !covered(end) {
				end = end.Add(step)
			}
			zone := team.Zone()
			c.warn(path+".reps", "nobody is on duty on %s to %s (%s, in the week of %s), although the pool's calendar is open; change somebody's hours, or the calendar's",
				t.In(zone).Format("Monday from 15:04"), end.In(zone).Format("15:04"), zone, monday.Format(time.DateOnly))
			return
		}
	}
}

// lintTogether finds days on which everybody is on leave.
func (c *checker) lintTogether(p *policy.Policy, path string, pool policy.Pool) {
	var all [][]worktime.Span
	for _, r := range pool.Reps {
		if r.Off == "" {
			all = append(all, c.leaves(p, pool, r))
		}
	}
	for _, s := range slices.Concat(all...) {
		if !slices.ContainsFunc(all, func(spans []worktime.Span) bool { return !away(spans, s.From) }) {
			c.warn(path+".reps", "everybody is on leave on %s, so nobody receives leads; change a leave, or add a rep", s.From.In(c.team(p, pool).Zone()).Format(time.DateOnly))
			return
		}
	}
}

// leaves are the times in which a rep is away, by the clock of their calendar.
func (c *checker) leaves(p *policy.Policy, pool policy.Pool, r policy.Rep) []worktime.Span {
	own := c.calendars[cmp.Or(r.Calendar, pool.Calendar, p.SLA.Calendar)]
	var spans []worktime.Span
	for _, l := range r.Leave {
		if span, err := worktime.Leave(l, own.Zone()); err == nil {
			spans = append(spans, span)
		}
	}
	return spans
}

func away(spans []worktime.Span, t time.Time) bool {
	return slices.ContainsFunc(spans, func(s worktime.Span) bool { return !t.Before(s.From) && t.Before(s.To) })
}

// lintShifts finds reps who have less than an hour a week with their team, and
// shifts that are over before they begin.
func (c *checker) lintShifts(p *policy.Policy, path string, pool policy.Pool) {
	for i, r := range pool.Reps {
		if common := perWeek(c.plain.rep(p, pool, r)); common < time.Hour {
			c.warn(fmt.Sprintf("%s.reps[%d].calendar", path, i), "is open together with the pool's for %s a week on average, and clocks count that alone; make it more", policy.Duration(common))
		}
	}
	if last := time.Duration(pool.LastMinutes); last > 0 {
		longest := longestShift(c.plain.team(p, pool))
		if longest > 0 && last >= longest {
			c.warn(path+".last_minutes", "no shift is longer than %s, so nobody would ever be given a lead in one; shorten it", policy.Duration(longest))
		}
	}
}

// longestShift returns the longest stretch from an opening to the end of the
// shift in a plain week; 0 for a calendar that is always open.
func longestShift(times *worktime.Calendar) time.Duration {
	longest := time.Duration(0)
	for t := times.NextOpen(someDay()); t.Before(someDay().Add(week)) && !t.IsZero(); {
		end := times.ShiftEnd(t)
		if end.IsZero() {
			return 0
		}
		longest = max(longest, end.Sub(t))
		t = times.NextOpen(end)
	}
	return longest
}
