package outbound

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
)

// changed is known with something changed.
func changed(change func(j *lead.Journey)) *lead.Lead {
	l := known()
	change(&l.Journey)
	return l
}

func clockRef(kind lead.ClockKind, scope lead.ClockScope, n int, due time.Duration) *contract.ClockRef {
	return &contract.ClockRef{Kind: string(kind), Scope: string(scope), N: n, DueAt: at.Add(due)}
}

func attempting(j *lead.Journey) {
	j.Stage = lead.Contacted
	h := j.Handoff
	h.Answer, h.Attempts, h.Contact = lead.AnswerContacted, 2, &contract.ActRef{How: "call", At: at, Word: "rep"}
	j.Clocks = []lead.Clock{
		{Kind: lead.FirstContactClock, Scope: lead.CustomerScope, State: lead.Met, Handoff: 1, DueAt: at.Add(4 * time.Hour)},
		{Kind: lead.FollowUpClock, Scope: lead.HolderScope, N: 1, State: lead.Breached, ActedAt: at.Add(2 * time.Hour), Handoff: 1, DueAt: at.Add(time.Hour)},
		{Kind: lead.FollowUpClock, Scope: lead.HolderScope, N: 2, State: lead.Running, Handoff: 1, DueAt: at.Add(48 * time.Hour)},
		{Kind: lead.FeedbackClock, Scope: lead.HolderScope, State: lead.Running, Handoff: 1, DueAt: at.Add(96 * time.Hour)},
	}
}

func withdrawn(j *lead.Journey) {
	j.Stage, j.Handoff.Answer, j.Clocks = lead.Qualified, lead.AnswerRejected, nil
}

// clockInputs are stories of clocks.
func clockInputs() map[string]Input {
	later := at.Add(72 * time.Hour)
	said := func(t contract.EventType, c *contract.ClockRef, d contract.Detail) contract.Event {
		d.Handoff, d.Clock, d.Stage = ref(1, "maya"), c, "contacted"
		return happened(t, d)
	}
	followUp := clockRef(lead.FollowUpClock, lead.HolderScope, 2, 48*time.Hour)
	feedback := clockRef(lead.FeedbackClock, lead.HolderScope, 0, 96*time.Hour)
	customer := clockRef(lead.FirstContactClock, lead.CustomerScope, 0, 4*time.Hour)
	holder := clockRef(lead.FirstContactClock, lead.HolderScope, 0, 4*time.Hour)
	overdue := said(contract.ClockWarned, holder, contract.Detail{})
	overdue.Time = at.Add(5 * time.Hour)
	busy := asked(LabelContacted, LabelMeeting, LabelSnooze, LabelFeedback)
	berlin := toMaya()
	berlin.Zone = "Europe/Berlin"
	all := map[string]Input{
		"warned_follow_up": {Event: said(contract.ClockWarned, followUp, contract.Detail{}), Lead: changed(attempting), Links: busy},
		"warned_feedback":  {Event: said(contract.ClockWarned, feedback, contract.Detail{}), Lead: changed(attempting), Links: busy, To: []Recipient{berlin}},
		"warned_overdue":   {Event: overdue, Lead: known(), Links: answers()},
		"breached_customer": {
			Event: said(contract.ClockBreached, customer, contract.Detail{}), Lead: changed(func(j *lead.Journey) { j.Clocks[1].State = lead.Breached }),
			To: []Recipient{toMaya(), toNoor()}, Links: answers(),
		},
		"paused": {
			Event: said(contract.ClockPaused, followUp, contract.Detail{Reason: "customer_asked", Until: &later}),
			Lead:  changed(func(j *lead.Journey) { attempting(j); j.Clocks[2].State, j.Clocks[2].ResumeAt = lead.Paused, later }),
		},
		"resumed":   {Event: said(contract.ClockResumed, followUp, contract.Detail{}), Lead: changed(attempting), Links: busy},
		"moved":     {Event: said(contract.ClockMoved, followUp, contract.Detail{Reason: "was due 2026-03-03T14:30:00Z"}), Lead: changed(attempting)},
		"late":      {Event: said(contract.ClockLate, holder, contract.Detail{Late: "1h30m"}), Lead: changed(attempting)},
		"corrected": {Event: said(contract.ClockCorrected, holder, contract.Detail{}), Lead: changed(attempting)},
		"met":       {Event: said(contract.ClockMet, accept(), contract.Detail{}), Lead: changed(attempting)},
		"stopped":   {Event: said(contract.ClockStopped, followUp, contract.Detail{}), Lead: changed(attempting)},
	}
	for name, in := range all {
		if in.To == nil {
			in.To = []Recipient{toMaya()}
		}
		all[name] = in
	}
	return all
}

