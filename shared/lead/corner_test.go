package lead_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// visit is a signal that scores a little and asks for nothing.
func visit(id string, at time.Time) signal.Signal {
	g := demo(id, at)
	g.Source, g.Type, g.Attributes = "segment", signal.EventTracked, map[string]string{"event": "Pricing Page Viewed"}
	return g
}

// An answer that was parked is stored late, when the window has long forgotten
// the time of its receipt.
func TestAnAnswerOlderThanTheWindowIsHeardBeforeTheVerdict(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	accepted := answer(signal.RepAccepted, s.lead, monday.Add(time.Minute))
	for i := range 120 {
		at := monday.Add(2*time.Minute + time.Duration(i)*time.Second)
		s.hear(at, visit(fmt.Sprint(i), at))
	}
	s.store(accepted)
	s.decide(monday.Add(31 * time.Minute))
	s.expect(acceptedInTime...)
	signals := s.lead.Facts.Signals
	s.decide(monday.Add(32*time.Minute), accepted)
	s.decide(monday.Add(5 * time.Hour)) // the verdict on the first contact looks at the stored answer again
	s.expect(with(acceptedInTime, "clock.breached first_contact", "clock.breached first_contact customer", "lead.escalated first_contact customer")...)
	if signals != 122 || s.lead.Facts.Signals != 122 {
		t.Errorf("%d, then %d signals folded, want 122", signals, s.lead.Facts.Signals)
	}
}

func TestATickAtTheDeadlineItselfComesToAnEnd(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.decide(s.lead.Journey.Clocks[0].DueAt) // no sweep came by when the warning was due
	s.decide(s.lead.Journey.Clocks[0].DueAt.Add(time.Minute))
	s.expect(with(handedOff, "clock.breached accept", "lead.escalated accept")...)
}

func allOff(p *policy.Policy) {
	pool := p.Routing.Pools["sales"]
	for i := range pool.Reps {
		pool.Reps[i].Off = "on leave"
	}
}

// A lead that was held is handed off for the reason that it qualified for,
// even if its score has decayed meanwhile.
func TestAHeldLeadKeepsTheReasonThatItQualifiedFor(t *testing.T) {
	byScore := func(p *policy.Policy) {
		p.Qualification.Requests, p.Qualification.Thresholds = nil, map[string]int{"A": 9, "B": 9, "C": 9}
	}
	s := newStory(t, func(p *policy.Policy) { byScore(p); allOff(p) })
	s.hear(monday, visit("1", monday.Add(-time.Minute)))
	s.expect("lead.created", "lead.qualified", "lead.held", "clock.started first_contact customer")
	why := s.log[1].Detail
	s.offer(monday.Add(11 * time.Minute))
	s.core = newCore(t, byScore)
	s.offer(monday.AddDate(0, 0, 14))
	h := s.lead.Journey.Handoff
	if h == nil || h.Reason != why.Reason || !slices.Equal(h.Parts, why.Parts) {
		t.Fatalf("handed off for %+v, want %+v", h, why)
	}
	if s.lead.Journey.Held != nil {
		t.Error("still held")
	}
}

// customerClock returns when the clock for the first contact began to count.
func (s *story) customerClock() time.Time {
	s.t.Helper()
	for _, c := range s.lead.Journey.Clocks {
		if c.Kind == lead.FirstContactClock && c.Scope == lead.CustomerScope {
			return c.StartedAt
		}
	}
	s.t.Fatal("no clock for the customer")
	return time.Time{}
}

