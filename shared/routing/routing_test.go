package routing_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// monday is 10:00 in Berlin on a Monday.
func monday() time.Time { return time.Date(2026, 5, 11, 8, 0, 0, 0, time.UTC) }

// team returns a request for reps a, b, c … of those weights, who are always on duty.
func team(weights ...float64) routing.Request {
	r := routing.Request{State: routing.Pool{Name: "sales"}, Now: monday()}
	for i, w := range weights {
		id := string(rune('a' + i))
		r.Candidates = append(r.Candidates, routing.Candidate{
			Rep: policy.Rep{ID: id, Person: policy.Person{Name: strings.ToUpper(id)}, Weight: w},
		})
	}
	return r
}

// give makes one choice, keeps the state, and returns who was chosen, "-" for nobody.
func give(r *routing.Request) string {
	c, ok := routing.Choose(*r)
	if !ok {
		return "-"
	}
	r.State = c.State
	return c.Rep.ID
}

// order makes n choices in a row.
func order(r *routing.Request, n int) string {
	var all strings.Builder
	for range n {
		all.WriteString(give(r))
	}
	return all.String()
}

// whys returns the reasons in order.
func whys(r routing.Request) []string {
	c, _ := routing.Choose(r)
	out := make([]string, len(c.Considered))
	for i, said := range c.Considered {
		out[i] = said.Why
	}
	return out
}

