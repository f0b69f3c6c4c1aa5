package lead_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/signal"
)

// The shares at which the lead of the stories is in, and is not.
const (
	in  = 100
	out = 0.01
)

// phased is a story under a rollout of one phase that is not simply for everybody.
func phased(t *testing.T, mode rollout.Mode, share float64, change ...func(*policy.Policy)) *story {
	t.Helper()
	return newStory(t, func(p *policy.Policy) {
		p.Rollout.Phases = []policy.Phase{
			{Name: "pilot", Mode: mode, Share: share},
			{Name: "wide", Mode: rollout.Auto, Share: in},
		}
		for _, c := range change {
			c(p)
		}
	})
}

// word is a manager's word on the suggestion that waits.
func word(l *lead.Lead, typ signal.Type, to string, at time.Time) signal.Signal {
	n := 1
	if s := l.Journey.Suggested; s != nil {
		n = s.Number
	}
	return signal.Signal{
		Source: "operator", ID: fmt.Sprintf("%d.%s.%d", n, typ, at.UnixMilli()), Type: typ, OccurredAt: at, ReceivedAt: at,
		Attributes: map[string]string{
			signal.AttrHandoff: fmt.Sprint(n), signal.AttrTo: to, signal.AttrReason: "we know them", signal.AttrBy: "Morgan Hale",
		},
	}
}

// what lists what a lead has: who holds it, what waits, how many clocks run and
// how many leads its pool counts.
func (s *story) what() string {
	j := s.lead.Journey
	var parts []string
	if h := j.Holder(); h != nil {
		parts = append(parts, "held by somebody")
	}
	if j.Held != nil {
		parts = append(parts, "in the queue")
	}
	if j.Suggested != nil {
		parts = append(parts, "suggested")
	}
	if j.Incomplete != nil {
		parts = append(parts, "incomplete")
	}
	if n := len(running(j)); n > 0 {
		parts = append(parts, fmt.Sprintf("%d clocks", n))
	}
	for _, p := range s.pools {
		open := int64(0)
		for _, r := range p.Reps {
			for _, n := range r.Open {
				open += n
			}
		}
		if open > 0 || p.Held > 0 {
			parts = append(parts, fmt.Sprintf("%s counts %d and %d", p.Name, open, p.Held))
		}
	}
	return strings.Join(parts, ", ")
}

func running(j lead.Journey) []lead.Clock {
	return slices.DeleteFunc(slices.Clone(j.Clocks), func(c lead.Clock) bool { return c.State != lead.Running && c.State != lead.Paused })
}

var (
	enrolled  = []string{"lead.created", "lead.qualified", "lead.enrolled"}
	inProcess = with(enrolled, handedOff[2:]...)
	left      = with(enrolled, "lead.control_routed")
	suggested = with(enrolled, "lead.suggested")
	confirmed = with(suggested, "lead.handed_off", "clock.started accept", "clock.started first_contact", "clock.started first_contact customer")
)

const handed = "held by somebody, 3 clocks, sales counts 1 and 0"

