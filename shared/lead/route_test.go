package lead_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

func itoa(n int) string { return strconv.Itoa(n) }

// another returns a story of another lead in the same office.
func (s *story) another() *story {
	return &story{t: s.t, core: s.core, pools: s.pools, roster: s.roster, known: s.known}
}

// twoPools adds a pool for big companies, with one rep.
func twoPools(p *policy.Policy) {
	p.Routing.Pools["big"] = policy.Pool{Reps: []policy.Rep{{ID: "dana", Person: policy.Person{Name: "Dana"}, Weight: 1}}}
	p.Routing.Rules = []policy.RoutingRule{
		{Name: "never", When: "lead.employees > 100000", Pool: "sales"},
		{Name: "big", When: "lead.employees > 1000", Pool: "big"},
	}
}

func from(company string, at time.Time, more ...string) signal.Signal {
	g := demo("1", at)
	g.Identity.Email = "someone@" + company + ".example"
	g.Lead = map[string]string{"email": g.Identity.Email, "company": company, "title": "CTO"}
	for i := 0; i+1 < len(more); i += 2 {
		g.Lead[more[i]] = more[i+1]
	}
	return g
}

func TestTheFirstRuleThatFitsDecides(t *testing.T) {
	s := newStory(t, twoPools)
	s.hear(monday, from("colossus", monday, "employees", "5000"))
	if h := s.lead.Journey.Handoff; h == nil || h.Rep != "dana" || h.Pool != "big" || h.By != "rule big" {
		t.Errorf("%+v", h)
	}
}

func TestARuleThatIsClosedFallsThrough(t *testing.T) {
	s := newStory(t, twoPools)
	s.roster = s.roster.With("dana", routing.Entry{Switch: routing.Off, Reason: "sick"})
	s.hear(monday, from("colossus", monday, "employees", "5000"))
	if h := s.lead.Journey.Handoff; h == nil || h.Pool != "sales" || h.By != "fallback" {
		t.Errorf("%+v", h)
	}
	if step := s.route[0]; step.By != "rule big" || !strings.Contains(step.Considered[0].Why, "sick") {
		t.Errorf("the log says %+v", s.route)
	}
}

// The next lead of a company goes to who has it, whoever's turn it is.
func TestTheOwnerOfTheCompanyComesFirst(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, from("engines", monday))
	owner := s.lead.Journey.Handoff.Rep
	for range 3 {
		next := s.another()
		g := from("engines", minutes(10))
		g.Lead["email"] = "colleague@engines.example"
		next.hear(minutes(10), g)
		if h := next.lead.Journey.Handoff; h.Rep != owner || h.By != "owner of engines" {
			t.Fatalf("it went to %s by %s, the owner is %s", h.Rep, h.By, owner)
		}
		s.known = next.known
	}
	stranger := s.another()
	stranger.hear(minutes(20), from("otherworks", minutes(20)))
	if stranger.lead.Journey.Handoff.Rep == owner {
		t.Errorf("another company's lead went to %s, who received last", owner)
	}
}

func TestAnOwnerWhoIsAwayIsPassedOver(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, from("engines", monday))
	owner := s.lead.Journey.Handoff.Rep
	next := s.another()
	next.roster = s.roster.With(owner, routing.Entry{Leave: []policy.Leave{{From: "2026-05-18", To: "2026-05-22", Reason: "vacation"}}})
	next.hear(minutes(10), from("engines", minutes(10)))
	if h := next.lead.Journey.Handoff; h.Rep == owner || h.By != "fallback" {
		t.Errorf("%+v", h)
	}
	if step := next.route[0]; step.By != "owner of engines" || !strings.Contains(considered(step, owner), "leave") {
		t.Errorf("the log says %+v", next.route)
	}
	back := s.another()
	back.known = next.known
	back.hear(minutes(20), from("engines", minutes(20)))
	if h := back.lead.Journey.Handoff; h.Rep != owner {
		t.Errorf("the owner is back, and the lead went to %s by %s", h.Rep, h.By)
	}
	gone := s.another()
	gone.roster = s.roster.With(owner, routing.Entry{Switch: routing.Off, Reason: "has left us"})
	gone.hear(minutes(30), from("engines", minutes(30)))
	heir := s.another()
	heir.known = gone.known
	heir.hear(minutes(40), from("engines", minutes(40)))
	if h := heir.lead.Journey.Handoff; h.Rep != gone.lead.Journey.Handoff.Rep || h.By != "owner of engines" {
		t.Errorf("after the owner has left the lead went to %s by %s", h.Rep, h.By)
	}
}

