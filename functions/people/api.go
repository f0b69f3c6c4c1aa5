package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/web"
)

// cardJSON answers GET /api/people/{rep}.
func (h *handler) cardJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.subject(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(h.card(ctx, s))
}

// changeRequest is the body of POST /api/people/{rep}.
type changeRequest struct {
	Version *int64          `json:"version"` // of the rep's entry that the change was made on; left out: whatever it is
	New     bool            `json:"new"`     // add a rep with this id
	Reason  string          `json:"reason"`
	Change  json.RawMessage `json:"change"` // a directory.Edit
}

// changeJSON answers POST /api/people/{rep}.
func (h *handler) changeJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	var in changeRequest
	if err := readBody(r, &in); err != nil {
		return web.Response{}, err
	}
	edit, err := directory.ParseEdit(in.Change)
	if err != nil {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid_body", err.Error())
	}
	d, err := h.desk(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	o := directory.Order{Rep: r.Params["rep"], New: in.New, Why: in.Reason, Seen: in.Version, Edit: edit}
	if err := d.mayAsk(r, o); err != nil {
		return web.Response{}, err
	}
	if err := h.change(ctx, d, o); err != nil && !errors.Is(err, directory.ErrUnchanged) {
		return web.Response{}, refusal(err)
	}
	if gone, _ := edit.Gone.Value(); gone {
		return web.JSON(struct {
			Rep  string `json:"rep"`
			Gone bool   `json:"gone"`
		}{o.Rep, true}, nil)
	}
	s, err := d.about(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(h.card(ctx, s))
}

// mayAsk says whether the asker may make a change of the rep of the path, or
// add them. Kind: Denied.
func (d *desk) mayAsk(r *web.Request, o directory.Order) error {
	if o.New {
		return (&subject{desk: d}).mayPool(o)
	}
	s, err := d.about(r)
	if err != nil {
		return err
	}
	return s.may(o)
}

// refusal says by field what is wrong with an order.
func refusal(err error) error {
	var wrong directory.Problems
	switch {
	case errors.As(err, &wrong):
		return web.Problemf(http.StatusBadRequest, "invalid", wrong.Error())
	case fault.KindOf(err) == fault.NotFound:
		return web.Problemf(http.StatusNotFound, "not_found", err.Error())
	}
	return err
}

// leaveRequest is the body of POST /api/people/{rep}/leave.
type leaveRequest struct {
	policy.Leave
	HandOver bool `json:"hand_over"` // order that others get the open leads
}

// leaveAnswer is what followed from a leave, or would.
type leaveAnswer struct {
	Preview bool         `json:"preview"` // nothing was done
	Moves   []moveAnswer `json:"moves"`
	Failed  []string     `json:"failed"` // leads whose hand-over could not be ordered
}

// leaveJSON answers POST /api/people/{rep}/leave; with ?preview it only says
// what would follow.
func (h *handler) leaveJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	var in leaveRequest
	if err := readBody(r, &in); err != nil {
		return web.Response{}, err
	}
	s, err := h.subject(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	a := s.onLeave(in.Leave)
	if r.Query.Has("preview") {
		if err := h.rehearse(ctx, s, &a); err != nil {
			return web.Response{}, refusal(err)
		}
		return web.JSON(leaveAnswer{Preview: true, Moves: s.movesOf(a.moves), Failed: []string{}}, nil)
	}
	ordered, failed, _, err := h.enter(ctx, s, a, in.HandOver)
	if err != nil {
		return web.Response{}, refusal(err)
	}
	return web.JSON(leaveAnswer{Moves: s.movesOf(ordered), Failed: keysOf(failed)}, nil)
}

// readBody reads JSON strictly.
func readBody(r *web.Request, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(r.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return web.Problemf(http.StatusBadRequest, "invalid_body", "The body is not the JSON that is meant: "+err.Error())
	}
	return nil
}
