package check

import (
	"fmt"
	"slices"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
)

func (c *checker) channels(path string, n policy.Notification) {
	for i, ch := range n.Channels {
		where := fmt.Sprintf("%s.channels[%d]", path, i)
		switch {
		case n.To == "system" && ch != "webhook":
			c.meaning(where, "the system is told by webhook alone; add a line for the people, such as to: manager")
		case n.To != "system" && ch == "webhook":
			c.meaning(where, "people are told by slack, teams and email; add a line with to: system for the webhook")
		}
	}
}

// receiver finds somebody who has nothing to do with the event.
func (c *checker) receiver(path string, n policy.Notification, p *policy.Policy) {
	source := contract.EventType(n.On).AboutSource()
	switch {
	case source && n.To == "holder":
		c.meaning(path, "nobody holds a source; put operator, manager or system")
	case contract.EventType(n.On).AboutRollout() && (n.To == "holder" || n.To == "control"):
		c.meaning(path, "the rollout belongs to no lead; put operator, manager or system")
	case source && n.To == "control":
		c.meaning(path, "a source belongs to no lead; put operator, manager or system")
	case unheld(contract.EventType(n.On)) && n.To == "holder":
		c.meaning(path, "nobody holds the lead then; put manager, control or system")
	case n.To == "control" && p.Rollout.Control.Notify.Email == "":
		c.meaning(path, "nobody looks after the existing process; add notify: { name: …, email: … } to rollout.control, or remove this line")
	case contract.EventType(n.On).AboutLead() && n.On != string(contract.LeadIncomplete) && n.To == "operator":
		c.meaning(path, "the operator is told of sources, the rollout and lead.incomplete alone; put holder, manager or system")
	case n.To == "operator" && p.Operator.Email == "":
		c.meaning(path, "there is no operator; add operator: { name: …, email: … } to the policy, or remove this line")
	}
}

// unheld tells the events at which a lead has no holder.
func unheld(t contract.EventType) bool {
	switch t { //nolint:exhaustive // All others may have one.
	case contract.LeadIncomplete, contract.LeadEnrolled, contract.LeadShadowed, contract.LeadSuggested, contract.LeadControlRouted:
		return true
	}
	return false
}

// lintNotifications finds what is said twice, and what nobody hears.
func (c *checker) lintNotifications(p *policy.Policy) {
	told := map[string]int{}
	for i, n := range p.Notifications {
		for j, ch := range n.Channels {
			key := n.On + " " + n.To + " " + ch
			if earlier, ok := told[key]; ok {
				c.warn(fmt.Sprintf("notifications[%d].channels[%d]", i, j), "line %d says the same; remove one", c.places.line(fmt.Sprintf("notifications[%d]", earlier)))
				continue
			}
			told[key] = i
		}
	}
	heard := func(on contract.EventType, to string) bool {
		return slices.ContainsFunc([]string{"slack", "teams", "email"}, func(ch string) bool {
			_, ok := told[string(on)+" "+to+" "+ch]
			return ok
		})
	}
	for _, need := range needs(p) {
		if need.needed && !heard(need.on, need.to) {
			c.warn("notifications", "%s; add { on: %s, to: %s, channels: [slack, email] }", need.what, need.on, need.to)
		}
	}
	if asks(p.Completeness) && !heard(contract.LeadIncomplete, "manager") && !heard(contract.LeadIncomplete, "operator") {
		c.warn("notifications", "nobody is told of a lead that lacks what sales needs; add { on: lead.incomplete, to: manager, channels: [slack, email] }")
	}
	if !slices.ContainsFunc(p.Notifications, func(n policy.Notification) bool { return n.On == string(contract.SourceSilent) }) {
		c.warn("notifications", "nobody is told when a source falls silent; add { on: source.silent, to: operator, channels: [slack, email] }, and an operator")
	}
}

// need is something that a person has to hear of, and what is wrong otherwise.
type need struct {
	needed bool
	on     contract.EventType
	to     string
	what   string
}

func needs(p *policy.Policy) []need {
	does := map[string]bool{}
	for _, l := range laddersOf(p.Escalation) {
		for _, s := range l.steps {
			does[s.Do] = true
		}
	}
	for _, r := range p.Routing.Rejections.Reasons {
		does[policy.DoManager] = does[policy.DoManager] || r.Then == policy.ThenManager
	}
	passedOn := p.Escalation.MaxReps > 1 || does[policy.DoFallback]
	return []need{
		{true, contract.LeadHandedOff, "holder", "no rep is told of a new lead"},
		{passedOn, contract.LeadReassigned, "holder", "no rep is told of a lead that another one had"},
		{true, contract.LeadHeld, "manager", "nobody is told of a lead that nobody can receive"},
		{does[policy.DoRemind], contract.ClockWarned, "holder", "no rep hears of the reminders that escalation asks for"},
		{does[policy.DoManager], contract.LeadEscalated, "manager", "no manager is told of an escalation"},
		{p.Escalation.OfflineAfter > 0, contract.RepOffline, "manager", "no manager is told of a rep who is set offline"},
		{true, contract.LeadTakenBack, "holder", "no rep is told that somebody in charge took a lead from them"},
		{true, contract.LeadReminded, "holder", "no rep hears of it when somebody in charge reminds them of a lead"},
		{p.Journey.ActiveAgain.Points > 0, contract.LeadActiveAgain, "holder", "no rep is told that a lead is active again"},
	}
}
