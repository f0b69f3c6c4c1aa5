package lead_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// wants is what Morgan Hale orders about the lead as it is, whether that makes
// sense for it or not.
func (s *story) wants(what signal.Type, at time.Time, attributes ...string) signal.Signal {
	a := map[string]string{
		signal.AttrBy: "Morgan Hale", signal.AttrReason: "knows them", signal.AttrUntil: at.AddDate(0, 0, 7).Format(time.RFC3339),
		signal.AttrStage: string(s.lead.Journey.Reached()), signal.AttrAfter: itoa(s.lead.Journey.Orders.Count),
	}
	if n := s.lead.Journey.About(); n > 0 {
		a[signal.AttrHandoff] = itoa(n)
	}
	for i := 0; i+1 < len(attributes); i += 2 {
		a[attributes[i]] = attributes[i+1]
	}
	return signal.Signal{
		Source: lead.Operator, ID: fmt.Sprint(s.lead.Version, what, at, attributes), Type: what, OccurredAt: at, ReceivedAt: at, Attributes: a,
	}
}

// states are what a lead can be in when an order comes, ten minutes after it was
// heard of.
func states() map[string]func(s *story) {
	asked := func(s *story) { s.hear(monday, demo("1", monday)) }
	answered := func(kind signal.Type, attributes ...string) func(*story) {
		return func(s *story) {
			asked(s)
			s.hear(minutes(5), saying(kind, s.lead, minutes(5), attributes...))
		}
	}
	crm := func(kind signal.Type, id string) func(*story) {
		return func(s *story) { asked(s); s.hears(said(5, kind, id, "7")) }
	}
	ordered := func(what signal.Type) func(*story) {
		return func(s *story) { asked(s); s.hear(minutes(5), s.wants(what, minutes(5))) }
	}
	waits := func(s *story) {
		s.everybody(routing.Off)
		asked(s)
		s.everybody(routing.On)
	}
	return map[string]func(s *story){
		"known":        func(s *story) { s.hear(monday, identified("1", monday)) },
		"engaged":      func(s *story) { s.hear(monday, visit("1", monday)) },
		"handed off":   asked,
		"accepted":     answered(signal.RepAccepted),
		"contacted":    answered(signal.RepContacted),
		"waits":        waits,
		"held back":    ordered(signal.OrderHold),
		"taken back":   func(s *story) { s.alone("alex"); ordered(signal.OrderTakeBack)(s); s.everybody(routing.On) },
		"manager's":    answered(signal.RepRejected, signal.AttrReason, "already_in_touch"),
		"recycled":     answered(signal.RepRejected, signal.AttrReason, "too_early"),
		"disqualified": answered(signal.RepRejected, signal.AttrReason, "not_a_fit"),
		"meeting":      crm(signal.MeetingBooked, "meeting"),
		"won":          crm(signal.DealWon, "deal"),
		"lost":         crm(signal.DealLost, "deal"),
		"won, waited": func(s *story) {
			waits(s)
			s.hears(said(5, signal.DealWon, "deal", "7"))
		},
		"incomplete": incomplete,
		"recycled, inc.": func(s *story) {
			asked(s)
			s.hear(minutes(2), s.wants(signal.OrderRecycle, minutes(2)))
			s.core = newCore(s.t, wantsPhone)
			s.hear(minutes(5), demo("2", minutes(5)))
		},
		"won, incompl.": func(s *story) {
			incomplete(s)
			s.hears(said(5, signal.DealWon, "deal", "7"))
		},
	}
}

// incomplete is a lead that has qualified and lacks what sales needs.
func incomplete(s *story) {
	s.core = newCore(s.t, wantsPhone)
	s.hear(monday, demo("1", monday))
}

// identified is a signal that scores nothing.
func identified(id string, at time.Time) signal.Signal {
	g := visit(id, at)
	g.Type, g.Attributes = signal.LeadIdentified, nil
	return g
}

// everybody switches all reps on or off.
func (s *story) everybody(is routing.Switch) {
	for _, rep := range []string{"alex", "bo", "casey"} {
		s.roster = s.roster.With(rep, routing.Entry{Switch: is, Reason: "a test"})
	}
	s.roster.Version++
}

