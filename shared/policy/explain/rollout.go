package explain

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// rollout says to which leads all of it applies.
func (w *writer) rollout(p *policy.Policy) {
	r := p.Rollout
	w.heading("Rollout: to whom this applies")
	if r.Everybody() {
		w.paragraph("To every lead, at once and by itself.")
		return
	}
	unit := map[string]string{
		policy.UnitAccount: "Companies are drawn as a whole, so that colleagues are treated alike; a lead of none is drawn by itself.",
		policy.UnitLead:    "Leads are drawn one by one.",
		policy.UnitRep:     "Reps are drawn: a lead is in when the rep is whom the rules would choose.",
		policy.UnitTeam:    "Pools are drawn: a lead is in when the pool is that the rules would try first.",
	}[r.Unit]
	w.paragraph("To some leads first, and to more in each phase. %s Who is in stays in when a later phase takes more. A lead is enrolled when it first qualifies. The others follow the existing process: they are scored and measured, but not handed off, and no deadline runs.", unit)
	for i := range r.Phases {
		w.phase(r, i)
	}
	if r.ConfirmWithin > 0 {
		w.paragraph("A handoff that nobody confirms within %s of the pool's hours is left to the existing process; the manager is reminded halfway.", r.ConfirmWithin)
	}
	if who := r.Control.Notify; who.Name != "" {
		w.paragraph("%s looks after the existing process.", who.Name)
	}
}

func (w *writer) phase(r policy.Rollout, i int) {
	p := r.Phases[i]
	does := map[rollout.Mode]string{
		rollout.Shadow:  "it is noted whom each lead would have gone to, and nobody is told",
		rollout.Suggest: "a manager confirms each handoff",
		rollout.Auto:    "leads are handed off by themselves",
	}[p.Mode]
	who := "all of them"
	switch {
	case p.Share == 0:
		who, does = "none of them", "so that the existing process is measured by itself"
	case p.Share < 100:
		who = percent(p.Share) + " of them"
	}
	w.paragraph("%d. %s: for %s, %s.", i+1, upperFirst(strings.ReplaceAll(p.Name, "_", " ")), who, does)
	if p.Start != "" {
		w.item("it begins on %s at the earliest", p.Start)
	}
	for _, s := range p.Segments {
		w.rule("only for leads of the kind "+strings.ReplaceAll(s.Name, "_", " "), s.When)
	}
	if p.LeastDays > 0 {
		w.item("it takes %s at least", plural(p.LeastDays, "day"))
	}
	w.ending(r, i)
	switch p.Approve {
	case "":
	case policy.ApproveOperator:
		w.item("the operator has to agree to the next phase")
	case policy.ApproveManager:
		w.item("a manager has to agree to the next phase")
	default:
		w.item("%s has to agree to the next phase", p.Approve)
	}
}

// ending says what the numbers of a phase decide, and when a person is asked.
func (w *writer) ending(r policy.Rollout, i int) {
	p, last := r.Phases[i], i == len(r.Phases)-1
	judged := r.Judged(p, time.Time{})
	if !judged.Asked(p.Mode) {
		if !last {
			w.item("no number ends it: then a person is asked")
		}
		return
	}
	if p.MostDays > 0 {
		w.item("a person is asked after %s, if nothing is decided by then", plural(p.MostDays, "day"))
	}
	for _, g := range p.Gates {
		w.item("%s", gate(g))
	}
	least := map[int][]string{}
	for _, g := range judged.Gates {
		least[g.Minimum] = append(least[g.Minimum], strings.ReplaceAll(g.Outcome, "_", " "))
	}
	for _, n := range slices.Sorted(maps.Keys(least)) {
		what := "no number"
		if len(least) > 1 {
			what = "nothing of " + strings.Join(slices.Compact(slices.Sorted(slices.Values(least[n]))), " and ")
		}
		w.item("%s says anything before %d units on each side are old enough", what, n)
	}
}

// gate puts what the numbers have to say in words.
func gate(g policy.Gate) string {
	line, word := g.AtLeast, "at least"
	if line == nil {
		line, word = g.AtMost, "at most"
	}
	if line == nil {
		return g.Outcome
	}
	o, _ := funnel.Find(g.Outcome) // what there is not was found when the policy was checked
	amount := percent(*line)
	if o.Measure == rollout.Mean {
		amount = number(*line) + " " + o.In
	}
	if g.Than == rollout.Control {
		amount = "control " + signed(*line)
		if o.Measure == rollout.Share {
			amount += " points"
		}
	}
	what := strings.ReplaceAll(g.Outcome, "_", " ")
	if g.Kind == rollout.Guardrail {
		return fmt.Sprintf("it is rolled back at once when %s is proven not to be %s %s", what, word, amount)
	}
	return fmt.Sprintf("the next phase begins once %s is proven to be %s %s", what, word, amount)
}

func percent(x float64) string { return number(x) + " %" }

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

func signed(x float64) string {
	if x < 0 {
		return "- " + number(-x)
	}
	return "+ " + number(x)
}
