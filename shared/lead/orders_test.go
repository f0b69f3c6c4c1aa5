package lead_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Two managers who decide at once about what both of them see: the first is
// heard, and the log says to the second what came before, and from whom.
func TestTheSecondOfTwoManagersSeesWhatTheFirstDid(t *testing.T) {
	at, later := minutes(10), minutes(10).Add(3*time.Second)
	for name, tt := range map[string]struct {
		begin         string
		first, second signal.Type
		to            string
		want          string
	}{
		"both give it on":         {"accepted", signal.OrderReassign, signal.OrderReassign, "bo", "to give the lead to Casey Okafor, and nothing changed: Bo Lindqvist got the lead 3 s earlier by order of Morgan Hale"},
		"given on, and held":      {"accepted", signal.OrderReassign, signal.OrderHold, "", "to hold the lead back until 2026-05-25, and nothing changed: Bo Lindqvist got the lead 3 s earlier by order of Morgan Hale"},
		"both hand it off":        {"known", signal.OrderHandoff, signal.OrderHandoff, "bo", "to hand the lead off to Casey Okafor, and nothing changed: Bo Lindqvist got the lead 3 s earlier by order of Morgan Hale"},
		"recycled, and held":      {"accepted", signal.OrderRecycle, signal.OrderHold, "", "to hold the lead back until 2026-05-25, and nothing changed: Morgan Hale sent the lead back to nurture 3 s earlier"},
		"recycled, disqualified":  {"waits", signal.OrderRecycle, signal.OrderDisqualify, "", "to disqualify the lead, and nothing changed: Morgan Hale sent the lead back to nurture 3 s earlier"},
		"disqualified, recycled":  {"known", signal.OrderDisqualify, signal.OrderRecycle, "", "to send the lead back to nurture until 2026-05-25, and nothing changed: Morgan Hale disqualified the lead 3 s earlier"},
		"held, and taken back":    {"contacted", signal.OrderHold, signal.OrderTakeBack, "", "to take the lead back, and nothing changed: Morgan Hale held the lead back 3 s earlier"},
		"both hold it":            {"waits", signal.OrderHold, signal.OrderHold, "", "to hold the lead back until 2026-05-25, and nothing changed: Morgan Hale held the lead back 3 s earlier"},
		"both remind":             {"accepted", signal.OrderRemind, signal.OrderRemind, "", "to remind the holder, and nothing changed: the holder was reminded 3 s earlier, and is reminded once an hour at most"},
		"taken back, and to whom": {"accepted", signal.OrderTakeBack, signal.OrderReassign, "", "to give the lead to Casey Okafor, and nothing changed: Bo Lindqvist got the lead 3 s earlier by order of Morgan Hale"},
	} {
		t.Run(name, func(t *testing.T) {
			together, apart := newStory(t, nil), newStory(t, nil)
			for _, s := range []*story{together, apart} {
				states()[tt.begin](s)
				one := s.wants(tt.first, at, signal.AttrTo, tt.to)
				two := s.wants(tt.second, later, signal.AttrTo, "casey", signal.AttrBy, "Robin Vega")
				if s == together {
					s.hear(later, two, one) // in one batch, in whatever order
				} else {
					s.hear(at, one)
					s.hear(later, two)
				}
				s.ignoredOnce(tt.second, "Robin Vega wanted "+tt.want)
			}
			one, other := apart.lead.Journey.Holder(), together.lead.Journey.Holder()
			if (one == nil) != (other == nil) || (one != nil && (one.Rep != other.Rep || one.Number != other.Number)) {
				t.Errorf("in two batches with %+v, in one with %+v", one, other)
			}
		})
	}
}

// ignoredOnce checks that one order changed nothing, and what the log says of it.
func (s *story) ignoredOnce(what signal.Type, want string) {
	s.t.Helper()
	ignored := s.told(contract.OrderIgnored)
	if len(ignored) != 1 || ignored[0].By != "Robin Vega" || ignored[0].Order.Type != string(what) || ignored[0].Order.Reason != "knows them" {
		s.t.Fatalf("ignored: %+v", ignored)
	}
	if got := s.summary(contract.OrderIgnored); got != want {
		s.t.Errorf("the log says %q, want %q", got, want)
	}
	s.inOrder()
}

