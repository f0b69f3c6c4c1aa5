package main

import (
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestTheLeadsPageSaysByWhatThePersonIsKnownAndWhatWasMerged(t *testing.T) {
	b := newBench(t)
	l := ada(t)
	l.Kind = signal.ByEmail
	l.Members = map[signal.LeadKey]lead.Member{
		"1home":    {Kind: signal.ByEmail, Of: l.Key, Mark: scoring.Mark{At: now.Add(-time.Hour)}},
		"1browser": {Kind: signal.ByAnonymous, Of: "1home"},
	}
	l.Merges = []lead.Merge{{
		From: "1home", Keys: []signal.LeadKey{"1home", "1browser"}, At: now.Add(-time.Minute), By: "order", Reason: "said so on the phone", Name: "Lee Park", Log: 3,
	}}
	l.Apart = []signal.LeadKey{"1cousin"}
	b.store(t, l)
	suggested := duplicate.Pair{Names: duplicate.Of("1home", "1other"), Version: 1, State: duplicate.Open, Since: now, Score: 62}
	dismissed := duplicate.Pair{Names: duplicate.Of(l.Key, "1another"), Version: 1, State: duplicate.Dismissed, Since: now, Score: 62}
	joined := duplicate.Pair{Names: duplicate.Of(l.Key, "1home"), Version: 1, State: duplicate.Open, Since: now, Score: 62}
	apart := duplicate.Pair{Names: duplicate.Of(l.Key, "1cousin"), Version: 1, State: duplicate.Open, Since: now, Score: 62}
	for _, p := range []duplicate.Pair{suggested, dismissed, joined, apart} {
		if err := b.leads.PutDuplicate(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	page := b.get(t, "/leads/"+string(l.Key)).Body
	says(t, page, "Identities and merges", "The lead's own key", "Browser 1browser", "Said so on the phone", "by order of Lee Park, with 1 browser, 1 address",
		"Take this merge back", "1 other lead may be the same person")
	for _, link := range []string{"/leads/" + string(l.Key) + "/merges/1home", "/duplicates/1home/1other", "?of=1home"} {
		if !strings.Contains(page, link) {
			t.Errorf("no link to %s", link)
		}
	}
	for _, judged := range []string{"1another", "1cousin"} {
		if strings.Contains(page, judged) {
			t.Errorf("the page leads to %s, of whom somebody said that they are another person", judged)
		}
	}
}
