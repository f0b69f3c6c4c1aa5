package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

// topScore is the most that fit and engagement can be.
const topScore = 100

// lint warns of what works but is hardly meant. Each warning says what to do.
func (c *checker) lint(p *policy.Policy) {
	c.plain = plainHours(p)
	c.lintExpressions()
	c.lintFit(p.Fit)
	c.lintEngagement(p.Engagement)
	c.lintReach(p)
	c.lintIdentity(p)
	c.lintCompleteness(p)
	c.lintUnused(p)
	c.lintPromises(p)
	c.lintSteps(p)
	c.lintRules(p)
	c.lintRejections(p)
	c.lintReps(p)
	c.lintDuty(p)
	c.lintCaps(p)
	c.lintRollout(p)
	c.lintNotifications(p)
	c.lintAccess(p)
}

// lintExpressions finds conditions that say nothing, or the same twice. The
// order of routing rules and tiers matters: see lintRules.
func (c *checker) lintExpressions() {
	first := map[string]string{}
	for _, i := range c.inspected {
		ordered := strings.HasPrefix(i.Path, "routing.rules[")
		switch {
		case i.Always && !ordered:
			c.warn(i.Path, "is always true; state a condition, or remove the rule")
		case i.Never:
			c.warn(i.Path, "is never true; correct it, or remove the rule")
		}
		section, isWhen := strings.CutSuffix(i.Path, "].when")
		if !isWhen || i.Always || i.Never || ordered || strings.HasPrefix(i.Path, "sla.") || strings.Contains(i.Path, ".caps[") {
			continue
		}
		key := section[:strings.LastIndexByte(section, '[')] + "\x00" + i.Canonical
		if earlier, ok := first[key]; ok {
			c.warn(i.Path, "is the same condition as in line %d; put both rules into one", c.places.line(earlier))
			continue
		}
		first[key] = i.Path
	}
}

func (c *checker) lintFit(f policy.Fit) {
	best := 0
	for i, r := range f.Rules {
		best += max(r.Points, 0)
		if r.Points == 0 {
			c.warn(fmt.Sprintf("fit.rules[%d].points", i), "a rule without points changes nothing; give it points, or remove it")
		}
	}
	best = min(best, topScore)
	for _, g := range []string{"A", "B", "C"} {
		if f.Grades[g] > best {
			c.warn("fit.grades."+g, "nobody reaches it: all rules together give %d of at most %d points; lower it, or give rules more points", best, topScore)
		}
	}
}

func (c *checker) lintEngagement(e policy.Engagement) {
	for i, r := range e.Rules {
		path := fmt.Sprintf("engagement.rules[%d]", i)
		switch {
		case r.Points == 0:
			c.warn(path+".points", "a rule without points changes nothing; give it points, or remove it")
		case r.Points > 0 && r.Max == 0 && r.Group == "" && r.OncePer == "" && r.PerDay == 0:
			c.warn(path, "has no limit, so one habit alone can reach 100; give it max, per_day, once_per or a group")
		case r.Max > 0 && max(r.Points, -r.Points) > r.Max:
			c.warn(path+".points", "a single signal counts %d, but max allows %d; make them agree", r.Points, r.Max)
		}
		if r.OncePer != "" && r.PerDay > 0 {
			c.warn(path+".per_day", "each item counts once already, so a limit per day has no effect beside once_per; remove one")
		}
		if r.HalfLifeDays > e.HorizonDays {
			c.warn(path+".half_life_days", "is longer than horizon_days, so signals vanish before they have faded; lower it, or raise horizon_days")
		}
	}
}

// lintReach finds thresholds that no engagement reaches, or that contradict
// each other.
func (c *checker) lintReach(p *policy.Policy) {
	best := reachable(p.Engagement)
	least := 0
	for _, g := range []string{"A", "B", "C", "D"} {
		t, ok := p.Qualification.Thresholds[g]
		if !ok {
			continue
		}
		path := "qualification.thresholds." + g
		if t > best {
			c.warn(path, "nobody reaches it: all rules within their limits give %d; lower it, or raise the limits", best)
		}
		if t < least {
			c.warn(path, "a better grade needs more engagement than this one; lower the better one's threshold, or raise this one")
		}
		least = max(least, t)
		if t == 0 {
			c.warn(path, "a lead of this grade qualifies without having done anything; raise it to 1 or more")
		}
	}
	if p.Journey.EngagedAt > best {
		c.warn("journey.engaged_at", "nobody reaches it: all rules within their limits give %d; lower it", best)
	}
}

