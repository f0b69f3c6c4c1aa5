package lead_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// A deadline that has passed gets its verdict before the lead goes to somebody
// else, even if both are found at once.
func TestADeadlineThatPassedIsBreachedThoughTheLeadIsTakenAway(t *testing.T) {
	s := newStory(t, nil)
	small := demo("1", monday)
	small.Lead = map[string]string{"first_name": "Ada"} // the first contact is due within four hours
	s.hear(monday, small)
	s.decide(minutes(31))
	s.decide(minutes(5 * 60)) // no sweep came by for a while
	for _, c := range s.lead.Journey.Clocks {
		if c.Handoff == 1 && c.State == lead.Stopped && c.DueAt.Before(c.EndedAt) {
			t.Errorf("%s of the %s was due at %s and stopped at %s", c.Kind, c.Scope, c.DueAt, c.EndedAt)
		}
	}
	if s.lead.Journey.Handoff.Number != 2 {
		t.Errorf("still with %s", s.lead.Journey.Handoff.Rep)
	}
}

// A clock that asked for something in an earlier round is not measured again.
func TestAPromiseOfAnEarlierRoundIsMeasuredNoLonger(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.decide(minutes(5 * 60)) // the customer's promise is broken
	s.hear(minutes(5*60+1), saying(signal.RepRejected, s.lead, minutes(5*60+1), signal.AttrReason, "too_early"))
	again := minutes(24 * 60)
	s.hear(again, demo("2", again))
	s.hear(again.Add(5*time.Minute), answer(signal.RepContacted, s.lead, again.Add(5*time.Minute)))
	if late := s.told(contract.ClockLate); len(late) != 0 {
		t.Errorf("told that an earlier promise was kept %s late", late[0].Late)
	}
}

// A lead that comes again and again keeps so many clocks and no more.
func TestALeadThatComesAgainAndAgainKeepsFewClocks(t *testing.T) {
	s := newStory(t, nil)
	at := monday
	for i := range 30 {
		s.hear(at, demo(fmt.Sprint(i), at))
		s.hear(at.Add(time.Minute), saying(signal.RepRejected, s.lead, at.Add(time.Minute), signal.AttrReason, "too_early"))
		at = at.AddDate(0, 0, 1)
	}
	if n := len(s.lead.Journey.Clocks); n > 12 {
		t.Errorf("%d clocks", n)
	}
}

// A leave without an end in sight leaves the promise to the team's hours.
func TestALeaveWithoutAnEndBreachesNothing(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	rep := s.lead.Journey.Handoff.Rep
	s.roster = s.roster.With(rep, routing.Entry{Leave: []policy.Leave{{From: "2026-05-18T10:20", To: "2099-12-31"}}})
	d := s.play(lead.World{Key: "1key", Lead: s.lead, Review: true}, minutes(10))
	if d.Lead != nil {
		s.keep(d)
	}
	s.decide(minutes(11))
	for _, c := range s.lead.Journey.Clocks {
		if c.State != lead.Running || c.DueAt.Before(minutes(11)) || c.DueAt.After(minutes(24*60)) {
			t.Errorf("%s of the %s is %s and due at %s", c.Kind, c.Scope, c.State, c.DueAt)
		}
	}
}

// A pause that ends before a clock's time begins takes nothing from it and adds nothing.
func TestAPauseBeforeAClockBeginsChangesNothing(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		p.SLA.FirstContact.Hours, p.SLA.Tiers = policy.HoursWall, nil
		p.SLA.Pause = policy.Pause{Most: policy.Duration(100 * time.Hour), Times: 2}
	})
	late := time.Date(2026, 5, 18, 20, 50, 0, 0, time.UTC) // the last minutes of the shift: the holder's time begins at the next one
	s.hear(late, demo("1", late))
	before := s.clock(lead.FirstContactClock, lead.HolderScope)
	at := late.Add(10 * time.Minute)
	s.hear(at, saying(signal.RepSnoozed, s.lead, at, signal.AttrUntil, at.Add(time.Hour).Format(time.RFC3339)))
	s.decide(at.Add(2 * time.Hour))
	if after := s.clock(lead.FirstContactClock, lead.HolderScope); after.State != lead.Running || !after.DueAt.Equal(before.DueAt) {
		t.Errorf("%s, due at %s, want %s", after.State, after.DueAt, before.DueAt)
	}
}

// The verdict is written before what follows from it, also in a decision that
// forgets older clocks.
func TestAVerdictComesFirstAlsoWhenClocksAreForgotten(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	for i := 1; len(s.lead.Journey.Clocks) < 12; i++ {
		to := []string{"alex", "bo", "casey"}[i%3]
		s.hear(minutes(i), order(s.lead, minutes(i), to))
	}
	at := minutes(130) // the customer was promised a contact within two hours
	accepted := answer(signal.RepAccepted, s.lead, at)
	s.store(accepted)
	d := s.step(at, accepted)
	s.keep(d)
	if c := s.clock(lead.FirstContactClock, lead.CustomerScope); c.State != lead.Breached {
		t.Fatalf("the customer's clock is %s", c.State)
	}
	if n := len(s.told(contract.LeadEscalated)); n != 0 {
		t.Errorf("%d escalations in the decision that breaches: %v", n, s.types())
	}
}

// A deal that was decided in time, and is heard of late, leaves nothing to breach.
func TestADealThatWasDecidedBeforeTheDeadlineIsHeardBeforeTheVerdict(t *testing.T) {
	for name, hear := range map[string]func(s *story, g signal.Signal){
		"delivered":   func(s *story, g signal.Signal) { s.hear(minutes(31), g) },
		"only stored": func(s *story, g signal.Signal) { s.store(g); s.decide(minutes(31)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			s.hear(monday, demo("1", monday))
			hear(s, said(20, signal.DealWon, "deal", "7"))
			if c := s.clock(lead.AcceptClock, lead.HolderScope); c.State != lead.Stopped || !c.EndedAt.Equal(minutes(20)) {
				t.Errorf("%s, ended at %s", c.State, c.EndedAt)
			}
		})
	}
}
