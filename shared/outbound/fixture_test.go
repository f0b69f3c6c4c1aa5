package outbound

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// at is a Monday morning in New York.
var at = time.Date(2026, 3, 2, 14, 30, 0, 0, time.UTC)

const key = "1jx7nq4pdm2c6vh3e5tkz2rwoyu"

func team() *policy.Policy {
	return &policy.Policy{
		SLA: policy.SLA{Calendar: "office", Pause: policy.Pause{Most: policy.Duration(72 * time.Hour), Times: 2, Reasons: []policy.Option{
			{ID: "customer_asked", Label: "The customer asked to talk later"},
		}}},
		Calendars: map[string]policy.Calendar{"office": {Zone: "America/New_York"}},
		Routing: policy.Routing{Fallback: "inbound", LinkHours: 24, Rejections: policy.Rejections{PerDay: 5, Reasons: []policy.Rejection{
			{Option: policy.Option{ID: "not_a_fit", Label: "Not a fit & <never>"}, Then: policy.ThenDisqualify},
			{Option: policy.Option{ID: "too_early", Label: "Interested, but not now"}, Then: policy.ThenRecycle, Days: 60},
			{Option: policy.Option{ID: "other", Label: "Something else"}, Then: policy.ThenNext},
		}}, Pools: map[string]policy.Pool{"inbound": {
			Manager: policy.Person{Name: "Noor Haddad", Email: "noor@seller.example", Slack: "U0NOOR"},
			Reps: []policy.Rep{
				{ID: "maya", Person: policy.Person{Name: "Maya Lind", Email: "maya@seller.example", Slack: "U0MAYA"}},
				{ID: "omar", Person: policy.Person{Name: "Omar Diaz", Email: "omar@seller.example"}},
			},
		}}},
	}
}

func parts() []contract.Part {
	return []contract.Part{
		{Rule: "fit/business_address", Points: 20, Reason: "Writes from a business address"},
		{Rule: "fit/senior", Points: 25, Reason: "Decides, by the title"},
		{Rule: "fit/country", Points: 0, Reason: "Sells where we sell"},
		{Rule: "engagement/pricing", Points: 24, Reason: "Looked at the prices"},
		{Rule: "engagement/web.cap", Points: -4, Reason: "Web pages count at most 20"},
	}
}

func profile(fields map[string]string) map[string]scoring.Field {
	all := map[string]scoring.Field{}
	for name, value := range fields {
		all[name] = scoring.Field{Value: value, At: at, Event: "typeform#1"}
	}
	return all
}

// known is a lead that was handed to maya, who has not answered.
func known() *lead.Lead {
	return &lead.Lead{
		Key: key, Version: 3, CreatedAt: at, UpdatedAt: at,
		Facts: scoring.Facts{Profile: profile(map[string]string{
			signal.FieldFirstName: "Rosa", signal.FieldLastName: "Okonkwo", signal.FieldCompany: "Baltic Ferries & Sons",
			signal.FieldTitle: "Head of Operations", signal.FieldEmail: "rosa_okonkwo@baltic-ferries.example",
			signal.FieldPhone: "+49 30 901820", signal.FieldCountry: "DE", "fleet": "12 ships",
		})},
		Journey: lead.Journey{
			Stage: lead.HandedOff,
			Handoff: &lead.Handoff{
				Number: 1, Pool: "inbound", Rep: "maya", RepName: "Maya Lind", Since: at,
				Reason: "Asked for a demo", Parts: parts(),
			},
			Clocks: []lead.Clock{
				{Kind: lead.AcceptClock, Scope: lead.HolderScope, State: lead.Running, Handoff: 1, DueAt: at.Add(30 * time.Minute)},
				{Kind: lead.FirstContactClock, Scope: lead.CustomerScope, State: lead.Running, Handoff: 1, DueAt: at.Add(4 * time.Hour)},
			},
		},
	}
}

func happened(t contract.EventType, d contract.Detail) contract.Event {
	return contract.Event{
		ID: contract.EventID(key, 3, 1), Type: t, Time: at, Lead: key,
		PolicyVersion: "p-0123456789ab", Summary: "What happened, in a sentence.", Detail: d,
	}
}

