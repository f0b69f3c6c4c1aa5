package main

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// desk is what the commands about routing look at: a stack with its time, the
// policy in force and what is said about reps.
type desk struct {
	*place
	at     time.Time
	policy *rules.Compiled
	core   *lead.Core
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
	if d.policy, err = loader.Current(ctx, d.at); err != nil {
		return nil, err
	}
	if d.core, err = lead.NewCore(d.policy); err != nil {
		return nil, err
	}
	d.roster, err = place.table.Roster(ctx)
	return d, err
}

// pools are the names of the policy's pools, in order.
func (d *desk) pools() []string { return slices.Sorted(maps.Keys(d.policy.Routing.Pools)) }

// rep finds a rep of the policy. Kind: NotFound, with those that there are.
func (d *desk) rep(id string) (policy.Rep, error) {
	known := map[string]policy.Rep{}
	for _, p := range d.policy.Routing.Pools {
		for _, r := range p.Reps {
			known[r.ID] = r
		}
	}
	if r, ok := known[id]; ok {
		return r, nil
	}
	return policy.Rep{}, fault.New(fault.NotFound, "no pool of the policy has a rep %q; there are %s", id, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
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

// standing is how a rep is now, before it is asked for which lead.
type standing struct {
	state string    // on duty, off, on leave or not on duty
	next  time.Time // their next shift; zero while they are on duty, and when there is none
}

// standingOf says how a rep is now.
func (d *desk) standingOf(c routing.Candidate) standing {
	away := make([]worktime.Span, len(c.Leave))
	onLeave := false
	for i, l := range c.Leave {
		away[i] = worktime.Span{From: l.From, To: l.To}
		onLeave = onLeave || (!d.at.Before(l.From) && d.at.Before(l.To))
	}
	hours := c.Hours.Without(away)
	switch {
	case c.Off != "":
		return standing{state: "off"}
	case onLeave:
		return standing{"on leave", hours.NextOpen(d.at)}
	case hours.Open(d.at):
		return standing{state: "on duty"}
	}
	return standing{"not on duty", hours.NextOpen(d.at)}
}

// who names a lead as well as it is known.
func who(l *lead.Lead) string {
	p := l.Facts.Values()
	name := strings.TrimSpace(p[signal.FieldFirstName] + " " + p[signal.FieldLastName])
	name = cmp.Or(name, p[signal.FieldEmail], "somebody without a name")
	if company := p[signal.FieldCompany]; company != "" {
		name += ", " + company
	}
	return plain(name)
}

// printJSON writes v for programs.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return fault.Wrap(fault.Internal, "encode", enc.Encode(v))
}
