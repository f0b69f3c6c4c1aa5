package main

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/sales"
)

func TestStanding(t *testing.T) {
	short := []blocker{{Reason: "5 points of engagement short: fit B needs 45, it is 40"}, {Reason: "the title is not known"}}
	gaveBack := &lead.Handoff{RepName: "Alex Rivera", Answer: lead.AnswerRejected, AnsweredAt: now}
	deal := func(stage lead.Stage) func(*lead.Lead) {
		return func(l *lead.Lead) {
			l.Journey.Stage, l.Journey.Deal, l.Journey.StageAt[stage] = stage, "hubspot#512", now
			l.Sales.Deals = map[string]sales.Deal{"hubspot#512": {
				Amount: sales.Said{Value: "12000"}, Currency: sales.Said{Value: "EUR"}, Reason: sales.Said{Value: "Too dear."},
			}}
		}
	}
	tests := []struct {
		name     string
		from     *lead.Lead
		change   func(*lead.Lead)
		blockers []blocker
		said     string
		want     string
	}{
		{"known", gus(t), nil, short, "", "Known since 23 November 2026 through typeform, by the form Newsletter, and not handed off: 5 points of engagement short: fit B needs 45, it is 40; the title is not known."},
		{"known from before origins were kept", gus(t), func(l *lead.Lead) { l.Facts.Origin.First.Event, l.Facts.Origin.Form.Value = "", "" }, nil, "", "Known since 23 November 2026, and not handed off: nothing new has made it qualify."},
		{"engaged", gus(t), func(l *lead.Lead) { l.Journey.Stage, l.Journey.StageAt[lead.Engaged] = lead.Engaged, now }, short[1:], "", "Interested since 23 November 2026 through typeform, by the form Newsletter, and not handed off: the title is not known."},
		{"held", gus(t), func(l *lead.Lead) {
			l.Journey.Stage, l.Journey.Held = lead.Qualified, &lead.Handoff{Pool: "sales", Reason: "Asked for a demo", Waits: now}
		}, nil, "", "Qualified (Asked for a demo) and waiting since Mon 23 Nov 2026, 15:00 UTC for somebody of the pool sales."},
		{"incomplete", gus(t), func(l *lead.Lead) {
			l.Journey.Stage = lead.Qualified
			l.Journey.Incomplete = &lead.Incomplete{Handoff: lead.Handoff{Pool: "sales", Reason: "Asked for a demo", Waits: now}, Missing: []policy.Need{"phone"}}
		}, nil, "", "Qualified (Asked for a demo) and waiting since Mon 23 Nov 2026, 15:00 UTC for data that sales needs: the phone is not known."},
		{"given back", gus(t), func(l *lead.Lead) {
			l.Journey.Stage, l.Journey.Handoff, l.Journey.StageAt[lead.Qualified] = lead.Qualified, gaveBack, now
		}, []blocker{{Reason: "Alex Rivera has rejected it, and the manager decides what becomes of it"}}, "", "Qualified on 23 November 2026, and with nobody now: Alex Rivera has rejected it, and the manager decides what becomes of it."},
		{"handed off", ada(t), nil, nil, "", "With Alex Rivera since Mon 23 Nov 2026, 14:00 UTC, who has not answered yet (Asked for a demo on 23 November 2026); the answer is due on Mon 23 Nov 2026, 15:30 UTC."},
		{"handed off and late", ada(t), func(l *lead.Lead) { l.Journey.Clocks[1].State = lead.Breached }, nil, "", "With Alex Rivera since Mon 23 Nov 2026, 14:00 UTC, who has not answered yet (Asked for a demo on 23 November 2026); the answer is missing since Mon 23 Nov 2026, 15:30 UTC."},
		{"accepted", ada(t), func(l *lead.Lead) {
			l.Journey.Stage, l.Journey.Handoff.Answer, l.Journey.Handoff.AnsweredAt = lead.Accepted, lead.AnswerAccepted, now
		}, nil, "", "Accepted by Alex Rivera on 23 November 2026 (Asked for a demo on 23 November 2026)."},
		{"contacted", ada(t), func(l *lead.Lead) {
			l.Journey.Stage, l.Journey.Handoff.Contact = lead.Contacted, &contract.ActRef{How: "call", At: now, Word: "crm", Source: "hubspot"}
			l.Journey.Clocks = append(l.Journey.Clocks, lead.Clock{Kind: lead.FeedbackClock, Scope: lead.HolderScope, Handoff: 2, State: lead.Paused, ResumeAt: now})
		}, nil, "", "Contacted by Alex Rivera (call on Mon 23 Nov 2026, 15:00 UTC, logged by hubspot); the clock for what became of it pauses until Mon 23 Nov 2026, 15:00 UTC."},
		{"meeting", ada(t), func(l *lead.Lead) { l.Journey.Stage, l.Journey.StageAt[lead.Meeting] = lead.Meeting, now }, nil, "", "A meeting is booked or took place; at this stage since 23 November 2026, with Alex Rivera."},
		{"opportunity", ada(t), deal(lead.Opportunity), nil, "", "An opportunity since 23 November 2026, as hubspot says of the deal 512 of 12000 EUR, with Alex Rivera."},
		{"won", gus(t), deal(lead.Won), nil, "", "Won on 23 November 2026, as hubspot says of the deal 512 of 12000 EUR, with nobody of the pools."},
		{"lost", ada(t), deal(lead.Lost), nil, "", "Lost on 23 November 2026, as hubspot says of the deal 512 of 12000 EUR, with Alex Rivera: Too dear."},
		{"recycled", gus(t), func(l *lead.Lead) {
			l.Journey.Stage, l.Journey.Handoff, l.Journey.RecycledUntil = lead.Recycled, gaveBack, now.AddDate(0, 0, 30)
		}, nil, "It is too early", "Back in nurture until 23 December 2026: Alex Rivera has rejected it on 23 November 2026, with the reason “It is too early”."},
		{"disqualified", gus(t), func(l *lead.Lead) { l.Journey.Stage = lead.Disqualified }, nil, "", "Disqualified: sales has rejected it."},
	}
	told := map[lead.Stage]bool{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.change != nil {
				tt.change(tt.from)
			}
			told[tt.from.Journey.Stage] = true
			if got := standing(tt.from, tt.blockers, tt.said); got != tt.want {
				t.Errorf("it says\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
	for _, s := range find.Stages() {
		if !told[s] {
			t.Errorf("no sentence of the stage %s was looked at", s)
		}
	}
}

// Why a lead left sales' hands stands in its story, in the policy's words.
func TestTheStorySaysWhyALeadWasRecycled(t *testing.T) {
	b := newBench(t)
	l := back(t, func(j *lead.Journey) {
		j.Stage, j.RecycledUntil = lead.Recycled, now.AddDate(0, 0, 8)
		j.StageAt[lead.Recycled] = now
	})
	b.store(t, l)
	story := []entry{
		{Type: string(contract.LeadCommented)},
		{Type: string(contract.LeadRecycled), detail: contract.Detail{Reason: "too_early"}},
	}
	inForce, err := b.policy.Current(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	if got := whyLeft(story, inForce); got != "too_early" {
		t.Errorf("a reason that the policy has no more: %q", got)
	}
	if got := whyLeft(story[:1], inForce); got != "" {
		t.Errorf("a story without a reason: %q", got)
	}
	seen := text(b.get(t, "/leads/"+string(l.Key)).Body)
	if !strings.Contains(seen, "Back in nurture until 1 December 2026: ") {
		t.Errorf("the page says %s", seen)
	}
}
