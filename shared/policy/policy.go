// Package policy is the one place where a company writes down how a lead moves
// from marketing to sales: a versioned YAML file. This package holds its
// shape, its default and its schema, decodes it and keeps the current version
// in memory. Package check finds what is wrong with one; package rules
// compiles and evaluates its expressions. It does not know where versions are
// stored, and decides nothing itself.
package policy

import (
	"slices"
	"time"
)

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
	Completeness  Completeness        `yaml:"completeness" json:"completeness,omitzero"` // left out: nothing is asked for
	Journey       Journey             `yaml:"journey" json:"journey"`
	SLA           SLA                 `yaml:"sla" json:"sla"`
	Calendars     map[string]Calendar `yaml:"calendars" json:"calendars"`
	Holidays      map[string][]string `yaml:"holidays" json:"holidays,omitempty"` // by the name of a region: days, as in Calendar.Holidays
	Closures      []string            `yaml:"closures" json:"closures,omitempty"` // days on which every calendar is closed
	Routing       Routing             `yaml:"routing" json:"routing"`
	Escalation    Escalation          `yaml:"escalation" json:"escalation"`
	Rollout       Rollout             `yaml:"rollout" json:"rollout,omitzero"`   // left out: one phase, automatic, for everybody
	Operator      Person              `yaml:"operator" json:"operator,omitzero"` // looks after the sources; may be left out
	Notifications []Notification      `yaml:"notifications" json:"notifications"`
	Access        Access              `yaml:"access" json:"access,omitzero"`
	Privacy       Privacy             `yaml:"privacy" json:"privacy,omitzero"`
	Accounts      Accounts            `yaml:"accounts" json:"accounts,omitzero"` // left out: companies are what domains and names say
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
	// name (a whole name, to be split), message, or consent. and a purpose, for a checkbox by which a person agrees.
	Fields map[string]string `yaml:"fields" json:"fields,omitempty"`
}

// Identity says what makes signals one person's, and what is known about people's
// data beyond what package standard knows by itself.
type Identity struct {
	// Join are the kinds of names by which leads become one without a person's word: contact, user and anonymous, which it
	// is when it is left out, and mailbox for addresses that reach the same one.
	Join       []string `yaml:"join" json:"join,omitempty"`
	FreeMail   []string `yaml:"free_mail" json:"free_mail"`   // registrable domains of free-mail providers, besides those that are known
	Disposable []string `yaml:"disposable" json:"disposable"` // registrable domains of throw-away addresses, besides those that are known
	// BusinessDomains are registrable domains that are neither, whatever the lists say.
	BusinessDomains []string `yaml:"business_domains" json:"business_domains,omitempty"`
	RoleAddresses   []string `yaml:"role_addresses" json:"role_addresses,omitempty"` // what stands before the @ of shared mailboxes, besides what is known
	// PlusTags says that what stands behind a + before the @ does not tell mailboxes apart.
	PlusTags      bool           `yaml:"plus_tags" json:"plus_tags,omitempty"`
	ProviderRules []ProviderRule `yaml:"provider_rules" json:"provider_rules,omitempty"`
	// PhoneRegion is the country, ISO 3166-1 alpha-2, of numbers without a country code whose lead names none; "" for unknown.
	PhoneRegion string  `yaml:"phone_region" json:"phone_region,omitempty"`
	Suggest     Suggest `yaml:"suggest" json:"suggest,omitzero"`
}

// Suggest says which leads are suggested to be one person, for a person to
// judge. See Suggest.Terms for what is left out.
type Suggest struct {
	Off        bool `yaml:"off" json:"off,omitempty"`                   // nothing is suggested
	Least      int  `yaml:"least" json:"least,omitempty"`               // score from which two leads are, 1 to 100; see package match
	MostPerKey int  `yaml:"most_per_key" json:"most_per_key,omitempty"` // how many leads of the same phone, or of the same name at the same company, one is compared with
}

// Terms returns what holds, with what was left out. By make quality a score of 50
// finds nearly nine of ten duplicates that are filed under one key, and one
// suggestion of thirty is wrong.
func (s Suggest) Terms() Suggest {
	const least, most = 50, 20
	if s.Least == 0 {
		s.Least = least
	}
	if s.MostPerKey == 0 {
		s.MostPerKey = most
	}
	return s
}