// A lead of a subsidiary that nobody has goes to the owner of the parent, when
// the policy says so, and whoever gets it has the subsidiary from then on.
func TestTheOwnerOfTheParentCompany(t *testing.T) {
	for _, inherits := range []bool{true, false} {
		s := newStory(t, func(p *policy.Policy) {
			p.Accounts.Groups = []policy.AccountGroup{{Name: "Engines", Domains: []string{"engines.example"}}, {Name: "Looms", Domains: []string{"looms.example"}, Parent: "Engines"}}
			p.Routing.Account.Parent = inherits
		})
		s.hear(monday, from("engines", monday))
		owner := s.lead.Journey.Handoff.Rep
		next := s.another()
		next.hear(minutes(10), from("looms", minutes(10)))
		if h := next.lead.Journey.Handoff; inherits != (h.Rep == owner && h.By == "owner of the parent company Engines") {
			t.Fatalf("inherits %v, and it went to %s by %s", inherits, h.Rep, h.By)
		}
		keys := map[account.Key]string{}
		for _, a := range next.known {
			keys[a.Key] = a.Owner.Rep
		}
		if keys["d:engines.example"] != owner || keys["d:looms.example"] != next.lead.Journey.Handoff.Rep || len(keys) != 2 {
			t.Errorf("the companies are those of %v", keys)
		}
		gone := s.another()
		gone.known = next.known
		gone.roster = s.roster.With(owner, routing.Entry{Switch: routing.Off, Reason: "has left us"})
		gone.hear(minutes(20), from("looms", minutes(20)))
		if h := gone.lead.Journey.Handoff; inherits && h.Rep == owner {
			t.Errorf("it went to %s, who has left", owner)
		}
	}
}

func considered(step lead.RouteStep, rep string) string {
	for _, c := range step.Considered {
		if c.Rep == rep {
			return c.Why
		}
	}
	return ""
}

func TestAnOldClaimLapses(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, from("engines", monday))
	next := s.another()
	later := monday.AddDate(0, 0, 126)
	next.hear(later, from("engines", later))
	if h := next.lead.Journey.Handoff; h.By != "fallback" {
		t.Errorf("%+v", h)
	}
	if step := next.route[0]; step.By != "owner of the company" || step.Why == "" {
		t.Errorf("the log says %+v", next.route)
	}
}

// What follows a rejection is the policy's word.
func TestWhatFollowsARejection(t *testing.T) {
	for _, tt := range []struct {
		reason  string
		stage   lead.Stage
		told    contract.EventType
		holder  bool
		counted int64 // leads that the rejecting rep has received, in the end
	}{
		{"no_time", lead.HandedOff, contract.LeadReassigned, true, 1},
		{"not_a_fit", lead.Disqualified, contract.LeadDisqualified, false, 0},
		{"too_early", lead.Recycled, contract.LeadRecycled, false, 0},
		{"already_in_touch", lead.Qualified, contract.LeadEscalated, false, 1},
		{"a reason that the policy has lost", lead.HandedOff, contract.LeadReassigned, true, 1},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			s := newStory(t, nil)
			s.hear(monday, demo("1", monday))
			first := s.lead.Journey.Handoff.Rep
			s.hear(minutes(1), saying(signal.RepRejected, s.lead, minutes(1), signal.AttrReason, tt.reason))
			if s.lead.Journey.Stage != tt.stage || (s.lead.Journey.Holder() != nil) != tt.holder || len(s.told(tt.told)) != 1 {
				t.Errorf("stage %s, holder %+v, %v", s.lead.Journey.Stage, s.lead.Journey.Holder(), s.types())
			}
			if r := s.pools["sales"].Reps[first]; r.Received != tt.counted || r.Open[""] != 0 {
				t.Errorf("the rep's account: %+v, want %d received", r, tt.counted)
			}
		})
	}
}

