package lead_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/office"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// hears has the office hear of a demo request of somebody from a company of their own.
func hears(t *testing.T, o *office.Office, person string, at time.Time) signal.LeadKey {
	t.Helper()
	g := demo("1", at)
	g.Identity.Email, g.Lead = person+"@"+person+".example", map[string]string{"company": person + " works"}
	k, err := g.LeadKey()
	if err == nil {
		err = o.Hear(at, g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A lead that whoever has room has rejected does not keep those behind it from
// that room.
func TestALeadThatNobodyTakesHoldsUpNoOther(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	pool := p.Routing.Pools["sales"]
	pool.Reps, pool.Caps = pool.Reps[:2], []policy.Cap{{Most: 1, Per: policy.CapOpen}}
	p.Routing.Pools["sales"] = pool
	o, err := office.New(p, monday)
	if err != nil {
		t.Fatal(err)
	}
	rejects := func(k signal.LeadKey, reason string, at time.Time) {
		g := answer(signal.RepRejected, o.Lead(k), at)
		g.Attributes[signal.AttrReason] = reason
		if err := o.HearOf(at, k, g); err != nil {
			t.Fatal(err)
		}
	}
	first := hears(t, o, "ada", monday)
	hears(t, o, "bob", monday.Add(time.Second))
	behind := hears(t, o, "cyd", monday.Add(2*time.Second))
	rejects(first, "no_time", monday.Add(5*time.Minute)) // the other rep is full: it waits for them, and is the oldest
	if err := o.Advance(monday.Add(6 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if o.Lead(first).Journey.Held == nil {
		t.Fatal("the rejected lead does not wait")
	}
	if h := o.Lead(behind).Journey.Holder(); h == nil || h.Rep != "alex" {
		t.Errorf("the lead behind it is with %+v, want alex, who has room", h)
	}
}

// A lead that is held for one pool and falls through to another takes its place
// behind those that are held there.
func TestAHeldLeadOvertakesNobodyInAnotherQueue(t *testing.T) {
	off := func(p *policy.Policy) { twoPools(p); allOff(p); p.Routing.Pools["big"].Reps[0].Off = "on leave" }
	older := newStory(t, off)
	older.hear(monday, demo("1", monday))
	newer := older.another()
	newer.hear(minutes(1), from("colossus", minutes(1), "employees", "5000"))
	if older.pools["sales"].Held != 1 || newer.pools["big"].Held != 1 {
		t.Fatalf("pools %+v", older.pools)
	}
	newer.roster = newer.roster.With("bo", routing.Entry{Switch: routing.On})
	older.roster = newer.roster
	newer.offer(minutes(2)) // the sweep comes to "big" first
	if h := newer.lead.Journey.Holder(); h != nil {
		t.Errorf("the newer lead went to %s, for whom an older one waits", h.Rep)
	}
	older.offer(minutes(2))
	if h := older.lead.Journey.Holder(); h == nil || h.Rep != "bo" {
		t.Errorf("the older lead is with %+v", h)
	}
	newer.offer(minutes(3))
	if h := newer.lead.Journey.Holder(); h == nil || h.Rep != "bo" {
		t.Errorf("the newer lead is with %+v", h)
	}
}
