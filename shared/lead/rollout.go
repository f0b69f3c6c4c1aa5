package lead

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/rollout"
)

// process hands a qualified lead off: by itself, or through the queue, or when
// sales has the data that it needs.
func (d *draft) process(h *Handoff) {
	d.ready(h, d.offer)
	d.promise(h)
}

// admit decides how a lead that has qualified goes on: through the process, as
// far as the phase in force automates it, or as leads went before there was one.
// The arm is that of the lead's enrolment for ever; what is done in it is for
// the phase to say that is in force when the lead qualifies, again or first.
func (d *draft) admit(h *Handoff) {
	if d.core.policy.Rollout.Everybody() {
		d.process(h)
		return
	}
	state := d.state()
	if state == nil {
		return
	}
	i, lost := state.In(d.core.phases)
	phase := d.core.policy.Rollout.Phases[i]
	if d.lead.Journey.Enrolment == nil {
		d.enrol(h, *state, i, lost)
	}
	switch e := d.lead.Journey.Enrolment; {
	case e.Arm == Control:
		d.control(h, phase.Mode, e.Why)
	case state.Status != rollout.Running:
		d.control(h, phase.Mode, "Phase "+phase.Name+" is "+state.Status.Words()+".")
	case phase.Mode == rollout.Shadow:
		d.shadow(h)
	case phase.Mode == rollout.Suggest:
		d.ready(h, d.suggest)
	default:
		d.process(h)
	}
}

// state returns where the rollout stands, nil when it must be loaded first.
func (d *draft) state() *rollout.State {
	if d.world.Rollout == nil {
		d.needs.Rollout = true
		return nil
	}
	now := d.world.Rollout.Now(d.core.phases)
	d.rollout = &now.Version
	return &now
}

// enrol draws the arm of a lead, once and for all.
func (d *draft) enrol(h *Handoff, state rollout.State, index int, lost string) {
	p, step := d.core.policy.Rollout, d.core.phases[index]
	e := &Enrolment{
		Phase: step.Name, Mode: step.Mode, Round: state.Round, Unit: p.Unit, Share: step.Share, Arm: Control,
		At: d.now, Waits: h.Waits, Tier: h.Tier, Rollout: state.Version,
	}
	env := d.segment(h)
	e.UnitID = d.unit(h, env.Team)
	e.Bucket = rollout.Bucket(p.Seed, e.UnitID)
	_, in, err := d.core.policy.InSegment(index, env)
	d.fail(err)
	switch {
	case state.Status != rollout.Running:
		e.Why = fmt.Sprintf("Phase %s is %s.", step.Name, state.Status.Words())
	case d.now.Before(step.Start):
		e.Why = fmt.Sprintf("Phase %s has not begun.", step.Name)
	case !in:
		e.Why = fmt.Sprintf("The lead is in no segment of phase %s.", step.Name)
	case e.UnitID == "":
		e.Why = "Nobody could receive the lead, so there was no rep to draw."
	default:
		e.Drawn = true
		if rollout.In(e.Bucket, e.Share) {
			e.Arm = Treatment
		}
		e.Why = e.drawn()
	}
	e.Why = strings.TrimSpace(lost + " " + e.Why)
	d.lead.Journey.Enrolment = e
	d.tell(contract.LeadEnrolled, e.words(), contract.Detail{Reason: e.Why, Enrolment: e.ref()})
}

// segment is what expressions of segments see.
func (d *draft) segment(h *Handoff) rules.SegmentEnv {
	company, claim := d.company()
	env := d.env(h, company.Account)
	route := d.route
	team := d.targets(h, env, company, claim, "")[0].pool
	d.route = route
	return rules.SegmentEnv{RouteEnv: env, Tier: h.Tier, Team: team}
}

// unit names what is drawn for the lead: "" when it takes a rep, and nobody
// could receive the lead.
//
// A company is named by what the lead itself says of it, and not by the company
// that it was matched with: those are known better where leads were handed off,
// so that matching would draw companies in control anew more often than those
// that are not.
func (d *draft) unit(h *Handoff, team string) string {
	switch d.core.policy.Rollout.Unit {
	case policy.UnitTeam:
		return team
	case policy.UnitRep:
		return d.find(h, "").choice.Rep.ID
	case policy.UnitAccount:
		return cmp.Or(string(d.companyFacts().Key()), string(d.lead.Key))
	}
	return string(d.lead.Key)
}

