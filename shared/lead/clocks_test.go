package lead_test

import (
	"slices"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// clock returns the last clock of a kind and scope.
func (s *story) clock(kind lead.ClockKind, scope lead.ClockScope) lead.Clock {
	s.t.Helper()
	for _, c := range slices.Backward(s.lead.Journey.Clocks) {
		if c.Kind == kind && c.Scope == scope {
			return c
		}
	}
	s.t.Fatalf("no clock %s of the %s", kind, scope)
	return lead.Clock{}
}

// saying is an answer with attributes.
func saying(kind signal.Type, l *lead.Lead, at time.Time, attributes ...string) signal.Signal {
	a := answer(kind, l, at)
	for i := 0; i+1 < len(attributes); i += 2 {
		a.Attributes[attributes[i]] = attributes[i+1]
	}
	if n := a.Attributes[signal.AttrNth]; n != "" {
		a.ID += "." + n
	}
	return a
}

// logged is what a CRM says that one of us did.
func logged(id string, at time.Time, attributes ...string) signal.Signal {
	g := demo(id, at)
	g.Source, g.Type, g.Lead = "hubspot", signal.ActivityLogged, nil
	g.Attributes = map[string]string{signal.AttrHow: signal.HowCall, signal.AttrDirection: signal.Outbound}
	for i := 0; i+1 < len(attributes); i += 2 {
		g.Attributes[attributes[i]] = attributes[i+1]
	}
	return g
}

func minutes(n int) time.Time { return monday.Add(time.Duration(n) * time.Minute) }

// The customer's clock counts from the qualifying signal, each holder's from
// when they were given the lead: the last of them is not to blame for the rest.
func TestEachHolderHasAClockOfTheirOwn(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.hear(minutes(50), answer(signal.RepRejected, s.lead, minutes(50)))
	customer, holder := s.clock(lead.FirstContactClock, lead.CustomerScope), s.clock(lead.FirstContactClock, lead.HolderScope)
	if !customer.StartedAt.Equal(monday) || !holder.StartedAt.Equal(minutes(50)) || holder.Handoff != 2 {
		t.Errorf("customer from %s, holder from %s of handoff %d", customer.StartedAt, holder.StartedAt, holder.Handoff)
	}
	s.decide(minutes(121)) // the tier of this lead promises a contact within two hours
	if c := s.clock(lead.FirstContactClock, lead.CustomerScope); c.State != lead.Breached {
		t.Errorf("the customer's clock is %s", c.State)
	}
	if h := s.clock(lead.FirstContactClock, lead.HolderScope); h.State != lead.Running && h.State != lead.Stopped {
		t.Errorf("the second holder's clock is %s", h.State)
	}
}

func TestATierSetsTheClocksThatItNames(t *testing.T) {
	hot, usual := newStory(t, nil), newStory(t, nil)
	hot.hear(monday, demo("1", monday))
	small := demo("1", monday)
	small.Lead = map[string]string{"first_name": "Ada"}
	usual.hear(monday, small)
	if got := hot.clock(lead.FirstContactClock, lead.CustomerScope).Within; got != 2*time.Hour || hot.lead.Journey.Handoff.Tier != "hot" {
		t.Errorf("a hot lead is promised %s, tier %q", got, hot.lead.Journey.Handoff.Tier)
	}
	if got := usual.clock(lead.FirstContactClock, lead.CustomerScope).Within; got != 4*time.Hour {
		t.Errorf("a usual lead is promised %s", got)
	}
	if got := hot.clock(lead.AcceptClock, lead.HolderScope).Within; got != 30*time.Minute {
		t.Errorf("a tier that does not name accept changed it to %s", got)
	}
}

// First contact is an act of a person: neither a change of status nor what a
// machine did, nor what the customer did.
func TestWhatIsNoFirstContact(t *testing.T) {
	for name, g := range map[string]signal.Signal{
		"an auto-reply":          logged("2", minutes(5), signal.AttrHow, signal.HowEmail, signal.AttrAutomated, "true"),
		"a mail of the customer": logged("2", minutes(5), signal.AttrHow, signal.HowEmail, signal.AttrDirection, signal.Inbound),
		"a deal that moves":      {Source: "hubspot", ID: "2", Type: signal.DealChanged, OccurredAt: minutes(5), ReceivedAt: minutes(5), Attributes: map[string]string{"deal": "7", "deal_status": "open"}},
	} {
		s := newStory(t, nil)
		s.hear(monday, demo("1", monday))
		s.hear(minutes(5), g)
		if got := s.clockEvents("first_contact")["clock.met"]; got != 0 || s.lead.Journey.Handoff.Contact != nil {
			t.Errorf("%s counts as a contact", name)
		}
	}
}

// A contact is labeled with whose word it is; a CRM's does not accept the lead.
func TestAContactSaysWhoseWordItIs(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.hear(minutes(5), logged("2", minutes(4)))
	if got := s.told1(contract.LeadContacted).Act; got == nil || got.Word != "crm" || got.Source != "hubspot" || got.How != "call" || !got.At.Equal(minutes(4)) {
		t.Errorf("act %+v", got)
	}
	if s.clock(lead.AcceptClock, lead.HolderScope).State != lead.Running {
		t.Error("accepted without the holder's word")
	}
	o := newStory(t, nil)
	o.hear(monday, demo("1", monday))
	o.hear(minutes(20), saying(signal.RepContacted, o.lead, minutes(20), signal.AttrHow, "email", signal.AttrWhen, minutes(10).Format(time.RFC3339)))
	if got := o.told1(contract.LeadContacted).Act; got == nil || got.Word != "rep" || got.How != "email" || !got.At.Equal(minutes(10)) {
		t.Errorf("act %+v", got)
	}
	if c := o.clock(lead.FirstContactClock, lead.CustomerScope); c.State != lead.Met || !c.EndedAt.Equal(minutes(20)) {
		t.Errorf("met %s at %s, want at the receipt", c.State, c.EndedAt)
	}
}

// told1 returns the detail of the only event of a type.
func (s *story) told1(typ contract.EventType) contract.Detail {
	s.t.Helper()
	var all []contract.Detail
	for _, e := range s.log {
		if e.Type == typ {
			all = append(all, e.Detail)
		}
	}
	if len(all) != 1 {
		s.t.Fatalf("%d times %s: %v", len(all), typ, s.types())
	}
	return all[0]
}

// What a CRM tells late, but happened in time, corrects the reports.
func TestACallLoggedLateCorrects(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Escalation.Accept = nil })
	s.hear(monday, demo("1", monday))
	s.decide(minutes(125))
	g := logged("2", minutes(60))
	g.ReceivedAt = minutes(150)
	s.hear(minutes(150), g)
	if got := s.clockEvents("first_contact"); got["clock.breached"] != 2 || got["clock.corrected"] != 2 || got["clock.late"] != 0 {
		t.Errorf("%v", got)
	}
}

