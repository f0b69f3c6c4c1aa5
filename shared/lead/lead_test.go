package lead_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// monday is a Monday, 10:00 in New York, where the default policy's office is.
var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// story plays decisions on one lead in memory, as the functions do on the table.
type story struct {
	t      testing.TB
	core   *lead.Core
	lead   *lead.Lead
	pools  map[string]routing.Pool
	roster routing.Roster
	known  []account.Account
	stored []signal.Signal
	log    []contract.Event
	route  []lead.RouteStep // of the last decision that looked for a holder
	phase  rollout.State
	read   int // how often the state of the rollout was
}

func newCore(tb testing.TB, change func(*policy.Policy)) *lead.Core {
	tb.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		tb.Fatal(err)
	}
	if change != nil {
		change(p)
	}
	c, err := rules.Compile(p, "test")
	if err != nil {
		tb.Fatal(err)
	}
	core, err := lead.NewCore(c)
	if err != nil {
		tb.Fatal(err)
	}
	return core
}

func newStory(t *testing.T, change func(*policy.Policy)) *story {
	t.Helper()
	return &story{t: t, core: newCore(t, change), pools: map[string]routing.Pool{}}
}

// store puts a signal in the inbox without deciding about it.
func (s *story) store(signals ...signal.Signal) {
	for _, g := range signals {
		known := false
		for _, old := range s.stored {
			known = known || (old.Source == g.Source && old.ID == g.ID)
		}
		if !known {
			s.stored = append(s.stored, g)
		}
	}
}

// hear stores signals and decides about them.
func (s *story) hear(now time.Time, signals ...signal.Signal) {
	s.t.Helper()
	s.store(signals...)
	s.decide(now, signals...)
}

// decide makes one decision and what follows from it.
func (s *story) decide(now time.Time, signals ...signal.Signal) {
	s.t.Helper()
	for range 10 {
		d := s.step(now, signals...)
		if d.Lead == nil {
			return
		}
		s.keep(d)
		signals = nil
		if at, ok := s.lead.NextDue(); !ok || at.After(now) {
			return
		}
	}
	s.t.Fatal("decisions do not come to an end")
}

// keep takes over what was decided.
func (s *story) keep(d lead.Decision) {
	s.t.Helper()
	if s.lead != nil && d.Lead.Version != s.lead.Version+1 {
		s.t.Fatalf("version %d after %d", d.Lead.Version, s.lead.Version)
	}
	s.lead = d.Lead
	for _, p := range d.Pools {
		s.pools[p.Name] = p
	}
	if d.Roster != nil {
		s.roster = *d.Roster
	}
	if d.Account != nil {
		s.known = append(slices.DeleteFunc(s.known, func(a account.Account) bool { return a.Key == d.Account.Key }), *d.Account)
	}
	if d.Log != nil {
		s.log = append(s.log, d.Log.Entries...)
		if d.Log.Route != nil {
			s.route = d.Log.Route
		}
	}
}

// offer offers the held lead to its reps again.
func (s *story) offer(now time.Time) {
	s.t.Helper()
	d := s.play(lead.World{Key: "1key", Lead: s.lead, Offer: true}, now)
	if d.Lead != nil {
		s.keep(d)
	} else if d.Refused == nil {
		s.t.Fatal("the lead is not held")
	}
}

func (s *story) step(now time.Time, signals ...signal.Signal) lead.Decision {
	s.t.Helper()
	return s.play(lead.World{Key: "1key", Lead: s.lead}, now, signals...)
}

// play calls the core with what it asks for.
func (s *story) play(w lead.World, now time.Time, signals ...signal.Signal) lead.Decision {
	s.t.Helper()
	for range 12 {
		d, err := s.core.Decide(w, signals, now)
		if err != nil {
			s.t.Fatal(err)
		}
		if !d.Needs.Any() {
			return d
		}
		s.load(&w, d.Needs)
	}
	s.t.Fatal("the core keeps asking")
	return lead.Decision{}
}

// load adds what the core asks for.
func (s *story) load(w *lead.World, n lead.Needs) {
	if n.Stored {
		w.Stored, w.StoredLoaded = s.stored, true
	}
	if n.Roster {
		w.Roster = &s.roster
	}
	if n.Rollout {
		w.Rollout = &s.phase
		s.read++
	}
	if n.Accounts != nil {
		w.Accounts, w.AccountsLoaded = s.known, true
	}
	if n.Pool == "" {
		return
	}
	pool, ok := s.pools[n.Pool]
	if !ok {
		pool = routing.Pool{Name: n.Pool}
	}
	w.Pools = maps.Clone(w.Pools)
	if w.Pools == nil {
		w.Pools = map[string]routing.Pool{}
	}
	w.Pools[n.Pool] = pool
}

// types returns the types of the logged events, those of clocks with the kind.
func (s *story) types() []string {
	var out []string
	for _, e := range s.log {
		name := string(e.Type)
		if e.Detail.Clock != nil {
			name += " " + e.Detail.Clock.Kind
			if e.Detail.Clock.Scope == "customer" {
				name += " customer"
			}
		}
		out = append(out, name)
	}
	return out
}

