package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/worktime"
)

func (w *writer) routing(p *policy.Policy) {
	w.heading("Handoff: who gets the lead")
	pool := p.Routing.Pools[p.Routing.Fallback]
	w.paragraph("Ready leads go in turns to the pool %s, at any hour; clocks wait for the opening:", p.Routing.Fallback)
	w.shares(pool.Reps)
	if p.Escalation.MaxReps > 1 {
		w.paragraph("A rep may reject a lead; it then goes to the next one, until %d have had it. The links to answer work for %s.", p.Escalation.MaxReps, plural(p.Routing.LinkHours, "hour"))
	} else {
		w.paragraph("A rep may reject a lead; it then goes to nobody else. The links to answer work for %s.", plural(p.Routing.LinkHours, "hour"))
	}
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
		w.item("%s gets %.0f %% of them", r.Name, percent*r.Weight/total)
	}
	for _, r := range reps {
		if r.Off != "" {
			w.item("%s gets none now: %s", r.Name, r.Off)
		}
	}
}

func (w *writer) promises(p *policy.Policy) error {
	cal := p.Calendars[p.SLA.Calendar]
	times, err := worktime.FromPolicy(p, p.SLA.Calendar)
	if err != nil {
		return err
	}
	w.heading("Promises: what happens next, and by when")
	w.clock("The rep accepts or rejects", "of getting the lead", p.SLA.Accept)
	w.clock("Somebody talks to the customer", "of the moment that made the lead ready, whoever holds it", p.SLA.FirstContact)
	w.paragraph("Only working time counts, by the calendar %s: %s, %s%s.", p.SLA.Calendar, week(cal.Hours), cal.Zone, closed(cal.Holidays))
	w.example(cal, times, p.SLA)
	return nil
}

func (w *writer) clock(who, since string, c policy.ClockPolicy) {
	text := fmt.Sprintf("%s within %s %s.", who, c.Within, since)
	w.item("%s", text)
}

// example shows what the promises mean for a lead that comes a quarter of an
// hour before the last closing time of a week without holidays.
func (w *writer) example(cal policy.Calendar, times *worktime.Calendar, sla policy.SLA) {
	zone, err := time.LoadLocation(cal.Zone)
	if err != nil {
		return
	}
	const quarter = 15 * time.Minute
	monday := plainWeek(cal.Holidays, zone)
	end := times.Before(monday.AddDate(0, 0, len(weekdays())), 0)
	start := times.Before(end, quarter)
	format := func(t time.Time) string { return t.In(zone).Format("Monday 15:04") }
	w.paragraph("For example, of a lead that becomes ready on %s, the rep answers by %s and somebody talks to the customer by %s.",
		format(start), format(times.Add(start, time.Duration(sla.Accept.Within))), format(times.Add(start, time.Duration(sla.FirstContact.Within))))
}

// plainWeek returns the first Monday of a year of which that week and the next
// have no holiday and no change of the clock.
func plainWeek(holidays []string, zone *time.Location) time.Time {
	const days = 14
	monday := time.Date(2026, time.January, 5, 0, 0, 0, 0, zone)
	for range 52 {
		_, first := monday.Zone()
		_, last := monday.AddDate(0, 0, days).Zone()
		plain := first == last
		for d := range days {
			plain = plain && !slices.Contains(holidays, monday.AddDate(0, 0, d).Format(time.DateOnly))
		}
		if plain {
			break
		}
		monday = monday.AddDate(0, 0, len(weekdays()))
	}
	return monday
}

func weekdays() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// week puts working hours in words, days of the same hours together.
func week(hours map[string][]string) string {
	names := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	days := weekdays()
	var parts []string
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && slices.Equal(hours[days[j+1]], hours[days[i]]) {
			j++
		}
		if open := hours[days[i]]; len(open) > 0 {
			name := names[i]
			if j > i {
				name += " to " + names[j]
			}
			parts = append(parts, name+" "+and(open))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

func closed(holidays []string) string {
	if len(holidays) == 0 {
		return ""
	}
	return "; closed on " + and(holidays)
}

func (w *writer) notifications(all []policy.Notification, operator policy.Person) {
	w.heading("Who is told")
	if len(all) == 0 {
		w.paragraph("Nobody.")
		return
	}
	var people, system []string
	for _, n := range all {
		if n.To == "system" {
			system = append(system, n.On)
			continue
		}
		who := "the rep who has the lead"
		switch n.To {
		case "manager":
			who = "the manager"
		case "operator":
			who = operator.Name + ", the operator"
		}
		people = append(people, fmt.Sprintf("%s: %s, by %s", event(n.On), who, and(channels(n.Channels))))
	}
	for _, p := range people {
		w.item("%s", p)
	}
	if len(system) > 0 {
		w.paragraph("Other systems hear by the signed webhook of %s.", and(system))
	}
}

func channels(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = map[string]string{"slack": "Slack", "email": "e-mail"}[n]
		if out[i] == "" {
			out[i] = n
		}
	}
	return out
}

// event puts an event type in words.
func event(on string) string {
	words := map[string]string{
		"lead.created": "a lead becomes known", "lead.qualified": "a lead is ready", "lead.handed_off": "a lead is handed off",
		"lead.held": "a lead is ready and nobody can receive it", "lead.accepted": "a lead is accepted", "lead.rejected": "a lead is rejected",
		"lead.contacted": "somebody has talked to the customer", "lead.reassigned": "a lead goes to the next rep",
		"lead.escalated":     "a promise was broken and is escalated",
		"lead.stage_changed": "a meeting or a deal moves a lead", "clock.started": "a clock starts", "clock.warned": "a deadline is near",
		"clock.breached": "a deadline has passed", "clock.met": "a promise is kept", "clock.stopped": "a clock stops",
		"clock.corrected": "a deadline turns out to have been kept",
		"source.silent":   "nothing comes from a source, although it usually would", "source.failing": "a source's webhooks fail more than usual",
		"source.drifted": "a source's events lose fields", "source.recovered": "a source is as usual again",
	}
	if w, ok := words[on]; ok {
		return "When " + w
	}
	return "At " + on
}
