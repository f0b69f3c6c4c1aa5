package lead_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

func of[T any](v T) *T { return &v }

// says lets the directory say something of a rep.
func (s *story) says(rep string, e routing.Entry) { s.roster = s.roster.With(rep, e) }

func TestWhoWasAddedReceivesLeads(t *testing.T) {
	s := newStory(t, nil)
	for _, id := range []string{"alex", "bo", "casey"} {
		s.says(id, routing.Entry{Switch: routing.Off})
	}
	s.says("dov", routing.Entry{Card: routing.Card{
		Name: of("Dov Katz"), Email: of("dov@our-company.example"), Pools: &[]string{"sales"},
		Hours: &policy.Calendar{Zone: "America/New_York", Hours: map[string][]string{"mon": {"11:00-12:00"}}},
	}})
	s.hear(monday, demo("1", monday))
	h := s.lead.Journey.Handoff
	if h == nil || h.Rep != "dov" || h.RepName != "Dov Katz" {
		t.Fatalf("%+v", h)
	}
	for _, c := range s.lead.Journey.Clocks {
		if c.Kind == lead.AcceptClock && !c.StartedAt.Equal(monday.Add(time.Hour)) {
			t.Errorf("their clock starts at %s, want the beginning of their own hours", c.StartedAt)
		}
	}
}

func TestTheLogNamesTheRosterThatWasAsked(t *testing.T) {
	s := newStory(t, nil)
	s.says("bo", routing.Entry{Switch: routing.Off})
	s.says("bo", routing.Entry{Switch: routing.On})
	first := demo("1", monday)
	s.store(first)
	if d := s.step(monday, first); d.Log.RosterVersion != 2 {
		t.Errorf("roster version %d, want 2", d.Log.RosterVersion)
	}
	quiet := demo("2", monday)
	quiet.Type, quiet.Attributes = signal.PageViewed, map[string]string{"page": "/about"}
	other := s.another()
	other.store(quiet)
	if d := other.step(monday, quiet); d.Log == nil || d.Log.RosterVersion != 0 {
		t.Errorf("a decision that asks for nobody names a roster: %+v", d.Log)
	}
}

func TestOwnHoursMoveOpenClocks(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	holder := s.lead.Journey.Handoff.Rep
	before := s.due(lead.AcceptClock)
	s.says(holder, routing.Entry{Card: routing.Card{Hours: &policy.Calendar{
		Zone: "America/New_York", Hours: map[string][]string{"mon": {"10:00-10:01"}, "tue": {"13:00-17:00"}},
	}}})
	d := s.play(lead.World{Key: s.lead.Key, Lead: s.lead, Review: true}, monday)
	if d.Lead == nil {
		t.Fatal("nothing was reviewed")
	}
	s.keep(d)
	tuesday := time.Date(2026, 5, 19, 17, 0, 0, 0, time.UTC)
	if after := s.due(lead.AcceptClock); !before.Before(tuesday) || after.Before(tuesday) {
		t.Errorf("due at %s, then at %s", before, after)
	}
}

// due returns when the holder's running clock of a kind is due.
func (s *story) due(kind lead.ClockKind) time.Time {
	s.t.Helper()
	for _, c := range s.lead.Journey.Clocks {
		if c.Kind == kind && c.Scope == lead.HolderScope && c.State == lead.Running {
			return c.DueAt
		}
	}
	s.t.Fatalf("no %s runs", kind)
	return time.Time{}
}

func TestWhoHasMovedKeepsTheirHours(t *testing.T) {
	s := newStory(t, twoPools)
	s.hear(monday, from("Acme", monday))
	h := s.lead.Journey.Handoff
	other := "sales"
	if h.Pool == other {
		other = "big"
	}
	s.says(h.Rep, routing.Entry{Card: routing.Card{Pools: &[]string{other}}, Leave: []policy.Leave{{From: "2026-05-18T10:00", To: "2026-05-20"}}})
	d := s.play(lead.World{Key: s.lead.Key, Lead: s.lead, Review: true}, monday)
	if d.Lead == nil {
		t.Fatal("their leave moves no clock")
	}
	s.keep(d)
	if due := s.due(lead.AcceptClock); due.Before(time.Date(2026, 5, 21, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("due at %s, in their leave", due)
	}
}

func TestAnOwnerWhomTheDirectoryKnowsIsFollowed(t *testing.T) {
	s := newStory(t, nil)
	s.hear(monday, demo("1", monday))
	next := "alex"
	if s.lead.Journey.Handoff.Rep == next {
		next = "bo"
	}
	s.says(next, routing.Entry{Card: routing.Card{OwnerIDs: &[]string{"hubspot:77"}}})
	at := monday.Add(time.Minute)
	s.hear(at, signal.Signal{
		Source: "hubspot", ID: "owner-1", Type: signal.OwnerChanged, OccurredAt: at, ReceivedAt: at,
		Identity: demo("1", monday).Identity, Attributes: map[string]string{signal.AttrOwner: "77"},
	})
	if got := s.lead.Journey.Handoff.Rep; got != next {
		t.Errorf("the lead is with %s, want %s, whom the directory knows by that id", got, next)
	}
}

func TestACapOfTheDirectoryHasItsOwnCondition(t *testing.T) {
	s := newStory(t, nil)
	for _, id := range []string{"alex", "bo", "casey"} {
		s.says(id, routing.Entry{Card: routing.Card{Caps: &[]policy.Cap{{Most: 1, Per: policy.CapOpen, When: `source == "nowhere"`}}}})
	}
	s.says("alex", routing.Entry{Card: routing.Card{Caps: &[]policy.Cap{{Most: 1, Per: policy.CapDay, When: `lead.country != "no such country"`}}, Weight: of(100.0)}})
	got := map[string]int{}
	for i := range 4 {
		next := s.another()
		at := monday.Add(time.Duration(i) * time.Minute)
		next.hear(at, demo(itoa(i), at))
		got[next.lead.Journey.Handoff.Rep]++
		s.pools = next.pools
	}
	if got["alex"] != 1 {
		t.Errorf("%v: alex, whose weight is large, may have one a day", got)
	}
}