func (s *story) expect(want ...string) {
	s.t.Helper()
	if got := strings.Join(s.types(), "\n"); got != strings.Join(want, "\n") {
		s.t.Fatalf("events:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

func demo(id string, at time.Time) signal.Signal {
	return signal.Signal{
		Source: "typeform", ID: id, Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at,
		Identity:   signal.Identity{Email: "ada@engines.example"},
		Lead:       map[string]string{"first_name": "Ada", "company": "Engines", "title": "CTO"},
		Attributes: map[string]string{"form": "Request a demo"},
	}
}

func answer(kind signal.Type, l *lead.Lead, at time.Time) signal.Signal {
	h := l.Journey.Handoff
	return signal.Signal{
		Source: "respond", ID: fmt.Sprintf("%d.%s", h.Number, kind), Type: kind, OccurredAt: at, ReceivedAt: at,
		Attributes: map[string]string{"handoff": fmt.Sprint(h.Number), "rep": h.Rep},
	}
}

var handedOff = []string{
	"lead.created", "lead.qualified", "lead.handed_off", "clock.started accept", "clock.started first_contact", "clock.started first_contact customer",
}

var acceptedInTime = with(handedOff, "lead.accepted", "clock.met accept", "clock.started feedback")

// passedOn is what follows when the lead goes from one rep who has not
// answered to another.
var passedOn = []string{
	"clock.stopped accept", "clock.stopped first_contact", "lead.reassigned", "clock.started accept", "clock.started first_contact",
}

func with(first []string, more ...string) []string {
	return append(append([]string{}, first...), more...)
}

func TestJourney(t *testing.T) {
	minute := time.Minute
	tests := []struct {
		name  string
		story func(s *story)
		want  []string
		stage lead.Stage
	}{
		{"a demo request is handed off at once", func(s *story) {
			s.hear(monday, demo("1", monday))
		}, handedOff, lead.HandedOff},
		{"the same signal again changes nothing", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.hear(monday.Add(minute), demo("1", monday))
			s.hear(monday.Add(minute), demo("1", monday), demo("1", monday))
		}, handedOff, lead.HandedOff},
		{"a second request does not hand off again", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.hear(monday.Add(minute), demo("2", monday.Add(minute)))
		}, handedOff, lead.HandedOff},
		{"an acceptance in time meets the clock", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.hear(monday.Add(5*minute), answer(signal.RepAccepted, s.lead, monday.Add(5*minute)))
		}, acceptedInTime, lead.Accepted},
		{"an acceptance exactly at the deadline is in time", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.hear(monday.Add(30*minute), answer(signal.RepAccepted, s.lead, monday.Add(30*minute)))
		}, acceptedInTime, lead.Accepted},
		{"a rejection after an acceptance changes nothing", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.hear(monday.Add(minute), answer(signal.RepAccepted, s.lead, monday.Add(minute)))
			s.hear(monday.Add(2*minute), answer(signal.RepRejected, s.lead, monday.Add(2*minute)))
		}, acceptedInTime, lead.Accepted},
		{"silence is warned of, breached and escalated, once each", func(s *story) {
			s.hear(monday, demo("1", monday))
			for m := 1; m < 60; m++ {
				s.decide(monday.Add(time.Duration(m) * minute))
			}
		}, with(handedOff, "clock.warned accept", "clock.breached accept", "lead.escalated accept"), lead.HandedOff},
		{"a sweep after an outage does not warn of what has passed", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.decide(monday.Add(59 * minute))
		}, with(handedOff, "clock.breached accept", "lead.escalated accept"), lead.HandedOff},
		{"silence that lasts gives the lead to the next rep", func(s *story) {
			s.hear(monday, demo("1", monday))
			for m := 1; m <= 60; m++ {
				s.decide(monday.Add(time.Duration(m) * minute))
			}
		}, with(with(handedOff, "clock.warned accept", "clock.breached accept", "lead.escalated accept"), passedOn[1:]...), lead.HandedOff},
		{"an answer stored but not yet applied is heard before the verdict", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.store(answer(signal.RepAccepted, s.lead, monday.Add(29*minute)))
			s.decide(monday.Add(31 * minute))
		}, acceptedInTime, lead.Accepted},
		{"an answer after the deadline comes after the verdict", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.hear(monday.Add(40*minute), answer(signal.RepAccepted, s.lead, monday.Add(40*minute)))
		}, with(handedOff, "clock.breached accept", "lead.accepted", "clock.late accept", "clock.started feedback"), lead.Accepted},
		{"what comes after the verdict with an earlier time corrects it", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.decide(monday.Add(31 * minute))
			s.hear(monday.Add(35*minute), answer(signal.RepAccepted, s.lead, monday.Add(20*minute)))
		}, with(handedOff, "clock.breached accept", "lead.escalated accept", "lead.accepted", "clock.corrected accept", "clock.started feedback"), lead.Accepted},
		{"a contact implies acceptance and meets both clocks", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.hear(monday.Add(5*minute), answer(signal.RepContacted, s.lead, monday.Add(5*minute)))
		}, with(acceptedInTime, "lead.contacted", "clock.met first_contact", "clock.met first_contact customer", "clock.started follow_up"), lead.Contacted},
		{"a rejection goes to the next rep with a clock of their own", func(s *story) {
			s.hear(monday, demo("1", monday))
			s.hear(monday.Add(5*minute), answer(signal.RepRejected, s.lead, monday.Add(5*minute)))
		}, with(with(handedOff, "lead.rejected"), passedOn...), lead.HandedOff},
		{"when every rep has rejected it is the manager's", func(s *story) {
			s.hear(monday, demo("1", monday))
			for i := range 3 {
				at := monday.Add(time.Duration(i+1) * minute)
				s.hear(at, answer(signal.RepRejected, s.lead, at))
			}
		}, with(with(with(with(with(handedOff, "lead.rejected"), passedOn...), "lead.rejected"), passedOn...),
			"lead.rejected", "clock.stopped accept", "clock.stopped first_contact", "lead.escalated accept"), lead.Qualified},
		{"old news starts nothing", func(s *story) {
			old := demo("1", monday)
			old.OccurredAt = monday.AddDate(0, 0, -10)
			s.hear(monday, old)
		}, []string{"lead.created"}, lead.Known},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, nil)
			tt.story(s)
			s.expect(tt.want...)
			if s.lead.Journey.Stage != tt.stage {
				t.Errorf("stage %s, want %s", s.lead.Journey.Stage, tt.stage)
			}
		})
	}
}

