package routing_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

func rep(id string, weight float64) policy.Rep {
	return policy.Rep{ID: id, Person: policy.Person{Name: strings.ToUpper(id)}, Weight: weight}
}

func pool(weights ...float64) policy.Pool {
	var p policy.Pool
	for i, w := range weights {
		p.Reps = append(p.Reps, rep(string(rune('a'+i)), w))
	}
	return p
}

// run makes n choices and returns the state and who was chosen, in order.
func run(t interface{ Fatalf(string, ...any) }, p policy.Pool, s routing.Pool, n int) (routing.Pool, string) {
	var order strings.Builder
	for range n {
		c, ok := routing.Choose(p, s, nil)
		if !ok {
			t.Fatalf("nobody could receive the lead: %v", c.Considered)
		}
		s = c.State
		order.WriteString(c.Rep.ID)
	}
	return s, order.String()
}

func TestSmoothOrder(t *testing.T) {
	for _, c := range []struct {
		weights []float64
		want    string
	}{
		{[]float64{5, 1, 1}, "aabacaa"},
		{[]float64{4, 2, 1}, "abacaba"},
		{[]float64{3, 3, 1}, "abcabab"},
		{[]float64{1, 1, 1}, "abcabc"},
		{[]float64{0, 0}, "abab"}, // no weight is a weight of 1
		{[]float64{0.5, 1}, "bab"},
		{[]float64{2.5, 0.5}, "aabaaa"},
		{[]float64{math.NaN(), math.Inf(1), -1}, "bbbbbb"},
	} {
		if _, got := run(t, pool(c.weights...), routing.Pool{}, len(c.want)); got != c.want {
			t.Errorf("weights %v: %s, want %s", c.weights, got, c.want)
		}
	}
}

func TestWhoIsLeftOut(t *testing.T) {
	p := pool(1, 1, 1)
	p.Reps[1].Off = "on leave until Monday"
	c, ok := routing.Choose(p, routing.Pool{Name: "sales", Version: 7}, []string{"a"})
	if !ok || c.Rep.ID != "c" {
		t.Fatalf("chose %q, %t", c.Rep.ID, ok)
	}
	want := []routing.Considered{
		{Rep: "a", Why: "had this lead before"},
		{Rep: "b", Why: "off: on leave until Monday"},
		{Rep: "c", Chosen: true, Why: "the only one who can receive it"},
	}
	if d := cmp.Diff(want, c.Considered); d != "" {
		t.Error(d)
	}
	if c.State.Name != "sales" || c.State.Version != 7 || c.State.Received["c"] != 1 {
		t.Errorf("state %+v", c.State)
	}
}

func TestNobodyCanReceive(t *testing.T) {
	p := pool(1, 1)
	p.Reps[0].Off = "left the company"
	before := routing.Pool{Name: "sales", Unit: 2000, Balance: map[string]int64{"a": 500, "b": -500}}
	c, ok := routing.Choose(p, before, []string{"b"})
	if ok || c.Rep.ID != "" || len(c.Considered) != 2 || c.Considered[0].Chosen || c.Considered[1].Chosen {
		t.Errorf("chose %+v, %t", c, ok)
	}
	if d := cmp.Diff(before, c.State); d != "" {
		t.Error(d)
	}
	if c, ok := routing.Choose(policy.Pool{}, routing.Pool{}, nil); ok || len(c.Considered) != 0 {
		t.Errorf("an empty pool chose %+v", c)
	}
}

func TestReasons(t *testing.T) {
	s, _ := run(t, pool(2, 1, 1), routing.Pool{}, 1)
	c, _ := routing.Choose(pool(2, 1, 1), s, nil)
	want := []routing.Considered{
		{Rep: "a", Why: "owed 0.00 leads, less than B"},
		{Rep: "b", Chosen: true, Why: "owed most: 0.50 leads, first of 2 who are owed the same"},
		{Rep: "c", Why: "owed as much as B, who comes first in the policy"},
	}
	if d := cmp.Diff(want, c.Considered); d != "" {
		t.Error(d)
	}
	s.Received = map[string]int64{"a": 1, "b": 3}
	c, _ = routing.Choose(pool(2, 1, 1), s, nil)
	if c.Rep.ID != "c" || c.Considered[1].Why != "owed as much as C, who has received fewer leads" {
		t.Errorf("chose %+v", c)
	}
}

