package explain_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	_ "time/tzdata"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/explain"
)

var update = flag.Bool("update", false, "write the golden file anew")

func TestDefaultInWords(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	got, err := explain.Text(p, "default-00000000")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/default.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("go test ./shared/policy/explain -update writes it anew:\n%s", diff)
	}
	for line := range strings.SplitSeq(got, "\n") {
		if utf8.RuneCountInString(line) > 100 {
			t.Errorf("a line of %d characters: %s", utf8.RuneCountInString(line), line)
		}
	}
	for _, r := range p.Engagement.Rules {
		if !strings.Contains(got, r.Reason) {
			t.Errorf("the rule %s is not explained", r.Name)
		}
	}
}

func TestParticulars(t *testing.T) {
	const base = `
name: n
sources: {a: {provider: html}}
journey: {active_again: {quiet_days: 7, points: 4}}
calendars:
  c: {zone: Europe/Berlin, hours: {mon: ["09:00-12:00", "13:00-17:00"], tue: ["09:00-17:00"], wed: ["09:00-17:00"], sat: ["10:00-11:00"]}, regions: [de], holidays: ["2026-01-05"]}
  d: {zone: UTC, hours: {sun: ["00:00-24:00"]}}
holidays: {de: ["2026-10-03", "2026-12-24/2026-12-26"]}
closures: ["2026-12-28/2026-12-31"]
accounts: {groups: [{name: Acme, domains: [acme.com, acme.de]}, {name: Robots, parent: Acme}]}
sla:
  calendar: c
  accept: {within: 1h}
  first_contact: {within: 90m, hours: wall}
  follow_up: {within: 8h, attempts: 1}
  tiers: [{name: very_hot, when: 'fit.grade == "A"', accept: {within: 5m, hours: team}, feedback: {within: 9h}}]
routing:
  account: {match: [domain, name], tie_breakers: [open, size], parent: true}
  rules: [{name: big_ones, when: lead.employees > 1000, pool: q}]
  fallback: p
  tags: {web: source == "a"}
  link_hours: 1
  rejections: {reasons: [{id: x, label: No, then: recycle, days: 1}, {id: y, label: Big, then: q}]}
  pools:
    p:
      manager: {name: Mo}
      caps: [{most: 1, per: hour}, {most: 14, per: month, spread: true, tag: web}]
      reps: [{id: a, name: Ann, weight: 3}, {id: b, name: Bo}, {id: c, name: Cy, off: has left us}]
    q:
      manager: {name: Nia}
      calendar: d
      outside_hours: hold
      last_minutes: 20m
      absence: keep
      reps: [{id: d, name: Di, calendar: c, caps: [{most: 2, per: 36h, when: email.free}, {most: 3, per: week}], leave: [{from: "2027-07-01", to: "2027-07-02T13:00", reason: moving}]}]
escalation:
  max_reps: 1
  offline_after: 3
  accept: [{at: 15m, do: remind}, {at: +2h, do: fallback}, {at: 50%, do: manager}]
`
	p, err := policy.Decode([]byte(base))
	if err != nil {
		t.Fatal(err)
	}
	got, err := explain.Text(p, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"a sends what html sends",
		"the latest word wins",
		"No score alone makes a lead ready.",
		"hears of it when the lead asks for sales again, or after 7 days without interest does something that gives 4 points or more.",
		"told by its domain or its name; of several companies, the one with the most open leads with its owner, then the most handoffs",
		"Acme, also acme.com or acme.de - Robots; an account of its own below Acme",
		"then the most handoffs - the rep who has its parent company, by the same age",
		"the pool q, by the rule big ones if lead.employees > 1000 - the pool p, the fallback for every lead",
		"The pool p, whose manager is Mo, works by the calendar c:",
		"Ann gets 75 % of the leads", "Bo gets 25 % of the leads", "Cy gets none now: has left us",
		"each receives at most 1 lead an hour and 14 leads a month, spread over its working days, of the kind web",
		"a lead is given to somebody all the same", "they are owed nothing",
		"The pool q, whose manager is Nia, works by the calendar d: - Di gets 100 % of the leads - Di receives at most 2 leads in any 36h for which email.free and 3 leads a week, in place of that",
		"Di works by the calendar c", "Di is on leave from 2027-07-01 to 2027-07-02 13:00: moving",
		"the pool takes no lead, and the next in that order that can take it does - nobody gets anything new in the last 20m of a shift - of what a rep misses on leave, they are owed one lead at most",
		"Kinds of leads: - web if source ==",
		"A rep may give a lead back, for one of these reasons: - No: back to nurture for 1 day - Big: the pool q gets it",
		"After one holder a lead goes to nobody else but the pool p, and then to its manager. The links to answer work for 1 hour.",
		"within 1h of getting the lead, counted while the team and the rep are on duty. 15m after the start the rep is reminded; 2h after the deadline the lead goes to the fallback pool; after 50 % of the time the manager hears of it.",
		"Somebody talks to the customer within 1h30m of the moment that made the lead ready, whoever holds it, counted by day and night. Nothing follows when it is not kept.",
		"tries again within 8h, 1 time at most",
		"very hot: the rep accepts or rejects within 5m of getting the lead, counted in the team's hours; the rep says within 9h",
		"ready on Saturday 10:45, the rep answers by Monday 09:45 and somebody talks to the customer by Saturday 12:15.",
		"Nobody may stop the clocks.", "A rep who lets 3 deadlines to accept pass in a row",
		"c: Monday 09:00-12:00 and 13:00-17:00, Tuesday to Wednesday 09:00-17:00, Saturday 10:00-11:00, Europe/Berlin; closed on the holidays of de, which are 2026-10-03 and 2026-12-24 to 2026-12-26; and on 2026-01-05",
		"The whole company is closed on 2026-12-28 to 2026-12-31.",
		"are not told from a person's",
		"WHO IS TOLD Nobody.",
	} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	p.Calendars = nil
	if _, err := explain.Text(p, "p-1"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a calendar: %v, want Invalid", err)
	}
}

