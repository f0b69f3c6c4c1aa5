package lead

import (
	"slices"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Respond is the source of the signals by which a rep answers.
const Respond = "respond"

// isAnswer tells whether the signal is a rep's answer, or an order. Answers name
// the handoff that they are about, and orders that were heard are remembered, so
// that applying one twice changes nothing. Both come from our own pages: what
// somebody writes into a form that has a field called handoff is none.
func isAnswer(s signal.Signal) bool {
	return (s.Source == Respond && s.Attributes[signal.AttrHandoff] != "") || (s.Source == Operator && s.Type.Ordered())
}

// answer applies a rep's answer. An answer to another handoff than the current
// one, or after a final answer, changes nothing: the page said so to the rep.
func (d *draft) answer(s signal.Signal) {
	h := d.lead.Journey.Holder()
	if h == nil || s.Source != Respond || s.Attributes[signal.AttrHandoff] != strconv.Itoa(h.Number) || s.Attributes[signal.AttrRep] != h.Rep {
		return
	}
	switch s.Type { //nolint:exhaustive // The others are no answers.
	case signal.RepAccepted:
		d.accept(h, s)
	case signal.RepRejected:
		d.reject(h, s)
	default:
		if h.isNext(s) {
			h.note(s)
			d.answerAgain(h, s)
		}
	}
}

// isNext tells whether an answer that may be given several times is not one
// that was applied before.
func (h *Handoff) isNext(s signal.Signal) bool { return nth(s) >= h.Next[s.Type] }

// note takes note of an answer that was applied.
func (h *Handoff) note(s signal.Signal) {
	if h.Next == nil {
		h.Next = map[signal.Type]int{}
	}
	h.Next[s.Type] = nth(s) + 1
}

func nth(s signal.Signal) int {
	n, _ := strconv.Atoi(s.Attributes[signal.AttrNth]) // without one it is the first
	return n
}

// answerAgain applies an answer of which there may be several. All but a
// comment imply that the lead is accepted.
func (d *draft) answerAgain(h *Handoff, s signal.Signal) {
	if s.Type != signal.RepCommented {
		d.accept(h, s)
	}
	switch s.Type { //nolint:exhaustive // The others are no answers.
	case signal.RepContacted, signal.MeetingBooked: // the rest of a meeting is sell's
		h.Answer = AnswerContacted
		d.contact(attested(s), s.ReceivedAt, s.ReceivedAt)
		d.enterContacted()
	case signal.RepSnoozed:
		d.snooze(h, s)
	case signal.RepCommented:
		h.Comments++
		d.tell(contract.LeadCommented, "The holder left a comment", contract.Detail{Handoff: d.handoffRef()})
	case signal.RepFeedback:
		h.Outcome = s.Attributes[signal.AttrOutcome]
		d.tell(contract.LeadFeedback, "The holder said what became of it", contract.Detail{Handoff: d.handoffRef(), Outcome: h.Outcome})
		d.meet(FeedbackClock, s.ReceivedAt, s.ReceivedAt)
	}
}

func (d *draft) accept(h *Handoff, s signal.Signal) {
	if h.Answer != AnswerNone {
		return
	}
	h.Answer, h.AnsweredAt, h.Shares = AnswerAccepted, s.ReceivedAt, nil
	d.enter(Accepted)
	d.tell(contract.LeadAccepted, "Accepted by the holder", contract.Detail{Handoff: d.handoffRef()})
	d.meet(AcceptClock, s.ReceivedAt, s.ReceivedAt)
	d.heard(h)
	d.startClock(Clock{Kind: FeedbackClock, Scope: HolderScope}, d.core.policy.TierClocks(h.Tier).Feedback, s.ReceivedAt)
}

// attested is an act on the rep's own word. When it was is the rep's word, too:
// a clock is met by when we heard of it.
func attested(s signal.Signal) contract.ActRef {
	act := contract.ActRef{How: s.Attributes[signal.AttrHow], At: s.ReceivedAt, Word: "rep"}
	switch {
	case s.Type == signal.MeetingBooked:
		act.How = signal.HowMeeting
	case act.How == "":
		act.How = signal.HowMessage
	}
	if t, err := time.Parse(time.RFC3339, s.Attributes[signal.AttrWhen]); err == nil && t.Before(s.ReceivedAt) {
		act.At = t.UTC()
	}
	return act
}

// contact takes in an outbound act of a person: the first one is the first
// contact, every later one the next attempt. One from before the present
// holder was given the lead is the customer's gain, but no act of theirs; then
// contact returns false.
func (d *draft) contact(act contract.ActRef, received, happened time.Time) bool {
	d.lead.Journey.contacted(received)
	h := d.lead.Journey.Holder()
	if h == nil || (act.Word == "crm" && received.Before(h.Since)) {
		d.meet(FirstContactClock, received, happened, CustomerScope)
		d.outside(act)
		return false
	}
	h.Attempts++
	if h.Contact == nil {
		h.Contact = &act
	}
	if h.Answer == AnswerAccepted {
		h.Answer = AnswerContacted
	}
	word := "The holder says that they have contacted the lead"
	if act.Word == "crm" {
		word = "The CRM says that the lead was contacted"
	}
	d.tell(contract.LeadContacted, word, contract.Detail{Handoff: d.handoffRef(), Act: &act})
	d.meet(FirstContactClock, received, happened)
	d.meet(FollowUpClock, received, happened)
	d.followUp(h, received)
	return true
}

// enterContacted moves the lead to the stage of a first contact. Meetings have
// a stage of their own.
func (d *draft) enterContacted() {
	if reached := d.lead.Journey.Reached(); reached == HandedOff || reached == Accepted {
		d.enter(Contacted)
	}
}

// followUp starts the clock for the next attempt, while there is something to
// attempt.
func (d *draft) followUp(h *Handoff, from time.Time) {
	p := d.core.policy.TierClocks(h.Tier).FollowUp
	if h.Attempts > p.Attempts || d.lead.Journey.Process != "" {
		return
	}
	d.startClock(Clock{Kind: FollowUpClock, Scope: HolderScope, N: h.Attempts}, p, from)
}

// snooze pauses the clocks, within what the policy allows.
func (d *draft) snooze(h *Handoff, s signal.Signal) {
	p := d.core.policy.SLA.Pause
	until, err := time.Parse(time.RFC3339, s.Attributes[signal.AttrUntil])
	if err != nil || p.Most <= 0 || h.Pauses >= p.Times || !until.After(s.ReceivedAt) {
		return
	}
	if most := s.ReceivedAt.Add(time.Duration(p.Most)); until.After(most) {
		until = most
	}
	h.Pauses++
	d.pause(s.ReceivedAt, until.UTC(), s.Attributes[signal.AttrReason])
}

// rejection returns what the policy says about a reason. What it does not know
// goes to the next rep.
func (c *Core) rejection(id string) policy.Rejection {
	reasons := c.policy.Routing.Rejections.Reasons
	if i := slices.IndexFunc(reasons, func(r policy.Rejection) bool { return r.ID == id }); i >= 0 {
		return reasons[i]
	}
	return policy.Rejection{Then: policy.ThenNext}
}

func (d *draft) reject(h *Handoff, s signal.Signal) {
	if h.Answer != AnswerNone || !h.isNext(s) {
		return
	}
	state, ok := d.pool(h.Pool)
	if !ok {
		return
	}
	id := s.Attributes[signal.AttrReason]
	reason := d.core.rejection(id)
	cal := d.core.team(d.core.policy.Routing.Pools[h.Pool])
	day := dayOf(s.ReceivedAt, cal.Zone())
	if most := d.core.policy.Routing.Rejections.PerDay; most > 0 && state.Rejections(h.Rep, day) >= int64(most) {
		h.note(s) // heard again, on another day, it would be allowed
		d.escalate("the holder wants to give it back, and has rejected all that a day allows", nil, d.handoffRef())
		return
	}
	h.Answer, h.AnsweredAt = AnswerRejected, s.ReceivedAt
	h.GaveBack = append(h.GaveBack, h.Rep)
	d.lead.Journey.rejected(s.ReceivedAt, id)
	d.tell(contract.LeadRejected, "Rejected by the holder", contract.Detail{Handoff: d.handoffRef(), Reason: id})
	if reason.Replace {
		state = state.Replace(h.Rep, h.Counted, h.Since, h.Shares)
	}
	d.setPool(state.Reject(h.Rep, day))
	d.release(h)
	d.heard(h)
	clock := d.acceptRef(h)
	d.stopHolderClocks()
	d.enter(Qualified)
	d.after(reason, clock)
}

// acceptRef names the accept clock of a handoff, for what follows from it.
func (d *draft) acceptRef(h *Handoff) *contract.ClockRef {
	for _, c := range d.lead.Journey.Clocks {
		if c.Kind == AcceptClock && c.Handoff == h.Number {
			return c.ref()
		}
	}
	return &contract.ClockRef{Kind: string(AcceptClock), Scope: string(HolderScope)}
}

// after does what the policy says about a reason to reject. Of a lead whose
// deal is decided nothing is asked any more.
func (d *draft) after(reason policy.Rejection, clock *contract.ClockRef) {
	if d.lead.Journey.decided() {
		return
	}
	switch reason.Then {
	case policy.ThenManager:
		d.escalate("rejected: "+reason.Label, clock, d.handoffRef())
	case policy.ThenRecycle:
		d.recycle(reason.ID, d.now.AddDate(0, 0, reason.Days))
	case policy.ThenDisqualify:
		d.disqualify(reason.ID)
	case policy.ThenNext:
		d.passOn("rejected", clock, "")
	default:
		d.passOn("rejected", clock, reason.Then)
	}
}

func (d *draft) recycle(reason string, until time.Time) {
	d.leave(Recycled)
	d.lead.Journey.RecycledUntil = until
	d.tell(contract.LeadRecycled, "Back to nurture", contract.Detail{Handoff: d.handoffRef(), Reason: reason, Until: &until})
}

func (d *draft) disqualify(reason string) {
	d.leave(Disqualified)
	d.tell(contract.LeadDisqualified, "Disqualified: no lead for us", contract.Detail{Handoff: d.handoffRef(), Reason: reason})
}

// leave takes the lead out of sales' hands.
func (d *draft) leave(s Stage) {
	d.enter(s)
	d.release(d.lead.Journey.Handoff)
	d.unhold()
	d.lead.Journey.Suggested, d.lead.Journey.Incomplete = nil, nil
	d.stopClocks("the lead is with nobody any more", func(Clock) bool { return true })
}

// dayOf returns the beginning of the local day.
func dayOf(t time.Time, zone *time.Location) time.Time {
	y, m, day := t.In(zone).Date()
	return time.Date(y, m, day, 0, 0, 0, 0, zone)
}
