package main

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/web"
)

// mostSuggested is how many suggestions of a pool are shown at once.
const mostSuggested = 50

// What a manager does with a suggestion.
const (
	doConfirm = "confirm"
	doDecline = "decline"
)

// suggestion is a handoff that waits for a manager to confirm it.
type suggestion struct {
	Lead   string    `json:"lead"`
	Number int       `json:"number"` // of the handoff
	Who    string    `json:"who"`
	Pool   string    `json:"pool"`
	Rep    string    `json:"rep"` // the id; "" when nobody could receive it
	Name   string    `json:"name,omitempty"`
	By     string    `json:"by,omitempty"` // what chose the rep
	Why    string    `json:"why"`          // the lead qualified
	Waits  time.Time `json:"waits"`        // the customer, since
	Lapses time.Time `json:"lapses_at,omitzero"`
}

// queueAnswer is what waits in one pool.
type queueAnswer struct {
	Pool        string       `json:"pool"`
	All         int          `json:"all"` // how many wait; the oldest are shown
	Suggestions []suggestion `json:"suggestions"`
}

// suggestionsAnswer is what waits for whoever asks.
type suggestionsAnswer struct {
	Pools []queueAnswer `json:"pools"`
}

// suggestions reads what waits in the pools that the asker manages.
func (h *handler) suggestions(ctx context.Context, p *policy.Policy, who access.Person) (suggestionsAnswer, error) {
	out := suggestionsAnswer{Pools: []queueAnswer{}}
	for _, pool := range slices.Sorted(maps.Keys(p.Routing.Pools)) {
		if !who.Manages(pool) {
			continue
		}
		head, all, err := h.maker.Suggested(ctx, pool, mostSuggested)
		if err != nil {
			return out, err
		}
		q := queueAnswer{Pool: pool, All: all, Suggestions: []suggestion{}}
		for _, l := range head {
			q.Suggestions = append(q.Suggestions, suggestionOf(l))
		}
		if all > 0 {
			out.Pools = append(out.Pools, q)
		}
	}
	return out, nil
}

func suggestionOf(l *lead.Lead) suggestion {
	s := l.Journey.Suggested
	return suggestion{
		Lead: string(l.Key), Number: s.Number, Who: l.Who(), Pool: s.Pool, Rep: s.Rep, Name: cmp.Or(s.RepName, s.Rep), By: s.By, Why: s.Reason,
		Waits: s.Waits, Lapses: s.LapsesAt,
	}
}

// answerToSuggestion is what a manager says to a suggestion, and which one they
// saw.
type answerToSuggestion struct {
	Do     string `json:"do"` // doConfirm or doDecline
	Lead   string `json:"lead"`
	Number int    `json:"number"`
	Rep    string `json:"rep"`    // of the suggestion
	To     string `json:"to"`     // a rep of the pool, "" for the one of the suggestion
	Reason string `json:"reason"` // required to decline
}

// settle stores an order to make a suggested handoff or not, which decide
// carries out. It refuses one about a suggestion that has changed or gone
// since it was seen.
func (h *handler) settle(ctx context.Context, r *web.Request, a answerToSuggestion) (suggestion, error) {
	p, err := h.policy(ctx, r)
	if err != nil {
		return suggestion{}, err
	}
	l, err := h.table.Lead(ctx, signal.LeadKey(a.Lead))
	if err != nil {
		return suggestion{}, err
	}
	s := l.Journey.Suggested
	switch {
	case s != nil && !r.Who.Manages(s.Pool):
		return suggestion{}, web.Problemf(http.StatusForbidden, "forbidden", "You do not manage the pool of this lead. Ask its manager, or an operator.")
	case s == nil || s.Number != a.Number || s.Rep != a.Rep:
		return suggestion{}, web.Problemf(http.StatusConflict, "changed",
			"Somebody else has answered this suggestion meanwhile, or it has lapsed. Nothing was changed: the page of the lead says what became of it.")
	case a.To != "" && a.Do == doConfirm:
		if _, ok := p.Routing.Pools[s.Pool].Rep(a.To); !ok {
			return suggestion{}, web.Problemf(http.StatusBadRequest, "no_rep", "The pool "+s.Pool+" has no such rep. Load the page again and choose one of the list.")
		}
	}
	o := decision.Order{Type: signal.OrderConfirm, To: a.To, Reason: a.Reason, By: r.Who.Called()}
	if a.Do == doDecline {
		o.Type, o.To = signal.OrderDecline, ""
	} else if a.Do != doConfirm {
		return suggestion{}, web.Problemf(http.StatusBadRequest, "invalid", "Say whether to confirm or to decline.")
	}
	order, err := decision.OrderFor(l, o, r.Now)
	if fault.KindOf(err) == fault.Invalid {
		return suggestion{}, web.Problemf(http.StatusBadRequest, "invalid", page.Sentence(err.Error())+".")
	}
	if err != nil {
		return suggestion{}, err
	}
	_, err = h.table.PutSignalFor(ctx, l.Key, order)
	return suggestionOf(l), err
}

// suggestionsView is what the page /rollout/suggestions shows.
type suggestionsView struct {
	suggestionsAnswer
	Now   time.Time
	Token string
	Done  string // what was ordered just now
	Lead  string
	Reps  map[string][]policy.Rep // of each pool
}

// suggestionsPage answers GET /rollout/suggestions.
func (h *handler) suggestionsPage(ctx context.Context, r *web.Request) (web.Response, error) {
	p, err := h.policy(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	found, err := h.suggestions(ctx, p, r.Who)
	if err != nil {
		return web.Response{}, err
	}
	v := suggestionsView{suggestionsAnswer: found, Now: r.Now, Token: r.Who.Token, Lead: r.Query.Get("lead"), Reps: map[string][]policy.Rep{}}
	v.Done = map[string]string{doConfirm: "The handoff is confirmed.", doDecline: "The suggestion is declined: the lead follows the existing process."}[r.Query.Get("done")]
	for _, q := range found.Pools {
		v.Reps[q.Pool] = p.Routing.Pools[q.Pool].Reps
	}
	return h.site.Show(r, "suggestions.html", page.Doc{Title: "Handoffs to confirm", Data: v})
}

// settleForm answers POST /rollout/suggestions.
func (h *handler) settleForm(ctx context.Context, r *web.Request) (web.Response, error) {
	number, err := strconv.Atoi(r.Form.Get("number"))
	if err != nil {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid", "The form lacks the number of the handoff. Load the page again.")
	}
	a := answerToSuggestion{
		Do: r.Form.Get("do"), Lead: r.Form.Get("lead"), Number: number, Rep: r.Form.Get("rep"), To: r.Form.Get("to"), Reason: r.Form.Get("reason"),
	}
	if _, err := h.settle(ctx, r, a); err != nil {
		return web.Response{}, err
	}
	return web.See("/rollout/suggestions?" + url.Values{"done": {a.Do}, "lead": {a.Lead}}.Encode()), nil
}

// suggestionsJSON answers GET /api/rollout/suggestions.
func (h *handler) suggestionsJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	p, err := h.policy(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	return web.JSON(h.suggestions(ctx, p, r.Who))
}

// settleJSON answers POST /api/rollout/suggestions.
func (h *handler) settleJSON(ctx context.Context, r *web.Request) (web.Response, error) {
	var a answerToSuggestion
	if err := json.Unmarshal(r.Body, &a); err != nil {
		return web.Response{}, badJSON()
	}
	return web.JSON(h.settle(ctx, r, a))
}

func badJSON() error {
	return web.Problemf(http.StatusBadRequest, "invalid_json", "The body is no JSON of the fields that are documented.")
}
