package main

import (
	"context"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/steering"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

type handler struct {
	table *table.Table
	maker *decision.Maker
	desk  *steering.Desk
	site  *web.Site
}

// routes are what this function answers.
func (h *handler) routes() map[access.Route]web.Handler {
	return map[access.Route]web.Handler{
		"GET /rollout":                  h.rolloutPage,
		"GET /rollout/{action}":         h.actPage,
		"POST /rollout/{action}":        h.actForm,
		"GET /rollout/journal":          h.journalPage,
		"GET /api/rollout":              h.rolloutJSON,
		"GET /api/rollout/journal":      h.journalJSON,
		"POST /api/rollout/{action}":    h.actJSON,
		"GET /rollout/suggestions":      h.suggestionsPage,
		"POST /rollout/suggestions":     h.settleForm,
		"GET /api/rollout/suggestions":  h.suggestionsJSON,
		"POST /api/rollout/suggestions": h.settleJSON,
	}
}

// policy reads the policy in force with what the directory of reps says.
func (h *handler) policy(ctx context.Context, r *web.Request) (*policy.Policy, error) {
	core, err := h.maker.Core(ctx, r.Now)
	if err != nil {
		return nil, err
	}
	roster, err := h.table.Roster(ctx)
	if err != nil {
		return nil, err
	}
	return core.Over(roster).Policy().Policy, nil
}
