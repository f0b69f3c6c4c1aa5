package rollout

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

// More runs give the same answers with more digits:
// go test ./shared/rollout -run Simulated -v -args -runs 50000.
var simulatedRuns = flag.Int("runs", 2000, "phases to simulate of each kind")

// world is a way in which phases can go.
type world struct {
	name     string
	phase    Phase
	perWeek  float64
	maturity time.Duration
	control  func(*rand.Rand) float64 // the outcome of a unit of control
	treated  func(*rand.Rand) float64
	// everyHour has Judge say everything in words, which takes ten times as long.
	everyHour bool
}

func share(p float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 {
		if r.Float64() < p {
			return 1
		}
		return 0
	}
}

// hours are log-normal with a mean of 6, as times until somebody acts are.
func hours(r *rand.Rand) float64 {
	const mean, spread = 6, 0.8
	return mean * math.Exp(spread*r.NormFloat64()-spread*spread/2)
}

// life is one phase as it goes.
type life struct {
	world
	r        *rand.Rand
	next     time.Duration // when the next unit comes
	young    []unit
	arms     Arms
	enrolled Enrolled
}

type unit struct {
	at      time.Duration
	treated bool
	value   float64
}

func (l *life) wait() time.Duration {
	return time.Duration(l.r.ExpFloat64() / l.perWeek * float64(7*24*time.Hour))
}

// hour enrolls who came and counts who got old enough, and says whether somebody
// did.
func (l *life) hour(now time.Duration) (changed bool) {
	for ; l.next <= now; l.next += l.wait() {
		u := unit{at: l.next, treated: In(l.r.IntN(Buckets), l.phase.Share)}
		if u.treated {
			u.value = l.treated(l.r)
			l.enrolled.Treated++
		} else {
			u.value = l.control(l.r)
			l.enrolled.Control++
		}
		l.young = append(l.young, u)
	}
	for len(l.young) > 0 && now-l.young[0].at >= l.maturity {
		u := l.young[0]
		arm := &l.arms.Control
		if u.treated {
			arm = &l.arms.Treated
		}
		arm.N, arm.Sum, arm.Squares = arm.N+1, arm.Sum+u.value, arm.Squares+u.value*u.value
		l.young, changed = l.young[1:], true
	}
	l.arms.Treated.Censored, l.arms.Control.Censored = l.enrolled.Treated-l.arms.Treated.N, l.enrolled.Control-l.arms.Control.N
	return changed
}

// live lives through one phase. Units come at random and are judged every hour.
// An hour in which nothing changed needs no new verdict, but at the ends of the
// shortest and longest time; nor does one in which the gate has proven nothing.
func (w world) live(r *rand.Rand) (Decision, time.Duration) {
	l := life{world: w, r: r}
	l.next = l.wait()
	gate := w.phase.Gates[0]
	for now := time.Hour; now <= w.phase.Most; now += time.Hour {
		changed := l.hour(now) || now == w.phase.Most || now == w.phase.Least
		if !changed && !w.everyHour {
			continue
		}
		if f, _ := gate.measure(l.arms, l.enrolled); !w.everyHour && f.State != Better && f.State != Worse {
			continue
		}
		e := Evidence{Enrolled: l.enrolled, Outcomes: map[string]Arms{gate.Outcome: l.arms}}
		if v := Judge(w.phase, e, w.phase.Started.Add(now)); v.Decision == Rollback || v.Decision == Promote {
			return v.Decision, now
		}
	}
	return Hold, w.phase.Most
}

// lived is what came of many phases.
type lived struct {
	runs, rollbacks, promotions int
	days                        []float64 // until decided, sorted
}

func (w world) times(runs int, seed uint64) lived {
	const workers = 4
	var mu sync.Mutex
	var wait sync.WaitGroup
	out := lived{runs: runs}
	for worker := range workers {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(worker)))
			for run := worker; run < runs; run += workers {
				decision, after := w.live(r)
				mu.Lock()
				switch decision {
				case Rollback:
					out.rollbacks++
				case Promote:
					out.promotions++
				case Hold, Ask:
				}
				if decision != Hold {
					out.days = append(out.days, after.Hours()/24)
				}
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	slices.Sort(out.days)
	return out
}

// day returns after how many days a part of all phases were decided, infinite
// when that many never were.
func (l lived) day(part float64) float64 {
	if i := int(part * float64(l.runs)); i < len(l.days) {
		return l.days[i]
	}
	return math.Inf(1)
}

