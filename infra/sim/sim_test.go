package main

import (
	"bytes"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/office"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/check"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestTheCompanysPolicyIsSound(t *testing.T) {
	text, err := companyPolicy()
	if err != nil {
		t.Fatal(err)
	}
	if err := check.Run("company.yaml", text).Err(); err != nil {
		t.Error(err)
	}
}

// company20 returns the policy with a change.
func company20(t *testing.T, change func(*policy.Policy)) *policy.Policy {
	t.Helper()
	p, err := loadCompany()
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(p)
	}
	return p
}

func TestTwentyRepsInThreePools(t *testing.T) {
	reps, err := staff(company20(t, nil))
	if err != nil || len(reps) != 20 {
		t.Errorf("%d reps, %v", len(reps), err)
	}
}

// short is ten days with a webinar. Its dice have somebody fall sick, and others
// take an afternoon off, while their clocks run.
func short() game { return game{seed: 1, days: 10, visitors: 700} }

func TestNothingHappensThatNeverMust(t *testing.T) {
	p, err := run(short())
	if err != nil {
		t.Fatal(err)
	}
	for i, cases := range p.checks.broken {
		t.Errorf("%s: %v", i, cases)
	}
	n := p.numbers.events
	for _, e := range []contract.EventType{
		contract.LeadHandedOff, contract.LeadHeld, contract.LeadReassigned, contract.LeadRejected, contract.LeadEscalated, contract.LeadRecycled,
		contract.ClockWarned, contract.ClockBreached, contract.ClockMoved, contract.ClockPaused, contract.ClockResumed, contract.ClockCorrected,
	} {
		if n[e] == 0 {
			t.Errorf("in the whole game there was no %s", e)
		}
	}
	if p.numbers.twice > 0 {
		t.Errorf("%d decisions made two handoffs", p.numbers.twice)
	}
	rivals := p.numbers.rivals(10, 1)
	for _, r := range rivals[1:] {
		if r.worst <= rivals[0].worst {
			t.Errorf("%s came to %.2f leads from a share, and we to %.2f", r.name, r.worst, rivals[0].worst)
		}
	}
}

func TestTheSameSeedPlaysTheSameGame(t *testing.T) {
	tell := func(seed uint64) string {
		var b bytes.Buffer
		p, err := run(game{seed: seed, days: 3, visitors: 150})
		if err == nil {
			err = report(&b, p, p.numbers.rivals(3, seed))
		}
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if a, b := tell(1), tell(1); a != b {
		t.Errorf("played once:\n%s\nand again:\n%s", a, b)
	}
	if tell(1) == tell(2) {
		t.Error("another seed plays the same game")
	}
}

func TestABrokenPromiseIsNoticed(t *testing.T) {
	caps := func(most int, per string) func(*policy.Policy) {
		return func(p *policy.Policy) {
			for name, pool := range p.Routing.Pools {
				pool.Caps = []policy.Cap{{Most: most, Per: per}}
				p.Routing.Pools[name] = pool
			}
		}
	}
	tests := []struct {
		name              string
		inForce, promised func(*policy.Policy)
		want              invariant
	}{
		{"more a day", nil, caps(3, policy.CapDay), capExceeded},
		{"more an hour", nil, caps(1, policy.CapHour), capExceeded},
		{"more a week", nil, caps(5, policy.CapWeek), capExceeded},
		{"more in two hours", nil, caps(1, "2h"), capExceeded},
		{"more at a time", nil, caps(2, policy.CapOpen), capExceeded},
		{"reminders at lunch", func(p *policy.Policy) { withoutLunch(p, "new_york", "berlin", "los_angeles") }, nil, remindedAway},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := runUnder(company20(t, tt.inForce), game{seed: 7, days: 4, visitors: 300, promised: company20(t, tt.promised)})
			if err != nil {
				t.Fatal(err)
			}
			if len(p.checks.broken[tt.want]) == 0 {
				t.Errorf("nobody noticed %s", tt.want)
			}
		})
	}
}

// withoutLunch has people work through what the policy calls their break.
func withoutLunch(p *policy.Policy, calendars ...string) {
	for _, name := range calendars {
		for day := range p.Calendars[name].Hours {
			p.Calendars[name].Hours[day] = []string{"08:30-17:30"}
		}
	}
}

// tuesday is 10:00 in New York.
var tuesday = time.Date(2026, 10, 6, 14, 0, 0, 0, time.UTC)

// fixture is a checker and a way to tell it of a handoff.
func fixture(t *testing.T) (*checker, map[string]*rep, func(k signal.LeadKey, pool, rep string, waits, at time.Time)) {
	t.Helper()
	p := company20(t, nil)
	reps, err := staff(p)
	if err != nil {
		t.Fatal(err)
	}
	c := newChecker(p, reps)
	return c, reps, func(k signal.LeadKey, pool, rep string, waits, at time.Time) {
		ref := contract.HandoffRef{Number: 1, Pool: pool, Rep: rep}
		l := &lead.Lead{Key: k, Journey: lead.Journey{Handoff: &lead.Handoff{Number: 1, Pool: pool, Rep: rep, Waits: waits, By: "fallback"}}}
		e := contract.Event{Type: contract.LeadHandedOff, Time: at, Detail: contract.Detail{Handoff: &ref}}
		c.see(e, office.Decided{Decision: lead.Decision{Lead: l}}, &visitor{})
	}
}

