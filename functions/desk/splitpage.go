package main

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// splitting is a merge that somebody wants to take back.
type splitting struct {
	lead *lead.Lead
	from signal.LeadKey
	why  string
}

// splitView is what the page of a merge shows.
type splitView struct {
	Lead    pairLead
	Merge   view.Merge
	Will    []string
	Refused string
	Token   string
	Version int64
	Seen    string
	Why     string
	Problem string
	Changed bool
}

// splitting reads the merge that the path names. Kind: NotFound when there is
// none, or no more.
func (h *handler) splitting(ctx context.Context, r *web.Request) (*splitting, error) {
	l, err := h.load(ctx, r)
	if err != nil {
		return nil, err
	}
	from, ok := signal.ParseKey(r.Params["from"])
	if !ok {
		return nil, fault.New(fault.NotFound, "the path names no lead key")
	}
	if !sees(r.Who, l) {
		return nil, web.Problemf(http.StatusForbidden, "forbidden", "You may take back merges of the leads that you may see, and this is none of them.")
	}
	return &splitting{lead: l, from: from}, nil
}

func (s *splitting) order(r *web.Request, version int64) (signal.Signal, error) {
	shown := *s.lead
	shown.Version = min(version, shown.Version)
	return decision.OrderFor(&shown, decision.Order{
		Type: signal.OrderSplit, With: s.from, Reason: s.why, By: signed(r.Who),
	}, r.Now)
}

func (h *handler) splitPage(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.splitting(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return h.showSplit(ctx, r, s, splitView{}, http.StatusOK)
}

func (h *handler) splitForm(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.splitting(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	version, err := strconv.ParseInt(r.Form.Get("version"), 10, 64)
	if err != nil {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid", "The form is incomplete. Load the page again, and send it once more.")
	}
	s.why = r.Form.Get("reason")
	if s.lead.MergeOf(s.from) == nil {
		return web.See("/leads/" + string(s.lead.Key)), nil // the same form was sent before
	}
	if r.Form.Get("seen") != seenOf(s.lead) {
		return h.showSplit(ctx, r, s, splitView{Changed: true}, http.StatusConflict)
	}
	order, err := s.order(r, version)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return h.showSplit(ctx, r, s, splitView{Problem: sentence(err.Error())}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return web.Response{}, err
	}
	if _, err := h.table.PutSignalFor(ctx, s.lead.Key, order); err != nil {
		return web.Response{}, err
	}
	return web.See("/leads/" + string(s.lead.Key) + "?" + url.Values{"ordered": {order.ID}}.Encode()), nil
}

func (h *handler) showSplit(ctx context.Context, r *web.Request, s *splitting, v splitView, status int) (web.Response, error) {
	v.Lead, v.Token, v.Version, v.Seen, v.Why = pairLeadOf(s.lead), r.Who.Token, s.lead.Version, seenOf(s.lead), s.why
	for _, m := range view.Merges(s.lead) {
		if m.From == string(s.from) {
			v.Merge = m
		}
	}
	if v.Merge.From == "" {
		return web.Response{}, web.Problemf(http.StatusNotFound, "not_found", "The lead has no such merge, or it was taken back already. See the lead for those that it has.")
	}
	try := *s
	try.why = "…"
	order, err := try.order(r, s.lead.Version)
	if err != nil {
		return web.Response{}, err
	}
	would, err := h.decide.ForeseeJoin(ctx, s.lead, order, r.Now)
	switch {
	case err != nil && fault.KindOf(err) == fault.Invalid:
		v.Refused = sentence(err.Error())
	case err != nil:
		return web.Response{}, err
	default:
		v.Will = view.WillSplit(would, s.lead, v.Merge)
	}
	out, err := h.site.Show(r, "split.html", page.Doc{Title: "Take this merge back?", Data: v})
	if err == nil {
		out.StatusCode = status
	}
	return out, err
}
