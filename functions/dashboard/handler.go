package main

import (
	"log/slog"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

type handler struct {
	leads  *table.Table
	policy *rules.Loader
	decide *decision.Maker // previews alone: nothing is written
	desk   answer.Desk     // what a holder can say: nothing is stored
	site   *web.Site
	log    *slog.Logger
}

// routes are what this function answers.
func (h *handler) routes() map[access.Route]web.Handler {
	return map[access.Route]web.Handler{
		"GET /":                         h.overviewPage,
		"GET /leads":                    h.leadsPage,
		"GET /leads/nearly":             h.nearlyPage,
		"GET /leads.csv":                h.export,
		"GET /leads/views":              h.viewsPage,
		"POST /leads/views":             h.saveView,
		"POST /leads/views/{view}":      h.changeView,
		"GET /leads/{key}":              h.leadPage,
		"GET /accounts":                 h.accountsPage,
		"GET /accounts/{key}":           h.accountPage,
		"GET /api/accounts":             web.AsJSON(h.accounts),
		"GET /api/accounts/{key}":       web.AsJSON(h.account),
		"GET /sources":                  h.sourcesPage,
		"GET /api/sources":              web.AsJSON(h.sources),
		"GET /api/leads":                web.AsJSON(h.list),
		"GET /api/leads/{key}":          web.AsJSON(h.lead),
		"GET /api/leads/{key}/route":    web.AsJSON(h.routeNow),
		"GET /api/leads/{key}/timeline": web.AsJSON(h.timeline),
	}
}

// newHandler makes the handler of a table, without its site.
func newHandler(leads *table.Table, log *slog.Logger) *handler {
	compiled := rules.NewLoader(leads.Policy)
	book := answer.Current(policy.NewLoader(leads.Policy, answer.NewBook).Current, leads.Roster)
	return &handler{
		leads: leads, policy: compiled, decide: decision.New(leads, compiled), desk: answer.Desk{Table: leads, Policy: book}, log: log,
	}
}
