package explain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
)

func (w *writer) routing(p *policy.Policy) {
	w.heading("Handoff: who gets the lead")
	w.order(p.Routing)
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		w.pool(p, name)
	}
	if tags := p.Routing.Tags; len(tags) > 0 {
		w.paragraph("Kinds of leads:")
		for _, name := range slices.Sorted(maps.Keys(tags)) {
			w.rule(name, tags[name])
		}
	}
	w.groups(p.Accounts)
	w.rejections(p)
}

// groups says which companies go by several names, and which belong to which.
func (w *writer) groups(a policy.Accounts) {
	if len(a.Groups) == 0 {
		return
	}
	w.paragraph("These companies are known by name. The leads of each count to one account:")
	for _, g := range a.Groups {
		text := g.Name
		if more := slices.Concat(g.Domains, g.Names); len(more) > 0 {
			text += ", also " + or(more)
		}
		if g.Parent != "" {
			text += "; an account of its own below " + g.Parent
		}
		w.item("%s", text)
	}
}

// order says what is tried, and in which order.
func (w *writer) order(r policy.Routing) {
	owner := owner(r.Account)
	if owner == "" && len(r.Rules) == 0 {
		w.paragraph("Every ready lead goes to the pool %s. When nobody can take it, it waits and is offered again, oldest first.", r.Fallback)
		return
	}
	w.paragraph("These are tried in order for a ready lead, and the first who can take it gets it:")
	if owner != "" {
		w.item("%s", owner)
	}
	if owner != "" && r.Account.Parent {
		w.item("the rep who has its parent company, by the same age")
	}
	for _, rule := range r.Rules {
		w.rule(fmt.Sprintf("the pool %s, by the rule %s", rule.Pool, strings.ReplaceAll(rule.Name, "_", " ")), rule.When)
	}
	w.item("the pool %s, the fallback for every lead", r.Fallback)
	w.paragraph("When nobody can take it, it waits and is offered again, oldest first.")
}

// owner says when a lead goes to the rep who has its company; "" for never.
func owner(a policy.AccountOwner) string {
	if len(a.Match) == 0 {
		return ""
	}
	match := words(a.Match, map[string]string{
		"domain": "its domain", "name": "its name", "close_name": "a close name that the domain's name, the phone or the postal code confirms",
	})
	text := "the rep who has the lead's company already, told by " + or(match)
	if a.MaxAgeDays > 0 {
		text += ", unless the company's last lead is more than " + plural(a.MaxAgeDays, "day") + " old"
	}
	if len(a.TieBreakers) > 0 {
		text += "; of several companies, the one with " + strings.Join(words(a.TieBreakers, map[string]string{
			"latest": "the latest handoff", "open": "the most open leads with its owner", "size": "the most handoffs",
		}), ", then ")
	}
	return text
}

func words(names []string, in map[string]string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = in[n]
	}
	return out
}

// pool says who shares the leads of a pool, and what keeps them away.
func (w *writer) pool(p *policy.Policy, name string) {
	pool := p.Routing.Pools[name]
	w.paragraph("The pool %s, whose manager is %s, works by the calendar %s:", name, pool.Manager.Name, cmp.Or(pool.Calendar, p.SLA.Calendar))
	w.shares(pool.Reps)
	if len(pool.Caps) > 0 {
		w.item("each receives at most %s", caps(pool.Caps))
	}
	for _, r := range pool.Reps {
		w.rep(r, cmp.Or(pool.Calendar, p.SLA.Calendar))
	}
	switch {
	case pool.OutsideHours != policy.OutsideHold:
		w.item("when nobody is on duty, a lead is given to somebody all the same, and the clocks wait for the opening")
	case name != p.Routing.Fallback:
		w.item("when nobody is on duty, the pool takes no lead, and the next in that order that can take it does")
	default:
		w.item("when nobody is on duty, a lead waits until somebody is")
	}
	if quiet := quiet(pool); len(quiet) > 0 {
		w.item("nobody gets anything new in %s", or(quiet))
	}
	w.item("of what a rep misses on leave, %s", map[string]string{
		policy.AbsenceForgive: "they are owed nothing", policy.AbsenceKeep: "they are owed one lead at most", policy.AbsenceAccrue: "they are owed all",
	}[cmp.Or(pool.Absence, policy.AbsenceForgive)])
}

