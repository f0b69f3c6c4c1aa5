package main

import (
	"math"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/naive"
)

// rival is one way to choose, and how far it took anybody from their share.
type rival struct {
	name  string
	worst float64
	// daily is the largest difference of any rep at the end of each day.
	daily []float64
}

// rivals sends what every pool could choose from through the plain ways to
// choose, too: the same leads, and of each the same reps who could receive it.
// Leads that were given back and replaced are left out for them, as they may
// not be for us. What came of ours is first.
func (n *numbers) rivals(days int, seed uint64) []rival {
	all := []rival{{name: "ours, by balance"}}
	for _, plain := range naive.All(seed) {
		all = append(all, rival{name: plain.Name})
	}
	for i := range all {
		all[i].daily = make([]float64, days)
	}
	for _, pool := range sortedKeys(n.ledgers) {
		l := n.ledgers[pool]
		n.ours(&all[0], l)
		for i, plain := range naive.All(seed) {
			l.race(&all[i+1], n.start, func(d deal, open map[string]int64) string { return plain.Pick(d.able, open) })
		}
	}
	return all
}

// ours enters what the office did.
func (n *numbers) ours(r *rival, l *ledger) {
	r.worst = max(r.worst, largest(l.worst))
	for i, s := range n.hourly {
		for _, id := range l.reps {
			r.daily[i/24] = max(r.daily[i/24], math.Abs(s.apart[id]))
		}
	}
}

// race deals the leads of a pool anew.
func (l *ledger) race(r *rival, start time.Time, pick func(deal, map[string]int64) string) {
	apart, open := map[string]float64{}, map[string]int64{}
	var ends closings
	day := func(t time.Time) int { return int(t.Sub(start).Hours() / 24) }
	note := func(until int, from *int) {
		for ; *from < min(until, len(r.daily)); *from++ {
			r.daily[*from] = max(r.daily[*from], largest(apart))
		}
	}
	noted := 0
	for _, d := range l.deals {
		if d.void {
			continue
		}
		note(day(d.at), &noted)
		for _, rep := range ends.by(d.at) {
			open[rep]--
		}
		to := pick(d, open)
		for _, id := range d.able {
			apart[id] -= l.weight[id] / l.sum(d.able)
		}
		apart[to]++
		open[to]++
		ends.add(d.until, to)
		r.worst = max(r.worst, largest(apart))
	}
	note(len(r.daily), &noted)
}

func (l *ledger) sum(reps []string) (sum float64) {
	for _, id := range reps {
		sum += l.weight[id]
	}
	return sum
}

func largest(apart map[string]float64) (most float64) {
	for _, x := range apart {
		most = max(most, math.Abs(x))
	}
	return most
}

// closings are when leads end, and whose they are.
type closings []closing

type closing struct {
	at  time.Time
	rep string
}

// add notes an end; zero is never.
func (c *closings) add(at time.Time, rep string) {
	if at.IsZero() {
		return
	}
	i, _ := slices.BinarySearchFunc(*c, at, func(e closing, at time.Time) int { return e.at.Compare(at) })
	*c = slices.Insert(*c, i, closing{at, rep})
}

// by returns, and forgets, whose leads have ended by a time.
func (c *closings) by(at time.Time) []string {
	var reps []string
	for len(*c) > 0 && !(*c)[0].at.After(at) {
		reps = append(reps, (*c)[0].rep)
		*c = (*c)[1:]
	}
	return reps
}
