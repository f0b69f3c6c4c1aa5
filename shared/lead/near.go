package lead

import (
	"time"

	"github.com/handoff-oss/handoff/shared/scoring"
)

// near takes note of whether the lead is nearly qualified: interested, with
// nobody, and close to a threshold. It is for finding such leads, and is as old
// as the last decision; who shows one evaluates it anew.
func (d *draft) near(r scoring.Result) {
	j := &d.lead.Journey
	if j.Stage != Engaged || j.Holder() != nil || j.Held != nil {
		j.NearSince = time.Time{}
		return
	}
	j.NearSince = scoring.LackOf(d.core.policy, r).NearSince(j.NearSince, d.now)
}
