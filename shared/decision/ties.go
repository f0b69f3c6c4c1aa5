package decision

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// maxJoins is how many leads the names of a few signals may join, one by one.
const maxJoins = 100

// tie finds out whose the signals are, which are stored under the world's key,
// and makes leads one or two where they say so. It leaves in the world the lead
// that they are about and what its names are, and returns the signals as that
// lead knows them.
func (m *Maker) tie(ctx context.Context, core *lead.Core, w *lead.World, signals []signal.Signal, now time.Time, out *Outcome) ([]signal.Signal, error) {
	home := w.Key
	for range maxJoins {
		ties, err := m.ties(ctx, core, w, signals)
		if err != nil {
			return nil, err
		}
		if ties.Join == nil {
			w.Ties, w.Lead = ties, ties.Lead
			if w.Lead != nil {
				w.Key = w.Lead.Key
			}
			out.barred = ties.Barred
			return homed(ties.Signals, home, w.Key), nil
		}
		if err := m.join(ctx, core, *w, *ties.Join, now, out); err != nil {
			return nil, err
		}
		w.Identities = nil
	}
	return nil, fault.New(fault.Internal, "the names of %d signals kept joining leads", len(signals))
}

// homed returns signals that are stored under a key as the lead of another one
// knows them.
func homed(signals []signal.Signal, home, of signal.LeadKey) []signal.Signal {
	if home == of {
		home = ""
	}
	all := make([]signal.Signal, len(signals))
	for i, s := range signals {
		s.Home = home
		all[i] = s
	}
	return all
}

// ties asks the core until it knows what stands at every name.
func (m *Maker) ties(ctx context.Context, core *lead.Core, w *lead.World, signals []signal.Signal) (lead.Ties, error) {
	for range maxLoads {
		ties := core.Tie(*w, signals)
		if len(ties.Unknown) == 0 {
			return ties, nil
		}
		known := map[signal.LeadKey]lead.Standing{}
		maps.Copy(known, w.Identities)
		for _, k := range ties.Unknown {
			var err error
			if known[k], err = m.table.Standing(ctx, k); err != nil {
				return lead.Ties{}, err
			}
		}
		w.Identities = known
	}
	return lead.Ties{}, fault.New(fault.Internal, "the core kept asking whose the names of lead %s are", w.Key)
}

// join makes one lead of two, or two of one. Kind: Conflict when either changed.
func (m *Maker) join(ctx context.Context, core *lead.Core, w lead.World, j lead.Join, now time.Time, out *Outcome) error {
	d, err := m.joining(ctx, core, w, j, now)
	if err != nil {
		return err
	}
	if d.Broken != nil {
		out.Broken = d.Broken
	}
	out.Tries++
	if err := m.commitJoin(ctx, core, j, d); err != nil {
		return err
	}
	out.count(d)
	out.joined = true
	if d.Also.Lead == nil || d.Also.Lead.Journey.Anew == nil {
		return nil
	}
	more, err := m.run(ctx, lead.World{Key: d.Also.Lead.Key}, nil, now)
	out.Decisions, out.Events, out.Tries = out.Decisions+more.Decisions, out.Events+more.Events, out.Tries+more.Tries
	out.Suggested, out.Missed = out.Suggested+more.Suggested, errors.Join(out.Missed, more.Missed)
	return err
}

// joining lets the core make one lead of two, or two of one, loading what it needs.
func (m *Maker) joining(ctx context.Context, core *lead.Core, w lead.World, j lead.Join, now time.Time) (lead.Decision, error) {
	for range maxLoads {
		d := core.Join(w, j, now)
		if !d.Needs.Any() {
			return d, nil
		}
		if err := m.load(ctx, &w, d.Needs); err != nil {
			return d, err
		}
	}
	return lead.Decision{}, fault.New(fault.Internal, "the core kept asking for more to join lead %s", w.Key)
}

// commitJoin writes both leads of a join, and files them.
func (m *Maker) commitJoin(ctx context.Context, core *lead.Core, j lead.Join, d lead.Decision) error {
	before, other := were(j, d.Lead.Key)
	also := d.Also.Lead
	changes := outcomes(core, before, d.Lead)
	if also != nil {
		changes = append(changes, outcomes(core, other, also)...)
	} else {
		changes = append(changes, gone(core, other)...)
	}
	file, unfile := core.Refile(other, also)
	if also != nil {
		if err := m.table.File(ctx, also.Key, file); err != nil {
			return err
		}
	}
	if _, err := m.commit(ctx, core, before, d, changes); err != nil || other == nil {
		return err
	}
	return m.table.Unfile(ctx, other.Key, unfile)
}

// were returns the leads of a join as they were: the one with a key, and the
// other one; nil for one that is new.
func were(j lead.Join, k signal.LeadKey) (this, other *lead.Lead) {
	for _, l := range []*lead.Lead{j.From, j.Into} {
		switch {
		case l == nil:
		case l.Key == k:
			this = l
		default:
			other = l
		}
	}
	return this, other
}

// gone takes a lead out of what is counted.
func gone(core *lead.Core, l *lead.Lead) []evidence.Change {
	c := evidence.Change{Lead: l.Key, Version: l.Version + 1, Record: core.Record(l), Gone: true}
	if !c.Record.Enrolment.Drawn() {
		return nil
	}
	return []evidence.Change{c}
}

// loadJoin adds to the world what a join needs.
func (m *Maker) loadJoin(ctx context.Context, w *lead.World, n lead.Needs) error {
	parts := map[signal.LeadKey][]signal.Signal{}
	maps.Copy(parts, w.Parts)
	for _, k := range n.Parts {
		var err error
		if parts[k], err = m.table.Signals(ctx, k); err != nil {
			return err
		}
	}
	w.Parts = parts
	if n.Snapshot == nil {
		return nil
	}
	log, err := m.table.LogAt(ctx, n.Snapshot.Key, n.Snapshot.Version)
	if err == nil && log.Snapshot == nil {
		return fault.New(fault.Internal, "the log of lead %s does not have it as it was before the merge", n.Snapshot.Key)
	}
	w.Snapshot = log.Snapshot
	return err
}
