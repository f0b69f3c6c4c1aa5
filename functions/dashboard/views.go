package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/web"
)

// viewLink leads to a view; Here is the one that is shown.
type viewLink struct {
	Name, URL string
	Here      bool
}

// viewLinks are the views that come with Handoff, and the saved ones.
func viewLinks(saved []find.View, here string) []viewLink {
	links := []viewLink{{Name: "All", URL: "/leads", Here: here == ""}}
	for _, v := range append(find.Shipped(), saved...) {
		q, err := url.ParseQuery(v.Query)
		if err == nil {
			links = append(links, viewLink{Name: v.Name, URL: listAddress(q), Here: v.Query == here})
		}
	}
	return links
}

// savedView is a view as the page of views shows it.
type savedView struct {
	find.View
	URL  string
	Mine bool // the person may rename and delete it
}

// Whose says who sees the view.
func (v savedView) Whose() string {
	if v.Owner != "" {
		return "only you"
	}
	return "everybody"
}

// Scope names the owner in a form, which has no need of subjects.
func (v savedView) Scope() string {
	if v.Owner != "" {
		return "own"
	}
	return "shared"
}

// viewsPage lists the saved views, to rename and delete them.
func (h *handler) viewsPage(ctx context.Context, r *web.Request) (web.Response, error) {
	saved, err := h.leads.Views(ctx, r.Who.Subject)
	if err != nil {
		return web.Response{}, err
	}
	data := struct {
		Now   time.Time
		Token string
		Views []savedView
	}{Now: r.Now, Token: r.Who.Token}
	for _, v := range saved {
		q, err := url.ParseQuery(v.Query)
		if err == nil {
			data.Views = append(data.Views, savedView{View: v, URL: listAddress(q), Mine: mayChange(r.Who, v)})
		}
	}
	return h.site.Show(r, "views.html", page.Doc{Title: "Views", Data: data})
}

// mayChange tells whether the person may rename and delete a view: their own,
// and of those of everybody the ones that they have saved; operators all.
func mayChange(p access.Person, v find.View) bool { return v.By == p.Subject || p.Is(access.Operator) }

// saveView gives the filter of a list a name.
func (h *handler) saveView(ctx context.Context, r *web.Request) (web.Response, error) {
	name, err := find.Called(r.Form.Get("name"))
	if err != nil {
		return web.Response{}, mistaken(err)
	}
	query, err := find.Kept(r.Form.Get("query"))
	if err != nil {
		return web.Response{}, mistaken(err)
	}
	v := find.View{Version: 1, By: r.Who.Subject, ByName: r.Who.Called(), Name: name, Query: query, At: r.Now.UTC()}
	if r.Form.Get("for") != "everybody" {
		v.Owner = r.Who.Subject
	}
	saved, err := h.leads.Views(ctx, v.Owner)
	if err != nil {
		return web.Response{}, err
	}
	n := 0
	for _, s := range saved {
		if s.Owner == v.Owner {
			n++
		}
	}
	if n >= find.MostViews {
		return web.Response{}, web.Problemf(http.StatusConflict, "too_many_views", "There are as many views as there may be. Delete one that nobody needs, and save this one again.")
	}
	v.ID = viewID(v)
	if err := h.leads.PutView(ctx, v); err != nil && fault.KindOf(err) != fault.Conflict { // sent twice
		return web.Response{}, err
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return web.Response{}, fault.Wrap(fault.Internal, "read what was encoded", err)
	}
	return web.See(listAddress(q)), nil
}

// viewID names a view by its content, so that a form that is sent twice saves it once.
func viewID(v find.View) string {
	sum := sha256.Sum256([]byte(v.Owner + "\x00" + v.By + "\x00" + v.Name + "\x00" + v.Query))
	return hex.EncodeToString(sum[:8])
}

// changeView renames or deletes a view.
func (h *handler) changeView(ctx context.Context, r *web.Request) (web.Response, error) {
	owner := r.Who.Subject
	if r.Form.Get("scope") == "shared" {
		owner = ""
	}
	v, err := h.leads.View(ctx, owner, r.Params["view"])
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return web.Response{}, web.Problemf(http.StatusNotFound, "no_such_view", "There is no such view any more. Go back to the views, and load the page again.")
	case err != nil:
		return web.Response{}, err
	case !mayChange(r.Who, v):
		return web.Response{}, web.Problemf(http.StatusForbidden, "not_your_view", "Somebody else has saved this view. Save one of your own instead, or ask an operator.")
	case r.Form.Get("version") != strconv.FormatInt(v.Version, 10):
		return web.Response{}, fault.New(fault.Conflict, "the view has changed since")
	}
	if r.Form.Get("do") == "delete" {
		err = h.leads.DeleteView(ctx, v)
	} else {
		if v.Name, err = find.Called(r.Form.Get("name")); err != nil {
			return web.Response{}, mistaken(err)
		}
		v.Version, v.At = v.Version+1, r.Now.UTC()
		err = h.leads.PutView(ctx, v)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.See("/leads/views"), nil
}

// mistaken makes a problem of what is wrong with what somebody entered.
func mistaken(err error) error {
	var wrong *find.Mistake
	if errors.As(err, &wrong) {
		return web.Problemf(http.StatusBadRequest, "invalid_"+wrong.Param, wrong.Detail)
	}
	return err
}
