package main

import (
	"cmp"
	"slices"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/match"
)

// record is a lead as the rules see it, and who it truly is.
type record struct {
	name   string // its key
	person match.Person
	who    *person // nil for an office, and for several people in one
	filed  []lead.Filing
}

// pair is two records that were found under one key, compared.
type pair struct {
	a, b  int // in the records, the smaller first
	score int
	right bool
}

// rate is how good a decision by a threshold is.
type rate struct {
	least     int
	suggested int // pairs that reach the threshold
	right     int // of them
	found     int // pairs that truly are one person, among those that are filed together
	all       int // and among all
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// precision is which share of what was suggested is right.
func (r rate) precision() float64 { return share(r.right, r.suggested) }

// recall is which share of what is true was suggested.
func (r rate) recall() float64 { return share(r.right, r.all) }

// judged is which share of what is true and was compared at all was suggested.
func (r rate) judged() float64 { return share(r.right, r.found) }

// truth counts the pairs of records that are one person.
func truth(records []record) int {
	of := map[*person]int{}
	for _, r := range records {
		if r.who != nil {
			of[r.who]++
		}
	}
	all := 0
	for _, n := range of {
		all += n * (n - 1) / 2
	}
	return all
}

// compared compares the records that are filed under one key. Under a key with
// more of them than most, each is compared with the first of them alone, as
// decision does.
func compared(records []record, most int) []pair {
	under := map[lead.Filing][]int{}
	for i, r := range records {
		for _, key := range r.filed {
			under[key] = append(under[key], i)
		}
	}
	shared := map[lead.Filing]bool{}
	for key, some := range under {
		shared[key] = match.Shared(people(records, some))
	}
	seen := map[[2]int]bool{}
	var all []pair
	for _, some := range under {
		for n, a := range some {
			for _, b := range some[:min(n, most)] {
				if seen[[2]int{b, a}] {
					continue
				}
				seen[[2]int{b, a}] = true
				all = append(all, judge(records, b, a, func(f lead.Filing) bool { return shared[f] }))
			}
		}
	}
	slices.SortFunc(all, func(x, y pair) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	return all
}

func people(records []record, some []int) []match.Person {
	all := make([]match.Person, len(some))
	for i, n := range some {
		all[i] = records[n].person
	}
	return all
}

// judge compares two records.
func judge(records []record, a, b int, shared func(lead.Filing) bool) pair {
	x, y := records[a], records[b]
	for _, key := range x.filed {
		if key.Kind == lead.FiledPhone && slices.Contains(y.filed, key) && shared(key) {
			x.person.SharedPhone = true
		}
	}
	return pair{a: a, b: b, score: match.Compare(x.person, y.person).Score, right: x.who != nil && x.who == y.who}
}

// rates measures every threshold from 0 to 100 in steps of five.
func rates(pairs []pair, all int) []rate {
	var out []rate
	for least := 0; least <= 100; least += 5 {
		out = append(out, rateAt(pairs, all, least))
	}
	return out
}

func rateAt(pairs []pair, all, least int) rate {
	r := rate{least: least, all: all}
	for _, p := range pairs {
		if p.right {
			r.found++
		}
		if p.score >= least {
			r.suggested++
			if p.right {
				r.right++
			}
		}
	}
	return r
}
