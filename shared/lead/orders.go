package lead

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/signal"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// order carries out what somebody in charge says: another holder for a lead
// that somebody has, or had, or that is held. An order about another handoff
// than the current one changes nothing.
func (d *draft) order(s signal.Signal) {
	j := &d.lead.Journey
	about := j.Handoff
	if about == nil {
		about = j.Held
	}
	if s.Type != signal.OrderReassign || about == nil || s.Attributes[signal.AttrHandoff] != strconv.Itoa(about.Number) || !s.ReceivedAt.After(about.Ordered) {
		return
	}
	about.Ordered = s.ReceivedAt
	why := s.Attributes[signal.AttrReason]
	switch to := s.Attributes[signal.AttrTo]; {
	case to != "":
		d.giveTo(to, "by order", why)
	case j.Held != nil:
		d.offer(j.Held.clone())
	case j.Holder() != nil:
		d.moveOn(why, d.acceptRef(about), "")
	default:
		d.passOn(why, d.acceptRef(about), "")
	}
}

// giveTo hands the lead to a rep who was named, by a person or a CRM. Caps and
// hours are for our own choices; a lead that comes so still counts as open.
func (d *draft) giveTo(rep, by, why string) {
	old, next := d.lead.Journey.Handoff, d.lead.Journey.Held.clone()
	if next == nil {
		next = old.next()
	}
	if d.roster() == nil {
		return
	}
	name, ok := d.core.poolOf(rep, next.Pool)
	if !ok {
		return
	}
	d.release(old)
	state, ok := d.pool(name)
	if !ok {
		return
	}
	pool := d.core.policy.Routing.Pools[name]
	company, _ := d.company()
	concerns, err := d.core.policy.Concerns(d.env(next, company.Account))
	d.fail(err)
	r := found{found: true, pool: name, by: by}
	r.choice.Rep, _ = pool.Rep(rep) // poolOf has found them there
	r.choice.From = d.now
	r.choice.State, r.choice.Counted = state.Take(pool, rep, concerns)
	d.route = []RouteStep{{By: by, Pool: name, Why: why}}
	d.reassign(next, r, why)
}

// activity takes in what a CRM has logged: an outbound act of a person.
func (d *draft) activity(s signal.Signal) {
	if s.Type != signal.ActivityLogged || s.Attributes[signal.AttrDirection] != signal.Outbound || s.Attributes[signal.AttrAutomated] == "true" || d.actedBefore(s) {
		return
	}
	if d.contact(contract.ActRef{How: s.Attributes[signal.AttrHow], At: s.OccurredAt, Word: "crm", Source: s.Source}, s.ReceivedAt, s.OccurredAt) {
		d.enterContacted()
	}
}

// actedBefore tells whether an act of the CRM may have been applied long ago:
// the window has forgotten it, and the holder has had their first contact. One
// that was parked until now is lost so as a later attempt, and never as the first.
func (d *draft) actedBefore(s signal.Signal) bool {
	h := d.lead.Journey.Holder()
	return h != nil && h.Contact != nil && d.world.Lead != nil && d.world.Lead.Seen.forgets(s)
}

// asksAgain is how long after the last interest a request is news: what comes
// sooner is the same wish, sent twice.
const asksAgain = time.Hour

// stir tells the holder when their lead becomes active again: at a request, or
// at a signal that counts after a while without one.
func (d *draft) stir(s signal.Signal) {
	h := d.lead.Journey.Holder()
	p := d.core.policy.Journey.ActiveAgain
	if h == nil || p.Points <= 0 || s.OccurredAt.Before(h.Waits) || !d.isNews([]signal.Signal{s}) {
		return
	}
	asks, _ := d.core.policy.RequestHits(s)
	if len(asks) == 0 && !d.weighs(s, p.Points) {
		return
	}
	j := &d.lead.Journey
	last := j.ActiveAt
	if last.Before(h.Waits) {
		last = h.Waits
	}
	quiet := last.AddDate(0, 0, p.QuietDays)
	if len(asks) > 0 {
		quiet = last.Add(asksAgain)
	}
	if s.ReceivedAt.After(j.ActiveAt) {
		j.ActiveAt = s.ReceivedAt
	}
	if s.ReceivedAt.Before(quiet) {
		return
	}
	reason := "shows interest after a quiet time"
	if len(asks) > 0 {
		reason = d.core.policy.Qualification.Requests[asks[0]].Reason
	}
	d.tell(contract.LeadActiveAgain, "Active again: "+reason, contract.Detail{Handoff: d.handoffRef(), Reason: reason})
}

// weighs tells whether an engagement rule gives the signal so many points.
func (d *draft) weighs(s signal.Signal, points int) bool {
	hits, _ := d.core.policy.EngagementHits(s) // the fold has told of what fails
	for _, hit := range hits {
		if d.core.policy.Engagement.Rules[hit.Rule].Points >= points {
			return true
		}
	}
	return false
}
