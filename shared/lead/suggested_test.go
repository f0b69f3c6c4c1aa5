package lead_test

import (
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Confirming keeps the customer's wait, and the holder's begins.
func TestConfirmingStartsTheClocks(t *testing.T) {
	s := phased(t, rollout.Suggest, in)
	s.hear(monday, demo("1", monday))
	s.hear(minutes(90), word(s.lead, signal.OrderConfirm, "bo", minutes(90)))
	want := map[lead.ClockScope]time.Time{lead.CustomerScope: monday, lead.HolderScope: minutes(90)}
	for _, c := range s.lead.Journey.Clocks {
		if !c.StartedAt.Equal(want[c.Scope]) {
			t.Errorf("%s of the %s starts at %s, want %s", c.Kind, c.Scope, c.StartedAt, want[c.Scope])
		}
	}
	e := s.told(contract.LeadHandedOff)[0]
	h := s.lead.Journey.Handoff
	if h.Rep != "bo" || h.By != "confirmed by Morgan Hale: we know them" || h.Number != 1 || s.lead.Journey.Suggested != nil {
		t.Errorf("%+v", h)
	}
	for _, c := range s.route[len(s.route)-1].Considered {
		if want := map[bool]string{true: "whom a manager confirmed", false: "not whom a manager confirmed"}[c.Rep == "bo"]; c.Why != want {
			t.Errorf("%s: %s, want %s", c.Rep, c.Why, want)
		}
	}
	if e.Handoff.Rep != "bo" || e.By != "Morgan Hale" || !strings.HasPrefix(e.Reason, "Asked for a demo") {
		t.Errorf("%+v", e)
	}
}

// A confirmation is a person's word: it goes before caps and hours, and comes
// once. When nobody can receive it, the lead waits as any other.
func TestConfirmingForWhoeverCan(t *testing.T) {
	off := func(p *policy.Policy) {
		for i := range p.Routing.Pools["sales"].Reps {
			p.Routing.Pools["sales"].Reps[i].Off = "away"
		}
	}
	for to, want := range map[string]string{"": "in the queue, 1 clocks, sales counts 0 and 1", "bo": handed} {
		s := phased(t, rollout.Suggest, in, off)
		s.hear(monday, demo("1", monday))
		if sug := s.lead.Journey.Suggested; sug.Rep != "" || sug.Pool != "sales" {
			t.Fatalf("%+v", sug)
		}
		o := word(s.lead, signal.OrderConfirm, to, minutes(10))
		s.hear(minutes(10), o)
		version := s.lead.Version
		s.hear(minutes(11), o)
		if got := s.what(); got != want || s.lead.Version != version {
			t.Errorf("to %q: the lead is %q, want %q; version %d after %d", to, got, want, s.lead.Version, version)
		}
	}
}

// An order in flight is heard before a suggestion lapses.
func TestAConfirmationInFlightIsHeardBeforeTheEnd(t *testing.T) {
	s := phased(t, rollout.Suggest, in)
	s.hear(monday, demo("1", monday))
	s.store(word(s.lead, signal.OrderConfirm, "", minutes(7*60)))
	s.decide(monday.AddDate(0, 0, 2))
	if s.lead.Journey.Handoff == nil || len(s.told(contract.LeadControlRouted)) != 0 {
		t.Errorf("told of %v", s.types())
	}
}
