package lead_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// said is what a CRM or a calendar says about the lead; attributes are pairs.
func said(minute int, kind signal.Type, attributes ...string) signal.Signal {
	a := map[string]string{}
	for i := 0; i+1 < len(attributes); i += 2 {
		a[attributes[i]] = attributes[i+1]
	}
	at := monday.Add(time.Duration(minute) * time.Minute)
	return signal.Signal{
		Source: "crm", ID: fmt.Sprintf("%d.%s.%v", minute, kind, attributes), Type: kind, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: "ada@engines.example"}, Attributes: a,
	}
}

// hears tells the lead one signal after another, each when it is received.
func (s *story) hears(signals ...signal.Signal) {
	s.t.Helper()
	for _, g := range signals {
		s.hear(g.ReceivedAt, g)
	}
}

// moves returns the changes of stage that were told of.
func (s *story) moves() []string {
	var out []string
	for _, e := range s.log {
		if e.Type == "lead.stage_changed" {
			out = append(out, e.Detail.From+" > "+e.Detail.Stage+": "+e.Summary)
		}
	}
	return out
}

func TestMeetingsAndDealsMoveTheLead(t *testing.T) {
	booked := func(minute int, id string, more ...string) signal.Signal {
		return said(minute, signal.MeetingBooked, append([]string{"meeting", id}, more...)...)
	}
	deal := func(minute int, kind signal.Type, id string, more ...string) signal.Signal {
		return said(minute, kind, append([]string{"deal", id}, more...)...)
	}
	for _, tt := range []struct {
		name    string
		signals []signal.Signal
		want    []string
		stage   lead.Stage
	}{
		{"a stranger books a meeting", []signal.Signal{booked(0, "m")}, []string{"known > meeting: A meeting is booked"}, lead.Meeting},
		{"a lead books a meeting, and cancels", []signal.Signal{
			demo("1", monday), booked(1, "m"), said(2, signal.MeetingCanceled, "meeting", "m"),
		}, []string{"handed_off > meeting: A meeting is booked", "meeting > handed_off: Back to handed off: the meeting was canceled"}, lead.HandedOff},
		{"or does not come", []signal.Signal{
			demo("1", monday), booked(1, "m"), said(2, signal.MeetingNoShow, "meeting", "m"),
		}, []string{"handed_off > meeting: A meeting is booked", "meeting > handed_off: Back to handed off: the lead did not come to the meeting"}, lead.HandedOff},
		{"a moved meeting is no news", []signal.Signal{
			booked(1, "m"), said(2, signal.MeetingCanceled, "meeting", "m", "next_meeting", "n"), booked(2, "n", "previous_meeting", "m"),
		}, []string{"known > meeting: A meeting is booked"}, lead.Meeting},
		{"what is canceled later than an opportunity takes nothing back", []signal.Signal{
			booked(1, "m"), deal(2, signal.DealOpened, "7", "amount", "900"), said(3, signal.MeetingCanceled, "meeting", "m"),
		}, []string{"known > meeting: A meeting is booked", "meeting > opportunity: Sales sees an opportunity: 900"}, lead.Opportunity},
		{"a deal is won", []signal.Signal{
			deal(2, signal.DealOpened, "7"), deal(3, signal.DealWon, "7", "amount", "900", "currency", "EUR"),
		}, []string{"known > opportunity: Sales sees an opportunity", "opportunity > won: Won: 900 EUR"}, lead.Won},
		{"won comes before opened", []signal.Signal{
			deal(3, signal.DealWon, "7", "amount", "900"), deal(2, signal.DealOpened, "7", "amount", "100"),
		}, []string{"known > won: Won: 900"}, lead.Won},
		{"a later deal reopens, and is won too", []signal.Signal{
			deal(2, signal.DealLost, "7", "reason", "the price"), deal(3, signal.DealOpened, "8"), deal(4, signal.DealWon, "8"), deal(6, signal.DealWon, "9"),
		}, []string{"known > lost: Lost", "lost > opportunity: Sales sees an opportunity", "opportunity > won: Won", "won > won: Won"}, lead.Won},
		{"a deleted deal leaves the lead where it was", []signal.Signal{
			demo("1", monday), deal(2, signal.DealOpened, "7"), deal(3, signal.DealDeleted, "7"),
		}, []string{"handed_off > opportunity: Sales sees an opportunity", "opportunity > handed_off: Back to handed off: the deal was deleted"}, lead.HandedOff},
		{
			"a stranger with a meeting qualifies and keeps the meeting",
			[]signal.Signal{booked(0, "m"), demo("1", monday.Add(time.Minute))},
			[]string{"known > meeting: A meeting is booked"},
			lead.Meeting,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory(t, nil)
			s.hears(tt.signals...)
			s.hears(tt.signals...) // again: nothing changes
			if diff := cmp.Diff(tt.want, s.moves()); diff != "" {
				t.Error(diff)
			}
			if s.lead.Journey.Stage != tt.stage {
				t.Errorf("stage %s, want %s", s.lead.Journey.Stage, tt.stage)
			}
		})
	}
}

