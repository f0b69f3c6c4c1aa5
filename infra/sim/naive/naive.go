// Package naive restates the plain ways in which lead routers choose a rep, as
// yardsticks for shared/routing: the first in the list, round robin, least open
// and random. They know who can receive the lead and how many each holds, and
// nothing of weights or of what anybody missed.
package naive

import (
	"math/rand/v2"
	"slices"
)

// Picker chooses who receives the next lead.
type Picker interface {
	// Pick returns one of eligible, which is never empty and in the order in
	// which the reps were created. Open is how many leads each rep holds.
	Pick(eligible []string, open map[string]int64) string
}

// Named is a picker with what to call it in a table.
type Named struct {
	Name string
	Picker
}

// All returns a new picker of each kind. The seed is the random one's.
func All(seed uint64) []Named {
	return []Named{
		{"creation order", First{}},
		{"round robin that restarts", &RoundRobin{}},
		{"least open", LeastOpen{}},
		{"random", NewRandom(seed)},
	}
}

// First always takes the rep who was created first of those who are free.
type First struct{}

// Pick returns the first.
func (First) Pick(eligible []string, _ map[string]int64) string { return eligible[0] }

// RoundRobin goes through the list, and starts over whenever the list changes:
// when somebody is full, goes on leave or comes back.
type RoundRobin struct {
	list []string
	next int
}

// Pick returns the one after the last.
func (r *RoundRobin) Pick(eligible []string, _ map[string]int64) string {
	if !slices.Equal(r.list, eligible) {
		r.list, r.next = slices.Clone(eligible), 0
	}
	picked := eligible[r.next%len(eligible)]
	r.next++
	return picked
}

// LeastOpen takes who holds the fewest leads, of several the first.
type LeastOpen struct{}

// Pick returns the one with the fewest open leads.
func (LeastOpen) Pick(eligible []string, open map[string]int64) string {
	return slices.MinFunc(eligible, func(a, b string) int { return int(open[a] - open[b]) })
}

// Random takes anybody. Make it with NewRandom.
type Random struct{ source *rand.Rand }

// NewRandom returns a picker that repeats its choices for the same seed.
func NewRandom(seed uint64) *Random {
	return &Random{rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // A simulation has to be repeatable; nothing is secret.
}

// Pick returns any one, all being as likely.
func (r *Random) Pick(eligible []string, _ map[string]int64) string {
	return eligible[r.source.IntN(len(eligible))]
}
