package main

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// scene is one kind of phase, played many times.
type scene struct {
	name     string
	company  company
	drawn    drawn
	phase    rollout.Phase
	outcomes []funnel.Outcome
	naive    bool // decide by an ordinary test at each look: what peeking does
	hourly   bool // judge every hour, and not only when the evidence can have changed
	same     bool // more errors than allowed are what it is to show
	came     result
}

// result is what came of many phases.
type result struct {
	runs, rollbacks, promotions int
	days                        []float64 // until decided, sorted
	// effect is the mean over all phases of what the last gate showed at the end,
	// the process less control.
	effect float64
}

// day returns after how many days a part of all phases were decided, infinite
// when that many never were.
func (r result) day(part float64) float64 {
	if i := int(part * float64(r.runs)); i < len(r.days) {
		return r.days[i]
	}
	return math.Inf(1)
}

// share returns the part of the phases that were decided after so many days.
func (r result) share(days float64) float64 {
	n, _ := slices.BinarySearch(r.days, days+1e-9)
	return float64(n) / float64(r.runs)
}

// play plays a scene many times, on all cores. Each phase has dice of its own.
func (s *scene) play(runs int, seed uint64) result {
	out := result{runs: runs}
	effects := make([]float64, runs)
	var mu sync.Mutex
	var wait sync.WaitGroup
	workers := runtime.NumCPU()
	for worker := range workers {
		wait.Go(func() {
			for run := worker; run < runs; run += workers {
				decision, after, effect := s.once(rand.New(rand.NewPCG(seed, uint64(run)))) //nolint:gosec // dice of a game
				mu.Lock()
				effects[run] = effect
				switch decision {
				case rollout.Rollback:
					out.rollbacks++
				case rollout.Promote:
					out.promotions++
				case rollout.Hold, rollout.Ask:
				}
				if decision != rollout.Hold {
					out.days = append(out.days, after.Hours()/24)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	slices.Sort(out.days)
	for _, e := range effects {
		out.effect += e / float64(runs)
	}
	return out
}

// look is a phase as the hourly run sees it.
type look struct {
	*scene
	units map[evidence.UnitKey]evidence.Unit
	days  map[evidence.DayKey]evidence.Day
	seen  rollout.Evidence
}

// once plays one phase, hour by hour: what has changed is folded, and the
// evidence is judged. It can differ from the hour before only when another day
// has got old enough, or one that is old enough was changed; else the verdict is
// the same, but at the ends of the shortest and of the longest time.
func (s *scene) once(r *rand.Rand) (decision rollout.Decision, after time.Duration, effect float64) {
	changes := s.company.write(r, s.phase, s.outcomes, s.drawn)
	l := look{scene: s, units: map[evidence.UnitKey]evidence.Unit{}, days: map[evidence.DayKey]evidence.Day{}}
	decision, after = rollout.Hold, s.phase.Most
	today := ""
	for elapsed := time.Hour; elapsed <= s.phase.Most; elapsed += time.Hour {
		now := s.phase.Started.Add(elapsed)
		n := 0
		for n < len(changes) && !changes[n].at.After(now) {
			n++
		}
		old := l.fold(changes[:n], now)
		changes = changes[n:]
		date := now.Format(time.DateOnly)
		if !old && date == today && elapsed != s.phase.Least && elapsed != s.phase.Most && !s.hourly {
			continue
		}
		today = date
		if d := l.judge(now); (d == rollout.Rollback || d == rollout.Promote) && decision == rollout.Hold {
			decision, after = d, elapsed
			if !s.measures() {
				return decision, after, 0
			}
		}
	}
	return decision, after, l.effect()
}

// measures tells whether the scene is about the effect that is seen at the end,
// for which the phase is played on.
func (s *scene) measures() bool {
	return s.company.colleagues > 0 && s.company.treated.meets != s.company.control.meets
}

// fold folds changes, and tells whether they change a day that may be old enough.
func (l *look) fold(changes []dated, now time.Time) (old bool) {
	if len(changes) == 0 {
		return false
	}
	all := make([]evidence.Change, len(changes))
	for i, c := range changes {
		all[i] = c.Change
	}
	shortest := funnel.MostDays
	for _, o := range l.outcomes {
		shortest = min(shortest, o.Days)
	}
	mature := now.AddDate(0, 0, -shortest).Format(time.DateOnly)
	units, days := evidence.Fold(l.units, l.days, all)
	for _, u := range units {
		l.units[u.Key] = u
	}
	for _, d := range days {
		l.days[d.Key] = d
		old = old || d.Key.Day < mature
	}
	return old
}

// judge decides by what is counted at now.
func (l *look) judge(now time.Time) rollout.Decision {
	days := make([]evidence.Day, 0, len(l.days))
	for _, d := range l.days {
		days = append(days, d)
	}
	l.seen = evidence.Measure(days, now, l.outcomes)
	if l.naive {
		return l.peek()
	}
	c := rollout.Case{
		Phase: l.phase, Mode: rollout.Auto, Status: rollout.Running, Evidence: l.seen, Through: now,
		Next: &rollout.Step{Name: "all", Mode: rollout.Auto, Share: 1},
	}
	return rollout.Decide(c, now).Action
}

// peek decides as one would who looks at an ordinary one-sided test each time.
func (l *look) peek() rollout.Decision {
	g := l.phase.Gates[0]
	arms := l.seen.Outcomes[g.Outcome]
	if min(arms.Treated.N, arms.Control.N) < g.Minimum {
		return rollout.Hold
	}
	pair := rollout.Pair{
		A: rollout.Proportion{Successes: int(arms.Treated.Sum), N: arms.Treated.N},
		B: rollout.Proportion{Successes: int(arms.Control.Sum), N: arms.Control.N},
	}
	if z := pair.PooledZ().Statistic; z < distuv.UnitNormal.Quantile(g.Alpha) {
		return rollout.Rollback
	}
	return rollout.Hold
}

// effect is the process less control by the last gate.
func (l *look) effect() float64 {
	arms := l.seen.Outcomes[l.phase.Gates[len(l.phase.Gates)-1].Outcome]
	if arms.Treated.N == 0 || arms.Control.N == 0 {
		return 0
	}
	return arms.Treated.Sum/float64(arms.Treated.N) - arms.Control.Sum/float64(arms.Control.N)
}