// reachable is the most engagement that any lead can have.
func reachable(e policy.Engagement) int {
	sum, groups := 0, map[string]int{}
	for _, r := range e.Rules {
		best := topScore
		if r.Max > 0 {
			best = r.Max
		}
		if r.Points <= 0 {
			best = 0
		}
		if r.Group == "" {
			sum += best
		} else {
			groups[r.Group] = min(groups[r.Group]+best, e.Groups[r.Group])
		}
	}
	for _, best := range groups {
		sum += best
	}
	return min(sum, topScore)
}

func (c *checker) lintIdentity(p *policy.Policy) {
	lists := []struct {
		name    string
		domains []string
	}{{"free_mail", p.Identity.FreeMail}, {"disposable", p.Identity.Disposable}, {"business_domains", p.Identity.BusinessDomains}}
	for _, l := range lists {
		seen := map[string]bool{}
		for i, d := range l.domains {
			if d = strings.ToLower(d); seen[d] {
				c.warn(fmt.Sprintf("identity.%s[%d]", l.name, i), "%s is listed twice; remove one", d)
			}
			seen[d] = true
		}
	}
	known := signal.Fields()
	for i, f := range p.Qualification.Requires {
		if !slices.Contains(known, f) {
			c.warn(fmt.Sprintf("qualification.requires[%d]", i), "%s is not a field that every source has%s; make sure that your forms send it, or nobody qualifies", f, nearest.Hint(f, known))
		}
	}
	if !slices.Contains(p.Qualification.Requires, signal.FieldEmail) {
		c.warn("qualification.requires", "leads without an address would be handed off; add email")
	}
}

func (c *checker) lintUnused(p *policy.Policy) {
	used := map[string]bool{}
	for _, r := range p.Engagement.Rules {
		used[r.Group] = true
	}
	for _, g := range slices.Sorted(maps.Keys(p.Engagement.Groups)) {
		if !used[g] {
			c.warn("engagement.groups."+g, "no rule is in this group; remove it, or name it in a rule")
		}
	}
	calendars, regions, tags := map[string]bool{p.SLA.Calendar: true}, map[string]bool{}, map[string]bool{}
	for _, pool := range p.Routing.Pools {
		calendars[pool.Calendar] = true
		for _, r := range pool.Reps {
			calendars[r.Calendar] = true
		}
	}
	for _, cal := range p.Calendars {
		for _, r := range cal.Regions {
			regions[r] = true
		}
	}
	rules.EachCap(p, func(_ string, limit policy.Cap) { tags[limit.Tag] = true })
	pools := map[string]bool{}
	for _, name := range usedPools(p) {
		pools[name] = true
	}
	unused(c, "calendars.", p.Calendars, calendars, "nothing uses this calendar; remove it, or name it in sla.calendar, a pool or a rep")
	unused(c, "holidays.", p.Holidays, regions, "no calendar keeps these holidays; remove them, or name them in the regions of one")
	unused(c, "routing.tags.", p.Routing.Tags, tags, "no cap has this tag; remove it, or name it in a cap")
	unused(c, "routing.pools.", p.Routing.Pools, pools, "no lead goes to this pool; remove it, or name it in a rule")
}

// unused warns of what nothing names.
func unused[T any](c *checker, prefix string, all map[string]T, used map[string]bool, message string) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !used[name] {
			c.warn(prefix+name, "%s", message)
		}
	}
}

// usedPools lists the pools that leads may come to, by name.
func usedPools(p *policy.Policy) []string {
	used := map[string]bool{p.Routing.Fallback: true}
	for _, r := range p.Routing.Rules {
		used[r.Pool] = true
	}
	for _, r := range p.Routing.Rejections.Reasons {
		if _, ok := p.Routing.Pools[r.Then]; ok {
			used[r.Then] = true
		}
	}
	return slices.Sorted(maps.Keys(used))
}
