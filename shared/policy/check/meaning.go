package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// checkMeaning finds what no schema can say.
func (c *checker) checkMeaning(p *policy.Policy) {
	c.expressions(p)
	c.names(p)
	c.references(p)
	c.identity(p)
	c.reasons(p)
	c.grades(p)
	for _, name := range slices.Sorted(maps.Keys(p.Calendars)) {
		c.calendar(p, name)
	}
	c.clock("sla.accept", p.SLA.Accept)
	c.clock("sla.first_contact", p.SLA.FirstContact)
	c.pools(p)
	for i, n := range p.Notifications {
		c.channels(fmt.Sprintf("notifications[%d]", i), n)
		c.receiver(fmt.Sprintf("notifications[%d].to", i), n, p.Operator)
	}
}

func (c *checker) expressions(p *policy.Policy) {
	inspected, wrong := rules.Inspect(p)
	for _, e := range wrong {
		where := fmt.Sprintf("at column %d of the expression", e.Column)
		if e.Line > 1 {
			where = fmt.Sprintf("at line %d, column %d of the expression", e.Line, e.Column)
		}
		c.meaning(e.Path, "%s, %s", e.Reason, where)
	}
	for _, i := range inspected {
		for _, v := range i.Compared {
			c.compared(p, i.Path, v)
		}
	}
	c.inspected = inspected
}

// compared checks a text that an expression compares signal.type or
// signal.source with: a slip there makes a rule that never matches.
func (c *checker) compared(p *policy.Policy, path string, v rules.Comparison) {
	known := rules.SignalTypes()
	if v.Field == "signal.source" {
		known = slices.Sorted(maps.Keys(p.Sources))
	}
	if !slices.Contains(known, v.Value) {
		c.meaning(path, "%s is never %q%s; it is one of %s", v.Field, v.Value, nearest.Hint(v.Value, known), strings.Join(known, ", "))
	}
}

// names finds names that are used twice.
func (c *checker) names(p *policy.Policy) {
	unique := func(list, field string, n int, name func(int) string) {
		first := map[string]int{}
		for i := range n {
			path := fmt.Sprintf("%s[%d].%s", list, i, field)
			if j, ok := first[name(i)]; ok && name(i) != "" {
				c.meaning(path, "%q is taken already, in line %d", name(i), c.places.line(fmt.Sprintf("%s[%d].%s", list, j, field)))
				continue
			}
			first[name(i)] = i
		}
	}
	unique("fit.rules", "name", len(p.Fit.Rules), func(i int) string { return p.Fit.Rules[i].Name })
	unique("engagement.rules", "name", len(p.Engagement.Rules), func(i int) string { return p.Engagement.Rules[i].Name })
	unique("qualification.exclude", "name", len(p.Qualification.Exclude), func(i int) string { return p.Qualification.Exclude[i].Name })
	unique("qualification.requests", "name", len(p.Qualification.Requests), func(i int) string { return p.Qualification.Requests[i].Name })
	for _, pool := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		reps := p.Routing.Pools[pool].Reps
		unique("routing.pools."+pool+".reps", "id", len(reps), func(i int) string { return reps[i].ID })
	}
}

// references finds what is named and does not exist.
func (c *checker) references(p *policy.Policy) {
	exists := func(path, what, name string, known []string) {
		if !slices.Contains(known, name) {
			c.meaning(path, "there is no %s %q%s; there is %s", what, name, nearest.Hint(name, known), list(known))
		}
	}
	exists("sla.calendar", "calendar", p.SLA.Calendar, slices.Sorted(maps.Keys(p.Calendars)))
	exists("routing.fallback", "pool", p.Routing.Fallback, slices.Sorted(maps.Keys(p.Routing.Pools)))
	groups := slices.Sorted(maps.Keys(p.Engagement.Groups))
	for i, r := range p.Engagement.Rules {
		if r.Group != "" {
			exists(fmt.Sprintf("engagement.rules[%d].group", i), "group", r.Group, groups)
		}
	}
	if _, taken := p.Sources["respond"]; taken {
		c.meaning("sources.respond", "the name is taken: the answers of reps have it; choose another")
	}
}