// Each mode and arm, at whatever happens to the lead.
func TestEveryModeAndArm(t *testing.T) {
	say := func(typ signal.Type, to string) func(*story) {
		return func(s *story) { s.hear(minutes(10), word(s.lead, typ, to, minutes(10))) }
	}
	wait := func(hours int) func(*story) {
		return func(s *story) {
			for h := 1; h <= hours; h++ {
				s.decide(monday.Add(time.Duration(h) * time.Hour))
			}
		}
	}
	crm := func(typ signal.Type, attributes ...string) func(*story) {
		return func(s *story) { s.hear(minutes(5), said(5, typ, attributes...)) }
	}
	call := func(s *story) { s.hear(minutes(5), logged("call", minutes(5))) }
	again := func(s *story) { s.hear(minutes(60), demo("2", minutes(60))) }
	for _, tc := range []struct {
		mode  rollout.Mode
		share float64
		name  string
		then  func(*story)
		told  []string
		has   string
		stage lead.Stage
	}{
		{rollout.Auto, in, "nothing", nil, inProcess, handed, lead.HandedOff},
		{rollout.Auto, in, "silence", wait(1), with(inProcess, "clock.breached accept", "clock.warned first_contact", "clock.stopped first_contact", "lead.reassigned", "clock.started accept", "clock.started first_contact"), handed, lead.HandedOff},
		{rollout.Auto, out, "nothing", nil, left, "", lead.Qualified},
		{rollout.Auto, out, "silence", wait(100), left, "", lead.Qualified},
		{rollout.Auto, out, "another request", again, left, "", lead.Qualified},
		{rollout.Auto, out, "a call", call, with(left, "lead.contacted"), "", lead.Contacted},
		{rollout.Auto, out, "a meeting", crm(signal.MeetingBooked, "meeting", "m"), with(left, "lead.stage_changed"), "", lead.Meeting},
		{rollout.Auto, out, "a deal that is won", crm(signal.DealWon, "deal", "d"), with(left, "lead.stage_changed"), "", lead.Won},
		{rollout.Auto, out, "another owner", crm(signal.OwnerChanged, "owner_email", "bo.lindqvist@our-company.example"), left, "", lead.Qualified},
		{rollout.Auto, out, "an order about a suggestion", say(signal.OrderConfirm, "bo"), with(left, "order.ignored"), "", lead.Qualified},
		{rollout.Shadow, in, "nothing", nil, with(enrolled, "lead.shadowed"), "", lead.Qualified},
		{rollout.Shadow, in, "silence", wait(100), with(enrolled, "lead.shadowed"), "", lead.Qualified},
		{rollout.Shadow, in, "a call", call, with(enrolled, "lead.shadowed", "lead.contacted"), "", lead.Contacted},
		{rollout.Shadow, in, "a deal that is won", crm(signal.DealWon, "deal", "d"), with(enrolled, "lead.shadowed", "lead.stage_changed"), "", lead.Won},
		{rollout.Shadow, out, "nothing", nil, enrolled, "", lead.Qualified},
		{rollout.Suggest, in, "nothing", nil, suggested, "suggested", lead.Qualified},
		{rollout.Suggest, in, "silence for half the time", wait(5), with(suggested, "lead.suggested"), "suggested", lead.Qualified},
		{rollout.Suggest, in, "silence", wait(48), with(suggested, "lead.suggested", "lead.control_routed"), "", lead.Qualified},
		{rollout.Suggest, in, "confirmed", say(signal.OrderConfirm, ""), confirmed, handed, lead.HandedOff},
		{rollout.Suggest, in, "another rep", say(signal.OrderConfirm, "casey"), confirmed, handed, lead.HandedOff},
		{rollout.Suggest, in, "a rep whom the policy does not have", say(signal.OrderConfirm, "zoe"), with(suggested, "order.ignored"), "suggested", lead.Qualified},
		{rollout.Suggest, in, "another order", say(signal.OrderReassign, "bo"), with(suggested, "order.ignored"), "suggested", lead.Qualified},
		{rollout.Suggest, in, "handed off by a person's word", say(signal.OrderHandoff, "bo"), with(suggested, "order.ignored"), "suggested", lead.Qualified},
		{rollout.Suggest, in, "disqualified", say(signal.OrderDisqualify, ""), with(suggested, "lead.disqualified"), "", lead.Disqualified},
		{rollout.Suggest, in, "confirmed too late", func(s *story) {
			wait(48)(s)
			s.hear(minutes(49*60), word(s.lead, signal.OrderConfirm, "", minutes(49*60)))
		}, with(suggested, "lead.suggested", "lead.control_routed", "order.ignored"), "", lead.Qualified},
		{rollout.Suggest, in, "declined", say(signal.OrderDecline, ""), with(suggested, "lead.control_routed"), "", lead.Qualified},
		{rollout.Suggest, in, "a call", call, with(suggested, "lead.contacted"), "suggested", lead.Contacted},
		{rollout.Suggest, in, "a deal that is won", crm(signal.DealWon, "deal", "d"), with(suggested, "lead.stage_changed"), "", lead.Won},
		{rollout.Suggest, in, "a deal that was a mistake", func(s *story) {
			s.hear(minutes(5), said(5, signal.DealWon, "deal", "d"))
			s.hear(minutes(6), said(6, signal.DealDeleted, "deal", "d"))
		}, with(suggested, "lead.stage_changed", "lead.stage_changed", "lead.suggested"), "suggested", lead.Qualified},
		{rollout.Suggest, out, "nothing", nil, left, "", lead.Qualified},
		{rollout.Suggest, out, "an order about a suggestion", say(signal.OrderConfirm, ""), with(left, "order.ignored"), "", lead.Qualified},
	} {
		t.Run(fmt.Sprintf("%s at %v %%, %s", tc.mode, tc.share, tc.name), func(t *testing.T) {
			s := phased(t, tc.mode, tc.share, func(p *policy.Policy) {
				p.Escalation.Accept = []policy.Step{{At: policy.Percent(100), Do: policy.DoReassign}}
			})
			s.hear(monday, demo("1", monday))
			if tc.then != nil {
				tc.then(s)
			}
			s.expect(tc.told...)
			s.expectEnd(tc.has, tc.stage)
			s.expectEnrolled(tc.mode, tc.share == in)
		})
	}
}

