package scoring

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// Qualification says whether the lead is marketing-qualified and why, or why
// not and what would change it.
type Qualification struct {
	Qualified bool
	Reason    string    // one sentence
	Request   string    // name of the explicit request that qualifies, "" when the score does
	Missing   []string  // required profile fields that are not known
	Excluded  []string  // exclusions that are true, by name
	Blockers  []Blocker // all that stands in the way
}

// Blocker is one thing that keeps a lead from qualifying.
type Blocker struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
	Fix    string `json:"fix"` // what would change it
}

func qualify(c *rules.Compiled, f Facts, env rules.LeadEnv, r Result, excluded []int, now time.Time) Qualification {
	var q Qualification
	for _, i := range excluded {
		rule := c.Qualification.Exclude[i]
		q.Excluded = append(q.Excluded, rule.Name)
		q.Blockers = append(q.Blockers, Blocker{Rule: rule.Name, Reason: env.Expand(rule.Reason), Fix: "a signal with other data, or a change of the policy's rule " + rule.Name})
	}
	for _, name := range c.Qualification.Requires {
		if f.Profile[name].Value == "" {
			q.Missing = append(q.Missing, name)
			words := strings.ReplaceAll(name, "_", " ")
			q.Blockers = append(q.Blockers, Blocker{Rule: "requires", Reason: "the " + words + " is not known", Fix: "a signal that brings the " + words})
		}
	}
	reason, request := q.byRequest(c, f, now)
	heard := c.Privacy.Consent.HearRequests
	if r.Objection != nil && !heard {
		reason, request = "", ""
	}
	if reason == "" {
		var short *Blocker
		if r.Objection != nil {
			short = r.Objection.blocker(heard)
		} else {
			reason, short = byScore(c, r)
		}
		if short != nil {
			q.Blockers = append(q.Blockers, *short)
		}
	}
	q.Qualified = len(q.Blockers) == 0
	q.Request = request
	q.Reason = reason
	if !q.Qualified {
		reasons := make([]string, len(q.Blockers))
		for i, b := range q.Blockers {
			reasons[i] = b.Reason
		}
		q.Reason = "Not qualified: " + strings.Join(reasons, "; ")
	}
	return q
}

// byRequest returns the reason when the person asked for sales lately.
func (q *Qualification) byRequest(c *rules.Compiled, f Facts, now time.Time) (reason, request string) {
	for _, rule := range c.Qualification.Requests {
		mark, asked := f.Requests[rule.Name]
		if asked && now.Sub(mark.At) <= time.Duration(rule.ValidDays)*24*time.Hour {
			return fmt.Sprintf("%s on %s", rule.Reason, mark.At.UTC().Format("2 January 2006")), rule.Name
		}
	}
	return "", ""
}

// byScore returns the reason when fit and engagement suffice, else what is short.
func byScore(c *rules.Compiled, r Result) (reason string, short *Blocker) {
	least, ok := c.Qualification.Thresholds[r.Fit.Grade]
	switch {
	case !ok:
		return "", &Blocker{
			Rule:   "fit",
			Reason: fmt.Sprintf("fit %s (%d points) never qualifies by score", r.Fit.Grade, r.Fit.Score),
			Fix:    better(c, r),
		}
	case r.Engagement.Score < least:
		return "", &Blocker{
			Rule:   "engagement",
			Reason: fmt.Sprintf("%d points of engagement short: fit %s needs %d, it is %d", least-r.Engagement.Score, r.Fit.Grade, least, r.Engagement.Score),
			Fix:    fmt.Sprintf("%d more points of engagement, a better fit, or an explicit request", least-r.Engagement.Score),
		}
	}
	return fmt.Sprintf("Fit %s (%d points) with engagement %d, where %d is enough", r.Fit.Grade, r.Fit.Score, r.Engagement.Score, least), nil
}

// better says how many points of fit reach the next grade that can qualify,
// counted from the sum before any limit.
func better(c *rules.Compiled, r Result) string {
	sum := 0
	for _, p := range r.Fit.Parts {
		if p.Rule != limitRule {
			sum += p.Points
		}
	}
	grades := []string{"C", "B", "A"}
	i := slices.IndexFunc(grades, func(g string) bool {
		_, can := c.Qualification.Thresholds[g]
		return can && c.Fit.Grades[g] > r.Fit.Score
	})
	if i < 0 {
		return "an explicit request such as a demo form"
	}
	return fmt.Sprintf("%d more points of fit (grade %s), or an explicit request such as a demo form", c.Fit.Grades[grades[i]]-sum, grades[i])
}