// office is Monday to Friday from one hour to another in a zone.
func office(tb testing.TB, zone string, from, to time.Duration) *worktime.Calendar {
	tb.Helper()
	hours := worktime.Hours{}
	for d := time.Monday; d <= time.Friday; d++ {
		hours[d] = []worktime.Interval{{Open: from * time.Hour, Close: to * time.Hour}}
	}
	c, err := worktime.New(location(tb, zone), hours, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func location(tb testing.TB, name string) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

func sum(p routing.Pool) int64 {
	var n int64
	for _, s := range p.Reps {
		n += s.Balance
	}
	return n
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
		{[]float64{2, 1, 0.5}, "abacaba"},
		{[]float64{0.5, 1}, "bab"}, // every second cycle
		{[]float64{0, 0}, "abab"},  // no weight is a weight of 1
		{[]float64{math.NaN(), math.Inf(1), -1}, "bbbbbb"},
	} {
		r := team(c.weights...)
		cycle := len(c.want)
		for i := range 200 { // the same cycle again and again
			if got := order(&r, cycle); got != c.want {
				t.Errorf("weights %v, cycle %d: %s, want %s", c.weights, i, got, c.want)
				break
			}
		}
		if sum(r.State) != 0 {
			t.Errorf("weights %v: the balances add up to %d", c.weights, sum(r.State))
		}
	}
}

func TestReasons(t *testing.T) {
	r := team(2, 1, 1)
	give(&r)
	want := []string{
		"owed 0.00 leads, less than B",
		"owed most: 0.50 leads, first of 2 who are owed the same",
		"owed as much as B, who comes first in the policy",
	}
	if d := cmp.Diff(want, whys(r)); d != "" {
		t.Error(d)
	}
	r.State.Reps["b"] = routing.RepState{Balance: r.State.Reps["b"].Balance, Received: 3}
	if got := whys(r)[1]; got != "owed as much as C, who has received fewer leads" {
		t.Error(got)
	}
	r.Only = "b"
	want = []string{"not the owner of the account", "owner of the account", "not the owner of the account"}
	if d := cmp.Diff(want, whys(r)); d != "" {
		t.Error(d)
	}
}

func TestLeads(t *testing.T) {
	for parts, want := range map[int64]string{
		0: "0.00 leads", -1: "0.00 leads", routing.Lead: "1.00 lead", routing.Lead * 2 / 3: "0.67 leads", -routing.Lead * 3 / 2: "-1.50 leads",
	} {
		if got := routing.Leads(parts); got != want {
			t.Errorf("%d parts: %q, want %q", parts, got, want)
		}
	}
}

func TestNobodyCanReceive(t *testing.T) {
	r := team(1, 1)
	order(&r, 3)
	r.Candidates[0].Off = "left the company"
	r.Candidates[1].Off = "training"
	c, ok := routing.Choose(r)
	want := routing.Choice{
		State: r.State, Closed: true,
		Considered: []routing.Considered{{Rep: "a", Why: "off: left the company"}, {Rep: "b", Why: "off: training"}},
	}
	if d := cmp.Diff(want, c); ok || d != "" {
		t.Error(ok, d)
	}
	if c, ok := routing.Choose(routing.Request{Now: monday()}); ok || len(c.Considered) != 0 || !c.Closed {
		t.Errorf("an empty pool chose %+v", c)
	}
}

func TestTheSwitchOfTheCandidateCounts(t *testing.T) {
	r := team(1)
	r.Candidates[0].Rep.Off = "by the policy, which the roster has overruled"
	if got := give(&r); got != "a" {
		t.Errorf("%s receives", got)
	}
}

func TestHadBefore(t *testing.T) {
	for name, c := range map[string]struct {
		had    []int
		change func(*routing.Request)
		want   string
		why    string // of the first
	}{
		"others have not":             {[]int{1, 0, 0}, nil, "b", "had this lead before, and others have not"},
		"all had it":                  {[]int{1, 1, 1}, nil, "a", "owed most: 0.33 leads, first of 3 who are owed the same"},
		"more often than one":         {[]int{2, 2, 1}, nil, "c", "had this lead more often than others"},
		"the others are off":          {[]int{1, 0, 0}, func(r *routing.Request) { r.Candidates[1].Off, r.Candidates[2].Off = "x", "x" }, "a", "the only one who can receive it"},
		"the others are on leave":     {[]int{1, 0}, func(r *routing.Request) { r.Candidates[1].Leave = leave(-1, 1) }, "a", "the only one who can receive it"},
		"the other is full":           {[]int{1, 0}, func(r *routing.Request) { fill(r, "b") }, "-", "had this lead before, and others have not"},
		"the other takes none of it":  {[]int{1, 0}, func(r *routing.Request) { r.Candidates[1].Caps = []policy.Cap{{Per: policy.CapDay}} }, "a", "the only one who can receive it"},
		"the owner had it before":     {[]int{1, 0}, func(r *routing.Request) { r.Only = "a" }, "-", "had this lead before, and others have not"},
		"the owner had it as all did": {[]int{1, 1}, func(r *routing.Request) { r.Only = "a" }, "a", "owner of the account"},
	} {
		t.Run(name, func(t *testing.T) {
			r := team(make([]float64, len(c.had))...)
			for i, n := range c.had {
				r.Candidates[i].Had = n
			}
			if c.change != nil {
				c.change(&r)
			}
			if got := whys(r)[0]; got != c.why {
				t.Errorf("said %q, want %q", got, c.why)
			}
			if got := give(&r); got != c.want {
				t.Errorf("to %s, want %s", got, c.want)
			}
		})
	}
}

// leave is from so many days from now to so many.
func leave(from, to int) []routing.Away {
	return []routing.Away{{From: monday().AddDate(0, 0, from), To: monday().AddDate(0, 0, to)}}
}

// fill gives a rep a cap that is reached.
func fill(r *routing.Request, id string) {
	for i := range r.Candidates {
		if r.Candidates[i].ID == id {
			r.Candidates[i].Caps = []policy.Cap{{Most: 1, Per: policy.CapOpen}}
		}
	}
	r.State, _ = r.State.Take(policy.Pool{}, id, nil)
}

func TestTheOwnersBalanceStays(t *testing.T) {
	r := team(2, 1, 1)
	order(&r, 5)
	before := r.State
	r.Only = "b"
	c, ok := routing.Choose(r)
	if !ok || c.Rep.ID != "b" || c.Shares != nil || c.State.Reps["b"].Balance != before.Reps["b"].Balance {
		t.Errorf("%+v", c)
	}
	if c.State.Reps["b"].Received != before.Reps["b"].Received+1 {
		t.Error("it was not counted as received")
	}
	r.Only = "nobody of us"
	if c, ok := routing.Choose(r); ok || c.Considered[0].Why != "not the owner of the account" || c.Closed {
		t.Errorf("%+v", c)
	}
}

func TestWhoLeavesIsSpreadEvenly(t *testing.T) {
	r := team(1, 1, 1, 1)
	r.State.Reps = map[string]routing.RepState{
		"a": {Balance: 10}, "b": {Balance: 5}, "gone": {Balance: -20, Open: map[string]int64{"": 2}}, "c": {Balance: 5},
	}
	// 20 parts to take from a, b and c, who were there; d is new.
	c, _ := routing.Choose(r)
	got := map[string]int64{}
	for id, s := range c.State.Reps {
		got[id] = s.Balance - c.Shares[id]
	}
	want := map[string]int64{"a": 10 - 7 - routing.Lead, "b": 5 - 7, "c": 5 - 6, "d": 0, "gone": 0}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if c.State.Reps["gone"].Open[""] != 2 || sum(c.State) != 0 {
		t.Errorf("%+v", c.State)
	}
	if r.State.Reps["gone"].Balance != -20 {
		t.Error("the state before was written to")
	}
}

func TestReplaceTakesTheChoiceBack(t *testing.T) {
	r := team(2, 1, 0.5)
	r.Policy.Caps = []policy.Cap{{Most: 50, Per: policy.CapDay}, {Most: 50, Per: "24h"}, {Most: 50, Per: policy.CapOpen, Tag: "big"}}
	r.Concerns = func(policy.Cap) bool { return true }
	order(&r, 3)
	before := r.State
	c, _ := routing.Choose(r)
	wantCounted := []string{"open", "open#big", "day", "24h"}
	if d := cmp.Diff(wantCounted, c.Counted); d != "" {
		t.Error(d)
	}
	after := c.State.Release(c.Rep.ID, c.Counted).Replace(c.Rep.ID, c.Counted, r.Now, c.Shares)
	if d := cmp.Diff(before, after, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if owner := c.State.Replace(c.Rep.ID, nil, r.Now, nil); owner.Reps[c.Rep.ID].Balance != c.State.Reps[c.Rep.ID].Balance {
		t.Error("a balance moved back that had not moved")
	}
	// On the day after, the window is another one.
	r.State, r.Now = c.State, r.Now.AddDate(0, 0, 1)
	for give(&r) != c.Rep.ID {
	}
	late := r.State.Replace(c.Rep.ID, c.Counted, monday(), c.Shares)
	if got := late.Reps[c.Rep.ID].Fixed["day"].Count; got != 1 {
		t.Errorf("%d leads today, want 1", got)
	}
}

func TestReleaseIsNeverBelowZero(t *testing.T) {
	r := team(1)
	c, _ := routing.Choose(r)
	p := c.State
	for range 3 {
		p = p.Release("a", c.Counted)
	}
	if len(p.Reps["a"].Open) != 0 || c.State.Reps["a"].Open[""] != 1 {
		t.Errorf("%+v", p.Reps["a"])
	}
	if d := cmp.Diff(routing.Pool{}, routing.Pool{}.Release("a", nil)); d != "" {
		t.Error(d)
	}
}

func TestRejectionsOfADay(t *testing.T) {
	today, tomorrow := monday(), monday().AddDate(0, 0, 1)
	p := routing.Pool{}.Reject("a", today).Reject("a", today)
	if n := p.Rejections("a", today); n != 2 {
		t.Errorf("%d today", n)
	}
	if n := p.Rejections("a", tomorrow) + p.Rejections("b", today); n != 0 {
		t.Errorf("%d tomorrow and by others", n)
	}
	if n := p.Reject("a", tomorrow).Rejections("a", tomorrow); n != 1 {
		t.Errorf("%d tomorrow", n)
	}
}

func TestMissesInARow(t *testing.T) {
	p := routing.Pool{}.Miss("a").Miss("a")
	if n := p.Reps["a"].Missed; n != 2 {
		t.Errorf("%d missed", n)
	}
	if n := p.Answered("a").Reps["a"].Missed; n != 0 || p.Reps["a"].Missed != 2 {
		t.Errorf("%d missed after an answer", n)
	}
}

func TestTakeCountsAsOpenAlone(t *testing.T) {
	pool := policy.Pool{
		Caps: []policy.Cap{{Most: 1, Per: policy.CapOpen, Tag: "big"}, {Most: 1, Per: policy.CapDay}},
		Reps: []policy.Rep{{ID: "a"}, {ID: "b", Caps: []policy.Cap{{Most: 1, Per: policy.CapOpen}}}},
	}
	p, counted := routing.Pool{}.Take(pool, "a", func(policy.Cap) bool { return true })
	if d := cmp.Diff([]string{"open", "open#big"}, counted); d != "" {
		t.Error(d)
	}
	want := routing.RepState{Received: 1, Open: map[string]int64{"": 1, "open#big": 1}}
	if d := cmp.Diff(want, p.Reps["a"], cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if _, counted = p.Take(pool, "b", nil); len(counted) != 1 {
		t.Errorf("counted %v", counted)
	}
}

func TestStateSurvivesJSON(t *testing.T) {
	r := team(5, 1, 1)
	r.Policy.Caps = []policy.Cap{{Most: 9, Per: policy.CapDay}, {Most: 9, Per: "24h"}}
	order(&r, 3)
	text, err := json.Marshal(r.State)
	if err != nil {
		t.Fatal(err)
	}
	var back routing.Pool
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(r.State, back, cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	r.State = back
	if got := order(&r, 4); got != "acaa" {
		t.Errorf("continued with %s", got)
	}
}

func BenchmarkChoose(b *testing.B) {
	for _, n := range []int{5, 20, 100} {
		b.Run(fmt.Sprintf("%d reps", n), func(b *testing.B) {
			r := team(make([]float64, n)...)
			hours := office(b, "Europe/Berlin", 9, 17)
			r.Calendar = hours
			r.Policy = policy.Pool{
				LastMinutes: policy.Duration(15 * time.Minute), Taper: policy.Taper{LeaveDays: 5, StopDays: 2},
				Caps: []policy.Cap{{Most: 1 << 40, Per: policy.CapDay}, {Most: 1 << 40, Per: policy.CapOpen}},
			}
			for i := range r.Candidates {
				r.Candidates[i].Hours = hours
				if i%5 == 0 {
					r.Candidates[i].Leave = leave(30, 50)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				c, _ := routing.Choose(r)
				r.State = c.State
			}
		})
	}
}
