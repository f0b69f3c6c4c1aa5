package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/steering"
	"github.com/handoff-oss/handoff/shared/web"
)

// What a person does to the rollout, as addresses name it.
const (
	doPromote  = "promote"
	doHold     = "hold"
	doPause    = "pause"
	doResume   = "resume"
	doRollBack = "roll-back"
	doNote     = "note"
)

// act is something that can be done to the rollout as it stands.
type act struct {
	Name  string
	Label string
	Class string   // of its button
	Will  []string // what follows, in sentences
	Back  []string // of resume: the earlier phases that it can go back to
	Needs bool     // of resume: one of them must be named
}

// actsOf lists what can be done to a rollout now.
func actsOf(v steering.View) []act {
	at := slices.IndexFunc(v.Track, func(p steering.Point) bool { return p.Current })
	if v.Everybody || at < 0 {
		return nil
	}
	var all []act
	running := v.State.Status == rollout.Running
	if running && at+1 < len(v.Track) {
		all = append(all, promoteTo(v, v.Track[at+1]))
	}
	if running {
		all = append(all,
			act{Name: doHold, Label: "Hold", Class: "quiet", Will: []string{"Nothing changes; the journal keeps that you want the phase to stay as it is, and why.", "A later verdict may still promote it. To keep it from that, pause the phase."}},
			act{Name: doPause, Label: "Pause", Class: "quiet", Will: []string{"From now on nobody new is in the process: new leads follow the existing one.", "Leads that were handed off keep their holders and clocks.", "Nothing is promoted until you resume."}})
	}
	if back := earlier(v.Track[:at]); !running || len(back) > 0 {
		all = append(all, resume(v, running, back))
	}
	if v.State.Status != rollout.RolledBack {
		all = append(all, act{Name: doRollBack, Label: "Roll back", Class: "bad", Will: []string{
			"From now on nobody new is in the process: new leads follow the existing one.",
			"Leads that were handed off keep their holders and clocks.",
			"The phase does not go on where it was: when it is resumed it begins anew, and its numbers with it.",
		}})
	}
	return all
}

func promoteTo(v steering.View, next steering.Point) act {
	a := act{Name: doPromote, Label: "Promote to " + next.Name, Will: []string{
		next.Name + " begins: it " + modeWords(next.Mode) + ", for " + percent(next.Share) + " of the " + v.Unit + "s.",
		"Everybody who is in stays in. Numbers are counted anew from then on.",
	}}
	a.Will = append(a.Will, plain(v.NextOutlook)...)
	if d := v.Ruling.Action; d == rollout.Hold || d == rollout.Rollback {
		a.Will = append(a.Will, "The verdict now is to "+decisionBadge(d).Word+", which you override: your reason stands in the journal.")
	}
	return a
}

func resume(v steering.View, running bool, back []string) act {
	if running {
		return act{Name: doResume, Label: "Go back", Class: "quiet", Back: back, Needs: true, Will: []string{
			"The phase that you choose begins anew, and its numbers with it.",
			"Buckets never change: whoever was in it then is in it again. Leads that were handed off keep their holders and clocks.",
		}}
	}
	will := v.State.Phase + " goes on with its numbers, since it was paused."
	if v.State.Status == rollout.RolledBack {
		will = v.State.Phase + " begins anew, and its numbers with it, since it was rolled back."
	}
	return act{Name: doResume, Label: "Resume", Back: back, Will: []string{will, "An earlier phase, if you choose one, begins anew as well."}}
}

func earlier(track []steering.Point) []string {
	var names []string
	for _, p := range slices.Backward(track) {
		names = append(names, p.Name)
	}
	return names
}

// doneWords says what was done just now.
func doneWords(name string) string {
	return map[string]string{
		doPromote: "The rollout is promoted.", doHold: "It is noted that the phase is to stay as it is.", doPause: "The phase is paused.",
		doResume: "The rollout is resumed.", doRollBack: "The phase is rolled back: new leads follow the existing process.", doNote: "The note is kept.",
	}[name]
}

// order is what somebody wants, as a form or a program says it.
type order struct {
	Reason  string `json:"reason"` // of a note: its text
	Version *int64 `json:"version"`
	Phase   string `json:"phase"` // of resume
}

// do carries an order out. Kinds as of steering.Desk; Invalid has a sentence.
func (h *handler) do(ctx context.Context, r *web.Request, name string, o order) error {
	if name == doNote {
		return h.desk.Note(ctx, r.Who.Called(), o.Reason, r.Now)
	}
	if strings.TrimSpace(o.Reason) == "" {
		return fault.New(fault.Invalid, "say why: the reason stands in the journal")
	}
	d := steering.Decision{By: r.Who.Called(), Why: o.Reason, Version: *o.Version, Phase: o.Phase, At: r.Now}
	var err error
	switch name {
	case doPromote:
		_, err = h.desk.Promote(ctx, d)
	case doHold:
		_, err = h.desk.Hold(ctx, d)
	case doPause:
		_, err = h.desk.Pause(ctx, d)
	case doResume:
		_, err = h.desk.Resume(ctx, d)
	case doRollBack:
		_, err = h.desk.RollBack(ctx, d)
	}
	return err
}

