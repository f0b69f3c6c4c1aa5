package decision

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/match"
	"github.com/handoff-oss/handoff/shared/signal"
)

// look looks for others that may be the same person as a lead that is filed
// anew, or has become one with another. The decision is made by then: a failure
// leaves it as it is, and Duplicates finds later what was missed.
func (m *Maker) look(ctx context.Context, core *lead.Core, l *lead.Lead, out *Outcome) {
	n, err := m.suggest(ctx, core, l, l.UpdatedAt)
	out.Suggested += n
	if err != nil {
		out.Missed = err
	}
}

func person(core *lead.Core, l *lead.Lead) match.Person {
	return duplicate.PersonOf(core.Policy(), l.Facts.Values())
}

// Duplicates files a lead anew under all that it says, compares it with the
// others that are filed there, and keeps those pairs as suggested that the
// policy wants suggested. It returns how many are new. Kinds: Unavailable,
// Invalid when the policy cannot be used.
func (m *Maker) Duplicates(ctx context.Context, l *lead.Lead, now time.Time) (suggested int, err error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return 0, err
	}
	if err := m.table.File(ctx, l.Key, core.Filings(l)); err != nil {
		return 0, err
	}
	return m.suggest(ctx, core, l, now)
}

// suggest compares a lead with the others of its filings.
func (m *Maker) suggest(ctx context.Context, core *lead.Core, l *lead.Lead, now time.Time) (suggested int, err error) {
	terms := core.Policy().Identity.Suggest.Terms()
	if terms.Off {
		return 0, nil
	}
	me, others, err := m.others(ctx, core, l, terms.MostPerKey)
	if err != nil {
		return 0, err
	}
	for _, o := range others {
		written, err := m.suggestPair(ctx, l, o, match.Compare(me, person(core, o)), terms.Least, now)
		if err != nil {
			return suggested, err
		}
		if written {
			suggested++
		}
	}
	return suggested, nil
}

// suggestPair keeps a pair as suggested, when it is to be. It returns whether
// that is new.
func (m *Maker) suggestPair(ctx context.Context, a, b *lead.Lead, r match.Result, least int, now time.Time) (written bool, err error) {
	if r.Score < least {
		return false, nil
	}
	_, err = m.table.ChangeDuplicate(ctx, duplicate.Of(a.Key, b.Key), func(was duplicate.Pair) (is duplicate.Pair, write bool, err error) {
		is, written = was.Suggest(r, least, now)
		return is, written, nil
	})
	return written && err == nil, err
}

// others reads the leads of a lead's filings, each once and in the order of
// their keys, and returns the lead as it is compared with them.
func (m *Maker) others(ctx context.Context, core *lead.Core, l *lead.Lead, most int) (me match.Person, others []*lead.Lead, err error) {
	me = person(core, l)
	for _, f := range core.Filings(l) {
		if f.Kind == lead.FiledAccount {
			continue // colleagues
		}
		found, err := m.filed(ctx, l, f, most)
		if err != nil {
			return me, nil, err
		}
		if f.Kind == lead.FiledPhone {
			me.SharedPhone = match.Shared(append(peopleOf(core, found), me))
		}
		others = append(others, found...)
	}
	byKey := func(a, b *lead.Lead) int { return strings.Compare(string(a.Key), string(b.Key)) }
	slices.SortFunc(others, byKey)
	return me, slices.CompactFunc(others, func(a, b *lead.Lead) bool { return a.Key == b.Key }), nil
}

func peopleOf(core *lead.Core, leads []*lead.Lead) []match.Person {
	all := make([]match.Person, len(leads))
	for i, l := range leads {
		all[i] = person(core, l)
	}
	return all
}

// filed reads the leads that are filed where a lead is, at most so many. The
// lead itself is left out, and so is what somebody said to be another person.
// A lead that has become part of another one is left out as well: the other is
// filed by itself.
func (m *Maker) filed(ctx context.Context, l *lead.Lead, f lead.Filing, most int) ([]*lead.Lead, error) {
	keys, err := m.table.Filed(ctx, f, int32(most)+1) //nolint:gosec // the policy allows a hundred; the lead is one of them
	if err != nil {
		return nil, err
	}
	keys = slices.DeleteFunc(keys, l.Has)
	found, err := m.table.LeadsOf(ctx, keys[:min(len(keys), most)])
	return slices.DeleteFunc(found, l.KeptFrom), err
}

// Pair is two leads that may be one person, as they are now.
type Pair struct {
	duplicate.Pair
	Leads  [2]*lead.Lead // in the order of the pair's names
	Result match.Result  // with its reasons
}

