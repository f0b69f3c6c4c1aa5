package main

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// ledger is where leads are kept, in maps instead of the table. The decision
// core says whose signals are, and makes leads one; nothing is asked or decided
// here.
type ledger struct {
	core  *lead.Core
	leads map[signal.LeadKey]*lead.Lead
	roots map[signal.LeadKey]signal.LeadKey // of names that point to a lead
	parts map[signal.LeadKey][]signal.Signal
	merge int // how many leads became part of another one
}

// newLedger opens one under a policy in which nobody qualifies: whose signals
// are is the same, and nobody has to be found for them.
func newLedger(p *policy.Policy) (*ledger, *rules.Compiled, error) {
	quiet := *p
	quiet.Qualification.Requests, quiet.Qualification.Thresholds = nil, nil
	c, err := rules.Compile(&quiet, "quality")
	if err != nil {
		return nil, nil, err
	}
	core, err := lead.NewCore(c)
	if err != nil {
		return nil, nil, err
	}
	return &ledger{
		core: core, leads: map[signal.LeadKey]*lead.Lead{}, roots: map[signal.LeadKey]signal.LeadKey{}, parts: map[signal.LeadKey][]signal.Signal{},
	}, c, nil
}

// standing is what stands at the item of a name.
func (l *ledger) standing(k signal.LeadKey) lead.Standing {
	root, points := l.roots[k]
	if !points {
		root = k
	}
	found := l.leads[root]
	switch {
	case found == nil:
		return lead.Standing{}
	case points:
		return lead.Standing{Lead: found, Version: 1}
	}
	return lead.Standing{Lead: found, Version: found.Version}
}

const mostRounds = 100 // of asking, far more than are needed

// receive stores a signal and decides about it.
func (l *ledger) receive(s signal.Signal) error {
	home, err := s.LeadKey()
	if err != nil {
		return err
	}
	l.parts[home] = append(l.parts[home], s)
	for range mostRounds {
		w := lead.World{Key: home}
		ties := l.ties(&w, s)
		if ties.Join != nil {
			if err := l.join(w, *ties.Join, s.ReceivedAt); err != nil {
				return err
			}
			continue
		}
		w.Ties, w.Lead = ties, ties.Lead
		if w.Lead != nil && w.Lead.Key != home {
			w.Key, s.Home = w.Lead.Key, home
		}
		return l.decide(w, s)
	}
	return fault.New(fault.Internal, "the names of one signal kept joining leads")
}

// ties asks the core until it knows what stands at every name.
func (l *ledger) ties(w *lead.World, s signal.Signal) lead.Ties {
	w.Identities = map[signal.LeadKey]lead.Standing{}
	for {
		ties := l.core.Tie(*w, []signal.Signal{s})
		if len(ties.Unknown) == 0 {
			return ties
		}
		for _, k := range ties.Unknown {
			w.Identities[k] = l.standing(k)
		}
	}
}

func (l *ledger) join(w lead.World, j lead.Join, now time.Time) error {
	for range mostRounds {
		d := l.core.Join(w, j, now)
		if !d.Needs.Any() {
			l.commit(d)
			if j.Kind == lead.Merging {
				l.merge++
			}
			return d.Broken
		}
		if err := l.load(&w, d.Needs); err != nil {
			return err
		}
	}
	return fault.New(fault.Internal, "the core kept asking for more to join two leads")
}

func (l *ledger) decide(w lead.World, s signal.Signal) error {
	for range mostRounds {
		d, err := l.core.Decide(w, []signal.Signal{s}, s.ReceivedAt)
		if err != nil || d.Broken != nil {
			return fault.Wrap(fault.Internal, "decide", errors.Join(err, d.Broken))
		}
		if !d.Needs.Any() {
			if d.Lead != nil {
				l.commit(d)
			}
			return nil
		}
		if err := l.load(&w, d.Needs); err != nil {
			return err
		}
	}
	return fault.New(fault.Internal, "the core kept asking for more about a lead")
}

// load adds to the world what the core asks for.
func (l *ledger) load(w *lead.World, n lead.Needs) error {
	switch {
	case n.Stored:
		w.Stored, w.StoredLoaded = l.stored(*w), true
	case len(n.Parts) > 0:
		parts := maps.Clone(w.Parts)
		if parts == nil {
			parts = map[signal.LeadKey][]signal.Signal{}
		}
		for _, k := range n.Parts {
			parts[k] = l.parts[k]
		}
		w.Parts = parts
	case n.Roster:
		w.Roster = &routing.Roster{}
	case n.Rollout:
		w.Rollout = &rollout.State{}
	case n.Accounts != nil:
		w.AccountsLoaded = true
	default:
		return fault.New(fault.Internal, "the core asks for what nobody who cannot qualify needs")
	}
	return nil
}

// stored are the signals of a lead, under whichever of its names they came.
func (l *ledger) stored(w lead.World) (all []signal.Signal) {
	keys := []signal.LeadKey{w.Key}
	if w.Lead != nil {
		keys = w.Lead.Keys()
	}
	for _, k := range keys {
		for _, s := range l.parts[k] {
			if k != w.Key {
				s.Home = k
			}
			all = append(all, s)
		}
	}
	return all
}

// commit keeps what was decided.
func (l *ledger) commit(d lead.Decision) {
	for _, p := range d.Points {
		delete(l.leads, p.Key)
		l.roots[p.Key] = p.To
	}
	l.keep(d.Lead)
	if d.Also != nil && d.Also.Lead != nil {
		l.keep(d.Also.Lead)
	}
}

func (l *ledger) keep(one *lead.Lead) {
	delete(l.roots, one.Key)
	l.leads[one.Key] = one
}

// all returns the leads in the order of their keys.
func (l *ledger) all() []*lead.Lead {
	var out []*lead.Lead
	for _, k := range slices.Sorted(maps.Keys(l.leads)) {
		out = append(out, l.leads[k])
	}
	return out
}