func TestClocksStartAtOpening(t *testing.T) {
	s := newStory(t, nil)
	saturday := time.Date(2026, 5, 16, 20, 0, 0, 0, time.UTC)
	s.hear(saturday, demo("1", saturday))
	opening := time.Date(2026, 5, 18, 13, 0, 0, 0, time.UTC) // Monday 9:00 in New York
	for _, c := range s.lead.Journey.Clocks {
		if !c.StartedAt.Equal(opening) {
			t.Errorf("%s starts at %s, want %s", c.Kind, c.StartedAt, opening)
		}
	}
	if got, want := s.lead.Journey.Clocks[0].DueAt, opening.Add(30*time.Minute); !got.Equal(want) {
		t.Errorf("accept due at %s, want %s", got, want)
	}
}

func TestNobodyAvailableIsHeldAndOfferedAgain(t *testing.T) {
	off := func(p *policy.Policy) {
		pool := p.Routing.Pools["sales"]
		for i := range pool.Reps {
			pool.Reps[i].Off = "on leave"
		}
	}
	s := newStory(t, off)
	s.hear(monday, demo("1", monday))
	if p := s.pools["sales"]; p.Held != 1 || !p.Reopens.Equal(monday.Add(10*time.Minute)) {
		t.Errorf("the pool holds %d, to be offered again at %s", p.Held, p.Reopens)
	}
	s.offer(monday.Add(11 * time.Minute))
	held := []string{"lead.created", "lead.qualified", "lead.held", "clock.started first_contact customer"}
	s.expect(held...)
	s.core = newCore(t, nil)
	s.offer(monday.Add(22 * time.Minute))
	s.expect(with(held, "lead.handed_off", "clock.started accept", "clock.started first_contact")...)
	if p := s.pools["sales"]; p.Held != 0 || !p.Reopens.IsZero() {
		t.Errorf("the pool still holds %d", p.Held)
	}
	first := s.lead.Journey.Clocks[0]
	if !first.StartedAt.Equal(monday) {
		t.Errorf("the customer's clock starts at %s, want the receipt %s", first.StartedAt, monday)
	}
}

func TestEventsCarryStableIDs(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	for i, e := range s.log {
		if want := contract.EventID("1key", 1, i); e.ID != want || e.Lead != "1key" || e.PolicyVersion != "test" || !e.Time.Equal(monday) {
			t.Errorf("event %+v, want id %s", e, want)
		}
	}
}

func TestDecisionsNeverGoBackInTime(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.hear(monday.Add(-time.Hour), demo("2", monday.Add(-time.Hour)))
	if s.lead.UpdatedAt.Before(monday) {
		t.Errorf("updated at %s, before %s", s.lead.UpdatedAt, monday)
	}
}

func TestAnotherScoringPolicyRebuildsTheFacts(t *testing.T) {
	s := newStory(t, nil)
	visit := func(id string) signal.Signal {
		g := demo(id, monday)
		g.Type, g.Attributes = signal.EventTracked, map[string]string{"event": "Pricing Page Viewed"}
		return g
	}
	s.hear(monday, visit("1"))
	s.core = newCore(t, func(p *policy.Policy) { p.Engagement.Rules[0].When = `signal.event == "Nothing"` })
	s.hear(monday.Add(time.Minute), visit("2"))
	if n := s.lead.Facts.Counts["pricing_viewed"]; len(n) != 0 {
		t.Errorf("counts of the old rules are left: %v", n)
	}
	if s.lead.Facts.Signals != 2 {
		t.Errorf("%d signals folded, want 2", s.lead.Facts.Signals)
	}
}