func TestChangesFloodNobody(t *testing.T) {
	p := pool(1, 1)
	s, _ := run(t, p, routing.Pool{}, 1001)

	p.Reps = append(p.Reps, rep("c", 1)) // a newcomer has received 1000 fewer
	s, order := run(t, p, s, 9)
	if n := strings.Count(order, "c"); n < 3 || n > 4 || strings.Contains(order, "cc") {
		t.Errorf("with a newcomer: %s", order)
	}
	p.Reps[0].Off = "on leave"
	s, order = run(t, p, s, 100)
	if strings.Contains(order, "a") {
		t.Errorf("a receives while off: %s", order)
	}
	p.Reps[0].Off = ""
	s, order = run(t, p, s, 9)
	if n := strings.Count(order, "a"); n < 2 || n > 4 || strings.Contains(order, "aa") {
		t.Errorf("back from leave: %s", order)
	}
	p.Reps[0].Weight = 4
	s, order = run(t, p, s, 12)
	if n := strings.Count(order, "a"); n < 7 || n > 9 {
		t.Errorf("with four times the weight: %s", order)
	}
	p.Reps = p.Reps[:1]
	if _, order = run(t, p, s, 3); order != "aaa" {
		t.Errorf("alone: %s", order)
	}
}

func TestStateSurvivesJSON(t *testing.T) {
	s, _ := run(t, pool(5, 1, 1), routing.Pool{Name: "sales"}, 3)
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back routing.Pool
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s, back); d != "" {
		t.Error(d)
	}
	if _, order := run(t, pool(5, 1, 1), back, 4); order != "acaa" {
		t.Errorf("continued with %s", order)
	}
}

func drawPool(t *rapid.T) policy.Pool {
	n := rapid.IntRange(1, 12).Draw(t, "reps")
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = float64(rapid.IntRange(1, 20000).Draw(t, "weight")) / 1000
	}
	return pool(weights...)
}

// harmonic is 1/2 + … + 1/n: the most that somebody can be owed.
func harmonic(n int) float64 {
	h := 0.0
	for i := 2; i <= n; i++ {
		h += 1 / float64(i)
	}
	return h
}

func TestReceivedStaysNearTheShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPool(t)
		total := 0.0
		for _, r := range p.Reps {
			total += r.Weight
		}
		s := routing.Pool{}
		for i := range rapid.IntRange(1, 400).Draw(t, "leads") {
			s, _ = run(t, p, s, 1)
			for _, r := range p.Reps {
				over := float64(s.Received[r.ID]) - float64(i+1)*r.Weight/total
				if over >= 1 || over < -harmonic(len(p.Reps))-1e-9 {
					t.Fatalf("after %d leads %s has received %.3f more than their share", i+1, r.ID, over)
				}
			}
		}
	})
}

// Under any mix of leave, weights and leads that somebody had before, the
// balances add up to zero and nobody gets more than a lead ahead by a choice.
func TestAnyMix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, s := drawPool(t), routing.Pool{Name: "sales"}
		for range rapid.IntRange(1, 60).Draw(t, "leads") {
			i := rapid.IntRange(0, len(p.Reps)-1).Draw(t, "who")
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				p.Reps[i].Off = rapid.SampledFrom([]string{"", "on leave"}).Draw(t, "off")
			case 1:
				p.Reps[i].Weight = float64(rapid.IntRange(1, 20000).Draw(t, "weight")) / 1000
			}
			var exclude []string
			if rapid.Bool().Draw(t, "again") {
				exclude = append(exclude, p.Reps[i].ID)
			}
			before := clone(t, s)
			c, ok := routing.Choose(p, s, exclude)
			if d := cmp.Diff(before, s); d != "" {
				t.Fatalf("the choice changed its argument: %s", d)
			}
			again, _ := routing.Choose(p, s, exclude)
			if d := cmp.Diff(c, again); d != "" {
				t.Fatalf("the same choice again differs: %s", d)
			}
			checkChoice(t, p, c, ok, exclude)
			s = c.State
		}
	})
}

func clone(t *rapid.T, s routing.Pool) routing.Pool {
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var out routing.Pool
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func checkChoice(t *rapid.T, p policy.Pool, c routing.Choice, ok bool, exclude []string) {
	able, chosen := 0, 0
	for i, r := range p.Reps {
		said := c.Considered[i]
		if said.Rep != r.ID || said.Why == "" {
			t.Fatalf("no reason for %s: %+v", r.ID, c.Considered)
		}
		out := r.Off != "" || slices.Contains(exclude, r.ID)
		if said.Chosen && (out || r.ID != c.Rep.ID) {
			t.Fatalf("%s was chosen: %+v", r.ID, c)
		}
		able += count(!out)
		chosen += count(said.Chosen)
	}
	if ok != (able > 0) || chosen != count(ok) {
		t.Fatalf("%d able, %d chosen, %t", able, chosen, ok)
	}
	var sum, least int64
	for _, b := range c.State.Balance {
		sum += b
		least = min(least, b)
	}
	if sum != 0 {
		t.Fatalf("the balances add up to %d", sum)
	}
	if ok && least < -c.State.Unit-int64(len(p.Reps)) {
		t.Fatalf("somebody is %d parts of %d ahead", -least, c.State.Unit)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

func BenchmarkChoose(b *testing.B) {
	p, s := pool(5, 1, 1, 2, 0.5, 3, 1, 1, 1, 1), routing.Pool{}
	b.ReportAllocs()
	for b.Loop() {
		c, _ := routing.Choose(p, s, nil)
		s = c.State
	}
}
