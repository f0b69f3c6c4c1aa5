package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// counted is everything that the counts and marks stored with a lead depend
// on. Points, half-lives, limits, groups, thresholds, validity and lists of
// domains are not in it: they are applied when a score is read.
type counted struct {
	Semantics int            `json:"semantics"` // grows when this package evaluates the same expression differently, or facts hold more
	Horizon   int            `json:"horizon"`   // counts older than that are dropped
	Rules     [][3]string    `json:"rules"`     // name, when, once_per; by name
	Requests  [][2]string    `json:"requests"`  // name, when; by name
	Scanner   policy.Scanner `json:"scanner"`
	Ranks     map[string]int `json:"ranks"` // stored with each profile field; 0 is the rank of an unknown source too
}

const semantics = 3 // since 2 facts hold the channel of the origin, since 3 what a person agrees to

// ScoringFingerprint identifies everything in the policy that stored counts
// depend on. A lead whose counts carry another one is rebuilt from its
// signals; the order of rules and sources does not matter.
func (c *Compiled) ScoringFingerprint() string { return c.fingerprint }

func fingerprint(p *policy.Policy) (string, error) {
	f := counted{Semantics: semantics, Horizon: p.Engagement.HorizonDays, Scanner: p.Engagement.Scanner, Ranks: map[string]int{}}
	f.Scanner.UserAgents = slices.Sorted(slices.Values(p.Engagement.Scanner.UserAgents))
	for _, r := range p.Engagement.Rules {
		f.Rules = append(f.Rules, [3]string{r.Name, r.When, r.OncePer})
	}
	for _, r := range p.Qualification.Requests {
		f.Requests = append(f.Requests, [2]string{r.Name, r.When})
	}
	slices.SortStableFunc(f.Rules, func(a, b [3]string) int { return cmp.Compare(a[0], b[0]) })
	slices.SortStableFunc(f.Requests, func(a, b [2]string) int { return cmp.Compare(a[0], b[0]) })
	for name, s := range p.Sources {
		if s.Rank != 0 {
			f.Ranks[name] = s.Rank
		}
	}
	text, err := json.Marshal(f)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "fingerprint", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}
