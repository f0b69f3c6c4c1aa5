package contract_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// story drives one lead through the decision core under the default policy and
// collects what is told.
type story struct {
	t      *testing.T
	core   *lead.Core
	world  lead.World
	pool   routing.Pool
	roster routing.Roster
	past   []signal.Signal
	told   []contract.Event
}

func newStory(t *testing.T, change func(*policy.Policy)) *story {
	t.Helper()
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(p)
	}
	compiled, err := rules.Compile(p, "p-test")
	if err != nil {
		t.Fatal(err)
	}
	core, err := lead.NewCore(compiled)
	if err != nil {
		t.Fatal(err)
	}
	return &story{t: t, core: core, world: lead.World{Key: "1contracttestsleadkeyabcdef"}, pool: routing.Pool{Name: "sales"}}
}

// decide lets the core decide at a time, with what it needs, and what follows.
func (s *story) decide(now time.Time, signals ...signal.Signal) {
	s.t.Helper()
	s.past = append(s.past, signals...)
	for range 8 {
		d := s.decision(now, signals)
		if d.Lead == nil {
			return
		}
		s.world.Lead = d.Lead
		for _, p := range d.Pools {
			s.pool = p
		}
		if d.Roster != nil {
			s.roster = *d.Roster
		}
		if d.Log != nil {
			s.told = append(s.told, d.Log.Entries...)
		}
		signals = nil
	}
}

func (s *story) decision(now time.Time, signals []signal.Signal) lead.Decision {
	s.t.Helper()
	w := s.world
	w.Pools = map[string]routing.Pool{"sales": s.pool}
	w.Roster, w.AccountsLoaded, w.Rollout = &s.roster, true, &rollout.State{}
	for range 2 {
		d, err := s.core.Decide(w, signals, now)
		if err != nil {
			s.t.Fatal(err)
		}
		if !d.Needs.Any() {
			return d
		}
		w.Stored, w.StoredLoaded = s.past, true
	}
	s.t.Fatal("the core keeps needing more")
	return lead.Decision{}
}

// erase lets the person be forgotten.
func (s *story) erase(now time.Time) {
	s.t.Helper()
	w := s.world
	w.Pools = map[string]routing.Pool{"sales": s.pool}
	w.Roster, w.AccountsLoaded, w.Stored, w.StoredLoaded = &s.roster, true, s.past, true
	d := s.core.Erase(w, lead.Erasure{Reason: lead.OnRequest, By: "Morgan Hale"}, now)
	if d.Needs.Any() || d.Log == nil {
		s.t.Fatalf("%+v", d)
	}
	s.told = append(s.told, d.Log.Entries...)
}

func (s *story) demo(now time.Time) {
	s.decide(now, signal.Signal{
		Source: "typeform", ID: "demo-1", Type: signal.FormSubmitted, OccurredAt: now, ReceivedAt: now,
		Identity: signal.Identity{Email: "rosa@baltic-ferries.example"}, Lead: map[string]string{"email": "rosa@baltic-ferries.example", "company": "Baltic Ferries"},
		Attributes: map[string]string{signal.AttrForm: "Request a demo"},
	})
}

func (s *story) answer(now, received time.Time, typ signal.Type, attributes ...string) {
	h := s.world.Lead.Journey.Handoff
	a := map[string]string{signal.AttrHandoff: strconv.Itoa(h.Number), signal.AttrRep: h.Rep}
	for i := 0; i+1 < len(attributes); i += 2 {
		a[attributes[i]] = attributes[i+1]
	}
	s.decide(now, signal.Signal{
		Source: "respond", ID: strconv.Itoa(h.Number) + "." + string(typ), Type: typ, OccurredAt: received, ReceivedAt: received, Attributes: a,
	})
}

// sales is what a CRM says.
func (s *story) sales(now time.Time, typ signal.Type) {
	a := map[string]string{signal.AttrMeeting: "m", signal.AttrReason: "the price"}
	switch typ { //nolint:exhaustive // The others name no deal and no owner.
	case signal.DealOpened, signal.DealLost:
		a[signal.AttrDeal], a[signal.AttrAmount], a[signal.AttrCurrency], a[signal.AttrDealStage] = "512", "12000.50", "EUR", "7"
	case signal.OwnerChanged:
		a[signal.AttrOwnerEmail] = "bo.lindqvist@our-company.example"
	}
	s.decide(now, signal.Signal{Source: "hubspot", ID: string(typ), Type: typ, OccurredAt: now, ReceivedAt: now, Attributes: a})
}