// What sales does goes on while the stage is one of sales'.
func TestTheProcessGoesOnBehindAMeeting(t *testing.T) {
	s := newStory(t, nil)
	s.hears(said(0, signal.MeetingBooked, "meeting", "m"), demo("1", monday.Add(time.Minute)))
	at := monday.Add(5 * time.Minute)
	s.hear(at, answer(signal.RepAccepted, s.lead, at))
	j := s.lead.Journey
	if j.Stage != lead.Meeting || j.Reached() != lead.Accepted || j.Holder() == nil || j.StageAt[lead.Qualified].IsZero() {
		t.Errorf("%+v", j)
	}
	s.hears(said(6, signal.MeetingCanceled, "meeting", "m"))
	if j := s.lead.Journey; j.Stage != lead.Accepted || j.Process != "" {
		t.Errorf("stage %s, process %q", j.Stage, j.Process)
	}
}

func TestWonAndLostTellOfTheDeal(t *testing.T) {
	s := newStory(t, nil)
	s.hears(demo("1", monday), said(2, signal.DealLost, "deal", "7", "amount", "900", "currency", "EUR", "deal_stage", "closedlost", "reason", "the price"))
	e := s.log[len(s.log)-1]
	if d := e.Detail; d.Reason != "the price" || d.Deal == nil || d.Deal.ID != "7" || d.Deal.Source != "crm" || d.Deal.Amount != "900" || d.Deal.Currency != "EUR" || d.Deal.Stage != "closedlost" || d.Handoff == nil {
		t.Errorf("%+v %+v", d, d.Deal)
	}
}

// The first contact is an act of one of us, and no click.
func TestWhatKeepsThePromiseOfAFirstContact(t *testing.T) {
	for name, tt := range map[string]struct {
		signal signal.Signal
		met    int
	}{
		"the customer books a meeting":        {said(5, signal.MeetingBooked, "meeting", "m", "booked_by", "lead"), 0},
		"a rep books one on their behalf":     {said(5, signal.MeetingBooked, "meeting", "m", "booked_by", "rep"), 2},
		"the meeting was held":                {said(5, signal.MeetingHeld, "meeting", "m"), 2},
		"the customer did not come":           {said(5, signal.MeetingNoShow, "meeting", "m"), 0},
		"somebody moves a deal":               {said(5, signal.DealOpened, "deal", "7"), 0},
		"somebody says that the deal was won": {said(5, signal.DealWon, "deal", "7"), 0},
		"somebody names an owner":             {said(5, signal.OwnerChanged, "owner_email", "bo.lindqvist@our-company.example"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t, nil)
			s.hears(demo("1", monday), tt.signal)
			if got := s.clockEvents("first_contact")["clock.met"]; got != tt.met {
				t.Errorf("met %d times, want %d", got, tt.met)
			}
			if got := s.clockEvents("accept")["clock.met"]; got != 0 {
				t.Error("accepted without the holder's word")
			}
		})
	}
}

func TestAMeetingHeldInTimeCorrectsOnce(t *testing.T) {
	s := newStory(t, nil)
	s.hears(demo("1", monday))
	s.decide(monday.Add(5 * time.Hour))
	for minute := 20; minute < 23; minute++ {
		s.hear(monday.Add(6*time.Hour), said(minute, signal.MeetingHeld, "meeting", fmt.Sprint(minute)))
	}
	if got := s.clockEvents("first_contact"); got["clock.breached"] != 2 || got["clock.corrected"] != 1 || got["clock.met"] != 0 {
		t.Errorf("%v", got)
	}
}

