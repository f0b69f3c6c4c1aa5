package contract_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

var at = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// examples holds one event of each type, with every member that the type has.
func examples() map[contract.EventType]contract.Event {
	var (
		handoff = &contract.HandoffRef{Number: 1, Pool: "inbound", Rep: "maya"}
		accept  = &contract.ClockRef{Kind: "accept", Scope: "holder", DueAt: at.Add(30 * time.Minute)}
		contact = &contract.ClockRef{Kind: "first_contact", Scope: "customer", DueAt: at.Add(4 * time.Hour)}
		attempt = &contract.ClockRef{Kind: "follow_up", Scope: "holder", N: 2, DueAt: at.Add(16 * time.Hour)}
		later   = at.AddDate(0, 0, 7)
		parts   = []contract.Part{
			{Rule: "business-address", Points: 20, Reason: "writes from a business address"},
			{Rule: "pricing", Points: 24, Reason: "looked at the prices"},
			{Rule: "cap.interest", Points: -4, Reason: "interest counts at most 20"},
		}
	)
	return map[contract.EventType]contract.Event{
		contract.LeadCreated:   {Summary: "A new lead became known.", Detail: contract.Detail{Stage: "known"}},
		contract.LeadQualified: {Summary: "The lead qualified: asked for a demo.", Detail: contract.Detail{Stage: "qualified", Reason: "asked for a demo", Parts: parts, By: "Morgan Hale", Despite: "the country is not known"}},
		contract.LeadEnrolled: {Summary: "Enrolled in phase quarter, handed off.", Detail: contract.Detail{
			Stage: "qualified", Reason: "Account engines.example is in bucket 1,834 of 10,000; the phase takes buckets below 2,500.", Enrolment: enrolment(),
		}},
		contract.LeadShadowed:  {Summary: "Would have gone to maya of inbound, by rule big.", Detail: contract.Detail{Stage: "qualified", Handoff: handoff, Reason: "asked for a demo", Parts: parts}},
		contract.LeadSuggested: {Summary: "Waits for a manager to confirm it: to maya of inbound, by rule big.", Detail: contract.Detail{Stage: "qualified", Handoff: handoff, Reason: "asked for a demo", Parts: parts, Until: &later}},
		contract.LeadControlRouted: {Summary: "Left to the existing process: Declined by Morgan Hale.", Detail: contract.Detail{
			Stage: "qualified", Reason: "asked for a demo", Parts: parts, Enrolment: enrolment(), By: "Morgan Hale",
		}},
		contract.LeadHandedOff: {Summary: "The lead was handed to maya.", Detail: contract.Detail{Stage: "handed_off", Handoff: handoff, Reason: "asked for a demo", Parts: parts, Clock: accept, By: "Morgan Hale", Despite: "the phone is not known"}},
		contract.LeadHeld:      {Summary: "Nobody of inbound can receive the lead.", Detail: contract.Detail{Stage: "qualified", Reason: "every rep of inbound is away", Parts: parts, Until: &later, By: "Morgan Hale"}},
		contract.LeadIncomplete: {Summary: "Waits for data: the phone and the last name or company are not known.", Detail: contract.Detail{
			Stage: "qualified", Reason: "asked for a demo", Parts: parts, Missing: []string{"phone", "last name or company"},
		}},
		contract.LeadAccepted: {Summary: "maya accepted the lead.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff}},
		contract.LeadRejected: {Summary: "maya rejected the lead.", Detail: contract.Detail{Stage: "qualified", Handoff: handoff, Reason: "a student"}},
		contract.LeadContacted: {Summary: "maya contacted the lead.", Detail: contract.Detail{
			Stage: "contacted", Handoff: handoff, Act: &contract.ActRef{How: "call", At: at, Word: "crm", Source: "hubspot"},
		}},
		contract.LeadRecycled:     {Summary: "Back to nurture.", Detail: contract.Detail{Stage: "recycled", Handoff: handoff, Reason: "too_early", Until: &later, By: "Morgan Hale"}},
		contract.LeadDisqualified: {Summary: "No lead for us.", Detail: contract.Detail{Stage: "disqualified", Handoff: handoff, Reason: "not_a_fit", By: "Morgan Hale"}},
		contract.LeadTakenBack:    {Summary: "Taken back from maya: on a fair.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff, Reason: "on a fair", By: "Morgan Hale"}},
		contract.LeadReminded:     {Summary: "maya is reminded: it is their biggest chance.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff, Clock: contact, Reason: "it is their biggest chance", By: "Morgan Hale"}},
		contract.LeadMerged: {Summary: "Part of another lead now: the same contact id of hubspot.", Detail: contract.Detail{
			Stage: "handed_off", Handoff: handoff, Reason: "the same contact id of hubspot", By: "Morgan Hale", Merge: merge(),
		}},
		contract.LeadSplit:  {Summary: "Two people again: father and son.", Detail: contract.Detail{Stage: "handed_off", Handoff: handoff, Reason: "father and son", By: "Morgan Hale", Merge: merge()}},
		contract.LeadErased: {Summary: "Erased.", Detail: contract.Detail{Stage: "handed_off", Handoff: handoff, Reason: "request", By: "Morgan Hale"}},
		contract.OrderIgnored: {Summary: "Morgan Hale wanted to hold the lead back, and nothing changed: omar got it 3 s earlier.", Detail: contract.Detail{
			Stage: "handed_off", Handoff: handoff, Reason: "omar got it 3 s earlier", By: "Morgan Hale",
			Order: &contract.OrderRef{Type: "order.hold", To: "maya", Until: &later, Reason: "the budget comes in March"},
		}},
		contract.LeadActiveAgain: {Summary: "Active again: asked for a demo.", Detail: contract.Detail{Stage: "contacted", Handoff: handoff, Reason: "asked for a demo"}},
		contract.LeadCommented:   {Summary: "maya left a comment.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff}},
		contract.LeadFeedback:    {Summary: "maya said what became of it.", Detail: contract.Detail{Stage: "contacted", Handoff: handoff, Outcome: "good_fit"}},
		contract.RepOffline: {Summary: "maya receives nothing new.", Detail: contract.Detail{
			Stage: "handed_off", Handoff: handoff, Reason: "missed too many deadlines in a row", To: &contract.Recipient{Role: "manager"},
		}},
		contract.ClockPaused:    {Summary: "The clock pauses.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff, Clock: contact, Reason: "customer_asked", Until: &later}},
		contract.ClockResumed:   {Summary: "The clock goes on.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff, Clock: contact}},
		contract.ClockMoved:     {Summary: "The deadline has moved.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff, Clock: attempt, Reason: "was due earlier"}},
		contract.ClockLate:      {Summary: "Accepted 10m late.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff, Clock: accept, Late: "10m"}},
		contract.LeadReassigned: {Summary: "The lead moved to omar.", Detail: contract.Detail{Stage: "handed_off", Handoff: &contract.HandoffRef{Number: 2, Pool: "inbound", Rep: "omar"}, Reason: "maya rejected it", Parts: parts, Clock: accept, By: "Morgan Hale"}},
		contract.LeadEscalated:  {Summary: "maya did not accept in time; the manager was told.", Detail: contract.Detail{Stage: "handed_off", Handoff: handoff, Clock: accept, Reason: "not accepted in time", To: &contract.Recipient{Role: "manager"}}},
		contract.LeadStageChanged: {Summary: "Won: 12000.50 EUR.", Detail: contract.Detail{
			Stage: "won", From: "opportunity", Handoff: handoff, Reason: "the price",
			Deal: &contract.DealRef{Source: "hubspot", ID: "512", Amount: "12000.50", Currency: "EUR", Stage: "closedwon"},
		}},
		contract.ClockStarted:   {Summary: "The clock for the first contact started.", Detail: contract.Detail{Stage: "handed_off", Handoff: handoff, Clock: contact}},
		contract.ClockWarned:    {Summary: "The lead is to be accepted soon.", Detail: contract.Detail{Stage: "handed_off", Handoff: handoff, Clock: accept}},
		contract.ClockBreached:  {Summary: "The lead was not accepted in time.", Detail: contract.Detail{Stage: "handed_off", Handoff: handoff, Clock: accept, Reason: "no answer by the deadline"}},
		contract.ClockMet:       {Summary: "The lead was accepted in time.", Detail: contract.Detail{Stage: "accepted", Handoff: handoff, Clock: accept}},
		contract.ClockStopped:   {Summary: "The accept clock was stopped.", Detail: contract.Detail{Stage: "qualified", Handoff: handoff, Clock: accept, Reason: "the lead has another holder"}},
		contract.ClockCorrected: {Summary: "The lead had been contacted in time.", Detail: contract.Detail{Stage: "contacted", Handoff: handoff, Clock: contact, Reason: "the call was reported late"}},

		contract.SourceSilent: {Summary: "The source webinar-forms is silent.", Detail: contract.Detail{Source: source("silent", "Usually 12 an hour on Monday mornings, none for 3 h.")}},
		contract.SourceFailing: {Summary: "The webhooks of the source webinar-forms fail.", Detail: contract.Detail{
			Source: source("failing", "In the last hour 12 of 14 failed, usually less than 1 %: 12 bad signature."),
		}},
		contract.SourceDrifted: {Summary: "The source webinar-forms has lost fields.", Detail: contract.Detail{
			Source: source("drifted", "lead.company is gone: in 98 % of 412 events before, in none of the last 24.", "lead.company"),
		}},
		contract.SourceRecovered:       {Summary: "The source webinar-forms is as usual again.", Detail: contract.Detail{Source: source("drifted", "lead.company is there again.", "lead.company")}},
		contract.RolloutPromoted:       {Summary: "half is in force.", Detail: contract.Detail{Rollout: phaseRef("half", "running", "acceptance: 81 % of 120 accounts in the process, better than 70 %.")}},
		contract.RolloutHeld:           {Summary: "quarter is held.", Detail: contract.Detail{Rollout: phaseRef("quarter", "paused", "A fair brings leads that are not as usual."), By: "Morgan Hale"}},
		contract.RolloutResumed:        {Summary: "quarter runs again.", Detail: contract.Detail{Rollout: phaseRef("quarter", "running", "The fair is over."), By: "Morgan Hale"}},
		contract.RolloutRolledBack:     {Summary: "quarter is rolled back.", Detail: contract.Detail{Rollout: phaseRef("quarter", "rolled_back", "meeting_rate is worse than control."), By: "Morgan Hale"}},
		contract.RolloutApprovalNeeded: {Summary: "Somebody has to agree to half.", Detail: contract.Detail{Rollout: asked(phaseRef("quarter", "running", "All gates have passed; somebody has to agree: manager."))}},
	}
}

func merge() *contract.MergeRef {
	return &contract.MergeRef{From: "1zyxwvutsrqponmlkjihgfedcba", Into: "1abcdefghijklmnopqrstuvwxyz", By: "order"}
}

func enrolment() *contract.EnrolmentRef {
	return &contract.EnrolmentRef{
		Phase: "quarter", Mode: "auto", Unit: "account", UnitID: "d:engines.example", Bucket: 1834, Arm: "treatment", Share: 0.25, Drawn: true,
	}
}

func phaseRef(phase, status string, reasons ...string) *contract.RolloutRef {
	return &contract.RolloutRef{Phase: phase, Mode: "auto", Share: 0.25, Round: 2, Status: status, Reasons: reasons, Verdict: at}
}

func asked(r *contract.RolloutRef) *contract.RolloutRef {
	r.Approve, r.Missing = "manager", []string{"meeting_rate needs 34 more accounts, about 6 days at this rate."}
	return r
}

func source(alert, reason string, fields ...string) *contract.SourceRef {
	return &contract.SourceRef{Name: "webinar-forms", Provider: "typeform", Alert: alert, Reason: reason, Since: at.Add(-3 * time.Hour), Fields: fields}
}

func TestEveryTypeHasAGoldenThatItsSchemaAccepts(t *testing.T) {
	all := examples()
	if len(all) != len(contract.Types()) {
		t.Errorf("%d examples of %d types", len(all), len(contract.Types()))
	}
	open, closed := compiler(t, false), compiler(t, true)
	for i, typ := range contract.Types() {
		t.Run(string(typ), func(t *testing.T) {
			e, ok := all[typ]
			if !ok {
				t.Fatal("no example")
			}
			e = named(e, typ, i)
			golden := compareWithGolden(t, e)
			if err := validate(t, open, typ, golden); err != nil {
				t.Errorf("the published schema: %v", err)
			}
			// Closed, the schema also finds a member that it does not describe.
			if err := validate(t, closed, typ, golden); err != nil {
				t.Errorf("the schema describes not every member: %v", err)
			}
			if diff := cmp.Diff(e, decode(t, golden)); diff != "" {
				t.Errorf("decoded (-want +got):\n%s", diff)
			}
		})
	}
}

// named fills in what every event has.
func named(e contract.Event, typ contract.EventType, i int) contract.Event {
	e.Type, e.Time, e.PolicyVersion = typ, at, "p-0123456789ab"
	if typ.AboutRollout() {
		e.ID = contract.RolloutEventID(int64(i), at)
		return e
	}
	if typ.AboutSource() {
		e.ID = contract.SourceEventID(e.Detail.Source.Name, at, i)
		return e
	}
	e.Lead = "1abcdefghijklmnopqrstuvwxyz"
	e.ID = contract.EventID(e.Lead, 7, i)
	return e
}

func TestSchemasRefuseWhatIsNotTheirEvent(t *testing.T) {
	c := compiler(t, false)
	for _, tc := range []struct {
		name, member string
		value        any // nil removes the member
		refused      bool
	}{
		{"another type", "type", "lead.held", true},
		{"no id", "id", nil, true},
		{"an id of another form", "id", "evt 1", true},
		{"an address for a key", "lead", "ada@engines.example", true},
		{"a time that is none", "time", "yesterday", true},
		{"no detail", "detail", nil, true},
		{"a detail without its handoff", "detail", map[string]any{"stage": "handed_off"}, true},
		{"a stage that is none", "detail", map[string]any{"stage": "asleep", "handoff": map[string]any{"number": 1, "pool": "p", "rep": "r"}}, true},
		{"handoff number 0", "detail", map[string]any{"handoff": map[string]any{"number": 0, "pool": "p", "rep": "r"}}, true},
		{"half a point", "detail", map[string]any{"handoff": map[string]any{"number": 1, "pool": "p", "rep": "r"}, "parts": []any{map[string]any{"rule": "a", "points": 0.5, "reason": "b"}}}, true},
		{"a member of a later release", "mood", "good", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := map[string]any{}
			if err := json.Unmarshal(read(t, contract.LeadHandedOff), &doc); err != nil {
				t.Fatal(err)
			}
			if tc.value == nil {
				delete(doc, tc.member)
			} else {
				doc[tc.member] = tc.value
			}
			b, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(t, c, contract.LeadHandedOff, b); (err != nil) != tc.refused {
				t.Errorf("refused: %v, want %v", err, tc.refused)
			}
		})
	}
}

func TestSchemaFilesAndTypesAgree(t *testing.T) {
	files, err := filepath.Glob("schema/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if want := len(contract.Types()) + 1; len(files) != want {
		t.Errorf("%d schema files, want %d: one for each type and %s.json", len(files), want, contract.CommonSchema)
	}
	for _, typ := range contract.Types() {
		var s struct{ ID, Title, Description string }
		b, err := contract.Schema(typ)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := json.Unmarshal(b, &s); err != nil || s.Title == "" || s.Description == "" {
			t.Errorf("%s: title %q, description %q, %v", typ, s.Title, s.Description, err)
		}
	}
}

func TestSchemaOfAnUnknownType(t *testing.T) {
	for _, typ := range []contract.EventType{"", "lead.vanished", "../schema/common"} {
		if _, err := contract.Schema(typ); fault.KindOf(err) != fault.NotFound {
			t.Errorf("Schema(%q): %v, want NotFound", typ, err)
		}
	}
}

func TestEventIDDependsOnNothingElse(t *testing.T) {
	if got, want := contract.EventID("1abc", 12, 3), "1abc.12.3"; got != want {
		t.Errorf("EventID = %q, want %q", got, want)
	}
	if got, want := contract.SourceEventID("my-forms", at, 1), "source-my-forms.1772443800.1"; got != want {
		t.Errorf("SourceEventID = %q, want %q", got, want)
	}
}

func decode(t *testing.T, b []byte) contract.Event {
	t.Helper()
	var e contract.Event
	if err := json.Unmarshal(b, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// compareWithGolden returns the golden file of the event's type.
func compareWithGolden(t *testing.T, e contract.Event) []byte {
	t.Helper()
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	if *update {
		if err := os.WriteFile(golden(e.Type), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := read(t, e.Type)
	if diff := cmp.Diff(string(want), string(b)); diff != "" {
		t.Errorf("differs from %s; run the test with -update if that is meant (-want +got):\n%s", golden(e.Type), diff)
	}
	return want
}

func golden(typ contract.EventType) string { return "testdata/" + string(typ) + ".json" }

func read(t *testing.T, typ contract.EventType) []byte {
	t.Helper()
	b, err := os.ReadFile(golden(typ))
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("no golden file; run the test with -update: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	return b
}

// schemaID is the id of the schema of a type.
func schemaID(typ contract.EventType) string {
	return "https://handoff-oss.github.io/handoff/schema/" + string(typ) + ".json"
}

// compiler knows all schemas by their ids. A closed one refuses every member
// that a schema does not describe.
func compiler(t *testing.T, closed bool) *jsonschema.Compiler {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for _, typ := range append(contract.Types(), contract.CommonSchema) {
		b, err := contract.Schema(typ)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
		if closed {
			closeObjects(doc)
		}
		if err := c.AddResource(schemaID(typ), doc); err != nil {
			t.Fatalf("%s: %v", typ, err)
		}
	}
	return c
}

func closeObjects(node any) {
	switch n := node.(type) {
	case map[string]any:
		for _, child := range n {
			closeObjects(child)
		}
		if n["type"] == "object" {
			n["additionalProperties"] = false
		}
	case []any:
		for _, child := range n {
			closeObjects(child)
		}
	}
}

func validate(t *testing.T, c *jsonschema.Compiler, typ contract.EventType, event []byte) error {
	t.Helper()
	s, err := c.Compile(schemaID(typ))
	if err != nil {
		t.Fatalf("%s: %v", typ, err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(event)))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}