func TestAttemptsFollowOneAnother(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.hear(minutes(5), answer(signal.RepContacted, s.lead, minutes(5)))
	if c := s.clock(lead.FollowUpClock, lead.HolderScope); c.N != 1 || c.Within != 16*time.Hour {
		t.Fatalf("%+v", c)
	}
	s.hear(minutes(300), saying(signal.RepContacted, s.lead, minutes(300), signal.AttrNth, "1"))
	s.hear(minutes(301), saying(signal.RepContacted, s.lead, minutes(300), signal.AttrNth, "1")) // the same again
	if c := s.clock(lead.FollowUpClock, lead.HolderScope); c.N != 2 || s.lead.Journey.Handoff.Attempts != 2 {
		t.Fatalf("attempt %d runs after %d", c.N, s.lead.Journey.Handoff.Attempts)
	}
	s.hear(minutes(350), logged("9", minutes(350)))
	if s.running(lead.FollowUpClock) != 0 || s.clockEvents("follow_up")["clock.met"] != 2 {
		t.Errorf("after the last attempt: %v", s.clockEvents("follow_up"))
	}
}

func TestAMeetingEndsTheAttempts(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	s.hear(minutes(5), answer(signal.RepContacted, s.lead, minutes(5)))
	s.hear(minutes(9), saying(signal.MeetingBooked, s.lead, minutes(9), signal.AttrMeeting, "1.0", signal.AttrBookedBy, signal.BookedByRep))
	if s.running(lead.FollowUpClock) != 0 || s.lead.Journey.Stage != lead.Meeting || s.lead.Journey.Handoff.Attempts != 2 {
		t.Errorf("stage %s, attempts %d, %v", s.lead.Journey.Stage, s.lead.Journey.Handoff.Attempts, s.clockEvents("follow_up"))
	}
}

