package outbound

import (
	"fmt"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
)

// isCurrent tells whether the event is about the handoff that the lead is in.
func (v view) isCurrent() bool {
	h := v.Lead.Journey.Handoff
	return h != nil && v.Event.Detail.Handoff != nil && h.Number == v.Event.Detail.Handoff.Number && !v.isPart()
}

// isPart tells whether the event is about a lead that has become part of
// another one, which is the one that was read.
func (v view) isPart() bool { return v.Event.Lead != string(v.Lead.Key) }

// holder names the rep of the event's handoff.
func (v view) holder() string {
	ref := v.Event.Detail.Handoff
	if ref == nil {
		return "nobody"
	}
	if r, _ := v.Policy.Routing.Pools[ref.Pool].Rep(ref.Rep); r.Name != "" {
		return clean(r.Name, mostName)
	}
	if v.isCurrent() && v.Lead.Journey.Handoff.RepName != "" {
		return clean(v.Lead.Journey.Handoff.RepName, mostName)
	}
	return clean(ref.Rep, mostName)
}

// headline returns the subject and the sentences below it.
func (v view) headline() (subject, intro string) {
	say, ok := map[contract.EventType]func(person, holder string) (string, string){
		contract.LeadHandedOff:    v.assignment,
		contract.LeadReassigned:   v.assignment,
		contract.LeadHeld:         v.hold,
		contract.LeadIncomplete:   v.incomplete,
		contract.LeadEscalated:    v.escalation,
		contract.LeadActiveAgain:  v.activity,
		contract.LeadAccepted:     v.answer,
		contract.LeadRejected:     v.answer,
		contract.LeadContacted:    v.answer,
		contract.LeadCommented:    v.answer,
		contract.LeadFeedback:     v.answer,
		contract.LeadRecycled:     v.exit,
		contract.LeadDisqualified: v.exit,
		contract.LeadTakenBack:    v.takenBack,
		contract.LeadReminded:     v.reminder,
		contract.LeadMerged:       v.merged,
		contract.LeadErased:       v.erased,
		contract.OrderIgnored:     v.ignored,
		contract.LeadStageChanged: v.progress,
		contract.RepOffline:       v.offline,

		contract.LeadSuggested:     v.suggestion,
		contract.LeadControlRouted: v.existing,

		contract.ClockStarted:   v.clock,
		contract.ClockWarned:    v.deadline,
		contract.ClockBreached:  v.deadline,
		contract.ClockMet:       v.clock,
		contract.ClockStopped:   v.clock,
		contract.ClockCorrected: v.clock,
		contract.ClockPaused:    v.clock,
		contract.ClockResumed:   v.clock,
		contract.ClockMoved:     v.clock,
		contract.ClockLate:      v.clock,
	}[v.Event.Type]
	if !ok {
		return fmt.Sprintf("%s: %s", event(v.Event.Type), v.person()), v.Event.Summary
	}
	return say(v.person(), v.holder())
}

// event says the name of an event in words.
func event(t contract.EventType) string {
	return capital(strings.NewReplacer(".", " ", "_", " ").Replace(string(t)))
}

// progress tells of a stage that a meeting or a deal made, or that was taken
// back.
func (v view) progress(person, _ string) (subject, intro string) {
	stage := map[lead.Stage]string{
		lead.Meeting: "Meeting booked", lead.Opportunity: "Opportunity", lead.Won: "Won", lead.Lost: "Lost",
	}[lead.Stage(v.Event.Detail.Stage)]
	if stage == "" {
		stage = "Back to " + words(v.Event.Detail.Stage)
	}
	intro = sentence(v.Event.Summary)
	if r := clean(v.Event.Detail.Reason, mostName); r != "" && !strings.Contains(intro, r) {
		intro += " " + sentence(r)
	}
	return stage + ": " + person, intro
}

// hold tells a manager that nobody can take a lead, and whether that is over.
func (v view) hold(person, _ string) (subject, intro string) {
	if v.isHeldBack() {
		return v.holdBack(person)
	}
	subject = "Nobody can take a lead now: " + person
	before := "The lead qualified"
	if h := v.Lead.Journey.Handoff; h != nil && v.Lead.Journey.Held != nil && v.Lead.Journey.Holder() == nil {
		before = clean(h.RepName, mostName) + " has rejected the lead"
		if !h.TakenAt.IsZero() {
			before = "The lead was taken back from " + clean(h.RepName, mostName)
		}
	}
	if v.Lead.Journey.Held == nil {
		return "No longer waiting: " + person, "Nobody could take this lead for a while. Nothing is asked of you."
	}
	return subject, before + ", and nobody can receive it at the moment. It is offered again by itself, and goes to the first who can."
}

