package lead

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// advance moves the journey on by what the facts say now.
func (d *draft) advance(inputs []signal.Signal, offered bool) {
	result, err := scoring.Evaluate(d.core.policy, d.lead.Facts, d.now)
	d.fail(err)
	j := &d.lead.Journey
	d.created(allQuiet(inputs))
	if j.Reached() == Known && result.Engagement.Score >= d.core.policy.Journey.EngagedAt {
		d.enter(Engaged)
	}
	anew := d.anew(result)
	switch {
	case d.mayQualify(inputs, result) && result.Qualification.Qualified && (anew || d.isNews(inputs)):
		d.enter(Qualified)
		j.RecycledUntil = time.Time{}
		d.tell(contract.LeadQualified, result.Qualification.Reason, contract.Detail{
			Reason: result.Qualification.Reason, Parts: explanation(result),
		})
		d.qualify(result, inputs)
	case j.Incomplete != nil:
		d.complete()
	case j.Held != nil && !j.Held.Until.IsZero() && !j.Held.onHold(d.now):
		d.endHold()
	case offered && j.Held != nil:
		d.offerHeld()
	}
	d.near(result)
}

// created tells of a lead that nobody has heard of; quietly when it is of
// imported history alone.
func (d *draft) created(quiet bool) {
	if d.isNew {
		d.enter(Known)
		d.tell(contract.LeadCreated, "Heard of for the first time", contract.Detail{Quiet: quiet})
	}
}

// mayQualify tells whether the lead is where a qualification leads on: before
// it, or back from sales for long enough. Who asks for sales again is heard
// at once.
func (d *draft) mayQualify(inputs []signal.Signal, r scoring.Result) bool {
	j := d.lead.Journey
	switch j.Reached() { //nolint:exhaustive // The others are past it.
	case Known, Engaged:
		return true
	case Recycled:
		return !d.now.Before(j.RecycledUntil) || d.asks(inputs, r.Qualification.Request) != nil
	}
	return false
}

// isNews tells whether any input was recent enough when it was received to
// start a handoff. What waited for us since is no old news; what one of us said
// is none of the lead's, and what was imported is history, of whatever day.
func (d *draft) isNews(inputs []signal.Signal) bool {
	most := time.Duration(d.core.policy.Qualification.MaxAgeHours) * time.Hour
	return slices.ContainsFunc(inputs, func(s signal.Signal) bool { return !isAnswer(s) && !s.Quiet && s.ReceivedAt.Sub(s.OccurredAt) <= most })
}

// allQuiet tells whether the inputs are history alone.
func allQuiet(inputs []signal.Signal) bool {
	return len(inputs) > 0 && !slices.ContainsFunc(inputs, func(s signal.Signal) bool { return !s.Quiet })
}

// loudest returns the last of the inputs that is not imported history.
func loudest(inputs []signal.Signal) *signal.Signal {
	for i := len(inputs) - 1; i > 0; i-- {
		if !inputs[i].Quiet {
			return &inputs[i]
		}
	}
	return &inputs[0]
}

