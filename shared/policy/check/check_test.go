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
    hours: holder
  first_contact:
    within: 4h
  follow_up: { within: 8h, attempts: 2 }
  tiers:
    - name: hot
      when: fit.grade == "A"
      first_contact: { within: 2h }
  pause:
    most: 48h
    times: 1
    reasons: [{ id: asked, label: Asked to wait }]
calendars:
  office:
    zone: Europe/Berlin
    hours:
      mon: ["09:00-12:00", "13:00-17:00"]
      fri: ["09:00-17:00"]
    regions: [de]
    holidays: ["2026-12-25"]
  late:
    zone: Europe/Berlin
    hours: { fri: ["12:00-20:00"] }
holidays: { de: ["2026-10-03"] }
closures: ["2026-12-28/2027-01-01"]
routing:
  account: { match: [domain], tie_breakers: [latest] }
  rules:
    - { name: big, when: lead.employees > 1000, pool: large }
  fallback: sales
  tags: { web: lead.country == "DE" }
  link_hours: 168
  rejections:
    per_day: 3
    reasons:
      - { id: early, label: Too early, then: recycle, days: 60 }
      - { id: team, label: Another team, then: large }
  pools:
    large:
      manager: { name: N, email: n@our.example, slack: U0N }
      reps:
        - { id: c, name: C, email: c@our.example, slack: U0C }
        - { id: d, name: D, email: d@our.example, slack: U0D }
    sales:
      manager: { name: M, email: m@our.example, slack: U0M }
      last_minutes: 15m
      caps: [{ most: 20, per: month, tag: web, spread: true }]
      reps:
        - { id: a, name: A, email: a@our.example, slack: U0A, calendar: late, leave: [{ from: 2027-07-01, to: 2027-07-02T12:00 }] }
        - { id: b, name: B, email: b@our.example, slack: U0B, caps: [{ most: 2, per: 36h }] }
escalation:
  accept: [{ at: -10m, do: remind }, { at: 100%, do: manager }, { at: 200%, do: reassign }]
  customer: [{ at: 100%, do: manager }]
  first_contact: [{ at: 50%, do: remind }]
  max_reps: 2
