// Package explain puts a policy into plain words, for the people who have to
// agree on it and will not read YAML. It says what the policy means, in the
// order in which a lead meets it. It checks nothing: give it a policy that
// package check accepts.
package explain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/policy"
)

// width is how long a line may be.
const width = 96

// Text returns the whole policy in words, in lines of at most about a hundred
// characters. Kind of error: Invalid, when the calendar of the promises
// cannot be read.
func Text(p *policy.Policy, v policy.Version) (string, error) {
	var w writer
	w.paragraph("%s, version %s.", p.Name, v)
	w.sources(p.Sources)
	w.fit(p.Fit)
	w.engagement(p.Engagement)
	w.qualification(p)
	w.routing(p)
	if err := w.promises(p); err != nil {
		return "", err
	}
	w.calendars(p)
	w.rollout(p)
	w.notifications(p.Notifications, p.Operator, p.Rollout.Control.Notify)
	w.access(p)
	w.privacy(p.Privacy)
	w.glossary(p.Glossary)
	return w.String(), nil
}

func (w *writer) sources(sources map[string]policy.Source) {
	w.heading("Who sends")
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		s := sources[name]
		line := name + " sends what " + s.Provider + " sends"
		if name == s.Provider {
			line = name
		}
		if len(s.NextHosts) > 0 {
			line += ", and may send its visitors on to " + and(s.NextHosts)
		}
		for i, field := range slices.Sorted(maps.Keys(s.Fields)) {
			line += []string{"; its field ", ", "}[min(i, 1)] + strconv.Quote(field) + " is " + meaning(s.Fields[field])
		}
		w.item("%s", line)
	}
	byRank := map[int][]string{}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		byRank[sources[name].Rank] = append(byRank[sources[name].Rank], name)
	}
	if len(byRank) < 2 {
		w.paragraph("When two of them disagree about a lead, the latest word wins.")
		return
	}
	ranks := slices.Sorted(maps.Keys(byRank))
	slices.Reverse(ranks)
	var order []string
	for _, r := range ranks {
		order = append(order, and(byRank[r]))
	}
	w.paragraph("When two of them disagree about a lead, the one that stands first here wins: %s. Among equals, and with itself, the latest word wins.", strings.Join(order, "; then "))
}

func (w *writer) fit(f policy.Fit) {
	w.heading("Fit: who the lead is")
	w.paragraph("The profile gives points, 0 to 100 in all:")
	rules := slices.Clone(f.Rules)
	slices.SortStableFunc(rules, func(a, b policy.FitRule) int { return cmp.Compare(b.Points, a.Points) })
	for _, r := range rules {
		w.rule(fmt.Sprintf("%+d  %s", r.Points, plainReason(r.Reason)), r.When)
	}
	w.paragraph("%d points or more are an A, %d a B, %d a C, fewer a D.", f.Grades["A"], f.Grades["B"], f.Grades["C"])
}

func (w *writer) engagement(e policy.Engagement) {
	w.heading("Engagement: what the lead does")
	w.paragraph("What a lead does gives points, 0 to 100 in all, which fade. After %s nothing counts any more.", plural(e.HorizonDays, "day"))
	for _, r := range e.Rules {
		w.rule(fmt.Sprintf("%+d  %s%s", r.Points, r.Reason, limits(r)), r.When)
	}
	for _, g := range slices.Sorted(maps.Keys(e.Groups)) {
		var members []string
		for _, r := range e.Rules {
			if r.Group == g {
				members = append(members, r.Name)
			}
		}
		if len(members) > 0 {
			w.paragraph("Together, %s (the group %s) give at most %s.", and(members), g, plural(e.Groups[g], "point"))
		}
	}
	w.scanner(e.Scanner)
}

// limits puts what limits a rule in words.
func limits(r policy.EngagementRule) string {
	parts := []string{fmt.Sprintf("half as much after %s", plural(r.HalfLifeDays, "day"))}
	if r.PerDay > 0 {
		parts = append(parts, "at most "+plural(r.PerDay, "time")+" a day")
	}
	if r.OncePer != "" {
		parts = append(parts, "once for each "+r.OncePer)
	}
	if r.Max > 0 {
		parts = append(parts, "never more than "+plural(r.Max, "point"))
	}
	return "; " + strings.Join(parts, ", ")
}

func (w *writer) scanner(s policy.Scanner) {
	var machines []string
	if s.MinDelaySeconds > 0 {
		machines = append(machines, fmt.Sprintf("come less than %s after the delivery", plural(s.MinDelaySeconds, "second")))
	}
	if s.BurstWindowSeconds > 0 {
		machines = append(machines, fmt.Sprintf("touch %s of one message within %s", plural(s.BurstLinks, "link"), plural(s.BurstWindowSeconds, "second")))
	}
	if len(s.UserAgents) > 0 {
		machines = append(machines, "come from a program that calls itself "+or(s.UserAgents))
	}
	if len(machines) == 0 {
		w.paragraph("Opens and clicks by mail security software are not told from a person's, except where the sender says so.")
		return
	}
	w.paragraph("Opens and clicks are taken for a machine's, and count nowhere, when they %s.", or(machines))
}

func (w *writer) qualification(p *policy.Policy) {
	q := p.Qualification
	w.heading("Qualification: when a lead is ready for sales")
	w.paragraph("From an engagement of %d a known lead counts as engaged.", p.Journey.EngagedAt)
	if len(q.Requires) > 0 {
		fields := make([]string, len(q.Requires))
		for i, f := range q.Requires {
			fields[i] = strings.ReplaceAll(f, "_", " ")
		}
		w.paragraph("Nobody is handed to sales whose %s is not known.", or(fields))
	}
	w.completeness(p.Completeness)
	if len(q.Exclude) > 0 {
		w.paragraph("Nobody is handed to sales of whom one of these is true:")
		for _, x := range q.Exclude {
			w.rule(plainReason(x.Reason), x.When)
		}
	}
	if len(q.Requests) > 0 {
		w.paragraph("Everybody else is ready at once who:")
		for _, r := range q.Requests {
			w.rule(fmt.Sprintf("%s, in the last %s", lowerFirst(r.Reason), plural(r.ValidDays, "day")), r.When)
		}
	}
	w.thresholds(q.Thresholds)
	if again := p.Journey.ActiveAgain; again.Points > 0 {
		w.paragraph("The rep who has a lead hears of it when the lead asks for sales again, or after %s without interest does something that gives %s or more.", plural(again.QuietDays, "day"), plural(again.Points, "point"))
	}
	w.paragraph("News that is older than %s when it arrives, as in an import, changes scores but hands nobody over.", plural(q.MaxAgeHours, "hour"))
}

func (w *writer) thresholds(thresholds map[string]int) {
	var can, never []string
	for _, g := range []string{"A", "B", "C", "D"} {
		if t, ok := thresholds[g]; ok {
			can = append(can, fmt.Sprintf("%d with fit %s", t, g))
		} else {
			never = append(never, g)
		}
	}
	if len(can) == 0 {
		w.paragraph("No score alone makes a lead ready.")
		return
	}
	text := "Everybody else is ready from an engagement of " + and(can) + "."
	if len(never) > 0 {
		text += " With fit " + or(never) + " no engagement is enough."
	}
	w.paragraph("%s", text)
}

func (w *writer) glossary(words map[string]string) {
	if len(words) == 0 {
		return
	}
	w.heading("What our words mean")
	for _, word := range slices.Sorted(maps.Keys(words)) {
		w.item("%s: %s", word, words[word])
	}
}