func (s *story) expectEnd(has string, stage lead.Stage) {
	s.t.Helper()
	if got := s.what(); got != has {
		s.t.Errorf("the lead is %q, want %q", got, has)
	}
	if s.lead.Journey.Stage != stage {
		s.t.Errorf("stage %s, want %s", s.lead.Journey.Stage, stage)
	}
	if s.read != 1 {
		s.t.Errorf("the state was read %d times", s.read)
	}
}

func (s *story) expectEnrolled(mode rollout.Mode, treated bool) {
	s.t.Helper()
	arm := lead.Control
	if treated {
		arm = lead.Treatment
	}
	const unit = "d:engines.example"
	if e := s.lead.Journey.Enrolment; e.Arm != arm || e.Mode != mode || !e.Drawn || e.UnitID != unit || e.Bucket != rollout.Bucket("our-first-rollout", unit) {
		s.t.Errorf("%+v", e)
	}
}

// A company whose process is for everybody reads no state and enrols nobody.
func TestEverybodyIsNotDrawn(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	if s.read != 0 || s.lead.Journey.Enrolment != nil {
		t.Errorf("read %d times, %+v", s.read, s.lead.Journey.Enrolment)
	}
}

// A signal that qualifies nobody asks for no state.
func TestNobodyIsDrawnBeforeTheyQualify(t *testing.T) {
	s := phased(t, rollout.Auto, in)
	for i := range 5 {
		s.hear(minutes(i), visit(fmt.Sprint(i), minutes(i)))
	}
	if s.read != 0 || s.lead.Journey.Enrolment != nil {
		t.Errorf("read %d times, %+v", s.read, s.lead.Journey.Enrolment)
	}
}

// What keeps a lead out that the bucket would let in.
func TestWhoIsNotDrawnIsNoEvidence(t *testing.T) {
	steps := []rollout.Step{{Name: "pilot", Mode: rollout.Auto, Share: 1}, {Name: "wide", Mode: rollout.Auto, Share: 1}}
	by := rollout.Order{By: "Morgan Hale", Why: "holidays", At: monday}
	paused, err := rollout.State{}.Pause(steps, by)
	if err != nil {
		t.Fatal(err)
	}
	back, err := rollout.State{}.RollBack(steps, by)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		state  rollout.State
		change func(*policy.Policy)
		why    string
	}{
		{"paused", paused, nil, "Phase pilot is paused."},
		{"rolled back", back, nil, "Phase pilot is rolled back."},
		{"not begun", rollout.State{}, func(p *policy.Policy) { p.Rollout.Phases[0].Start = "2026-05-19" }, "Phase pilot has not begun."},
		{"in no segment", rollout.State{}, func(p *policy.Policy) {
			p.Rollout.Phases[0].Segments = []policy.Segment{{Name: "germany", When: `lead.country == "DE"`}, {Name: "gold", When: `tier == "gold"`}}
		}, "The lead is in no segment of phase pilot."},
		{"no rep to draw", rollout.State{}, func(p *policy.Policy) {
			p.Rollout.Unit = policy.UnitRep
			for i := range p.Routing.Pools["sales"].Reps {
				p.Routing.Pools["sales"].Reps[i].Off = "away"
			}
		}, "Nobody could receive the lead, so there was no rep to draw."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := phased(t, rollout.Auto, in, func(p *policy.Policy) {
				if tc.change != nil {
					tc.change(p)
				}
			})
			s.phase = tc.state
			s.hear(monday, demo("1", monday))
			s.expect(left...)
			if e := s.lead.Journey.Enrolment; e.Arm != lead.Control || e.Drawn || e.Why != tc.why || e.Rollout != tc.state.Version {
				t.Errorf("%+v", e)
			}
		})
	}
}

