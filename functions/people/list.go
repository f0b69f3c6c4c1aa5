package main

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/web"
)

// list describes the people of the pools that the asker may see.
func (h *handler) list(ctx context.Context, d *desk) (listAnswer, error) {
	out := listAnswer{Pools: []poolAnswer{}}
	for _, name := range slices.Sorted(maps.Keys(d.policy.Routing.Pools)) {
		if !d.who.Manages(name) {
			continue
		}
		people, err := h.standing(ctx, d, name)
		if err != nil {
			return out, err
		}
		out.Pools = append(out.Pools, poolAnswer{name, people})
	}
	return out, nil
}

// listView is what the page /people shows.
type listView struct {
	listAnswer
	Now time.Time
}

// listPage answers GET /people. Reps who manage nobody see their own page.
func (h *handler) listPage(ctx context.Context, r *web.Request) (web.Response, error) {
	if !r.Who.Is(access.Operator, access.Manager) {
		return h.ownPage(ctx, r)
	}
	d, err := h.desk(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	all, err := h.list(ctx, d)
	if err != nil {
		return web.Response{}, err
	}
	return h.site.Show(r, "people.html", page.Doc{Title: "People", Data: listView{all, r.Now}})
}

// listJSON answers GET /api/people.
func (h *handler) listJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	d, err := h.desk(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(h.list(ctx, d))
}

// ownPage answers GET /people/me.
func (*handler) ownPage(_ context.Context, r *web.Request) (web.Response, error) {
	if r.Who.Rep == "" {
		return web.Response{}, web.Problemf(http.StatusNotFound, "no_rep", "No rep has your address. Ask an operator to put it on your card.")
	}
	return web.See("/people/" + r.Who.Rep), nil
}
