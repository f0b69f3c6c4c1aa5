package check_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/check"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// base is a policy without errors and warnings. The tests change one thing,
// and mark the line of the message with "#!" where it is not that of the change.
const base = `name: base
sources:
  web: { provider: html }
identity:
  free_mail: [gmail.com]
  disposable: [mailinator.com]
fit:
  rules:
    - name: business
      when: email.business
      points: 30
      reason: Business address
    - name: boss
      when: has(lead.title, "ceo")
      points: 40
      reason: Decides
  grades: { A: 60, B: 40, C: 20 }
engagement:
  horizon_days: 90
  rules:
    - name: page
      when: signal.type == "page.viewed"
      points: 5
      half_life_days: 7
      max: 60
      group: web
      reason: Visited
    - name: form
      when: signal.type == "form.submitted"
      points: 20
      half_life_days: 14
      max: 40
      reason: Sent a form
  groups: { web: 60 }
  scanner: { min_delay_seconds: 5, burst_links: 3, burst_window_seconds: 5 }
qualification:
  max_age_hours: 24
  requires: [email]
  exclude:
    - name: free
      when: email.free
      reason: "{email.domain} is a free-mail domain"
  requests:
    - name: demo
      when: has(signal.form, "demo")
      valid_days: 7
      reason: Asked for a demo
  thresholds:
    A: 30
    B: 50
journey:
  engaged_at: 10
sla:
  calendar: office
  accept:
    within: 30m
    warn_before: 10m
  first_contact:
    within: 4h
    warn_before: 1h
calendars:
  office:
    zone: Europe/Berlin
    hours:
      mon: ["09:00-12:00", "13:00-17:00"]
      fri: ["09:00-17:00"]
    holidays: ["2026-12-25"]
routing:
  pool: sales
  link_hours: 168
  pools:
    sales:
      manager: { name: M, email: m@our.example, slack: U0M }
      reps:
        - { id: a, name: A, email: a@our.example, slack: U0A }
        - { id: b, name: B, email: b@our.example, slack: U0B }
escalation:
  accept: { to: manager }
  first_contact: { to: manager }
  max_reps: 2
operator: { name: O, email: o@our.example, slack: U0O }
notifications:
  - { on: lead.handed_off, to: holder, channels: [slack, email] }
  - { on: lead.reassigned, to: holder, channels: [slack] }
  - { on: clock.warned, to: holder, channels: [slack] }
  - { on: lead.escalated, to: manager, channels: [slack, email] }
  - { on: lead.handed_off, to: system, channels: [webhook] }
  - { on: source.silent, to: operator, channels: [slack] }
`

func TestBaseAndDefaultAreClean(t *testing.T) {
	for file, text := range map[string][]byte{"base.yaml": []byte(base), "default.yaml": policy.Default()} {
		r := check.Run(file, text)
		for _, p := range append(r.Errors, r.Warnings...) {
			t.Error(p)
		}
		p, err := check.Parse(file, text)
		if err != nil || p.Name == "" {
			t.Errorf("Parse(%s): %+v, %v", file, p, err)
		}
		if _, err := rules.Compile(p, "p-1"); err != nil {
			t.Error(err)
		}
	}
}

// change is one edit of base and what is said about it.
type change struct{ from, to, want string }

func run(t *testing.T, changes []change, found func(check.Report) []*check.Problem) {
	t.Helper()
	for _, c := range changes {
		t.Run(c.want, func(t *testing.T) {
			if strings.Count(base, c.from) != 1 {
				t.Fatalf("%q stands %d times in the base", c.from, strings.Count(base, c.from))
			}
			text := strings.Replace(base, c.from, c.to, 1)
			r := check.Run("p.yaml", []byte(text))
			got := found(r)
			if want := c.expected(text); len(got) != 1 || !strings.HasPrefix(got[0].Error(), want) {
				t.Errorf("got %v\nwant %s", errors.Join(all(r)...), want)
			}
		})
	}
}