// journeyInputs are stories of leads.
func journeyInputs() map[string]Input {
	until := at.AddDate(0, 0, 60)
	early := happened(contract.LeadEscalated, contract.Detail{
		Handoff: ref(1, "maya"), Clock: clockRef(lead.FirstContactClock, lead.HolderScope, 0, 4*time.Hour), Reason: "the first contact is not there yet",
	})
	stuck := happened(contract.LeadEscalated, contract.Detail{
		Handoff: ref(1, "maya"), Clock: accept(), Reason: "the rep's answer did not come in time, and nobody else can take the lead",
	})
	stuck.Time = at.Add(time.Hour)
	often := happened(contract.LeadEscalated, contract.Detail{
		Handoff: ref(1, "maya"), Clock: accept(), Reason: "the rep's answer did not come in time, and 3 reps had the lead",
	})
	often.Time = at.Add(time.Hour)
	promise := happened(contract.LeadEscalated, contract.Detail{
		Handoff: ref(1, "maya"), Clock: clockRef(lead.FirstContactClock, lead.CustomerScope, 0, 4*time.Hour), Reason: "the customer's first contact did not come in time",
	})
	promise.Time = at.Add(4 * time.Hour)
	act := contract.ActRef{How: "call", At: at, Word: "crm", Source: "hubspot"}
	said := func(t contract.EventType, d contract.Detail, change func(j *lead.Journey)) Input {
		d.Handoff = ref(1, "maya")
		return Input{Event: happened(t, d), Lead: changed(change), To: []Recipient{toNoor()}, Links: answers()[3:]}
	}
	nothing := func(*lead.Journey) {}
	again := said(contract.LeadActiveAgain, contract.Detail{Stage: "contacted", Reason: "shows interest after a quiet time"}, attempting)
	again.To, again.Links = []Recipient{toMaya()}, asked(LabelContacted, LabelMeeting, LabelSnooze, LabelFeedback)
	held := happened(contract.LeadHeld, contract.Detail{Reason: "Asked for a demo"})
	waiting := func(j *lead.Journey) { withdrawn(j); j.Held = &lead.Handoff{Number: 2, Pool: "inbound", Waits: at} }
	suggested := happened(contract.LeadSuggested, contract.Detail{Handoff: ref(1, "maya"), Reason: "Asked for a demo", Parts: parts(), Until: &until})
	nobody := happened(contract.LeadSuggested, contract.Detail{Reason: "Asked for a demo", Parts: parts()})
	proposed := func(j *lead.Journey) {
		j.Stage, j.Handoff, j.Clocks = lead.Qualified, nil, nil
		j.Suggested = &lead.Suggestion{Handoff: lead.Handoff{Number: 1, Pool: "inbound", Rep: "maya", RepName: "Maya Lind"}, LapsesAt: until}
	}
	left := happened(contract.LeadControlRouted, contract.Detail{Reason: "Asked for a demo", Parts: parts()})
	left.Summary = "Left to the existing process: Account baltic-ferries.example is in bucket 7,204 of 10,000; the phase takes buckets below 2,500."
	unheld := func(lapse lead.Lapse) func(j *lead.Journey) {
		return func(j *lead.Journey) {
			j.Stage, j.Handoff, j.Clocks = lead.Qualified, nil, nil
			j.Enrolment = &lead.Enrolment{Arm: lead.Treatment, Lapse: lapse}
		}
	}
	outside := happened(contract.LeadContacted, contract.Detail{Act: &act})
	to := func(e contract.Event, change func(*lead.Journey), r Recipient) Input {
		return Input{Event: e, Lead: changed(change), To: []Recipient{r}, Links: answers()[3:]}
	}
	fallback := Recipient{Ref: "control", Name: "Sales inbox", Email: "sales@seller.example"}
	const why = "the budget comes in <March> & not before"
	friday := at.AddDate(0, 0, 4)
	ordered := contract.Detail{Reason: why, By: "Morgan Hale"}
	taken := func(j *lead.Journey) { j.Stage, j.Handoff.TakenAt, j.Clocks = lead.Qualified, at, nil }
	heldBack := contract.Detail{Reason: why, By: "Morgan Hale", Until: &friday}
	back := func(j *lead.Journey) {
		taken(j)
		j.Held = &lead.Handoff{Number: 2, Pool: "inbound", Waits: at, Until: friday}
	}
	holdBack := happened(contract.LeadHeld, heldBack)
	reminded := ordered
	reminded.Clock = accept()
	reminder := said(contract.LeadReminded, reminded, nothing)
	reminder.To, reminder.Links = []Recipient{toMaya()}, answers()
	late := said(contract.OrderIgnored, ordered, nothing)
	late.Event.Summary = "Morgan Hale wanted to take the lead back, and nothing changed: Maya Lind got the lead 3 s earlier by order of Noor Haddad"
	passedOn := happened(contract.LeadReassigned, contract.Detail{Handoff: ref(2, "omar"), Reason: why, By: "Morgan Hale"})
	toOmar := func(j *lead.Journey) {
		j.Handoff.Number, j.Handoff.Rep, j.Handoff.RepName = 2, "omar", "Omar Diaz"
	}
	takenBack := func(change func(*lead.Journey)) Input {
		in := said(contract.LeadTakenBack, ordered, change)
		in.To = []Recipient{toMaya()}
		return in
	}
	return map[string]Input{
		"order_taken_back":       takenBack(taken),
		"order_taken_back_given": takenBack(toOmar),
		"order_taken_back_again": takenBack(func(j *lead.Journey) { j.Handoff.Number = 3 }),
		"order_held_back":        {Event: holdBack, Lead: changed(back), To: []Recipient{toNoor()}, Links: answers()[3:]},
		"order_held_back_over":   {Event: holdBack, Lead: changed(toOmar), To: []Recipient{toNoor()}, Links: answers()[3:]},
		"order_reminded":         reminder,
		"order_reminded_stale":   {Event: reminder.Event, Lead: changed(back), To: []Recipient{toMaya()}, Links: answers()[3:]},
		"order_ignored":          late,
		"order_recycled":         said(contract.LeadRecycled, heldBack, func(j *lead.Journey) { taken(j); j.Stage = lead.Recycled }),
		"order_disqualified":     said(contract.LeadDisqualified, ordered, func(j *lead.Journey) { taken(j); j.Stage = lead.Disqualified }),
		"order_reassigned":       {Event: passedOn, Lead: changed(toOmar), To: []Recipient{{Ref: "rep:omar", Name: "Omar Diaz"}}, Links: answers()},
		"suggested":              to(suggested, proposed, toNoor()),
		"suggested_nobody":       to(nobody, func(j *lead.Journey) { proposed(j); j.Suggested.LapsesAt = time.Time{} }, toNoor()),
		"suggested_confirmed":    to(suggested, nothing, toNoor()),
		"suggested_lapsed":       to(suggested, unheld(lead.Unconfirmed), toNoor()),
		"control_routed":         to(left, unheld(""), fallback),
		"contacted_in_control":   to(outside, unheld(""), toNoor()),

		"active_again":   again,
		"recycled":       said(contract.LeadRecycled, contract.Detail{Reason: "too_early", Until: &until}, func(j *lead.Journey) { withdrawn(j); j.Stage = lead.Recycled }),
		"disqualified":   said(contract.LeadDisqualified, contract.Detail{Reason: "not_a_fit"}, func(j *lead.Journey) { withdrawn(j); j.Stage = lead.Disqualified }),
		"rep_offline":    said(contract.RepOffline, contract.Detail{Reason: "missed too many deadlines in a row"}, nothing),
		"held_again":     {Event: held, Lead: changed(waiting), To: []Recipient{toNoor()}, Links: answers()[3:]},
		"held_over":      {Event: held, Lead: known(), To: []Recipient{toNoor()}, Links: answers()[3:]},
		"decide":         said(contract.LeadEscalated, contract.Detail{Reason: "rejected: The contact data is wrong"}, withdrawn),
		"decide_no_reps": said(contract.LeadEscalated, contract.Detail{Reason: "3 reps had the lead", Clock: accept()}, withdrawn),
		"decided": said(contract.LeadEscalated, contract.Detail{Reason: "3 reps had the lead", Clock: accept()}, func(j *lead.Journey) {
			j.Handoff = &lead.Handoff{Number: 2, Rep: "omar", RepName: "Omar Diaz"}
		}),
		"escalated_early":    {Event: early, Lead: known(), To: []Recipient{toNoor()}, Links: answers()[3:]},
		"escalated_stuck":    {Event: stuck, Lead: known(), To: []Recipient{toNoor()}, Links: answers()[3:]},
		"escalated_often":    {Event: often, Lead: known(), To: []Recipient{toNoor()}, Links: answers()[3:]},
		"escalated_customer": {Event: promise, Lead: known(), To: []Recipient{toNoor()}, Links: answers()[3:]},
		"accepted":           said(contract.LeadAccepted, contract.Detail{}, nothing),
		"rejected":           said(contract.LeadRejected, contract.Detail{Reason: "not_a_fit"}, withdrawn),
		"contacted":          said(contract.LeadContacted, contract.Detail{Act: &act}, attempting),
		"commented":          said(contract.LeadCommented, contract.Detail{}, nothing),
		"feedback":           said(contract.LeadFeedback, contract.Detail{Outcome: "good_fit"}, attempting),
	}
}

