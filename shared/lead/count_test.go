package lead_test

import (
	"fmt"
	"testing"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// open returns how many open leads the pools count for a rep.
func (s *story) open(rep string) (n int64) {
	for _, p := range s.pools {
		n += p.Reps[rep].Open[""]
	}
	return n
}

// companyOpen returns how many open leads of the only company its owner has.
func (s *story) companyOpen() int64 {
	s.t.Helper()
	if len(s.known) != 1 || s.known[0].Owner == nil {
		s.t.Fatalf("companies %+v, want one with an owner", s.known)
	}
	return s.known[0].Owner.Open
}

// A lead whose deal is decided is nobody's work any more: who gets it then, by
// order or from a CRM, has no room less for it.
func TestADecidedLeadIsOpenWithNobody(t *testing.T) {
	for _, kind := range []signal.Type{signal.DealWon, signal.DealLost} {
		for name, next := range map[string]func(s *story) signal.Signal{
			"owner in a CRM": func(*story) signal.Signal {
				return said(3, signal.OwnerChanged, "owner_email", "bo.lindqvist@our-company.example")
			},
			"order to a rep":   func(s *story) signal.Signal { return order(s.lead, minutes(3), "bo") },
			"order to whoever": func(s *story) signal.Signal { return order(s.lead, minutes(3), "") },
		} {
			t.Run(fmt.Sprint(kind, " ", name), func(t *testing.T) {
				s := newStory(t, nil)
				s.hears(demo("1", monday), said(1, kind, "deal", "7"))
				first := s.lead.Journey.Handoff.Rep
				s.hears(next(s))
				h := s.lead.Journey.Handoff
				if h.Rep == first || s.open(h.Rep) != 0 || s.open(first) != 0 || s.companyOpen() != 0 {
					t.Errorf("with %s: %d leads open, of the company %d; want none", h.Rep, s.open(h.Rep), s.companyOpen())
				}
				if n := s.running(lead.AcceptClock); n != 0 {
					t.Errorf("%d clocks to accept run", n)
				}
			})
		}
	}
}

// A rep who gives a lead back when its deal is decided leaves it with nobody.
func TestADecidedLeadThatIsRejectedIsOfferedToNobody(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		p.Routing.Pools["sales"].Reps[1].Off = "on leave"
		p.Routing.Pools["sales"].Reps[2].Off = "on leave"
	})
	s.hears(demo("1", monday), said(1, signal.DealWon, "deal", "7"))
	s.hear(minutes(2), saying(signal.RepRejected, s.lead, minutes(2), signal.AttrReason, "no_time"))
	if j := s.lead.Journey; j.Held != nil || s.pools["sales"].Held != 0 || len(s.told(contract.LeadRejected)) != 1 {
		t.Errorf("held %+v, %v", j.Held, s.types())
	}
}

// Each lead of a company is one of those that its owner holds until they hold
// it no more, and no longer, however often we hear that it is over.
func TestTheOwnersLeadsOfACompanyAreCountedOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(s *story)
		want int64
	}{
		"recycled, then lost": {func(s *story) {
			s.hear(minutes(11), saying(signal.RepRejected, s.lead, minutes(11), signal.AttrReason, "too_early"))
			s.hears(said(12, signal.DealLost, "deal", "7"))
		}, 1},
		"won twice": {func(s *story) {
			s.hears(said(11, signal.DealWon, "deal", "7"), said(12, signal.DealWon, "deal", "8"))
		}, 1},
		"given back to the manager": {func(s *story) {
			s.hear(minutes(11), saying(signal.RepRejected, s.lead, minutes(11), signal.AttrReason, "already_in_touch"))
		}, 1},
		"given to who has it": {func(s *story) {
			s.hear(minutes(11), order(s.lead, minutes(11), s.lead.Journey.Handoff.Rep))
		}, 2},
		"there is nobody else": {func(s *story) {
			for _, r := range []string{"alex", "bo", "casey"} {
				s.roster = s.roster.With(r, routing.Entry{Switch: routing.Off})
			}
			s.hear(minutes(11), order(s.lead, minutes(11), ""))
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			s.hear(monday, from("engines", monday))
			next := s.another()
			next.hear(minutes(10), from("engines", minutes(10)))
			if n := next.companyOpen(); n != 2 {
				t.Fatalf("%d leads of the company are open, want 2", n)
			}
			tt.end(next)
			if n := next.companyOpen(); n != tt.want {
				t.Errorf("%d leads of the company are open, want %d", n, tt.want)
			}
		})
	}
}

// An order is the first handoff of a lead that was held, and says so.
func TestAnOrderForAHeldLeadThatComesAgainIsAHandoff(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.hear(minutes(1), saying(signal.RepRejected, s.lead, minutes(1), signal.AttrReason, "too_early"))
	s.core = newCore(t, allOff)
	s.hear(minutes(60), demo("2", minutes(60)))
	s.hear(minutes(61), order(s.lead, minutes(61), "bo"))
	if n := len(s.told(contract.LeadHandedOff)); n != 2 || len(s.told(contract.LeadReassigned)) != 0 {
		t.Errorf("handed off %d times, want 2: %v", n, s.types())
	}
}

// A lead that waited for a rep when its deal was closed is not forgotten when
// that is taken back.
func TestAHeldLeadWhoseDealIsTakenBackIsOffered(t *testing.T) {
	for name, back := range map[string]signal.Signal{
		"deleted": said(6, signal.DealDeleted, "deal", "7"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, allOff)
			s.hears(demo("1", monday), said(5, signal.DealLost, "deal", "7"))
			if s.lead.Journey.Stage != lead.Lost || s.lead.Journey.Held != nil {
				t.Fatalf("%+v", s.lead.Journey)
			}
			s.hears(back)
			if j := s.lead.Journey; j.Held == nil || s.pools["sales"].Held != 1 || j.Reached() != lead.Qualified {
				t.Fatalf("with nobody, and held for nobody: %+v", j)
			}
			s.core = newCore(t, nil)
			s.offer(minutes(20))
			if s.lead.Journey.Holder() == nil {
				t.Error("nobody has it")
			}
		})
	}
}
