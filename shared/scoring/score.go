package scoring

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// limitRule names the part that keeps a score between 0 and topScore.
const limitRule = "limit"

// topScore is the most that a score can be; the least is 0.
const topScore = 100

// Score is a score with the parts that add up to it exactly, in whole points.
type Score struct {
	Grade string // A to D for fit, "" for engagement
	Score int
	Parts []contract.Part
}

// Result is what the facts say at a time.
type Result struct {
	Fit           Score
	Engagement    Score
	Qualification Qualification
	Objection     *Objection // by which the person stopped their scoring; nil for none
}

// Evaluate computes scores and qualification from facts at now. An expression
// that fails counts as no match; the first such error is returned with the
// result, which is complete all the same.
func Evaluate(c *rules.Compiled, f Facts, now time.Time) (Result, error) {
	env := f.Env(c)
	fitHits, fitErr := c.FitMatches(env)
	excluded, err := c.Excluded(env)
	if err == nil {
		err = fitErr
	}
	r := Result{Fit: fit(c, env, fitHits), Engagement: engagement(c, f, now)}
	objection, stopped := f.Objection(c.Privacy.Consent)
	if stopped {
		r.Engagement.stop(objection)
		r.Objection = &objection
	}
	r.Qualification = qualify(c, f, env, r, excluded, now)
	return r, err
}

// Values returns the profile as plain values.
func (f Facts) Values() map[string]string {
	out := make(map[string]string, len(f.Profile))
	for name, field := range f.Profile {
		out[name] = field.Value
	}
	return out
}

func fit(c *rules.Compiled, env rules.LeadEnv, hits []int) Score {
	var s Score
	for _, i := range hits {
		rule := c.Fit.Rules[i]
		s.add(rule.Name, rule.Points, env.Expand(rule.Reason))
	}
	s.clamp()
	s.Grade = "D"
	for _, grade := range []string{"C", "B", "A"} {
		if least, ok := c.Fit.Grades[grade]; ok && s.Score >= least {
			s.Grade = grade
		}
	}
	return s
}

func (s *Score) add(rule string, points int, reason string) {
	if points == 0 {
		return
	}
	s.Score += points
	s.Parts = append(s.Parts, contract.Part{Rule: rule, Points: points, Reason: reason})
}

// clamp limits the score to 0 … topScore by a part of its own.
func (s *Score) clamp() {
	if s.Score > topScore {
		s.add(limitRule, topScore-s.Score, fmt.Sprintf("the score is limited to %d", topScore))
	}
	if s.Score < 0 {
		s.add(limitRule, -s.Score, "the score is not less than 0")
	}
}

// engagement adds the decayed points of each rule, then the limits of groups
// and of the whole as parts of their own.
func engagement(c *rules.Compiled, f Facts, now time.Time) Score {
	today := dayOf(now)
	matches := f.matchesByDay(c, today)
	var s Score
	groups := map[string]int{}
	for _, rule := range c.Engagement.Rules {
		days := matches[rule.Name]
		points, counted := rulePoints(rule, days, today)
		if counted == 0 {
			continue
		}
		s.add(rule.Name, points, ruleReason(rule, counted))
		groups[rule.Group] += points
	}
	for _, name := range slices.Sorted(maps.Keys(c.Engagement.Groups)) {
		if most := c.Engagement.Groups[name]; groups[name] > most {
			s.add("group:"+name, most-groups[name], fmt.Sprintf("the group %s gives at most %d", name, most))
		}
	}
	s.clamp()
	return s
}

// matchesByDay returns, per rule and day within the horizon, how many signals
// or items count, mail evidence judged as it stands.
func (f Facts) matchesByDay(c *rules.Compiled, today int) map[string]map[int]int {
	judged := Facts{Counts: cloneNested(f.Counts), Items: cloneNested(f.Items)}
	countHuman(f.Mail, c.Engagement.Scanner, judged.count)
	matches := put(judged.Counts)
	for rule, items := range judged.Items {
		matches[rule] = put(matches[rule])
		for _, day := range items {
			matches[rule][day]++
		}
	}
	oldest := today - c.Engagement.HorizonDays
	for _, days := range matches {
		maps.DeleteFunc(days, func(day, _ int) bool { return day < oldest })
	}
	return matches
}

// micro is how finely decayed points are added before the one rounding: whole
// numbers, so that the sum does not depend on the order or the processor.
const micro = 1_000_000

// rulePoints returns the rule's points at today, rounded to whole points, and
// how many matches counted.
func rulePoints(rule policy.EngagementRule, days map[int]int, today int) (points, counted int) {
	var sum int64
	for _, day := range slices.Sorted(maps.Keys(days)) {
		n := days[day]
		if rule.PerDay > 0 {
			n = min(n, rule.PerDay)
		}
		counted += n
		sum += int64(n*rule.Points) * decay(max(today-day, 0), rule.HalfLifeDays)
	}
	points = int(math.Round(float64(sum) / micro))
	if rule.Max > 0 {
		points = max(min(points, rule.Max), -rule.Max)
	}
	return points, counted
}

// decay returns 2^(−age/half-life) in millionths.
func decay(age, halfLife int) int64 {
	if halfLife < 1 {
		return micro
	}
	return int64(math.Round(math.Exp2(-float64(age)/float64(halfLife)) * micro))
}

func ruleReason(rule policy.EngagementRule, counted int) string {
	reason := rule.Reason
	if counted > 1 {
		reason = fmt.Sprintf("%d × %s", counted, reason)
	}
	if rule.HalfLifeDays > 0 {
		reason = fmt.Sprintf("%s (half as much after %d days)", reason, rule.HalfLifeDays)
	}
	return reason
}
