package routing_test

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// Under any sequence of hours, caps, leave, switches, batches and returned
// leads, everybody has received what they were entitled to, give or take n−1.
func TestReceivedStaysNearTheEntitlement(t *testing.T) {
	var worst extreme
	var received, held int64
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for range rapid.IntRange(100, 200).Draw(t, "leads") {
			w.change(t)
			w.offer(t)
			w.checkBound(t, &worst)
		}
		received, held = received+int64(len(w.log)), held+w.held
	})
	t.Logf("%d leads received, %d held; the largest distance between entitled and received was %.3f leads, in a pool of %d",
		received, held, worst.distance, worst.reps)
}

// Leads that are rejected with a replacement leave the same entitlement as if
// they had never been.
func TestReplacedLeadsNeverWere(t *testing.T) {
	var worst extreme
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		for range rapid.IntRange(50, 100).Draw(t, "leads") {
			w.change(t)
			w.offer(t)
			if len(w.log) > 0 && rapid.IntRange(0, 4).Draw(t, "replace") == 0 {
				w.replace(t)
			}
			w.checkBound(t, &worst)
		}
	})
}

type extreme struct {
	distance float64
	reps     int
}

// change moves time on, switches reps, closes leads, and draws the next one.
func (w *world) change(t *rapid.T) {
	r := &w.request
	r.Now = r.Now.Add(rapid.SampledFrom([]time.Duration{
		0, 0, 0, time.Second, 7 * time.Minute, time.Hour, 5 * time.Hour, 26 * time.Hour,
	}).Draw(t, "later"))
	w.big = rapid.Bool().Draw(t, "big")
	i := rapid.IntRange(0, len(w.members)-1).Draw(t, "who")
	m := &w.members[i]
	switch rapid.IntRange(0, 9).Draw(t, "what") {
	case 0:
		m.Off = "switched off"
	case 1, 2:
		m.Off = ""
	case 3:
		m.Leave = append(m.Leave, w.drawLeave(t))
	case 4:
		m.Had = rapid.IntRange(0, 2).Draw(t, "had")
	case 5, 6:
		m.Had = 0
	case 7:
		for j := range w.log {
			if g := &w.log[j]; g.rep == i && g.open {
				g.open = false
				r.State = r.State.Release(m.ID, g.choice.Counted)
				break
			}
		}
	}
}

// offer gives a lead away and compares the choice with the recount.
func (w *world) offer(t *rapid.T) {
	r := &w.request
	r.Candidates = nil
	for i := range w.members {
		r.Candidates = append(r.Candidates, w.members[i].Candidate)
	}
	before := w.eligible(r.Now)
	c, ok := routing.Choose(*r)
	if ok != (len(before) > 0) {
		t.Fatalf("at %s chose %q, %t, where %v can receive: %v", r.Now, c.Rep.ID, ok, before, c.Considered)
	}
	if !ok {
		w.held++
		w.checkReopens(t, c)
		return
	}
	best := slices.IndexFunc(w.members, func(m member) bool { return m.ID == c.Rep.ID })
	start, can := before[best]
	if !can || !c.From.Equal(start) {
		t.Fatalf("%s receives from %s, where %v can receive", c.Rep.ID, c.From, before)
	}
	g := given{rep: best, at: r.Now, big: w.big, open: true, choice: c, shares: w.shares(before)}
	for i, s := range g.shares {
		w.entitled[i].Add(w.entitled[i], s)
	}
	w.checkFirst(t, best, before)
	w.received[best]++
	w.log = append(w.log, g)
	r.State = c.State
}

func (w *world) shares(able map[int]time.Time) []*big.Rat {
	total := new(big.Rat)
	for i := range able {
		total.Add(total, w.members[i].weight)
	}
	all := make([]*big.Rat, len(w.members))
	for i := range all {
		all[i] = new(big.Rat)
		if _, ok := able[i]; ok {
			all[i].Quo(w.members[i].weight, total)
		}
	}
	return all
}

// owed is entitled less received, exactly.
func (w *world) owed(i int) *big.Rat {
	return new(big.Rat).Sub(w.entitled[i], new(big.Rat).SetInt64(w.received[i]))
}

// checkFirst wants the receiver to be the one who is owed most.
func (w *world) checkFirst(t *rapid.T, best int, able map[int]time.Time) {
	limit := new(big.Rat).Add(w.owed(best), big.NewRat(11, 10_000))
	for i := range able {
		if w.owed(i).Cmp(limit) > 0 {
			t.Fatalf("%s is owed %s, and %s who receives %s", w.members[i].ID, w.owed(i).FloatString(4), w.members[best].ID, w.owed(best).FloatString(4))
		}
	}
}

