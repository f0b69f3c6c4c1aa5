package lead_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Two spellings of an address are one person's where the policy says so, and not
// otherwise.
func TestAddressesOfOneMailbox(t *testing.T) {
	plain, err := signal.KeyOfEmail("ada@gmail.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, joins := range []bool{false, true} {
		c := newCore(t, func(p *policy.Policy) {
			if joins {
				p.Identity.Join = append(p.Identity.Join, "mailbox")
			}
		})
		s := signal.Signal{
			Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
			Identity: signal.Identity{Email: "A.da+news@googlemail.com"},
		}
		home := s.Names()[0].Key
		ties := c.Tie(lead.World{Key: home, Identities: map[signal.LeadKey]lead.Standing{home: {}, plain: {Lead: &lead.Lead{Key: plain, Kind: signal.ByEmail}}}}, []signal.Signal{s})
		if adopted := ties.Adopted != nil && ties.Lead != nil && ties.Lead.Key == plain; adopted != joins || len(ties.Unknown) > 0 {
			t.Errorf("joined %t: %+v", joins, ties)
		}
	}
}