// expected is the message with its line: that of the mark, else of the change,
// else, when something was removed, of the section that the message is about.
func (c change) expected(text string) string {
	if strings.HasPrefix(c.want, "p.yaml:") {
		return c.want
	}
	line := 1
	if before, _, ok := strings.Cut(text, "#!"); ok {
		line = strings.Count(before, "\n") + 1
	} else if c.to != "" {
		line = strings.Count(base[:strings.Index(base, c.from)], "\n") + 1
	} else if before, _, ok := strings.Cut(text, "\n"+c.want[:strings.IndexAny(c.want, ": ")]+":"); ok {
		line = strings.Count(before, "\n") + 2
	}
	return fmt.Sprintf("p.yaml:%d: %s", line, c.want)
}

func all(r check.Report) []error {
	var errs []error
	for _, p := range r.Errors {
		errs = append(errs, p)
	}
	for _, p := range r.Warnings {
		errs = append(errs, fmt.Errorf("warning: %w", p))
	}
	return errs
}

func TestErrors(t *testing.T) {
	run(t, []change{
		// Shape.
		{"name: base", "name: base\nnam: x #!", "nam: unknown field (did you mean name?); known here:"},
		{"name: base\n", "", "lacks the field name (A name for this policy, for people)"},
		{"name: base", "name: [a] #!", "name: must be text, but is a list"},
		{"name: base", "name: #!", "name: is empty; it must be text"},
		{"web: { provider: html }", "Web: { provider: html } #!", "sources.Web: the key is not a name for a URL"},
		{"web: { provider: html }", "web: { provider: htlm } #!", `sources.web.provider: "htlm" is not known (did you mean html?)`},
		{"web: { provider: html }", "web: { rank: 3 } #!", "sources.web: lacks the field provider"},
		{"web: { provider: html }", "web: { provider: html, rank: -1 } #!", "sources.web.rank: must be at least 0, but is -1"},
		{"web: { provider: html }", "web: { provider: html, next_hosts: [https://x.example] } #!", `sources.web.next_hosts[0]: "https://x.example" is not a host`},
		{"[gmail.com]", "[a@gmail.com] #!", `identity.free_mail[0]: "a@gmail.com" is not a domain`},
		{"      points: 30", "      points: 3.5 #!", "fit.rules[0].points: must be a whole number, but is a number"},
		{"      points: 30", "      points: many #!", "fit.rules[0].points: must be a whole number, but is text"},
		{"- name: boss", "- name: Big Boss #!", `fit.rules[1].name: "Big Boss" is not a name`},
		{"A: 60, B: 40, C: 20 }", "A: 60, B: 40 } #!", "fit.grades: lacks the field C (The least score for C)"},
		{"horizon_days: 90", "horizon_days: 0 #!", "engagement.horizon_days: must be at least 1, but is 0"},
		{"max: 40", "max: 0 #!", "engagement.rules[1].max: must be at least 1"},
		{"burst_links: 3", "burst_links: 1", "engagement.scanner.burst_links: must be at least 2"},
		{"    B: 50", "    E: 50 #!", "qualification.thresholds.E: unknown field; known here: A, B, C, D"},
		{"within: 30m", "within: soon #!", `sla.accept.within: "soon" is not a duration such as 30m`},
		{"within: 30m", "within: 30 #!", "sla.accept.within: must be a duration such as 30m"},
		{"within: 30m", "within: -5m #!", `sla.accept.within: "-5m" is not a duration`},
		{`fri: ["09:00-17:00"]`, `fri: ["9-17"] #!`, `calendars.office.hours.fri[0]: "9-17" is not hours such as`},
		{"      fri:", "      friday: #!\n       ", "calendars.office.hours.friday: unknown field"},
		{`["2026-12-25"]`, `["25.12.2026"] #!`, `calendars.office.holidays[0]: "25.12.2026" is not a date such as`},
		{"a@our.example", "a.our.example", `routing.pools.sales.reps[0].email: "a.our.example" is not an e-mail address`},
		{"id: a,", "id: A,", `routing.pools.sales.reps[0].id: "A" is not an id`},
		{"on: clock.warned", "on: clock.warn", `notifications[2].on: "clock.warn" is not known (did you mean clock.warned?)`},
		{"slack: U0M", "slack: morgan", `routing.pools.sales.manager.slack: "morgan" is not a Slack member id`},
		{"to: holder, channels: [slack, email] }", "to: holder, channels: [] } #!", "notifications[0].channels: must have at least one entry"},
		{"to: holder, channels: [slack, email] }", "to: holder, channels: [slack, slack] } #!", "notifications[0].channels: entries 1 and 2 are the same"},
		{"max_reps: 2", "max_reps: 0 #!", "escalation.max_reps: must be at least 1"},
		{"slack: U0B }", "slack: U0B, weight: 0 } #!", "routing.pools.sales.reps[1].weight: must be more than 0"},
		// Meaning.
		{"when: email.business", "when: email.bsiness #!", "fit.rules[0].when: no field bsiness (did you mean business?), at column"},
		{"when: email.business", "when: lead.employees #!", "fit.rules[0].when: must be true or false, but is int"},
		{"when: email.business", "when: signal.type == \"x\" #!", "fit.rules[0].when: unknown name signal"},
		{"when: email.business", "when: | #!\n        email.business and\n        lead.x", "fit.rules[0].when: no field x, at line 2, column"},
		{"max: 40", "max: 40\n      once_per: signal.url == \"\" #!", "engagement.rules[1].once_per: must be text, but is bool"},
		{`"form.submitted"`, `"form.submited" #!`, `engagement.rules[1].when: signal.type is never "form.submited" (did you mean form.submitted?)`},
		{`"form.submitted"`, `"form.submitted" and signal.source in ["wob"] #!`, `engagement.rules[1].when: signal.source is never "wob" (did you mean web?)`},
		{"- name: boss", "- name: business #!", `fit.rules[1].name: "business" is taken already, in line 9`},
		{"- name: form", "- name: page #!", `engagement.rules[1].name: "page" is taken already`},
		{"id: b,", "id: a,", `routing.pools.sales.reps[1].id: "a" is taken already`},
		{"web: { provider: html }", "respond: { provider: html } #!", "sources.respond: the name is taken"},
		{"group: web", "group: wep #!", `engagement.rules[0].group: there is no group "wep" (did you mean web?); there is web`},
		{"calendar: office", "calendar: home #!", `sla.calendar: there is no calendar "home"; there is office`},
		{"pool: sales", "pool: sale #!", `routing.pool: there is no pool "sale" (did you mean sales?)`},
		{"[mailinator.com]", "[gmail.com] #!", "identity.disposable[0]: gmail.com is on free_mail too"},
		{"{email.domain} is", "{email} is", "qualification.exclude[0].reason: nothing fills {email} in; there is only {email.domain}"},
		{"reason: Visited", "reason: \"{email.domain}\" #!", "engagement.rules[0].reason: nothing fills {email.domain} in; only"},
		{"A: 60, B: 40, C: 20 }", "A: 40, B: 40, C: 20 } #!", "fit.grades.A: A needs more than B"},
		{"A: 60, B: 40, C: 20 }", "A: 60, B: 20, C: 20 } #!", "fit.grades.B: B needs more than C"},
		{"warn_before: 10m", "warn_before: 30m #!", "sla.accept.warn_before: a warning 30m before a deadline of 30m would come at once"},
		{"within: 30m", "within: 0m #!", "sla.accept.within: must be more than 0"},
		{"zone: Europe/Berlin", "zone: Europe/Berlinn #!", `calendars.office.zone: "Europe/Berlinn" is not a time zone`},
		{`"13:00-17:00"]`, `"11:00-17:00"] #!`, "calendars.office.hours.mon[1]: 11:00-17:00 overlaps with 09:00-12:00"},
		{`fri: ["09:00-17:00"]`, `fri: ["22:00-06:00"] #!`, "calendars.office.hours.fri[0]: 22:00-06:00 ends before it starts"},
		{"    hours:\n      mon: [\"09:00-12:00\", \"13:00-17:00\"]\n      fri: [\"09:00-17:00\"]", "    hours: {} #!", "calendars.office.hours: never opens"},
		{`["2026-12-25"]`, `["2026-02-30"] #!`, `calendars.office.holidays[0]: "2026-02-30" is not a date`},
		{"channels: [webhook]", "channels: [slack] ", "notifications[4].channels[0]: the system is told by webhook alone"},
		{"to: holder, channels: [slack, email] }", "to: holder, channels: [slack, webhook] } #!", "notifications[0].channels[1]: people are told by slack and email"},
		{"on: source.silent, to: operator", "on: source.silent, to: holder", "notifications[5].to: nobody holds a source; put operator"},
		{"on: clock.warned, to: holder", "on: clock.warned, to: operator", "notifications[2].to: the operator is told of sources alone"},
		{"operator: { name: O, email: o@our.example, slack: U0O }\n", "", "p.yaml:87: notifications[5].to: there is no operator; add"},
	}, func(r check.Report) []*check.Problem { return r.Errors })
}

