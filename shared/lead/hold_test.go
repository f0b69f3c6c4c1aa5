package lead_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/sim/office"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// heldBack is a lead that was accepted, and that an order holds back from the
// tenth minute until the hundredth.
func heldBack(t *testing.T) *story {
	t.Helper()
	s := newStory(t, func(p *policy.Policy) { p.Escalation.Customer = nil })
	states()["accepted"](s)
	s.hear(minutes(10), s.wants(signal.OrderHold, minutes(10), signal.AttrUntil, minutes(100).Format(time.RFC3339)))
	if s.lead.Journey.Holder() != nil || s.lead.Journey.QueuedIn() != "sales" || s.lead.Journey.Reached() != lead.Qualified {
		t.Fatalf("%+v", s.lead.Journey)
	}
	return s
}

// offered tries to offer the lead; nothing may come of it.
func (s *story) offersInVain(now time.Time) {
	s.t.Helper()
	if d := s.play(lead.World{Key: "1key", Lead: s.lead, Offer: true}, now); d.Lead != nil || d.Refused != nil {
		s.t.Fatalf("at %s it was offered: %+v", now, d)
	}
}

func TestALeadIsHeldBackUntilItsTime(t *testing.T) {
	s := heldBack(t)
	for m := 11; m < 100; m += 11 {
		s.decide(minutes(m))
		s.offersInVain(minutes(m))
	}
	if at, ok := s.lead.NextDue(); !ok || !at.Equal(minutes(100)) || s.pools["sales"].Held != 0 {
		t.Errorf("due at %s; %d are counted as waiting", at, s.pools["sales"].Held)
	}
	s.decide(minutes(100))
	if h := s.lead.Journey.Holder(); h == nil || h.Rep != "bo" || h.Number != 2 || !h.Until.IsZero() {
		t.Errorf("%+v", s.lead.Journey)
	}
	s.inOrder()
}

// When its time has come and nobody can take it, it waits like any other.
func TestALeadThatWasHeldBackWaitsLikeAnyOther(t *testing.T) {
	s := heldBack(t)
	s.everybody(routing.Off)
	s.decide(minutes(100))
	if s.lead.Journey.Held == nil || s.pools["sales"].Held != 1 || len(s.told(contract.LeadHeld)) != 2 {
		t.Fatalf("%+v; %v", s.lead.Journey, s.types())
	}
	s.inOrder()
	s.everybody(routing.On)
	s.offer(minutes(110))
	if s.lead.Journey.Holder() == nil {
		t.Errorf("%+v", s.lead.Journey)
	}
	s.inOrder()
}

// What the customer was promised stays promised: that we wait is none of theirs.
func TestTheCustomersClockGoesOnWhileALeadIsHeldBack(t *testing.T) {
	s := heldBack(t)
	c := s.clock(lead.FirstContactClock, lead.CustomerScope)
	s.hear(minutes(20), s.wants(signal.OrderHold, minutes(20)))
	s.decide(c.DueAt.Add(time.Minute))
	after := s.clock(lead.FirstContactClock, lead.CustomerScope)
	if c.State != lead.Running || after.State != lead.Breached || !after.DueAt.Equal(c.DueAt) {
		t.Errorf("%+v, then %+v", c, after)
	}
}

func TestWhatEndsAHold(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(s *story)
		want string // who has it; "" for nobody
	}{
		"an order to a rep": {func(s *story) {
			s.hear(minutes(20), s.wants(signal.OrderReassign, minutes(20), signal.AttrTo, "alex"))
		}, "alex"},
		"an order to whom the rules choose": {func(s *story) { s.hear(minutes(20), s.wants(signal.OrderReassign, minutes(20))) }, "bo"},
		"the same, and nobody is there": {func(s *story) {
			s.everybody(routing.Off)
			s.hear(minutes(20), s.wants(signal.OrderReassign, minutes(20)))
		}, ""},
		"an owner in the CRM": {func(s *story) {
			s.hears(said(20, signal.OwnerChanged, "owner_email", "bo.lindqvist@our-company.example"))
		}, "bo"},
		"back to nurture":   {func(s *story) { s.hear(minutes(20), s.wants(signal.OrderRecycle, minutes(20))) }, ""},
		"a deal that stays": {func(s *story) { s.hears(said(20, signal.DealWon, "deal", "7")) }, ""},
		"a deal that is taken back when the time has come": {func(s *story) {
			s.hears(said(20, signal.DealWon, "deal", "7"))
			s.decide(minutes(100))
			s.hears(said(101, signal.DealDeleted, "deal", "7"))
		}, "bo"},
	} {
		t.Run(name, func(t *testing.T) {
			s := heldBack(t)
			tt.end(s)
			got := ""
			if h := s.lead.Journey.Holder(); h != nil {
				got = h.Rep
			}
			if held := s.lead.Journey.Held; got != tt.want || (held != nil && !held.Until.IsZero()) {
				t.Errorf("with %q, want %q; held %+v", got, tt.want, held)
			}
			s.inOrder()
		})
	}
}

// A deal that was taken back before the time leaves the lead held back.
func TestADealThatIsTakenBackLeavesTheHold(t *testing.T) {
	s := heldBack(t)
	s.hears(said(20, signal.DealWon, "deal", "7"), said(30, signal.DealDeleted, "deal", "7"))
	if held := s.lead.Journey.Held; held == nil || !held.Until.Equal(minutes(100)) {
		t.Fatalf("%+v", s.lead.Journey)
	}
	s.offersInVain(minutes(50))
	s.decide(minutes(100))
	if s.lead.Journey.Holder() == nil {
		t.Errorf("%+v", s.lead.Journey)
	}
	s.inOrder()
}

// Held back twice, it waits until the later word.
func TestAHoldCanBeMoved(t *testing.T) {
	s := heldBack(t)
	s.hear(minutes(20), s.wants(signal.OrderHold, minutes(20), signal.AttrUntil, minutes(40).Format(time.RFC3339)))
	s.decide(minutes(40))
	if s.lead.Journey.Holder() == nil {
		t.Errorf("%+v", s.lead.Journey)
	}
	s.inOrder()
}

// A lead that is held back keeps no other from a rep who has room, and is not
// offered by the sweep that offers the others.
func TestALeadThatIsHeldBackHoldsUpNoOther(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	p.Escalation.Accept, p.Escalation.Customer = nil, nil
	o, err := office.New(p, monday)
	if err != nil {
		t.Fatal(err)
	}
	back := hears(t, o, "ada", monday)
	until := minutes(180)
	order := (&story{t: t, lead: o.Lead(back)}).wants(signal.OrderHold, minutes(1), signal.AttrUntil, until.Format(time.RFC3339))
	if err := o.HearOf(minutes(1), back, order); err != nil {
		t.Fatal(err)
	}
	for i, person := range []string{"bob", "cyd", "dee"} {
		at := minutes(20 + 20*i)
		if err := o.Advance(at); err != nil {
			t.Fatal(err)
		}
		if h := o.Lead(hears(t, o, person, at)).Journey.Holder(); h == nil {
			t.Errorf("%s has to wait", person)
		}
		if j := o.Lead(back).Journey; j.Held == nil {
			t.Fatalf("it was offered at %s: %+v", at, j)
		}
	}
	if err := o.Advance(until.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if h := o.Lead(back).Journey.Holder(); h == nil {
		t.Error("its time has come, and nobody has it")
	}
}