func TestARejectionMayNameAPool(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		twoPools(p)
		p.Routing.Rejections.Reasons = []policy.Rejection{{Option: policy.Option{ID: "too_big"}, Then: "big"}}
	})
	s.hear(monday, demo("1", monday))
	s.hear(minutes(1), saying(signal.RepRejected, s.lead, minutes(1), signal.AttrReason, "too_big"))
	if h := s.lead.Journey.Holder(); h == nil || h.Rep != "dana" || h.By != "pool big" {
		t.Errorf("%+v", h)
	}
}

// A lead that went back to nurture is heard again after its time, and at once
// when it asks for sales.
func TestARecycledLeadComesBack(t *testing.T) {
	recycled := func() *story {
		s := newStory(t, nil)
		s.hear(monday, demo("1", monday))
		s.hear(minutes(1), saying(signal.RepRejected, s.lead, minutes(1), signal.AttrReason, "too_early"))
		s.hear(minutes(2), visit("2", minutes(2)))
		if s.lead.Journey.Stage != lead.Recycled || !s.lead.Journey.RecycledUntil.Equal(minutes(1).AddDate(0, 0, 60)) {
			t.Fatalf("%+v", s.lead.Journey)
		}
		return s
	}
	asks := recycled()
	asks.hear(minutes(60), demo("3", minutes(60)))
	if h := asks.lead.Journey.Holder(); h == nil || h.Number != 2 || h.Rep == asks.lead.Journey.Handoff.HadBy[0] {
		t.Errorf("%+v", asks.lead.Journey.Handoff)
	}
	if c := asks.clock(lead.FirstContactClock, lead.CustomerScope); c.State != lead.Running || !c.StartedAt.Equal(minutes(60)) {
		t.Errorf("the customer's clock: %+v", c)
	}
}

func TestADayAllowsSoManyRejections(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Routing.Rejections.PerDay = 1 })
	s.hear(monday, demo("1", monday))
	rep := s.lead.Journey.Handoff.Rep
	day := time.Date(2026, 5, 18, 4, 0, 0, 0, time.UTC) // midnight in New York
	s.pools["sales"] = s.pools["sales"].Reject(rep, day)
	s.hear(minutes(1), saying(signal.RepRejected, s.lead, minutes(1), signal.AttrReason, "no_time"))
	if h := s.lead.Journey.Holder(); h == nil || h.Rep != rep || len(s.told(contract.LeadRejected)) != 0 || len(s.told(contract.LeadEscalated)) != 1 {
		t.Errorf("holder %+v, %v", h, s.types())
	}
}

// A lead never returns to somebody who had it while others have not, and never
// to who rejected it.
func TestALeadGoesRoundOnceAndNotBackToWhoRejectedIt(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Escalation.MaxReps = 0 })
	s.hear(monday, demo("1", monday))
	rejected := s.lead.Journey.Handoff.Rep
	s.hear(minutes(1), answer(signal.RepRejected, s.lead, minutes(1)))
	for m := 2; m < 7*60; m++ {
		s.decide(minutes(m))
	}
	had := s.lead.Journey.Handoff.HadBy
	if len(had) < 4 {
		t.Fatalf("had by %v only", had)
	}
	for i, rep := range had[1:] {
		if rep == rejected || rep == had[i] {
			t.Errorf("had by %v, and %s had rejected it", had, rejected)
		}
	}
}

func order(l *lead.Lead, at time.Time, to string) signal.Signal {
	number := 0
	if l.Journey.Handoff != nil {
		number = l.Journey.Handoff.Number
	} else if l.Journey.Held != nil {
		number = l.Journey.Held.Number
	}
	return signal.Signal{
		Source: "operator", ID: at.String(), Type: signal.OrderReassign, OccurredAt: at, ReceivedAt: at,
		Attributes: map[string]string{"handoff": itoa(number), "to": to, "reason": "Alex is leaving"},
	}
}