func TestTheOwnerOfTheCRMBecomesTheHolder(t *testing.T) {
	bo := []string{"owner_email", "Bo.Lindqvist@our-company.example"}
	s := newStory(t, func(p *policy.Policy) {
		pool := p.Routing.Pools["sales"]
		pool.Reps[2].OwnerIDs = []string{"crm:77"}
	})
	s.hears(demo("1", monday))
	if s.lead.Journey.Handoff.Rep != "alex" {
		t.Fatalf("the lead went to %s", s.lead.Journey.Handoff.Rep)
	}
	s.hears(
		said(1, signal.OwnerChanged, "owner_email", "stranger@our-company.example"), // recorded only
		said(2, signal.OwnerChanged, append(bo, "deal", "7")...),                    // the owner of a deal
		said(-5, signal.OwnerChanged, bo...),                                        // older than the handoff
	)
	s.expect(handedOff...)
	s.hears(said(3, signal.OwnerChanged, bo...), said(3, signal.OwnerChanged, bo...), said(4, signal.OwnerChanged, bo...))
	h := s.lead.Journey.Handoff
	if h.Rep != "bo" || h.Number != 2 || !cmp.Equal(h.HadBy, []string{"alex", "bo"}) || h.By != "owner in crm" {
		t.Errorf("%+v", h)
	}
	moved := with(handedOff, passedOn...)
	s.expect(moved...)
	// An owner who was named before the present one changes nothing, whenever it comes.
	s.hear(monday.Add(6*time.Minute), said(2, signal.OwnerChanged, "owner", "77"))
	s.expect(moved...)
	s.hears(said(8, signal.OwnerChanged, "owner", "77"))
	if h := s.lead.Journey.Handoff; h.Rep != "casey" || h.Number != 3 {
		t.Errorf("%+v", h)
	}
}

func TestTheOwnerOfWhatIsDecidedIsAskedNothing(t *testing.T) {
	s := newStory(t, nil)
	s.hears(demo("1", monday), said(1, signal.DealWon, "deal", "7"), said(3, signal.OwnerChanged, "owner_email", "bo.lindqvist@our-company.example"))
	s.expect(with(handedOff, "clock.stopped accept", "clock.stopped first_contact", "clock.stopped first_contact customer", "lead.stage_changed", "lead.reassigned")...)
	if s.lead.Journey.Stage != lead.Won {
		t.Errorf("stage %s", s.lead.Journey.Stage)
	}
}

func drawSaid(t *rapid.T) signal.Signal {
	kinds := []signal.Type{
		signal.MeetingBooked, signal.MeetingCanceled, signal.MeetingNoShow, signal.MeetingHeld, signal.DealOpened,
		signal.DealChanged, signal.DealWon, signal.DealLost, signal.DealDeleted, signal.OwnerChanged,
	}
	name := rapid.SampledFrom([]string{"a", "b"})
	return said(rapid.IntRange(-60, 60).Draw(t, "minute"), rapid.SampledFrom(kinds).Draw(t, "kind"), "meeting", name.Draw(t, "meeting"),
		"deal", name.Draw(t, "deal"), "deal_status", rapid.SampledFrom([]string{"", "open"}).Draw(t, "status"),
		"booked_by", rapid.SampledFrom([]string{"rep", "lead"}).Draw(t, "by"))
}

// Whatever order, batches and repeats the news of sales comes in, the lead ends
// in the same stage, and the last event tells of it.
func TestAnyDeliveryEndsInTheSameStage(t *testing.T) {
	core := newCore(t, nil)
	rapid.Check(t, func(rt *rapid.T) {
		set := append(rapid.SliceOfN(rapid.Custom(drawSaid), 1, 40).Draw(rt, "set"), demo("1", monday))
		queue := append(rapid.Permutation(set).Draw(rt, "order"), rapid.Permutation(set).Draw(rt, "again")...)
		end := monday.Add(61 * time.Minute)
		s, once := newStory(t, nil), newStory(t, nil)
		s.core, once.core = core, core
		s.store(set...)
		for len(queue) > 0 {
			size := rapid.IntRange(1, len(queue)).Draw(rt, "batch")
			s.decide(end, queue[:size]...)
			queue = queue[size:]
		}
		once.hear(end, set...)
		if s.lead.Journey.Stage != once.lead.Journey.Stage || s.lead.Journey.Reached() != once.lead.Journey.Reached() {
			rt.Fatalf("%s and %s", s.lead.Journey.Stage, once.lead.Journey.Stage)
		}
		if diff := cmp.Diff(once.lead.Sales, s.lead.Sales); diff != "" {
			rt.Fatal(diff)
		}
		if last := s.log[len(s.log)-1].Detail.Stage; len(s.moves()) > 0 && last != string(s.lead.Journey.Stage) {
			rt.Fatalf("told of %s last, it is %s", last, s.lead.Journey.Stage)
		}
	})
}