// alone leaves one rep.
func (s *story) alone(rep string) {
	s.everybody(routing.Off)
	s.roster = s.roster.With(rep, routing.Entry{Switch: routing.On})
}

// outcomes are what becomes of a lead in each state by each order: "-" for
// nothing, or who has it, where it waits, or the stage that it is in.
const outcomes = `
               remind  reassign  casey   take_back  hold  recycle   disqualify    handoff  to_casey
known          -       -         -       -          -     recycled  disqualified  alex     casey
engaged        -       -         -       -          -     recycled  disqualified  alex     casey
handed off     told    bo        casey   bo         hold  recycled  disqualified  -        -
accepted       told    bo        casey   bo         hold  recycled  disqualified  -        -
contacted      told    bo        casey   bo         hold  recycled  disqualified  -        -
waits          -       alex      casey   -          hold  recycled  disqualified  -        -
held back      -       bo        casey   -          hold  recycled  disqualified  -        -
taken back     -       bo        casey   -          hold  recycled  disqualified  -        -
manager's      -       bo        casey   -          hold  recycled  disqualified  -        -
recycled       -       bo        casey   -          -     -         disqualified  bo       casey
disqualified   -       bo        casey   -          -     -         -             bo       casey
meeting        told    bo        casey   bo         hold  recycled  disqualified  -        -
won            -       bo        casey   -          -     -         -             -        -
lost           -       bo        casey   -          -     -         -             -        -
won, waited    -       -         -       -          -     -         -             -        -
incomplete     -       -         -       -          -     recycled  disqualified  alex     casey
recycled, inc. -       -         -       -          -     recycled  disqualified  bo       casey
won, incompl.  -       -         -       -          -     -         -             -        -
`

// orderOf is what is ordered in a column of outcomes.
func (s *story) orderOf(column string, at time.Time) signal.Signal {
	switch column {
	case "casey":
		return s.wants(signal.OrderReassign, at, signal.AttrTo, "casey")
	case "to_casey":
		return s.wants(signal.OrderHandoff, at, signal.AttrTo, "casey")
	}
	return s.wants(signal.Type("order."+column), at)
}

func TestWhatEveryOrderDoesInEveryState(t *testing.T) {
	lines := strings.Split(strings.Trim(outcomes, "\n"), "\n")
	columns := strings.Fields(lines[0])
	in := states()
	for _, line := range lines[1:] {
		state := strings.TrimSpace(line[:15])
		begin, ok := in[state]
		if !ok {
			t.Fatalf("there is no state %q", state)
		}
		delete(in, state)
		cells := strings.Fields(line[15:])
		for i, column := range columns {
			t.Run(state+"/"+column, func(t *testing.T) {
				s := newStory(t, nil)
				begin(s)
				if reached := s.lead.Journey.Reached(); (reached == lead.Engaged) != (state == "engaged") || (reached == lead.Known) != (state == "known") {
					t.Fatalf("the lead is %s", reached)
				}
				s.checkOrder(s.orderOf(column, minutes(10)), cells[i])
			})
		}
	}
	for state := range in {
		t.Errorf("the table of outcomes lacks %q", state)
	}
}

// checkOrder gives an order, and checks what comes of it and what must hold
// whatever comes of it.
func (s *story) checkOrder(o signal.Signal, want string) {
	s.t.Helper()
	before, told := *s.lead, len(s.log)
	_, err := decision.OrderFor(&before, orderIn(o), o.ReceivedAt)
	if (err != nil) != (want == "-") {
		s.t.Errorf("the person is told %v, want %s", err, want)
	}
	s.hear(o.ReceivedAt, o)
	events := s.log[told:]
	if got := s.outcome(&before, events); got != want {
		s.t.Errorf("%s, want %s; %+v", got, want, s.lead.Journey)
	}
	for _, e := range events {
		if e.Type.Ordered() && (e.Detail.By != "Morgan Hale" || e.Detail.Reason == "") {
			s.t.Errorf("%s says neither who nor why: %+v", e.Type, e.Detail)
		}
	}
	holder, now := before.Journey.Holder(), s.lead.Journey.Holder()
	lost := holder != nil && (now == nil || now.Number != holder.Number)
	if n := count(events, contract.LeadTakenBack); (n == 1) != lost || n > 1 {
		s.t.Errorf("told %d times that the lead is taken back, lost %t", n, lost)
	}
	s.inOrder()
}

