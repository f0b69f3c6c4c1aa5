// Package policy is the one place where a company writes down how a lead moves
// from marketing to sales: a versioned YAML file. This package holds its
// shape, its default and its schema, decodes it and keeps the current version
// in memory. Package check finds what is wrong with one; package rules
// compiles and evaluates its expressions. It does not know where versions are
// stored, and decides nothing itself.
package policy

import "time"

// Version names an immutable version of a policy. Every decision records the
// version that made it.
type Version string

// Policy is the decoded file. See default.yaml, which documents every field.
type Policy struct {
	Name          string              `yaml:"name" json:"name"`
	Glossary      map[string]string   `yaml:"glossary" json:"glossary,omitempty"`
	Sources       map[string]Source   `yaml:"sources" json:"sources"` // by the name in the webhook's URL
	Identity      Identity            `yaml:"identity" json:"identity"`
	Fit           Fit                 `yaml:"fit" json:"fit"`
	Engagement    Engagement          `yaml:"engagement" json:"engagement"`
	Qualification Qualification       `yaml:"qualification" json:"qualification"`
	Journey       Journey             `yaml:"journey" json:"journey"`
	SLA           SLA                 `yaml:"sla" json:"sla"`
	Calendars     map[string]Calendar `yaml:"calendars" json:"calendars"`
	Routing       Routing             `yaml:"routing" json:"routing"`
	Escalation    Escalation          `yaml:"escalation" json:"escalation"`
	Operator      Person              `yaml:"operator" json:"operator,omitzero"` // looks after the sources; may be left out
	Notifications []Notification      `yaml:"notifications" json:"notifications"`
}

// Source is one sender of webhooks.
type Source struct {
	Provider string `yaml:"provider" json:"provider"` // an adapter's name; package inbound lists them
	// Rank settles which source's word wins for a profile field: the higher rank, then the later occurred_at, then the larger event id.
	Rank int `yaml:"rank" json:"rank"`
	// NextHosts are the hosts that a plain HTML form may send the visitor to afterwards (field _next).
	NextHosts []string `yaml:"next_hosts" json:"next_hosts,omitempty"`
	// Organization is the id of the Salesforce organization that may send; "" for any that knows the secret.
	Organization string `yaml:"organization" json:"organization,omitempty"`
	// Fields says what the fields of the sender's forms mean, by the sender's name or title of them: a profile field,
	// name (a whole name, to be split) or message.
	Fields map[string]string `yaml:"fields" json:"fields,omitempty"`
}

// Identity holds what is known about addresses.
type Identity struct {
	FreeMail   []string `yaml:"free_mail" json:"free_mail"`   // registrable domains of free-mail providers
	Disposable []string `yaml:"disposable" json:"disposable"` // registrable domains of throw-away addresses
}

// Fit grades how well a lead matches the ideal customer, from its profile alone.
type Fit struct {
	Rules  []FitRule      `yaml:"rules" json:"rules"`
	Grades map[string]int `yaml:"grades" json:"grades"` // least score for A, B and C; below C is D
}

// FitRule adds points when its expression over lead and email is true.
type FitRule struct {
	Name   string `yaml:"name" json:"name"`
	When   string `yaml:"when" json:"when"`
	Points int    `yaml:"points" json:"points"`
	Reason string `yaml:"reason" json:"reason"`
}

// Engagement scores lately shown interest, 0 to 100, decaying in whole days.
type Engagement struct {
	HorizonDays int              `yaml:"horizon_days" json:"horizon_days"` // a signal older than that counts no more
	Rules       []EngagementRule `yaml:"rules" json:"rules"`
	Groups      map[string]int   `yaml:"groups" json:"groups,omitempty"` // the most points that a group's rules give together
	Scanner     Scanner          `yaml:"scanner" json:"scanner"`
}

// EngagementRule gives points for each signal that its expression matches.
type EngagementRule struct {
	Name         string `yaml:"name" json:"name"`
	When         string `yaml:"when" json:"when"` // over signal
	Points       int    `yaml:"points" json:"points"`
	HalfLifeDays int    `yaml:"half_life_days" json:"half_life_days"`
	Max          int    `yaml:"max" json:"max,omitempty"`           // the most points this rule gives; 0 is no limit
	PerDay       int    `yaml:"per_day" json:"per_day,omitempty"`   // how many signals a UTC day count; 0 is no limit
	OncePer      string `yaml:"once_per" json:"once_per,omitempty"` // expression over signal that names an item; each item counts once, at its latest
	Group        string `yaml:"group" json:"group,omitempty"`
	Reason       string `yaml:"reason" json:"reason"`
}

