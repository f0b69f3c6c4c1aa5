package main

import (
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestShowSaysAttemptsPausesLatenessAndWhoseWord(t *testing.T) {
	l := startDesk(t)
	key := l.asks("Ida", "20", time.Hour)
	ida := l.stored(key)
	ida.Version++
	h := ida.Journey.Handoff
	h.Number = 2
	h.Contact = &contract.ActRef{How: "call", At: l.now.Add(-time.Minute), Word: "crm", Source: "hubspot"}
	holder := func(c lead.Clock) lead.Clock {
		c.Scope, c.Hours, c.Handoff, c.DueAt = lead.HolderScope, "holder", 2, l.now.Add(-30*time.Minute)
		return c
	}
	ida.Journey.Clocks = []lead.Clock{
		{Kind: lead.AcceptClock, Scope: lead.HolderScope, State: lead.Stopped, Handoff: 1, DueAt: l.now, EndedAt: l.now.Add(-time.Hour)},
		holder(lead.Clock{Kind: lead.FollowUpClock, N: 2, State: lead.Paused, ResumeAt: l.now.AddDate(0, 0, 2), Paused: "customer_asked"}),
		holder(lead.Clock{Kind: lead.FirstContactClock, State: lead.Breached, ActedAt: l.now.Add(-time.Minute), Late: 29 * time.Minute}),
		holder(lead.Clock{Kind: lead.FeedbackClock, State: lead.Breached}),
		holder(lead.Clock{Kind: lead.AcceptClock, State: lead.Breached, Corrected: true, ActedAt: l.now.Add(-time.Minute)}),
	}
	if err := l.table.Commit(t.Context(), table.Change{Lead: ida}); err != nil {
		t.Fatal(err)
	}
	golden(t, "show_clocks.txt", between(l.types("lead", "show", string(key)), "Handoff 2", "Timeline"))
	h.Answer, ida.Journey.Stage, ida.Journey.RecycledUntil = lead.AnswerRejected, lead.Recycled, l.now.AddDate(0, 0, 60)
	ida.Version++
	if err := l.table.Commit(t.Context(), table.Change{Lead: ida}); err != nil {
		t.Fatal(err)
	}
	if out := l.types("lead", "show", string(key)); !strings.Contains(out, "Back in nurture until 2031-05-02 10:00:00Z") {
		t.Errorf("of a recycled lead:\n%s", out)
	}
}

// between cuts the text from one mark up to another.
func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	cut, _, _ := strings.Cut(rest, to)
	return from + cut
}