func (w *world) replace(t *rapid.T) {
	i := rapid.IntRange(0, len(w.log)-1).Draw(t, "which")
	g := w.log[i]
	id := w.members[g.rep].ID
	if g.open {
		w.request.State = w.request.State.Release(id, g.choice.Counted)
	}
	before := copyOf(t, w.request.State)
	next := w.request.State.Replace(id, g.choice.Counted, g.at, g.choice.Shares)
	if d := diff.Diff(before, w.request.State, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("taking a lead back changed the state before: %s", d)
	}
	w.request.State = next
	for j, s := range g.shares {
		w.entitled[j].Sub(w.entitled[j], s)
	}
	w.received[g.rep]--
	w.replaced++
	w.log = slices.Delete(w.log, i, i+1)
}

// checkBound compares the balances with the recount and both with the bound.
func (w *world) checkBound(t *rapid.T, worst *extreme) {
	if got := sum(w.request.State); got != 0 {
		t.Fatalf("the balances add up to %d", got)
	}
	bound := big.NewRat(int64(len(w.members)-1)+w.replaced, 1)
	rounding := big.NewRat(int64(len(w.log))+2*w.replaced+1, routing.Lead)
	for i := range w.members {
		owed := w.owed(i)
		distance := new(big.Rat).Abs(owed)
		if distance.Cmp(bound) > 0 {
			t.Fatalf("%s of %d is owed %s leads", w.members[i].ID, len(w.members), owed.FloatString(4))
		}
		if d, _ := distance.Float64(); w.replaced == 0 && d > worst.distance {
			*worst = extreme{d, len(w.members)}
		}
		balance := big.NewRat(w.request.State.Reps[w.members[i].ID].Balance, routing.Lead)
		if off := new(big.Rat).Sub(balance, owed); off.Abs(off).Cmp(rounding) > 0 {
			t.Fatalf("%s: balance %s, recounted %s", w.members[i].ID, balance.FloatString(9), owed.FloatString(9))
		}
		if got := w.request.State.Reps[w.members[i].ID].Received; got != w.received[i] {
			t.Fatalf("%s received %d leads, and %d are recorded", w.members[i].ID, w.received[i], got)
		}
	}
}

// checkReopens wants that nobody can receive the lead before it says so. Who
// had it before depends on the others' leave, of which no time tells.
func (w *world) checkReopens(t *rapid.T, c routing.Choice) {
	now := w.request.Now
	if !c.Reopens.IsZero() && !c.Reopens.After(now) {
		t.Fatalf("reopens at %s, and it is %s", c.Reopens, now)
	}
	if slices.ContainsFunc(w.members, func(m member) bool { return m.Had > 0 }) {
		return
	}
	try := c.Reopens.Add(-time.Second)
	if c.Reopens.IsZero() || rapid.Bool().Draw(t, "any time before") {
		end := now.AddDate(0, 0, 45)
		if !c.Reopens.IsZero() {
			end = try
		}
		try = now.Add(time.Duration(rapid.Int64Range(0, int64(end.Sub(now)/time.Second)).Draw(t, "seconds later")) * time.Second)
	}
	if able := w.eligible(try); len(able) > 0 {
		t.Fatalf("at %s %v can receive it, before it reopens at %s: %v", try, able, c.Reopens, c.Considered)
	}
}

// An adversary who sees the balances lets always two choose between them who
// are owed about the same, which drives balances apart.
func TestAnAdversaryStaysInTheBound(t *testing.T) {
	for n := 2; n <= 12; n++ {
		r := team(make([]float64, n)...)
		var worst int64
		for step := range 3000 {
			pair(&r, step)
			give(&r)
			for _, s := range r.State.Reps {
				worst = max(worst, s.Balance, -s.Balance)
			}
		}
		if worst > int64(n-1)*routing.Lead {
			t.Errorf("%d reps: %s from zero", n, routing.Leads(worst))
		}
		t.Logf("%d reps: at most %s from zero", n, routing.Leads(worst))
	}
}

