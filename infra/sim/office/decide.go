package office

import (
	"maps"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

const (
	maxLoads = 24 // as in package decision
	maxSteps = 16
)

// run makes one decision and those that it leaves to follow. It returns the
// first that came to nothing, of which Refused may say why.
func (o *Office) run(w lead.World, signals []signal.Signal) (lead.Decision, error) {
	for range maxSteps {
		d, err := o.decide(w, signals)
		if err != nil || d.Lead == nil {
			return d, err
		}
		if err := o.commit(d); err != nil {
			return d, err
		}
		if at, ok := d.Lead.NextDue(); !ok || at.After(o.now) {
			return d, nil
		}
		w, signals = lead.World{Key: w.Key}, nil
	}
	return lead.Decision{}, fault.New(fault.Internal, "decisions about lead %s do not come to an end at %s", w.Key, o.now.Format(time.RFC3339))
}

// decide calls the core, loading what it needs, until it needs nothing more.
func (o *Office) decide(w lead.World, signals []signal.Signal) (lead.Decision, error) {
	f := o.file(w.Key)
	if w.Lead = f.lead; w.Lead == nil && len(signals) == 0 {
		return lead.Decision{}, nil
	}
	for range maxLoads {
		d, err := o.core.Decide(w, signals, o.now)
		if err == nil {
			err = d.Broken
		}
		if err != nil || !d.Needs.Any() {
			return d, err
		}
		o.load(&w, f, d.Needs)
	}
	return lead.Decision{}, fault.New(fault.Internal, "the core keeps asking for more about lead %s", w.Key)
}

// load adds to the world what the core asks for.
func (o *Office) load(w *lead.World, f *file, n lead.Needs) {
	if n.Stored {
		w.Stored, w.StoredLoaded = f.stored, true
		return
	}
	if n.Roster {
		roster := o.roster
		w.Roster = &roster
	}
	if n.Rollout {
		w.Rollout = &rollout.State{} // the first phase of the policy, for the whole simulation
	}
	if n.Accounts != nil {
		w.Accounts, w.AccountsLoaded = o.companies.like(*n.Accounts), true
	}
	if n.Pool != "" {
		w.Pools = maps.Clone(w.Pools)
		if w.Pools == nil {
			w.Pools = map[string]routing.Pool{}
		}
		w.Pools[n.Pool] = o.Pool(n.Pool)
	}
}

// commit carries a decision out, under the conditions that the table sets:
// every item is the next version of what was read. Kind: Internal when one is not.
func (o *Office) commit(d lead.Decision) error {
	f := o.file(d.Lead.Key)
	before := f.lead
	var was int64
	if before != nil {
		was = before.Version
	}
	if err := follows("lead "+string(d.Lead.Key), was, d.Lead.Version); err != nil {
		return err
	}
	for _, p := range d.Pools {
		if err := follows("pool "+p.Name, o.pools[p.Name].Version, p.Version); err != nil {
			return err
		}
		o.pools[p.Name] = p
	}
	if d.Roster != nil {
		if err := follows("roster", o.roster.Version, d.Roster.Version); err != nil {
			return err
		}
		o.roster = *d.Roster
	}
	if d.Account != nil {
		if err := o.companies.put(*d.Account, d.Named); err != nil {
			return err
		}
	}
	f.lead = d.Lead
	if d.Log != nil {
		f.log = append(f.log, *d.Log)
	}
	o.index(before, d.Lead)
	if o.watch != nil {
		o.watch(Decided{Before: before, Decision: d})
	}
	return nil
}

func follows(what string, was, is int64) error {
	if is == was+1 {
		return nil
	}
	return fault.New(fault.Internal, "%s: version %d was written over version %d", what, is, was)
}