// allowed finds the act of the path, which the asker may do. Everybody who reads
// may add a note. seen is the version that the asker saw, nil when they look now.
func (h *handler) allowed(ctx context.Context, r *web.Request, seen *int64) (steering.View, act, error) {
	name := r.Params["action"]
	v, err := h.desk.Status(ctx, r.Now)
	if err != nil {
		return v, act{}, err
	}
	if !slices.Contains([]string{doPromote, doHold, doPause, doResume, doRollBack, doNote}, name) {
		return v, act{}, web.Problemf(http.StatusNotFound, "not_found", "There is nothing at this address.")
	}
	if name == doNote {
		return v, act{Name: doNote, Label: "Add a note", Will: []string{"The note stands in the journal of the phase in force, with your name."}}, nil
	}
	if !mayAct(r.Who, v) {
		return v, act{}, web.Problemf(http.StatusForbidden, "forbidden", "Only an operator, and whom the policy names under approve of this phase, may change the rollout. You can add a note.")
	}
	all := actsOf(v)
	at := slices.IndexFunc(all, func(a act) bool { return a.Name == name })
	switch {
	case at < 0 && seen != nil && *seen != v.State.Version:
		return v, act{}, web.Problemf(http.StatusConflict, "conflict", v.State.By+" was faster: "+didWords(v.State)+", "+strings.TrimSuffix(v.State.Why, ".")+". Nothing was changed by you: look at the rollout again.")
	case at < 0:
		return v, act{}, web.Problemf(http.StatusConflict, "not_now", "That cannot be done as the rollout stands now. Nothing was changed: the page of the rollout shows what can be done.")
	}
	return v, all[at], nil
}

// actView is what the page of an act shows, before it is done.
type actView struct {
	act
	Token   string
	Version int64
	Phase   string // in force
	Order   order
	Wrong   string
}

// actPage answers GET /rollout/{action}.
func (h *handler) actPage(ctx context.Context, r *web.Request) (web.Response, error) {
	v, a, err := h.allowed(ctx, r, nil)
	if err != nil {
		return web.Response{}, err
	}
	return h.showAct(r, v, a, order{}, "")
}

func (h *handler) showAct(r *web.Request, v steering.View, a act, o order, wrong string) (web.Response, error) {
	view := actView{act: a, Token: r.Who.Token, Version: v.State.Version, Phase: v.State.Phase, Order: o, Wrong: wrong}
	return h.site.Show(r, "act.html", page.Doc{Title: a.Label, Data: view})
}

// actForm answers POST /rollout/{action}. Who came second sees what the first
// did, and their own reason still.
func (h *handler) actForm(ctx context.Context, r *web.Request) (web.Response, error) {
	version, err := strconv.ParseInt(r.Form.Get("version"), 10, 64)
	if err != nil || version < 0 {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid", "The form lacks the version of the rollout. Load the page again.")
	}
	v, a, err := h.allowed(ctx, r, &version)
	if err != nil {
		return web.Response{}, err
	}
	o := order{Reason: r.Form.Get("reason"), Version: &version, Phase: r.Form.Get("phase")}
	err = h.do(ctx, r, a.Name, o)
	status := http.StatusBadRequest
	switch {
	case err == nil:
		return web.See("/rollout?" + url.Values{"done": {a.Name}}.Encode()), nil
	case fault.KindOf(err) == fault.Conflict:
		status = http.StatusConflict
	case fault.KindOf(err) != fault.Invalid:
		return web.Response{}, err
	}
	out, shown := h.showAct(r, v, a, o, page.Sentence(err.Error())+".")
	if shown == nil {
		out.StatusCode = status
	}
	return out, shown
}

// actJSON answers POST /api/rollout/{action} with where the rollout stands then.
func (h *handler) actJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	var o order
	if err := json.Unmarshal(r.Body, &o); err != nil {
		return web.Response{}, badJSON()
	}
	_, a, err := h.allowed(ctx, r, o.Version)
	if err != nil {
		return web.Response{}, err
	}
	if a.Name != doNote && (o.Version == nil || *o.Version < 0) {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid", "Give the version that you saw: state.version of GET /api/rollout.")
	}
	err = h.do(ctx, r, a.Name, o)
	switch {
	case err == nil:
		return h.rolloutJSON(ctx, r)
	case fault.KindOf(err) == fault.Conflict:
		return web.Response{}, web.Problemf(http.StatusConflict, "conflict", page.Sentence(err.Error())+".")
	case fault.KindOf(err) == fault.Invalid:
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid", page.Sentence(err.Error())+".")
	}
	return web.Response{}, err
}