func toMaya() Recipient {
	return Recipient{Ref: "rep:maya", Name: "Maya Lind", Email: "maya@seller.example", Slack: "U0MAYA"}
}

func toNoor() Recipient {
	return Recipient{Ref: "manager:inbound", Name: "Noor Haddad", Email: "noor@seller.example", Slack: "U0NOOR"}
}

func answers() []Link {
	return append(asked(LabelAccept, LabelReject, LabelContacted), Link{Label: LabelOpen, URL: "https://handoff.seller.example/leads/" + key})
}

// asked are the links of answers.
func asked(labels ...string) []Link {
	links := make([]Link, len(labels))
	for i, label := range labels {
		token := "token-" + strings.ReplaceAll(strings.ToLower(label), " ", "-")
		links[i] = Link{Label: label, URL: "https://handoff.seller.example/r/" + token, Token: token}
	}
	return links
}

func ref(number int, rep string) *contract.HandoffRef {
	return &contract.HandoffRef{Number: number, Pool: "inbound", Rep: rep}
}

func accept() *contract.ClockRef {
	return &contract.ClockRef{Kind: "accept", Scope: "holder", DueAt: at.Add(30 * time.Minute)}
}

// inputs are one story for each kind of message.
func inputs() map[string]Input {
	missed := known()
	missed.Journey.Clocks[0].State = lead.Breached
	late := happened(contract.LeadEscalated, contract.Detail{Handoff: ref(1, "maya"), Clock: accept(), Reason: "the rep's answer did not come in time", To: &contract.Recipient{Role: "manager"}})
	late.Time = at.Add(31 * time.Minute)
	breach := happened(contract.ClockBreached, contract.Detail{Handoff: ref(1, "maya"), Clock: accept()})
	breach.Time = late.Time

	moved := known()
	moved.Journey.Handoff.Number, moved.Journey.Handoff.Rep, moved.Journey.Handoff.RepName = 2, "omar", "Omar Diaz"

	rejected := known()
	rejected.Journey.Handoff.Answer = lead.AnswerRejected
	rejected.Journey.Clocks[0].State = lead.Stopped

	holdable := known()
	holdable.Journey = lead.Journey{Stage: lead.Qualified, Held: &lead.Handoff{Number: 1, Pool: "inbound", Waits: at}}

	lost := happened(contract.LeadStageChanged, contract.Detail{
		Stage: "lost", From: "opportunity", Handoff: ref(1, "maya"), Reason: "the <b>price</b> & <!channel>",
		Deal: &contract.DealRef{Source: "hubspot", ID: "512", Amount: "12000.50", Currency: "EUR"},
	})
	lost.Summary = "Lost: 12000.50 EUR"

	handed := happened(contract.LeadHandedOff, contract.Detail{Stage: "handed_off", Handoff: ref(1, "maya"), Reason: "Asked for a demo", Parts: parts()})
	return map[string]Input{
		"handed_off":       {Event: handed, Lead: known(), To: []Recipient{toMaya()}, Links: answers()},
		"handed_off_stale": {Event: handed, Lead: moved, To: []Recipient{toMaya()}, Links: answers()[3:]},
		"reassigned": {
			Event: happened(contract.LeadReassigned, contract.Detail{Handoff: ref(2, "omar"), Reason: "rejected", Parts: parts()}),
			Lead:  moved, To: []Recipient{{Ref: "rep:omar", Name: "Omar Diaz", Email: "omar@seller.example"}}, Links: answers(),
		},
		"held":      {Event: happened(contract.LeadHeld, contract.Detail{Reason: "Asked for a demo"}), Lead: holdable, To: []Recipient{toNoor()}, Links: answers()[3:]},
		"warned":    {Event: happened(contract.ClockWarned, contract.Detail{Handoff: ref(1, "maya"), Clock: accept()}), Lead: known(), To: []Recipient{toMaya()}, Links: answers()},
		"breached":  {Event: breach, Lead: missed, To: []Recipient{toMaya(), toNoor()}, Links: answers()},
		"escalated": {Event: late, Lead: missed, To: []Recipient{toNoor()}, Links: answers()[3:]},
		"escalated_nobody_left": {
			Event: happened(contract.LeadEscalated, contract.Detail{Handoff: ref(1, "maya"), Clock: accept(), Reason: "nobody else can receive the rejected lead", To: &contract.Recipient{Role: "manager"}}),
			Lead:  rejected, To: []Recipient{toNoor()}, Links: answers()[3:],
		},
		"lost":    {Event: lost, Lead: known(), To: []Recipient{toMaya(), toNoor()}, Links: answers()[3:]},
		"generic": {Event: happened(contract.LeadCreated, contract.Detail{}), Lead: known(), To: []Recipient{{Ref: "system"}}, Links: answers()[3:]},
	}
}