// order is what a manager orders.
func (s *story) order(now time.Time, typ signal.Type) {
	a := map[string]string{signal.AttrReason: "the budget comes in March", signal.AttrBy: "Morgan Hale", signal.AttrUntil: now.AddDate(0, 0, 7).Format(time.RFC3339)}
	if n := s.world.Lead.Journey.About(); n > 0 {
		a[signal.AttrHandoff] = strconv.Itoa(n)
	}
	s.decide(now, signal.Signal{Source: lead.Operator, ID: now.String(), Type: typ, OccurredAt: now, ReceivedAt: now, Attributes: a})
}

// joins makes one lead of the story's and a visitor that gives the same address,
// and takes that back.
func (s *story) joins(now time.Time) {
	s.t.Helper()
	mine, other := s.world.Lead, signal.Signal{
		Source: "segment", ID: "view-1", Type: signal.PageViewed, OccurredAt: now, ReceivedAt: now, Identity: signal.Identity{AnonymousID: "browser"},
	}
	key, err := other.LeadKey()
	if err != nil {
		s.t.Fatal(err)
	}
	s.world = lead.World{Key: key}
	s.decide(now, other)
	visitor := s.world.Lead
	a := map[string]string{signal.AttrReason: "said so on the phone", signal.AttrBy: "Morgan Hale", signal.AttrWith: string(key)}
	order := signal.Signal{Source: lead.Operator, ID: "merge", Type: signal.OrderMerge, OccurredAt: now, ReceivedAt: now, Attributes: a}
	w := lead.World{
		Key: mine.Key, Roster: &s.roster, AccountsLoaded: true, Pools: map[string]routing.Pool{"sales": s.pool},
		Identities: map[signal.LeadKey]lead.Standing{mine.Key: {Lead: mine, Version: mine.Version}, key: {Lead: visitor, Version: visitor.Version}},
		Parts:      map[signal.LeadKey][]signal.Signal{mine.Key: s.past[:1], key: {other}},
	}
	merged := s.join(w, order, now)
	kept := *visitor
	kept.Facts.Profile = nil
	if diff := cmp.Diff(&kept, merged.Also.Log.Snapshot); diff != "" {
		s.t.Fatal("the log of the merge has another snapshot: " + diff)
	}
	w.Snapshot = merged.Also.Log.Snapshot
	w.Identities = map[signal.LeadKey]lead.Standing{mine.Key: {Lead: merged.Lead}, key: {Lead: merged.Lead, Version: 2}}
	order.ID, order.Type = "split", signal.OrderSplit
	s.join(w, order, now)
}

func (s *story) join(w lead.World, order signal.Signal, now time.Time) lead.Decision {
	s.t.Helper()
	ties := s.core.Tie(w, []signal.Signal{order})
	if ties.Join == nil {
		s.t.Fatalf("the order joins nobody: %+v", ties)
	}
	d := s.core.Join(w, *ties.Join, now)
	if d.Needs.Any() {
		s.t.Fatalf("the core needs %+v", d.Needs)
	}
	s.told = append(append(s.told, d.Log.Entries...), d.Also.Log.Entries...)
	return d
}

