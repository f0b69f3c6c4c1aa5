package main

import (
	"context"
	"slices"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/web"
)

// routeNow answers GET /api/leads/{key}/route.
func (h *handler) routeNow(ctx context.Context, r *web.Request) (routeAnswer, error) {
	l, err := h.load(ctx, r)
	if err != nil {
		return routeAnswer{}, err
	}
	return h.preview(ctx, r, l)
}

// preview says who would receive a lead now. Nothing is written.
func (h *handler) preview(ctx context.Context, r *web.Request, l *lead.Lead) (routeAnswer, error) {
	policy, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return routeAnswer{}, err
	}
	p, err := h.decide.PreviewOf(ctx, l, r.Now)
	if err != nil {
		return routeAnswer{}, err
	}
	names, err := h.names(ctx, policy)
	if err != nil {
		return routeAnswer{}, err
	}
	out := routeAnswer{
		Key: string(l.Key), AsOf: r.Now, PolicyVersion: string(policy.Version), Steps: stepsFrom(p.Steps, names),
	}
	if p.Rep != "" {
		out.Holder = &holder{Rep: p.Rep, Name: names.of(p.Rep)}
	}
	if s, ok := winner(out.Steps); ok {
		out.Pool, out.By = s.Pool, s.By
	}
	return out, nil
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
	out.Handoff.Route = stepsFrom(item.Route, names)
	if s, ok := winner(out.Handoff.Route); ok {
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

// names are the reps' by their ids.
type names map[string]string

// names reads them as the directory has them.
func (h *handler) names(ctx context.Context, c *rules.Compiled) (names, error) {
	roster, err := h.leads.Roster(ctx)
	if err != nil {
		return nil, err
	}
	all := names{}
	for _, p := range roster.Over(c.Policy).Routing.Pools {
		for _, r := range p.Reps {
			all[r.ID] = r.Name
		}
	}
	return all, nil
}

func (n names) of(rep string) string {
	if name := n[rep]; name != "" {
		return name
	}
	return rep
}

func stepsFrom(steps []lead.RouteStep, n names) []routeStep {
	out := make([]routeStep, len(steps))
	for i, s := range steps {
		out[i] = routeStep{By: s.By, Pool: s.Pool, Why: s.Why, Considered: []candidate{}}
		for _, c := range s.Considered {
			out[i].Considered = append(out[i].Considered, candidateOf(c, n))
		}
	}
	return out
}

func candidateOf(c routing.Considered, n names) candidate {
	return candidate{Rep: c.Rep, Name: n.of(c.Rep), Chosen: c.Chosen, Why: c.Why}
}

// winner returns the step that found somebody.
func winner(steps []routeStep) (routeStep, bool) {
	i := slices.IndexFunc(steps, func(s routeStep) bool {
		return slices.ContainsFunc(s.Considered, func(c candidate) bool { return c.Chosen })
	})
	if i < 0 {
		return routeStep{}, false
	}
	return steps[i], true
}
