package lead

import (
	"time"
)

// Offering goes through the leads of several queues, the one that waits
// longest first, whichever queue it is in. Make it with NewOffering.
type Offering struct {
	pools   []string // of the policy
	shut    map[string]bool
	until   time.Time
	reopens map[string]time.Time // by queue
}

// NewOffering begins to offer what waits under a policy at now.
func (c *Core) NewOffering(now time.Time) *Offering {
	return &Offering{
		pools: sortedKeys(c.policy.Routing.Pools), shut: map[string]bool{}, until: now.Add(OfferAgain), reopens: map[string]time.Time{},
	}
}

// Refused takes note of a lead of a queue that nobody could take. It returns
// whether there is no use in going on: no pool could receive any lead now.
func (o *Offering) Refused(queue string, r Refusal) (enough bool) {
	o.reopens[queue] = sooner(o.reopens[queue], r.Reopens)
	for _, pool := range r.Shut {
		o.shut[pool] = true
	}
	for _, pool := range o.pools {
		if !o.shut[pool] {
			return false
		}
	}
	return true
}

// Cut says that the rest of the leads is to be offered from a time on.
func (o *Offering) Cut(at time.Time) { o.until = at }

// Reopens returns when the leads of a queue are to be offered again.
func (o *Offering) Reopens(queue string) time.Time { return sooner(o.reopens[queue], o.until) }