// What the core tells in every turn of a lead's journey is what the schemas say.
func TestTheCoreKeepsTheContract(t *testing.T) {
	// A Monday, ten in the morning in New York.
	morning := time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)
	seen := map[contract.EventType]bool{}
	closed := compiler(t, true)
	for name, tell := range map[string]func(*story){
		"accepted and contacted": func(s *story) {
			s.demo(morning)
			s.answer(morning.Add(5*time.Minute), morning.Add(5*time.Minute), signal.RepAccepted)
			s.answer(morning.Add(time.Hour), morning.Add(time.Hour), signal.RepContacted)
		},
		"silence": func(s *story) {
			s.demo(morning)
			for m := range 600 {
				s.decide(morning.Add(time.Duration(m) * time.Minute))
			}
			s.answer(morning.Add(600*time.Minute), morning.Add(time.Hour), signal.RepContacted)
		},
		"every answer": func(s *story) {
			s.demo(morning)
			at := func(m int) time.Time { return morning.Add(time.Duration(m) * time.Minute) }
			s.answer(at(1), at(1), signal.RepCommented)
			s.answer(at(2), at(2), signal.RepSnoozed, signal.AttrReason, "customer_asked", signal.AttrUntil, at(60).Format(time.RFC3339))
			s.decide(at(61))
			s.roster = s.roster.With(s.world.Lead.Journey.Handoff.Rep, routing.Entry{Leave: []policy.Leave{{From: "2026-05-19", To: "2026-05-20"}}})
			s.world.Review = true
			s.decide(at(62))
			s.world.Review = false
			s.answer(at(63), at(63), signal.RepFeedback, signal.AttrOutcome, "good_fit")
			again := s.past[0]
			again.ID, again.OccurredAt, again.ReceivedAt = "demo-2", at(300), at(300)
			s.decide(at(300), again)
		},
		"a late answer": func(s *story) {
			s.demo(morning)
			s.decide(morning.Add(31 * time.Minute))
			s.answer(morning.Add(40*time.Minute), morning.Add(40*time.Minute), signal.RepAccepted)
		},
		"no lead at all": func(s *story) {
			s.demo(morning)
			s.answer(morning.Add(time.Minute), morning.Add(time.Minute), signal.RepRejected, signal.AttrReason, "not_a_fit")
		},
		"back to nurture": func(s *story) {
			s.demo(morning)
			s.answer(morning.Add(time.Minute), morning.Add(time.Minute), signal.RepRejected, signal.AttrReason, "too_early")
		},
		"rejected by everybody": func(s *story) {
			s.demo(morning)
			for i := 1; i < 5; i++ {
				s.answer(morning.Add(time.Duration(i)*time.Minute), morning.Add(time.Duration(i)*time.Minute), signal.RepRejected)
			}
		},
		"a meeting, a deal, another owner": func(s *story) {
			s.demo(morning)
			s.sales(morning.Add(time.Minute), signal.MeetingBooked)
			s.sales(morning.Add(2*time.Minute), signal.MeetingCanceled)
			s.sales(morning.Add(3*time.Minute), signal.OwnerChanged)
			s.sales(morning.Add(4*time.Minute), signal.DealOpened)
			s.sales(morning.Add(5*time.Minute), signal.DealLost)
		},
		"one person with another": func(s *story) {
			s.demo(morning)
			s.joins(morning.Add(time.Minute))
		},
		"every order": func(s *story) {
			at := func(m int) time.Time { return morning.Add(time.Duration(m) * time.Minute) }
			s.demo(morning)
			s.order(at(1), signal.OrderRemind)
			s.order(at(2), signal.OrderReassign)
			s.order(at(3), signal.OrderTakeBack)
			s.order(at(4), signal.OrderHold)
			s.order(at(5), signal.OrderTakeBack)
			s.order(at(6), signal.OrderRecycle)
			s.order(at(7), signal.OrderHandoff)
			s.order(at(8), signal.OrderDisqualify)
			s.order(at(9), signal.OrderRecycle)
		},
	} {
		s := newStory(t, nil)
		tell(s)
		checkTold(t, name, s.told, seen, closed)
	}
	s := newStory(t, func(p *policy.Policy) {
		for _, pool := range p.Routing.Pools {
			for i := range pool.Reps {
				pool.Reps[i].Off = "away"
			}
		}
	})
	s.demo(morning)
	checkTold(t, "held", s.told, seen, closed)
	s = newStory(t, func(p *policy.Policy) { p.Completeness.HandedOff = []policy.Need{"phone", "website or industry"} })
	s.demo(morning)
	s.order(morning.Add(time.Minute), signal.OrderHandoff)
	checkTold(t, "incomplete", s.told, seen, closed)
	s = newStory(t, nil)
	s.demo(morning)
	s.erase(morning.Add(time.Minute))
	checkTold(t, "erased", s.told, seen, closed)
	s = newStory(t, func(p *policy.Policy) { p.Escalation.OfflineAfter = 1 })
	s.demo(morning)
	s.decide(morning.Add(31 * time.Minute))
	checkTold(t, "offline", s.told, seen, closed)
	for mode, more := range map[rollout.Mode]func(*story){
		rollout.Shadow:  func(s *story) { s.sales(morning.Add(time.Minute), signal.MeetingBooked) },
		rollout.Suggest: func(s *story) { s.decide(morning.Add(5 * time.Hour)); s.decide(morning.Add(48 * time.Hour)) },
		rollout.Auto:    func(s *story) { s.sales(morning.Add(time.Minute), signal.MeetingHeld) },
	} {
		s = newStory(t, func(p *policy.Policy) { p.Rollout.Phases = []policy.Phase{phaseOf(mode)} })
		s.demo(morning)
		more(s)
		checkTold(t, "rollout "+string(mode), s.told, seen, closed)
	}
	for _, typ := range contract.Types() {
		if !seen[typ] && typ.AboutLead() {
			t.Errorf("no story tells of %s", typ)
		}
	}
}

// phaseOf is a phase that a lead falls out of when it is automatic, for 1 % only.
func phaseOf(mode rollout.Mode) policy.Phase {
	p := policy.Phase{Name: "pilot", Mode: mode, Share: 100}
	if mode == rollout.Auto {
		p.Share = 1
	}
	return p
}

func checkTold(t *testing.T, story string, told []contract.Event, seen map[contract.EventType]bool, closed *jsonschema.Compiler) {
	t.Helper()
	for _, e := range told {
		seen[e.Type] = true
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, closed, e.Type, b); err != nil {
			t.Errorf("%s: %v\n%s", story, err, b)
		}
	}
}
