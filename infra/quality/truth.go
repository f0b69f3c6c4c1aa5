package main

import (
	"slices"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// owners are those whom the signals with a name truly come from, by the key of
// the name. An office is nobody's.
type owners map[signal.LeadKey][]*person

func ownersOf(all []touch) owners {
	of := owners{}
	for _, t := range all {
		for _, n := range t.Names() {
			if !slices.Contains(of[n.Key], t.who) {
				of[n.Key] = append(of[n.Key], t.who)
			}
		}
	}
	return of
}

// joinRate is how good automatic merges are.
type joinRate struct {
	leads   int // that there are in the end
	merged  int // leads that became part of another one
	joined  int // pairs of names that identify somebody and that one lead has
	right   int // of them, those that truly are one person's
	all     int // pairs of such names that truly are one person's
	wrong   []*lead.Lead
	pages   int // page views without a name
	found   int // of them, those that are with the lead of who looked
	strange int // and those that are with somebody else's
}

// precision is which share of the joined names are truly one person's.
func (r joinRate) precision() float64 { return share(r.right, r.joined) }

// recall is which share of the names that truly are one person's were joined.
func (r joinRate) recall() float64 { return share(r.right, r.all) }

// judgeJoins compares the leads with whom their signals truly come from.
func judgeJoins(l *ledger, all []touch) joinRate {
	of, kinds := ownersOf(all), map[signal.LeadKey]signal.NameKind{}
	for _, t := range all {
		for _, n := range t.Names() {
			kinds[n.Key] = n.Kind
		}
	}
	r := joinRate{leads: len(l.leads), merged: l.merge}
	for _, one := range l.all() {
		keys := slices.DeleteFunc(one.Keys(), func(k signal.LeadKey) bool { return kinds[k] == signal.ByAnonymous })
		joined, right := pairsOf(keys, of)
		r.joined, r.right = r.joined+joined, r.right+right
		if right < joined {
			r.wrong = append(r.wrong, one)
		}
	}
	r.all = truePairs(of, kinds)
	r.judgePages(l, all, of)
	return r
}

// pairsOf counts the pairs of names, and those that are one person's. A name
// that two people had one after the other is each one's.
func pairsOf(keys []signal.LeadKey, of owners) (joined, right int) {
	for i, a := range keys {
		for _, b := range keys[i+1:] {
			joined++
			if slices.ContainsFunc(of[a], func(p *person) bool { return p != nil && slices.Contains(of[b], p) }) {
				right++
			}
		}
	}
	return joined, right
}

func truePairs(of owners, kinds map[signal.LeadKey]signal.NameKind) int {
	names := map[*person]int{}
	for k, who := range of {
		if len(who) == 1 && who[0] != nil && kinds[k] != signal.ByAnonymous {
			names[who[0]]++
		}
	}
	all := 0
	for _, n := range names {
		all += n * (n - 1) / 2
	}
	return all
}

// judgePages counts whose the page views are that nobody signed.
func (r *joinRate) judgePages(l *ledger, all []touch, of owners) {
	for _, t := range all {
		names := t.Names()
		if len(names) != 1 || names[0].Kind != signal.ByAnonymous || t.who == nil {
			continue
		}
		root, joined := l.roots[names[0].Key]
		if !joined {
			continue
		}
		r.pages++
		if slices.Contains(of[root], t.who) {
			r.found++
		} else {
			r.strange++
		}
	}
}