func ofPhase(g Gate, in float64, weeks int) Phase {
	g.Outcome = "meeting"
	return Phase{
		Name: "second", Unit: "lead", Share: in, Started: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Most: time.Duration(weeks) * 7 * 24 * time.Hour, Gates: []Gate{g},
	}
}

func against(r Reference, role Role, line float64) Gate {
	return Gate{Role: role, Measure: Share, Against: r, Direction: Higher, Line: line, Alpha: 0.1, Minimum: 20}
}

// Without harm a phase is rolled back, and without a gain promoted, at most as
// often as alpha says, though it is judged every hour, and though the truth is on
// the line itself, which is the worst case.
func TestSimulatedErrorsAreAtMostAlpha(t *testing.T) {
	lower := func(g Gate) Gate {
		g.Direction = Lower
		return g
	}
	mean := func(g Gate) Gate {
		g.Measure, g.Direction, g.Minimum = Mean, Lower, 30
		return g
	}
	higher := func(g Gate) Gate {
		g.Direction = Higher
		return g
	}
	many := func(g Gate) Gate {
		g.Minimum, g.Alpha = LeastOfMean, 0.02
		return g
	}
	strict := func(g Gate) Gate {
		g.Alpha = 0.01
		return g
	}
	wide := func(g Gate) Gate {
		g.Expect = 2000
		return g
	}
	worlds := []world{
		{"guardrail, 30 % in both, half is in", ofPhase(against(Control, Guardrail, 0), 0.5, 8), 40, 0, share(0.3), share(0.3), false},
		{"the same, at 1 %", ofPhase(strict(against(Control, Guardrail, 0)), 0.5, 8), 40, 0, share(0.3), share(0.3), false},
		{"the same, old after 2 weeks", ofPhase(against(Control, Guardrail, 0), 0.5, 8), 40, 14 * 24 * time.Hour, share(0.3), share(0.3), false},
		{"the same, one in ten is in", ofPhase(against(Control, Guardrail, 0), 0.1, 8), 60, 0, share(0.3), share(0.3), false},
		{"the same, nine in ten are in", ofPhase(against(Control, Guardrail, 0), 0.9, 8), 60, 0, share(0.3), share(0.3), false},
		{"guardrail, 3 % in both", ofPhase(against(Control, Guardrail, 0), 0.5, 8), 60, 0, share(0.03), share(0.03), false},
		{"guardrail, lower is better, 3 %, 1 in 10 in", ofPhase(lower(against(Control, Guardrail, 0)), 0.1, 8), 60, 0, share(0.03), share(0.03), false},
		{"guardrail, 5 % in both, one in ten is in", ofPhase(against(Control, Guardrail, 0), 0.1, 8), 100, 0, share(0.05), share(0.05), false},
		{"guardrail two points below, two points worse", ofPhase(against(Control, Guardrail, -0.02), 0.1, 8), 100, 0, share(0.05), share(0.03), false},
		{"guardrail, tuned to 2000 units", ofPhase(wide(against(Control, Guardrail, 0)), 0.5, 8), 60, 0, share(0.3), share(0.3), false},
		{"guardrail, hours until contact", ofPhase(mean(against(Control, Guardrail, 0)), 0.5, 8), 40, 0, hours, hours, false},
		{"the same, higher is better", ofPhase(higher(mean(against(Control, Guardrail, 0))), 0.5, 8), 40, 0, hours, hours, false},
		{"the same, one in ten is in", ofPhase(higher(mean(against(Control, Guardrail, 0))), 0.1, 8), 60, 0, hours, hours, false},
		{"hours at most 6, at 6", ofPhase(many(mean(against(Threshold, Guardrail, 6))), 0.5, 12), 100, 0, hours, hours, false},
		{"hours at least 6, at 6", ofPhase(higher(many(mean(against(Threshold, Guardrail, 6)))), 0.5, 12), 100, 0, hours, hours, false},
		{"lower is better, one in ten is in", ofPhase(mean(against(Control, Guardrail, 0)), 0.1, 8), 60, 0, hours, hours, false},
		{"guardrail at 70 %, at 70 %", ofPhase(against(Threshold, Guardrail, 0.7), 0.5, 8), 60, 0, share(0.7), share(0.7), false},
		{"guardrail at 5 %, at 5 %", ofPhase(against(Threshold, Guardrail, 0.05), 0.5, 8), 60, 0, share(0.05), share(0.05), false},
		{"guardrail at 95 %, at 95 %", ofPhase(against(Threshold, Guardrail, 0.95), 0.5, 8), 60, 0, share(0.95), share(0.95), false},
		{"criterion, 30 % in both", ofPhase(against(Control, Criterion, 0), 0.5, 8), 60, 0, share(0.3), share(0.3), false},
		{"criterion two points below, two points worse", ofPhase(against(Control, Criterion, -0.02), 0.5, 8), 60, 0, share(0.3), share(0.28), false},
		{"criterion at 20 %, at 20 %", ofPhase(against(Threshold, Criterion, 0.2), 0.5, 8), 60, 0, share(0.2), share(0.2), false},
		{"criterion at 3 %, at 3 %", ofPhase(against(Threshold, Criterion, 0.03), 0.5, 8), 60, 0, share(0.03), share(0.03), false},
	}
	for _, w := range worlds {
		if err := w.phase.Check(); err != nil {
			t.Fatal(w.name, err)
		}
	}
	t.Logf("%-46s %8s %8s", "without harm, without gain", "errors", "allowed")
	for i, w := range worlds {
		got := w.times(*simulatedRuns, uint64(i))
		errors := got.rollbacks + got.promotions
		t.Logf("%-46s %6.2f %% %6.2f %%", w.name, 100*float64(errors)/float64(got.runs), 100*w.phase.Gates[0].Alpha)
		if float64(errors) > w.phase.Gates[0].Alpha*float64(got.runs) {
			t.Errorf("%s: %d errors in %d phases", w.name, errors, got.runs)
		}
	}
}