// orderIn is an order as the pages and commands give it.
func orderIn(s signal.Signal) decision.Order {
	until, _ := time.Parse(time.RFC3339, s.Attributes[signal.AttrUntil])
	return decision.Order{Type: s.Type, To: s.Attributes[signal.AttrTo], Until: until, Reason: s.Attributes[signal.AttrReason], By: s.Attributes[signal.AttrBy]}
}

func count(events []contract.Event, typ contract.EventType) (n int) {
	for _, e := range events {
		if e.Type == typ {
			n++
		}
	}
	return n
}

// outcome says in a word what became of the lead.
func (s *story) outcome(before *lead.Lead, events []contract.Event) string {
	j := s.lead.Journey
	switch h := j.Holder(); {
	case count(events, contract.OrderIgnored) == 1 && len(events) == 1 && j.Reached() == before.Journey.Reached() && j.About() == before.Journey.About():
		return "-"
	case count(events, contract.LeadReminded) == 1 && len(events) == 1:
		return "told"
	case h != nil:
		return h.Rep
	case j.Held != nil && !j.Held.Until.IsZero():
		return "hold"
	case j.Held != nil:
		return "waits"
	}
	return string(j.Reached())
}

// inOrder checks that the lead is in one place, that it is counted there alone,
// and that nobody but its holder is asked for anything.
func (s *story) inOrder() {
	s.t.Helper()
	j, h := s.lead.Journey, s.lead.Journey.Holder()
	open, waiting := int64(0), int64(0)
	for _, p := range s.pools {
		waiting += p.Held
	}
	for _, rep := range []string{"alex", "bo", "casey"} {
		open += s.open(rep)
	}
	if want := h != nil && len(h.Counted) > 0; (open == 1) != want || open > 1 || (want && s.open(h.Rep) != 1) {
		s.t.Errorf("%d open leads, holder %+v", open, h)
	}
	if j.Incomplete != nil && (j.Held != nil || j.Suggested != nil || h != nil) {
		s.t.Errorf("incomplete %+v, held %+v, suggested %+v, holder %+v", j.Incomplete, j.Held, j.Suggested, h)
	}
	if want := j.Held != nil && j.Held.Until.IsZero(); (waiting == 1) != want || (j.Held != nil && h != nil) {
		s.t.Errorf("%d wait, held %+v, holder %+v", waiting, j.Held, h)
	}
	s.nobodysClocksStand()
}

// nobodysClocksStand checks that no clock runs for who does not hold the lead,
// and none at all once it has left sales' hands.
func (s *story) nobodysClocksStand() {
	s.t.Helper()
	j, h := s.lead.Journey, s.lead.Journey.Holder()
	over := slices.Contains([]lead.Stage{lead.Recycled, lead.Disqualified}, j.Reached())
	for _, c := range j.Clocks {
		theirs := c.Scope == lead.CustomerScope || (h != nil && c.Handoff == h.Number)
		if (c.State == lead.Running || c.State == lead.Paused) && (over || !theirs) {
			s.t.Errorf("%s of the %s runs of a lead that is %s with %+v", c.Kind, c.Scope, j.Reached(), h)
		}
	}
}

// Whoever can send a form could name a handoff and a rep in it. Answers and
// orders come from our own pages alone.
func TestNoWebhookAnswersForARep(t *testing.T) {
	for name, kind := range map[string]signal.Type{"a form": signal.FormSubmitted, "a meeting": signal.MeetingBooked, "an answer": signal.RepAccepted, "a rejection": signal.RepRejected} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			s.hear(monday, demo("1", monday))
			g := demo("2", minutes(1))
			g.Type = kind
			g.Attributes = map[string]string{signal.AttrHandoff: "1", signal.AttrRep: s.lead.Journey.Handoff.Rep, signal.AttrForm: "Newsletter"}
			s.hear(minutes(1), g)
			if h := s.lead.Journey.Holder(); h == nil || h.Answer != lead.AnswerNone || s.running(lead.AcceptClock) != 1 {
				t.Errorf("%s answered for the rep: %+v", kind, h)
			}
		})
	}
}