// assignment tells a rep of a lead, unless it has moved on before the message
// could be sent.
func (v view) assignment(person, holder string) (subject, intro string) {
	if !v.isCurrent() || v.Lead.Journey.Holder() == nil {
		return fmt.Sprintf("Lead no longer with %s: %s", holder, person),
			fmt.Sprintf("%s, this lead was given to you and has moved on since. Nothing is asked of you.", holder)
	}
	ask := ""
	if v.Lead.Journey.Handoff.Answer == lead.AnswerNone {
		ask = " Please accept or reject it."
	}
	if v.Event.Type == contract.LeadHandedOff {
		return fmt.Sprintf("New lead for %s: %s", holder, person), fmt.Sprintf("%s, this lead is yours.%s", holder, ask)
	}
	why := ""
	if r := clean(v.Event.Detail.Reason, mostValue); r != "" {
		why = " It was passed on: " + ended(r)
		if v.Event.Detail.By != "" {
			why = fmt.Sprintf(" %s passed it on: %s", v.by(), ended(r))
		}
	}
	return fmt.Sprintf("Lead passed on to %s: %s", holder, person), fmt.Sprintf("%s, this lead is yours now.%s%s", holder, why, ask)
}

// activity tells the holder that their lead shows interest again.
func (v view) activity(person, holder string) (subject, intro string) {
	return "Active again: " + person,
		fmt.Sprintf("%s, a lead of yours has become active again: %s", holder, ended(clean(v.Event.Detail.Reason, mostValue)))
}

// answer tells what the holder said.
func (v view) answer(person, holder string) (subject, intro string) {
	d := v.Event.Detail
	switch v.Event.Type { //nolint:exhaustive // The others are no answers.
	case contract.LeadAccepted:
		return fmt.Sprintf("Accepted by %s: %s", holder, person), holder + " has accepted the lead."
	case contract.LeadRejected:
		return fmt.Sprintf("Rejected by %s: %s", holder, person),
			fmt.Sprintf("%s has rejected the lead: %s", holder, sentence(v.reason(d.Reason)))
	case contract.LeadCommented:
		return fmt.Sprintf("Comment by %s: %s", holder, person), holder + " has left a comment. It stands on the lead's page."
	case contract.LeadFeedback:
		return fmt.Sprintf("Feedback by %s (%s): %s", holder, words(d.Outcome), person),
			fmt.Sprintf("%s says what became of the lead: %s.", holder, words(d.Outcome))
	}
	if d.Handoff == nil {
		return "Contacted: " + person, v.contact("Somebody")
	}
	return fmt.Sprintf("Contacted by %s: %s", holder, person), v.contact(holder)
}

// contact says how the lead was contacted, when, and on whose word.
func (v view) contact(holder string) string {
	a := v.Event.Detail.Act
	switch {
	case a == nil:
		return holder + " has contacted the lead."
	case a.Word == "crm":
		return fmt.Sprintf("%s has contacted the lead (%s, %s), as %s says.", holder, words(a.How), v.time(a.At), clean(a.Source, mostName))
	}
	return fmt.Sprintf("%s says that they have contacted the lead (%s, %s).", holder, words(a.How), v.time(a.At))
}

// exit tells that a lead has left sales' hands, and why.
func (v view) exit(person, holder string) (subject, intro string) {
	d := v.Event.Detail
	if d.Handoff != nil {
		intro = "It was with " + holder + ". "
	}
	switch {
	case d.By != "":
		intro += v.by() + " decided so" + v.because()
	case d.Reason != "":
		intro += "The reason: " + sentence(v.reason(d.Reason))
	}
	if v.Event.Type == contract.LeadDisqualified {
		return "No lead for us: " + person, strings.TrimSpace("The lead is disqualified for good. " + intro)
	}
	if d.Until != nil {
		intro += " It may qualify again from " + v.time(*d.Until) + "."
	}
	return "Back to nurture: " + person, strings.TrimSpace("The lead has gone back to marketing. " + strings.TrimSpace(intro))
}

