package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
)

// checkMeaning finds what no schema can say.
func (c *checker) checkMeaning(p *policy.Policy) {
	c.expressions(p)
	c.names(p)
	c.references(p)
	c.identity(p)
	c.completeness(p)
	c.reasons(p)
	c.grades(p)
	c.hours(p)
	c.promises(p)
	c.steps(p)
	c.pools(p)
	c.shifts(p)
	c.caps(p)
	c.rejections(p)
	c.rollout(p)
	c.access(p)
	c.accounts(p)
	c.privacy(p)
	for i, n := range p.Notifications {
		c.channels(fmt.Sprintf("notifications[%d]", i), n)
		c.receiver(fmt.Sprintf("notifications[%d].to", i), n, p)
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

// compared checks a text that an expression compares with a field whose values
// are known: a slip there makes a rule that never matches.
func (c *checker) compared(p *policy.Policy, path string, v rules.Comparison) {
	var known []string
	switch v.Field {
	case rules.FieldSignalType:
		known = rules.SignalTypes()
	case rules.FieldSignalSource, rules.FieldSource:
		known = slices.Sorted(maps.Keys(p.Sources))
	case rules.FieldGrade:
		known = []string{"A", "B", "C", "D"}
	case rules.FieldRequest:
		for _, r := range p.Qualification.Requests {
			known = append(known, r.Name)
		}
	case rules.FieldOwner:
		known = repIDs(p)
	case rules.FieldChannel:
		known = standard.Channels()
	case rules.FieldCountry:
		if standard.IsCountry(v.Value) || v.Value == "" {
			return
		}
		c.meaning(path, "%s is never %q%s; it is a code of ISO 3166-1 such as US", v.Field, v.Value, meant(v.Value))
		return
	case rules.FieldTier:
		for _, t := range p.SLA.Tiers {
			known = append(known, t.Name)
		}
	case rules.FieldTeam:
		known = slices.Sorted(maps.Keys(p.Routing.Pools))
	case rules.FieldConsentEmail, rules.FieldConsent:
		known = []string{signal.ConsentYes, signal.ConsentNo}
	default:
		known = standard.Values(strings.TrimPrefix(v.Field, "standard."))
	}
	optional := strings.HasPrefix(v.Field, "standard.") ||
		slices.Contains([]string{rules.FieldRequest, rules.FieldOwner, rules.FieldChannel, rules.FieldConsentEmail, rules.FieldConsent, rules.FieldTier}, v.Field)
	if !slices.Contains(known, v.Value) && (v.Value != "" || !optional) {
		c.meaning(path, "%s is never %q%s; it is one of %s", v.Field, v.Value, nearest.Hint(v.Value, known), list(known))
	}
}

// meant suggests the code of a country that is named otherwise.
func meant(country string) string {
	if code := standard.CountryCode(country); code != "" {
		return " (did you mean " + code + "?)"
	}
	return ""
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
	unique("sla.tiers", "name", len(p.SLA.Tiers), func(i int) string { return p.SLA.Tiers[i].Name })
	unique("sla.pause.reasons", "id", len(p.SLA.Pause.Reasons), func(i int) string { return p.SLA.Pause.Reasons[i].ID })
	unique("routing.rules", "name", len(p.Routing.Rules), func(i int) string { return p.Routing.Rules[i].Name })
	reasons := p.Routing.Rejections.Reasons
	unique("routing.rejections.reasons", "id", len(reasons), func(i int) string { return reasons[i].ID })
	phases := p.Rollout.Phases
	unique("rollout.phases", "name", len(phases), func(i int) string { return phases[i].Name })
	for i, phase := range phases {
		unique(fmt.Sprintf("rollout.phases[%d].segments", i), "name", len(phase.Segments), func(j int) string { return phase.Segments[j].Name })
	}
	for _, pool := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		reps := p.Routing.Pools[pool].Reps
		unique("routing.pools."+pool+".reps", "id", len(reps), func(i int) string { return reps[i].ID })
	}
}

// references finds what is named and does not exist.
func (c *checker) references(p *policy.Policy) {
	calendars, pools := slices.Sorted(maps.Keys(p.Calendars)), slices.Sorted(maps.Keys(p.Routing.Pools))
	c.exists("sla.calendar", "calendar", p.SLA.Calendar, calendars)
	c.exists("routing.fallback", "pool", p.Routing.Fallback, pools)
	for i, r := range p.Routing.Rules {
		c.exists(fmt.Sprintf("routing.rules[%d].pool", i), "pool", r.Pool, pools)
	}
	for _, name := range pools {
		if own := p.Routing.Pools[name].Calendar; own != "" {
			c.exists("routing.pools."+name+".calendar", "calendar", own, calendars)
		}
	}
	c.eachRep(p, func(path, _ string, _ policy.Pool, r policy.Rep) {
		if r.Calendar != "" {
			c.exists(path+".calendar", "calendar", r.Calendar, calendars)
		}
	})
	groups := slices.Sorted(maps.Keys(p.Engagement.Groups))
	for i, r := range p.Engagement.Rules {
		if r.Group != "" {
			c.exists(fmt.Sprintf("engagement.rules[%d].group", i), "group", r.Group, groups)
		}
	}
	for name, whose := range map[string]string{"respond": "the answers of reps have it", "operator": "the orders of those in charge have it"} {
		if _, taken := p.Sources[name]; taken {
			c.meaning("sources."+name, "the name is taken: %s; choose another", whose)
		}
	}
}

func (c *checker) exists(path, what, name string, known []string) {
	switch {
	case slices.Contains(known, name):
	case len(known) == 0:
		c.meaning(path, "there is no %s %q: the policy has none yet; add it, or remove this line", what, name)
	default:
		c.meaning(path, "there is no %s %q%s; there is %s", what, name, nearest.Hint(name, known), list(known))
	}
}

func list(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// identity finds domains that are on two lists, and countries that there are not.
func (c *checker) identity(p *policy.Policy) {
	on := map[string]string{}
	for _, l := range []struct {
		name    string
		domains []string
	}{{"free_mail", p.Identity.FreeMail}, {"disposable", p.Identity.Disposable}, {"business_domains", p.Identity.BusinessDomains}} {
		for i, d := range l.domains {
			d = strings.ToLower(d)
			if other := on[d]; other != "" && other != l.name {
				c.meaning(fmt.Sprintf("identity.%s[%d]", l.name, i), "%s is on %s too; keep one", d, other)
			}
			on[d] = l.name
		}
	}
	ruled := map[string]bool{}
	for i, r := range p.Identity.ProviderRules {
		for j, d := range r.Domains {
			d = strings.ToLower(d)
			if ruled[d] {
				c.meaning(fmt.Sprintf("identity.provider_rules[%d].domains[%d]", i, j), "%s has a rule already; keep one", d)
			}
			ruled[d] = true
		}
	}
	if r := p.Identity.PhoneRegion; r != "" && !standard.IsCountry(r) {
		c.meaning("identity.phone_region", "there is no country %s%s; put a code of ISO 3166-1 such as US", r, meant(r))
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