// drawn says in words what the bucket decided.
func (e *Enrolment) drawn() string {
	unit := e.Unit + " " + e.UnitID
	if _, name, ok := strings.Cut(e.UnitID, ":"); ok {
		unit = e.Unit + " " + name
	} else if e.Unit == policy.UnitLead || e.Unit == policy.UnitAccount {
		unit = "the lead"
	}
	takes := "the phase takes buckets below " + thousands(inBuckets(e.Share))
	switch n := inBuckets(e.Share); {
	case n >= rollout.Buckets:
		takes = "the phase takes all of them"
	case n == 0:
		takes = "the phase takes none of them"
	}
	return fmt.Sprintf("%s is in bucket %s of %s; %s.", capital(unit), thousands(e.Bucket), thousands(rollout.Buckets), takes)
}

// inBuckets is how many buckets a share takes.
func inBuckets(share float64) int { return int(share*rollout.Buckets + 1.0/2) }

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// words says in which arm the lead is.
func (e *Enrolment) words() string {
	arm := "follows the existing process"
	if e.Arm == Treatment {
		arm = map[rollout.Mode]string{
			rollout.Shadow: "only watched", rollout.Suggest: "handed off when a manager confirms it", rollout.Auto: "handed off",
		}[e.Mode]
	}
	return fmt.Sprintf("Enrolled in phase %s, %s", e.Phase, arm)
}

func (e *Enrolment) ref() *contract.EnrolmentRef {
	if e == nil {
		return nil
	}
	return &contract.EnrolmentRef{
		Phase: e.Phase, Mode: string(e.Mode), Unit: e.Unit, UnitID: e.UnitID, Bucket: e.Bucket, Arm: string(e.Arm), Share: e.Share, Drawn: e.Drawn,
	}
}

// control leaves a lead to the process that the company had before. In a phase
// that only watches nobody is told: that process goes on as it always did.
func (d *draft) control(h *Handoff, mode rollout.Mode, why string) {
	if mode == rollout.Shadow {
		return
	}
	d.tell(contract.LeadControlRouted, "Left to the existing process: "+why, contract.Detail{
		Reason: h.Reason, Parts: h.Parts, Enrolment: d.lead.Journey.Enrolment.ref(),
	})
}

// shadow notes whom the lead would have gone to. Nobody gets it.
func (d *draft) shadow(h *Handoff) {
	r, e := d.find(h, ""), d.lead.Journey.Enrolment
	e.Pool, e.Rep = r.queue, ""
	summary, detail := "Would have been held: nobody could receive it", contract.Detail{Reason: h.Reason, Parts: h.Parts}
	if missing := d.lacks(h); len(missing) > 0 {
		summary = "Would have waited for data: " + policy.Lacking(missing)
	} else if r.found {
		e.Pool, e.Rep = r.pool, r.choice.Rep.ID
		summary = fmt.Sprintf("Would have gone to %s of %s, by %s", e.Rep, e.Pool, r.by)
		detail.Handoff = &contract.HandoffRef{Number: h.Number, Pool: e.Pool, Rep: e.Rep}
	}
	d.tell(contract.LeadShadowed, summary, detail)
}

// suggest notes whom the lead would go to, for a manager to confirm. While it
// waits it is in nobody's count, so that several suggestions may name one rep.
func (d *draft) suggest(h *Handoff) {
	r := d.find(h, "")
	s := &Suggestion{Handoff: *h.clone(), Since: d.now}
	s.Pool = r.queue
	if r.found {
		s.Pool, s.Rep, s.RepName, s.By = r.pool, r.choice.Rep.ID, r.choice.Rep.Name, r.by
	}
	if within := time.Duration(d.core.policy.Rollout.ConfirmWithin); within > 0 {
		team := d.core.team(d.core.policy.Routing.Pools[s.Pool])
		s.RemindAt, s.LapsesAt = team.Add(d.now, within/2), team.Add(d.now, within)
	}
	d.lead.Journey.Suggested = s
	d.tellSuggested("Waits for a manager to confirm it")
}

func (d *draft) tellSuggested(summary string) {
	s := d.lead.Journey.Suggested
	detail := contract.Detail{Reason: s.Reason, Parts: s.Parts, Handoff: s.ref()}
	if s.Rep == "" {
		summary += "; nobody could receive it now"
	} else {
		summary += ": to " + s.Rep + " of " + s.Pool + ", by " + s.By
	}
	if !s.LapsesAt.IsZero() {
		until := s.LapsesAt
		detail.Until = &until
	}
	d.tell(contract.LeadSuggested, summary, detail)
}

// ref names the handoff that is suggested; nil when nobody could receive it.
func (s *Suggestion) ref() *contract.HandoffRef {
	if s.Rep == "" {
		return nil
	}
	return &contract.HandoffRef{Number: s.Number, Pool: s.Pool, Rep: s.Rep}
}

func (s *Suggestion) clone() *Suggestion {
	if s == nil {
		return nil
	}
	c := *s
	c.Handoff = *s.Handoff.clone()
	return &c
}

