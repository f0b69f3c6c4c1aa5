package check_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/policy/check"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

const pilotFile = "../examples/pilot.yaml"

func pilot(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(pilotFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The worked pilot can be applied as it stands, and nothing in it is doubtful.
func TestThePilotIsClean(t *testing.T) {
	r := check.Run(pilotFile, []byte(pilot(t)))
	for _, p := range append(r.Errors, r.Warnings...) {
		t.Error(p)
	}
	if r.Policy == nil {
		t.Fatal("it cannot be read")
	}
	if _, err := rules.Compile(r.Policy, "p-1"); err != nil {
		t.Error(err)
	}
	for i, p := range r.Policy.Rollout.Phases {
		if _, err := funnel.Of(r.Policy.Rollout.Judged(p, time.Time{})); err != nil {
			t.Errorf("phase %d: %v", i, err)
		}
		if judged := r.Policy.Rollout.Judged(p, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)); len(p.Gates) > 0 && judged.Check() != nil {
			t.Errorf("phase %d: %v", i, judged.Check())
		}
	}
}

// A first phase that nobody is in shows what there was before.
func TestNobodyMayBeInAPhase(t *testing.T) {
	text := strings.Replace(pilot(t), "  phases:\n", "  phases:\n    - { name: before, mode: auto, share: 0, least_days: 14, approve: operator }\n", 1)
	r := check.Run(pilotFile, []byte(text))
	if r.Policy == nil || len(r.Policy.Rollout.Phases) != 6 {
		t.Fatalf("%v", r.Errors)
	}
	for _, p := range append(r.Errors, r.Warnings...) {
		t.Error(p)
	}
}

// The schema lets every outcome pass that is measured.
func TestGatesMayAskAboutEveryOutcome(t *testing.T) {
	names := []string{"rejection_rate: too_early", "meeting_rate within 14 days", "rejection_rate: too_early within 1 day"}
	for _, o := range funnel.Outcomes() {
		names = append(names, o.Name)
	}
	for _, name := range names {
		text := strings.Replace(pilot(t), "outcome: sla_compliance, kind: criterion, at_least: 60", `outcome: "`+name+`", kind: criterion, at_least: 60`, 1)
		if err := check.Run("p.yaml", []byte(text)).Err(); err != nil && !strings.Contains(err.Error(), "two that ask the same") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// One edit of the pilot, and the one thing that is said about it.
func TestRolloutsAreChecked(t *testing.T) {
	for _, c := range []change{
		// What cannot work.
		{"mode: shadow", "mode: silent", `rollout.phases[0].mode: "silent" is not known`},
		{"share: 25\n", "share: -1\n", "rollout.phases[2].share: must be at least 0, but is -1"},
		{"share: 25\n", "share: 0\n", "rollout.phases[2].gates[0]: nobody is in this phase, so that no gate says anything"},
		{"share: 25\n", "share: 101\n", "rollout.phases[2].share: must be at most 100"},
		{"unit: account", "unit: company", `rollout.unit: "company" is not known`},
		{"- name: half", "- name: quarter", `rollout.phases[3].name: "quarter" is taken already, in line 127`},
		{"share: 25\n", "share: 25\n      start: \"2027-02-30\"\n", "rollout.phases[2].start: there is no such day as 2027-02-30"},
		{"share: 25\n", "share: 25\n      start: soon\n", `rollout.phases[2].start: "soon" is not a day such as`},
		{"most_days: 28", "most_days: 14", "rollout.phases[0].most_days: it must be more than least_days"},
		{`when: team == "europe" }`, `when: region == "europe" }`, "rollout.phases[1].segments[0].when: unknown name region"},
		{`when: team == "europe" }`, `when: source == "web" }`, `rollout.phases[1].segments[0].when: source is never "web"; it is one of crm, website`},
		{`when: team == "europe" }`, `when: team == "europa" }`, `rollout.phases[1].segments[0].when: team is never "europa" (did you mean europe?); it is one of americas, europe`},
		{`when: team == "europe" }`, `when: tier == "gold" }`, `rollout.phases[1].segments[0].when: tier is never "gold"`},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: sla, kind: criterion, at_least: 60", `rollout.phases[2].gates[0].outcome: "sla" is not an outcome: acceptance, `},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: sla_compliance, kind: criterion", "rollout.phases[2].gates[0]: give it one line"},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: sla_compliance, kind: criterion, at_least: 60, at_most: 70", "rollout.phases[2].gates[0]: give it one line"},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: sla_compliance, kind: criterion, at_least: 100", "rollout.phases[2].gates[0]: its line 1 is not between 0 and 1"},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: acceptance, kind: guardrail, at_least: 60", "rollout.phases[2].gates[1]: there are two that ask the same"},
		{"- { outcome: acceptance, kind: guardrail, at_least: 50 }\n  confirm", "- { outcome: meeting_rate, kind: guardrail, than: control, at_least: 0 }\n  confirm", "rollout.phases[4].gates[0].than: everybody is in this phase"},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: sla_compliance, kind: criterion, than: control, at_least: 0", "rollout.phases[2].gates[0].than: only the process asks for it, so control has no sla compliance"},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: \"rejection_rate: no_budget\", kind: guardrail, at_most: 20", `rollout.phases[2].gates[0].outcome: there is no reason "no_budget"`},
		{"approve: manager", "approve: the boss", `rollout.phases[1].approve: "the boss" is not operator, manager or an e-mail address`},
		{"  control:\n    notify: { name: Sales inbox, email: sales@our-company.example, slack: U0SALES00 }\n", "", "notifications[9].to: nobody looks after the existing process"},
		{"on: lead.suggested, to: manager", "on: lead.suggested, to: holder", "notifications[8].to: nobody holds the lead then"},
		{"on: source.silent, to: operator", "on: source.silent, to: control", "notifications[10].to: a source belongs to no lead"},
		{"share: 25\n", "share: 0.004\n", "rollout.phases[2].share: 0.004 % is so little that nobody is in"},
		// What is hardly meant.
		{"sample: 30", "sample: 3", "rollout.phases[2].sample: no gate says anything below 20 units"},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: sla_compliance, kind: criterion, at_most: 60", "rollout.phases[2].gates[0]: of sla compliance, more is better; write at_least"},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: time_to_first_contact within 3 days, kind: guardrail, at_least: 4", "rollout.phases[2].gates[0]: of time to first contact within 3 days, less is better; write at_most"},
		{"share: 50\n", "share: 20\n", "rollout.phases[3].share: takes fewer than the phase before it"},
		{"share: 50\n", "share: 50\n      segments: [{ name: web, when: source == \"website\" }]\n", "rollout.phases[3].segments: the phase before it is for all leads"},
		{"name: half\n      mode: auto", "name: half\n      mode: suggest", "rollout.phases[3].mode: is less automatic"},
		{"approve: manager", "approve: \"\"", "rollout.phases[1]: no criterion promotes it and nobody is named to"},
		{"least_days: 14\n      most_days: 28\n", "gates: [{ outcome: acceptance, kind: guardrail, at_least: 50 }]\n", "rollout.phases[0].gates: nobody gets a lead in shadow, so no gate is asked there"},
		{"least_days: 14\n      most_days: 28\n", "gates: [{ outcome: meeting_rate, kind: guardrail, at_least: 5 }]\n", "rollout.phases[0].gates: nobody gets a lead in shadow, so no gate is asked there"},
		{"most_days: 28\n      approve: operator\n", "gates: [{ outcome: meeting_rate, kind: criterion, at_least: 5 }]\n", "rollout.phases[0]: no criterion promotes it and nobody is named to"},
		{"  confirm_within: 8h\n", "", "rollout: nobody is reminded of a suggestion, and it waits for ever"},
		{"  confirm_within: 8h", "    - { name: end, mode: auto, share: 99 }\n  confirm_within: 8h", "rollout.phases[4]: no criterion promotes it"},
		{"- { outcome: acceptance, kind: guardrail, at_least: 50 }\n  confirm", "- { outcome: acceptance, kind: criterion, at_least: 50 }\n  confirm", "rollout.phases[4].gates: there is no phase after it"},
		{"  - { on: lead.control_routed, to: control, channels: [email] }\n", "", "notifications: nobody is told of a lead that is left to the existing process"},
		{"  - { on: lead.suggested, to: manager, channels: [slack, email] }\n", "", "notifications: no manager is told of a handoff to confirm"},
		{"unit: account", "unit: rep", "rollout.phases[2].gates: each rep counts once"},
	} {
		t.Run(c.want, func(t *testing.T) {
			base := pilot(t)
			if strings.Count(base, c.from) != 1 {
				t.Fatalf("%q stands %d times in the pilot", c.from, strings.Count(base, c.from))
			}
			r := check.Run("p.yaml", []byte(strings.Replace(base, c.from, c.to, 1)))
			got := r.Errors
			if len(got) == 0 {
				got = r.Warnings
			}
			if len(got) == 0 || !strings.Contains(got[0].Error(), ": "+c.want) {
				t.Errorf("got %v\nwant %s", errors.Join(all(r)...), c.want)
			}
		})
	}
}

