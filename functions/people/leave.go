package main

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/web"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// absence is leave, or being switched off, before it is entered: what would
// become of the rep's open leads.
type absence struct {
	order directory.Order
	known bool // it was entered before: what is left to do is to hand leads over
	words string
	now   bool // it has begun, or begins today
	moves []decision.Move
}

// moveAnswer is what would become of one lead.
type moveAnswer struct {
	Lead  string `json:"lead"` // "" for one of a pool whose leads the asker does not see
	Who   string `json:"who"`
	Stage string `json:"stage"`
	To    string `json:"to"` // the id of the next holder; "" when it would stay
	Name  string `json:"name"`
	Why   string `json:"why"`
}

// onLeave is a leave of a rep.
func (s *subject) onLeave(l policy.Leave) absence {
	a := absence{order: directory.Order{Rep: s.rep.ID, Edit: directory.Edit{AddLeave: []policy.Leave{l}}}, words: "on leave " + routing.LeaveWords(l)}
	a.known = slices.Contains(s.rep.Leave, l)
	zone := directory.Zone(s.policy, s.rep.ID)
	if span, err := worktime.Leave(l, zone); err == nil {
		y, m, d := s.at.In(zone).Date()
		a.now = span.From.Before(time.Date(y, m, d+1, 0, 0, 0, 0, zone))
	}
	return a
}

// switchedOff is a rep who is to receive nothing new.
func (s *subject) switchedOff(reason string) absence {
	a := absence{order: directory.Order{Rep: s.rep.ID, Edit: directory.Edit{Off: directory.Set(reason)}}, words: "off: " + reason, now: true}
	a.known = reason != "" && s.entry.Switch == routing.Off && s.entry.Reason == reason
	return a
}

// rehearse finds out who would receive the rep's open leads, were the absence
// entered. The error is directory.Problems when it cannot be.
func (h *handler) rehearse(ctx context.Context, s *subject, a *absence) error {
	roster := s.roster
	if !a.known {
		o := a.order
		o.By, o.At = s.who.Called(), s.at
		next, err := directory.Apply(s.base, s.roster, o)
		if err != nil {
			return err
		}
		roster = next
	}
	leads, err := h.maker.HeldBy(ctx, s.rep.ID)
	if err != nil {
		return err
	}
	a.moves, err = h.maker.RehearseUnder(ctx, roster, leads, a.words, s.at)
	return err
}

// movesOf describes what would become of leads.
func (s *subject) movesOf(moves []decision.Move) []moveAnswer {
	out := make([]moveAnswer, len(moves))
	for i, m := range moves {
		out[i] = moveAnswer{Lead: string(m.Lead.Key), Who: m.Lead.Who(), Stage: string(m.Lead.Journey.Stage), To: m.To, Why: m.Reason()}
		if holder, pool := m.Lead.Journey.Whose(); !s.who.Sees(holder, pool) {
			out[i].Lead, out[i].Who = "", "A lead of the pool "+pool
		}
		if m.To != "" {
			to, _, _ := routing.Find(s.policy, m.To)
			out[i].Name = cmp.Or(to.Name, m.To)
		}
	}
	return out
}

// enter enters an absence, and then orders the hand-over, in this order: a
// crash between them leaves a rep who receives nothing new, and leads that can
// be handed over by entering the same again.
func (h *handler) enter(ctx context.Context, s *subject, a absence, handOver bool) (ordered, failed []decision.Move, stay int, err error) {
	if !a.known {
		if err := h.change(ctx, s.desk, a.order); err != nil && !errors.Is(err, directory.ErrUnchanged) {
			return nil, nil, 0, err
		}
	}
	if !handOver {
		return nil, nil, 0, nil
	}
	leads, err := h.maker.HeldBy(ctx, s.rep.ID)
	if err != nil {
		return nil, nil, 0, unfinished(err)
	}
	moves, err := h.maker.RehearseUnder(ctx, s.roster, leads, a.words, s.at)
	if err != nil {
		return nil, nil, 0, unfinished(err)
	}
	ordered, failed, _ = h.maker.HandOver(ctx, moves, s.rep.Name+" is "+a.words, s.who.Called(), s.at) // what failed is told by lead
	return ordered, failed, len(moves) - len(ordered) - len(failed), nil
}

// unfinished says that the first half is done and the second is not.
func unfinished(err error) error {
	return errors.Join(web.Problemf(http.StatusServiceUnavailable, "half_done",
		"The absence is entered, but the open leads could not be looked at, so none was handed over. Open the same page again and confirm once more: nothing is entered twice."), err)
}

// leaveView is what the pages about an absence show.
type leaveView struct {
	Rep, Name     string
	Token, Action string
	Off           bool // rather than leave
	From, To      string
	Reason        string
	Today         bool
	Zone          string
	Moves         []moveAnswer
	Goes          int
	HandOver      bool
	Known         bool
	Wrong         []string
}

