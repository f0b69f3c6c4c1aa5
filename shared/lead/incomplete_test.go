package lead_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// wantsPhone is a policy under which sales needs a phone number, and an industry
// or a website.
func wantsPhone(p *policy.Policy) {
	p.Completeness.HandedOff = []policy.Need{"email", "phone", "website or industry"}
}

// brings is a signal by which a source says something about the lead, and
// nothing else.
func brings(source, id string, at time.Time, fields ...string) signal.Signal {
	s := signal.Signal{
		Source: source, ID: id, Type: signal.ContactChanged, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: "ada@engines.example"}, Lead: map[string]string{},
	}
	for i := 0; i+1 < len(fields); i += 2 {
		s.Lead[fields[i]] = fields[i+1]
	}
	return s
}

var (
	wanting   = []string{"lead.created", "lead.qualified", "lead.incomplete", "clock.started first_contact customer"}
	completed = with(wanting, "lead.handed_off", "clock.started accept", "clock.started first_contact")
)

func TestALeadThatLacksWhatSalesNeeds(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*policy.Policy)
		then   func(s *story)
		told   []string
		has    string
	}{
		"waits for data": {then: func(*story) {}, told: wanting, has: "incomplete, 1 clocks"},
		"asks again, and waits on": {then: func(s *story) {
			s.hear(minutes(30), demo("2", minutes(30)))
		}, told: wanting, has: "incomplete, 1 clocks"},
		"brings a part of it": {then: func(s *story) {
			s.hear(minutes(30), brings("hubspot", "1", minutes(30), "phone", "1"))
		}, told: wanting, has: "incomplete, 1 clocks"},
		"brings it all": {then: func(s *story) {
			s.hear(minutes(30), brings("hubspot", "1", minutes(30), "phone", "1", "industry", "software"))
		}, told: completed, has: handed},
		"brings it piece by piece": {then: func(s *story) {
			s.hear(minutes(30), brings("hubspot", "1", minutes(30), "phone", "1"))
			s.hear(minutes(40), brings("segment", "1", minutes(40), "website", "engines.example"))
		}, told: completed, has: handed},
		"is known by old news": {then: func(s *story) {
			old := brings("hubspot", "1", minutes(30), "phone", "1", "website", "engines.example")
			old.OccurredAt = monday.AddDate(0, -6, 0)
			s.hear(minutes(30), old)
		}, told: completed, has: handed},
		"is entered by a person": {then: func(s *story) {
			s.hear(minutes(30), brings(lead.Operator, "1", minutes(30), "phone", "1", "industry", "software"))
		}, told: completed, has: handed},
		"comes when nobody can receive it": {then: func(s *story) {
			s.everybody(routing.Off)
			s.hear(minutes(30), brings("hubspot", "1", minutes(30), "phone", "1", "industry", "software"))
		}, told: with(wanting, "lead.held"), has: "in the queue, 1 clocks, sales counts 0 and 1"},
		"is asked for no more, by another policy": {then: func(s *story) {
			s.core = newCore(s.t, nil)
			s.keep(s.play(lead.World{Key: "1key", Lead: s.lead, Review: true}, minutes(30)))
		}, told: completed, has: handed},
		"is asked for less from its source": {change: func(p *policy.Policy) {
			p.Completeness.Sources = map[string]policy.Needs{"typeform": {HandedOff: []policy.Need{"company"}}}
		}, then: func(*story) {}, told: handedOff, has: handed},
		"is asked for nothing from its source": {change: func(p *policy.Policy) {
			p.Completeness.Sources = map[string]policy.Needs{"typeform": {HandedOff: []policy.Need{}}}
		}, then: func(*story) {}, told: handedOff, has: handed},
		"is won": {then: func(s *story) {
			s.hears(said(5, signal.DealWon, "deal", "7"))
			s.hear(minutes(30), brings("hubspot", "1", minutes(30), "phone", "1", "industry", "software"))
		}, told: with(wanting, "clock.stopped first_contact customer", "lead.stage_changed"), has: ""},
		"is won, and is not any more": {then: func(s *story) {
			s.hears(said(5, signal.DealWon, "deal", "7"))
			s.hears(said(6, signal.DealDeleted, "deal", "7"))
		}, told: with(wanting, "clock.stopped first_contact customer", "lead.stage_changed", "lead.stage_changed", "lead.incomplete", "clock.started first_contact customer"), has: "incomplete, 1 clocks"},
		"is contacted by somebody all the same": {then: func(s *story) {
			s.hear(minutes(5), logged("call", minutes(5)))
		}, told: with(wanting, "clock.met first_contact customer"), has: "incomplete"},
		"is waited for too long": {then: func(s *story) {
			s.decide(minutes(60 * 5))
			s.hear(minutes(60*6), brings("hubspot", "1", minutes(60*6), "phone", "1", "industry", "software"))
		}, told: with(wanting, "clock.breached first_contact customer", "lead.escalated first_contact customer", "lead.handed_off", "clock.started accept", "clock.started first_contact"), has: "held by somebody, 2 clocks, sales counts 1 and 0"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, func(p *policy.Policy) {
				wantsPhone(p)
				if tt.change != nil {
					tt.change(p)
				}
			})
			s.hear(monday, demo("1", monday))
			tt.then(s)
			s.expect(tt.told...)
			if got := s.what(); got != tt.has {
				t.Errorf("the lead is %q, want %q", got, tt.has)
			}
			s.inOrder()
		})
	}
}

