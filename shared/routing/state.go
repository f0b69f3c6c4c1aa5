package routing

import (
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
)

// Release says that a lead that the rep held is open no more: handed on, or
// closed. Counted is what Choose or Take returned for it. Who no longer has it
// by whatever way is released, also before Replace or after.
func (p Pool) Release(rep string, counted []string) Pool {
	if _, ok := p.Reps[rep]; !ok {
		return p
	}
	return p.edit(rep, func(s *RepState) {
		lower(s.Open, "")
		for _, name := range counted {
			lower(s.Open, name)
		}
	})
}

// Replace says that a lead that the rep rejected does not count. All that Choose
// did for it is taken back: the rep is owed the whole of it again, everybody's
// share in it is withdrawn, the rep's own too, so that balances still add up to
// zero, and the windows of caps that it counted against give it back, if they
// are still the same. So it is as if the lead had never been offered to the rep,
// whose turn is where it was. Wherever the lead goes next, it is shared out and
// charged there like any other, so each lead that counts is shared out once.
//
// Counted and shares are what Choose returned; at is its time. Without shares
// no balance moved, and none does now. Open leads are Release's.
func (p Pool) Replace(rep string, counted []string, at time.Time, shares map[string]int64) Pool {
	out := p.edit(rep, func(s *RepState) {
		s.Received = max(0, s.Received-1)
		for _, name := range counted {
			s.giveBack(name, at)
		}
	})
	if len(shares) == 0 {
		return out
	}
	out.Reps = maps.Clone(out.Reps)
	if out.Reps == nil {
		out.Reps = map[string]RepState{}
	}
	owe := func(id string, parts int64) {
		s := out.Reps[id]
		s.Balance += parts
		out.Reps[id] = s
	}
	for id, part := range shares {
		owe(id, -part)
		owe(rep, part) // all of them make one lead
	}
	return out
}

// giveBack takes a lead out of a cap's window.
func (s *RepState) giveBack(name string, at time.Time) {
	if w, ok := s.Fixed[name]; ok && w.Start <= at.Unix() && w.Count > 1 {
		s.Fixed[name] = Window{Start: w.Start, Count: w.Count - 1}
	} else if ok && w.Start <= at.Unix() {
		delete(s.Fixed, name)
	}
	stamps := s.Rolling[name]
	if i := slices.Index(stamps, stamp(at)); i >= 0 && len(stamps) > 1 {
		s.Rolling[name] = slices.Delete(stamps, i, i+1)
	} else if i == 0 {
		delete(s.Rolling, name)
	}
}

// Take records a lead that the rep got by somebody's word rather than by a
// choice: it is one of the leads they hold, and counts against no window and no
// balance. It returns the state and what Release is told later.
func (p Pool) Take(pool policy.Pool, rep string, concerns func(policy.Cap) bool) (Pool, []string) {
	counted := []string{policy.CapOpen}
	all := pool.Caps
	if r, ok := pool.Rep(rep); ok {
		all = caps(pool, r)
	}
	out := p.edit(rep, func(s *RepState) {
		s.Received++
		counted = s.open(all, concerns)
	})
	return out, counted
}

// Reject counts a rejection on a day, given by its beginning in the pool's zone.
func (p Pool) Reject(rep string, day time.Time) Pool {
	return p.edit(rep, func(s *RepState) {
		s.Rejected = Window{Start: max(s.Rejected.Start, day.Unix()), Count: s.Rejected.since(day) + 1}
	})
}

// Rejections returns how many leads the rep rejected on a day, given by its
// beginning in the pool's zone.
func (p Pool) Rejections(rep string, day time.Time) int64 {
	return p.Reps[rep].Rejected.since(day)
}

// Miss counts an accept deadline that the rep missed, in a row of them.
func (p Pool) Miss(rep string) Pool {
	return p.edit(rep, func(s *RepState) { s.Missed++ })
}

// Answered ends a row of missed accept deadlines.
func (p Pool) Answered(rep string) Pool {
	return p.edit(rep, func(s *RepState) { s.Missed = 0 })
}

// edit returns the pool with another state of one rep.
func (p Pool) edit(rep string, change func(*RepState)) Pool {
	state := p.Reps[rep].clone()
	change(&state)
	reps := make(map[string]RepState, len(p.Reps)+1)
	maps.Copy(reps, p.Reps)
	reps[rep] = state
	p.Reps = reps
	return p
}

// clone returns a state that shares nothing with this one, whose maps are there
// to be written to.
func (s RepState) clone() RepState {
	s.Open = grow(s.Open)
	s.Fixed = grow(s.Fixed)
	rolling := make(map[string][]int64, len(s.Rolling)+1)
	for name, stamps := range s.Rolling {
		rolling[name] = slices.Clone(stamps)
	}
	s.Rolling = rolling
	return s
}

func grow[V any](m map[string]V) map[string]V {
	out := make(map[string]V, len(m)+1)
	maps.Copy(out, m)
	return out
}

// lower counts one less, never below zero; nothing is kept of a zero.
func lower(counts map[string]int64, name string) {
	n, ok := counts[name]
	switch {
	case !ok:
	case n <= 1:
		delete(counts, name)
	default:
		counts[name] = n - 1
	}
}