// leaveOf reads the leave that a page or a form asks for: today, when it names
// none.
func (s *subject) leaveOf(q url.Values) policy.Leave {
	today := s.at.In(directory.Zone(s.policy, s.rep.ID)).Format(time.DateOnly)
	l := policy.Leave{From: cmp.Or(strings.TrimSpace(q.Get("from")), today), Reason: strings.TrimSpace(q.Get("reason"))}
	l.To = cmp.Or(strings.TrimSpace(q.Get("to")), l.From)
	if !q.Has("reason") {
		l.Reason = "sick"
	}
	return l
}

func (s *subject) leaveView(r *web.Request, l policy.Leave) leaveView {
	zone := directory.Zone(s.policy, s.rep.ID)
	today := s.at.In(zone).Format(time.DateOnly)
	return leaveView{
		Rep: s.rep.ID, Name: s.rep.Name, Token: r.Who.Token, Action: "/people/" + s.rep.ID + "/leave", From: l.From, To: l.To, Reason: l.Reason,
		Today: l.From == today && l.To == today, Zone: zone.String(),
	}
}

// leavePage answers GET /people/{rep}/leave.
func (h *handler) leavePage(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.subject(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	l := s.leaveOf(r.Query)
	return h.showAbsence(ctx, r, s, s.onLeave(l), s.leaveView(r, l), nil)
}

// offPage answers GET /people/{rep}/off.
func (h *handler) offPage(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.subject(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	reason := cmp.Or(strings.TrimSpace(r.Query.Get("reason")), "not available")
	return h.showAbsence(ctx, r, s, s.switchedOff(reason), s.offView(r, reason), nil)
}

func (s *subject) offView(r *web.Request, reason string) leaveView {
	v := s.leaveView(r, policy.Leave{})
	v.Off, v.Action, v.Reason = true, "/people/"+s.rep.ID+"/off", reason
	return v
}

// showAbsence shows what would follow from an absence, or what is wrong with it.
func (h *handler) showAbsence(ctx context.Context, r *web.Request, s *subject, a absence, v leaveView, refused error) (web.Response, error) {
	if refused == nil {
		refused = h.rehearse(ctx, s, &a)
	}
	var wrong directory.Problems
	status := http.StatusOK
	switch {
	case errors.As(refused, &wrong):
		status = http.StatusBadRequest
		for _, p := range wrong {
			v.Wrong = append(v.Wrong, p.Message)
		}
	case refused != nil && !errors.Is(refused, directory.ErrUnchanged):
		return web.Response{}, refused
	}
	v.Moves, v.HandOver, v.Known = s.movesOf(a.moves), a.now, a.known
	for _, m := range v.Moves {
		if m.To != "" {
			v.Goes++
		}
	}
	title := "Leave of " + v.Name
	if v.Off {
		title = "No new leads for " + v.Name
	}
	return h.show(r, status, "leave.html", page.Doc{Title: title, Data: v})
}

// enterLeave answers POST /people/{rep}/leave.
func (h *handler) enterLeave(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.subject(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	l := s.leaveOf(r.Form)
	return h.entered(ctx, r, s, s.onLeave(l), s.leaveView(r, l), "leave")
}

// switchOff answers POST /people/{rep}/off.
func (h *handler) switchOff(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.subject(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	reason := strings.TrimSpace(r.Form.Get("reason"))
	return h.entered(ctx, r, s, s.switchedOff(reason), s.offView(r, reason), "off")
}

// entered enters an absence and sends the browser to the rep's page, which says
// what was done and what was not.
func (h *handler) entered(ctx context.Context, r *web.Request, s *subject, a absence, v leaveView, done string) (web.Response, error) {
	ordered, failed, stay, err := h.enter(ctx, s, a, r.Form.Get("hand_over") != "")
	var wrong directory.Problems
	if errors.As(err, &wrong) {
		return h.showAbsence(ctx, r, s, a, v, err)
	}
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return web.Response{}, web.Problemf(http.StatusNotFound, "not_found", "There is no such rep any more.")
		}
		return web.Response{}, err
	}
	q := url.Values{"done": {done}, "ordered": {strconv.Itoa(len(ordered))}, "stay": {strconv.Itoa(stay)}}
	if len(failed) > 0 {
		q.Set("failed", strings.Join(keysOf(failed), ","))
	}
	return web.See("/people/" + s.rep.ID + "?" + q.Encode()), nil
}

func keysOf(moves []decision.Move) []string {
	keys := []string{}
	for _, m := range moves {
		keys = append(keys, string(m.Lead.Key))
	}
	return keys
}
