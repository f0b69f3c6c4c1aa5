package main

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
)

// desk is what the commands about routing look at: a stack with its time, the
// policy in force and what is said about reps.
type desk struct {
	*place
	at     time.Time
	base   *rules.Compiled // the policy as it was applied
	policy *rules.Compiled // with the roster laid over
	core   *lead.Core      // under the latter
	maker  *decision.Maker
	roster routing.Roster
}

// desk finds the stack and reads what is in force. Kinds: as of find.
func (t *target) desk(ctx context.Context) (*desk, error) {
	place, err := t.find(ctx)
	if err != nil {
		return nil, err
	}
	d := &desk{place: place}
	if d.at, err = place.now(ctx); err != nil {
		return nil, err
	}
	loader := rules.NewLoader(place.table.Policy)
	d.maker = decision.New(place.table, loader)
	if d.base, err = loader.Current(ctx, d.at); err != nil {
		return nil, err
	}
	if d.core, err = lead.NewCore(d.base); err != nil {
		return nil, err
	}
	roster, err := place.table.Roster(ctx)
	d.lay(roster)
	return d, err
}

// lay takes in what is said about reps.
func (d *desk) lay(r routing.Roster) {
	d.roster, d.core = r, d.core.Over(r)
	d.policy = d.core.Policy()
}

// pools are the names of the policy's pools, in order.
func (d *desk) pools() []string { return slices.Sorted(maps.Keys(d.policy.Routing.Pools)) }

// rep finds a rep. Kind: NotFound, with those that there are.
func (d *desk) rep(id string) (policy.Rep, error) {
	if r, _, ok := routing.Find(d.policy.Policy, id); ok {
		return r, nil
	}
	return policy.Rep{}, directory.Unknown(d.base.Policy, d.roster, id)
}

// nameOf names a rep; one who is gone by the id.
func (d *desk) nameOf(id string) string {
	r, err := d.rep(id)
	if err != nil {
		return id
	}
	return cmp.Or(r.Name, id)
}

// lead reads a lead by its key or its address. Kind: NotFound.
func (d *desk) lead(ctx context.Context, name string) (*lead.Lead, error) {
	key, err := keyOf(name)
	if err != nil {
		return nil, err
	}
	l, err := d.table.Lead(ctx, key)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.NotFound, "%s knows no lead %s", d.name, name)
	}
	return l, err
}

// people are the reps of a pool, without what is stored of it.
func (d *desk) people(pool string) []directory.Person {
	return directory.People(d.core, d.roster, routing.Pool{Name: pool}, d.at)
}

// who names a lead as well as it is known.
func who(l *lead.Lead) string { return plain(l.Who()) }

// printJSON writes v for programs.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return fault.Wrap(fault.Internal, "encode", enc.Encode(v))
}