// What a message says follows the lead.
func TestAMessageStaysTrue(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*lead.Journey)
		says   string
		not    string
	}{
		{"as sent", func(*lead.Journey) {}, "Please accept or reject it.", "by now"},
		{"accepted", func(j *lead.Journey) { j.Handoff.Answer = lead.AnswerAccepted }, "Maya Lind has accepted the lead by now.", "Please accept"},
		{"contacted", attempting, "Maya Lind has contacted the lead by now.", "Please accept"},
		{"rejected", withdrawn, "Nothing is asked of you.", "is yours"},
		{"passed on", func(j *lead.Journey) { j.Handoff = &lead.Handoff{Number: 2, Rep: "omar", RepName: "Omar Diaz"} }, "It is with Omar Diaz now.", "is yours"},
		{
			"waits", func(j *lead.Journey) {
				j.Handoff = &lead.Handoff{Number: 2, Rep: "omar", RepName: "Omar Diaz", Answer: lead.AnswerRejected}
				j.Held = &lead.Handoff{Number: 3}
			}, "It waits for somebody who can receive it.", "is yours",
		},
		{
			"with nobody", func(j *lead.Journey) {
				j.Handoff = &lead.Handoff{Number: 2, Rep: "omar", RepName: "Omar Diaz", Answer: lead.AnswerRejected}
			}, "It is with nobody now.", "is yours",
		},
		{"taken back", func(j *lead.Journey) { j.Handoff.TakenAt = at }, "Nothing is asked of you.", "is yours"},
		{"held back", func(j *lead.Journey) {
			j.Handoff.TakenAt, j.Handoff.Number = at, 2
			j.Held = &lead.Handoff{Number: 3, Until: at.AddDate(0, 0, 1)}
		}, "It is held back until Tue 3 Mar 2026, 09:30 EST", "is yours"},
		{"recycled", func(j *lead.Journey) { withdrawn(j); j.Stage = lead.Recycled }, "It has gone back to nurture.", "is yours"},
		{"disqualified", func(j *lead.Journey) { withdrawn(j); j.Stage = lead.Disqualified }, "It is disqualified by now.", "is yours"},
		{"met", func(j *lead.Journey) { attempting(j); j.Stage = lead.Meeting }, "A meeting is booked by now.", "Please"},
		{"opportunity", func(j *lead.Journey) { attempting(j); j.Stage = lead.Opportunity }, "It is an opportunity by now.", "Please"},
		{"won", func(j *lead.Journey) { attempting(j); j.Stage = lead.Won }, "The deal is won by now.", "Please"},
		{"lost", func(j *lead.Journey) { attempting(j); j.Stage = lead.Lost }, "The deal is lost by now.", "Please"},
	} {
		in := inputs()["handed_off"]
		in.Lead = changed(tc.change)
		if text := message(in).text(); !strings.Contains(text, tc.says) || strings.Contains(text, tc.not) {
			t.Errorf("%s: want %q and not %q:\n%s", tc.name, tc.says, tc.not, text)
		}
	}
}

