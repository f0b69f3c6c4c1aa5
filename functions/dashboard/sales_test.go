package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/sales"
	"github.com/handoff-oss/handoff/shared/signal"
)

// sold is ada after a canceled meeting, with one deal won and one lost, whose
// reason somebody wrote markup into.
func sold(t *testing.T) *lead.Lead {
	t.Helper()
	l := ada(t)
	said := func(minute int, kind signal.Type, attributes map[string]string) signal.Signal {
		return signal.Signal{Source: "hubspot", ID: string(kind), Type: kind, OccurredAt: now.Add(time.Duration(minute) * time.Minute), Attributes: attributes}
	}
	l.Sales = sales.Of([]signal.Signal{
		said(-50, signal.MeetingBooked, map[string]string{"meeting": "m-1", "starts_at": "2026-11-24T15:00:00Z"}),
		said(-40, signal.MeetingCanceled, map[string]string{"meeting": "m-1"}),
		said(-30, signal.DealLost, map[string]string{"deal": "511", "reason": "<script>alert(1)</script>"}),
		said(-20, signal.DealWon, map[string]string{"deal": "512", "amount": "12000.50", "currency": "EUR", "deal_stage": "closedwon"}),
		said(-10, signal.OwnerChanged, map[string]string{"owner_email": "bo@our-company.example"}),
	})
	l.Journey.Stage, l.Journey.Process, l.Journey.Deal = lead.Won, lead.HandedOff, "hubspot#512"
	l.Journey.StageAt[lead.Won] = now.Add(-20 * time.Minute)
	return l
}

func TestMeetingsAndDealsAreShown(t *testing.T) {
	b := newBench(t)
	b.store(t, sold(t))
	page := b.get(t, "/leads/"+string(sold(t).Key)).Body
	seen := text(page)
	for _, want := range []string{
		"Meetings and deals", "12000.50 EUR", "won", "Deal 511", "canceled", "Owner in hubspot: bo@our-company.example", "Opportunity", "Won",
	} {
		if !strings.Contains(seen, want) {
			t.Errorf("the page does not say %q:\n%s", want, seen)
		}
	}
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<b>Lost</b>") {
		t.Error("the page shows markup, or both ends of the track")
	}
	var got leadAnswer
	if err := json.Unmarshal([]byte(b.get(t, "/api/leads/"+string(sold(t).Key)).Body), &got); err != nil {
		t.Fatal(err)
	}
	if got.Stage != "won" || got.Reached != "handed_off" || len(got.Meetings) != 1 || got.Meetings[0].ID != "m-1" || got.Meetings[0].State != "canceled" {
		t.Errorf("%+v", got)
	}
	if len(got.Deals) != 2 || got.Deals[0].ID != "512" || got.Deals[0].Amount != "12000.50" || got.Deals[0].EndedAt == nil || got.Owner == nil {
		t.Errorf("%+v %+v", got.Deals, got.Owner)
	}
	for _, stage := range []string{"won", "meeting", "opportunity", "lost"} {
		out := b.get(t, "/api/leads?stage="+stage)
		if out.StatusCode != 200 || strings.Contains(out.Body, string(sold(t).Key)) != (stage == "won") {
			t.Errorf("%s: %d %s", stage, out.StatusCode, out.Body)
		}
	}
}