operator: { name: O, email: o@our.example, slack: U0O }
notifications:
  - { on: lead.handed_off, to: holder, channels: [slack, email] }
  - { on: lead.reassigned, to: holder, channels: [teams] }
  - { on: clock.warned, to: holder, channels: [slack] }
  - { on: lead.escalated, to: manager, channels: [slack, email] }
  - { on: lead.handed_off, to: system, channels: [webhook] }
  - { on: source.silent, to: operator, channels: [slack] }
  - { on: lead.held, to: manager, channels: [email] }
  - { on: lead.taken_back, to: holder, channels: [slack] }
  - { on: lead.reminded, to: holder, channels: [slack] }
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
		// Privacy.
		{"operator: {", "privacy: { retention: { signals_days: 30 } } #!\noperator: {", "privacy.retention.signals_days: must be at least engagement.horizon_days, 90"},
		{"operator: {", "privacy: { retention: { leads_days: 30 } } #!\noperator: {", "privacy.retention.leads_days: must be at least engagement.horizon_days, 90"},
		{"operator: {", "privacy: { consent: { stopped_by: [email.complained], purposes: [marketing] } } #!\noperator: {", "privacy.consent.purposes: unsubscribing and complaining are about email"},
		{"operator: {", "privacy: { consent: { stopped_by: [email.opened] } } #!\noperator: {", `privacy.consent.stopped_by[0]: "email.opened" is not known`},
		{"when: email.free", `when: consent.email == "gone" #!`, `qualification.exclude[0].when: consent.email is never "gone"`},
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
		{"identity:\n", "identity:\n  phone_region: Germany #!\n", `identity.phone_region: "Germany" is not a country's code of two capitals, such as US`},
		{"identity:\n", "identity:\n  plus_tags: sure #!\n", "identity.plus_tags: must be true or false, but is text"},
		{"identity:\n", "identity:\n  role_addresses: [welcome@] #!\n", `identity.role_addresses[0]: "welcome@" is not what stands before the @`},
		{"identity:\n", "identity:\n  provider_rules: [{ tag: \"+\" }] #!\n", "identity.provider_rules[0]: lacks the field domains"},
		{"identity:\n", "identity:\n  provider_rules: [{ domains: [a.example], tag: plus }] #!\n", `identity.provider_rules[0].tag: "plus" is not one of + - = _`},
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
		{"within: 30m", "within: 1d #!", `sla.accept.within: "1d" is not a duration such as 30m, 4h or 1h30m (days as hours)`},
		{"within: 30m", "within: 30 #!", "sla.accept.within: must be a duration such as 30m"},
		{"within: 30m", "within: -5m #!", `sla.accept.within: "-5m" is not a duration`},
		{`fri: ["09:00-17:00"]`, `fri: ["9-17"] #!`, `calendars.office.hours.fri[0]: "9-17" is not hours such as`},
		{"      fri:", "      friday: #!\n       ", "calendars.office.hours.friday: unknown field"},
		{`["2026-12-25"]`, `["25.12.2026"] #!`, `calendars.office.holidays[0]: "25.12.2026" is not a day such as`},
		{"a@our.example", "a.our.example", `routing.pools.sales.reps[0].email: "a.our.example" is not an e-mail address`},
		{"id: a,", "id: A,", `routing.pools.sales.reps[0].id: "A" is not an id`},
		{"on: clock.warned", "on: clock.warn", `notifications[2].on: "clock.warn" is not known (did you mean clock.warned?)`},
		{"slack: U0M", "slack: morgan", `routing.pools.sales.manager.slack: "morgan" is not a Slack member id`},
		{"to: holder, channels: [slack, email] }", "to: holder, channels: [] } #!", "notifications[0].channels: must have at least one entry"},
		{"to: holder, channels: [slack, email] }", "to: holder, channels: [slack, slack] } #!", "notifications[0].channels: entries 1 and 2 are the same"},
		{"max_reps: 2", "max_reps: 0 #!", "escalation.max_reps: must be at least 1"},
		{"slack: U0D }", "slack: U0D, weight: 0 } #!", "routing.pools.large.reps[1].weight: must be more than 0"},
		{"calendar: office", "calendar: office\n  patience: 1h #!", "sla.patience: unknown field; known here: accept, calendar"},
		{"    within: 30m", "    within: 30m\n    warn_before: 5m #!", "sla.accept.warn_before: is no field any more; write a step such as"},
		{"  fallback: sales\n", "", "routing: lacks the field fallback"},
		{"  fallback: sales", "  fallback: sales\n  pool: sales #!", "routing.pool: is no field any more; write fallback"},
		{"hours: holder", "hours: mine #!", `sla.accept.hours: "mine" is not known; it must be one of holder, team, wall`},
		{"attempts: 2", "attempts: 0", "sla.follow_up.attempts: must be at least 1, but is 0"},
		{"most: 20", "most: 0", "routing.pools.sales.caps[0].most: must be at least 1, but is 0"},
		{"per: month", "per: mont", `routing.pools.sales.caps[0].per: "mont" is not hour, day`},
		{"{ at: 50%, do", "{ at: halfway, do", `escalation.first_contact[0].at: "halfway" is not a point of a clock such as 50%`},
		{"{ at: 50%, do", "{ at: 99999%, do", `escalation.first_contact[0].at: "99999%" is not a point of a clock`},
		{"  customer: [{ at: 100%, do: manager }]", "  customer: { to: manager } #!", "escalation.customer: must be a list, but is a block of fields"},
		{"do: reassign", "do: resign", `escalation.accept[2].do: "resign" is not known (did you mean reassign?)`},
		{"match: [domain]", "match: [domain, phone]", `routing.account.match[1]: "phone" is not known`},
		{`from: 2027-07-01, to`, `from: 1 July, to`, `routing.pools.sales.reps[0].leave[0].from: "1 July" is not a day such as 2027-07-01`},
		{"then: recycle, days: 60", "then: recycle, days: 0", "routing.rejections.reasons[0].days: must be at least 1"},
		{"channels: [teams]", "channels: [team]", `notifications[1].channels[0]: "team" is not known (did you mean teams?)`},
		// Meaning.
		{"within: 30m", "within: 99999999999h #!", `sla.accept.within: "99999999999h" is not a duration such as 30m`},
		{"hours: holder", "hours: holder\n    attempts: 2 #!", "sla.accept.attempts: only follow_up has attempts"},
		{", attempts: 2", "", "p.yaml:60: sla.follow_up.attempts: must be at least 1; leave"},
		{"first_contact: { within: 2h }", "follow_up: { within: 2h } #!", "sla.tiers[0].follow_up.attempts: must be at least 1"},
		{"first_contact: { within: 2h }", "first_contact: { within: 0h }", "p.yaml:62: sla.tiers[0]: sets no clock"},
		{"first_contact: { within: 2h }", "first_contact: { within: 0h, hours: wall } #!", "sla.tiers[0].first_contact.within: must be more than 0; a tier takes no clock away"},
		{"times: 1", "times: 0 #!", "sla.pause.times: must be at least 1"},
		{"    reasons: [{ id: asked, label: Asked to wait }]", "    reasons: [] #!", "sla.pause.reasons: a rep chooses one of them"},
		{"{ id: asked, label: Asked to wait }", "{ id: asked, label: A }, { id: asked, label: B }", `sla.pause.reasons[1].id: "asked" is taken already`},
		{"regions: [de]", "regions: [fr] #!", `calendars.office.regions[0]: there is no region "fr"; there is de`},
		{"2026-10-03", "2026-13-03", `holidays.de[0]: "2026-13-03" is not a date`},
		{"2026-12-28/2027-01-01", "2026-12-28/2026-12-01", "closures[0]: 2026-12-28/2026-12-01 ends before it begins"},
		{"2026-12-28/2027-01-01", "2026-12-28/2028-01-01", "closures[0]: 2026-12-28/2028-01-01 is longer than a year"},
		{`["12:00-20:00"]`, `["18:00-20:00"]`, "p.yaml:105: routing.pools.sales.reps[0].calendar: late and the pool's calendar office are never open at the same time"},
		{"pool: large }", "pool: larger }", `routing.rules[0].pool: there is no pool "larger" (did you mean large?)`},
		{"fallback: sales", "fallback: sale #!", `routing.fallback: there is no pool "sale" (did you mean sales?)`},
		{"when: lead.employees > 1000,", "when: lead.employee > 1000,", "routing.rules[0].when: no field employee (did you mean employees?)"},
		{`fit.grade == "A"`, `fit.grade == "E" #!`, `sla.tiers[0].when: fit.grade is never "E"`},
		{`fit.grade == "A"`, `request == "demos" #!`, `sla.tiers[0].when: request is never "demos" (did you mean demo?); it is one of demo`},
		{`fit.grade == "A"`, `account.owner in ["x"] #!`, `sla.tiers[0].when: account.owner is never "x"; it is one of a, b, c, d`},
		{`fit.grade == "A"`, `source == "wep" #!`, `sla.tiers[0].when: source is never "wep" (did you mean web?)`},
		{"tag: web", "tag: wep", `routing.pools.sales.caps[0].tag: there is no tag "wep"`},
		{`tags: { web: lead.country == "DE" }`, "tags: {}", `p.yaml:103: routing.pools.sales.caps[0].tag: there is no tag "web": the policy has none yet`},
		{"per: month, tag: web, spread: true", "per: day, tag: web, spread: true", "routing.pools.sales.caps[0].spread: only a week or a month can be spread"},
		{"per: 36h", "per: 745h", "routing.pools.sales.reps[1].caps[0].per: a rolling time is at least 1m and at most 744h"},
		{"per: 36h", "per: 59s", "routing.pools.sales.reps[1].caps[0].per: a rolling time is at least 1m"},
		{"{ most: 2, per: 36h }", "{ most: 2, per: 36h }, { most: 3, per: 2160m }", "routing.pools.sales.reps[1].caps[1]: line 106 limits the same leads in the same time"},
		{"caps: [{ most: 2, per: 36h }]", "calendar: home", `routing.pools.sales.reps[1].calendar: there is no calendar "home"`},
		{"last_minutes: 15m", "last_minutes: 15m\n      calendar: home #!", `routing.pools.sales.calendar: there is no calendar "home"`},
		{"2027-07-02T12:00", "2027-06-02T12:00", "routing.pools.sales.reps[0].leave[0]: the leave ends"},
		{"id: c, name: C", "id: a, name: C", `p.yaml:105: routing.pools.sales.reps[0].email: "a" is another person in line 98`},
		{"id: team, label", "id: early, label", `routing.rejections.reasons[1].id: "early" is taken already`},
		{"then: large", "then: larg", `routing.rejections.reasons[1].then: "larg" is neither a pool nor something that follows (did you mean large?)`},
		{"then: recycle, days: 60", "then: recycle", "p.yaml:92: routing.rejections.reasons[0].days: say after how many days"},
		{"then: large", "then: next, days: 3", "routing.rejections.reasons[1].days: only what is recycled comes back"},
		{"  pools:\n", "  pools:\n    next: { manager: { name: M, email: m@our.example }, reps: [{ id: z, name: Z, email: z@our.example }] } #!\n", "routing.pools.next: the name means something else under rejections"},
		{"    - { name: big,", "    - { name: big, when: email.free, pool: large }\n    - { name: big,", `p.yaml:86: routing.rules[1].name: "big" is taken already`},
		{"    - name: hot", "    - { name: hot, when: email.free, accept: { within: 1h } }\n    - name: hot #!", `sla.tiers[1].name: "hot" is taken already`},
		{"at: -10m", "at: -30m", "escalation.accept[0].at: so long before the deadline of 30m (sla.accept) it would come at once"},
		{"{ at: 100%, do: manager }, {", "{ at: 100%, do: manager }, { at: 100.0%, do: manager }, {", "escalation.accept[2]: is the same step as in line"},
		{"max_reps: 2", "max_reps: 1", "p.yaml:108: escalation.accept[2].do: nobody else gets a lead while max_reps is 1"},
		{"web: { provider: html }", "operator: { provider: html } #!", "sources.operator: the name is taken: the orders"},
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
		{"calendar: office", "calendar: home #!", `sla.calendar: there is no calendar "home"; there is late, office`},
		{"[mailinator.com]", "[gmail.com] #!", "identity.disposable[0]: gmail.com is on free_mail too"},
		{"[mailinator.com]\n", "[mailinator.com]\n  business_domains: [Gmail.com] #!\n", "identity.business_domains[0]: gmail.com is on free_mail too"},
		{"identity:\n", "identity:\n  provider_rules: [{ domains: [a.example] }, { domains: [b.example, A.example] }] #!\n", "identity.provider_rules[1].domains[1]: a.example has a rule already"},
		{"identity:\n", "identity:\n  phone_region: UK #!\n", "identity.phone_region: there is no country UK (did you mean GB?)"},
		{"when: email.business", "when: standard.senority == \"vp\" #!", "fit.rules[0].when: no field senority (did you mean seniority?)"},
		{"when: email.business", "when: standard.seniority == \"clevel\" #!", `fit.rules[0].when: standard.seniority is never "clevel" (did you mean c_level?)`},
		{"when: email.business", "when: standard.department in [\"sale\"] #!", `fit.rules[0].when: standard.department is never "sale" (did you mean sales?)`},
		{"when: email.business", "when: standard.country in [\"US\", \"Germany\"] #!", `fit.rules[0].when: standard.country is never "Germany" (did you mean DE?)`},
		{"when: email.business", "when: origin.channel == \"paid\" #!", `fit.rules[0].when: origin.channel is never "paid"`},
		{"when: email.business", "when: standard.size_min > \"10\" #!", "fit.rules[0].when: invalid operation"},
		{"{email.domain} is", "{email} is", "qualification.exclude[0].reason: nothing fills {email} in; there is only {email.domain}"},
		{"reason: Visited", "reason: \"{email.domain}\" #!", "engagement.rules[0].reason: nothing fills {email.domain} in; only"},
		{"A: 60, B: 40, C: 20 }", "A: 40, B: 40, C: 20 } #!", "fit.grades.A: A needs more than B"},
		{"A: 60, B: 40, C: 20 }", "A: 60, B: 20, C: 20 } #!", "fit.grades.B: B needs more than C"},
		{"within: 30m", "within: 0m #!", "sla.accept.within: must be more than 0"},
		{"office:\n    zone: Europe/Berlin", "office:\n    zone: Europe/Berlinn #!", `calendars.office.zone: "Europe/Berlinn" is not a time zone`},
		{`"13:00-17:00"]`, `"11:00-17:00"] #!`, "calendars.office.hours.mon[1]: 11:00-17:00 overlaps with 09:00-12:00"},
		{`fri: ["09:00-17:00"]`, `fri: ["22:00-06:00"] #!`, "calendars.office.hours.fri[0]: 22:00-06:00 ends before it starts"},
		{"    hours:\n      mon: [\"09:00-12:00\", \"13:00-17:00\"]\n      fri: [\"09:00-17:00\"]", "    hours: {} #!", "calendars.office.hours: never opens"},
		{`["2026-12-25"]`, `["2026-02-30"] #!`, `calendars.office.holidays[0]: "2026-02-30" is not a date`},
		{"channels: [webhook]", "channels: [slack] ", "notifications[4].channels[0]: the system is told by webhook alone"},
		{"to: holder, channels: [slack, email] }", "to: holder, channels: [slack, webhook] } #!", "notifications[0].channels[1]: people are told by slack, teams and email"},
		{"on: source.silent, to: operator", "on: source.silent, to: holder", "notifications[5].to: nobody holds a source; put operator"},
		{"on: clock.warned, to: holder", "on: clock.warned, to: operator", "notifications[2].to: the operator is told of sources, the rollout and lead.incomplete alone"},
		{"operator: { name: O, email: o@our.example, slack: U0O }\n", "", "p.yaml:118: notifications[5].to: there is no operator; add"},
		{"escalation:\n", "access: { session: { idle: 30s } } #!\nescalation:\n", "access.session.idle: nobody gets anything done in 30s"},
		{"escalation:\n", "access: { session: { idle: 9h, longest: 8h } } #!\nescalation:\n", "access.session.idle: is longer than longest"},
		{"escalation:\n", "access: { session: { idle: soon } } #!\nescalation:\n", "access.session.idle: \"soon\" is not a duration"},
		{"escalation:\n", "access: { roles: { admin: { emails: [a@our.example] } } } #!\nescalation:\n", "access.roles.admin: unknown field; known here: manager, marketer, operator, rep"},
		{"escalation:\n", "access: { roles: { operator: { emails: [me] } } } #!\nescalation:\n", "access.roles.operator.emails[0]: \"me\" is not an e-mail address"},
		{"escalation:\n", "access: { roles: { manager: { groups: [m], pools: [larg] } } } #!\nescalation:\n", "access.roles.manager.pools[0]: there is no pool \"larg\" (did you mean large?)"},
		{"escalation:\n", "access: { roles: { manager: { groups: [m], pools: [all, sales] } } } #!\nescalation:\n", "access.roles.manager.pools: all is every pool; write pools: all"},
		{"escalation:\n", "access: { roles: { manager: { groups: [m], pools: every } } } #!\nescalation:\n", "access.roles.manager.pools: \"every\" is not the word all, or a list of pools"},
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
		{"[gmail.com]", "[gmail.com, GMAIL.com]", "identity.free_mail[1]: gmail.com is listed twice"},
		{"[mailinator.com]\n", "[mailinator.com]\n  business_domains: [a.example, a.example] #!\n", "identity.business_domains[1]: a.example is listed twice"},
		{"requires: [email]", "requires: [email, emplyees]", "qualification.requires[1]: emplyees is not a field that every source has (did you mean employees?)"},
		{"requires: [email]", "requires: [company]", "qualification.requires: leads without an address would be handed off"},
		{"groups: { web: 60 }", "groups: { web: 60, mail: 5 }", "engagement.groups.mail: no rule is in this group"},
		{"calendars:\n", "calendars:\n  home: { zone: UTC, hours: { mon: [\"09:00-10:00\"] } } #!\n", "calendars.home: nothing uses this calendar"},
		{"  pools:\n", "  pools:\n    spare: { manager: { name: M, email: m@our.example }, reps: [{ id: z, name: Z, email: z@our.example }] } #!\n", "routing.pools.spare: no lead goes to this pool"},
		{"within: 4h", "within: 80h", "sla.first_contact.within: counts working time only, of which a week has 15h"},
		{`fit.grade == "A"`, "true or email.free #!", "sla.tiers[0].when: is always true; state a condition"},
		{"lead.employees > 1000, pool: large }", "lead.employees > 1000, pool: large }\n    - { name: huge, when: email.free and lead.employees >= 5000, pool: sales } #!", "routing.rules[1].when: line 85 takes all these leads before, so this rule gets only what the pool large cannot take; put it earlier"},
		{"lead.employees > 1000, pool: large }", "lead.employees > 1000, pool: large }\n    - { name: huge, when: lead.employees > 1000, pool: large } #!", "routing.rules[1].when: line 85 sends all these leads to the same pool before"},
		{"lead.employees > 1000, pool: large }", "\"true\", pool: large }\n    - { name: huge, when: email.free, pool: sales } #!", "routing.rules[1].when: line 85 takes all these leads before"},
		{"lead.employees > 1000, pool: large }", "lead.employees > 1000, pool: large }\n    - { name: all, when: \"true\", pool: sales } #!", "routing.rules[1].when: is always true, and its pool is the fallback"},
		{"      first_contact: { within: 2h }", "      first_contact: { within: 2h }\n    - { name: b, when: fit.grade == \"A\" and email.free, accept: { within: 20m } } #!", "sla.tiers[1].when: line 62 sets the clocks of all these leads before"},
		{"within: 4h", "within: 20m #!", "sla.first_contact.within: the customer is promised a contact before"},
		{"first_contact: { within: 2h }", "first_contact: { within: 20m }", "p.yaml:62: sla.tiers[0]: the customer is promised a contact in 20m, before the rep must have accepted in 30m"},
		{"follow_up: { within: 8h", "follow_up: { within: 80h", "sla.follow_up.within: counts working time only, of which a week has 15h"},
		{"days: 60 }", "days: 3 }", "routing.rejections.reasons[0].days: the lead may come back sooner than sla.follow_up (8h, about 4 days)"},
		{"holidays: { de: [", "holidays: { fr: [\"2026-07-14\"], de: [", "holidays.fr: no calendar keeps these holidays"},
		{"tags: { web:", "tags: { free: email.free, web:", "routing.tags.free: no cap has this tag"},
		{"[{ at: 100%, do: manager }]\n  first", "[]\n  first", "escalation.customer: nothing follows a missed deadline of 4h"},
		{"{ at: 50%, do: remind }", "{ at: -2h, do: remind }", "escalation.first_contact[0].at: so long before the deadline of 2h (sla.tiers[0].first_contact) it would come at once"},
		{"{ at: 200%, do: reassign }", "{ at: 50%, do: reassign }", "escalation.accept[2]: takes the lead from its holder before the deadline of 30m (sla.accept)"},
		{"  max_reps: 2", "  feedback: [{ at: 100%, do: remind }] #!\n  max_reps: 2", "escalation.feedback: there is no such clock"},
		{"  max_reps: 2", "  max_reps: 2\n  offline_after: 3", "p.yaml:114: notifications: no manager is told of a rep who is set offline; add { on: rep.offline, to: manager"},
		{"  engaged_at: 10", "  engaged_at: 10\n  active_again: { quiet_days: 7, points: 4 }", "p.yaml:114: notifications: no rep is told that a lead is active again"},
		{"  - { on: lead.held, to: manager, channels: [email] }\n", "", "notifications: nobody is told of a lead that nobody can receive"},
		{"slack: U0B, caps: [{ most: 2, per: 36h }] }", "slack: U0B, calendar: late }", "p.yaml:104: routing.pools.sales.reps: nobody is on duty on Monday from 09:00 to 12:00 (Europe/Berlin, in the week of 2026-01-12)"},
		{"slack: U0B, caps: [{ most: 2, per: 36h }] }", "slack: U0B, leave: [{ from: \"2027-07-02\", to: \"2027-07-09\" }] }", "p.yaml:104: routing.pools.sales.reps: everybody is on leave on 2027-07-02"},
		{`["12:00-20:00"]`, `["16:30-20:00"]`, "p.yaml:105: routing.pools.sales.reps[0].calendar: is open together with the pool's for 30m a week"},
		{"last_minutes: 15m", "last_minutes: 8h", "routing.pools.sales.last_minutes: no shift is longer than 8h"},
		{"slack: U0N }", "slack: U0N }\n      caps: [{ most: 2, per: month, tag: web }]", "p.yaml:95: routing.pools.large: all reps together may receive only 0.46 leads a day of the kind web"},
		{"slack: U0N }", "slack: U0N }\n      caps: [{ most: 1, per: 744h, when: email.free }]", "p.yaml:95: routing.pools.large: all reps together may receive only 0.23 leads a day for which email.free"},
		{"{ id: c, name: C, email: c@our.example, slack: U0C }", "{ id: b, name: B, email: b@our.example, slack: U0B, leave: [{ from: \"2027-07-01\", to: \"2027-07-02\" }] }", "p.yaml:106: routing.pools.sales.reps[1]: b has another leave"},
		{"match: [domain]", "match: []", "routing.account.tie_breakers: no company is told to be a known one"},
		{"link_hours: 168", "link_hours: 24", "routing.link_hours: the links of a lead that comes at closing time stop working before the rep must have answered; give them at least 164 hours"},
		{"max_reps: 2", "max_reps: 3", "escalation.max_reps: only 2 reps of a pool receive leads; lower it to 2"},
		{"b@our.example", "a@our.example", "routing.pools.sales.reps[1].email: another rep has the same address"},
		{", slack: U0D }", " }", "routing.pools.large.reps[1]: is told by Slack without a mention"},
		{", slack: U0M }", " }", "routing.pools.sales.manager: is told by Slack without a mention"},
		{"  - { on: lead.handed_off, to: system, channels: [webhook] }", "  - { on: lead.handed_off, to: holder, channels: [slack] }", "notifications[4].channels[0]: line 114 says the same"},
		{"  - { on: clock.warned, to: holder, channels: [slack] }\n", "", "notifications: no rep hears of the reminders that escalation asks for; add"},
		{"  - { on: lead.escalated, to: manager, channels: [slack, email] }\n", "", "notifications: no manager is told of an escalation; add"},
		{"  - { on: lead.taken_back, to: holder, channels: [slack] }\n", "", "notifications: no rep is told that somebody in charge took a lead from them; add"},
		{"  - { on: lead.reminded, to: holder, channels: [slack] }\n", "", "notifications: no rep hears of it when somebody in charge reminds them of a lead; add"},
		{"  - { on: lead.reassigned, to: holder, channels: [teams] }\n", "", "notifications: no rep is told of a lead that another one had; add"},
		{", slack: U0O }", " }", "operator: is told by Slack without a mention"},
		{"  - { on: source.silent, to: operator, channels: [slack] }\n", "", "notifications: nobody is told when a source falls silent; add"},
		{"escalation:\n", "access: { roles: { manager: { emails: [a@our.example] } } } #!\nescalation:\n", "access.roles.manager: these people manage no pool; add pools: all"},
		{"escalation:\n", "access: { roles: { manager: { pools: all } } } #!\nescalation:\n", "access.roles.manager.pools: nobody has this role; add emails or groups"},
		{"  - { on: lead.handed_off, to: holder, channels: [slack, email] }\n", "", "notifications: no rep is told of a new lead; add"},
	}, func(r check.Report) []*check.Problem {
		if r.Err() != nil {
			return r.Errors
		}
		return r.Warnings
	})
}

