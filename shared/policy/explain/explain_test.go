package explain_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	_ "time/tzdata"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

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
calendars: {c: {zone: Europe/Berlin, hours: {mon: ["09:00-12:00", "13:00-17:00"], tue: ["09:00-17:00"], wed: ["09:00-17:00"], sat: ["10:00-11:00"]}}}
sla: {calendar: c, accept: {within: 1h}, first_contact: {within: 90m, warn_before: 10m}}
routing: {pool: p, link_hours: 1, pools: {p: {manager: {name: Mo}, reps: [{id: a, name: Ann, weight: 3}, {id: b, name: Bo}, {id: c, name: Cy, off: on leave}]}}}
escalation: {max_reps: 1, first_contact: {to: manager}}
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
		"Ann gets 75 % of them", "Bo gets 25 % of them", "Cy gets none now: on leave",
		"it then goes to nobody else. The links to answer work for 1 hour.",
		"within 1h of getting the lead. When the deadline passes, nobody is called.",
		"A reminder comes 10m before the deadline. When the deadline passes, it is escalated to Mo",
		"Monday 09:00-12:00 and 13:00-17:00, Tuesday to Wednesday 09:00-17:00, Saturday 10:00-11:00, Europe/Berlin.",
		"ready on Saturday 10:45, the rep answers by Monday 09:45 and somebody talks to the customer by Monday 10:15.",
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
