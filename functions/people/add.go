package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/web"
)

// newView is what the page /people/new shows.
type newView struct {
	Token   string
	Form    form
	Refused string
}

// newPage answers GET /people/new.
func (h *handler) newPage(ctx context.Context, r *web.Request) (web.Response, error) {
	d, err := h.desk(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return h.showNew(r, newView{Form: emptyForm(d)}, http.StatusOK)
}

// emptyForm is that of a rep who is not there yet.
func emptyForm(d *desk) form {
	team := d.base.Calendars[d.base.SLA.Calendar]
	f := form{Errors: map[string]string{}, Values: map[string]string{"weight": "1", "zone": team.Zone}}
	f.choices(d, nil)
	if len(f.Pools) == 1 {
		f.Pools[0].Chosen = true
	}
	return f
}

func (h *handler) showNew(r *web.Request, v newView, status int) (web.Response, error) {
	v.Token = r.Who.Token
	return h.show(r, status, "new.html", page.Doc{Title: "Add somebody", Data: v})
}

// addRep answers POST /people/new.
func (h *handler) addRep(ctx context.Context, r *web.Request) (web.Response, error) {
	d, err := h.desk(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := newView{Form: emptyForm(d)}
	v.Form.posted(d, r.Form)
	o := directory.Order{Rep: v.Form.Values["id"], New: true, Why: v.Form.Values["why"], Edit: v.Form.edit(nil, r.Form)}
	if err := d.mayAsk(r, o); err != nil {
		return web.Response{}, err
	}
	if len(v.Form.Errors) > 0 {
		return h.showNew(r, v, http.StatusBadRequest)
	}
	err = h.change(ctx, d, o)
	var problem *web.Problem
	switch {
	case err == nil:
		return web.See("/people/" + o.Rep + "?done=added"), nil
	case v.Form.refused(err):
		return h.showNew(r, v, http.StatusBadRequest)
	case errors.As(err, &problem) && problem.Status == http.StatusConflict:
		v.Form.Errors["id"] = problem.Detail
		return h.showNew(r, v, http.StatusConflict)
	}
	return web.Response{}, err
}
