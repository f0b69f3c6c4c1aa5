package lead_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/signal"
)

// drawDeliveries draws a set of signals and a sequence of deliveries of them:
// shuffled, repeated, in batches of any size.
func drawDeliveries(t *rapid.T, most int) (set []signal.Signal, batches [][]signal.Signal) {
	n := rapid.IntRange(1, most).Draw(t, "n")
	for i := range n {
		at := monday.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "minutes")) * time.Minute)
		g := demo(fmt.Sprint(i), at)
		g.OccurredAt = at.Add(-time.Duration(rapid.IntRange(0, 100).Draw(t, "late")) * time.Hour)
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			g.Type, g.Attributes = signal.EventTracked, map[string]string{"event": "Pricing Page Viewed"}
		case 1:
			g.Source, g.Type, g.Attributes = "sendgrid", signal.EmailClicked, map[string]string{"message_id": "m", "url": fmt.Sprint(i % 4)}
		case 2:
			g.Type, g.Attributes = signal.FormSubmitted, map[string]string{"form": "Newsletter"}
		}
		set = append(set, g)
	}
	again := rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 2*most).Draw(t, "again")
	queue := rapid.Permutation(set).Draw(t, "order")
	for _, i := range again {
		queue = append(queue, set[i])
	}
	for len(queue) > 0 {
		size := rapid.IntRange(1, len(queue)).Draw(t, "batch")
		batches = append(batches, queue[:size])
		queue = queue[size:]
	}
	return set, batches
}

// Whatever is redelivered, reordered or batched, the lead ends with the same
// facts and at most one handoff.
func TestAnyDeliveryGivesTheSameLead(t *testing.T) {
	core := newCore(t, nil)
	rapid.Check(t, func(rt *rapid.T) {
		set, batches := drawDeliveries(rt, 120)
		end := monday.Add(3001 * time.Minute)
		s := newStory(t, nil)
		s.core = core
		s.store(set...)
		for _, b := range batches {
			s.decide(end, b...)
		}
		once := newStory(t, nil)
		once.core = core
		once.hear(end, set...)
		if diff := cmp.Diff(once.lead.Facts, s.lead.Facts); diff != "" {
			rt.Fatalf("facts differ:\n%s", diff)
		}
		handoffs := 0
		for _, e := range s.log {
			if e.Type == "lead.handed_off" {
				handoffs++
			}
		}
		if handoffs > 1 {
			rt.Fatalf("%d handoffs", handoffs)
		}
	})
}

// clockEvents counts the events about clocks of a kind, by type.
func (s *story) clockEvents(kind string) map[string]int {
	out := map[string]int{}
	for _, e := range s.log {
		if e.Detail.Clock != nil && e.Detail.Clock.Kind == kind {
			out[string(e.Type)]++
		}
	}
	return out
}

// A deadline is met or breached, never both and never neither, whenever the
// answer comes and whatever sweeps run before and after.
func TestEveryDeadlineHasOneVerdict(t *testing.T) {
	core := newCore(t, nil)
	rapid.Check(t, func(rt *rapid.T) {
		s := newStory(t, nil)
		s.core = core
		s.hear(monday, demo("1", monday))
		due := s.lead.Journey.Clocks[0].DueAt
		at := monday.Add(time.Duration(rapid.IntRange(0, 3600).Draw(rt, "answer")) * time.Second)
		seen := at.Add(time.Duration(rapid.IntRange(0, 600).Draw(rt, "delay")) * time.Second)
		a := answer(signal.RepAccepted, s.lead, at)
		for now := monday; now.Before(monday.Add(3 * time.Hour)); now = now.Add(time.Duration(rapid.IntRange(1, 300).Draw(rt, "pause")) * time.Second) {
			if !now.Before(at) {
				s.store(a)
			}
			if !now.Before(seen) {
				s.decide(now, a)
			}
			s.decide(now)
		}
		verdicts := s.clockEvents("accept")
		met, breached := verdicts["clock.met"], verdicts["clock.breached"]
		if met+breached != 1 || (met == 1) != !at.After(due) {
			rt.Fatalf("answer at %s, due %s: %v", at, due, verdicts)
		}
		if verdicts["lead.escalated"] > breached || verdicts["clock.warned"] > 1 || verdicts["clock.late"] != breached {
			rt.Fatalf("escalations and warnings: %v", verdicts)
		}
	})
}