func TestWarnings(t *testing.T) {
	run(t, []change{
		{"when: email.business", "when: email.business or true #!", "fit.rules[0].when: is always true; state a condition"},
		{"when: email.business", "when: email.business and false #!", "fit.rules[0].when: is never true; correct it"},
		{`has(lead.title, "ceo")`, " email . business #!", "fit.rules[1].when: is the same condition as in line 10"},
		{"points: 40", "points: 40\n      reason: x\n    - name: none\n      when: email.role\n      points: 0 #!", "fit.rules[2].points: a rule without points changes nothing"},
		{"A: 60, B: 40, C: 20 }", "A: 80, B: 40, C: 20 }", "fit.grades.A: nobody reaches it: all rules together give 70 of at most 100 points; lower it"},
		{"points: 20", "points: 0", "engagement.rules[1].points: a rule without points changes nothing"},
		{"points: 20", "points: 50", "engagement.rules[1].points: a single signal counts 50, but max allows 40"},
		{"- name: form\n      when: signal.type == \"form.submitted\"\n      points: 20\n      half_life_days: 14\n      max: 40\n", "- name: form #!\n      when: signal.type == \"form.submitted\"\n      points: 20\n      half_life_days: 14\n", "engagement.rules[1]: has no limit, so one habit alone can reach 100"},
		{"max: 40", "max: 40\n      once_per: signal.form\n      per_day: 2 #!", "engagement.rules[1].per_day: each item counts once already"},
		{"half_life_days: 14", "half_life_days: 91", "engagement.rules[1].half_life_days: is longer than horizon_days"},
		{"    A: 30\n    B: 50", "    A: 60\n    B: 50 #!", "qualification.thresholds.B: a better grade needs more engagement than this one"},
		{"max: 60", "max: 5", "p.yaml:50: qualification.thresholds.B: nobody reaches it: all rules within their limits give 45"},
		{"    A: 30\n    B: 50", "    A: 0 #!\n    B: 50", "qualification.thresholds.A: a lead of this grade qualifies without having done anything"},
		{"identity:\n  free_mail: [gmail.com]", "identity: #!\n  free_mail: []", "identity: free_mail is empty, so every address counts as a business address; copy"},
		{"[gmail.com]", "[gmail.com, GMAIL.com]", "identity.free_mail[1]: gmail.com is listed twice"},
		{"requires: [email]", "requires: [email, emplyees]", "qualification.requires[1]: emplyees is not a field that every source has (did you mean employees?)"},
		{"requires: [email]", "requires: [company]", "qualification.requires: leads without an address would be handed off"},
		{"groups: { web: 60 }", "groups: { web: 60, mail: 5 }", "engagement.groups.mail: no rule is in this group"},
		{"calendars:\n", "calendars:\n  home: { zone: UTC, hours: { mon: [\"09:00-10:00\"] } } #!\n", "calendars.home: nothing uses this calendar"},
		{"  pools:\n", "  pools:\n    spare: { manager: { name: M, email: m@our.example }, reps: [{ id: z, name: Z, email: z@our.example }] } #!\n", "routing.pools.spare: no lead goes to this pool"},
		{"within: 4h\n    warn_before: 1h", "within: 20m #!\n    warn_before: 5m", "sla.first_contact.within: the customer is promised a contact before"},
		{"within: 4h", "within: 80h", "sla.first_contact.within: counts working time only, of which a week has 15h"},
		{"link_hours: 168", "link_hours: 24", "routing.link_hours: the links of a lead that comes at closing time stop working before the rep must have answered; give them at least 89 hours"},
		{"accept: { to: manager }", "accept: { to: \"\" }", "escalation.accept.to: nobody hears of a missed deadline of 30m"},
		{"max_reps: 2", "max_reps: 3", "escalation.max_reps: only 2 reps of the pool receive leads; lower it to 2"},
		{"b@our.example", "a@our.example", "routing.pools.sales.reps[1].email: another rep has the same address"},
		{", slack: U0B }", " }", "routing.pools.sales.reps[1]: is told by Slack without a mention"},
		{", slack: U0M }", " }", "routing.pools.sales.manager: is told by Slack without a mention"},
		{"  - { on: lead.handed_off, to: system, channels: [webhook] }", "  - { on: lead.handed_off, to: holder, channels: [slack] }", "notifications[4].channels[0]: line 83 says the same"},
		{"  - { on: clock.warned, to: holder, channels: [slack] }\n", "", "notifications: nobody is told of the warnings that sla asks for; add"},
		{"  - { on: lead.escalated, to: manager, channels: [slack, email] }\n", "", "notifications: no manager is told of an escalation; add"},
		{"  - { on: lead.reassigned, to: holder, channels: [slack] }\n", "", "notifications: no rep is told of a lead that another rejected; add"},
		{", slack: U0O }", " }", "operator: is told by Slack without a mention"},
		{"  - { on: source.silent, to: operator, channels: [slack] }\n", "", "notifications: nobody is told when a source falls silent; add"},
		{"  - { on: lead.handed_off, to: holder, channels: [slack, email] }\n", "", "notifications: no rep is told of a new lead; add"},
	}, func(r check.Report) []*check.Problem {
		if r.Err() != nil {
			return r.Errors
		}
		return r.Warnings
	})
}

