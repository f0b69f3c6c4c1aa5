package lead_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// enroll draws the lead for a phase at its qualification on Monday.
func (s *story) enroll() {
	s.lead.Journey.Enrolment = &lead.Enrolment{
		Phase: "half", Round: 2, Unit: "account", UnitID: "engines.example", Arm: lead.Treatment, Drawn: true, At: monday,
	}
}

// heardLate is a signal of which we hear later than it happened.
func heardLate(g signal.Signal, at time.Time) signal.Signal {
	g.ReceivedAt = at
	return g
}

// What a journey says of each outcome, by what was told in the minutes after the
// qualification.
func TestRecord(t *testing.T) {
	const hour = 60
	type events map[funnel.Event]int // minutes after Monday's qualification
	for _, tt := range []struct {
		name   string
		told   func(s *story)
		want   events
		hours  int64
		reason string
	}{
		{"handed off", func(*story) {}, events{funnel.HandedOff: 0}, 0, ""},
		{"accepted", func(s *story) {
			s.hear(minutes(10), answer(signal.RepAccepted, s.lead, minutes(10)))
		}, events{funnel.HandedOff: 0, funnel.Accepted: 10}, 0, ""},
		{"contacted on the rep's word, which accepts", func(s *story) {
			s.hear(minutes(20), saying(signal.RepContacted, s.lead, minutes(20)))
		}, events{funnel.HandedOff: 0, funnel.Accepted: 20, funnel.Contacted: 20}, 20, ""},
		{"contacted by the CRM's word, which does not", func(s *story) {
			s.hear(minutes(20), heardLate(logged("2", minutes(15)), minutes(20)))
		}, events{funnel.HandedOff: 0, funnel.Contacted: 20}, 20, ""},
		{"contacted a second time", func(s *story) {
			s.hear(minutes(20), logged("2", minutes(20)))
			s.hear(minutes(25), logged("3", minutes(25)))
		}, events{funnel.HandedOff: 0, funnel.Contacted: 20}, 20, ""},
		{"given back, accepted by the next", func(s *story) {
			s.hear(minutes(10), saying(signal.RepRejected, s.lead, minutes(10), signal.AttrReason, "no_time"))
			s.hear(minutes(15), answer(signal.RepAccepted, s.lead, minutes(15)))
		}, events{funnel.HandedOff: 0, funnel.Rejected: 10, funnel.Accepted: 15}, 0, "no_time"},
		{"given back twice, the first time counts", func(s *story) {
			s.hear(minutes(10), saying(signal.RepRejected, s.lead, minutes(10), signal.AttrReason, "no_time"))
			s.hear(minutes(15), saying(signal.RepRejected, s.lead, minutes(15), signal.AttrReason, "wrong_team"))
		}, events{funnel.HandedOff: 0, funnel.Rejected: 10}, 0, "no_time"},
		{"late to answer", func(s *story) {
			s.decide(minutes(31))
		}, events{funnel.HandedOff: 0, funnel.Late: 30}, 0, ""},
		{"late, and in time after all", func(s *story) {
			s.hear(minutes(5), saying(signal.RepAccepted, s.lead, minutes(5)))
			s.decide(minutes(5 * hour))
			s.hear(minutes(5*hour), heardLate(logged("2", minutes(90)), minutes(5*hour)))
		}, events{funnel.HandedOff: 0, funnel.Accepted: 5, funnel.Contacted: 5 * hour}, 5 * hour, ""},
		{"a meeting that is canceled", func(s *story) {
			s.hears(said(25, signal.MeetingBooked, "meeting", "m"), said(26, signal.MeetingCanceled, "meeting", "m"))
		}, events{funnel.HandedOff: 0, funnel.Meeting: 25}, 0, ""},
		{"a deal that is lost without an opportunity before", func(s *story) {
			s.hears(said(25, signal.DealLost, "deal", "7"))
		}, events{funnel.HandedOff: 0, funnel.Opportunity: 25, funnel.Lost: 25}, 0, ""},
		{"opened and won", func(s *story) {
			s.hears(said(20, signal.DealOpened, "deal", "7"), said(25, signal.DealWon, "deal", "7"))
		}, events{funnel.HandedOff: 0, funnel.Opportunity: 20, funnel.Won: 25}, 0, ""},
	} {
		s := newStory(t, nil)
		s.hear(monday, demo("1", monday))
		s.enroll()
		tt.told(s)
		got := s.core.Record(s.lead)
		want := map[funnel.Event]time.Time{}
		for e, after := range tt.want {
			want[e] = minutes(after)
		}
		if diff := cmp.Diff(want, got.Events, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if got.Minutes != tt.hours || got.Reason != tt.reason || got.Rep == "" {
			t.Errorf("%s: %d minutes, reason %q, rep %q", tt.name, got.Minutes, got.Reason, got.Rep)
		}
	}
}

// Hours are those in which the company works: what comes on Monday evening and
// is answered the next morning took the minutes of the morning.
func TestRecordCountsTheCompanysHours(t *testing.T) {
	s := newStory(t, nil)
	evening := time.Date(2026, 5, 18, 23, 0, 0, 0, time.UTC) // 19:00 in New York
	morning := time.Date(2026, 5, 19, 13, 30, 0, 0, time.UTC)
	s.hear(evening, demo("1", evening))
	s.enroll()
	s.lead.Journey.Enrolment.At = evening
	s.hear(morning, logged("2", morning))
	inHours, all := s.core.Record(s.lead).Minutes, s.lead.Record(nil).Minutes
	if inHours != 30 || all != 14*60+30 {
		t.Errorf("%d minutes in working hours and %d in all; want 30 and 870", inHours, all)
	}
}

// Who was not drawn is not counted, nor what came before the enrolment.
func TestRecordOfWhoWasNotDrawn(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	if r := s.core.Record(s.lead); !r.Equal(funnel.Record{}) {
		t.Errorf("without an enrolment: %+v", r)
	}
	s.enroll()
	s.lead.Journey.Enrolment.At = minutes(5)
	r := s.core.Record(s.lead)
	if len(r.Events) != 0 || r.Enrolment.Phase != "half" || r.Enrolment.Round != 2 || r.Enrolment.ID != "engines.example" {
		t.Errorf("enrolled after the handoff: %+v", r)
	}
	s.lead.Journey.Enrolment.Drawn = false
	if r := s.core.Record(s.lead); !r.Equal(funnel.Record{}) {
		t.Errorf("not drawn: %+v", r)
	}
}

// A lead that nobody has by us, as in control, is contacted all the same.
func TestRecordOfControl(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.enroll()
	s.lead.Journey.Handoff, s.lead.Journey.Clocks, s.lead.Journey.Enrolment.Arm = nil, nil, lead.Control
	s.hear(minutes(7), logged("2", minutes(7)))
	if r := s.core.Record(s.lead); r.Minutes != 7 || r.Enrolment.Arm != funnel.Control {
		t.Errorf("%+v", r)
	}
}

// However often a lead goes from one to another, the first promise that was
// broken is not forgotten with its clock.
func TestRecordOutlivesClocks(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.enroll()
	s.decide(minutes(31))
	first := s.core.Record(s.lead).Events[funnel.Late]
	for range 12 {
		at, ok := s.lead.NextDue()
		if !ok {
			break
		}
		s.decide(at)
	}
	for i := range 8 {
		at := s.lead.UpdatedAt.Add(time.Minute)
		order := saying(signal.OrderReassign, s.lead, at, signal.AttrReason, "by hand", signal.AttrTo, []string{"casey", "bo"}[i%2])
		order.Source, order.ID = lead.Operator, strings.Repeat("x", i+1)
		s.hear(at, order)
	}
	if got := s.core.Record(s.lead).Events[funnel.Late]; first.IsZero() || !got.Equal(first) {
		t.Errorf("late at %s, and later %s", first, got)
	}
	for _, c := range s.lead.Journey.Clocks {
		if c.Kind == lead.AcceptClock && c.Handoff == 1 {
			t.Fatal("this test means the first clock to be forgotten")
		}
	}
}