// Without an operator of either kind nobody can change anything on the pages.
func TestAStackNeedsAnOperator(t *testing.T) {
	text := strings.Replace(base, "operator: { name: O, email: o@our.example, slack: U0O }\n", "", 1)
	text = strings.Replace(text, "to: operator", "to: manager", 1)
	r := check.Run("p.yaml", []byte(text))
	if len(r.Errors) != 0 || len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0].Error(), "access: nobody is an operator") || !strings.Contains(r.Warnings[0].Error(), "access.roles.operator.emails") {
		t.Errorf("got %v", errors.Join(all(r)...))
	}
	for _, with := range []string{"emails: [me@our.example]", "groups: [ops]"} {
		r := check.Run("p.yaml", []byte(text+"access: { roles: { operator: { "+with+" } } }\n"))
		if len(all(r)) != 0 {
			t.Errorf("%s: %v", with, errors.Join(all(r)...))
		}
	}
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
	f.Add("escalation: {accept: [{at: -1h, do: remind}]}")
	f.Add("fit: {rules: [{when: 'a'}]}")
	f.Add("calendars: {a: {hours: {mon: ['09:00-10:00']}}}")
	f.Fuzz(func(_ *testing.T, text string) {
		r := check.Run("p.yaml", []byte(text))
		for _, p := range append(r.Errors, r.Warnings...) {
			_ = p.Error()
		}
	})
}