// What is drawn as a whole, and how that is said.
func TestUnits(t *testing.T) {
	nameless := demo("1", monday)
	nameless.Identity.Email, nameless.Lead["company"] = "ada@gmail.com", ""
	for _, tc := range []struct {
		unit   string
		signal signal.Signal
		id     string
		says   string
	}{
		{policy.UnitAccount, demo("1", monday), "d:engines.example", "Account engines.example is in bucket "},
		{policy.UnitAccount, nameless, "1key", "The lead is in bucket "},
		{policy.UnitLead, demo("1", monday), "1key", "The lead is in bucket "},
		{policy.UnitTeam, demo("1", monday), "sales", "Team sales is in bucket "},
		{policy.UnitRep, demo("1", monday), "alex", "Rep alex is in bucket "},
	} {
		s := phased(t, rollout.Auto, 99.99, func(p *policy.Policy) { p.Rollout.Unit, p.Qualification.Exclude = tc.unit, nil })
		s.hear(monday, tc.signal)
		e := s.lead.Journey.Enrolment
		if e.UnitID != tc.id || e.Unit != tc.unit || !strings.HasPrefix(e.Why, tc.says) || !strings.HasSuffix(e.Why, " of 10,000; the phase takes buckets below 9,999.") {
			t.Errorf("%s: %+v", tc.unit, e)
		}
	}
}

// A phase that takes nobody measures the process that there was before.
func TestAPhaseForNobody(t *testing.T) {
	s := phased(t, rollout.Auto, 0)
	s.hear(monday, demo("1", monday))
	s.expect(left...)
	s.expectEnrolled(rollout.Auto, false)
	if why := s.lead.Journey.Enrolment.Why; !strings.HasSuffix(why, " of 10,000; the phase takes none of them.") {
		t.Error(why)
	}
}

// A segment may ask for what follows from the rules.
func TestSegmentsKnowTierAndTeam(t *testing.T) {
	for when, want := range map[string]bool{
		`team == "sales"`: true, `team == "other"`: false, `tier == "hot"`: true, `source == "typeform" and request == "demo"`: true,
	} {
		s := phased(t, rollout.Auto, in, func(p *policy.Policy) {
			p.Rollout.Phases[0].Segments = []policy.Segment{{Name: "some", When: when}}
		})
		s.hear(monday, demo("1", monday))
		if got := s.lead.Journey.Enrolment.Arm == lead.Treatment; got != want {
			t.Errorf("%s: in %v, want %v", when, got, want)
		}
	}
}

// recycle sends a lead back to nurture, as the policy's reason says.
func (s *story) recycle(m int) {
	s.t.Helper()
	s.hear(minutes(m), saying(signal.RepRejected, s.lead, minutes(m), signal.AttrReason, "too_early"))
	if s.lead.Journey.Stage != lead.Recycled {
		s.t.Fatalf("stage %s", s.lead.Journey.Stage)
	}
}