// However a backlog is cut into batches, the customer waits from the receipt
// of the request.
func TestTheCustomerWaitsFromTheQualifyingSignal(t *testing.T) {
	late, off := monday.Add(time.Hour), newCore(t, allOff)
	tests := map[string]func(s *story){
		"alone":               func(s *story) { s.hear(late, demo("1", monday)); s.hear(late, visit("2", monday.Add(20*time.Minute))) },
		"with what came next": func(s *story) { s.hear(late, demo("1", monday), visit("2", monday.Add(20*time.Minute))) },
		"with another request": func(s *story) {
			s.hear(late, demo("2", monday.Add(20*time.Minute)), demo("1", monday), visit("0", monday.Add(-20*time.Minute)))
		},
		"held first": func(s *story) {
			whole := s.core
			s.core = off
			s.hear(late, demo("1", monday), visit("2", monday.Add(20*time.Minute)))
			s.core = whole
			s.offer(late.Add(11 * time.Minute))
		},
	}
	for name, play := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			play(s)
			if got := s.customerClock(); !got.Equal(monday) {
				t.Errorf("waits from %s, want %s", got, monday)
			}
		})
	}
}

// A lead that everybody in the pool has had is the manager's; nobody is left
// to offer it to again and again.
func TestALeadThatEverybodyHadIsNotOfferedAgain(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		pool := p.Routing.Pools["sales"]
		pool.Reps = pool.Reps[:2]
		p.Routing.Pools["sales"] = pool
	})
	s.hear(monday, demo("1", monday))
	for i := range 2 {
		at := monday.Add(time.Duration(i+1) * time.Minute)
		s.hear(at, answer(signal.RepRejected, s.lead, at))
	}
	s.expect(with(with(with(handedOff, "lead.rejected"), passedOn...), "lead.rejected", "clock.stopped accept", "clock.stopped first_contact", "lead.escalated accept")...)
	s.decide(monday.Add(3 * time.Hour).Add(time.Minute))
	s.decide(monday.Add(5 * time.Hour))
	before := s.lead.Version
	s.decide(monday.AddDate(0, 0, 3))
	if at, ok := s.lead.NextDue(); ok || s.lead.Version != before {
		t.Errorf("due at %s, version %d after %d; want nothing more to do", at, s.lead.Version, before)
	}
}

// One that somebody on leave has not had yet is offered when they are back.
func TestARejectedLeadWaitsForWhoIsOnLeave(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		p.Routing.Pools["sales"].Reps[1].Off = "on leave"
		p.Routing.Pools["sales"].Reps[2].Off = "on leave"
	})
	s.hear(monday, demo("1", monday))
	s.hear(monday.Add(time.Minute), answer(signal.RepRejected, s.lead, monday.Add(time.Minute)))
	s.core = newCore(t, nil)
	s.offer(monday.Add(12 * time.Minute))
	if h := s.lead.Journey.Holder(); h == nil || h.Number != 2 || h.Rep == "alex" || h.Reason != s.log[1].Detail.Reason {
		t.Errorf("handoff %+v, want a second one to somebody else for the same reason", h)
	}
}

// What a breach would have caused is not asked for once the answer is there,
// if late: the breach and how late it was are on record.
func TestALateAnswerEndsTheSteps(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.store(answer(signal.RepAccepted, s.lead, monday.Add(45*time.Minute)))
	s.decide(monday.Add(3 * time.Hour)) // no sweep came by for a while
	if late := s.lead.Journey.Clocks[0].Late; late != 15*time.Minute {
		t.Errorf("%s late", late)
	}
	if got := s.clockEvents("accept"); got["clock.breached"] != 1 || got["clock.late"] != 1 || got["lead.escalated"] != 0 {
		t.Errorf("%v", got)
	}
}

// A request that came in time and had to wait for us, in a queue or for a
// policy to be repaired, is no old news: somebody still waits for an answer.
func TestARequestThatWaitedForUsIsNoOldNews(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday.AddDate(0, 0, 5), demo("1", monday))
	s.expect(with(handedOff, "clock.breached first_contact customer", "lead.escalated first_contact customer")...)
	old := newStory(t, nil)
	imported := demo("1", monday.AddDate(0, 0, -5))
	imported.ReceivedAt = monday
	old.hear(monday, imported)
	old.expect("lead.created")
}
