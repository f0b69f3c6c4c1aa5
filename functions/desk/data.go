package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/web"
)

// fieldPrefix begins the names of the profile fields in the form.
const fieldPrefix = "field."

// dataView is what the page shows on which a person enters what is known of a lead.
type dataView struct {
	Lead    orderedLead
	Now     time.Time
	Token   string
	Lacks   string       // what sales needs and lacks, in a part of a sentence
	Waits   bool         // the lead waits for it
	Asked   []entryField // what is asked for and not known
	Others  []entryField
	Why     string
	Problem string
}

// entryField is a field of the form.
type entryField struct {
	Name, Label, Value, Known, Kind string
}

// entering reads the lead of the path for somebody who may see it, and the needs
// of the policy.
func (h *handler) entering(ctx context.Context, r *web.Request) (*lead.Lead, policy.Completeness, error) {
	l, err := h.load(ctx, r)
	if err != nil {
		return nil, policy.Completeness{}, err
	}
	if !r.Who.Sees(l.Journey.Whose()) {
		return nil, policy.Completeness{}, fault.New(fault.NotFound, "the lead is another person's")
	}
	book, err := h.book(ctx, r.Now)
	if err != nil {
		return nil, policy.Completeness{}, err
	}
	return l, book.Completeness, nil
}

func (h *handler) dataPage(ctx context.Context, r *web.Request) (web.Response, error) {
	l, c, err := h.entering(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return h.showData(r, l, c, decision.Entry{}, "")
}

func (h *handler) dataForm(ctx context.Context, r *web.Request) (web.Response, error) {
	l, c, err := h.entering(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	e := decision.Entry{Fields: map[string]string{}, Reason: r.Form.Get("reason"), By: signed(r.Who)}
	for name := range r.Form {
		if field, ok := strings.CutPrefix(name, fieldPrefix); ok {
			e.Fields[field] = r.Form.Get(name)
		}
	}
	_, _, err = h.enter(ctx, l, c, e, r.Now)
	switch {
	case fault.KindOf(err) == fault.Invalid && err != nil:
		return h.showData(r, l, c, e, sentence(err.Error()))
	case err != nil:
		return web.Response{}, err
	}
	return web.See("/leads/" + string(l.Key)), nil
}

// enter stores what somebody entered. before tells that it was stored already.
// Kinds: Invalid, with a sentence for the person, and as of the table.
func (h *handler) enter(ctx context.Context, l *lead.Lead, c policy.Completeness, e decision.Entry, at time.Time) (id string, before bool, err error) {
	s, err := decision.EntryFor(l, c, e, at)
	if err != nil {
		return "", false, err
	}
	stored, err := h.table.PutSignalFor(ctx, l.Key, s)
	return s.ID, !stored, err
}

func (h *handler) showData(r *web.Request, l *lead.Lead, c policy.Completeness, e decision.Entry, problem string) (web.Response, error) {
	missing := l.Facts.Lacking(c.For(l.Facts.Origin.Source()).HandedOff)
	v := dataView{
		Lead: leadOf(l), Now: r.Now, Token: r.Who.Token, Lacks: policy.Lacking(missing), Waits: l.Journey.Incomplete != nil,
		Why: e.Reason, Problem: problem,
	}
	var asked []string
	for _, n := range missing {
		asked = append(asked, n.Fields()...)
	}
	for _, name := range decision.Enterable(l, c) {
		f := entryField{Name: fieldPrefix + name, Label: page.Title(name), Value: e.Fields[name], Known: l.Facts.Profile[name].Value, Kind: kindOf(name)}
		if slices.Contains(asked, name) {
			v.Asked = append(v.Asked, f)
		} else {
			v.Others = append(v.Others, f)
		}
	}
	out, err := h.site.Show(r, "data.html", page.Doc{Title: "Enter what is known", Data: v})
	if err == nil && problem != "" {
		out.StatusCode = http.StatusUnprocessableEntity
	}
	return out, err
}

// kindOf is the kind of input that a field has.
func kindOf(field string) string {
	if field == "phone" {
		return "tel"
	}
	return "text"
}

// dataBody is what POST /api/leads/{key}/data takes.
type dataBody struct {
	Fields map[string]string `json:"fields"` // by profile field
	Reason string            `json:"reason"` // how it is known; may be left out
}

// entered is what it answers.
type entered struct {
	ID     string `json:"id"`     // of the signal
	Before bool   `json:"before"` // the same was entered before
	Lead   string `json:"lead"`
}

func (h *handler) dataJSON(ctx context.Context, r *web.Request) (entered, error) {
	var body dataBody
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return entered{}, web.Problemf(http.StatusBadRequest, "invalid", `Send a JSON object such as {"fields":{"phone":"+1 415 555 0101"},"reason":"…"}.`)
	}
	l, c, err := h.entering(ctx, r)
	if err != nil {
		return entered{}, err
	}
	id, before, err := h.enter(ctx, l, c, decision.Entry{Fields: body.Fields, Reason: body.Reason, By: signed(r.Who)}, r.Now)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return entered{}, web.Problemf(http.StatusUnprocessableEntity, "invalid", sentence(err.Error()))
	}
	return entered{ID: id, Before: before, Lead: string(l.Key)}, err
}
