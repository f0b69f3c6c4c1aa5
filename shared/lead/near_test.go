package lead_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// tracked is something that ada does on the site or with our mail.
func tracked(id string, kind signal.Type, name string, at time.Time) signal.Signal {
	return signal.Signal{
		Source: "segment", ID: id, Type: kind, OccurredAt: at, ReceivedAt: at, Identity: signal.Identity{Email: "ada@engines.example"},
		Lead:       map[string]string{"first_name": "Ada", "company": "Engines", "title": "CTO"},
		Attributes: map[string]string{signal.AttrEvent: name, signal.AttrURL: "https://x.example/" + id},
	}
}

// A lead is nearly qualified while it is interested, with nobody, and close to
// a threshold.
func TestNearSinceFollowsTheLead(t *testing.T) {
	s := newStory(t, nil) // grade A needs 30
	at := func(days int) time.Time { return monday.AddDate(0, 0, days) }
	near := func() time.Time { return s.lead.Journey.NearSince }
	s.hear(at(0), tracked("1", signal.EventTracked, "Docs viewed", at(0)))
	if !near().IsZero() {
		t.Error("a lead that is merely known counts as nearly qualified")
	}
	s.hear(at(1), tracked("2", signal.EventTracked, "Pricing page viewed", at(1)), tracked("3", signal.EventTracked, "Docs viewed", at(1)))
	if !near().Equal(at(1)) || s.lead.Journey.Stage != lead.Engaged {
		t.Fatalf("%s, near since %v", s.lead.Journey.Stage, near())
	}
	s.hear(at(10), tracked("4", signal.PageViewed, "", at(10))) // it has faded a little by now
	if !near().Equal(at(1)) {
		t.Errorf("near since %v, want since the first time", near())
	}
	s.hear(at(11), tracked("5", signal.EmailUnsubscribed, "", at(11)))
	if !near().IsZero() {
		t.Error("a lead that wants no mail still counts")
	}
	again := tracked("again", signal.ConsentGiven, "", at(12))
	again.Attributes[signal.AttrConsentChannel] = "email"
	s.hear(at(12), again)
	for i := range 3 {
		s.hear(at(12), tracked(fmt.Sprint("t", i), signal.EventTracked, "Project created "+fmt.Sprint(i), at(12)))
	}
	if !near().Equal(at(12)) {
		t.Errorf("near since %v, want since it came close again", near())
	}
	s.hear(at(14), demo("d", at(14)))
	if s.lead.Journey.Holder() == nil || !near().IsZero() {
		t.Errorf("after the handoff near since %v", near())
	}
}