// Scanner says how opens and clicks made by mail security software are told
// from a person's.
type Scanner struct {
	MinDelaySeconds    int      `yaml:"min_delay_seconds" json:"min_delay_seconds"`       // an open or click sooner after delivery is a machine's
	BurstLinks         int      `yaml:"burst_links" json:"burst_links"`                   // so many different links of one message …
	BurstWindowSeconds int      `yaml:"burst_window_seconds" json:"burst_window_seconds"` // … within so many seconds are a machine's
	UserAgents         []string `yaml:"user_agents" json:"user_agents,omitempty"`         // parts of user agents of known scanners, lower case
}

// Qualification makes a lead marketing-qualified.
type Qualification struct {
	MaxAgeHours int            `yaml:"max_age_hours" json:"max_age_hours"` // older news starts no handoff
	Requires    []string       `yaml:"requires" json:"requires"`           // profile fields without which nobody is handed off
	Exclude     []Exclusion    `yaml:"exclude" json:"exclude"`
	Requests    []Request      `yaml:"requests" json:"requests"`
	Thresholds  map[string]int `yaml:"thresholds" json:"thresholds"` // least engagement for each fit grade; an absent grade never qualifies by score
}

// Exclusion keeps a lead from qualifying while its expression over lead and email is true.
type Exclusion struct {
	Name   string `yaml:"name" json:"name"`
	When   string `yaml:"when" json:"when"`
	Reason string `yaml:"reason" json:"reason"`
}

// Request is a signal by which a person asks for sales: it qualifies at once.
type Request struct {
	Name      string `yaml:"name" json:"name"`
	When      string `yaml:"when" json:"when"` // over signal
	ValidDays int    `yaml:"valid_days" json:"valid_days"`
	Reason    string `yaml:"reason" json:"reason"`
}

// Journey holds the thresholds between stages that no person decides.
type Journey struct {
	EngagedAt int `yaml:"engaged_at" json:"engaged_at"` // engagement from which a known lead is engaged
}

// SLA states what is promised, in business time of one calendar.
type SLA struct {
	Calendar     string      `yaml:"calendar" json:"calendar"`
	Accept       ClockPolicy `yaml:"accept" json:"accept"`               // scope holder: from when the rep was given the lead
	FirstContact ClockPolicy `yaml:"first_contact" json:"first_contact"` // scope customer: from when the qualifying signal was received
}

// ClockPolicy is the length of one kind of clock. Durations are Go durations ("30m", "4h") of business time.
type ClockPolicy struct {
	Within     Duration `yaml:"within" json:"within"`
	WarnBefore Duration `yaml:"warn_before" json:"warn_before"` // 0 is no warning
}

// Duration is a time.Duration that reads and writes as "1h30m".
type Duration time.Duration

// Calendar is when a team works.
type Calendar struct {
	Zone     string              `yaml:"zone" json:"zone"`         // IANA name
	Hours    map[string][]string `yaml:"hours" json:"hours"`       // mon … sun → intervals "09:00-12:30"
	Holidays []string            `yaml:"holidays" json:"holidays"` // closed dates, "2026-12-25"
}

// Routing names the pool that receives qualified leads.
type Routing struct {
	Pool      string          `yaml:"pool" json:"pool"`
	Pools     map[string]Pool `yaml:"pools" json:"pools"`
	LinkHours int             `yaml:"link_hours" json:"link_hours"` // how long an answer link works
}

// Pool is the people who share a kind of leads.
type Pool struct {
	Manager Person `yaml:"manager" json:"manager"`
	Reps    []Rep  `yaml:"reps" json:"reps"`
}

// Person can be told things.
type Person struct {
	Name  string `yaml:"name" json:"name"`
	Email string `yaml:"email" json:"email"`
	Slack string `yaml:"slack" json:"slack,omitempty"` // Slack member id, for a mention
}

// Rep can receive leads.
type Rep struct {
	ID     string `yaml:"id" json:"id"`
	Person `yaml:",inline" json:",inline"`
	Weight float64 `yaml:"weight" json:"weight"`     // share relative to the others'; default 1
	Off    string  `yaml:"off" json:"off,omitempty"` // a reason why the rep receives nothing now
	// OwnerIDs are the rep's ids in CRMs that name an owner by id alone, each as "<source>:<id>".
	OwnerIDs []string `yaml:"owner_ids" json:"owner_ids,omitempty"`
}

// Escalation says what follows a breach: who is told, by clock kind. A
// rejection moves the lead to the next rep until MaxReps had it.
type Escalation struct {
	Accept       Escalate `yaml:"accept" json:"accept"`
	FirstContact Escalate `yaml:"first_contact" json:"first_contact"`
	MaxReps      int      `yaml:"max_reps" json:"max_reps"`
}

// Escalate names who is told of a breach: "manager", or "" for nobody.
type Escalate struct {
	To string `yaml:"to" json:"to"`
}

// Notification routes one type of event to channels.
type Notification struct {
	On       string   `yaml:"on" json:"on"`             // an event type, for example lead.handed_off
	To       string   `yaml:"to" json:"to"`             // holder, manager, operator or system
	Channels []string `yaml:"channels" json:"channels"` // slack, email, webhook
}
