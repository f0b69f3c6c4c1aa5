package main

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// say writes what is said about reps.
func (s stack) say(t *testing.T, entries map[string]routing.Entry) {
	t.Helper()
	r, err := s.Roster(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	next := r
	for id, e := range entries {
		next = next.With(id, e)
	}
	next.Version = r.Version + 1
	if err := s.PutRoster(t.Context(), next); err != nil {
		t.Fatal(err)
	}
}

func (s stack) lead(t *testing.T, k signal.LeadKey) *lead.Lead {
	t.Helper()
	l, err := s.Lead(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func everybody(e routing.Entry) map[string]routing.Entry {
	return map[string]routing.Entry{"alex": e, "bo": e, "casey": e}
}

// Leads that nobody could receive go out oldest first once somebody can, and a
// newer lead does not overtake them.
func TestHeldLeadsAreOfferedOldestFirst(t *testing.T) {
	s := newStack(t)
	text := bytes.Replace(policy.Default(), []byte("most: 40"), []byte("most: 3"), 1)
	if err := s.PutPolicy(t.Context(), policy.VersionOf(text), text, monday.AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
	s.say(t, everybody(routing.Entry{Switch: routing.Off, Reason: "a meeting of the whole team"}))
	var keys []signal.LeadKey
	for i := range 5 {
		keys = append(keys, s.hear(t, demo(fmt.Sprintf("p%d@c%d.example", i, i), monday.Add(time.Duration(i)*time.Second))))
	}
	s.sweep(t, monday.Add(time.Minute))
	s.holders(t, keys, "", "", "", "", "")
	s.say(t, map[string]routing.Entry{"bo": {Switch: routing.On}})
	keys = append(keys, s.hear(t, demo("late@overtaker.example", monday.Add(90*time.Second))))
	s.holders(t, keys, "", "", "", "", "", "") // behind the others, though bo could take it
	s.sweep(t, monday.Add(2*time.Minute))
	s.holders(t, keys, "bo", "bo", "bo", "", "", "")
	s.say(t, map[string]routing.Entry{"alex": {Switch: routing.On}})
	s.sweep(t, monday.Add(3*time.Minute))
	s.holders(t, keys, "bo", "bo", "bo", "alex", "alex", "alex")
	if p, err := s.Pool(t.Context(), "sales"); err != nil || p.Held != 0 || p.Reps["bo"].Received != 3 {
		t.Errorf("pool %+v, %v", p, err)
	}
}

// holders checks who holds each of the leads, "" for one that is held.
func (s stack) holders(t *testing.T, keys []signal.LeadKey, want ...string) {
	t.Helper()
	got := make([]string, len(keys))
	for i, k := range keys {
		j := s.lead(t, k).Journey
		if h := j.Holder(); h != nil {
			got[i] = h.Rep
		} else if j.Held == nil {
			t.Fatalf("%s is neither with somebody nor held", k)
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("with %q, want %q", got, want)
	}
}

// A leave that is entered while a clock runs moves the holder's deadlines and
// leaves the customer's.
func TestALeaveMovesTheClocksThatItConcerns(t *testing.T) {
	s := newStack(t)
	k := s.handOff(t, "ada@engines.example")
	s.sweep(t, monday.Add(time.Minute))
	before := s.lead(t, k).Journey
	s.say(t, map[string]routing.Entry{before.Handoff.Rep: {Leave: []policy.Leave{{From: "2026-05-18T10:00", To: "2026-05-18T14:00"}}}})
	s.sweep(t, monday.Add(2*time.Minute))
	for i, c := range s.lead(t, k).Journey.Clocks {
		want := before.Clocks[i].DueAt
		switch {
		case c.Kind == lead.AcceptClock:
			want = want.Add(4 * time.Hour)
		case c.Scope == lead.HolderScope:
			want = monday.AddDate(0, 0, 1) // three of the four hours are left on Monday afternoon
		}
		if !c.DueAt.Equal(want) {
			t.Errorf("%s of the %s is due at %s, want %s", c.Kind, c.Scope, c.DueAt, want)
		}
	}
	if got, want := s.told(t, k), "clock.moved clock.moved"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	s.sweep(t, monday.Add(3*time.Minute)) // nothing has changed since
	if got, want := s.told(t, k), "clock.moved clock.moved"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

// A clock that is found to be late under hours that moved it is not breached.
func TestASickDayStopsTheVerdict(t *testing.T) {
	s := newStack(t)
	k := s.handOff(t, "ada@engines.example")
	rep := s.lead(t, k).Journey.Handoff.Rep
	s.say(t, map[string]routing.Entry{rep: {Leave: []policy.Leave{{From: "2026-05-18", To: "2026-05-18", Reason: "sick"}}}})
	s.sweep(t, monday.Add(40*time.Minute))
	for _, c := range s.lead(t, k).Journey.Clocks {
		if c.State != lead.Running {
			t.Errorf("%s of the %s is %s", c.Kind, c.Scope, c.State)
		}
	}
}

// Hours of a rep's own that the directory has, and a feed's leave, move the
// clocks that run already.
func TestOwnHoursMoveRunningClocks(t *testing.T) {
	s := newStack(t)
	k := s.handOff(t, "ada@engines.example")
	rep := s.lead(t, k).Journey.Handoff.Rep
	own := &policy.Calendar{Zone: "America/New_York", Hours: map[string][]string{"mon": {"10:00-10:01"}, "tue": {"13:00-17:00"}, "wed": {"13:00-17:00"}}}
	s.say(t, map[string]routing.Entry{rep: {Card: routing.Card{Hours: own}}})
	s.sweep(t, monday.Add(time.Minute))
	due := func() (at time.Time) {
		for _, c := range s.lead(t, k).Journey.Clocks {
			if c.Kind == lead.AcceptClock && c.State == lead.Running {
				at = c.DueAt
			}
		}
		return at
	}
	if at := due(); at.Day() != 19 {
		t.Errorf("with own hours it is due at %s, want on Tuesday", at)
	}
	feed := &routing.Feed{URL: "https://calendar.example/x", Leave: []policy.Leave{{From: "2026-05-19T15:00Z", To: "2026-05-19T22:00Z", Reason: "sick"}}}
	s.say(t, map[string]routing.Entry{rep: {Card: routing.Card{Hours: own}, Feed: feed}})
	s.sweep(t, monday.Add(2*time.Minute))
	if at := due(); at.Day() != 20 {
		t.Errorf("with leave from a calendar it is due at %s, want on Wednesday", at)
	}
}
