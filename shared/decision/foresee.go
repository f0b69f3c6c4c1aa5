package decision

import (
	"context"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Joined is what an order to merge, or to take a merge back, would make of
// leads.
type Joined struct {
	Lead *lead.Lead       // the lead that remains
	Also *lead.Lead       // the one that is split off; nil for a merge
	Gone *lead.Lead       // the one that becomes part of Lead, as it is now; nil for a split
	Told []contract.Event // of Lead, in order
	// AlsoTold is told of the other lead.
	AlsoTold []contract.Event
}

// ForeseeJoin says what an order to merge or to split would make of the leads
// if it were carried out now, with what would follow from it by itself. Nothing
// is written. Kind: Invalid when nothing would change.
func (m *Maker) ForeseeJoin(ctx context.Context, l *lead.Lead, order signal.Signal, now time.Time) (Joined, error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return Joined{}, err
	}
	w := lead.World{Key: l.Key}
	ties, err := m.ties(ctx, core, &w, []signal.Signal{order})
	if err != nil {
		return Joined{}, err
	}
	if ties.Join == nil {
		return Joined{}, fault.New(fault.Invalid, "nothing would change: the leads are not any more as they were")
	}
	d, err := m.joining(ctx, core, w, *ties.Join, now)
	if err != nil {
		return Joined{}, err
	}
	r := &rehearsal{pools: map[string]routing.Pool{}, accounts: map[account.Key]account.Account{}}
	r.keep(d)
	out := Joined{Lead: d.Lead, Also: d.Also.Lead, Told: told(d.Log), AlsoTold: told(d.Also.Log)}
	if out.Also == nil {
		out.Gone = ties.Join.From
		if out.Gone.Key == d.Lead.Key {
			out.Gone = ties.Join.Into
		}
	}
	if out.Lead, out.Told, err = m.follows(ctx, core, r, out.Lead, out.Told, now); err != nil {
		return out, err
	}
	out.Also, out.AlsoTold, err = m.follows(ctx, core, r, out.Also, out.AlsoTold, now)
	return out, err
}

func told(log *lead.LogItem) []contract.Event {
	if log == nil {
		return nil
	}
	return log.Entries
}

// follows decides what is to be decided anew about a lead, in what was decided before.
func (m *Maker) follows(ctx context.Context, core *lead.Core, r *rehearsal, l *lead.Lead, events []contract.Event, now time.Time) (*lead.Lead, []contract.Event, error) {
	if l == nil || l.Journey.Anew == nil {
		return l, events, nil
	}
	w := lead.World{Key: l.Key, Lead: l}
	for range maxLoads {
		r.into(&w)
		d, err := core.Decide(w, nil, now)
		if err != nil {
			return l, events, err
		}
		if !d.Needs.Any() {
			if d.Lead == nil {
				return l, events, nil
			}
			r.keep(d)
			return d.Lead, append(events, told(d.Log)...), nil
		}
		if err := m.load(ctx, &w, d.Needs); err != nil {
			return l, events, err
		}
	}
	return l, events, fault.New(fault.Internal, "the core kept asking for more about lead %s", l.Key)
}
