package lead_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// forget lets so much happen that the window forgets what was before.
func (s *story) forget(from time.Time) {
	s.t.Helper()
	for i := range 120 {
		at := from.Add(time.Duration(i) * time.Second)
		s.hear(at, visit(fmt.Sprint("noise", at.Unix()), at))
	}
}

// What a CRM has logged counts once, also when it is delivered again long after.
func TestAnActThatIsDeliveredAgainLongAfterIsNoSecondOne(t *testing.T) {
	for name, act := range map[string]signal.Signal{
		"a call":    logged("call", minutes(5)),
		"a meeting": said(5, signal.MeetingHeld, "meeting", "m"),
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			s.hear(monday, demo("1", monday))
			s.hear(minutes(5), act)
			s.forget(minutes(6))
			s.hear(minutes(10), act)
			if h := s.lead.Journey.Handoff; h.Attempts != 1 || len(s.told(contract.LeadContacted)) != 1 {
				t.Errorf("%d attempts, told of %d", h.Attempts, len(s.told(contract.LeadContacted)))
			}
		})
	}
}

// One that was parked, and is the first contact, is heard.
func TestAFirstContactThatWasParkedIsHeard(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.forget(minutes(6))
	s.hear(minutes(10), logged("call", minutes(5)))
	if h := s.lead.Journey.Handoff; h.Attempts != 1 || h.Contact == nil {
		t.Errorf("%+v", h)
	}
}

// A rejection that a day did not allow is not one on the next day.
func TestARejectionThatWasRefusedStaysSo(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Routing.Rejections.PerDay = 1; p.Escalation.Accept = nil })
	s.hear(monday, demo("1", monday))
	rep := s.lead.Journey.Handoff.Rep
	s.pools["sales"] = s.pools["sales"].Reject(rep, time.Date(2026, 5, 18, 4, 0, 0, 0, time.UTC))
	s.hear(minutes(1), saying(signal.RepRejected, s.lead, minutes(1), signal.AttrReason, "no_time"))
	s.forget(minutes(2))
	for _, m := range []int{40, 5 * 60, 24 * 60, 26 * 60, 30 * 60} {
		s.decide(minutes(m))
	}
	if n := len(s.told(contract.LeadRejected)); n != 0 || s.lead.Journey.Holder() == nil {
		t.Errorf("rejected %d times, holder %+v", n, s.lead.Journey.Holder())
	}
	refused := 0
	for _, e := range s.told(contract.LeadEscalated) {
		if e.Clock == nil {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("the manager heard %d times of the rejection, want once", refused)
	}
}

// Facts that are made anew hear old answers again. They are no news that would
// start a handoff.
func TestAnAnswerIsNoNewsThatStartsAHandoff(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		p.Routing.Rejections.Reasons = []policy.Rejection{{Option: policy.Option{ID: "too_early"}, Then: policy.ThenRecycle, Days: 1}}
	})
	s.hear(monday, demo("1", monday))
	s.hear(minutes(1), saying(signal.RepRejected, s.lead, minutes(1), signal.AttrReason, "too_early"))
	s.forget(minutes(2))
	d := s.play(lead.World{Key: "1key", Lead: s.lead, Rebuild: true}, minutes(25*60))
	if d.Lead == nil {
		t.Fatal("the facts were not made anew")
	}
	s.keep(d)
	if s.lead.Journey.Stage != lead.Recycled {
		t.Errorf("stage %s, the customer waits since %s", s.lead.Journey.Stage, s.customerClock())
	}
}

// An answer that a machine with a faster clock received is not decided about
// before it was given, wherever we hear of it.
func TestNoDecisionIsOlderThanItsInputs(t *testing.T) {
	for name, hear := range map[string]func(s *story, g signal.Signal){
		"delivered":   func(s *story, g signal.Signal) { s.hear(minutes(31), g) },
		"only stored": func(s *story, g signal.Signal) { s.store(g); s.decide(minutes(31)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			s.hear(monday, demo("1", monday))
			hear(s, answer(signal.RepAccepted, s.lead, minutes(32)))
			if h := s.lead.Journey.Handoff; h.Answer != lead.AnswerAccepted || s.lead.UpdatedAt.Before(h.AnsweredAt) {
				t.Errorf("%q at %s, decided at %s", h.Answer, h.AnsweredAt, s.lead.UpdatedAt)
			}
		})
	}
}
