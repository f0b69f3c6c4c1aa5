package routing

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// CapName returns what a cap is called in the state: the same for the same
// window, tag and condition, whatever the cap allows, so that a limit that is
// raised keeps its count.
func CapName(c policy.Cap) string {
	name := c.Per
	if d, err := time.ParseDuration(c.Per); err == nil {
		name = policy.Duration(d).String()
	}
	if c.Tag != "" {
		name += "#" + c.Tag
	}
	const long = 24
	switch {
	case c.When == "":
	case len(c.When) <= long:
		name += "?" + c.When
	default:
		name += fmt.Sprintf("?%x", sha256.Sum256([]byte(c.When)))[:1+long/2]
	}
	return name
}

// openKey is where leads held at the same time are counted: all of them under "".
func openKey(c policy.Cap) string {
	if conditional(c) {
		return CapName(c)
	}
	return ""
}

// conditional tells whether a cap is about some leads alone.
func conditional(c policy.Cap) bool { return c.Tag != "" || c.When != "" }

// caps are the ones of a rep: their own, else the pool's.
func caps(p policy.Pool, r policy.Rep) []policy.Cap {
	if len(r.Caps) > 0 {
		return r.Caps
	}
	return p.Caps
}

// limits says what kind of caps a rep has reached.
type limits struct {
	any   bool // one that is about every lead
	never bool // one that allows no such lead at any time
}

// full tells whether the rep has reached a cap that is about the lead. Of
// several it is the one that keeps them longest.
func (s *standing) full(r Request) (block, limits) {
	var worst block
	var l limits
	for _, c := range caps(r.Policy, s.cand.Rep) {
		if conditional(c) && (r.Concerns == nil || !r.Concerns(c)) {
			continue
		}
		b := s.reached(c, r)
		if b.none() {
			continue
		}
		l.any = l.any || !conditional(c)
		l.never = l.never || c.Most <= 0
		if worst.none() || !worst.until.IsZero() && (b.until.IsZero() || b.until.After(worst.until)) {
			worst = b
		}
	}
	return worst, l
}

// reached tells whether one cap leaves no room for a lead now.
func (s *standing) reached(c policy.Cap, r Request) block {
	if c.Most <= 0 {
		return block{why: "takes no leads" + about(c)}
	}
	most := int64(c.Most)
	switch c.Per {
	case policy.CapOpen:
		n := s.state.Open[openKey(c)]
		if n < most {
			return block{}
		}
		return block{why: fmt.Sprintf("full: %d open leads of %d%s", n, most, about(c))}
	case policy.CapHour, policy.CapDay, policy.CapWeek, policy.CapMonth:
		return s.reachedFixed(c, r)
	}
	window, err := time.ParseDuration(c.Per)
	if err != nil || window <= 0 {
		return block{why: fmt.Sprintf("has a cap per %q, which is no time", c.Per)}
	}
	stamps := younger(s.state.Rolling[CapName(c)], window, r.Now)
	if int64(len(stamps)) < most {
		return block{}
	}
	why := fmt.Sprintf("full: %d of %d in %s%s", len(stamps), most, policy.Duration(window), about(c))
	return block{why, time.Unix(stamps[int64(len(stamps))-most], 0).UTC().Add(window)}
}

// reachedFixed is reached for windows by the clock on the wall.
func (s *standing) reachedFixed(c policy.Cap, r Request) block {
	w := windowAt(c.Per, r.Now, zone(r.Calendar))
	n, most := s.state.Fixed[CapName(c)].since(w.start), int64(c.Most)
	if n >= most {
		return block{fmt.Sprintf("full: %d of %d %s%s", n, most, w.words, about(c)), w.end}
	}
	if !c.Spread || w.last.IsZero() {
		return block{}
	}
	if due := s.due(most, w, r); n >= due {
		return block{fmt.Sprintf("full: %d of %d by today, of %d %s%s", n, due, most, w.words, about(c)), w.tomorrow}
	}
	return block{}
}

// due returns how many of a window's leads the rep may have had by the end of
// today: evenly over the days on which they work.
func (s *standing) due(most int64, w window, r Request) int64 {
	hours := s.cand.Present()
	local := hours.Zone()
	today := r.Now.In(zone(r.Calendar))
	total := int64(hours.Workdays(noon(w.first, local), noon(w.last, local)))
	if total == 0 {
		return most
	}
	soFar := int64(hours.Workdays(noon(w.first, local), noon(today, local)))
	return (most*soFar + total - 1) / total
}

// since returns the count of a window that began at a time. A clock that is
// behind another does not lose what that one has counted.
func (w Window) since(start time.Time) int64 {
	if w.Start < start.Unix() {
		return 0
	}
	return w.Count
}

// younger returns the stamps that are younger than the window.
func younger(stamps []int64, window time.Duration, now time.Time) []int64 {
	i := slices.IndexFunc(stamps, func(at int64) bool { return time.Unix(at, 0).Add(window).After(now) })
	if i < 0 {
		return nil
	}
	return stamps[i:]
}

// stamp is when a lead entered a rolling window: the full second at or after.
// Rounded so, a window is never shorter than it says.
func stamp(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// count records the lead in the counts of the rep who receives it, and returns
// the names of the caps that it counts against. Every lead counts as open.
func count(reps map[string]RepState, best *standing, r Request) []string {
	state := reps[best.cand.ID].clone()
	state.Received++
	counted := state.open(caps(r.Policy, best.cand.Rep), r.Concerns)
	for _, c := range caps(r.Policy, best.cand.Rep) {
		name := CapName(c)
		if slices.Contains(counted, name) || (conditional(c) && (r.Concerns == nil || !r.Concerns(c))) {
			continue
		}
		counted = append(counted, name)
		switch c.Per {
		case policy.CapHour, policy.CapDay, policy.CapWeek, policy.CapMonth:
			start := windowAt(c.Per, r.Now, zone(r.Calendar)).start
			w := state.Fixed[name]
			state.Fixed[name] = Window{Start: max(w.Start, start.Unix()), Count: w.since(start) + 1}
		default:
			length, _ := time.ParseDuration(c.Per) // reached lets nobody through with another
			stamps := slices.Clone(younger(state.Rolling[name], length, r.Now))
			at := stamp(r.Now)
			if n := len(stamps); n > 0 {
				at = max(at, stamps[n-1])
			}
			state.Rolling[name] = append(stamps, at)
		}
	}
	reps[best.cand.ID] = state
	return counted
}

// open counts a lead among those held, and returns the caps of that kind that
// it counts against.
func (s *RepState) open(all []policy.Cap, concerns func(policy.Cap) bool) []string {
	s.Open[""]++
	counted := []string{policy.CapOpen}
	for _, c := range all {
		name := CapName(c)
		if c.Per != policy.CapOpen || slices.Contains(counted, name) || concerns == nil || !concerns(c) {
			continue
		}
		s.Open[name]++
		counted = append(counted, name)
	}
	return counted
}
