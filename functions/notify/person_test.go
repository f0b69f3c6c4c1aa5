package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/outbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

const zonesPolicy = `
name: zones
sla: {calendar: office}
calendars: {office: {zone: America/New_York}, berlin: {zone: Europe/Berlin}, tokyo: {zone: Asia/Tokyo}}
operator: {name: Riley Chen, email: riley@seller.example}
routing:
  fallback: inbound
  pools:
    inbound:
      manager: {name: Noor Haddad, email: noor@seller.example, slack: U0NOOR}
      reps: [{id: maya, name: Maya Lind, email: maya@seller.example, slack: U0MAYA, calendar: tokyo}, {id: noor, name: Noor Haddad, email: noor@seller.example, slack: U0NOOR}]
    emea:
      calendar: berlin
      manager: {name: Jo Weiss, email: jo@seller.example, slack: U0JO}
      reps: [{id: lars, name: Lars Holm, email: lars@seller.example}]
`

func zones(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Decode([]byte(zonesPolicy))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPeopleHaveTheZoneOfTheirCalendar(t *testing.T) {
	p := zones(t)
	for _, tc := range []struct{ ref, pool, name, zone string }{
		{"rep:maya", "inbound", "Maya Lind", "Asia/Tokyo"},
		{"rep:noor", "inbound", "Noor Haddad", "America/New_York"},
		{"rep:lars", "emea", "Lars Holm", "Europe/Berlin"},
		{"rep:lars", "inbound", "Lars Holm", "Europe/Berlin"}, // who has changed pools
		{"rep:zoe", "emea", "zoe", ""},
		{"manager:emea", "", "Jo Weiss", "Europe/Berlin"},
		{"manager:inbound", "", "Noor Haddad", "America/New_York"},
		{"operator", "", "Riley Chen", ""},
	} {
		if r := person(p, tc.ref, tc.pool); r.Ref != tc.ref || r.Name != tc.name || r.Zone != tc.zone {
			t.Errorf("%s of %q: %+v, want %s in %s", tc.ref, tc.pool, r, tc.name, tc.zone)
		}
	}
}

// Who is told, and where, the directory may say: also of somebody whom the
// policy does not have.
func TestPeopleAreToldWhereTheDirectorySays(t *testing.T) {
	email, name := "maya@home.example", "Eve Moss"
	r := routing.Roster{}.With("maya", routing.Entry{Card: routing.Card{Email: &email, Hours: &policy.Calendar{Zone: "Europe/London"}}}).
		With("eve", routing.Entry{Card: routing.Card{Name: &name, Email: &email, Pools: &[]string{"emea"}}})
	p := r.Over(zones(t))
	if maya := person(p, "rep:maya", "inbound"); maya.Email != email || maya.Zone != "Europe/London" || maya.Slack != "U0MAYA" {
		t.Errorf("%+v", maya)
	}
	if eve := person(p, "rep:eve", "inbound"); eve.Name != name || eve.Email != email || eve.Zone != "Europe/Berlin" {
		t.Errorf("%+v", eve)
	}
}

func TestAHeldLeadIsOfTheManagerInWhoseQueueItWaits(t *testing.T) {
	p := zones(t)
	l := known()
	l.Journey.Handoff.Answer, l.Journey.Held = lead.AnswerRejected, &lead.Handoff{Number: 2, Pool: "emea"}
	e := contract.Event{Type: contract.LeadHeld, Lead: leadKey}
	if r, ok := recipient(p, "manager", e, l); !ok || r.Ref != "manager:emea" {
		t.Errorf("%+v, want the manager of emea", r)
	}
	l.Journey.Held = nil
	if r, ok := recipient(p, "manager", e, l); !ok || r.Ref != "manager:inbound" {
		t.Errorf("%+v, want the manager of the last pool", r)
	}
}

// A lead that waits for data is of the manager who would get it, and the operator
// may hear of it, too, though of no other lead.
func TestWhoHearsOfALeadThatWaitsForData(t *testing.T) {
	p := zones(t)
	p.Operator = policy.Person{Name: "Riley Chen", Email: "riley@seller.example"}
	l := known()
	l.Journey.Handoff, l.Journey.Incomplete = nil, &lead.Incomplete{Handoff: lead.Handoff{Number: 1, Pool: "emea"}, Missing: []policy.Need{"phone"}}
	e := contract.Event{Type: contract.LeadIncomplete, Lead: leadKey}
	if r, ok := recipient(p, "manager", e, l); !ok || r.Ref != "manager:emea" {
		t.Errorf("%+v, want the manager of emea", r)
	}
	if r, ok := recipient(p, "operator", e, l); !ok || r.Ref != "operator" {
		t.Errorf("%+v, want the operator", r)
	}
	if r, ok := recipient(p, "operator", contract.Event{Type: contract.LeadHeld, Lead: leadKey}, l); ok {
		t.Errorf("the operator hears of a held lead: %+v", r)
	}
	if r, ok := recipient(p, "holder", e, l); ok {
		t.Errorf("%+v holds it", r)
	}
}

// One person is told once on Slack, in whatever roles.
func TestTheAppTellsAPersonOnce(t *testing.T) {
	p := zones(t)
	lines := []policy.Notification{
		{On: "lead.escalated", To: "holder", Channels: []string{"slack", "teams"}}, {On: "lead.escalated", To: "manager", Channels: []string{"slack", "teams"}},
	}
	for _, tc := range []struct {
		rep  string
		app  *outbound.SlackApp
		want []string
	}{
		{"noor", &outbound.SlackApp{}, []string{"slack rep:noor", "teams rep:noor,manager:inbound"}},
		{"maya", &outbound.SlackApp{}, []string{"slack rep:maya", "teams rep:maya,manager:inbound", "slack manager:inbound"}},
		{"maya", nil, []string{"slack rep:maya,manager:inbound", "teams rep:maya,manager:inbound"}},
	} {
		e := handedOff()
		e.Detail.Handoff.Rep = tc.rep
		var got []string
		for _, target := range targets(p, lines, e, known(), tc.app) {
			got = append(got, target.channel+" "+names(target.to))
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.rep, diff)
		}
	}
}

