package decision

import (
	"context"
	"maps"
	"time"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Preview says who would receive a lead now, and why. Nothing is written.
type Preview struct {
	Rep   string // the id; "" when nobody could
	Steps []lead.RouteStep
}

// Preview says who would receive a lead now, whatever its stage. A lead that is
// held is offered as if its turn had come. Kinds: NotFound, Unavailable.
func (m *Maker) Preview(ctx context.Context, k signal.LeadKey, now time.Time) (Preview, error) {
	l, err := m.table.Lead(ctx, k)
	if err != nil {
		return Preview{}, err
	}
	return m.PreviewOf(ctx, l, now)
}

// PreviewOf is Preview for a lead that need not be stored.
func (m *Maker) PreviewOf(ctx context.Context, l *lead.Lead, now time.Time) (Preview, error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return Preview{}, err
	}
	w := lead.World{Key: l.Key, Lead: l, Offer: l.Journey.Held != nil}
	for range maxLoads {
		steps, rep, needs := core.Route(w, now)
		if !needs.Any() {
			return Preview{Rep: rep, Steps: steps}, nil
		}
		if err := m.load(ctx, &w, needs); err != nil {
			return Preview{}, err
		}
	}
	return Preview{}, fault.New(fault.Internal, "the core kept asking for more about lead %s", l.Key)
}

// Foresee says what an order about a lead would do if it were carried out now,
// as the decision that would be made. Its log has an order.ignored when nothing
// would change. Nothing is written.
func (m *Maker) Foresee(ctx context.Context, l *lead.Lead, order signal.Signal, now time.Time) (lead.Decision, error) {
	core, err := m.current(ctx, now)
	if err != nil {
		return lead.Decision{}, err
	}
	none := rehearsal{pools: map[string]routing.Pool{}, accounts: map[account.Key]account.Account{}}
	return m.rehearse(ctx, core, &none, lead.World{Key: l.Key, Lead: l}, order, now)
}

// Move is what would become of one lead of a rep who hands theirs over.
type Move struct {
	Lead  *lead.Lead
	To    string // the id of the next holder; "" when the lead would stay
	Why   string // in a sentence, for a lead that stays
	Steps []lead.RouteStep
}

// Rehearse says who would receive each of some leads if they were handed over
// one after the other, by the same rules and with the same effect on pools as
// the orders themselves. Nothing is written.
func (m *Maker) Rehearse(ctx context.Context, leads []*lead.Lead, reason string, now time.Time) ([]Move, error) {
	return m.rehearseAll(ctx, nil, leads, reason, now)
}

// rehearsal is what the orders before would have changed.
type rehearsal struct {
	pools    map[string]routing.Pool
	accounts map[account.Key]account.Account
}

// into puts what the orders before would have changed into the world.
func (r *rehearsal) into(w *lead.World) {
	w.Pools = maps.Clone(w.Pools)
	if w.Pools == nil {
		w.Pools = map[string]routing.Pool{}
	}
	maps.Copy(w.Pools, r.pools)
	for i, a := range w.Accounts {
		if changed, ok := r.accounts[a.Key]; ok {
			w.Accounts[i] = changed
		}
	}
}

// keep takes note of what an order would change.
func (r *rehearsal) keep(d lead.Decision) {
	for _, p := range d.Pools {
		r.pools[p.Name] = p
	}
	if d.Account != nil {
		r.accounts[d.Account.Key] = *d.Account
	}
}

func (m *Maker) rehearse(ctx context.Context, core *lead.Core, r *rehearsal, w lead.World, order signal.Signal, now time.Time) (lead.Decision, error) {
	for range maxLoads {
		r.into(&w)
		d, err := core.Decide(w, []signal.Signal{order}, now)
		if err != nil {
			return d, err
		}
		if d.Needs.Any() {
			if err := m.load(ctx, &w, d.Needs); err != nil {
				return d, err
			}
			continue
		}
		r.keep(d)
		return d, nil
	}
	return lead.Decision{}, fault.New(fault.Internal, "the core kept asking for more about lead %s", w.Key)
}

func moveOf(l *lead.Lead, d lead.Decision) Move {
	move := Move{Lead: l}
	if d.Log != nil {
		move.Steps = d.Log.Route
	}
	if d.Lead == nil || d.Lead.Journey.Handoff.Number == l.Journey.Handoff.Number {
		move.Why = "nobody else can take it now"
		return move
	}
	move.To = d.Lead.Journey.Handoff.Rep
	return move
}
