package main

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/imports"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

type handler struct {
	table  *table.Table
	policy *rules.Loader
	site   *web.Site
}

// routes are what this function answers.
func (h *handler) routes() map[access.Route]web.Handler {
	return map[access.Route]web.Handler{
		"GET /imports":                h.listPage,
		"POST /imports":               h.previewPage,
		"POST /imports/start":         h.startForm,
		"GET /imports/{id}":           h.importPage,
		"GET /api/imports":            web.AsJSON(h.list),
		"POST /api/imports":           web.AsJSON(h.start),
		"GET /api/imports/{id}":       web.AsJSON(h.one),
		"POST /api/imports/{id}/rows": web.AsJSON(h.rows),
	}
}

// problem says what is wrong with a file or a mapping by the sentence of the
// error, which names nobody.
func problem(err error) error {
	var known *web.Problem
	if err == nil || errors.As(err, &known) {
		return err
	}
	switch fault.KindOf(err) {
	case fault.Invalid:
		return web.Problemf(http.StatusBadRequest, "invalid", page.Sentence(err.Error())+".")
	case fault.Conflict:
		return web.Problemf(http.StatusConflict, "conflict", "Somebody else imports this file at the moment, in another tab perhaps. Nothing is stored twice: load the page again to see how far it is.")
	case fault.NotFound:
		return web.Problemf(http.StatusNotFound, "not_found", "There is no such import. The list of imports shows those that there are.")
	case fault.Internal, fault.Denied, fault.Unavailable:
	}
	return err
}

// known reads the import of the path.
func (h *handler) known(ctx context.Context, r *web.Request) (imports.State, error) {
	s, err := h.table.Import(ctx, r.Params["id"])
	return s, problem(err)
}

// sources lists what an import may be the word of.
func (h *handler) sources(ctx context.Context, r *web.Request) ([]string, error) {
	p, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return nil, err
	}
	all := slices.Sorted(maps.Keys(p.Sources))
	all = slices.DeleteFunc(all, func(s string) bool { return s == imports.Source })
	return append([]string{imports.Source}, all...), nil
}

// runner carries an import out, into the table.
func (h *handler) runner(id string, r *web.Request) *imports.Runner {
	return &imports.Runner{
		Put: h.table.PutSignals,
		Save: func(ctx context.Context, s imports.State, before int64) error {
			s.UpdatedAt = r.Now.UTC()
			return h.table.PutImport(ctx, id, s, before)
		},
	}
}