// quiet lists the times in which a rep gets nothing new.
func quiet(pool policy.Pool) []string {
	var times []string
	if pool.LastMinutes > 0 {
		times = append(times, fmt.Sprintf("the last %s of a shift", pool.LastMinutes))
	}
	if t := pool.Taper; t.StopDays > 0 {
		times = append(times, fmt.Sprintf("the last %s before a leave of more than %s", plural(t.StopDays, "working day"), plural(t.LeaveDays, "day")))
	}
	return times
}

// rep says what is particular to one.
func (w *writer) rep(r policy.Rep, calendar string) {
	if len(r.Caps) > 0 {
		w.item("%s receives at most %s, in place of that", r.Name, caps(r.Caps))
	}
	if r.Calendar != "" && r.Calendar != calendar {
		w.item("%s works by the calendar %s", r.Name, r.Calendar)
	}
	for _, l := range r.Leave {
		text := fmt.Sprintf("%s is on leave from %s to %s", r.Name, strings.Replace(l.From, "T", " ", 1), strings.Replace(l.To, "T", " ", 1))
		if l.Reason != "" {
			text += ": " + l.Reason
		}
		w.item("%s", text)
	}
}

// caps puts limits in words.
func caps(all []policy.Cap) string {
	parts := make([]string, len(all))
	for i, limit := range all {
		parts[i] = plural(limit.Most, "lead")
		switch limit.Per {
		case policy.CapOpen:
			parts[i] += " at the same time"
		case policy.CapHour:
			parts[i] += " an hour"
		case policy.CapDay, policy.CapWeek, policy.CapMonth:
			parts[i] += " a " + limit.Per
		default:
			parts[i] += " in any " + limit.Per
		}
		if limit.Spread {
			parts[i] += ", spread over its working days,"
		}
		if limit.Tag != "" {
			parts[i] += " of the kind " + limit.Tag
		}
		if limit.When != "" {
			parts[i] += " for which " + limit.When
		}
		parts[i] = strings.TrimSuffix(parts[i], ",")
	}
	return and(parts)
}

// shares says who gets how much.
func (w *writer) shares(reps []policy.Rep) {
	const percent = 100
	var active []policy.Rep
	total, equal := 0.0, true
	for _, r := range reps {
		if r.Off == "" {
			active = append(active, r)
			total += r.Weight
			equal = equal && r.Weight == active[0].Weight
		}
	}
	if equal && len(active) > 1 {
		names := make([]string, len(active))
		for i, r := range active {
			names[i] = r.Name
		}
		w.item("%s get as many each", and(names))
		active = nil
	}
	for _, r := range active {
		w.item("%s gets %.0f %% of the leads", r.Name, percent*r.Weight/total)
	}
	for _, r := range reps {
		if r.Off != "" {
			w.item("%s gets none now: %s", r.Name, r.Off)
		}
	}
}

// rejections says for which reasons a rep may give a lead back.
func (w *writer) rejections(p *policy.Policy) {
	r := p.Routing.Rejections
	if len(r.Reasons) > 0 {
		limit := ""
		if r.PerDay > 0 {
			limit = fmt.Sprintf(", at most %d a day", r.PerDay)
		}
		w.paragraph("A rep may give a lead back%s, for one of these reasons:", limit)
		for _, reason := range r.Reasons {
			w.item("%s: %s", reason.Label, follows(reason))
		}
	}
	if n := p.Escalation.MaxReps; n > 1 {
		w.paragraph("After %d holders a lead goes to the pool %s, and when it was there, to its manager.", n, p.Routing.Fallback)
	} else {
		w.paragraph("After one holder a lead goes to nobody else but the pool %s, and then to its manager.", p.Routing.Fallback)
	}
	w.paragraph("The links to answer work for %s.", plural(p.Routing.LinkHours, "hour"))
}

// follows says what a rejection leads to.
func follows(r policy.Rejection) string {
	text := ""
	switch r.Then {
	case policy.ThenNext:
		text = "the next rep gets it"
	case policy.ThenManager:
		text = "the manager decides"
	case policy.ThenRecycle:
		text = "back to nurture for " + plural(r.Days, "day")
	case policy.ThenDisqualify:
		text = "it is no lead any more"
	default:
		text = "the pool " + r.Then + " gets it"
	}
	if r.Replace {
		text += ", and the rep gets another in its place"
	}
	return text
}
