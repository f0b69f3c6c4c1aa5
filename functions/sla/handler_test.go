package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

var monday = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

type stack struct {
	*table.Table
	maker  *decision.Maker
	policy *rules.Loader
}

func newStack(tb testing.TB) stack {
	tb.Helper()
	client, name := dynamotest.CreateTable(tb)
	store := table.New(client, name)
	loader := rules.NewLoader(store.Policy)
	return stack{store, decision.New(store, loader), loader}
}

func (s stack) handler(decide decider, at time.Time) handler {
	return handler{store: s.Table, decide: decide, policy: s.policy, now: clock.Fixed(at), log: slog.New(slog.DiscardHandler)}
}

// handOff makes a lead that was handed off at monday.
func (s stack) handOff(tb testing.TB, email string) signal.LeadKey {
	tb.Helper()
	return s.hear(tb, demo(email, monday))
}

func demo(email string, at time.Time) signal.Signal {
	return signal.Signal{
		Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: email}, Attributes: map[string]string{"form": "Request a demo"},
	}
}

// hear stores a signal and decides about it.
func (s stack) hear(tb testing.TB, g signal.Signal) signal.LeadKey {
	tb.Helper()
	k, err := g.LeadKey()
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := s.PutSignal(tb.Context(), g); err != nil {
		tb.Fatal(err)
	}
	if _, err := s.maker.Apply(tb.Context(), k, []signal.Signal{g}, g.ReceivedAt); err != nil {
		tb.Fatal(err)
	}
	return k
}

func (s stack) sweep(tb testing.TB, at time.Time) {
	tb.Helper()
	if err := s.handler(s.maker, at).handle(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// told lists the types of the lead's events since its handoff, oldest first.
func (s stack) told(t *testing.T, k signal.LeadKey) string {
	t.Helper()
	items, _, err := s.Timeline(t.Context(), k, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := len(items) - 2; i >= 0; i-- {
		for _, e := range items[i].Entries {
			out = append(out, string(e.Type))
		}
	}
	return strings.Join(out, " ")
}

func TestSweepsWarnBreachAndEscalateOnce(t *testing.T) {
	s := newStack(t)
	k := s.handOff(t, "ada@engines.example")
	for minute := range 45 {
		s.sweep(t, monday.Add(time.Duration(minute)*time.Minute))
	}
	if got, want := s.told(t, k), "clock.warned clock.breached lead.escalated"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestAnAnswerInFlightIsHeardBeforeTheVerdict(t *testing.T) {
	s := newStack(t)
	k := s.handOff(t, "ada@engines.example")
	l, err := s.Lead(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	at := monday.Add(29 * time.Minute)
	if _, err := s.PutSignalFor(t.Context(), k, signal.Signal{
		Source: "respond", ID: "1.accept", Type: signal.RepAccepted, OccurredAt: at, ReceivedAt: at,
		Attributes: map[string]string{"handoff": "1", "rep": l.Journey.Handoff.Rep},
	}); err != nil {
		t.Fatal(err)
	}
	s.sweep(t, monday.Add(32*time.Minute))
	if got, want := s.told(t, k), "lead.accepted clock.met clock.started"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestASweepAfterAnOutageCatchesUp(t *testing.T) {
	s := newStack(t)
	var keys []signal.LeadKey
	for i := range 60 {
		keys = append(keys, s.handOff(t, fmt.Sprintf("p%d@c%d.example", i, i)))
	}
	s.sweep(t, monday.Add(2*time.Hour))
	for _, k := range keys {
		if got, want := s.told(t, k), "clock.breached lead.escalated"; !strings.HasPrefix(got, want) {
			t.Fatalf("%s: told %q, want %q first", k, got, want)
		}
	}
	l, err := s.Lead(t.Context(), keys[0])
	if err != nil || l.Journey.Clocks[0].State != lead.Breached {
		t.Errorf("clock %+v, %v", l.Journey.Clocks, err)
	}
}

// BenchmarkSweep measures one sweep over many leads whose accept clock ran
// out: for each a verdict and, as a decision of its own, an escalation.
func BenchmarkSweep(b *testing.B) {
	const leads = 200
	for b.Loop() {
		b.StopTimer()
		s := newStack(b)
		for i := range leads {
			s.handOff(b, fmt.Sprintf("p%d@c%d.example", i, i))
		}
		b.StartTimer()
		s.sweep(b, monday.Add(31*time.Minute))
		b.StopTimer()
		if at, ok, err := s.NextDue(b.Context()); err != nil || (ok && !at.After(monday.Add(31*time.Minute))) {
			b.Fatalf("still due at %s, %v", at, err)
		}
		b.StartTimer()
	}
	b.ReportMetric(leads*float64(b.N)/b.Elapsed().Minutes(), "deadlines/min")
}

// broken panics on one lead.
type broken struct {
	decider
	lead signal.LeadKey
}

func (b broken) Apply(ctx context.Context, k signal.LeadKey, signals []signal.Signal, now time.Time) (decision.Outcome, error) {
	if k == b.lead {
		panic("a rule is broken") //nolint:forbidigo // what this test is about
	}
	return b.decider.Apply(ctx, k, signals, now)
}

func TestALeadThatPanicsHoldsUpNoOther(t *testing.T) {
	s := newStack(t)
	bad, good := s.handOff(t, "bad@engines.example"), s.handOff(t, "good@engines.example")
	s.sweep(t, monday) // looks at the clocks for the first time
	h := s.handler(broken{s.maker, bad}, monday.Add(31*time.Minute))
	if err := h.handle(t.Context()); err == nil {
		t.Error("the sweep hides that a lead failed")
	}
	if got, want := s.told(t, good), "clock.breached lead.escalated"; got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	s.sweep(t, monday.Add(32*time.Minute))
	if got, want := s.told(t, bad), "clock.breached lead.escalated"; got != want {
		t.Errorf("the lead that panicked: told %q, want %q", got, want)
	}
}
