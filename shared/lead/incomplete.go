package lead

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/policy"
)

// Incomplete is a handoff that waits for data: the lead has qualified, and lacks
// what the policy says that sales needs. It stands in the data queue of the pool
// that the rules would try first, and nobody holds it. It goes on by itself when
// a signal brings what lacks, whenever that happened: the news that made the lead
// qualify was fresh. Somebody in charge can hand it off as it is.
type Incomplete struct {
	Handoff               // as it will begin: Waits is since when the customer waits
	Since   time.Time     `json:"incomplete_at"`
	Missing []policy.Need `json:"missing"` // as the policy has them, in its order
	// Promised tells that the customer's clock runs: it does but where a manager confirms handoffs.
	Promised bool `json:"promised,omitempty"`
}

func (i *Incomplete) clone() *Incomplete {
	if i == nil {
		return nil
	}
	c := *i
	c.Handoff, c.Missing = *i.Handoff.clone(), slices.Clone(i.Missing)
	return &c
}

// Words says what is not known.
func (i *Incomplete) Words() string { return policy.Lacking(i.Missing) }

// lacks returns what sales needs to know of the lead and does not. Of one that
// somebody handed off as it is nothing more is asked.
func (d *draft) lacks(h *Handoff) []policy.Need {
	if h.AsIs {
		return nil
	}
	return d.lead.Facts.Lacking(d.lead.Facts.Needs(d.core.policy).HandedOff)
}

// ready goes on with a handoff when sales has what it needs; else the handoff
// waits for the data.
func (d *draft) ready(h *Handoff, goOn func(*Handoff)) {
	missing := d.lacks(h)
	if len(missing) == 0 {
		goOn(h)
		return
	}
	waits := &Incomplete{Handoff: *h.clone(), Since: d.now, Missing: missing}
	waits.Pool = d.segment(h).Team
	d.lead.Journey.Incomplete = waits
	if d.needs.Any() {
		return
	}
	words := make([]string, len(missing))
	for i, n := range missing {
		words[i] = n.Words()
	}
	d.tell(contract.LeadIncomplete, "Waits for data: "+waits.Words(), contract.Detail{Reason: h.Reason, Parts: h.Parts, Missing: words})
}

// promise starts the customer's clock, unless it ran while the lead waited for
// data.
func (d *draft) promise(h *Handoff) {
	if !d.promised {
		d.startClock(Clock{Kind: FirstContactClock, Scope: CustomerScope}, d.core.policy.TierClocks(h.Tier).FirstContact, h.Waits)
	}
	if i := d.lead.Journey.Incomplete; i != nil {
		i.Promised = true
	}
}

// nowComplete tells whether a lead that waits for data waits for nothing any more.
func (d *draft) nowComplete() bool {
	i := d.lead.Journey.Incomplete
	return i != nil && len(d.lacks(&i.Handoff)) == 0
}

// reviewed looks at the clocks again, and when a review is asked for at the data that
// the lead waits for: another policy may ask for less. It reports whether anything
// is to be done.
func (d *draft) reviewed() bool { return d.review() || (d.world.Review && d.nowComplete()) }

// complete goes on with a lead that waits for data: as any other that has
// qualified, once it lacks nothing. Where the rollout has gone another way since,
// the lead does too, and nothing is promised to the customer any more.
func (d *draft) complete() {
	j := &d.lead.Journey
	if !d.nowComplete() {
		j.Incomplete.Missing = d.lacks(&j.Incomplete.Handoff)
		return
	}
	h := j.Incomplete.Handoff.clone()
	d.promised = j.Incomplete.Promised
	j.Incomplete = nil
	d.admit(h)
	if j.Holder() == nil && j.Held == nil && !d.needs.Any() {
		d.stopClocks("the lead goes to nobody by itself", func(Clock) bool { return true })
	}
}

// asItIs hands off a lead that waits for data, because a person says so. What it
// lacks stands in the log, and in the reason that the holder reads.
func (d *draft) asItIs(o Order) {
	j := &d.lead.Journey
	h := j.Incomplete.Handoff.clone()
	d.despite, d.promised = j.Incomplete.Words(), j.Incomplete.Promised
	defer func() { d.despite = "" }()
	h.AsIs = true
	h.Reason += "; handed off by " + o.By + " though " + d.despite + ": " + o.Reason
	j.Incomplete = nil
	if o.To != "" {
		d.give(h, o.To, "by order", h.Reason)
	} else {
		d.offer(h)
	}
	d.promise(h)
}