// A manager who is asked to confirm a handoff is led to where that is done.
func TestASuggestionLeadsToWhereItIsConfirmed(t *testing.T) {
	h := handler{publicURL: "https://handoff.example/"}
	e := contract.Event{Type: contract.LeadSuggested, Lead: leadKey, Detail: contract.Detail{Handoff: &contract.HandoffRef{Number: 1, Pool: "inbound", Rep: "maya"}}}
	want := []outbound.Link{
		{Label: outbound.LabelConfirm, URL: "https://handoff.example/rollout/suggestions"},
		{Label: outbound.LabelOpen, URL: "https://handoff.example/leads/" + leadKey},
	}
	if diff := cmp.Diff(want, h.linksFor([]outbound.Recipient{{Ref: "manager:inbound"}}, e, nil)); diff != "" {
		t.Error(diff)
	}
}

func TestEveryLabelHasAPurposeAndItsOwnLinkEachTime(t *testing.T) {
	h := &lead.Handoff{Attempts: 2, Pauses: 1, Comments: 3}
	for label, want := range map[string]struct {
		purpose link.Purpose
		nth     int
	}{
		outbound.LabelAccept: {link.Accept, 0}, outbound.LabelReject: {link.Reject, 0}, outbound.LabelContacted: {link.Contacted, 2},
		outbound.LabelMeeting: {link.Meeting, 0}, outbound.LabelSnooze: {link.Snooze, 1}, outbound.LabelComment: {link.Comment, 3},
		outbound.LabelFeedback: {link.Feedback, 0},
	} {
		if purpose, nth, err := purposeOf(label, h); err != nil || purpose != want.purpose || nth != want.nth {
			t.Errorf("%s: %s %d, %v; want %v", label, purpose, nth, err, want)
		}
	}
	if _, _, err := purposeOf(outbound.LabelOpen, h); err == nil {
		t.Error("a label that answers nothing has a purpose")
	}
}