// summary returns the sentence of the last event of a type.
func (s *story) summary(typ contract.EventType) (text string) {
	for _, e := range s.log {
		if e.Type == typ {
			text = e.Summary
		}
	}
	return text
}

// Of two orders of the same instant the one whose id comes first is heard,
// whatever the order of their arrival in a batch.
func TestOrdersOfOneInstantAreHeardInTheOrderOfTheirIDs(t *testing.T) {
	for _, turned := range []bool{false, true} {
		s := newStory(t, nil)
		states()["accepted"](s)
		one, two := s.wants(signal.OrderReassign, minutes(10), signal.AttrTo, "bo"), s.wants(signal.OrderReassign, minutes(10), signal.AttrTo, "casey")
		one.ID, two.ID = "3.reassign.a", "3.reassign.b"
		both := []signal.Signal{one, two}
		if turned {
			both = []signal.Signal{two, one}
		}
		s.hear(minutes(10), both...)
		if h := s.lead.Journey.Holder(); h.Rep != "bo" || !strings.Contains(s.summary(contract.OrderIgnored), "in the same moment") {
			t.Errorf("with %s; %s", h.Rep, s.summary(contract.OrderIgnored))
		}
	}
}

// An order that comes again, long after and when the facts are made anew, does
// nothing: neither is it carried out twice, nor told of as ignored.
func TestAnOrderIsHeardOnce(t *testing.T) {
	s := newStory(t, nil)
	states()["accepted"](s)
	given := s.wants(signal.OrderReassign, minutes(10), signal.AttrTo, "bo")
	late := s.wants(signal.OrderReassign, minutes(11), signal.AttrTo, "casey")
	s.hear(minutes(10), given)
	s.hear(minutes(11), late)
	told := len(s.log)
	s.forget(minutes(12))
	s.hear(minutes(20), given, late)
	s.keep(s.play(lead.World{Key: "1key", Lead: s.lead, Rebuild: true}, minutes(21)))
	s.core = newCore(t, func(p *policy.Policy) { p.Engagement.Rules = p.Engagement.Rules[1:] })
	s.hear(minutes(22), visit("after", minutes(22)))
	if n := s.lead.Journey.Handoff.Number; n != 2 || len(s.log) != told || s.lead.Journey.Orders.Count != 1 {
		t.Errorf("handoff %d, %d orders carried out; %v", n, s.lead.Journey.Orders.Count, s.types()[told:])
	}
}

// Old news is quiet, an order is not: one that was parked for days is heard.
func TestAnOrderIsNoOldNews(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Escalation.Accept, p.Escalation.Customer = nil, nil })
	states()["handed off"](s)
	o := s.wants(signal.OrderReassign, minutes(10), signal.AttrTo, "casey")
	o.OccurredAt = monday.AddDate(0, 0, -30)
	s.forget(minutes(11))
	s.hear(minutes(60*24*3), o)
	if h := s.lead.Journey.Holder(); h == nil || h.Rep != "casey" {
		t.Errorf("with %+v, %v", h, s.types())
	}
}

func TestOnlyOurOwnPagesGiveOrders(t *testing.T) {
	s := newStory(t, nil)
	states()["accepted"](s)
	told := len(s.log)
	for _, what := range []signal.Type{signal.OrderReassign, signal.OrderTakeBack, signal.OrderDisqualify} {
		o := s.wants(what, minutes(10), signal.AttrTo, "casey")
		o.Source = "typeform"
		s.hear(minutes(10), o)
	}
	if len(s.log) != told || s.lead.Journey.Holder().Number != 1 {
		t.Errorf("%v", s.types()[told:])
	}
}