func TestEverythingIsReportedAtOnceInOrder(t *testing.T) {
	text := strings.NewReplacer("name: base", "nam: base", "points: 30", "point: 30", "lead.title", "lead.titel", "calendar: office", "calendar: home").Replace(base)
	_, err := check.Parse("p.yaml", []byte(text))
	if fault.KindOf(err) != fault.Invalid {
		t.Fatalf("got %v, want Invalid", err)
	}
	rest := err.Error()
	for _, want := range []string{
		"p.yaml:1: lacks the field name", "p.yaml:1: nam: unknown field (did you mean name?)",
		"p.yaml:9: fit.rules[0]: lacks the field points", "p.yaml:11: fit.rules[0].point: unknown field (did you mean points?)",
		"p.yaml:14: fit.rules[1].when: no field titel", "p.yaml:54: sla.calendar: there is no calendar",
	} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Fatalf("no %q in its place in\n%v", want, err)
		}
		rest = after
	}
}

func TestNotYAML(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "p.yaml:1: the file is empty"},
		{"# only a comment\n", "p.yaml:1: the file is empty"},
		{"name: a\n  fit: [\n", "p.yaml:1: not YAML: "},
		{"name: a\n\nname: b\n", "p.yaml:3: not YAML: mapping key \"name\" already defined"},
		{"name: a\n---\nname: b\n", "p.yaml:1: the file holds several documents"},
		{"- a\n", "p.yaml:1: must be a block of fields, but is a list"},
		{"text", "p.yaml:1: must be a block of fields, but is text"},
		{"name: *nowhere\n", "p.yaml:1: "},
	}
	for _, tt := range tests {
		r := check.Run("p.yaml", []byte(tt.text))
		if len(r.Errors) == 0 || !strings.HasPrefix(r.Errors[0].Error(), tt.want) {
			t.Errorf("%q: %v, want %s", tt.text, r.Err(), tt.want)
		}
	}
}

func FuzzRun(f *testing.F) {
	f.Add(base)
	f.Add("fit: {rules: [{when: 'a'}]}")
	f.Add("calendars: {a: {hours: {mon: ['09:00-10:00']}}}")
	f.Fuzz(func(_ *testing.T, text string) {
		r := check.Run("p.yaml", []byte(text))
		for _, p := range append(r.Errors, r.Warnings...) {
			_ = p.Error()
		}
	})
}