// A mistake in one gate, or in the share, is not said again of the gates beside it.
func TestAMistakeIsSaidWhereItIs(t *testing.T) {
	for _, c := range []change{
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: sla_compliance, kind: criterion, at_least: 100", "rollout.phases[2].gates[0]: its line 1 is not between 0 and 1"},
		{"outcome: sla_compliance, kind: criterion, at_least: 60", "outcome: sla, kind: criterion, at_least: 60", `rollout.phases[2].gates[0].outcome: "sla" is not an outcome`},
		{"outcome: sla_compliance, kind: criterion, at_least: 60 }\n", "outcome: acceptance, kind: guardrail, at_least: 60 }\n", "rollout.phases[2].gates[1]: there are two that ask the same"},
		{"share: 25\n", "share: 140\n", "rollout.phases[2].share: must be at most 100"},
	} {
		r := check.Run("p.yaml", []byte(strings.Replace(pilot(t), c.from, c.to, 1)))
		if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Error(), c.want) {
			t.Errorf("got %v\nwant %s alone", errors.Join(all(r)...), c.want)
		}
	}
}

func TestTheLastPhaseIsForEverybody(t *testing.T) {
	text := pilot(t)
	at := strings.Index(text, "    - name: everybody")
	end := strings.Index(text, "  confirm_within")
	r := check.Run("p.yaml", []byte(text[:at]+text[end:]))
	want := "rollout.phases[3]: the last phase is not automatic for everybody"
	found := false
	for _, p := range r.Warnings {
		found = found || strings.Contains(p.Error(), want)
	}
	if !found {
		t.Errorf("no %q in %v", want, errors.Join(all(r)...))
	}
}
