package lead

import (
	"strconv"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/signal"
)

// isAnswer tells whether the signal is a rep's answer.
func isAnswer(s signal.Signal) bool {
	return s.Type == signal.RepAccepted || s.Type == signal.RepRejected || s.Type == signal.RepContacted
}

// answer applies a rep's answer. An answer to another handoff than the current
// one, or after a final answer, changes nothing: the page said so to the rep.
func (d *draft) answer(s signal.Signal) {
	h := d.lead.Journey.Holder()
	if h == nil || s.Attributes[signal.AttrHandoff] != strconv.Itoa(h.Number) || s.Attributes[signal.AttrRep] != h.Rep {
		return
	}
	if s.Type == signal.RepAccepted {
		d.accept(h, s)
	}
	if s.Type == signal.RepContacted {
		d.contacted(h, s)
	}
	if s.Type == signal.RepRejected {
		d.reject(h, s)
	}
}

func (d *draft) accept(h *Handoff, s signal.Signal) {
	if h.Answer != AnswerNone {
		return
	}
	h.Answer, h.AnsweredAt = AnswerAccepted, s.ReceivedAt
	d.enter(Accepted)
	d.tell(contract.LeadAccepted, "Accepted by the holder", contract.Detail{Handoff: d.handoffRef()})
	d.meet(AcceptClock, s.ReceivedAt)
}

// contacted is the holder's word that they reached out; it implies acceptance.
func (d *draft) contacted(h *Handoff, s signal.Signal) {
	if h.Answer == AnswerContacted {
		return
	}
	d.accept(h, s)
	h.Answer = AnswerContacted
	d.enter(Contacted)
	d.tell(contract.LeadContacted, "The holder has contacted the lead", contract.Detail{Handoff: d.handoffRef()})
	d.meet(FirstContactClock, s.ReceivedAt)
}

func (d *draft) reject(h *Handoff, s signal.Signal) {
	if h.Answer != AnswerNone {
		return
	}
	h.Answer, h.AnsweredAt = AnswerRejected, s.ReceivedAt
	reason := s.Attributes[signal.AttrReason]
	d.tell(contract.LeadRejected, "Rejected by the holder", contract.Detail{Handoff: d.handoffRef(), Reason: reason})
	clock := contract.ClockRef{Kind: string(AcceptClock), Scope: string(HolderScope)}
	for _, c := range d.lead.Journey.Clocks {
		if c.Kind == AcceptClock && c.Handoff == h.Number {
			clock = *c.ref()
		}
	}
	d.stopHolderClocks()
	d.enter(Qualified)
	d.reassign(clock)
}
