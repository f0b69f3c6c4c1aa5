package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web"
)

// The fields of the forms that say which answer they are: to which handoff, and
// which of several of its purpose.
const (
	fieldHandoff = "handoff"
	fieldNth     = "nth"
)

// answerView is what the page of an answer shows.
type answerView struct {
	answer.View
	Token   string
	Handoff int
	Nth     int
	Asks    bool // the form is shown
}

// purposes are what a rep may answer.
func purposes() []link.Purpose {
	return []link.Purpose{link.Accept, link.Reject, link.Contacted, link.Meeting, link.Snooze, link.Comment, link.Feedback}
}

func (h *handler) answerPage(ctx context.Context, r *web.Request) (web.Response, error) {
	res, err := h.next(ctx, r, link.Purpose(r.Params["purpose"]))
	if err != nil {
		return web.Response{}, err
	}
	return h.showAnswer(r, res)
}

func (h *handler) answerForm(ctx context.Context, r *web.Request) (web.Response, error) {
	given := answer.Form{}
	for name, values := range r.Form {
		given[name] = values[0]
	}
	res, err := h.give(ctx, r, link.Purpose(r.Params["purpose"]), given)
	if err != nil {
		return web.Response{}, err
	}
	if !res.Answered() {
		return h.showAnswer(r, res)
	}
	c := res.Claims
	return web.See("/my?" + url.Values{
		"did": {string(c.Purpose)}, "lead": {string(c.Lead)}, fieldHandoff: {strconv.Itoa(c.Handoff)}, fieldNth: {strconv.Itoa(c.Nth)},
	}.Encode()), nil
}

// answered is what a program is told of an answer.
type answered struct {
	State     answer.State      `json:"state"`
	Answer    link.Purpose      `json:"answer"`
	Title     string            `json:"title"`
	Detail    string            `json:"detail"`
	Lead      *answer.Lead      `json:"lead,omitempty"`
	Deadlines []answer.Deadline `json:"deadlines"`
	Next      []link.Purpose    `json:"next"` // the answers that make sense now
}

// answerJSON answers POST /api/leads/{key}/answers: {"answer", …} with the
// fields of the form, and the numbers "handoff" and "nth" as text, without which
// the answer is the next one to the handoff that the lead is in.
func (h *handler) answerJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	given, err := answer.ParseForm("application/json", string(r.Body))
	if err != nil {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid",
			`Send a JSON object of texts, such as {"answer":"contacted","how":"call"}.`)
	}
	res, err := h.give(ctx, r, link.Purpose(given["answer"]), given)
	if err != nil {
		return web.Response{}, err
	}
	v := answer.ViewOf(res, nil, r.Now)
	if code := res.State.Status(); code >= http.StatusBadRequest {
		detail := v.Title + ". " + v.Detail
		if v.Problem != "" {
			detail = v.Problem
		}
		return web.Response{}, errors.Join(web.Problemf(code, string(res.State), detail), res.Err) // the cause is for the log
	}
	out := answered{
		State: res.State, Answer: res.Claims.Purpose, Title: v.Title, Detail: v.Detail, Lead: v.Lead,
		Deadlines: append([]answer.Deadline{}, v.Deadlines...), Next: []link.Purpose{},
	}
	for _, s := range res.Steps() {
		out.Next = append(out.Next, s.Purpose)
	}
	return web.JSON(out, nil)
}

// next looks at the answer that the person would give next.
func (h *handler) next(ctx context.Context, r *web.Request, p link.Purpose) (answer.Result, error) {
	k, err := h.answerable(r, p)
	if err != nil {
		return answer.Result{}, err
	}
	return h.theirs(ctx, r, h.desk.Next(ctx, k, r.Who.Rep, p, r.Now))
}

// give stores an answer, once.
func (h *handler) give(ctx context.Context, r *web.Request, p link.Purpose, given answer.Form) (answer.Result, error) {
	k, err := h.answerable(r, p)
	if err != nil {
		return answer.Result{}, err
	}
	var res answer.Result
	if given[fieldHandoff] == "" {
		res = h.desk.Next(ctx, k, r.Who.Rep, p, r.Now)
	} else {
		c, err := claimed(k, r.Who.Rep, p, given[fieldHandoff], given[fieldNth])
		if err != nil {
			return answer.Result{}, err
		}
		res = h.desk.Look(ctx, c, r.Now)
	}
	if res, err = h.theirs(ctx, r, res); err != nil || res.State != answer.Open {
		return res, err
	}
	return h.desk.Act(ctx, res, given, r.Now), nil
}

// answerable tells whether a request can be an answer at all.
func (h *handler) answerable(r *web.Request, p link.Purpose) (signal.LeadKey, error) {
	switch {
	case r.Who.Rep == "":
		return "", notRep()
	case !slices.Contains(purposes(), p):
		return "", web.Problemf(http.StatusNotFound, "not_found", "There is no such answer. Those that there are: accept, reject, contacted, meeting, snooze, comment, feedback.")
	}
	return keyOf(r)
}

// claimed makes claims of what a form carries.
func claimed(k signal.LeadKey, rep string, p link.Purpose, handoff, nth string) (link.Claims, error) {
	c := link.Claims{Lead: k, Rep: rep, Purpose: p}
	var err, also error
	c.Handoff, err = strconv.Atoi(handoff)
	if nth != "" {
		c.Nth, also = strconv.Atoi(nth)
	}
	if err != nil || also != nil || c.Handoff < 1 || c.Nth < 0 {
		return c, web.Problemf(http.StatusBadRequest, "invalid", "The form is incomplete. Load the page again, and send it once more.")
	}
	return c, nil
}

// theirs refuses an answer to a lead that the person never had. Who had it once
// is told what they answered, or that it has moved on.
func (h *handler) theirs(ctx context.Context, r *web.Request, res answer.Result) (answer.Result, error) {
	if res.Lead != nil || (res.State != answer.Moved && res.State != answer.Done) {
		return res, nil
	}
	l, err := h.table.Lead(ctx, res.Claims.Lead)
	if err != nil {
		return res, err
	}
	if j := l.Journey.Handoff; j == nil || !slices.Contains(j.HadBy, r.Who.Rep) {
		return res, fault.New(fault.Denied, "the lead is not theirs to answer")
	}
	if res.State == answer.Done {
		s, err := h.table.Signal(ctx, l.Key, answer.Source, answer.SignalID(res.Claims))
		if err != nil {
			return res, err
		}
		if s.Attributes[signal.AttrRep] != r.Who.Rep {
			res.State = answer.Moved
		}
	}
	return res, nil
}

// showAnswer shows the form, or why there is none.
func (h *handler) showAnswer(r *web.Request, res answer.Result) (web.Response, error) {
	v := answerView{
		View: answer.ViewOf(res, res.PageSteps(), r.Now), Token: r.Who.Token, Handoff: res.Claims.Handoff, Nth: res.Claims.Nth,
		Asks: res.State == answer.Open || res.State == answer.Invalid,
	}
	out, err := h.site.Show(r, "answer.html", page.Doc{Title: v.Title, Data: v, Zone: v.Place})
	if err != nil {
		return out, err
	}
	out.StatusCode = res.State.Status()
	if out.StatusCode == http.StatusServiceUnavailable {
		out.Headers["Retry-After"] = "5"
	}
	return out, nil
}