// ProviderRule says which addresses of a mail provider reach the same mailbox.
type ProviderRule struct {
	Domains    []string `yaml:"domains" json:"domains"` // all mean the first
	IgnoreDots bool     `yaml:"ignore_dots" json:"ignore_dots,omitempty"`
	Tag        string   `yaml:"tag" json:"tag,omitempty"` // it, and what stands behind it before the @, does not count; "" for nothing
}

// JoinsMailboxes tells whether addresses that reach one mailbox, by PlusTags and
// ProviderRules, make signals one person's.
func (i Identity) JoinsMailboxes() bool { return slices.Contains(i.Join, "mailbox") }

// Joins tells whether names of a kind, as signal.NameKind has it, make signals
// one person's.
func (i Identity) Joins(kind string) bool {
	return i.Join == nil || slices.Contains(i.Join, kind)
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
	EngagedAt   int         `yaml:"engaged_at" json:"engaged_at"` // engagement from which a known lead is engaged
	ActiveAgain ActiveAgain `yaml:"active_again" json:"active_again"`
}

// ActiveAgain says when the holder hears that their lead shows interest again:
// at a request, and at a signal that counts at least so many points after so
// many days without one.
type ActiveAgain struct {
	QuietDays int `yaml:"quiet_days" json:"quiet_days"`
	Points    int `yaml:"points" json:"points"` // 0: never told
}

// SLA states what is promised: the clocks of every lead, and the shorter or
// longer ones of tiers.
type SLA struct {
	Calendar string `yaml:"calendar" json:"calendar"` // the team's hours
	Clocks   `yaml:",inline" json:",inline"`
	// Tiers are tried in order; the first whose expression is true sets the clocks that it names.
	Tiers []Tier `yaml:"tiers" json:"tiers,omitempty"`
	Pause Pause  `yaml:"pause" json:"pause"`
}

// Clocks are the obligations by kind.
type Clocks struct {
	Accept       ClockPolicy `yaml:"accept" json:"accept,omitzero"`               // the holder says yes or no, from when they were given the lead
	FirstContact ClockPolicy `yaml:"first_contact" json:"first_contact,omitzero"` // somebody talks to the customer, from when the qualifying signal was received; and each holder, from when they were given the lead
	FollowUp     ClockPolicy `yaml:"follow_up" json:"follow_up,omitzero"`         // the next attempt, from the one before
	Feedback     ClockPolicy `yaml:"feedback" json:"feedback,omitzero"`           // the holder says what became of it, from the acceptance
}

// Tier sets other clocks for some leads. A clock whose Within is 0 is as without the tier.
type Tier struct {
	Name   string `yaml:"name" json:"name"`
	When   string `yaml:"when" json:"when"` // over lead, email, account, source, fit, engagement and request; see rules.RouteEnv
	Clocks `yaml:",inline" json:",inline"`
}

// ClockPolicy is the length of one kind of clock. Within counts the hours that
// Hours names; 0 is no such clock.
type ClockPolicy struct {
	Within   Duration `yaml:"within" json:"within"`
	Hours    string   `yaml:"hours" json:"hours,omitempty"`       // HoursHolder, HoursTeam or HoursWall; "" is the kind's own: holder, for the customer's first contact team
	Attempts int      `yaml:"attempts" json:"attempts,omitempty"` // of follow_up alone: how many there are
}

// What a clock counts.
const (
	HoursHolder = "holder" // while the team and the holder are both on duty
	HoursTeam   = "team"   // while the team is
	HoursWall   = "wall"   // always
)

// Pause says how the clocks of a lead may be stopped for a while, as when the
// customer asks to be called next week.
type Pause struct {
	Most    Duration `yaml:"most" json:"most"`   // the longest pause, in wall-clock time; 0 allows none
	Times   int      `yaml:"times" json:"times"` // how often a handoff may be paused
	Reasons []Option `yaml:"reasons" json:"reasons,omitempty"`
}

// Option is one entry of a list to choose from.
type Option struct {
	ID    string `yaml:"id" json:"id"` // stands in events
	Label string `yaml:"label" json:"label"`
}

// Duration is a time.Duration that reads and writes as "1h30m".
type Duration time.Duration

// Calendar is when a team or a rep works. Days are "2026-12-25", or ranges
// "2026-12-24/2027-01-01" of which both ends are meant.
type Calendar struct {
	Zone     string              `yaml:"zone" json:"zone"`                   // IANA name
	Hours    map[string][]string `yaml:"hours" json:"hours"`                 // mon … sun → intervals "09:00-12:30"
	Regions  []string            `yaml:"regions" json:"regions,omitempty"`   // whose holidays it keeps, names of Policy.Holidays
	Holidays []string            `yaml:"holidays" json:"holidays,omitempty"` // closed days of its own
}