// pilot is the worked example of a rollout.
func pilot(t *testing.T) *policy.Policy {
	t.Helper()
	text, err := os.ReadFile("../examples/pilot.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// inWords explains a policy, with its white space as single spaces.
func inWords(t *testing.T, p *policy.Policy) string {
	t.Helper()
	got, err := explain.Text(p, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(got), " ")
}

func TestAPilotInWords(t *testing.T) {
	p := pilot(t)
	most := 24.0
	p.Rollout.Phases[3].Start, p.Rollout.Phases[3].Approve = "2027-07-01", "riley.chen@our-company.example"
	p.Rollout.Phases[3].Gates[2] = policy.Gate{Outcome: "time_to_first_contact", Kind: "criterion", AtMost: &most}
	for unit, says := range map[string]string{
		policy.UnitAccount: "Companies are drawn as a whole", policy.UnitLead: "Leads are drawn one by one",
		policy.UnitRep: "Reps are drawn", policy.UnitTeam: "Pools are drawn",
	} {
		p.Rollout.Unit = unit
		got := inWords(t, p)
		for _, want := range []string{
			says,
			"1. Watch: for all of them, it is noted whom each lead would have gone to, and nobody is told. - it takes 14 days at least - no number ends it: then a person is asked - the operator has to agree",
			`2. Europe confirms: for all of them, a manager confirms each handoff. - only for leads of the kind europe if team == "europe"`,
			"a manager has to agree to the next phase",
			"3. Quarter: for 25 % of them, leads are handed off by themselves.",
			"the next phase begins once sla compliance is proven to be at least 60 %",
			"it is rolled back at once when meeting rate is proven not to be at least control - 5 points",
			"says anything before 200 units on each side are old enough",
			"it begins on 2027-07-01 at the earliest",
			"the next phase begins once time to first contact is proven to be at most 24 hours",
			"riley.chen@our-company.example has to agree to the next phase",
			"A handoff that nobody confirms within 8h of the pool's hours is left to the existing process",
			"Sales inbox looks after the existing process.",
			"When a lead is left to the existing process: Sales inbox, who looks after the existing process, by e-mail",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
	}
}

// What is said of the sample is what the gates ask for, and of a phase in shadow
// that they are not asked.
func TestWhatGatesWaitFor(t *testing.T) {
	p := pilot(t)
	most, least := 24.0, 5.0
	p.Rollout.Phases[0].Gates = []policy.Gate{{Outcome: "win_rate", Kind: "criterion", AtLeast: &least}}
	p.Rollout.Phases[1].Share = 0
	p.Rollout.Phases[2].Sample = 3
	p.Rollout.Phases[3].Gates = append(p.Rollout.Phases[3].Gates, policy.Gate{Outcome: "time_to_first_contact", Kind: "criterion", AtMost: &most})
	got := inWords(t, p)
	for _, want := range []string{
		"for none of them, so that the existing process is measured by itself.",
		"no number says anything before 20 units on each side are old enough",
		"nothing of acceptance and meeting rate and sla compliance says anything before 50 units on each side are old enough",
		"nothing of time to first contact says anything before 200 units on each side are old enough",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "win rate") {
		t.Errorf("a gate in shadow promotes nothing:\n%s", got)
	}
}

func TestEveryEventAndChannelHasWords(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	p.Notifications = nil
	for _, e := range contract.Types() {
		p.Notifications = append(p.Notifications, policy.Notification{On: string(e), To: "manager", Channels: []string{"slack", "teams", "email"}})
	}
	got, err := explain.Text(p, "p-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range contract.Types() {
		if strings.Contains(got, string(e)) {
			t.Errorf("%s is not put into words", e)
		}
	}
	if n := strings.Count(strings.Join(strings.Fields(got), " "), "the manager, by Slack, Teams and e-mail"); n != len(contract.Types()) {
		t.Errorf("%d of %d lines name the channels", n, len(contract.Types()))
	}
}
