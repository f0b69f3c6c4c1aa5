package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// promise is one kind of clock in words.
type promise struct {
	text  string // with a place for the time allowed
	clock policy.ClockPolicy
	usual string // what it counts when the policy doesn't say so
	steps []policy.Step
}

// promisesOf lists the clocks; those that there are not have no time.
func promisesOf(c policy.Clocks, e policy.Escalation) []promise {
	return []promise{
		{"the rep accepts or rejects within %s of getting the lead", c.Accept, policy.HoursHolder, e.Accept},
		{"somebody talks to the customer within %s of the moment that made the lead ready, whoever holds it", customer(c.FirstContact), policy.HoursTeam, e.Customer},
		{"each rep who gets it talks to the customer within %s of getting it", c.FirstContact, policy.HoursHolder, e.FirstContact},
		{"after each attempt, until there is a meeting, the rep tries again within %s, " + plural(c.FollowUp.Attempts, "time") + " at most", c.FollowUp, policy.HoursHolder, e.FollowUp},
		{"the rep says within %s of accepting the lead what became of it", c.Feedback, policy.HoursHolder, e.Feedback},
	}
}

// customer is the clock of the customer, who has no holder.
func customer(c policy.ClockPolicy) policy.ClockPolicy {
	if c.Hours == policy.HoursHolder {
		c.Hours = policy.HoursTeam
	}
	return c
}

func (w *writer) promises(p *policy.Policy) error {
	times, err := worktime.FromPolicy(p, p.SLA.Calendar)
	if err != nil {
		return err
	}
	w.heading("Promises: what happens next, and by when")
	for _, k := range promisesOf(p.SLA.Clocks, p.Escalation) {
		if k.clock.Within > 0 {
			w.item("%s. %s", upperFirst(k.words()), ladder(k.steps))
		}
	}
	w.tiers(p)
	w.paragraph("The team's hours are those of its pool, or else of the calendar %s.", p.SLA.Calendar)
	w.example(p.Calendars[p.SLA.Calendar], times, p.SLA)
	w.pause(p.SLA.Pause)
	if n := p.Escalation.OfflineAfter; n > 0 {
		w.paragraph("A rep who lets %s to accept pass in a row receives nothing new until somebody says so.", plural(n, "deadline"))
	}
	return nil
}

// words is the promise with its time and what that counts.
func (k promise) words() string {
	hours := k.clock.Hours
	if hours == "" {
		hours = k.usual
	}
	counted := map[string]string{
		policy.HoursHolder: "while the team and the rep are on duty",
		policy.HoursTeam:   "in the team's hours",
		policy.HoursWall:   "by day and night",
	}
	return fmt.Sprintf(k.text, k.clock.Within) + ", counted " + counted[hours]
}

// ladder puts what follows from a clock in one sentence.
func ladder(steps []policy.Step) string {
	if len(steps) == 0 {
		return "Nothing follows when it is not kept."
	}
	does := map[string]string{
		policy.DoRemind: "the rep is reminded", policy.DoManager: "the manager hears of it",
		policy.DoReassign: "the lead goes to the next rep", policy.DoFallback: "the lead goes to the fallback pool",
	}
	parts := make([]string, len(steps))
	for i, s := range steps {
		parts[i] = point(s.At) + " " + does[s.Do]
	}
	return upperFirst(strings.Join(parts, "; ")) + "."
}

// point puts a point of a clock in words.
func point(at policy.At) string {
	text := at.String()
	switch {
	case text == "100%":
		return "at the deadline"
	case strings.HasSuffix(text, "%"):
		return "after " + strings.TrimSuffix(text, "%") + " % of the time"
	case strings.HasPrefix(text, "-"):
		return text[1:] + " before the deadline"
	case strings.HasPrefix(text, "+"):
		return text[1:] + " after the deadline"
	}
	return text + " after the start"
}

func (w *writer) tiers(p *policy.Policy) {
	if len(p.SLA.Tiers) == 0 {
		return
	}
	w.paragraph("Some leads have other times; the first of these that fits counts:")
	for _, t := range p.SLA.Tiers {
		var parts []string
		for _, k := range promisesOf(t.Clocks, policy.Escalation{}) {
			if k.clock.Within > 0 {
				parts = append(parts, k.words())
			}
		}
		w.rule(strings.ReplaceAll(t.Name, "_", " ")+": "+strings.Join(parts, "; "), t.When)
	}
}

func (w *writer) pause(p policy.Pause) {
	if p.Most <= 0 {
		w.paragraph("Nobody may stop the clocks.")
		return
	}
	reasons := make([]string, len(p.Reasons))
	for i, r := range p.Reasons {
		reasons[i] = lowerFirst(r.Label)
	}
	w.paragraph("A rep may stop the clocks, but for the one to accept, %s for at most %s each: %s.", plural(p.Times, "time"), wallTime(p.Most), or(reasons))
}

// wallTime writes whole days as such.
func wallTime(d policy.Duration) string {
	const day = 24 * time.Hour
	if d := time.Duration(d); d >= day && d%day == 0 {
		return plural(int(d/day), "day")
	}
	return d.String()
}