func TestAPauseStopsTheClocksForAWhile(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	until := minutes(24 * 60)
	s.hear(minutes(60), saying(signal.RepSnoozed, s.lead, minutes(60), signal.AttrReason, "customer_asked", signal.AttrUntil, until.Format(time.RFC3339)))
	for _, c := range s.lead.Journey.Clocks {
		if paused := c.State == lead.Paused; paused != (c.Kind != lead.AcceptClock) {
			t.Errorf("%s of the %s is %s", c.Kind, c.Scope, c.State)
		}
	}
	s.decide(until.Add(time.Minute))
	c := s.clock(lead.FirstContactClock, lead.CustomerScope)
	if want := until.Add(time.Hour); c.State != lead.Running || !c.DueAt.Equal(want) {
		t.Errorf("%s, due at %s, want %s: one of its two hours had passed", c.State, c.DueAt, want)
	}
	if d := s.told(contract.ClockPaused); len(d) != 3 || d[0].Reason != "customer_asked" || !d[0].Until.Equal(until) {
		t.Errorf("told %+v", d)
	}
}

func (s *story) told(typ contract.EventType) (all []contract.Detail) {
	for _, e := range s.log {
		if e.Type == typ {
			all = append(all, e.Detail)
		}
	}
	return all
}

func TestAPauseHasLimits(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	far := monday.AddDate(1, 0, 0).Format(time.RFC3339)
	s.hear(minutes(1), saying(signal.RepSnoozed, s.lead, minutes(1), signal.AttrUntil, far))
	if got, want := s.clock(lead.FirstContactClock, lead.CustomerScope).ResumeAt, minutes(1).Add(336*time.Hour); !got.Equal(want) {
		t.Errorf("pauses until %s, want %s at most", got, want)
	}
	for n, at := range []int{2, 3} {
		s.hear(minutes(at), saying(signal.RepSnoozed, s.lead, minutes(at), signal.AttrNth, []string{"1", "2"}[n], signal.AttrUntil, far))
	}
	if s.lead.Journey.Handoff.Pauses != 2 {
		t.Errorf("%d pauses, want 2 at most", s.lead.Journey.Handoff.Pauses)
	}
	none := newStory(t, func(p *policy.Policy) { p.SLA.Pause.Most = 0 })
	none.hear(monday, demo("1", monday))
	none.hear(minutes(1), saying(signal.RepSnoozed, none.lead, minutes(1), signal.AttrUntil, far))
	if none.clock(lead.FirstContactClock, lead.CustomerScope).State != lead.Running {
		t.Error("paused, though the policy allows none")
	}
}

// A reminder is given in the receiver's hours, and not at all when it would
// come after the deadline.
func TestNoReminderOutsideHours(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		p.SLA.Accept = policy.ClockPolicy{Within: policy.Duration(14 * time.Hour), Hours: policy.HoursWall}
		p.Escalation.Accept = steps(t, "50% remind", "-1h remind", "100% manager")
	})
	evening := time.Date(2026, 5, 18, 20, 0, 0, 0, time.UTC) // 16:00 in New York; half of the time is over at 23:00, all at 6:00
	s.hear(evening, demo("1", evening))
	for m := range 20 * 60 {
		s.decide(evening.Add(time.Duration(m) * time.Minute))
	}
	office := time.Date(2026, 5, 19, 13, 0, 0, 0, time.UTC)
	for _, e := range s.log {
		if e.Type == contract.ClockWarned && e.Detail.Clock.Kind == "accept" {
			t.Errorf("reminded at %s", e.Time)
		}
		if e.Type == contract.LeadEscalated && e.Detail.Clock.Kind == "accept" && !e.Time.Equal(office) {
			t.Errorf("the manager hears of it at %s, want %s", e.Time, office)
		}
	}
}

// steps makes steps of "50% remind".
func steps(t *testing.T, texts ...string) []policy.Step {
	t.Helper()
	var all []policy.Step
	for _, text := range texts {
		var s policy.Step
		at, do, _ := cut(text)
		if err := s.At.UnmarshalText([]byte(at)); err != nil {
			t.Fatal(err)
		}
		s.Do = do
		all = append(all, s)
	}
	return all
}

