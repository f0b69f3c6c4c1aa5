package evidence_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/signal"
)

const day = 24 * time.Hour

var monday = time.Date(2026, 5, 18, 9, 0, 0, 0, time.UTC)

// store is what a table keeps.
type store struct {
	units map[evidence.UnitKey]evidence.Unit
	days  map[evidence.DayKey]evidence.Day
}

func newStore() *store {
	return &store{map[evidence.UnitKey]evidence.Unit{}, map[evidence.DayKey]evidence.Day{}}
}

// fold folds changes, reading no more than the days that Days names.
func (s *store) fold(changes ...evidence.Change) {
	days := map[evidence.DayKey]evidence.Day{}
	for _, k := range evidence.Days(s.units, changes) {
		if d, ok := s.days[k]; ok {
			days[k] = d
		}
	}
	units, counted := evidence.Fold(s.units, days, changes)
	for _, u := range units {
		s.units[u.Key] = u
	}
	for _, d := range counted {
		s.days[d.Key] = d
	}
}

// counted are the days on which anything is left.
func (s *store) counted() map[evidence.DayKey]evidence.Day {
	out := maps.Clone(s.days)
	maps.DeleteFunc(out, func(_ evidence.DayKey, d evidence.Day) bool { return len(d.Groups) == 0 })
	return out
}

func (s *store) measure(through time.Time, names ...string) rollout.Evidence {
	var outcomes []funnel.Outcome
	for _, n := range names {
		if o, err := funnel.Find(n); err == nil { // one that there is not is missed in the evidence
			outcomes = append(outcomes, o)
		}
	}
	return evidence.Measure(slices.Collect(maps.Values(s.days)), through, outcomes)
}

// lead is the first version of a lead's record.
func lead(key, unit, id string, arm funnel.Arm, at time.Time) evidence.Change {
	return evidence.Change{Lead: signal.LeadKey(key), Version: 1, Record: funnel.Record{
		Enrolment: funnel.Enrolment{Phase: "half", Round: 1, Unit: unit, ID: id, Arm: arm, At: at},
	}}
}

func had(c evidence.Change, e funnel.Event, after time.Duration) evidence.Change {
	c.Record.Events = maps.Clone(c.Record.Events)
	c.Record.Since(e, c.Record.Enrolment.At.Add(after))
	c.Version++
	return c
}

// drawHistory draws how a few leads' records go on, each with versions that
// grow. Leads may leave their unit.
func drawHistory(t *rapid.T) []evidence.Change {
	var all []evidence.Change
	unit := rapid.SampledFrom([]string{funnel.UnitAccount, funnel.UnitLead, funnel.UnitRep}).Draw(t, "unit")
	for i := range rapid.IntRange(1, 6).Draw(t, "leads") {
		at := monday.Add(time.Duration(rapid.IntRange(0, 60).Draw(t, "at")) * time.Hour)
		c := lead(fmt.Sprint("lead", i), unit, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"), funnel.Control, at)
		if unit == funnel.UnitLead {
			c.Record.Enrolment.ID = string(c.Lead)
		}
		if rapid.Bool().Draw(t, "treated") {
			c.Record.Enrolment.Arm = funnel.Treatment
			c.Record.Rep = rapid.SampledFrom([]string{"ada", "bo"}).Draw(t, "rep")
		}
		all = append(all, c)
		events := []funnel.Event{funnel.HandedOff, funnel.Contacted, funnel.Rejected, funnel.Meeting, funnel.Late}
		for _, e := range rapid.Permutation(events).Draw(t, "events")[:rapid.IntRange(0, len(events)).Draw(t, "n")] {
			c = had(c, e, time.Duration(rapid.IntRange(0, 500).Draw(t, "after"))*time.Hour)
			if e == funnel.Contacted {
				c.Record.Minutes = int64(rapid.IntRange(0, funnel.MostMinutes).Draw(t, "minutes"))
			}
			if e == funnel.Rejected {
				c.Record.Reason = rapid.SampledFrom([]string{"x", "y"}).Draw(t, "reason")
			}
			all = append(all, c)
		}
		if rapid.IntRange(0, 5).Draw(t, "gone") == 0 {
			c.Version, c.Gone = c.Version+1, true
			all = append(all, c)
		}
	}
	return all
}

// latest are the changes that stand: each lead's last one.
func latest(all []evidence.Change) []evidence.Change {
	last := map[signal.LeadKey]evidence.Change{}
	for _, c := range all {
		if c.Version > last[c.Lead].Version {
			last[c.Lead] = c
		}
	}
	return slices.Collect(maps.Values(last))
}

// Whatever the order in which changes come, however often and however many at
// once, the sums are those of counting each lead's last record once.
func TestAnyOrderAndRepetitionCountsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := drawHistory(t)
		want := newStore()
		want.fold(latest(history)...)
		got := newStore()
		queue := append(rapid.Permutation(history).Draw(t, "order"), rapid.SliceOfN(rapid.SampledFrom(history), 0, 8).Draw(t, "again")...)
		for len(queue) > 0 {
			n := rapid.IntRange(1, len(queue)).Draw(t, "at once")
			got.fold(queue[:n]...)
			queue = queue[n:]
		}
		if diff := cmp.Diff(want.counted(), got.counted()); diff != "" {
			t.Fatal(diff)
		}
		units, days := evidence.Fold(got.units, got.days, history)
		if len(units)+len(days) > 0 {
			t.Fatalf("what was counted changes %d units and %d days", len(units), len(days))
		}
	})
}