func TestWhatAnOrderCannotDo(t *testing.T) {
	for name, tt := range map[string]struct {
		state string
		order func(s *story) signal.Signal
		want  string
	}{
		"a stranger":         {"accepted", func(s *story) signal.Signal { return s.wants(signal.OrderReassign, minutes(10), signal.AttrTo, "zoe") }, `no pool has a rep "zoe"`},
		"a stranger by word": {"known", func(s *story) signal.Signal { return s.wants(signal.OrderHandoff, minutes(10), signal.AttrTo, "zoe") }, `no pool has a rep "zoe"`},
		"who has it":         {"accepted", func(s *story) signal.Signal { return s.wants(signal.OrderReassign, minutes(10), signal.AttrTo, "alex") }, "Alex Rivera holds the lead already"},
		"nobody else":        {"accepted", func(s *story) signal.Signal { s.alone("alex"); return s.wants(signal.OrderReassign, minutes(10)) }, "nobody else can take the lead now, so it stays where it is"},
		"nobody for who waits": {"waits", func(s *story) signal.Signal {
			s.everybody(routing.Off)
			return s.wants(signal.OrderReassign, minutes(10))
		}, "nobody can receive the lead now, so it goes on waiting"},
		"hold in the past": {"accepted", func(s *story) signal.Signal {
			return s.wants(signal.OrderHold, minutes(10), signal.AttrUntil, monday.Format(time.RFC3339))
		}, "a lead is held until a time that is to come: say until when"},
		"hold without a time": {"accepted", func(s *story) signal.Signal { return s.wants(signal.OrderHold, minutes(10), signal.AttrUntil, "") }, "a lead is held until a time that is to come: say until when"},
		"hold too long": {"accepted", func(s *story) signal.Signal {
			return s.wants(signal.OrderHold, minutes(10), signal.AttrUntil, minutes(11).AddDate(0, 0, 90).Format(time.RFC3339))
		}, "a lead is held for 90 days at most: choose an earlier time"},
		"recycle without a time": {"accepted", func(s *story) signal.Signal { return s.wants(signal.OrderRecycle, minutes(10), signal.AttrUntil, "") }, "a lead goes back to nurture until a time that is to come: say until when"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			states()[tt.state](s)
			before := *s.lead
			s.hear(minutes(10), tt.order(s))
			if got := s.told1(contract.OrderIgnored); got.Reason != tt.want || s.lead.Journey.About() != before.Journey.About() || s.lead.Journey.Reached() != before.Journey.Reached() {
				t.Errorf("the log says %q, want %q; %+v", got.Reason, tt.want, s.lead.Journey)
			}
			s.inOrder()
		})
	}
}

// The lead has moved on by itself since the order was given.
func TestAnOrderAboutWhatIsOverChangesNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		state string
		what  signal.Type
		moves func(s *story)
		want  string
	}{
		"it was accepted, and that is no other hands": {"handed off", signal.OrderTakeBack, func(s *story) { s.hear(minutes(11), answer(signal.RepAccepted, s.lead, minutes(11))) }, ""},
		"it was rejected, and went on":                {"handed off", signal.OrderRecycle, func(s *story) { s.hear(minutes(11), answer(signal.RepRejected, s.lead, minutes(11))) }, "Bo Lindqvist got the lead 4 min earlier"},
		"it waited, and was offered":                  {"waits", signal.OrderHold, func(s *story) { s.offer(minutes(11)) }, "Alex Rivera got the lead 4 min earlier"},
		"it has qualified":                            {"engaged", signal.OrderHandoff, func(s *story) { s.hear(minutes(11), demo("2", minutes(11))) }, "Alex Rivera got the lead 4 min earlier"},
		"it has qualified, and waits": {"engaged", signal.OrderHandoff, func(s *story) {
			s.everybody(routing.Off)
			s.hear(minutes(11), demo("2", minutes(11)))
		}, "the lead is not as it was when the order was given: it waits for the pool sales"},
		"it has got engaged, and that is nothing": {"known", signal.OrderHandoff, func(s *story) { s.hear(minutes(11), visit("2", minutes(11))) }, ""},
		"it was won": {"handed off", signal.OrderTakeBack, func(s *story) { s.hears(said(11, signal.DealWon, "deal", "7")) }, "the deal is won: nothing is to be done about the lead any more"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			states()[tt.state](s)
			o := s.wants(tt.what, minutes(15))
			tt.moves(s)
			s.hear(minutes(15), o)
			ignored := s.told(contract.OrderIgnored)
			if tt.want == "" && len(ignored) == 0 {
				return
			}
			if len(ignored) != 1 || ignored[0].Reason != tt.want {
				t.Errorf("ignored %+v, want %q", ignored, tt.want)
			}
			s.inOrder()
		})
	}
}