func list(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// identity finds domains that are on both lists.
func (c *checker) identity(p *policy.Policy) {
	free := map[string]bool{}
	for _, d := range p.Identity.FreeMail {
		free[strings.ToLower(d)] = true
	}
	for i, d := range p.Identity.Disposable {
		if free[strings.ToLower(d)] {
			c.meaning(fmt.Sprintf("identity.disposable[%d]", i), "%s is on free_mail too; keep one", d)
		}
	}
}

// reasons finds placeholders that nothing fills.
func (c *checker) reasons(p *policy.Policy) {
	placeholder := regexp.MustCompile(`\{[^}]*\}`)
	check := func(path, reason string, allowed ...string) {
		for _, found := range placeholder.FindAllString(reason, -1) {
			if slices.Contains(allowed, found) {
				continue
			}
			if len(allowed) == 0 {
				c.meaning(path, "nothing fills %s in; only the reasons of fit rules and exclusions may have {email.domain}", found)
			} else {
				c.meaning(path, "nothing fills %s in; there is only %s", found, list(allowed))
			}
		}
	}
	for i, r := range p.Fit.Rules {
		check(fmt.Sprintf("fit.rules[%d].reason", i), r.Reason, "{email.domain}")
	}
	for i, x := range p.Qualification.Exclude {
		check(fmt.Sprintf("qualification.exclude[%d].reason", i), x.Reason, "{email.domain}")
	}
	for i, r := range p.Engagement.Rules {
		check(fmt.Sprintf("engagement.rules[%d].reason", i), r.Reason)
	}
	for i, r := range p.Qualification.Requests {
		check(fmt.Sprintf("qualification.requests[%d].reason", i), r.Reason)
	}
}

func (c *checker) grades(p *policy.Policy) {
	g := p.Fit.Grades
	if g["A"] <= g["B"] {
		c.meaning("fit.grades.A", "A needs more than B, but %d is not more than %d", g["A"], g["B"])
	}
	if g["B"] <= g["C"] {
		c.meaning("fit.grades.B", "B needs more than C, but %d is not more than %d", g["B"], g["C"])
	}
	if len(p.Qualification.Requests) == 0 && len(p.Qualification.Thresholds) == 0 {
		c.meaning("qualification", "nobody could ever qualify: give it requests or thresholds")
	}
}

func (c *checker) clock(path string, clock policy.ClockPolicy) {
	if clock.Within <= 0 {
		c.meaning(path+".within", "must be more than 0")
	}
}

func (c *checker) pools(p *policy.Policy) {
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		pool := p.Routing.Pools[name]
		if len(pool.Reps) > 0 && active(pool) == 0 {
			c.meaning("routing.pools."+name+".reps", "everybody is off, so nobody receives leads; remove the off of at least one")
		}
	}
}

func active(pool policy.Pool) int {
	n := 0
	for _, r := range pool.Reps {
		if r.Off == "" {
			n++
		}
	}
	return n
}

func (c *checker) channels(path string, n policy.Notification) {
	for i, ch := range n.Channels {
		where := fmt.Sprintf("%s.channels[%d]", path, i)
		switch {
		case n.To == "system" && ch != "webhook":
			c.meaning(where, "the system is told by webhook alone; add a line for the people, such as to: manager")
		case n.To != "system" && ch == "webhook":
			c.meaning(where, "people are told by slack and email; add a line with to: system for the webhook")
		}
	}
}

// receiver finds somebody who has nothing to do with the event.
func (c *checker) receiver(path string, n policy.Notification, operator policy.Person) {
	source := contract.EventType(n.On).AboutSource()
	switch {
	case source && n.To == "holder":
		c.meaning(path, "nobody holds a source; put operator, manager or system")
	case !source && n.To == "operator":
		c.meaning(path, "the operator is told of sources alone; put holder, manager or system")
	case n.To == "operator" && operator.Email == "":
		c.meaning(path, "there is no operator; add operator: { name: …, email: … } to the policy")
	}
}
