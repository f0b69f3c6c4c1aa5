package lead

import (
	"fmt"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
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
		d.tell(contract.LeadCreated, "Heard of for the first time", contract.Detail{})
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
		d.offer(result, d.waiting(inputs, result.Qualification.Request))
		return
	}
	if j.Reached() == Qualified && !j.HeldUntil.IsZero() && !d.now.Before(j.HeldUntil) {
		d.offer(result, j.StageAt[Qualified])
	}
}

// isNews tells whether any input was recent enough when it was received to
// start a handoff. What waited for us since is no old news.
func (d *draft) isNews(inputs []signal.Signal) bool {
	most := time.Duration(d.core.policy.Qualification.MaxAgeHours) * time.Hour
	return slices.ContainsFunc(inputs, func(s signal.Signal) bool { return s.ReceivedAt.Sub(s.OccurredAt) <= most })
}

// waiting returns from when the customer waits: the receipt of the first of the
// inputs that makes the request, else of the last one. How a backlog is cut
// into batches must not shorten the wait.
func (d *draft) waiting(inputs []signal.Signal, request string) time.Time {
	for _, s := range inputs {
		hits, _ := d.core.policy.RequestHits(s) // the fold has told of what fails
		if slices.ContainsFunc(hits, func(i int) bool { return d.core.policy.Qualification.Requests[i].Name == request }) {
			return s.ReceivedAt
		}
	}
	if len(inputs) == 0 {
		return d.now
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
	if j.Held != nil { // what the scores have become meanwhile is not why it qualified
		h.Reason, h.Parts = j.Held.Reason, j.Held.Parts
		if !j.Held.Since.IsZero() {
			since = j.Held.Since
		}
	}
	if j.Handoff != nil {
		h.Number, h.HadBy = j.Handoff.Number+1, j.Handoff.HadBy
	}
	h.Since = since
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
		d.hold(h, pool)
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
	j.Handoff, j.HeldUntil, j.Held = h, time.Time{}, nil
	return true
}

// hold keeps a handoff that nobody can receive, to be offered again later. When
// everybody in the pool has had the lead there is nobody to wait for: it is
// the manager's.
func (d *draft) hold(h *Handoff, pool policy.Pool) {
	j := &d.lead.Journey
	if len(h.HadBy) > 0 && !slices.ContainsFunc(pool.Reps, func(r policy.Rep) bool { return !slices.Contains(h.HadBy, r.ID) }) {
		j.HeldUntil, j.Held = time.Time{}, nil
		return
	}
	if j.HeldUntil.IsZero() {
		d.tell(contract.LeadHeld, "Held: nobody in the pool can receive it", contract.Detail{Reason: h.Reason})
	}
	j.HeldUntil, j.Held = d.now.Add(holdFor), h
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
		d.escalate(fmt.Sprintf("%d reps have rejected the lead", len(old.HadBy)), "manager", clock, d.handoffRef())
		return
	}
	if !d.assign(&next) {
		if d.needPool == "" {
			d.escalate("nobody else can receive the rejected lead", "manager", clock, d.handoffRef())
		}
		return
	}
	d.enter(HandedOff)
	d.tell(contract.LeadReassigned, "Reassigned after a rejection", contract.Detail{
		Handoff: d.handoffRef(), Reason: next.Reason, Parts: next.Parts,
	})
	d.startClock(AcceptClock, HolderScope, d.core.policy.SLA.Accept, d.now, next.Number)
}