// Harm is rolled back, and a gain promoted, within the time that the forecast
// gives 8 times in 10, and never the wrong way around.
func TestSimulatedTimeToDecide(t *testing.T) {
	const base, perWeek = 0.3, 60
	t.Logf("%-44s %8s %8s %8s %9s", "30 % in control, 60 leads a week, half in", "decided", "median", "8 in 10", "forecast")
	for i, tt := range []struct {
		name   string
		role   Role
		change float64
	}{
		{"guardrail, 5 points of harm", Guardrail, 0.05},
		{"guardrail, 10 points of harm", Guardrail, 0.10},
		{"guardrail, 15 points of harm", Guardrail, 0.15},
		{"guardrail, 25 points of harm", Guardrail, 0.25},
		{"criterion, 10 points of gain", Criterion, 0.10},
		{"criterion, 20 points of gain", Criterion, 0.20},
		{"criterion, 30 points of gain", Criterion, 0.30},
	} {
		phase := ofPhase(against(Control, tt.role, 0), 0.5, 26)
		outlook, err := Forecast(phase, perWeek, []Assumption{{Base: base, Change: tt.change}})
		if err != nil {
			t.Fatal(err)
		}
		truth := base + tt.change
		if tt.role == Guardrail {
			truth = base - tt.change
		}
		w := world{name: tt.name, phase: phase, perWeek: perWeek, control: share(base), treated: share(truth)}
		got := w.times(min(400, *simulatedRuns), uint64(100+i))
		open := outlook.Prospects[0].Open.Hours() / 24
		t.Logf("%-44s %6.1f %% %6.1f d %6.1f d %7.1f d", tt.name, 100*float64(len(got.days))/float64(got.runs), got.day(0.5), got.day(0.8), open)
		if wrong := map[Role]int{Guardrail: got.promotions, Criterion: got.rollbacks}[tt.role]; wrong > 0 {
			t.Errorf("%s: %d were decided the wrong way around", tt.name, wrong)
		}
		if late := got.day(0.8); open < phase.Most.Hours()/24 && late > open*1.02 {
			t.Errorf("%s: 8 in 10 are decided after %.1f days, and %.1f were forecast", tt.name, late, open)
		}
	}
}

// The simulations skip verdicts that cannot decide; with all of them nothing
// comes out differently.
func TestSimulatedHoursSkipNothing(t *testing.T) {
	for _, w := range []world{
		{name: "harm", phase: ofPhase(against(Control, Guardrail, 0), 0.5, 6), perWeek: 60, control: share(0.3), treated: share(0.1)},
		{name: "gain", phase: ofPhase(against(Threshold, Criterion, 0.2), 0.5, 6), perWeek: 60, maturity: 72 * time.Hour, control: share(0.3), treated: share(0.4)},
	} {
		few := w.times(20, 7)
		w.everyHour = true
		if all := w.times(20, 7); !slices.Equal(few.days, all.days) || len(all.days) == 0 {
			t.Errorf("%s: decided after %v, and with every hour after %v", w.name, few.days, all.days)
		}
	}
}