// Who qualifies anew stays in the arm, and goes on as the phase in force says.
func TestQualifyingAnewKeepsTheEnrolment(t *testing.T) {
	steps := []rollout.Step{{Name: "pilot", Mode: rollout.Auto, Share: 1}, {Name: "wide", Mode: rollout.Auto, Share: 1}}
	back, err := rollout.State{}.RollBack(steps, rollout.Order{By: "handoff", Why: "harm", At: minutes(20)})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		state rollout.State
		want  contract.EventType
	}{
		"it runs":        {rollout.State{}, contract.LeadHandedOff},
		"it rolled back": {back, contract.LeadControlRouted},
	} {
		s := phased(t, rollout.Auto, in)
		s.hear(monday, demo("1", monday))
		before := *s.lead.Journey.Enrolment
		s.recycle(5)
		s.phase = tc.state
		told := len(s.told(tc.want))
		s.hear(minutes(30), demo("2", minutes(30)))
		if diff := cmp.Diff(before, *s.lead.Journey.Enrolment); diff != "" || len(s.told(contract.LeadEnrolled)) != 1 {
			t.Errorf("%s: enrolled anew:\n%s", name, diff)
		}
		if len(s.told(tc.want)) != told+1 {
			t.Errorf("%s: want %s, told of %v", name, tc.want, s.types())
		}
	}
}

// Rolled back, what is handed off stays with its owner and clocks, and what
// waits in a queue, and nobody ever had, is left to the existing process.
func TestRollingBack(t *testing.T) {
	steps := []rollout.Step{{Name: "pilot", Mode: rollout.Auto, Share: 1}, {Name: "wide", Mode: rollout.Auto, Share: 1}}
	back, err := rollout.State{}.RollBack(steps, rollout.Order{By: "handoff", Why: "harm", At: minutes(20)})
	if err != nil {
		t.Fatal(err)
	}
	off := func(p *policy.Policy) {
		for i := range p.Routing.Pools["sales"].Reps {
			p.Routing.Pools["sales"].Reps[i].Off = "away"
		}
	}
	t.Run("held", func(t *testing.T) {
		s := phased(t, rollout.Auto, in, off)
		s.hear(monday, demo("1", monday))
		if got := s.what(); got != "in the queue, 1 clocks, sales counts 0 and 1" {
			t.Fatal(got)
		}
		s.offer(minutes(11))
		s.phase = back
		s.offer(minutes(22))
		s.expect(with(enrolled, "lead.held", "clock.started first_contact customer", "clock.stopped first_contact customer", "lead.control_routed")...)
		if got := s.what(); got != "" {
			t.Errorf("the lead is %q", got)
		}
		if e := s.lead.Journey.Enrolment; e.Arm != lead.Treatment {
			t.Errorf("moved to arm %s", e.Arm)
		}
	})
	t.Run("handed off", func(t *testing.T) {
		s := phased(t, rollout.Auto, in)
		s.hear(monday, demo("1", monday))
		s.phase = back
		s.hear(minutes(21), answer(signal.RepAccepted, s.lead, minutes(21)))
		s.expect(with(inProcess, "lead.accepted", "clock.met accept", "clock.started feedback")...)
		if got := s.what(); got != handed {
			t.Errorf("the lead is %q", got)
		}
	})
}

// A log item names the state that was decided under, and the decision can be
// made again from it.
func TestTheLogNamesTheState(t *testing.T) {
	s := phased(t, rollout.Auto, in)
	s.phase = rollout.State{Version: 7, Phase: "pilot", Mode: rollout.Auto, Share: 1, Status: rollout.Running, Round: 2}
	first := s.step(monday, demo("1", monday))
	if first.Log.Rollout == nil || *first.Log.Rollout != 7 || first.Lead.Journey.Enrolment.Round != 2 {
		t.Fatalf("%+v", first.Log)
	}
	if diff := cmp.Diff(first.Log, s.step(monday, demo("1", monday)).Log); diff != "" {
		t.Errorf("the same inputs give another decision:\n%s", diff)
	}
	s.keep(first)
	if d := s.step(minutes(1), answer(signal.RepAccepted, s.lead, minutes(1))); d.Log.Rollout != nil {
		t.Errorf("an answer was decided under state %d", *d.Log.Rollout)
	}
}
