package main

import (
	"context"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// routeNow answers GET /api/leads/{key}/route.
func (h *handler) routeNow(ctx context.Context, r *web.Request) (view.Route, error) {
	l, err := h.load(ctx, r)
	if err != nil {
		return view.Route{}, err
	}
	return h.preview(ctx, r, l)
}

// preview says who would receive a lead now. Nothing is written.
func (h *handler) preview(ctx context.Context, r *web.Request, l *lead.Lead) (view.Route, error) {
	policy, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return view.Route{}, err
	}
	p, err := h.decide.PreviewOf(ctx, l, r.Now)
	if err != nil {
		return view.Route{}, err
	}
	names, err := h.names(ctx, policy)
	if err != nil {
		return view.Route{}, err
	}
	return view.RouteOf(l.Key, p, policy.Version, names, r.Now), nil
}

// addRoute adds from the log how the holder was found. A handoff whose log is
// gone is shown without.
func (h *handler) addRoute(ctx context.Context, l *lead.Lead, policy *rules.Compiled, out *leadAnswer) error {
	j := l.Journey.Holder()
	if j == nil || j.Log == 0 {
		return nil
	}
	item, err := h.leads.LogAt(ctx, l.Key, j.Log)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	names, err := h.names(ctx, policy)
	if err != nil {
		return err
	}
	out.Handoff.Route = view.StepsOf(item.Route, names)
	if s, ok := view.Winner(out.Handoff.Route); ok {
		out.Handoff.Considered = s.Considered
	}
	return nil
}

// addHeld adds where a lead waits, and until when.
func (h *handler) addHeld(ctx context.Context, r *web.Request, l *lead.Lead, out *leadAnswer) error {
	w := l.Journey.Held
	if w == nil {
		return nil
	}
	next, err := h.decide.NextOffer(ctx, w.Pool, r.Now)
	if err != nil {
		return err
	}
	if w.Until.After(next) {
		next = w.Until // held back by order
	}
	out.Held = &held{Pool: w.Pool, Since: w.Waits.UTC(), NextOffer: next.UTC()}
	return nil
}

// names reads the names of reps as the directory has them.
func (h *handler) names(ctx context.Context, c *rules.Compiled) (view.Names, error) {
	roster, err := h.leads.Roster(ctx)
	if err != nil {
		return nil, err
	}
	return view.NamesOf(roster.Over(c.Policy)), nil
}