func TestTimesAreTheRecipients(t *testing.T) {
	in := clockInputs()["warned_feedback"]
	for _, tc := range []struct {
		zones []string
		want  string
	}{
		{[]string{"Europe/Berlin"}, "Europe/Berlin"},
		{[]string{"Europe/Berlin", "Europe/Berlin"}, "Europe/Berlin"},
		{[]string{"Europe/Berlin", "Asia/Tokyo"}, "America/New_York"},
		{[]string{"Europe/Berlin", ""}, "America/New_York"},
		{[]string{""}, "America/New_York"},
		{nil, "America/New_York"},
		{[]string{"Mars/Olympus"}, "UTC"},
	} {
		in.To, in.Policy = nil, team()
		for _, z := range tc.zones {
			in.To = append(in.To, Recipient{Ref: "rep:x", Zone: z})
		}
		if got := newView(in).zone.String(); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.zones, got, tc.want)
		}
	}
}

func TestAsksAlongTheJourney(t *testing.T) {
	contacted := []string{LabelContacted, LabelMeeting, LabelSnooze, LabelFeedback}
	feedback := contract.Detail{Handoff: ref(1, "maya"), Clock: clockRef(lead.FeedbackClock, lead.HolderScope, 0, time.Hour)}
	handed := contract.Detail{Handoff: ref(1, "maya")}
	accepted := func(j *lead.Journey) { j.Handoff.Answer = lead.AnswerAccepted }
	for _, tc := range []struct {
		name   string
		event  contract.EventType
		detail contract.Detail
		change func(*lead.Journey)
		want   []string
	}{
		{"contacted", contract.LeadHandedOff, handed, attempting, contacted},
		{"active again", contract.LeadActiveAgain, handed, attempting, contacted},
		{"reminded", contract.LeadReminded, handed, attempting, contacted},
		{"reminded, and taken back since", contract.LeadReminded, handed, func(j *lead.Journey) { j.Handoff.TakenAt = at }, nil},
		{"taken back asks nothing", contract.LeadTakenBack, handed, func(j *lead.Journey) { j.Handoff.TakenAt = at }, nil},
		{"resumed", contract.ClockResumed, handed, accepted, contacted[:3]},
		{"feedback is due of who only accepted", contract.ClockWarned, feedback, accepted, contacted},
		{"feedback was given", contract.LeadHandedOff, handed, func(j *lead.Journey) { attempting(j); j.Handoff.Outcome = "good_fit" }, contacted[:3]},
		{"a meeting is set", contract.LeadHandedOff, handed, func(j *lead.Journey) { attempting(j); j.Stage = lead.Meeting }, []string{LabelContacted, LabelSnooze, LabelFeedback}},
		{"won", contract.LeadHandedOff, handed, func(j *lead.Journey) { attempting(j); j.Stage = lead.Won }, contacted[3:]},
		{"lost, and never accepted", contract.LeadHandedOff, handed, func(j *lead.Journey) { j.Stage = lead.Lost }, nil},
		{"recycled", contract.LeadHandedOff, handed, func(j *lead.Journey) { j.Stage = lead.Recycled }, nil},
		{"paused asks nothing", contract.ClockPaused, handed, attempting, nil},
	} {
		if diff := cmp.Diff(tc.want, Asks(happened(tc.event, tc.detail), changed(tc.change))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}