// Whatever becomes of their leads, no unit is counted twice or lost.
func TestEveryUnitIsEnrolledOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStore()
		history := drawHistory(t)
		s.fold(history...)
		drawn := map[string]bool{}
		for _, c := range latest(history) {
			if !c.Gone {
				drawn[c.Record.Enrolment.ID] = true
			}
		}
		e := s.measure(monday.Add(1000*day), "meeting_rate", "time_to_first_contact", "workload").Enrolled
		grouped := history[0].Record.Enrolment.Grouped()
		if n := e.Treated + e.Control; (!grouped && n != len(drawn)) || n < len(drawn) { // a group may have leads in both arms here
			t.Fatalf("%d units are enrolled, of %d", n, len(drawn))
		}
	})
}

func TestMeasure(t *testing.T) {
	treated := func(key string, at time.Duration) evidence.Change {
		return lead(key, funnel.UnitAccount, "account of "+key, funnel.Treatment, monday.Add(at))
	}
	colleague := treated("2", 2*day)
	colleague.Record.Enrolment.ID = "account of 1"
	rejected := had(treated("1", 0), funnel.Rejected, 2*time.Hour)
	rejected.Record.Reason = "too_early"
	contacted := had(treated("1", 0), funnel.Contacted, 2*time.Hour)
	contacted.Record.Minutes = 120
	given := func(key, rep string) evidence.Change {
		c := had(treated(key, 0), funnel.HandedOff, time.Hour)
		c.Record.Rep = rep
		return c
	}
	reps := func(key, rep string, met bool) evidence.Change {
		c := lead(key, funnel.UnitRep, rep, funnel.Treatment, monday)
		if met {
			c = had(c, funnel.Meeting, day)
		}
		return c
	}
	tests := []struct {
		name    string
		changes []evidence.Change
		outcome string
		after   time.Duration // since monday, 9 o'clock
		want    rollout.Arm
	}{
		{"too young, though it is known", []evidence.Change{had(treated("1", 0), funnel.Accepted, time.Hour)}, "acceptance", 3 * day, rollout.Arm{Censored: 1}},
		{"not all of its day is old enough", []evidence.Change{had(treated("1", 0), funnel.Accepted, time.Hour)}, "acceptance", 7 * day, rollout.Arm{Censored: 1}},
		{"old enough", []evidence.Change{had(treated("1", 0), funnel.Accepted, time.Hour)}, "acceptance", 8 * day, rollout.Successes(1, 1, 0)},
		{"in the last hour of the window", []evidence.Change{had(treated("1", 0), funnel.Accepted, 7*day-time.Minute)}, "acceptance", 8 * day, rollout.Successes(1, 1, 0)},
		{"later than the window", []evidence.Change{had(treated("1", 0), funnel.Accepted, 7*day)}, "acceptance", 30 * day, rollout.Successes(0, 1, 0)},
		{"another window", []evidence.Change{had(treated("1", 0), funnel.Accepted, 7*day)}, "acceptance within 8 days", 30 * day, rollout.Successes(1, 1, 0)},
		{"one of two days", []evidence.Change{treated("1", 0), treated("2", 2*day)}, "acceptance", 8 * day, rollout.Arm{N: 1, Censored: 1}},
		{"a colleague's meeting counts", []evidence.Change{treated("1", 0), had(colleague, funnel.Meeting, 3*day)}, "meeting_rate", 40 * day, rollout.Successes(1, 1, 0)},
		{"within the window of the account", []evidence.Change{treated("1", 0), had(colleague, funnel.Meeting, 29*day)}, "meeting_rate", 40 * day, rollout.Successes(0, 1, 0)},
		{"a promise that nobody broke", []evidence.Change{treated("1", 0)}, "sla_compliance", 8 * day, rollout.Successes(1, 1, 0)},
		{"a broken promise", []evidence.Change{treated("1", 0), had(treated("2", 0), funnel.Late, 4*time.Hour)}, "sla_compliance", 8 * day, rollout.Successes(1, 2, 0)},
		{"a reason", []evidence.Change{rejected, treated("2", 0)}, "rejection_rate: too_early", 20 * day, rollout.Successes(1, 2, 0)},
		{"another reason", []evidence.Change{rejected, treated("2", 0)}, "rejection_rate: no_time", 20 * day, rollout.Successes(0, 2, 0)},
		{"two hours, and never", []evidence.Change{contacted, treated("2", 0)}, "time_to_first_contact", 20 * day, rollout.Arm{N: 2, Sum: 42, Squares: 4 + 1600}},
		{"a day of a rep", []evidence.Change{given("1", "ada"), given("2", "ada"), given("3", "bo")}, "workload", 2 * day, rollout.Arm{N: 2, Sum: 3, Squares: 5}},
		{"a rep's share", []evidence.Change{reps("1", "ada", true), reps("2", "ada", false), reps("3", "bo", false)}, "meeting_rate", 40 * day, rollout.Arm{N: 2, Sum: 0.5, Squares: 0.25}},
		{"reps too young", []evidence.Change{reps("1", "ada", true), reps("2", "ada", false), reps("3", "bo", false)}, "meeting_rate", 20 * day, rollout.Arm{Censored: 2}},
		{"too young by a second, by the day's last unit", []evidence.Change{treated("1", 14*time.Hour)}, "acceptance", 8*day - 9*time.Hour - time.Second, rollout.Arm{Censored: 1}},
		{"gone", []evidence.Change{treated("1", 0), {Lead: "1", Version: 2, Record: treated("1", 0).Record, Gone: true}}, "acceptance", 8 * day, rollout.Arm{}},
	}
	for _, tt := range tests {
		s := newStore()
		for _, c := range tt.changes {
			s.fold(c)
		}
		got := s.measure(monday.Add(tt.after), tt.outcome).Outcomes[tt.outcome]
		if diff := cmp.Diff(rollout.Arms{Treated: tt.want}, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// Accounts whose leads are on both sides stay where their first lead is.
func TestCrossedUnits(t *testing.T) {
	s := newStore()
	first := lead("1", funnel.UnitAccount, "a", funnel.Control, monday)
	second := had(lead("2", funnel.UnitAccount, "a", funnel.Treatment, monday.Add(day)), funnel.Meeting, day)
	s.fold(second)
	s.fold(first)
	e := s.measure(monday.Add(40*day), "meeting_rate")
	want := rollout.Evidence{Enrolled: rollout.Enrolled{Control: 1}, Outcomes: map[string]rollout.Arms{"meeting_rate": {Control: rollout.Successes(1, 1, 0)}}}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
	mixed := 0
	for _, d := range s.days {
		mixed += d.Groups[""].Mixed
	}
	if mixed != 1 {
		t.Errorf("%d units are mixed", mixed)
	}
}

// truth is a company of which everything is known beforehand.
type truth struct {
	*store
	through             time.Time
	hours               float64 // the sum of all units' hours, cut off as the outcome is
	known, knownSuccess float64 // what one is tempted to count at the end
}

// live lives through the next unit: four in ten book a meeting, on any day of
// their first month.
func (w *truth) live(r *rand.Rand, name string, share float64, phase time.Duration) {
	at := monday.Add(time.Duration(r.Float64() * float64(phase)))
	c := lead(name, funnel.UnitLead, name, funnel.Treatment, at)
	after := time.Duration(r.Float64() * 30 * float64(day))
	met := r.Float64() < share && !at.Add(after).After(w.through)
	if met {
		c = had(c, funnel.Meeting, after)
		w.knownSuccess++
	}
	if met || !at.Add(30*day).After(w.through) {
		w.known++
	}
	hours := min(-10*math.Log(r.Float64()), 40)
	w.hours += hours
	if wait := time.Duration(hours * float64(time.Hour)); hours < 40 && !at.Add(wait).After(w.through) {
		c = had(c, funnel.Contacted, wait)
		c.Record.Minutes = int64(math.Round(60 * hours))
	}
	w.fold(c)
}

// While a phase goes on, the shares and means of the units that count are those
// of the truth, at every age of the phase; counting what is known already, as one
// is tempted to, would be far off: successes are known before failures.
func TestCensoringIsUnbiased(t *testing.T) {
	const share, units, phase = 0.4, 40_000, 60
	r := rand.New(rand.NewPCG(1, 2))
	w := &truth{store: newStore(), through: monday.Add(phase * day)}
	for i := range units {
		w.live(r, fmt.Sprint(i), share, phase*day)
	}
	for after := 35; after <= phase; after += 5 {
		e := w.measure(monday.Add(time.Duration(after)*day), "meeting_rate", "time_to_first_contact")
		a := e.Outcomes["meeting_rate"].Treated
		if got := a.Sum / float64(a.N); a.N == 0 || math.Abs(got-share) > 4*math.Sqrt(share*(1-share)/float64(a.N)) {
			t.Errorf("after %d days: %.4f of %d", after, got, a.N)
		}
		h := e.Outcomes["time_to_first_contact"].Treated
		if mean, want := h.Sum/float64(h.N), w.hours/units; h.N == 0 || math.Abs(mean-want) > 4*11/math.Sqrt(float64(h.N)) {
			t.Errorf("after %d days: %.2f hours of %d, want %.2f", after, mean, h.N, want)
		}
	}
	if tempted := w.knownSuccess / w.known; tempted < share+0.05 {
		t.Errorf("counting what is known gives %.3f, which this test means to be far from %.3f", tempted, share)
	}
}

// year folds a year of units, day by day.
func year(units int) *store {
	s, perDay := newStore(), (units+364)/365
	for from := 0; from < units; from += perDay {
		var changes []evidence.Change
		for i := from; i < min(from+perDay, units); i++ {
			arm := []funnel.Arm{funnel.Treatment, funnel.Control}[i%2]
			changes = append(changes, lead(fmt.Sprint(i), funnel.UnitLead, fmt.Sprint(i), arm, monday.Add(time.Duration(from/perDay)*day)))
		}
		s.fold(changes...)
	}
	return s
}

// Units of a year leave two items a day, however many they are, and a change
// reads one of them.
func TestManyUnitsAreTwoItemsADay(t *testing.T) {
	const units = 20_000
	s := year(units)
	if len(s.units) != units || len(s.days) > 2*365 {
		t.Fatalf("%d units, %d days", len(s.units), len(s.days))
	}
	news := had(s.units[evidence.UnitKey{Phase: "half", Round: 1, ID: "77"}].Leads["77"], funnel.Meeting, day)
	if read := evidence.Days(s.units, []evidence.Change{news}); len(read) != 1 {
		t.Errorf("one change reads %d days", len(read))
	}
	s.fold(news)
	e := s.measure(monday.Add(2*365*day), "meeting_rate")
	if e.Enrolled.Treated+e.Enrolled.Control != units || e.Outcomes["meeting_rate"].Control.Sum != 1 {
		t.Errorf("%+v", e)
	}
}

// Among a thousand units and among a million a change takes the same time, and
// so does the evidence of a year.
func BenchmarkFold(b *testing.B) {
	for _, units := range []int{1_000, 1_000_000} {
		s := year(units)
		r := rand.New(rand.NewPCG(1, 2))
		b.Run(fmt.Sprintf("change among %d", units), func(b *testing.B) {
			for b.Loop() {
				id := fmt.Sprint(r.IntN(units))
				c := s.units[evidence.UnitKey{Phase: "half", Round: 1, ID: id}].Leads[signal.LeadKey(id)]
				s.fold(had(c, funnel.Meeting, time.Duration(r.IntN(300))*time.Hour))
			}
		})
		b.Run(fmt.Sprintf("evidence of %d", units), func(b *testing.B) {
			for b.Loop() {
				s.measure(monday.Add(400*day), "acceptance", "meeting_rate", "time_to_first_contact")
			}
		})
	}
}