func TestALeadToSomebodyAbsentIsNoticed(t *testing.T) {
	night := tuesday.Add(-8 * time.Hour)
	tests := []struct {
		name string
		set  func(r *rep)
		at   time.Time
		want int
	}{
		{"there", func(*rep) {}, tuesday, 0},
		{"at night, there in the morning", func(*rep) {}, night, 0},
		{"off", func(r *rep) { r.off = true }, tuesday, 1},
		{"on leave", func(r *rep) { r.away = []absence{{from: tuesday.Add(-time.Hour), to: tuesday.Add(time.Hour)}} }, tuesday, 1},
		{"at night, on leave in the morning", func(r *rep) { r.away = []absence{{from: tuesday.Add(-2 * time.Hour), to: tuesday}} }, night, 1},
		{"on the day before the leave", func(r *rep) { r.away = []absence{{from: tuesday.Add(24 * time.Hour), to: tuesday.Add(48 * time.Hour)}} }, tuesday, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, reps, handOff := fixture(t)
			tt.set(reps["rosa"])
			handOff("1a", "enterprise", "rosa", tt.at, tt.at)
			if got := len(c.broken[leadToAbsent]); got != tt.want {
				t.Errorf("%d noticed, want %d", got, tt.want)
			}
		})
	}
}

func TestAYoungerLeadBeforeAnOlderOneIsNoticed(t *testing.T) {
	c, _, handOff := fixture(t)
	held := &lead.Lead{Key: "1old", Journey: lead.Journey{Held: &lead.Handoff{Pool: "enterprise", Waits: tuesday}}}
	c.see(contract.Event{Type: contract.LeadHeld, Time: tuesday}, office.Decided{Decision: lead.Decision{Lead: held}}, &visitor{})
	handOff("1other", "americas", "ava", tuesday.Add(time.Hour), tuesday.Add(time.Hour))
	handOff("1older", "enterprise", "sam", tuesday.Add(-time.Hour), tuesday.Add(time.Hour))
	if n := len(c.broken[youngerFirst]); n != 0 {
		t.Fatalf("%d noticed, and it was nobody's turn before", n)
	}
	handOff("1young", "enterprise", "rosa", tuesday.Add(time.Hour), tuesday.Add(time.Hour))
	if n := len(c.broken[youngerFirst]); n != 1 {
		t.Errorf("%d noticed, want one", n)
	}
}

func TestWindowsOfCaps(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, newYork)
	}
	tests := []struct {
		per  string
		a, b time.Time
		want bool
	}{
		{policy.CapHour, at(10, 6, 9, 0), at(10, 6, 9, 59), true},
		{policy.CapHour, at(10, 6, 9, 59), at(10, 6, 10, 0), false},
		{policy.CapDay, at(10, 6, 0, 0), at(10, 6, 23, 59), true},
		{policy.CapDay, at(10, 6, 23, 59), at(10, 7, 0, 0), false},
		{policy.CapWeek, at(10, 5, 0, 0), at(10, 11, 23, 59), true},
		{policy.CapWeek, at(10, 11, 23, 59), at(10, 12, 0, 0), false},
		{policy.CapMonth, at(10, 1, 0, 0), at(10, 31, 23, 59), true},
		{policy.CapMonth, at(10, 31, 23, 59), at(11, 1, 0, 0), false},
		{"24h", at(10, 6, 9, 0), at(10, 7, 8, 59), true},
		{"24h", at(10, 6, 9, 0), at(10, 7, 9, 0), false},
	}
	for _, tt := range tests {
		if got := sameWindow(tt.per, tt.a.UTC(), tt.b.UTC(), newYork); got != tt.want {
			t.Errorf("%s: %s and %s: %t", tt.per, tt.a, tt.b, got)
		}
	}
}

func TestItReportsAndDraws(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	var out strings.Builder
	if err := simulate(settings{seed: 3, days: 2, leads: 120, out: dir}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{"entitled", "furthest anybody came", "0 caps exceeded", "until contacted"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("the report says nothing of %q:\n%s", words, out.String())
		}
	}
	for _, name := range []string{"fairness", "plain", "lateness", "held"} {
		file, err := os.Open(filepath.Join(dir, name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.DecodeConfig(file)
		if err != nil || picture.Width != width || picture.Height != height {
			t.Errorf("%s: %+v, %v", name, picture, err)
		}
		_ = file.Close() // it was read
	}
}

func TestABrokenPromiseFailsTheRun(t *testing.T) {
	strict := company20(t, func(p *policy.Policy) {
		pool := p.Routing.Pools["europe"]
		pool.Caps = []policy.Cap{{Most: 1, Per: policy.CapDay}}
		p.Routing.Pools["europe"] = pool
	})
	var out strings.Builder
	err := simulate(settings{seed: 3, days: 1, leads: 120, out: t.TempDir(), promised: strict}, &out, io.Discard)
	if err == nil || strings.Contains(out.String(), " 0 caps exceeded") {
		t.Errorf("%v, and the report:\n%s", err, out.String())
	}
}

func BenchmarkGame(b *testing.B) {
	for _, days := range []int{10, 30, 90} {
		b.Run(fmt.Sprintf("leads=%d", 100*days), func(b *testing.B) {
			for b.Loop() {
				if _, err := run(game{seed: 1, days: days, visitors: 100 * days}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(100*days*b.N)/b.Elapsed().Seconds(), "leads/s")
		})
	}
}