// Who a lead was taken from does not get it again by our choice, however long it
// waits, and does by a person's.
func TestATakenLeadDoesNotGoBackByItself(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Escalation.Customer = nil })
	s.hear(monday, demo("1", monday))
	s.alone("alex")
	s.hear(minutes(10), s.wants(signal.OrderTakeBack, minutes(10)))
	if s.lead.Journey.QueuedIn() != "sales" || s.pools["sales"].Held != 1 {
		t.Fatalf("%+v", s.lead.Journey)
	}
	for i := range 5 {
		s.offer(minutes(20 + 10*i))
	}
	if step := s.route[len(s.route)-1]; s.lead.Journey.Holder() != nil || considered(step, "alex") != "an order took this lead from them" {
		t.Fatalf("%+v: %+v", s.lead.Journey.Holder(), s.route)
	}
	s.hear(minutes(80), s.wants(signal.OrderReassign, minutes(80), signal.AttrTo, "alex"))
	if h := s.lead.Journey.Holder(); h == nil || h.Rep != "alex" || h.Number != 2 {
		t.Errorf("%+v", h)
	}
	s.inOrder()
}

// What somebody in charge says of a lead that did not qualify is a handoff like
// any other, and the log says what stood against it.
func TestAPersonsWordHandsOff(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		p.Qualification.Exclude = append(p.Qualification.Exclude, policy.Exclusion{Name: "rival", When: `lead.company == "Engines"`, Reason: "Works for a rival"})
	})
	s.hear(monday, demo("1", monday))
	if s.lead.Journey.Handoff != nil {
		t.Fatal("the exclusion excludes nobody")
	}
	s.hear(minutes(10), s.wants(signal.OrderHandoff, minutes(10), signal.AttrReason, "met at the fair"))
	s.expect("lead.created", "lead.qualified", "lead.handed_off", "clock.started accept", "clock.started first_contact", "clock.started first_contact customer")
	q, h := s.told1(contract.LeadQualified), s.lead.Journey.Holder()
	if q.Reason != "handed off by Morgan Hale: met at the fair" || q.Despite != "Works for a rival" || q.By != "Morgan Hale" || len(q.Parts) == 0 {
		t.Errorf("%+v", q)
	}
	if h.Number != 1 || h.Reason != q.Reason || h.Tier != "hot" || !h.Waits.Equal(minutes(10)) || s.open(h.Rep) != 1 {
		t.Errorf("%+v", h)
	}
	s.hear(minutes(12), saying(signal.RepRejected, s.lead, minutes(12), signal.AttrReason, "not_a_fit"))
	s.hear(minutes(20), s.wants(signal.OrderHandoff, minutes(20), signal.AttrTo, "alex"))
	s.hear(minutes(21), s.wants(signal.OrderRecycle, minutes(21)))
	s.hear(minutes(22), s.wants(signal.OrderHandoff, minutes(22), signal.AttrTo, "bo"))
	if d := s.told(contract.LeadQualified)[2]; d.Despite != "was in nurture until 2026-05-25; Works for a rival" || !s.lead.Journey.RecycledUntil.IsZero() {
		t.Errorf("out of nurture: %+v", d)
	}
	again := s.told(contract.LeadQualified)[1]
	if h := s.lead.Journey.Holder(); h.Rep != "bo" || h.Number != 3 || again.Despite != "was disqualified; Works for a rival" {
		t.Errorf("%+v, %+v", h, again)
	}
	s.inOrder()
}

