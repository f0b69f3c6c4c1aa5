package lead

import (
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// holdFor is how long a lead that nobody could receive waits for the next offer.
const holdFor = 10 * time.Minute

// advance moves the journey on by what the facts say now.
func (d *draft) advance(inputs []signal.Signal) {
	result, err := scoring.Evaluate(d.core.policy, d.lead.Facts, d.now)
	if err != nil && d.broken == nil {
		d.broken = err
	}
	j := &d.lead.Journey
	if d.isNew {
		d.enter(Known)
		d.tell(contract.LeadCreated, "First heard of", contract.Detail{})
	}
	if j.Reached() == Known && result.Engagement.Score >= d.core.policy.Journey.EngagedAt {
		d.enter(Engaged)
	}
	early := j.Reached() == Known || j.Reached() == Engaged
	if early && result.Qualification.Qualified && d.isNews(inputs) {
		d.enter(Qualified)
		d.tell(contract.LeadQualified, result.Qualification.Reason, contract.Detail{
			Reason: result.Qualification.Reason, Parts: explanation(result),
		})
		d.offer(result, received(inputs, d.now))
		return
	}
	if j.Reached() == Qualified && !j.HeldUntil.IsZero() && !d.now.Before(j.HeldUntil) {
		d.offer(result, j.StageAt[Qualified])
	}
}

// isNews tells whether any input happened recently enough to start a handoff.
func (d *draft) isNews(inputs []signal.Signal) bool {
	oldest := d.now.Add(-time.Duration(d.core.policy.Qualification.MaxAgeHours) * time.Hour)
	return slices.ContainsFunc(inputs, func(s signal.Signal) bool { return !s.OccurredAt.Before(oldest) })
}

// received returns when the last of the inputs was received: the moment from
// which the customer waits.
func received(inputs []signal.Signal, now time.Time) time.Time {
	if len(inputs) == 0 {
		return now
	}
	return inputs[len(inputs)-1].ReceivedAt
}

// explanation lists the parts of both scores, named by the score they add up to.
func explanation(r scoring.Result) []contract.Part {
	var parts []contract.Part
	for _, p := range r.Fit.Parts {
		parts = append(parts, contract.Part{Rule: "fit/" + p.Rule, Points: p.Points, Reason: p.Reason})
	}
	for _, p := range r.Engagement.Parts {
		parts = append(parts, contract.Part{Rule: "engagement/" + p.Rule, Points: p.Points, Reason: p.Reason})
	}
	return parts
}

// offer hands a qualified lead to the pool's next rep, or holds it.
func (d *draft) offer(r scoring.Result, since time.Time) {
	j := &d.lead.Journey
	h := Handoff{Number: 1, Reason: r.Qualification.Reason, Parts: explanation(r)}
	if j.Handoff != nil {
		h.Number, h.HadBy = j.Handoff.Number+1, j.Handoff.HadBy
	}
	if !d.assign(&h) {
		return
	}
	d.enter(HandedOff)
	d.tell(contract.LeadHandedOff, "Handed off: "+h.Reason, contract.Detail{
		Handoff: d.handoffRef(), Reason: h.Reason, Parts: h.Parts,
	})
	d.startClock(AcceptClock, HolderScope, d.core.policy.SLA.Accept, d.now, h.Number)
	d.startClock(FirstContactClock, CustomerScope, d.core.policy.SLA.FirstContact, since, h.Number)
}

// assign chooses the holder and makes h the current handoff. When nobody can
// receive the lead it is held and offered again later.
func (d *draft) assign(h *Handoff) bool {
	if d.pool == nil {
		d.needPool = d.core.policy.Routing.Pool
		return false
	}
	j := &d.lead.Journey
	pool := d.core.policy.Routing.Pools[d.core.policy.Routing.Pool]
	choice, ok := routing.Choose(pool, *d.pool, h.HadBy)
	if !ok {
		if j.HeldUntil.IsZero() {
			d.tell(contract.LeadHeld, "Held: nobody in the pool can receive it", contract.Detail{Reason: h.Reason})
		}
		j.HeldUntil = d.now.Add(holdFor)
		return false
	}
	state := choice.State
	if !d.poolUsed {
		state.Version = d.pool.Version + 1
	}
	d.pool, d.poolUsed = &state, true
	h.Pool, h.Rep, h.RepName = state.Name, choice.Rep.ID, choice.Rep.Name
	h.Since, h.Considered = d.now, choice.Considered
	h.HadBy = append(h.HadBy, choice.Rep.ID)
	j.Handoff, j.HeldUntil = h, time.Time{}
	return true
}

func (d *draft) handoffRef() *contract.HandoffRef {
	h := d.lead.Journey.Handoff
	if h == nil {
		return nil
	}
	return &contract.HandoffRef{Number: h.Number, Pool: h.Pool, Rep: h.Rep}
}

// reassign gives a rejected lead to a rep who has not had it, within the
// policy's number of reps, else to the manager.
func (d *draft) reassign(clock contract.ClockRef) {
	old := d.lead.Journey.Handoff
	next := Handoff{Number: old.Number + 1, Reason: old.Reason, Parts: old.Parts, HadBy: slices.Clone(old.HadBy)}
	if most := d.core.policy.Escalation.MaxReps; most > 0 && len(old.HadBy) >= most {
		d.escalate(fmt.Sprintf("%d reps have rejected the lead", len(old.HadBy)), "manager", clock)
		return
	}
	if !d.assign(&next) {
		if d.needPool == "" {
			d.escalate("nobody else can receive the rejected lead", "manager", clock)
		}
		return
	}
	d.enter(HandedOff)
	d.tell(contract.LeadReassigned, "Reassigned after a rejection", contract.Detail{
		Handoff: d.handoffRef(), Reason: next.Reason, Parts: next.Parts,
	})
	d.startClock(AcceptClock, HolderScope, d.core.policy.SLA.Accept, d.now, next.Number)
}