// pair switches everybody off but two whose balances are as near as any two's.
func pair(r *routing.Request, step int) {
	n := len(r.Candidates)
	ranks := make([]int, n)
	for i := range ranks {
		ranks[i] = i
	}
	balance := func(i int) int64 { return r.State.Reps[r.Candidates[i].ID].Balance }
	slices.SortStableFunc(ranks, func(a, b int) int { return cmp.Compare(balance(a)/1000, balance(b)/1000) })
	gap := func(i int) int64 { return balance(ranks[i+1]) - balance(ranks[i]) }
	first := 0
	for i := range n - 1 {
		if at := (i + step) % (n - 1); gap(at) < gap(first) {
			first = at
		}
	}
	for i := range r.Candidates {
		r.Candidates[i].Off = "not asked"
	}
	r.Candidates[ranks[first]].Off, r.Candidates[ranks[first+1]].Off = "", ""
}

// While everybody can receive everything, nobody is a whole lead ahead, and
// nobody is behind by more than 1/2 + … + 1/n.
func TestAFixedSetIsTighter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0.001, 20), 1, 12).Draw(t, "weights")
		r := team(weights...)
		behind := 0.0
		for i := 2; i <= len(weights); i++ {
			behind += 1.001 / float64(i)
		}
		for range rapid.IntRange(100, 400).Draw(t, "leads") {
			give(&r)
			for id, s := range r.State.Reps {
				if owed := float64(s.Balance) / float64(routing.Lead); owed <= -1 || owed > behind+1e-6 {
					t.Fatalf("%s is owed %.3f", id, owed)
				}
			}
		}
	})
}

// Under any mix of joining, leaving, weights and kinds of absence balances add
// up to zero, the same request makes the same choice, and nothing of the
// request is written to.
func TestAnyMix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		r := &w.request
		r.Policy.Absence = rapid.SampledFrom([]string{policy.AbsenceForgive, policy.AbsenceKeep, policy.AbsenceAccrue}).Draw(t, "absence")
		for range rapid.IntRange(30, 80).Draw(t, "leads") {
			w.change(t)
			i := rapid.IntRange(0, len(w.members)-1).Draw(t, "whose")
			switch rapid.IntRange(0, 5).Draw(t, "membership") {
			case 0:
				w.members = append(w.members, w.drawMember(t, rapid.IntRange(0, 30).Draw(t, "name")))
				w.members = slices.CompactFunc(w.members, func(a, b member) bool { return a.ID == b.ID })
			case 1:
				if len(w.members) > 1 {
					w.members = slices.Delete(w.members, i, i+1)
				}
			case 2:
				w.members[i].Weight = rapid.Float64Range(0, 1e7).Draw(t, "weight")
			}
			w.distinct()
			w.checkMix(t)
		}
	})
}

// distinct drops who is in the pool twice.
func (w *world) distinct() {
	seen := map[string]bool{}
	w.members = slices.DeleteFunc(w.members, func(m member) bool {
		again := seen[m.ID]
		seen[m.ID] = true
		return again
	})
	w.request.Candidates = nil
	for i := range w.members {
		w.request.Candidates = append(w.request.Candidates, w.members[i].Candidate)
	}
}

func (w *world) checkMix(t *rapid.T) {
	r := &w.request
	before := copyOf(t, r.State)
	c, ok := routing.Choose(*r)
	if d := diff.Diff(before, r.State, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("the choice changed its argument: %s", d)
	}
	if again, _ := routing.Choose(*r); !diff.Equal(c, again) {
		t.Fatalf("the same choice again differs: %s", diff.Diff(c, again))
	}
	chosen := 0
	for i, said := range c.Considered {
		if said.Rep != r.Candidates[i].ID || said.Why == "" {
			t.Fatalf("no reason for %s: %+v", r.Candidates[i].ID, c.Considered)
		}
		if said.Chosen {
			chosen++
		}
	}
	if ok != (chosen == 1) || len(c.Considered) != len(r.Candidates) || (ok && len(c.Counted) == 0) {
		t.Fatalf("%t: %+v", ok, c)
	}
	w.checkSums(t, c)
	r.State = c.State
}

func (w *world) checkSums(t *rapid.T, c routing.Choice) {
	var shared int64
	for _, part := range c.Shares {
		shared += part
	}
	if sum(c.State) != 0 || (c.Shares != nil && shared != routing.Lead) {
		t.Fatalf("the balances add up to %d, the shares to %d", sum(c.State), shared)
	}
	for id, s := range c.State.Reps {
		if w.request.Policy.Absence == policy.AbsenceKeep && s.Accrued > routing.Lead {
			t.Fatalf("%s kept %s", id, routing.Leads(s.Accrued))
		}
	}
}

func copyOf(t *rapid.T, s routing.Pool) routing.Pool {
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var out routing.Pool
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
