package explain

import (
	"fmt"

	"github.com/handoff-oss/handoff/shared/policy"
)

func (w *writer) notifications(all []policy.Notification, operator, control policy.Person) {
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
		case "control":
			who = control.Name + ", who looks after the existing process"
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
		out[i] = map[string]string{"slack": "Slack", "teams": "Teams", "email": "e-mail"}[n]
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
		"lead.held": "a lead is ready and nobody can receive it", "lead.incomplete": "a lead is ready and lacks what sales needs", "lead.accepted": "a lead is accepted", "lead.rejected": "a lead is rejected",
		"lead.contacted": "somebody has talked to the customer", "lead.reassigned": "a lead goes to the next rep",
		"lead.escalated":     "a promise was broken and is escalated",
		"lead.stage_changed": "a meeting or a deal moves a lead", "clock.started": "a clock starts", "clock.warned": "a deadline is near",
		"clock.breached": "a deadline has passed", "clock.met": "a promise is kept", "clock.stopped": "a clock stops",
		"clock.corrected": "a deadline turns out to have been kept", "clock.late": "what was promised comes late",
		"clock.paused": "a clock pauses", "clock.resumed": "a clock goes on", "clock.moved": "hours or a leave move a deadline",
		"lead.recycled": "a lead goes back to nurture", "lead.disqualified": "a lead turns out to be none", "lead.active_again": "a lead that somebody has shows interest again",
		"lead.commented": "a rep comments on a lead", "lead.feedback": "a rep says what became of a lead", "lead.taken_back": "somebody in charge takes a lead from its holder",
		"lead.reminded": "somebody in charge reminds the holder of a lead", "lead.merged": "two leads turn out to be one person", "lead.split": "somebody takes it back that two leads are one person", "lead.erased": "a person is erased", "order.ignored": "an order of somebody in charge changes nothing", "rep.offline": "a rep missed too many deadlines in a row",
		"lead.enrolled": "a lead is enrolled in an arm of the rollout", "lead.shadowed": "a lead would have been handed off",
		"lead.suggested": "a manager is to confirm a handoff", "lead.control_routed": "a lead is left to the existing process",
		"source.silent": "nothing comes from a source, although it usually would", "source.failing": "a source's webhooks fail more than usual",
		"source.drifted": "a source's events lose fields", "source.recovered": "a source is as usual again",
		"rollout.promoted": "the next phase of the rollout begins", "rollout.held": "the rollout is held or pauses", "rollout.resumed": "the rollout runs again",
		"rollout.rolled_back": "the rollout is rolled back", "rollout.approval_needed": "somebody has to decide about the rollout",
	}
	if w, ok := words[on]; ok {
		return "When " + w
	}
	return "At " + on
}