// lapse reminds the manager of a suggestion, and ends one that nobody confirmed
// in time.
func (d *draft) lapse() {
	s := d.lead.Journey.Suggested
	switch {
	case s == nil:
	case !s.LapsesAt.IsZero() && !d.now.Before(s.LapsesAt):
		d.unsuggest(Unconfirmed, "Nobody confirmed in time whom the lead goes to.")
	case !s.RemindAt.IsZero() && !d.now.Before(s.RemindAt):
		s.RemindAt = time.Time{}
		d.tellSuggested("Still waits for a manager to confirm it")
	}
}

// unsuggest leaves a lead to the existing process that was suggested.
func (d *draft) unsuggest(how Lapse, why string) {
	j := &d.lead.Journey
	h := &j.Suggested.Handoff
	j.Suggested = nil
	if j.Enrolment != nil {
		j.Enrolment.Lapse = how
	}
	d.control(h, rollout.Suggest, why)
}

// decline leaves a suggested lead to the existing process, by a manager's word.
func (d *draft) decline(o Order) { d.unsuggest(Declined, "Declined by "+o.By+": "+o.Reason) }

// confirm hands a suggested lead to the rep of the suggestion, or to another one
// whom the manager named; to whom the rules choose now when nobody could receive
// it, or when the policy has lost the rep. A person's word goes before caps and
// hours.
func (d *draft) confirm(o Order) (whyNot string) {
	if o.To != "" {
		if whyNot = d.unknown(o.To); whyNot != "" {
			return whyNot
		}
	}
	if d.roster() == nil {
		return ""
	}
	h := d.lead.Journey.Suggested.Handoff.clone()
	rep := cmp.Or(o.To, h.Rep)
	h.Rep, h.RepName, h.By = "", "", ""
	if pool, known := d.core.poolOf(rep, h.Pool); known {
		d.confirmed(h, rep, pool, strings.TrimSuffix("confirmed by "+o.By+": "+o.Reason, ": "))
	} else {
		d.lead.Journey.Suggested = nil
		d.offer(h)
	}
	d.startClock(Clock{Kind: FirstContactClock, Scope: CustomerScope}, d.core.policy.TierClocks(h.Tier).FirstContact, h.Waits)
	return ""
}

// confirmed makes a rep of a pool the holder: as the rules' choice while they
// can receive it, which counts for their share, else by the manager's word.
func (d *draft) confirmed(h *Handoff, rep, pool, by string) {
	company, _ := d.company()
	concerns, err := d.core.policy.Concerns(d.env(h, company.Account))
	d.fail(err)
	d.route = nil
	var r found
	if !d.try(target{by: "suggestion", pool: pool, only: rep, claim: "whom a manager confirmed"}, h, concerns, &r) {
		d.give(h, rep, by, h.Reason)
		return
	}
	r.by = by
	d.reassign(h, r, h.Reason)
}

// offerHeld offers a lead of a queue. When the rollout was rolled back, one that
// nobody ever had is left to the existing process instead: only the customer was
// promised anything, and by a process that does harm.
func (d *draft) offerHeld() {
	j := &d.lead.Journey
	if j.Enrolment == nil || j.Handoff != nil || d.core.policy.Rollout.Everybody() {
		d.offer(j.Held.clone())
		return
	}
	state := d.state()
	switch {
	case state == nil:
	case state.Status == rollout.RolledBack:
		h := j.Held.clone()
		d.unhold()
		d.stopClocks("the rollout was rolled back", func(Clock) bool { return true })
		d.control(h, rollout.Auto, "Phase "+state.Phase+" is rolled back.")
	default:
		d.offer(j.Held.clone())
	}
}

// again begins anew with a lead whose deal was decided and is not any more.
func (d *draft) again(h *Handoff) {
	if e := d.lead.Journey.Enrolment; e != nil && e.Mode == rollout.Suggest && d.lead.Journey.Handoff == nil {
		d.ready(h, d.suggest)
		return
	}
	if h.onHold(d.now) {
		d.lead.Journey.Held = h
	} else {
		h.Until = time.Time{}
		d.ready(h, d.offer)
	}
	d.startClock(Clock{Kind: FirstContactClock, Scope: CustomerScope}, d.core.policy.TierClocks(h.Tier).FirstContact, d.now)
}

// outside takes in the first contact with a lead that nobody holds by us: that
// of the existing process, so that both arms are measured by the same journey.
func (d *draft) outside(act contract.ActRef) {
	j := &d.lead.Journey
	if j.Enrolment == nil || j.Handoff != nil || j.Held != nil || j.Incomplete != nil || j.Reached() != Qualified {
		return
	}
	d.enter(Contacted)
	d.tell(contract.LeadContacted, "The CRM says that the lead was contacted", contract.Detail{Act: &act})
}