// Routing says who receives a qualified lead: the owner of its account, else
// the pool of the first rule that can take it, else the fallback.
type Routing struct {
	Account    AccountOwner      `yaml:"account" json:"account"`
	Rules      []RoutingRule     `yaml:"rules" json:"rules,omitempty"`
	Fallback   string            `yaml:"fallback" json:"fallback"`     // a pool
	Tags       map[string]string `yaml:"tags" json:"tags,omitempty"`   // names for kinds of leads, which caps refer to; each an expression as in RoutingRule.When
	Pools      map[string]Pool   `yaml:"pools" json:"pools"`           //
	Rejections Rejections        `yaml:"rejections" json:"rejections"` //
	LinkHours  int               `yaml:"link_hours" json:"link_hours"` // how long an answer link works
}

// AccountOwner says when a lead goes to the rep who has its company already.
type AccountOwner struct {
	Match       []string `yaml:"match" json:"match,omitempty"`               // how companies are told to be the same, strongest first: domain, name, close_name; empty: no owner comes first
	TieBreakers []string `yaml:"tie_breakers" json:"tie_breakers,omitempty"` // between several companies that match equally: latest, open, size
	MaxAgeDays  int      `yaml:"max_age_days" json:"max_age_days"`           // an owner whose last handoff of the company is older has no claim; 0: no limit
	Parent      bool     `yaml:"parent" json:"parent,omitempty"`             // a company whose own owner has no claim has its parent's owner; see AccountGroup.Parent
}

// RoutingRule sends leads to a pool.
type RoutingRule struct {
	Name string `yaml:"name" json:"name"`
	When string `yaml:"when" json:"when"` // over lead, email, account, source, fit, engagement and request; see rules.RouteEnv
	Pool string `yaml:"pool" json:"pool"`
}

// Pool is the people who share a kind of leads.
type Pool struct {
	Manager      Person   `yaml:"manager" json:"manager"`
	Calendar     string   `yaml:"calendar" json:"calendar,omitempty"`           // the pool's hours; "" is sla.calendar
	OutsideHours string   `yaml:"outside_hours" json:"outside_hours,omitempty"` // OutsideAssign (also "") or OutsideHold
	LastMinutes  Duration `yaml:"last_minutes" json:"last_minutes,omitempty"`   // nothing new so long before the end of a shift
	Taper        Taper    `yaml:"taper" json:"taper,omitzero"`
	Absence      string   `yaml:"absence" json:"absence,omitempty"` // AbsenceForgive (also ""), AbsenceKeep or AbsenceAccrue
	Caps         []Cap    `yaml:"caps" json:"caps,omitempty"`       // of each rep who has none of their own
	Reps         []Rep    `yaml:"reps" json:"reps"`
}

// Rep returns the rep with that id. ok is false when the pool has none.
func (p Pool) Rep(id string) (r Rep, ok bool) {
	i := slices.IndexFunc(p.Reps, func(r Rep) bool { return r.ID == id })
	if i < 0 {
		return Rep{}, false
	}
	return p.Reps[i], true
}

// What becomes of a lead when nobody of the pool is on duty.
const (
	OutsideAssign = "assign" // it is assigned, and its clocks start at the opening
	OutsideHold   = "hold"   // it is held until somebody is on duty
)

// What a rep who was away is owed of what they missed.
const (
	AbsenceForgive = "forgive" // nothing
	AbsenceKeep    = "keep"    // their turn: at most one lead
	AbsenceAccrue  = "accrue"  // all of it
)

// Taper keeps new leads from a rep who is about to be away for long: none in
// the last StopDays working days before a leave of more than LeaveDays days.
type Taper struct {
	LeaveDays int `yaml:"leave_days" json:"leave_days"`
	StopDays  int `yaml:"stop_days" json:"stop_days"` // 0: no taper
}

// Cap limits what one rep receives. With Tag or When it counts, and limits,
// those leads alone.
type Cap struct {
	Most int `yaml:"most" json:"most"`
	// Per is a fixed window of the pool's calendar (CapHour, CapDay, CapWeek from Monday, CapMonth), a rolling one
	// written as a duration of at most 744h, such as 24h, or CapOpen: leads held at the same time.
	Per    string `yaml:"per" json:"per"`
	Tag    string `yaml:"tag" json:"tag,omitempty"`       // a name of Routing.Tags
	When   string `yaml:"when" json:"when,omitempty"`     // as in RoutingRule.When
	Spread bool   `yaml:"spread" json:"spread,omitempty"` // of a week or a month: evenly over its working days, fractions carried over
}

