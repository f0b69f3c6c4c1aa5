package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/calendar"
	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/web"
)

// historySize is how many changes a card shows at a time.
const historySize = 20

// cardView is what the page of one rep shows.
type cardView struct {
	cardAnswer
	Now     time.Time
	Token   string
	Edits   bool // the asker may change everything
	Self    bool // it is the asker
	Form    form
	Words   string // of the feed
	Usual   string // words where the feed has none
	Notice  string // what was done
	Refused string // why something was not
	Failed  []string
	History []routing.Change
	Older   int64
}

// cardPage answers GET /people/{rep}.
func (h *handler) cardPage(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.subject(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := cardView{Form: formOf(s), Notice: noticeOf(r.Query), Failed: failedOf(r.Query)}
	return h.showCard(ctx, r, s, v, http.StatusOK)
}

func (h *handler) showCard(ctx context.Context, r *web.Request, s *subject, v cardView, status int) (web.Response, error) {
	var err error
	if v.cardAnswer, err = h.card(ctx, s); err != nil {
		return web.Response{}, err
	}
	before, _ := strconv.ParseInt(r.Query.Get("before"), 10, 64) // what is no number is the newest
	if v.History, v.Older, err = h.table.RosterChanges(ctx, s.rep.ID, max(before, 0), historySize); err != nil {
		return web.Response{}, err
	}
	v.Now, v.Token, v.Edits, v.Self, v.Usual = r.Now, r.Who.Token, s.edits, s.isSelf(s.rep.ID), strings.Join(calendar.Words(), ", ")
	if v.Feed != nil {
		v.Words = strings.Join(v.Feed.Words, ", ")
	}
	return h.show(r, status, "person.html", page.Doc{Title: s.rep.Name, Data: v})
}

// changeCard answers POST /people/{rep}: one of the forms of the card.
func (h *handler) changeCard(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.subject(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := cardView{Form: formOf(s)}
	o := directory.Order{Rep: s.rep.ID, Why: strings.TrimSpace(r.Form.Get("why"))}
	if seen, err := strconv.ParseInt(r.Form.Get("version"), 10, 64); err == nil {
		o.Seen = &seen
	}
	done := "saved"
	switch r.Form.Get("do") {
	case "card":
		before := formOf(s)
		v.Form.posted(s.desk, r.Form)
		o.Edit = v.Form.edit(&before, r.Form)
	case "leave":
		o.Edit.RemoveLeave = []policy.Leave{{From: r.Form.Get("from"), To: r.Form.Get("to"), Reason: r.Form.Get("reason")}}
	case "feed":
		o.Edit.Feed = directory.Set(directory.Feed{URL: r.Form.Get("url"), Words: directory.ParseList(r.Form.Get("words"))})
	case "no-feed":
		o.Edit.Feed = directory.Reset[directory.Feed]()
	case "on":
		o.Edit.Off = directory.Reset[string]()
	case "remove":
		o.Edit.Gone, done = directory.Set(true), "removed"
	default:
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid_form", "The form does not say what to do. Load the page again.")
	}
	if err := s.may(o); err != nil {
		return web.Response{}, err
	}
	if len(v.Form.Errors) > 0 {
		return h.showCard(ctx, r, s, v, http.StatusBadRequest)
	}
	return h.changed(ctx, r, s, v, o, done)
}

// changed carries an order of a card out, and shows the card again when it
// cannot be.
func (h *handler) changed(ctx context.Context, r *web.Request, s *subject, v cardView, o directory.Order, done string) (web.Response, error) {
	err := h.change(ctx, s.desk, o)
	var problem *web.Problem
	switch {
	case err == nil && done == "removed":
		return web.See("/people"), nil
	case err == nil:
		return web.See("/people/" + s.rep.ID + "?done=" + done), nil
	case errors.Is(err, directory.ErrUnchanged):
		return web.See("/people/" + s.rep.ID + "?done=unchanged"), nil
	case v.Form.refused(err):
		return h.showCard(ctx, r, s, v, http.StatusBadRequest)
	case errors.As(err, &problem) && problem.Status == http.StatusConflict:
		again, failed := s.about(r)
		if failed != nil {
			return web.Response{}, failed
		}
		v.Form, v.Refused = formOf(again), problem.Detail
		return h.showCard(ctx, r, again, v, http.StatusConflict)
	case fault.KindOf(err) == fault.NotFound:
		return web.Response{}, web.Problemf(http.StatusNotFound, "not_found", "There is no such rep any more.")
	}
	return web.Response{}, err
}

// noticeOf says what was done just now.
func noticeOf(q url.Values) string {
	switch q.Get("done") {
	case "saved":
		return "Saved. It holds for the next lead."
	case "unchanged":
		return "Nothing was changed: it is like that already."
	case "added":
		return "Added. They receive leads from now on, in their hours."
	case "leave":
		return "The leave is entered. " + movedWords(q)
	case "off":
		return "They receive nothing new from now on. " + movedWords(q)
	}
	return ""
}

// movedWords says what becomes of open leads.
func movedWords(q url.Values) string {
	number := func(name string) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	var words []string
	if n := number("ordered"); n > 0 {
		words = append(words, page.Plural(n, "lead")+" handed over: the rules choose within seconds.")
	}
	if n := number("stay"); n > 0 {
		words = append(words, page.Plural(n, "lead")+" left where they are: nobody else can take them now.")
	}
	return strings.Join(words, " ")
}

// failedOf are the leads whose hand-over could not be ordered.
func failedOf(q url.Values) []string {
	if text := q.Get("failed"); text != "" {
		return strings.Split(text, ",")
	}
	return nil
}
