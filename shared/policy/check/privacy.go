package check

import (
	"slices"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// privacy finds objections that nobody can make, and data that are thrown away
// while they still count.
func (c *checker) privacy(p *policy.Policy) {
	horizon, r := p.Engagement.HorizonDays, p.Privacy.Retention
	if r.SignalsDays > 0 && r.SignalsDays < horizon {
		c.meaning("privacy.retention.signals_days", "must be at least engagement.horizon_days, %d: a signal that still counts cannot be thrown away", horizon)
	}
	for i, q := range p.Qualification.Requests {
		if r.SignalsDays > 0 && r.SignalsDays < q.ValidDays {
			c.meaning("privacy.retention.signals_days", "must be at least qualification.requests[%d].valid_days, %d: a request that still counts cannot be thrown away", i, q.ValidDays)
		}
	}
	if r.LeadsDays > 0 && r.LeadsDays < horizon {
		c.meaning("privacy.retention.leads_days", "must be at least engagement.horizon_days, %d: a lead whose signals still count cannot be erased", horizon)
	}
	s := p.Privacy.Consent
	mail := slices.Contains(s.StoppedBy, string(signal.EmailUnsubscribed)) || slices.Contains(s.StoppedBy, string(signal.EmailComplained))
	if mail && !slices.Contains(s.Purposes, signal.PurposeEmail) {
		c.meaning("privacy.consent.purposes", "unsubscribing and complaining are about email: add it, or leave them out of stopped_by")
	}
}
