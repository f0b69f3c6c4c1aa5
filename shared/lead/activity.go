package lead

import (
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/signal"
)

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
	if _, optedOut := d.lead.Facts.Objection(d.core.policy.Privacy.Consent); optedOut && (len(asks) == 0 || !d.core.policy.Privacy.Consent.HearRequests) {
		return // what they do says nothing any more
	}
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