// What is told of a lead that waits for data says what lacks and why it would
// have been handed off.
func TestWhatLacksIsSaid(t *testing.T) {
	s := newStory(t, wantsPhone)
	s.hear(monday, demo("1", monday))
	d := s.told1(contract.LeadIncomplete)
	if diff := cmp.Diff([]string{"phone", "website or industry"}, d.Missing); diff != "" || !strings.HasPrefix(d.Reason, "Asked for a demo") || len(d.Parts) == 0 {
		t.Errorf("%+v\n%s", d, diff)
	}
	if got, want := s.summary(contract.LeadIncomplete), "Waits for data: the phone and the website or industry are not known"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.hear(minutes(9), brings("hubspot", "1", minutes(9), "phone", "1"))
	i := s.lead.Journey.Incomplete
	rep, pool := s.lead.Journey.Whose()
	if i.Words() != "the website or industry is not known" || !i.Since.Equal(monday) || !i.Waits.Equal(monday) || rep != "" || pool != "sales" || s.lead.Journey.Reached() != lead.Qualified {
		t.Errorf("%+v with %q of %q", i, rep, pool)
	}
}

// A manager hands off a lead that lacks something, and both the log and the rep
// read what that is.
func TestAnIncompleteLeadIsHandedOffByAPersonsWord(t *testing.T) {
	for name, tt := range map[string]struct{ to, rep string }{"to whom the rules choose": {"", "alex"}, "to somebody": {"casey", "casey"}} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, wantsPhone)
			s.hear(monday, demo("1", monday))
			s.hear(minutes(10), s.wants(signal.OrderHandoff, minutes(10), signal.AttrTo, tt.to))
			s.expect(completed...)
			d, h := s.told1(contract.LeadHandedOff), s.lead.Journey.Holder()
			if d.By != "Morgan Hale" || d.Despite != "the phone and the website or industry are not known" || !strings.Contains(d.Reason, d.Despite) || !strings.Contains(d.Reason, "Asked for a demo") {
				t.Errorf("%+v", d)
			}
			if h == nil || h.Rep != tt.rep || !h.Waits.Equal(monday) || h.Number != 1 {
				t.Errorf("%+v", h)
			}
			s.inOrder()
		})
	}
}

// Nothing is asked of a lead any more that somebody handed off as it is, even if
// it comes back to the queue, and its deal is decided and is not.
func TestAWordIsGivenOnce(t *testing.T) {
	s := newStory(t, wantsPhone)
	s.hear(monday, demo("1", monday))
	s.everybody(routing.Off)
	s.hear(minutes(10), s.wants(signal.OrderHandoff, minutes(10)))
	if s.what() != "in the queue, 1 clocks, sales counts 0 and 1" || !strings.Contains(s.lead.Journey.Held.Reason, "handed off by Morgan Hale") {
		t.Fatalf("%s, %+v", s.what(), s.lead.Journey.Held)
	}
	s.hears(said(11, signal.DealWon, "deal", "7"))
	s.hears(said(12, signal.DealDeleted, "deal", "7"))
	if s.what() != "in the queue, 1 clocks, sales counts 0 and 1" {
		t.Errorf("%s", s.what())
	}
}

// A lead that never qualified and is handed off by word lacks what it lacks, and
// the log says so.
func TestWhatAPersonOverrules(t *testing.T) {
	s := newStory(t, wantsPhone)
	s.hear(monday, visit("1", monday))
	s.hear(minutes(10), s.wants(signal.OrderHandoff, minutes(10)))
	if d := s.told1(contract.LeadQualified); !strings.Contains(d.Despite, "the phone and the website or industry are not known") || s.lead.Journey.Holder() == nil {
		t.Errorf("%+v", d)
	}
}