func TestSomebodyInChargeGivesALeadOn(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	first := s.lead.Journey.Handoff.Rep
	s.hear(minutes(1), order(s.lead, minutes(1), ""))
	if h := s.lead.Journey.Holder(); h.Rep == first || h.Number != 2 || s.told1(contract.LeadReassigned).Reason != "Alex is leaving" {
		t.Errorf("%+v", h)
	}
	s.hear(minutes(2), order(s.lead, minutes(2), first))
	if h := s.lead.Journey.Holder(); h.Rep != first || h.By != "by order" {
		t.Errorf("%+v", h)
	}
	s.hear(minutes(3), order(s.lead, minutes(1), "casey")) // older than the last one
	if h := s.lead.Journey.Holder(); h.Number != 3 {
		t.Errorf("%+v", h)
	}
	open := 0
	for _, r := range s.pools["sales"].Reps {
		open += int(r.Open[""])
	}
	if open != 1 {
		t.Errorf("%d open leads", open)
	}
	held := newStory(t, allOff)
	held.hear(monday, demo("1", monday))
	held.hear(minutes(1), order(held.lead, minutes(1), "bo"))
	if h := held.lead.Journey.Holder(); h == nil || h.Rep != "bo" || held.pools["sales"].Held != 0 || len(held.told(contract.LeadHandedOff)) != 1 {
		t.Errorf("%+v, %v", h, held.types())
	}
}

func TestAnOrderThatNobodyCanTakeLeavesTheLead(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	first := s.lead.Journey.Handoff.Rep
	for _, r := range []string{"alex", "bo", "casey"} {
		if r != first {
			s.roster = s.roster.With(r, routing.Entry{Switch: routing.Off})
		}
	}
	before := s.pools["sales"].Reps[first].Open[""]
	s.hear(minutes(1), order(s.lead, minutes(1), ""))
	if h := s.lead.Journey.Holder(); h.Rep != first || h.Number != 1 || len(s.told(contract.OrderIgnored)) != 1 || s.pools["sales"].Reps[first].Open[""] != before {
		t.Errorf("%+v, %v", h, s.types())
	}
	s.hear(minutes(5), saying(signal.RepRejected, s.lead, minutes(5), signal.AttrReason, "not_a_fit"))
	if n := s.pools["sales"].Reps[first].Open[""]; n != 0 {
		t.Errorf("%d leads are still open", n)
	}
}

// A lead that comes in the last minutes of a shift is nobody's to hurry for:
// its clocks begin with the next shift.
func TestTheLastMinutesOfAShift(t *testing.T) {
	s := newStory(t, nil)
	late := time.Date(2026, 5, 18, 20, 50, 0, 0, time.UTC) // 16:50 in New York
	s.hear(late, demo("1", late))
	opening := time.Date(2026, 5, 19, 13, 0, 0, 0, time.UTC)
	if c := s.clock(lead.AcceptClock, lead.HolderScope); !c.StartedAt.Equal(opening) || !c.DueAt.Equal(opening.Add(30*time.Minute)) {
		t.Errorf("accept from %s to %s", c.StartedAt, c.DueAt)
	}
	if c := s.clock(lead.FirstContactClock, lead.CustomerScope); !c.StartedAt.Equal(late) {
		t.Errorf("the customer waits from %s", c.StartedAt)
	}
}

func TestALeadThatStirsIsReported(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.hear(minutes(1), demo("2", minutes(1)))                                           // the same wish, sent twice
	s.hear(minutes(24*60), visit("3", minutes(24*60)))                                  // too soon after the request
	s.hear(minutes(24*60*4), demo("4", minutes(24*60*4)))                               // asks again
	s.hear(minutes(24*60*5), visit("5", minutes(24*60*5)))                              // too soon
	s.hear(minutes(24*60*13), visit("6", minutes(24*60*13)))                            // after a quiet week
	s.hear(minutes(24*60*14), from("x", minutes(24*60*14)), visit("7", minutes(24*60))) // old news
	got := s.told(contract.LeadActiveAgain)
	if len(got) != 2 || got[0].Reason != "Asked for a demo" || !strings.Contains(got[1].Reason, "quiet") {
		t.Errorf("%+v", got)
	}
}

func TestRouteSaysWhoWouldReceiveALeadAndWritesNothing(t *testing.T) {
	s := newStory(t, twoPools)
	s.hear(monday, visit("1", monday))
	roster := routing.Roster{}
	w := lead.World{Key: "1key", Lead: s.lead, Roster: &roster, AccountsLoaded: true, Pools: map[string]routing.Pool{"sales": {Name: "sales"}, "big": {Name: "big"}}}
	before := s.lead.Version
	steps, rep, needs := s.core.Route(w, monday)
	if needs.Any() || rep == "" || len(steps) != 1 || steps[0].By != "fallback" || len(steps[0].Considered) != 3 || s.lead.Version != before || s.lead.Journey.Handoff != nil {
		t.Errorf("%s by %+v, needs %+v", rep, steps, needs)
	}
}
