package main

import (
	"slices"

	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/lead"
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
		filed := slices.DeleteFunc(l.core.Filings(one), func(f lead.Filing) bool { return f.Kind == lead.FiledAccount }) // colleagues
		records = append(records, record{name: string(one.Key), who: whose(one, of), person: duplicate.PersonOf(c, one.Facts.Values()), filed: filed})
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
			fits = fits && slices.Contains(of[k], p)
		}
		if fits {
			return p
		}
	}
	return nil
}
