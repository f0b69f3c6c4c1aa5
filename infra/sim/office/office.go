// Package office is a whole sales office in memory: it drives the decision
// core as the functions do, with signals and sweeps, and keeps in maps what
// they keep in the table. Nothing in it is concurrent, random or late, so a
// story that is told twice goes the same way.
//
// It does not know how signals reach it, who is told of what is decided, nor
// how the people behave who answer. It decides nothing itself.
package office

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Office is what the table and the functions are together. Make one with New.
type Office struct {
	policy *rules.Compiled
	core   *lead.Core
	now    time.Time
	swept  time.Time // the last minute whose sweep is over

	files     map[signal.LeadKey]*file
	pools     map[string]routing.Pool
	roster    routing.Roster
	reviewed  reviewed
	companies companies
	due       agenda
	owners    map[string]map[signal.LeadKey]time.Time // leads by holder, or by queue; see owner
	watch     func(Decided)
}

// file is what is kept of one lead.
type file struct {
	lead   *lead.Lead // nil: nothing was decided yet
	stored []signal.Signal
	known  map[string]bool // the names of the stored signals
	log    []lead.LogItem
}

// reviewed is under what all running clocks were last looked at.
type reviewed struct {
	policy policy.Version
	roster int64
}

// Decided is one decision that was carried out.
type Decided struct {
	Before *lead.Lead // nil: the lead is new
	lead.Decision
}

// New opens an office under a policy. Kind: Invalid when the policy cannot be used.
func New(p *policy.Policy, at time.Time) (*Office, error) {
	o := &Office{
		now: at.UTC(), swept: at.UTC().Truncate(time.Minute),
		files: map[signal.LeadKey]*file{}, pools: map[string]routing.Pool{},
		companies: newCompanies(), owners: map[string]map[signal.LeadKey]time.Time{},
	}
	err := o.Apply(p, "first")
	o.reviewed.policy = "first"
	return o, err
}

// Apply puts another policy in force. What is under way is reviewed by the
// next sweep. Kind: Invalid when the policy cannot be used.
func (o *Office) Apply(p *policy.Policy, v policy.Version) error {
	compiled, err := rules.Compile(p, v)
	if err != nil {
		return err
	}
	core, err := lead.NewCore(compiled)
	if err != nil {
		return err
	}
	o.policy, o.core = compiled, core
	return nil
}

// Watch has every decision told to a function from now on, right after it was
// carried out. The function must not call the office.
func (o *Office) Watch(watch func(Decided)) { o.watch = watch }

// Now returns how far the office's time has come.
func (o *Office) Now() time.Time { return o.now }

// Lead returns a lead, nil when nothing was decided about it yet. It is not to
// be changed.
func (o *Office) Lead(k signal.LeadKey) *lead.Lead {
	if f := o.files[k]; f != nil {
		return f.lead
	}
	return nil
}

// Log returns what was decided about a lead, oldest first.
func (o *Office) Log(k signal.LeadKey) []lead.LogItem {
	if f := o.files[k]; f != nil {
		return f.log
	}
	return nil
}

// Leads returns the keys of all leads, sorted.
func (o *Office) Leads() []signal.LeadKey { return sortedKeys(o.files) }

// Pool returns the state of a pool. It is not to be changed.
func (o *Office) Pool(name string) routing.Pool {
	if p, ok := o.pools[name]; ok {
		return p
	}
	return routing.Pool{Name: name}
}

// Queue returns the leads that wait for a pool, oldest first.
func (o *Office) Queue(pool string) []signal.LeadKey { return o.owned(queueOwner(pool)) }

// HeldBy returns the leads that a rep holds, longest held first.
func (o *Office) HeldBy(rep string) []signal.LeadKey { return o.owned(rep) }

// Roster returns what is said about reps.
func (o *Office) Roster() routing.Roster { return o.roster }

// SetRoster says something about a rep. What it changes for leads comes with
// the next sweep, after at. Kind: Invalid when at has passed.
func (o *Office) SetRoster(at time.Time, rep string, e routing.Entry) error {
	if err := o.Advance(at); err != nil {
		return err
	}
	e.Changed = o.now
	o.roster = o.roster.With(rep, e)
	return nil
}

// Store puts signals about a lead in the inbox without deciding about them, as
// when their delivery is under way. One that is known changes nothing.
func (o *Office) Store(k signal.LeadKey, signals ...signal.Signal) {
	f := o.file(k)
	for _, s := range signals {
		if name := s.Source + "#" + s.ID; !f.known[name] {
			f.known[name] = true
			f.stored = append(f.stored, s)
		}
	}
}

// Hear stores signals, advances to at, and decides about the leads that they
// name. Kind: Invalid when a signal names nobody, or at has passed.
func (o *Office) Hear(at time.Time, signals ...signal.Signal) error {
	var order []signal.LeadKey
	of := map[signal.LeadKey][]signal.Signal{}
	for _, s := range signals {
		k, err := s.LeadKey()
		if err != nil {
			return err
		}
		if of[k] == nil {
			order = append(order, k)
		}
		of[k] = append(of[k], s)
	}
	for _, k := range order {
		if err := o.HearOf(at, k, of[k]...); err != nil {
			return err
		}
	}
	return nil
}

// HearOf is Hear for signals about a lead that they need not name, as the
// answers of a rep. Kind: Invalid when at has passed.
func (o *Office) HearOf(at time.Time, k signal.LeadKey, signals ...signal.Signal) error {
	if err := o.Advance(at); err != nil {
		return err
	}
	o.Store(k, signals...)
	_, err := o.run(lead.World{Key: k}, signals)
	return err
}

// Advance lets time pass, with every sweep on its way that has anything to do,
// that of the last minute included. Kind: Invalid when the time has passed.
func (o *Office) Advance(to time.Time) error {
	if to.Before(o.now) {
		return fault.New(fault.Invalid, "it is %s already, later than %s", o.now.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	for {
		at, ok := o.NextSweep()
		if !ok || at.After(to) {
			o.now, o.swept = to.UTC(), to.UTC().Truncate(time.Minute)
			return nil
		}
		o.now, o.swept = at, at
		if err := o.sweep(); err != nil {
			return err
		}
	}
}

func (o *Office) file(k signal.LeadKey) *file {
	f := o.files[k]
	if f == nil {
		f = &file{known: map[string]bool{}}
		o.files[k] = f
	}
	return f
}

// owned returns the leads of a holder or a queue, in the order of the table's
// index: by time, then by key.
func (o *Office) owned(owner string) []signal.LeadKey {
	since := o.owners[owner]
	keys := sortedKeys(since)
	slices.SortStableFunc(keys, func(a, b signal.LeadKey) int { return since[a].Compare(since[b]) })
	return keys
}