// asks returns the first of the inputs that makes the request, nil when none does.
func (d *draft) asks(inputs []signal.Signal, request string) *signal.Signal {
	for i, s := range inputs {
		if s.Quiet {
			continue
		}
		hits, _ := d.core.policy.RequestHits(s) // the fold has told of what fails
		if slices.ContainsFunc(hits, func(i int) bool { return d.core.policy.Qualification.Requests[i].Name == request }) {
			return &inputs[i]
		}
	}
	return nil
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

// qualify decides about a lead that has just qualified. The customer waits since the
// receipt of the first of the inputs that makes the request, else of the last
// one: how a backlog is cut into batches must not shorten the wait.
func (d *draft) qualify(r scoring.Result, inputs []signal.Signal) {
	cause := d.asks(inputs, r.Qualification.Request)
	switch {
	case cause != nil:
	case len(inputs) == 0: // it is decided anew, by a person's word
		cause = &signal.Signal{Source: d.lead.Facts.Origin.Source(), ReceivedAt: d.now}
	default:
		cause = loudest(inputs)
	}
	h := &Handoff{
		Number: 1, Reason: r.Qualification.Reason, Parts: explanation(r), Waits: cause.ReceivedAt,
		Source: cause.Source, Request: r.Qualification.Request,
	}
	if old := d.lead.Journey.Handoff; old != nil {
		h.Number, h.HadBy = old.Number+1, slices.Clone(old.HadBy)
	}
	company, _ := d.company()
	tier, err := d.core.policy.Tier(d.env(h, company.Account))
	d.fail(err)
	h.Tier = tier
	d.admit(h)
}

// offer hands a qualified lead to whom the rules choose, or holds it.
func (d *draft) offer(h *Handoff) {
	r := d.find(h, "")
	if !r.found {
		d.hold(h, r)
		return
	}
	told, summary := d.transfer(h)
	d.assign(h, r)
	d.tell(told, summary+h.Reason, contract.Detail{Handoff: d.handoffRef(), Reason: h.Reason, Parts: h.Parts})
	d.startHolderClocks(h, r.choice.From)
}

// transfer says what giving a lead to somebody is: its handoff, or another one
// when somebody had it already since it qualified.
func (d *draft) transfer(h *Handoff) (told contract.EventType, summary string) {
	if old := d.lead.Journey.Handoff; old != nil && old.Waits.Equal(h.Waits) {
		return contract.LeadReassigned, "Reassigned: "
	}
	return contract.LeadHandedOff, "Handed off: "
}

func (d *draft) fail(err error) {
	if err != nil && d.broken == nil {
		d.broken = err
	}
}

// startHolderClocks starts what the holder owes, from when their time counts.
func (d *draft) startHolderClocks(h *Handoff, from time.Time) {
	clocks := d.core.policy.TierClocks(h.Tier)
	d.startClock(Clock{Kind: AcceptClock, Scope: HolderScope}, clocks.Accept, from)
	d.startClock(Clock{Kind: FirstContactClock, Scope: HolderScope}, clocks.FirstContact, from)
}

// assign makes h the current handoff, held by whom the rules chose.
func (d *draft) assign(h *Handoff, r found) {
	d.setPool(r.choice.State)
	d.unhold()
	h.Pool, h.Rep, h.RepName, h.By = r.pool, r.choice.Rep.ID, r.choice.Rep.Name, r.by
	h.Since, h.Counted, h.Shares, h.Log = d.now, r.choice.Counted, r.choice.Shares, d.lead.Version+1
	h.HadBy = append(h.HadBy, h.Rep)
	h.Answer, h.AnsweredAt = AnswerNone, time.Time{}
	h.Until, h.TakenAt, h.Reminded = time.Time{}, time.Time{}, time.Time{}
	h.Contact, h.Attempts, h.Pauses, h.Comments, h.Outcome, h.Next = nil, 0, 0, 0, "", nil
	d.lead.Journey.Handoff, d.lead.Journey.Dropped, d.lead.Journey.Suggested, d.lead.Journey.Incomplete = h, nil, nil, nil
	d.own(r)
	d.enter(HandedOff)
}

// hold keeps a handoff that nobody can receive in the queue of a pool, to be
// offered again, oldest first, when capacity returns.
func (d *draft) hold(h *Handoff, r found) {
	j := &d.lead.Journey
	d.refused = &Refusal{Reopens: r.reopens, Shut: r.shut}
	if j.Held != nil {
		return
	}
	h.Pool = r.queue
	j.Held = h
	state, ok := d.pool(h.Pool)
	if roster := d.roster(); !ok || roster == nil {
		return
	}
	if state.Held == 0 {
		state.Under = d.under() // the others were offered under what stands there
	}
	state.Held++
	state.Reopens = sooner(state.Reopens, r.reopens, d.now.Add(OfferAgain))
	d.setPool(state)
	d.tell(contract.LeadHeld, "Held: nobody can receive it now", contract.Detail{Reason: h.Reason})
}

// OfferAgain is how long a held lead waits at most until it is offered again,
// whatever the reps' hours and caps say.
const OfferAgain = 10 * time.Minute

// sooner returns the earliest of the times that are set.
func sooner(times ...time.Time) time.Time {
	var first time.Time
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// unhold takes the lead out of the queue that it waits in.
func (d *draft) unhold() {
	j := &d.lead.Journey
	if j.Held == nil {
		return
	}
	if !j.Held.Until.IsZero() { // held back, it was not counted
		j.Held = nil
		return
	}
	if state, ok := d.pool(j.Held.Pool); ok {
		state.Held = max(0, state.Held-1)
		if state.Held == 0 {
			state.Reopens, state.Under = time.Time{}, ""
		}
		d.setPool(state)
	}
	j.Held = nil
}

func (d *draft) handoffRef() *contract.HandoffRef {
	h := d.lead.Journey.Handoff
	if h == nil {
		return nil
	}
	return &contract.HandoffRef{Number: h.Number, Pool: h.Pool, Rep: h.Rep}
}

// next begins the handoff that follows one.
func (h *Handoff) next() *Handoff {
	n := h.clone()
	n.Number++
	n.Counted, n.TakenAt = nil, time.Time{}
	return n
}

// passOn gives a lead that its holder gave back to another rep, within the
// policy's number of reps, then to the fallback pool, then to the manager.
func (d *draft) passOn(why string, clock *contract.ClockRef, pool string) {
	old := d.lead.Journey.Handoff
	if d.tooMany(old) {
		if pool = d.core.policy.Routing.Fallback; old.Pool == pool {
			d.escalate(fmt.Sprintf("%d reps had the lead", reps(old.HadBy)), clock, d.handoffRef())
			return
		}
	}
	next := old.next()
	r := d.find(next, pool)
	switch {
	case d.needs.Any():
	case r.found:
		d.reassign(next, r, why)
	case r.nobody:
		d.escalate("nobody is left to give the lead to", clock, d.handoffRef())
	default:
		d.hold(next, r)
	}
}

func (d *draft) tooMany(h *Handoff) bool {
	most := d.core.policy.Escalation.MaxReps
	return most > 0 && len(h.HadBy) >= most
}

// reps counts who had a lead; a list names some of them twice once an order or
// a small pool has brought a lead back.
func reps(had []string) int { return len(slices.Compact(slices.Sorted(slices.Values(had)))) }

// reassign hands the lead to the next holder, with clocks of their own. Once
// its deal is decided they owe it nothing, and it is none of their open ones.
func (d *draft) reassign(next *Handoff, r found, why string) {
	told, summary := d.transfer(next)
	d.stopHolderClocks()
	d.assign(next, r)
	d.tell(told, summary+why, contract.Detail{Handoff: d.handoffRef(), Reason: why, Parts: next.Parts})
	if d.lead.Journey.decided() {
		d.release(next)
		return
	}
	d.startHolderClocks(next, r.choice.From)
}

// takeAway takes the lead from a holder who does not act and gives it to
// another, within the policy's number of reps, then to the fallback pool.
func (d *draft) takeAway(why string, clock *contract.ClockRef, toFallback bool) {
	old := d.lead.Journey.Handoff
	pool := ""
	if toFallback || d.tooMany(old) {
		if pool = d.core.policy.Routing.Fallback; old.Pool == pool {
			d.escalate(fmt.Sprintf("%s, and %d reps had the lead", why, reps(old.HadBy)), clock, d.handoffRef())
			return
		}
	}
	d.moveOn(why, clock, pool)
}

// moveOn gives a lead that somebody holds to another. When nobody else can
// take it, it stays where it is, and the manager hears of it: somebody is
// better than nobody.
func (d *draft) moveOn(why string, clock *contract.ClockRef, pool string) {
	old := d.lead.Journey.Handoff
	next := old.next()
	pools, company, counted := maps.Clone(d.pools), d.account, old.Counted
	d.release(old)
	r := d.find(next, pool)
	if !r.found {
		d.pools, d.account, old.Counted = pools, company, counted
		d.escalate(why+", and nobody else can take the lead", clock, d.handoffRef())
		return
	}
	d.reassign(next, r, why)
}

// release says, once, that a lead is none of its holder's open ones any more.
func (d *draft) release(h *Handoff) {
	if h == nil || len(h.Counted) == 0 {
		return
	}
	if state, ok := d.pool(h.Pool); ok {
		state = state.Release(h.Rep, h.Counted)
		if state.Held > 0 {
			state.Reopens = d.now // whoever waits is offered the place
		}
		d.setPool(state)
	}
	d.disown(h)
	h.Counted = nil
}
