package main

import (
	"context"
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

type handler struct {
	table  *table.Table
	book   func(ctx context.Context, now time.Time) (*answer.Book, error) // the policy with the directory laid over
	policy *rules.Loader                                                  // as it is applied
	decide *decision.Maker                                                // looks ahead and keeps what is said of duplicates: nothing is decided here
	desk   answer.Desk
	site   *web.Site
}

// routes are what this function answers.
func (h *handler) routes() map[access.Route]web.Handler {
	return map[access.Route]web.Handler{
		"GET /my":                            h.myPage,
		"GET /leads/{key}/answer/{purpose}":  h.answerPage,
		"POST /leads/{key}/answer/{purpose}": h.answerForm,
		"GET /board":                         h.boardPage,
		"GET /leads/{key}/order/{what}":      h.orderPage,
		"POST /leads/{key}/order/{what}":     h.orderForm,
		"GET /leads/{key}/erase":             h.erasePage,
		"POST /leads/{key}/erase":            h.eraseForm,
		"POST /api/leads/{key}/erase":        web.AsJSON(h.eraseJSON),
		"GET /leads/{key}/data":              h.dataPage,
		"POST /leads/{key}/data":             h.dataForm,
		"GET /duplicates":                    h.duplicatesPage,
		"GET /duplicates/{a}/{b}":            h.pairPage,
		"POST /duplicates/{a}/{b}":           h.pairForm,
		"GET /leads/{key}/merges/{from}":     h.splitPage,
		"POST /leads/{key}/merges/{from}":    h.splitForm,
		"GET /api/duplicates":                web.AsJSON(h.duplicates),
		"POST /api/duplicates/{a}/{b}":       web.AsJSON(h.judgeJSON),
		"GET /api/my":                        web.AsJSON(h.my),
		"GET /api/board":                     web.AsJSON(h.board),
		"POST /api/leads/{key}/orders":       web.AsJSON(h.orderJSON),
		"POST /api/leads/{key}/answers":      h.answerJSON,
		"POST /api/leads/{key}/data":         web.AsJSON(h.dataJSON),
	}
}

// keyOf reads the lead's key of the path. Kind: NotFound for what can be none.
func keyOf(r *web.Request) (signal.LeadKey, error) {
	k, ok := signal.ParseKey(r.Params["key"])
	if !ok {
		return "", fault.New(fault.NotFound, "the path names no lead key")
	}
	return k, nil
}

// load reads the lead that the path names.
func (h *handler) load(ctx context.Context, r *web.Request) (*lead.Lead, error) {
	k, err := keyOf(r)
	if err != nil {
		return nil, err
	}
	return h.table.Lead(ctx, k)
}

// notRep is the problem of somebody with the role who is no rep of the policy.
func notRep() error {
	return web.Problemf(http.StatusForbidden, "not_a_rep",
		"No rep has your e-mail address, so no lead can be yours. Ask your manager to enter it with you among the people.")
}
