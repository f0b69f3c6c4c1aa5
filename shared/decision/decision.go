// Package decision carries decisions out: it loads what the core asks for,
// commits what the core decides, and starts over when somebody else changed
// the lead or the pool meanwhile. It decides nothing itself.
package decision

import (
	"context"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

const (
	maxTries  = 30 // racing handoffs of one pool conflict; each race has a winner
	firstWait = 5 * time.Millisecond
	longWait  = 250 * time.Millisecond
	maxLoads  = 24 // a decision asks for stored signals, roster, rollout and companies once each, and for the pools that it tries
	maxSteps  = 16 // a verdict and what follows from it are decisions of their own
)

// Maker makes decisions about leads.
type Maker struct {
	table  *table.Table
	policy *rules.Loader

	mu   sync.Mutex
	from *rules.Compiled
	core *lead.Core
}

// New returns a maker that decides under the policy's current version.
func New(t *table.Table, p *rules.Loader) *Maker { return &Maker{table: t, policy: p} }

// Outcome says what was done about one lead.
type Outcome struct {
	Decisions int           // written; 0 when nothing changed
	Events    int           // logged with them
	Tries     int           // commits that were tried
	Broken    error         // an expression of the policy that failed; it counted as no match
	Refused   *lead.Refusal // of a held lead that nobody could take
	// Suggested is how many pairs of leads are newly suggested to be one person, and Missed why some may not have been
	// looked at.
	Suggested int
	Missed    error
	// Dropped is how many items were removed because their person was erased.
	Dropped int
	joined  bool            // leads became one, or two, and were not compared with others since
	barred  []signal.Signal // of people who were erased: nothing is decided about them, and they are to be removed
}

// Apply decides about one lead at now, with new signals or, without any, as a
// tick, and then does what the decision left to follow. Kinds: Conflict when
// others kept winning, Unavailable, Invalid when the policy cannot be used.
func (m *Maker) Apply(ctx context.Context, k signal.LeadKey, signals []signal.Signal, now time.Time) (Outcome, error) {
	return m.run(ctx, lead.World{Key: k}, signals, now)
}

// Rebuild makes a lead's facts anew from all its stored signals.
func (m *Maker) Rebuild(ctx context.Context, k signal.LeadKey, now time.Time) (Outcome, error) {
	return m.run(ctx, lead.World{Key: k, Rebuild: true}, nil, now)
}

// Review lets a lead's clocks follow the hours and leaves that hold at now.
func (m *Maker) Review(ctx context.Context, k signal.LeadKey, now time.Time) (Outcome, error) {
	return m.run(ctx, lead.World{Key: k, Review: true}, nil, now)
}

func (m *Maker) run(ctx context.Context, w lead.World, signals []signal.Signal, now time.Time) (Outcome, error) {
	var out Outcome
	core, err := m.current(ctx, now)
	if err != nil {
		return out, err
	}
	order, signals, err := m.eraseOrder(ctx, w.Key, signals)
	if err != nil {
		return out, err
	}
	if order != nil {
		return m.erased(ctx, w.Key, *order, now)
	}
	for range maxSteps {
		decided, err := m.step(ctx, core, w, signals, now, &out)
		if barErr := m.bar(ctx, w.Key, now, &out); err == nil {
			err = barErr
		}
		if err != nil || decided == nil {
			return out, err
		}
		if at, ok := decided.NextDue(); !ok || at.After(now) {
			return out, nil
		}
		w, signals = lead.World{Key: w.Key}, nil
	}
	return out, nil
}

// step makes one decision and commits it. It returns nil when there was
// nothing to decide.
func (m *Maker) step(ctx context.Context, core *lead.Core, w lead.World, signals []signal.Signal, now time.Time, out *Outcome) (*lead.Lead, error) {
	for try := range maxTries {
		if err := wait(ctx, try); err != nil {
			return nil, err
		}
		l, err := m.once(ctx, core, w, signals, now, out)
		if err == nil || fault.KindOf(err) != fault.Conflict {
			return l, err
		}
	}
	return nil, fault.New(fault.Conflict, "lead %s changed under each of %d tries", w.Key, maxTries)
}

// once tries to make one decision. Kind: Conflict when somebody else was faster.
func (m *Maker) once(ctx context.Context, core *lead.Core, w lead.World, signals []signal.Signal, now time.Time, out *Outcome) (*lead.Lead, error) {
	d, before, err := m.decide(ctx, core, w, signals, now, out)
	if err != nil || d.Lead == nil {
		out.Refused = d.Refused
		return nil, err
	}
	out.Tries++
	if d.Broken != nil {
		out.Broken = d.Broken
	}
	filed, err := m.commit(ctx, core, before, d, outcomes(core, before, d.Lead))
	if err != nil {
		return nil, err
	}
	out.count(d)
	if filed || out.joined {
		out.joined = false
		m.look(ctx, core, d.Lead, out)
	}
	return d.Lead, nil
}

// count adds a decision that was written.
func (o *Outcome) count(d lead.Decision) {
	o.Decisions++
	if d.Log != nil {
		o.Events += len(d.Log.Entries)
	}
	if d.Also != nil && d.Also.Log != nil {
		o.Events += len(d.Also.Log.Entries)
	}
}

// decide calls the core, loading what it needs, until it needs nothing more. It
// returns the lead as it was before, too, nil for one that is new.
func (m *Maker) decide(ctx context.Context, core *lead.Core, w lead.World, signals []signal.Signal, now time.Time, out *Outcome) (lead.Decision, *lead.Lead, error) {
	some, home := len(signals) > 0, w.Key
	signals, err := m.tie(ctx, core, &w, signals, now, out)
	if err != nil || w.Identities[home].Erased || some && len(signals) == 0 || !some && w.Lead == nil && !w.Rebuild {
		return lead.Decision{}, nil, err
	}
	for range maxLoads {
		d, err := core.Decide(w, signals, now)
		if err != nil || !d.Needs.Any() {
			return d, w.Lead, err
		}
		if err := m.load(ctx, &w, d.Needs); err != nil {
			return d, nil, err
		}
	}
	return lead.Decision{}, nil, fault.New(fault.Internal, "the core kept asking for more about lead %s", w.Key)
}

// load adds to the world what the core asks for.
func (m *Maker) load(ctx context.Context, w *lead.World, n lead.Needs) (err error) {
	if n.Stored {
		l := w.Lead
		if l == nil {
			l = &lead.Lead{Key: w.Key}
		}
		w.Stored, err = m.table.SignalsOf(ctx, l)
		w.StoredLoaded = true
		return err
	}
	if len(n.Parts) > 0 || n.Snapshot != nil {
		return m.loadJoin(ctx, w, n)
	}
	if n.Roster {
		roster, err := m.table.Roster(ctx)
		if err != nil {
			return err
		}
		w.Roster = &roster
	}
	if n.Rollout {
		state, err := m.table.Rollout(ctx)
		if err != nil {
			return err
		}
		w.Rollout = &state
	}
	if n.Accounts != nil {
		if w.Accounts, err = m.table.AccountsLike(ctx, *n.Accounts); err != nil {
			return err
		}
		w.AccountsLoaded = true
	}
	if n.Pool == "" {
		return nil
	}
	return m.loadPool(ctx, w, n)
}

func (m *Maker) loadPool(ctx context.Context, w *lead.World, n lead.Needs) error {
	pool, err := m.table.Pool(ctx, n.Pool)
	if err != nil {
		return err
	}
	w.Pools = maps.Clone(w.Pools) // the caller's may serve another try
	if w.Pools == nil {
		w.Pools = map[string]routing.Pool{}
	}
	w.Pools[n.Pool] = pool
	return nil
}

// commit writes a decision, and returns whether the lead is filed where it was
// not. The name of a company that is new, and what a lead has that others may
// have as well, is made findable before: a name without its company, or a file
// with a lead that is not there, is harmless; the other way round it would never
// be found.
func (m *Maker) commit(ctx context.Context, core *lead.Core, before *lead.Lead, d lead.Decision, outcomes []evidence.Change) (filed bool, err error) {
	if d.Named {
		if err := m.table.NameAccount(ctx, *d.Account); err != nil {
			return false, err
		}
	}
	if said, anew := core.Listing(before, d.Lead); anew {
		if err := m.table.ListCompany(ctx, said); err != nil {
			return false, err
		}
	}
	file, unfile := core.Refile(before, d.Lead)
	if err := m.table.File(ctx, d.Lead.Key, file); err != nil {
		return false, err
	}
	err = m.table.Commit(ctx, table.Change{
		Lead: d.Lead, Log: d.Log, Pools: d.Pools, Roster: d.Roster, Account: d.Account, Also: d.Also, Points: d.Points, Outcomes: outcomes,
	})
	if err != nil {
		return false, err
	}
	return len(file) > 0, m.table.Unfile(ctx, d.Lead.Key, unfile)
}

// current returns the core of the current policy, made once for each version.
// As with what cannot be compiled, the last one that can be used serves.
func (m *Maker) current(ctx context.Context, now time.Time) (*lead.Core, error) {
	compiled, err := m.policy.Current(ctx, now)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.from != compiled {
		core, err := lead.NewCore(compiled)
		switch {
		case err == nil:
			m.from, m.core = compiled, core
		case m.core == nil:
			return nil, err
		}
	}
	return m.core, nil
}

// wait sleeps before a repeated try: twice as long each time up to a limit,
// by a random share, so that racers spread out.
func wait(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	most := min(firstWait<<min(try, 10), longWait)
	timer := time.NewTimer(most/4 + rand.N(most)) //nolint:gosec // spreading racers needs no secrecy
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fault.Wrap(fault.Unavailable, "wait to try again", ctx.Err())
	case <-timer.C:
		return nil
	}
}