// The rollout decides first whether a lead is in the process at all: one that is
// not is held up by nothing.
func TestARolloutAndData(t *testing.T) {
	all := func(s *story) {
		s.hear(minutes(30), brings("hubspot", "1", minutes(30), "phone", "1", "industry", "software"))
	}
	none := func(*story) {}
	waits := with(enrolled, "lead.incomplete", "clock.started first_contact customer")
	for name, tt := range map[string]struct {
		mode  rollout.Mode
		share float64
		then  func(*story)
		told  []string
		has   string
	}{
		"in the process":           {rollout.Auto, in, none, waits, "incomplete, 1 clocks"},
		"in the process, and all":  {rollout.Auto, in, all, with(waits, "lead.handed_off", "clock.started accept", "clock.started first_contact"), handed},
		"in control":               {rollout.Auto, out, none, left, ""},
		"in control, and all":      {rollout.Auto, out, all, left, ""},
		"to be confirmed":          {rollout.Suggest, in, none, with(enrolled, "lead.incomplete"), "incomplete"},
		"to be confirmed, and all": {rollout.Suggest, in, all, with(enrolled, "lead.incomplete", "lead.suggested"), "suggested"},
		"watched":                  {rollout.Shadow, in, none, with(enrolled, "lead.shadowed"), ""},
		"rolled back meanwhile": {rollout.Auto, in, func(s *story) {
			s.phase.Status, s.phase.Phase = rollout.RolledBack, "pilot"
			all(s)
		}, with(waits, "lead.control_routed", "clock.stopped first_contact customer"), ""},
		"handed off by word, where a manager confirms": {rollout.Suggest, in, func(s *story) {
			s.hear(minutes(10), s.wants(signal.OrderHandoff, minutes(10)))
		}, with(enrolled, "lead.incomplete", "lead.handed_off", "clock.started accept", "clock.started first_contact", "clock.started first_contact customer"), handed},
	} {
		t.Run(name, func(t *testing.T) {
			s := phased(t, tt.mode, tt.share, wantsPhone)
			s.hear(monday, demo("1", monday))
			tt.then(s)
			s.expect(tt.told...)
			if got := s.what(); got != tt.has {
				t.Errorf("the lead is %q, want %q", got, tt.has)
			}
			if s.lead.Journey.Watched() != (tt.mode == rollout.Shadow) {
				t.Error("it is watched, or not, wrongly")
			}
		})
	}
	s := phased(t, rollout.Shadow, in, wantsPhone)
	s.hear(monday, demo("1", monday))
	if got := s.summary(contract.LeadShadowed); got != "Would have waited for data: the phone and the website or industry are not known" {
		t.Errorf("in shadow: %q", got)
	}
}

// Whatever comes in whatever order, a lead is with somebody, in the queue, to be
// confirmed or waiting for data, one of these at most; and it waits for data only
// while it lacks some.
func TestALeadIsInOnePlace(t *testing.T) {
	cores := map[rollout.Mode]*lead.Core{}
	for _, mode := range []rollout.Mode{rollout.Auto, rollout.Suggest} {
		cores[mode] = newCore(t, func(p *policy.Policy) {
			wantsPhone(p)
			p.Rollout.Phases = []policy.Phase{{Name: "pilot", Mode: mode, Share: in}, {Name: "wide", Mode: rollout.Auto, Share: in}}
		})
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := &story{t: t, core: cores[rapid.SampledFrom(slices.Sorted(maps.Keys(cores))).Draw(rt, "mode")], pools: map[string]routing.Pool{}}
		s.hear(monday, demo("1", monday))
		for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			s.anything(rt, i+1)
			s.inOnePlace(rt)
		}
	})
}

func (s *story) inOnePlace(rt *rapid.T) {
	j := s.lead.Journey
	places := 0
	for _, there := range []bool{j.Holder() != nil, j.Held != nil, j.Suggested != nil, j.Incomplete != nil} {
		if there {
			places++
		}
	}
	if places > 1 {
		rt.Fatalf("the lead is %s; %v", s.what(), s.types())
	}
	i := j.Incomplete
	if i == nil {
		return
	}
	if j.Reached() != lead.Qualified || len(i.Missing) == 0 || len(s.lead.Facts.Lacking(i.Missing)) != len(i.Missing) {
		rt.Fatalf("it waits for %v and is %s, with %v", i.Missing, j.Reached(), s.lead.Facts.Values())
	}
}

// anything lets one thing happen to the lead.
func (s *story) anything(rt *rapid.T, i int) {
	at := minutes(20 * i)
	order := func(what signal.Type) func() {
		return func() { s.hear(at, s.wants(what, at)) }
	}
	all := map[string]func(){
		"phone":    func() { s.hear(at, brings("hubspot", itoa(i), at, "phone", "1")) },
		"industry": func() { s.hear(at, brings("segment", itoa(i), at, "industry", "software")) },
		"demo":     func() { s.hear(at, demo("d"+itoa(i), at)) },
		"won":      func() { s.hears(said(20*i, signal.DealWon, "deal", "7")) },
		"not won":  func() { s.hears(said(20*i, signal.DealDeleted, "deal", "7")) },
		"tick":     func() { s.decide(at) },
		"call":     func() { s.hear(at, logged("call", at)) },
		"off":      func() { s.everybody(routing.Off) },
		"on":       func() { s.everybody(routing.On) },
		"answer": func() {
			if s.lead.Journey.Handoff != nil {
				s.hear(at, answer(signal.RepRejected, s.lead, at))
			}
		},
		"handoff": order(signal.OrderHandoff), "reassign": order(signal.OrderReassign), "take back": order(signal.OrderTakeBack),
		"hold": order(signal.OrderHold), "recycle": order(signal.OrderRecycle), "disqualify": order(signal.OrderDisqualify), "confirm": order(signal.OrderConfirm),
	}
	all[rapid.SampledFrom(slices.Sorted(maps.Keys(all))).Draw(rt, "what")]()
}