// offline tells a manager that a rep was taken out of the rotation.
func (v view) offline(person, holder string) (subject, intro string) {
	return holder + " receives nothing new",
		fmt.Sprintf("%s was set offline: %s The last of these leads is %s. New leads go to others until somebody switches %s on again.",
			holder, ended(clean(v.Event.Detail.Reason, mostValue)), person, holder)
}

// escalation says who did not do what, or what a manager has to decide.
func (v view) escalation(person, holder string) (subject, intro string) {
	d := v.Event.Detail
	reason := clean(d.Reason, mostValue)
	late := strings.Contains(reason, reasonLate)
	if c := d.Clock; c == nil || c.DueAt.IsZero() || !late && !strings.Contains(reason, reasonEarly) {
		return v.decision(person, holder, reason)
	}
	c := *d.Clock
	switch {
	case !late:
		subject = fmt.Sprintf("Not there yet (%s): %s", duty(c), person)
		intro = fmt.Sprintf("%s has not reported it yet: %s is due by %s.", holder, duty(c), v.time(c.DueAt))
	case lead.ClockKind(c.Kind) == lead.AcceptClock:
		subject = fmt.Sprintf("Not answered by %s: %s", holder, person)
		intro = fmt.Sprintf("%s neither accepted nor rejected this lead. It was due by %s.", holder, v.time(c.DueAt))
	case d.Handoff == nil:
		subject = fmt.Sprintf("Missed (%s): %s", duty(c), person)
		intro = fmt.Sprintf("Nobody has the lead: %s was due by %s.", duty(c), v.time(c.DueAt))
	case lead.ClockScope(c.Scope) == lead.CustomerScope: // it may have been missed before they had the lead
		subject, intro = v.brokenPromise(c, person, holder)
	default:
		subject = fmt.Sprintf("Missed by %s (%s): %s", holder, duty(c), person)
		intro = fmt.Sprintf("%s did not report the %s. It was due by %s.", holder, duty(c), v.time(c.DueAt))
	}
	switch {
	case strings.Contains(reason, "nobody else"):
		subject = stays + subject
		intro += " Nobody else can take the lead, so it stays where it is."
	case strings.Contains(reason, reasonOften):
		subject = stays + subject
		intro += " As many reps had it as may, so it goes to nobody else by itself. Please decide what becomes of it."
	}
	return subject, intro
}

// stays begins the subject of an escalation that moves nothing: the manager has
// read the rest of it when the deadline passed.
const stays = "Stays where it is: "

// What the core's reasons say when a clock explains an escalation. All others
// are for a manager to decide: the lead was given back, and the clock that the
// event names has ended with that.
const (
	reasonEarly = "is not there yet"
	reasonLate  = "did not come in time"
	reasonOften = "reps had the lead"
)

// decision asks a manager what becomes of a lead, until something has.
func (v view) decision(person, holder, reason string) (subject, intro string) {
	intro = fmt.Sprintf("%s It was last with %s.", sentence(reason), holder)
	j := v.Lead.Journey
	over := slices.Contains([]lead.Stage{lead.Recycled, lead.Disqualified, lead.Won, lead.Lost}, j.Stage)
	if !v.isCurrent() || j.Held != nil || over {
		return "Decided: " + person, intro + " Nothing is asked of you any more."
	}
	return "Needs your decision: " + person, intro + " Please decide what becomes of it: name another owner in the CRM, or have it given on with handoffctl lead give."
}

// reason is the label of a reason by its id.
func (v view) reason(id string) string {
	var all []policy.Option
	for _, r := range v.Policy.Routing.Rejections.Reasons {
		all = append(all, r.Option)
	}
	all = append(all, v.Policy.SLA.Pause.Reasons...)
	if i := slices.IndexFunc(all, func(o policy.Option) bool { return o.ID == id }); i >= 0 && all[i].Label != "" {
		return clean(all[i].Label, mostValue)
	}
	return words(id)
}

// words writes an id as words.
func words(id string) string { return strings.ReplaceAll(clean(id, mostName), "_", " ") }

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return capital(ended(s))
}

func ended(s string) string { return strings.TrimRight(s, ".") + "." }
