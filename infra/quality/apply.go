package main

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/match"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

// apply lets the rules make leads of what happened.
func apply(p *policy.Policy, all []touch) (*ledger, *rules.Compiled, error) {
	l, c, err := newLedger(p)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range all {
		if err := l.receive(t.Signal); err != nil {
			return nil, nil, err
		}
	}
	return l, c, nil
}

// recordsOf are the leads that say anything about themselves, with whom they
// truly are: nobody where several people are in one.
func recordsOf(l *ledger, c *rules.Compiled, all []touch) []record {
	of := ownersOf(all)
	var records []record
	for _, one := range l.all() {
		if len(one.Facts.Profile) == 0 {
			continue
		}
		p := duplicate.PersonOf(c, one.Facts.Values())
		records = append(records, record{name: string(one.Key), who: whose(one, of), person: p, filed: filingsOf(p)})
	}
	return records
}

// whose returns whom all names of a lead are of; nil when there is nobody.
func whose(one *lead.Lead, of owners) *person {
	var keys []signal.LeadKey
	for _, k := range one.Keys() {
		if one.Members[k].Kind != signal.ByAnonymous {
			keys = append(keys, k)
		}
	}
	for _, p := range of[keys[0]] {
		fits := p != nil
		for _, k := range keys[1:] {
			fits = fits && contains(of[k], p)
		}
		if fits {
			return p
		}
	}
	return nil
}

func contains(all []*person, p *person) bool {
	for _, q := range all {
		if p == q {
			return true
		}
	}
	return false
}

func filingsOf(p match.Person) []string {
	var all []string
	if p.Phone != "" {
		all = append(all, "phone#"+p.Phone)
	}
	if n := match.NameKey(p.Given, p.Family); n != "" {
		for _, w := range match.CompanyWords(p) {
			all = append(all, "name#"+n+"#"+w)
		}
	}
	return all
}

func isPhoneKey(key string) bool { return strings.HasPrefix(key, "phone#") }