// The windows of caps that are not durations.
const (
	CapHour  = "hour"
	CapDay   = "day"
	CapWeek  = "week"
	CapMonth = "month"
	CapOpen  = "open"
)

// Rejections are the reasons for which a rep may give a lead back.
type Rejections struct {
	PerDay  int         `yaml:"per_day" json:"per_day"` // how many a rep may reject on one day of the pool's calendar; 0: no limit
	Reasons []Rejection `yaml:"reasons" json:"reasons"`
}

// Rejection is one reason, and what follows from it.
type Rejection struct {
	Option  `yaml:",inline" json:",inline"`
	Then    string `yaml:"then" json:"then"`                 // ThenNext, ThenManager, ThenRecycle, ThenDisqualify or the name of a pool
	Days    int    `yaml:"days" json:"days,omitempty"`       // of ThenRecycle: after so many days the lead may qualify again
	Replace bool   `yaml:"replace" json:"replace,omitempty"` // the lead does not count: the rep gets another in its place
}

// What may follow a rejection.
const (
	ThenNext       = "next"       // the next rep, by the rules
	ThenManager    = "manager"    // the manager decides
	ThenRecycle    = "recycle"    // back to nurture
	ThenDisqualify = "disqualify" // no lead at all
)

// Person can be told things.
type Person struct {
	Name  string `yaml:"name" json:"name"`
	Email string `yaml:"email" json:"email"`
	Slack string `yaml:"slack" json:"slack,omitempty"` // Slack member id, for a mention
}

// Rep can receive leads.
type Rep struct {
	ID       string `yaml:"id" json:"id"`
	Person   `yaml:",inline" json:",inline"`
	Weight   float64 `yaml:"weight" json:"weight"`               // share relative to the others'; default 1
	Off      string  `yaml:"off" json:"off,omitempty"`           // a reason why the rep receives nothing now
	Calendar string  `yaml:"calendar" json:"calendar,omitempty"` // the rep's own hours; "" is the pool's
	Leave    []Leave `yaml:"leave" json:"leave,omitempty"`
	Caps     []Cap   `yaml:"caps" json:"caps,omitempty"` // in place of the pool's
	// OwnerIDs are the rep's ids in CRMs that name an owner by id alone, each as "<source>:<id>".
	OwnerIDs []string `yaml:"owner_ids" json:"owner_ids,omitempty"`
}

// Leave is a time in which a rep is away, by the clock of their calendar: days
// ("2026-07-01", both meant), or times ("2026-07-01T13:00", the end excluded).
// What was read from a calendar may have instants ("2026-07-01T11:00Z"), which
// no policy file has.
type Leave struct {
	From   string `yaml:"from" json:"from"`
	To     string `yaml:"to" json:"to"`
	Reason string `yaml:"reason" json:"reason,omitempty"`
}

// Escalation says what follows while a clock runs and after it ran out.
type Escalation struct {
	Accept       []Step `yaml:"accept" json:"accept"`
	Customer     []Step `yaml:"customer" json:"customer"`           // of the first contact that the customer was promised
	FirstContact []Step `yaml:"first_contact" json:"first_contact"` // of each holder's
	FollowUp     []Step `yaml:"follow_up" json:"follow_up"`
	Feedback     []Step `yaml:"feedback" json:"feedback"`
	MaxReps      int    `yaml:"max_reps" json:"max_reps"`           // how many handoffs a lead may have before it is the fallback's, then the manager's
	OfflineAfter int    `yaml:"offline_after" json:"offline_after"` // accept deadlines that a rep misses in a row until they are set offline; 0: never
}

// Step is one thing that follows at a point of a clock.
type Step struct {
	At At     `yaml:"at" json:"at"`
	Do string `yaml:"do" json:"do"` // DoRemind, DoManager, DoReassign or DoFallback
}

// What a step does.
const (
	DoRemind   = "remind"   // the holder, before the deadline
	DoManager  = "manager"  // hears of it
	DoReassign = "reassign" // the lead goes to the next rep
	DoFallback = "fallback" // the lead goes to the fallback pool
)

// Notification routes one type of event to channels.
type Notification struct {
	On       string   `yaml:"on" json:"on"`             // an event type, for example lead.handed_off
	To       string   `yaml:"to" json:"to"`             // holder, manager, operator or system
	Channels []string `yaml:"channels" json:"channels"` // slack, email, webhook
}
