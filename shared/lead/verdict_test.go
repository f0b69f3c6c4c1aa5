package lead_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/lead"
)

// A deadline that has passed gets its verdict before the lead goes to somebody
// else, even if both are found at once.
func TestADeadlineThatPassedIsBreachedThoughTheLeadIsTakenAway(t *testing.T) {
	s := newStory(t, nil)
	small := demo("1", monday)
	small.Lead = map[string]string{"first_name": "Ada"} // the first contact is due within four hours
	s.hear(monday, small)
	s.decide(minutes(31))
	s.decide(minutes(5 * 60)) // no sweep came by for a while
	for _, c := range s.lead.Journey.Clocks {
		if c.Handoff == 1 && c.State == lead.Stopped && c.DueAt.Before(c.EndedAt) {
			t.Errorf("%s of the %s was due at %s and stopped at %s", c.Kind, c.Scope, c.DueAt, c.EndedAt)
		}
	}
	if s.lead.Journey.Handoff.Number != 2 {
		t.Errorf("still with %s", s.lead.Journey.Handoff.Rep)
	}
}
