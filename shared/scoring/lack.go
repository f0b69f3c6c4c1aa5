package scoring

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy/rules"
)

const (
	// nearEnough is the distance at which a lead that does not count as nearly
	// qualified begins to, and nearStill the one up to which it goes on to, so
	// that a day's decay or one page view does not move it to and fro.
	nearEnough = 15
	nearStill  = 25
	// aField and anExclusion are how far a required field that is not known and
	// an exclusion keep a lead away, in points: one of them alone is near.
	aField      = 10
	anExclusion = 15
	// nearFor is how long a lead keeps the time since when it is near, however
	// long it stays so: what was filed long ago, and not written since, has
	// faded.
	nearFor = 30 * 24 * time.Hour
)

// Lack is what keeps a lead from qualifying, counted.
type Lack struct {
	Points     int      // of fit and engagement together, on the shortest way to a threshold; 0 when the score suffices
	Grade      string   // the grade whose threshold that is; "" when the policy lets no grade qualify
	Fields     []string // required fields of the profile that are not known
	Exclusions []string // rules that exclude the lead, by name
	Objection  bool     // the person opted out, so that no points help
}

// LackOf counts what the result lacks under the policy that made it. An
// explicit request that is valid makes up for the points.
func LackOf(c *rules.Compiled, r Result) Lack {
	l := Lack{Fields: r.Qualification.Missing, Exclusions: r.Qualification.Excluded}
	if r.Qualification.Request != "" {
		return l
	}
	if r.Objection != nil {
		l.Points, l.Objection = topScore, true
		return l
	}
	for _, grade := range []string{"A", "B", "C", "D"} {
		points, can := r.short(c, grade)
		if can && (l.Grade == "" || points < l.Points) {
			l.Points, l.Grade = points, grade
		}
	}
	if l.Grade == "" {
		l.Points = topScore // nobody qualifies by a score
	}
	return l
}

// short counts the points to the threshold of a grade, those to the grade
// itself included. It is false for a grade that does not qualify, that the
// policy gives to nobody, or that is worse than the lead's.
func (r Result) short(c *rules.Compiled, grade string) (points int, can bool) {
	least, can := c.Qualification.Thresholds[grade]
	points = max(least-r.Engagement.Score, 0)
	if !can || grade >= r.Fit.Grade {
		return points, can && grade == r.Fit.Grade
	}
	from, given := c.Fit.Grades[grade]
	return points + from - r.Fit.sum(), given
}

// sum is the score before it was limited to what a score can be.
func (s Score) sum() int {
	n := 0
	for _, p := range s.Parts {
		if p.Rule != limitRule {
			n += p.Points
		}
	}
	return n
}

// Distance is how far the lead is from qualifying, in points: 0 when it
// qualifies.
func (l Lack) Distance() int {
	return l.Points + aField*len(l.Fields) + anExclusion*len(l.Exclusions)
}

// Near tells whether a lead at that distance is one to look at.
func (l Lack) Near() bool { return l.Distance() <= nearStill }

// NearSince returns since when a lead counts as nearly qualified, zero when it
// does not, given since when it did before. It begins to when little is
// missing and ceases to when clearly more is. Once in a long while the time is
// set anew for one that stays near.
func (l Lack) NearSince(before, now time.Time) time.Time {
	switch distance := l.Distance(); {
	case before.IsZero() && distance > nearEnough, distance > nearStill:
		return time.Time{}
	case before.IsZero(), now.Sub(before) > nearFor:
		return now
	}
	return before
}

// OneMore returns what would make the lead qualify at now if it happened once
// more: the reasons of the engagement rules that suffice alone, the one with
// the fewest points first. It counts as the score does, with all limits.
func OneMore(c *rules.Compiled, f Facts, now time.Time) []string {
	type way struct {
		points int
		reason string
	}
	var ways []way
	for _, rule := range c.Engagement.Rules {
		if rule.Points <= 0 {
			continue
		}
		g := f.Clone()
		hit := Hit{Rule: rule.Name}
		if rule.OncePer != "" {
			hit.Item = "something new"
		}
		g.count(dayOf(now), []Hit{hit})
		if r, _ := Evaluate(c, g, now); r.Qualification.Qualified { // the caller has heard of what fails
			ways = append(ways, way{rule.Points, rule.Reason})
		}
	}
	slices.SortStableFunc(ways, func(a, b way) int { return a.points - b.points })
	reasons := make([]string, len(ways))
	for i, w := range ways {
		reasons[i] = w.reason
	}
	return reasons
}

// String says what is missing in a few words, "" when nothing is: "7 points
// (grade B), the title".
func (l Lack) String() string {
	var parts []string
	if l.Points > 0 {
		parts = append(parts, l.points())
	}
	for _, f := range l.Fields {
		parts = append(parts, "the "+strings.ReplaceAll(f, "_", " "))
	}
	for _, e := range l.Exclusions {
		parts = append(parts, "the exclusion "+e)
	}
	return strings.Join(parts, ", ")
}

func (l Lack) points() string {
	switch {
	case l.Objection:
		return "consent: they opted out"
	case l.Grade == "":
		return "a request: no score qualifies"
	case l.Points == 1:
		return "1 point (grade " + l.Grade + ")"
	}
	return fmt.Sprintf("%d points (grade %s)", l.Points, l.Grade)
}
