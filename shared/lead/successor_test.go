package lead_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// A CRM's contact that gets another address is the same person who has moved on,
// unless the name says that it is somebody else's now.
func TestAContactIDThatASuccessorGotJoinsNobody(t *testing.T) {
	c := newCore(t, func(*policy.Policy) {})
	contact := func(email, given, family string) signal.Signal {
		return signal.Signal{
			Source: "hubspot", ID: email, Type: signal.ContactChanged, OccurredAt: monday, ReceivedAt: monday,
			Identity: signal.Identity{Email: email, ContactID: "c-17"}, Lead: map[string]string{"first_name": given, "last_name": family},
		}
	}
	names := contact("robert@acme.example", "", "").Names()
	robert := &lead.Lead{
		Key: names[0].Key, Version: 3, Kind: signal.ByEmail,
		Members: map[signal.LeadKey]lead.Member{names[1].Key: {Kind: signal.ByContact, Of: names[0].Key}},
		Facts:   scoring.Facts{Profile: map[string]scoring.Field{"first_name": {Value: "Robert"}, "last_name": {Value: "Krüger"}}},
	}
	for name, test := range map[string]struct {
		given, family string
		joins         bool
	}{
		"another job":        {"Robert", "Krüger", true},
		"a short form":       {"Bob", "Krueger", true},
		"another family":     {"Robert", "Meier-Krüger", true},
		"no name":            {"", "", true},
		"a family name only": {"", "Hopper", true},
		"somebody else":      {"Grace", "Hopper", false},
		"a daughter":         {"Grace", "Krüger", false},
	} {
		for where, known := range map[string]*lead.Lead{"new": nil, "known": {Key: "1other", Version: 1, Kind: signal.ByEmail}} {
			s := contact("new@acme.example", test.given, test.family)
			home := s.Names()[0].Key
			if known != nil {
				known.Key = home
			}
			ties := c.Tie(lead.World{Key: home, Identities: map[signal.LeadKey]lead.Standing{
				home: {Lead: known}, names[1].Key: {Lead: robert, Version: 1},
			}}, []signal.Signal{s})
			if joins := ties.Adopted != nil || ties.Join != nil; joins != test.joins || len(ties.Unknown) > 0 {
				t.Errorf("%s, under an address that is %s: joins is %v: %+v", name, where, joins, ties)
			}
			if len(ties.Signals) != 1 {
				t.Errorf("%s: the signal is lost", name)
			}
		}
	}
}