func cut(text string) (string, string, bool) {
	i := slices.Index([]byte(text), ' ')
	return text[:i], text[i+1:], true
}

// Silence goes from rep to rep, never to one who had the lead while others have
// not, and ends with the manager.
func TestSilenceThroughEveryStep(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	for m := range 12 * 60 {
		s.decide(minutes(m))
	}
	if had := s.lead.Journey.Handoff.HadBy; len(had) != 3 || had[0] == had[1] || had[1] == had[2] || had[0] == had[2] {
		t.Errorf("had by %v", had)
	}
	last := s.told(contract.LeadEscalated)
	if reason := last[len(last)-1].Reason; s.lead.Journey.Holder() == nil || !slices.Contains([]string{
		"the rep's answer did not come in time, and 3 reps had the lead", "the first contact did not come in time",
	}, reason) {
		t.Errorf("holder %+v, last reason %q", s.lead.Journey.Holder(), reason)
	}
	if n := len(s.told(contract.LeadReassigned)); n != 2 {
		t.Errorf("reassigned %d times", n)
	}
}

// In a small pool a lead comes back to who had it before; each counts once in
// what the manager reads.
func TestTheManagerReadsHowManyRepsHadALead(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) {
		pool := p.Routing.Pools["sales"]
		pool.Reps = pool.Reps[:2]
		p.Routing.Pools["sales"] = pool
	})
	s.hear(monday, demo("1", monday))
	for m := range 12 * 60 {
		s.decide(minutes(m))
	}
	if had := s.lead.Journey.Handoff.HadBy; len(had) != 3 || had[0] != had[2] {
		t.Fatalf("had by %v", had)
	}
	want := "the rep's answer did not come in time, and 2 reps had the lead"
	if !slices.ContainsFunc(s.told(contract.LeadEscalated), func(d contract.Detail) bool { return d.Reason == want }) {
		t.Errorf("nobody is told that %s: %+v", want, s.told(contract.LeadEscalated))
	}
}

func TestWhoMissesTooManyDeadlinesGoesOffline(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Escalation.OfflineAfter, p.Escalation.Accept = 2, nil })
	s.hear(monday, demo("1", monday))
	rep := s.lead.Journey.Handoff.Rep
	s.decide(minutes(31))
	if s.roster.Reps[rep].Switch == routing.Off || s.pools["sales"].Reps[rep].Missed != 1 {
		t.Fatalf("after one: %+v", s.pools["sales"].Reps[rep])
	}
	p := s.pools["sales"]
	second := &story{t: t, core: s.core, pools: map[string]routing.Pool{"sales": p}, roster: s.roster}
	second.hear(minutes(40), demo("1", minutes(40)))
	second.lead.Journey.Handoff.Rep = rep // whoever it was, it is theirs now
	second.decide(minutes(71))
	if e := second.roster.Reps[rep]; e.Switch != routing.Off || e.Reason == "" || len(second.told(contract.RepOffline)) != 1 {
		t.Errorf("after two: %+v, %v", e, second.types())
	}
}

func TestTheClocksOfALeadAreKeptShort(t *testing.T) {
	s := newStory(t, func(p *policy.Policy) { p.Routing.Rejections.PerDay, p.Escalation.MaxReps = 0, 0 })
	s.hear(monday, demo("1", monday))
	for i := range 20 {
		at := minutes(i + 1)
		to := []string{"bo", "casey", "alex"}[i%3]
		s.hear(at, signal.Signal{
			Source: "operator", ID: at.String(), Type: signal.OrderReassign, OccurredAt: at, ReceivedAt: at,
			Attributes: map[string]string{"handoff": itoa(s.lead.Journey.Handoff.Number), "to": to, "reason": "a test"},
		})
	}
	if n := len(s.lead.Journey.Clocks); n > 12 || s.lead.Journey.Handoff.Number != 21 {
		t.Errorf("%d clocks after %d handoffs", n, s.lead.Journey.Handoff.Number)
	}
	if c := s.clock(lead.FirstContactClock, lead.CustomerScope); c.State != lead.Running {
		t.Error("the customer's clock was forgotten")
	}
}