// OpenDuplicates reads the pairs that are suggested, that nobody has judged yet,
// and that are for whoever asks, at most so many, the likeliest first, and tells
// whether there are more. Pairs whose leads have become one, are gone, are not
// alike any more, or were taken apart by somebody are left out.
func (m *Maker) OpenDuplicates(ctx context.Context, most int, mine func(Pair) bool, now time.Time) (pairs []Pair, more bool, err error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return nil, false, err
	}
	least := core.Policy().Identity.Suggest.Terms().Least
	seen := map[duplicate.Names]bool{}
	err = m.table.OpenDuplicates(ctx, func(open []duplicate.Pair) (enough bool, err error) {
		leads, err := m.leadsIn(ctx, open)
		for _, p := range open {
			if one, ok := pairOf(core, p, leads[p.A], leads[p.B]); ok && one.open(least) && mine(one) && !seen[one.Now()] {
				seen[one.Now()] = true
				pairs = append(pairs, one)
			}
		}
		return len(pairs) > most, err
	})
	slices.SortFunc(pairs, likelier)
	return pairs[:min(len(pairs), most)], len(pairs) > most, err
}

// open tells whether somebody is to judge the two.
func (p Pair) open(least int) bool {
	return p.Result.Score >= least && !p.Leads[0].KeptFrom(p.Leads[1])
}

// Now names the leads that the pair's names are of now.
func (p Pair) Now() duplicate.Names { return duplicate.Of(p.Leads[0].Key, p.Leads[1].Key) }

func likelier(a, b Pair) int {
	if a.Result.Score != b.Result.Score {
		return b.Result.Score - a.Result.Score
	}
	return a.Since.Compare(b.Since)
}

// pairOf compares the leads of a pair. ok is false when they are not two leads any more.
func pairOf(core *lead.Core, p duplicate.Pair, a, b *lead.Lead) (one Pair, ok bool) {
	if a == nil || b == nil || a.Key == b.Key {
		return Pair{}, false
	}
	x, y := person(core, a), person(core, b)
	x.SharedPhone = p.Was().SharedPhone()
	return Pair{Pair: p, Leads: [2]*lead.Lead{a, b}, Result: match.Compare(x, y)}, true
}

// leadsIn reads the leads of some pairs, by the names in the pairs.
func (m *Maker) leadsIn(ctx context.Context, pairs []duplicate.Pair) (map[signal.LeadKey]*lead.Lead, error) {
	var keys []signal.LeadKey
	for _, p := range pairs {
		keys = append(keys, p.A, p.B)
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	found, err := m.table.LeadsOf(ctx, keys)
	if err != nil {
		return nil, err
	}
	leads := map[signal.LeadKey]*lead.Lead{}
	for _, l := range found {
		leads[l.Key] = l
	}
	for _, k := range keys {
		if leads[k] != nil {
			continue
		}
		// It has become part of another one, or is gone.
		l, err := m.table.Lead(ctx, k)
		switch {
		case err == nil:
			leads[k] = l
		case fault.KindOf(err) != fault.NotFound:
			return nil, err
		}
	}
	return leads, nil
}

// ComparePair compares two leads as they are now, whether they are suggested or
// not. Kinds: NotFound when either is gone, Invalid when they are one lead.
func (m *Maker) ComparePair(ctx context.Context, n duplicate.Names, now time.Time) (Pair, error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return Pair{}, err
	}
	kept, err := m.table.Duplicate(ctx, n)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Pair{}, err
	}
	kept.Names = n
	leads, err := m.leadsIn(ctx, []duplicate.Pair{kept})
	if err != nil {
		return Pair{}, err
	}
	if leads[n.A] == nil || leads[n.B] == nil {
		return Pair{}, fault.New(fault.NotFound, "one of the two leads is not there")
	}
	one, ok := pairOf(core, kept, leads[n.A], leads[n.B])
	if !ok {
		return Pair{}, fault.New(fault.Invalid, "the two are one lead already")
	}
	return one, nil
}

// JudgePair keeps what a person says about two leads: see duplicate.Pair.Judge.
// It holds for every pair that is suggested and leads to the two, by a lead that
// became part of one of them.
func (m *Maker) JudgePair(ctx context.Context, p Pair, s duplicate.State, by, why string, now time.Time) (duplicate.Pair, error) {
	judge := func(n duplicate.Names) (duplicate.Pair, error) {
		return m.table.ChangeDuplicate(ctx, n, func(was duplicate.Pair) (duplicate.Pair, bool, error) {
			is, err := was.Judge(s, p.Result, by, strings.TrimSpace(why), now)
			return is, true, err
		})
	}
	judged, err := judge(p.Names)
	if err != nil {
		return judged, err
	}
	for _, k := range p.Leads[0].Parts() {
		others, err := m.table.DuplicatesOf(ctx, k)
		if err != nil {
			return judged, err
		}
		for _, o := range others {
			if o.State != duplicate.Open || !p.Leads[1].Has(o.Other(k)) {
				continue
			}
			if _, err := judge(o.Names); err != nil {
				return judged, err
			}
		}
	}
	return judged, nil
}
