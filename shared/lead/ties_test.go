package lead_test

import (
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Between two looks somebody else may give the lead the very name that is looked up.
func TestALeadIsNotJoinedWithItself(t *testing.T) {
	for _, identity := range []signal.Identity{
		{Email: "ada@engines.example", ContactID: "4711"}, {Email: "ada@engines.example", AnonymousID: "browser"},
	} {
		s := signal.Signal{Source: "crm", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday, Identity: identity}
		home, other := s.Names()[0], s.Names()[1]
		before := &lead.Lead{Key: home.Key, Kind: home.Kind, Version: 1}
		after := &lead.Lead{Key: home.Key, Kind: home.Kind, Version: 2, Members: map[signal.LeadKey]lead.Member{
			other.Key: {Kind: other.Kind, Of: home.Key, Mark: scoring.Mark{At: monday.Add(time.Hour)}},
		}}
		w := lead.World{Key: home.Key, Identities: map[signal.LeadKey]lead.Standing{
			home.Key: {Lead: before, Version: 1}, other.Key: {Lead: after, Version: 1},
		}}
		ties := newCore(t, nil).Tie(w, []signal.Signal{s})
		if ties.Join != nil || ties.Lead == nil || ties.Lead.Key != home.Key {
			t.Errorf("%s: %+v", other.Kind, ties)
		}
		if m, ok := ties.Members[other.Key]; ok != (other.Kind == signal.ByAnonymous) || ok && !m.At.Equal(s.OccurredAt) {
			t.Errorf("%s was seen earlier: %+v", other.Kind, ties.Members)
		}
	}
}

// A lead's own item was read by whatever name it was found.
func TestTheLeadsOwnNameIsNotLookedUp(t *testing.T) {
	s := signal.Signal{
		Source: "crm", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: "ada@engines.example", ContactID: "4711"},
	}
	home, own := s.Names()[0], s.Names()[1]
	l := &lead.Lead{Key: own.Key, Kind: own.Kind, Version: 2, Members: map[signal.LeadKey]lead.Member{home.Key: {Kind: home.Kind, Of: own.Key}}}
	w := lead.World{Key: home.Key, Identities: map[signal.LeadKey]lead.Standing{home.Key: {Lead: l, Version: 1}}}
	if ties := newCore(t, nil).Tie(w, []signal.Signal{s}); len(ties.Unknown) > 0 || ties.Lead != l {
		t.Errorf("%+v", ties)
	}
}

// Two browsers that somebody said to be one visitor's are one lead, whichever of
// them the visitor identifies with.
func TestAVisitorWithTwoBrowsersIdentifiesWithEither(t *testing.T) {
	s := signal.Signal{
		Source: "typeform", ID: "1", Type: signal.FormSubmitted, OccurredAt: monday, ReceivedAt: monday,
		Identity: signal.Identity{Email: "ada@engines.example", AnonymousID: "phone"},
	}
	laptop := signal.Signal{Identity: signal.Identity{AnonymousID: "laptop"}}.Names()[0]
	home, phone := s.Names()[0], s.Names()[1]
	visitor := &lead.Lead{Key: laptop.Key, Kind: laptop.Kind, Version: 2, Members: map[signal.LeadKey]lead.Member{
		phone.Key: {Kind: phone.Kind, Of: phone.Key, Mark: scoring.Mark{At: monday.Add(-time.Hour)}},
	}}
	for name, known := range map[string]*lead.Lead{"new": nil, "known": {Key: home.Key, Kind: home.Kind, Version: 1}} {
		w := lead.World{Key: home.Key, Identities: map[signal.LeadKey]lead.Standing{
			home.Key: {Lead: known}, phone.Key: {Lead: visitor, Version: 2},
		}}
		join := newCore(t, nil).Tie(w, []signal.Signal{s}).Join
		if join == nil || join.Kind != lead.Merging || join.From != visitor {
			t.Errorf("%s: %+v", name, join)
		}
	}
}