// sourceInputs are one story for each kind of message about a source.
func sourceInputs() map[string]Input {
	all := map[string]Input{}
	for typ, s := range map[contract.EventType]contract.SourceRef{
		contract.SourceSilent:    {Alert: "silent", Reason: "Usually 12 an hour on Monday mornings, none for 3 h."},
		contract.SourceFailing:   {Alert: "failing", Reason: "In the last hour 12 of 14 failed, usually less than 1 %: 12 bad signature."},
		contract.SourceDrifted:   {Alert: "drifted", Reason: "lead.company is gone: in 98 % of 412 events before, in none of the last 24.", Fields: []string{"lead.company"}},
		contract.SourceRecovered: {Alert: "silent", Reason: "An event came after 5 h without one."},
	} {
		s.Name, s.Provider, s.Since = "webinar-forms", "typeform", at.Add(-3*time.Hour)
		e := happened(typ, contract.Detail{Source: &s})
		e.Lead, e.ID = "", contract.SourceEventID(s.Name, at, 0)
		all[string(typ)] = Input{
			Event: e, To: []Recipient{{Ref: "operator", Name: "Riley Chen", Email: "riley@seller.example", Slack: "U0RILEY"}},
			Links: []Link{{Label: LabelSources, URL: "https://handoff.seller.example/sources"}},
		}
	}
	return all
}

// rolloutInputs are one story for each kind of message about the rollout.
func rolloutInputs() map[string]Input {
	all := map[string]Input{}
	for typ, e := range map[contract.EventType]contract.Event{
		contract.RolloutPromoted:       {Detail: contract.Detail{Rollout: &contract.RolloutRef{Phase: "half", Status: "running", Reasons: []string{"acceptance: 81 % of 120 accounts in the process, better than 70 %."}}}},
		contract.RolloutHeld:           {Detail: contract.Detail{By: "Morgan Hale", Rollout: &contract.RolloutRef{Phase: "quarter", Status: "paused", Reasons: []string{"A fair brings leads that are not as usual"}}}},
		contract.RolloutResumed:        {Detail: contract.Detail{By: "Morgan Hale", Rollout: &contract.RolloutRef{Phase: "quarter", Status: "running", Reasons: []string{"The fair is over"}}}},
		contract.RolloutRolledBack:     {Detail: contract.Detail{Rollout: &contract.RolloutRef{Phase: "quarter", Status: "rolled_back", Reasons: []string{"meeting_rate is worse than control."}}}},
		contract.RolloutApprovalNeeded: {Detail: contract.Detail{Rollout: &contract.RolloutRef{Phase: "quarter", Status: "running", Approve: "manager", Reasons: []string{"All gates have passed; somebody has to agree: manager."}, Missing: []string{"win_rate needs 34 more accounts, about 6 days at this rate."}}}},
	} {
		ref := *e.Detail.Rollout
		ref.Mode, ref.Share, ref.Round = "auto", 0.25, 2
		in := happened(typ, contract.Detail{Rollout: &ref, By: e.Detail.By})
		in.Lead, in.ID = "", contract.RolloutEventID(4, at)
		all[string(typ)] = Input{
			Event: in, To: []Recipient{{Ref: "operator", Name: "Riley Chen", Email: "riley@seller.example", Slack: "U0RILEY"}},
			Links: []Link{{Label: LabelRollout, URL: "https://handoff.seller.example/rollout"}},
		}
	}
	return all
}

func message(in Input) Message {
	in.Policy = team()
	return New(in)
}

// compare compares with a golden file, or writes it.
func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no golden file; run the test with -update: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("differs from %s; run the test with -update if that is meant (-want +got):\n%s", path, diff)
	}
}
