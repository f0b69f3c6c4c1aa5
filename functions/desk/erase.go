package main

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/privacy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

// eraseView is what the page of an erasure shows: the form, that it is under
// way, or that it is done.
type eraseView struct {
	Title     string
	Lead      orderedLead
	Names     int
	Token     string
	Problem   string
	Pending   bool
	Done      bool
	Tomb      table.Tombstone
	Elsewhere []privacy.Elsewhere
}

// watching is how many seconds later the page looks again while it is under way.
const watching = 3

func (h *handler) erasePage(ctx context.Context, r *web.Request) (web.Response, error) {
	return h.showErase(ctx, r, "", http.StatusOK)
}

func (h *handler) showErase(ctx context.Context, r *web.Request, problem string, status int) (web.Response, error) {
	v := eraseView{Title: "Erase this person", Token: r.Who.Token, Problem: problem, Elsewhere: privacy.Places()}
	doc := page.Doc{}
	l, err := h.load(ctx, r)
	switch {
	case err == nil:
		if v.Lead, v.Names = leadOf(l), len(l.Keys()); v.Problem == "" {
			if v.Pending, err = h.erasing(ctx, l.Key); err != nil {
				return web.Response{}, err
			}
		}
	case fault.KindOf(err) == fault.NotFound:
		k, missing := keyOf(r)
		if missing != nil {
			return web.Response{}, missing
		}
		if v.Tomb, err = h.table.Tombstone(ctx, k); err != nil {
			return web.Response{}, err
		}
		v.Title, v.Done = "This person was erased", true
	default:
		return web.Response{}, err
	}
	if v.Pending || v.Done && v.Tomb.Cleared.IsZero() {
		doc.Refresh = watching
	}
	doc.Title, doc.Data = v.Title, v
	out, err := h.site.Show(r, "erase.html", doc)
	if err == nil {
		out.StatusCode = status
	}
	return out, err
}

// erasing tells whether an order is under way.
func (h *handler) erasing(ctx context.Context, k signal.LeadKey) (bool, error) {
	ids, err := h.table.SignalIDs(ctx, k, decision.Operator, decision.EraseID)
	return len(ids) > 0, err
}

func (h *handler) eraseForm(ctx context.Context, r *web.Request) (web.Response, error) {
	if r.Form.Get("sure") != "yes" {
		return h.showErase(ctx, r, "Say that you know that this cannot be taken back.", http.StatusUnprocessableEntity)
	}
	key, err := h.orderErasure(ctx, r, r.Form.Get("reason"))
	switch {
	case err == nil:
		return web.See("/leads/" + string(key) + "/erase"), nil
	case fault.KindOf(err) == fault.Invalid:
		return h.showErase(ctx, r, sentence(err.Error()), http.StatusUnprocessableEntity)
	case fault.KindOf(err) == fault.NotFound:
		return h.erasePage(ctx, r) // the same form was sent before, and carried out
	}
	return web.Response{}, err
}

// orderErasure stores the order. Kinds: Invalid, NotFound, Unavailable.
func (h *handler) orderErasure(ctx context.Context, r *web.Request, reason string) (signal.LeadKey, error) {
	l, err := h.load(ctx, r)
	if err != nil {
		return "", err
	}
	order, err := decision.EraseOrder(lead.Erasure{Reason: lead.Reason(reason), By: signed(r.Who)}, r.Now)
	if err != nil {
		return "", err
	}
	_, err = h.table.PutSignalFor(ctx, l.Key, order)
	return l.Key, err
}

// erasureAnswer is the answer of POST /api/leads/{key}/erase.
type erasureAnswer struct {
	Key     string    `json:"key"`
	Ordered time.Time `json:"ordered"`
}

// eraseJSON answers POST /api/leads/{key}/erase with {"reason": "request"}.
func (h *handler) eraseJSON(ctx context.Context, r *web.Request) (erasureAnswer, error) {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal(r.Body, &in); err != nil {
		return erasureAnswer{}, web.Problemf(http.StatusBadRequest, "invalid", `Send a JSON object such as {"reason":"request"}.`)
	}
	key, err := h.orderErasure(ctx, r, in.Reason)
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return erasureAnswer{}, web.Problemf(http.StatusUnprocessableEntity, "invalid", sentence(err.Error()))
	}
	return erasureAnswer{Key: string(key), Ordered: r.Now}, err
}