// A holder is reminded of what is due next, once an hour at most, and a new one
// at once.
func TestAReminder(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Escalation = policy.Escalation{} })
	s.hear(monday, demo("1", monday))
	remind := func(minute int) { s.hear(minutes(minute), s.wants(signal.OrderRemind, minutes(minute))) }
	remind(10)
	if d := s.told1(contract.LeadReminded); d.Clock == nil || d.Clock.Kind != string(lead.AcceptClock) || d.Handoff.Rep != "alex" {
		t.Errorf("%+v", d)
	}
	remind(69)
	remind(70)
	s.hear(minutes(71), s.wants(signal.OrderReassign, minutes(71)))
	remind(72)
	if told, ignored := len(s.told(contract.LeadReminded)), len(s.told(contract.OrderIgnored)); told != 3 || ignored != 1 {
		t.Errorf("reminded %d times, ignored %d times", told, ignored)
	}
}

// A lead that was sent back to nurture by order comes back like one that a rep
// sent there.
func TestALeadThatWasRecycledByOrderComesBack(t *testing.T) {
	s := newStory(t, nil)
	states()["contacted"](s)
	s.hear(minutes(10), s.wants(signal.OrderRecycle, minutes(10)))
	if d := s.told1(contract.LeadRecycled); d.Reason != "knows them" || !d.Until.Equal(minutes(10).AddDate(0, 0, 7)) {
		t.Errorf("%+v", d)
	}
	s.hear(minutes(200), demo("2", minutes(200)))
	if h := s.lead.Journey.Holder(); h == nil || h.Number != 2 {
		t.Errorf("%+v", s.lead.Journey)
	}
	s.inOrder()
}

func TestAnOrderSaysWhoAndWhy(t *testing.T) {
	l := &lead.Lead{Key: "1key", Version: 7, Facts: scoring.Facts{}, Journey: lead.Journey{Stage: lead.Accepted, Handoff: &lead.Handoff{Number: 2, Rep: "bo", RepName: "Bo"}}}
	until := monday.AddDate(0, 0, 3)
	good := decision.Order{Type: signal.OrderHold, Until: until, Reason: " the budget comes in March ", By: "Morgan Hale"}
	s, err := decision.OrderFor(l, good, monday)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"handoff": "2", "stage": "accepted", "after": "0", "until": "2026-05-21T14:00:00Z", "reason": "the budget comes in March", "by": "Morgan Hale",
	}
	if diff := cmp.Diff(want, s.Attributes); diff != "" || s.Source != "operator" || s.Type != signal.OrderHold {
		t.Errorf("%+v\n%s", s, diff)
	}
	again, err := decision.OrderFor(l, good, monday.Add(time.Second))
	other := good
	other.By = "Robin Vega"
	second, failed := decision.OrderFor(l, other, monday)
	if err != nil || failed != nil || again.ID != s.ID || second.ID == s.ID {
		t.Errorf("a second click is %q after %q, another person's order %q; %v, %v", again.ID, s.ID, second.ID, err, failed)
	}
	for name, change := range map[string]func(o *decision.Order){
		"no reason":        func(o *decision.Order) { o.Reason = " " },
		"a novel":          func(o *decision.Order) { o.Reason = strings.Repeat("x", 501) },
		"nobody":           func(o *decision.Order) { o.By = "" },
		"a name too long":  func(o *decision.Order) { o.By = strings.Repeat("x", 81) },
		"no order":         func(o *decision.Order) { o.Type = signal.RepAccepted },
		"what has no past": func(o *decision.Order) { o.Until = time.Time{} },
	} {
		o := good
		change(&o)
		if _, err := decision.OrderFor(l, o, monday); fault.KindOf(err) != fault.Invalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
