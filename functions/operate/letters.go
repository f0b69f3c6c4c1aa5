package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/deadletter"
	"github.com/handoff-oss/handoff/shared/web"
)

const (
	mostListed = 50 // letters in one answer
	mostReason = 300
)

// lettersAnswer is the answer of GET /api/dead-letters?place=&id=&most=.
type lettersAnswer struct {
	Letters []letter  `json:"letters"`
	AsOf    time.Time `json:"as_of"`
}

// letter is one dead letter.
type letter struct {
	Place  string    `json:"place"`
	ID     string    `json:"id"`
	Since  time.Time `json:"since"`
	What   string    `json:"what"`
	Source string    `json:"source,omitempty"`
	Type   string    `json:"type,omitempty"`
	Event  string    `json:"event,omitempty"`
	Lead   string    `json:"lead,omitempty"`
	Count  int       `json:"count"`
	Tries  int       `json:"tries,omitempty"` // 0 when not known
	Why    string    `json:"why"`             // "" when nobody has recorded it
	Body   string    `json:"body,omitempty"`  // of one that is asked for by its id; may hold personal data
}

func shown(l deadletter.Letter) letter {
	return letter{
		Place: string(l.Place), ID: l.ID, Since: l.At.UTC(), What: l.What, Source: l.Source, Type: l.Type, Event: l.Event,
		Lead: string(l.Lead), Count: l.Count, Tries: l.Tries, Why: l.Reason,
	}
}

// letters answers GET /api/dead-letters.
func (h *handler) letters(ctx context.Context, r *web.Request) (lettersAnswer, error) {
	out := lettersAnswer{Letters: []letter{}, AsOf: r.Now.UTC()}
	place, id := r.Query.Get("place"), r.Query.Get("id")
	if id != "" {
		l, err := h.office.Find(ctx, deadletter.Place(place), id)
		if err != nil {
			return out, problem(err)
		}
		one := shown(l)
		one.Body = l.Body
		out.Letters = append(out.Letters, one)
		return out, nil
	}
	most := mostListed
	if asked := r.Query.Get("most"); asked != "" {
		n, err := strconv.Atoi(asked)
		if err != nil || n < 1 || n > mostListed {
			return out, web.Problemf(http.StatusBadRequest, "invalid_most", "most is a number from 1 to "+strconv.Itoa(mostListed)+".")
		}
		most = n
	}
	places := deadletter.Places()
	if place != "" {
		places = []deadletter.Place{deadletter.Place(place)}
	}
	for _, p := range places {
		found, err := h.office.Peek(ctx, p, most)
		if err != nil {
			return out, problem(err)
		}
		for _, l := range found {
			out.Letters = append(out.Letters, shown(l))
		}
	}
	return out, nil
}

// order is what is to be done with one letter or all of a place.
type order struct {
	Place  string `json:"place"`
	ID     string `json:"id"`
	All    bool   `json:"all"`
	Most   int    `json:"most"`   // of all, in one call; 0 is as many as fit
	Reason string `json:"reason"` // of a discard
}

// settled is the answer to an order.
type settled struct {
	Done   int      `json:"done"`
	Left   int      `json:"left"` // of all: that lie there still, about
	Failed []failed `json:"failed"`
}

type failed struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

// orderOf reads an order from JSON or from a form.
func orderOf(r *web.Request) (order, error) {
	var o order
	if r.API() {
		if err := json.Unmarshal(r.Body, &o); err != nil {
			return o, web.Problemf(http.StatusBadRequest, "invalid_body", `Send JSON such as {"place": "notify", "id": "…"} or {"place": "notify", "all": true}.`)
		}
	} else {
		o = order{Place: r.Form.Get("place"), ID: r.Form.Get("id"), All: r.Form.Get("all") != "", Reason: r.Form.Get("reason")}
	}
	o.Reason = strings.TrimSpace(o.Reason)
	if o.All == (o.ID != "") {
		return o, web.Problemf(http.StatusBadRequest, "invalid_order", "Name one dead letter by its id, or say all.")
	}
	return o, nil
}

// retry answers POST /api/dead-letters/retry.
func (h *handler) retry(ctx context.Context, r *web.Request) (settled, error) {
	o, err := orderOf(r)
	if err != nil {
		return settled{}, err
	}
	return h.carryOut(ctx, r, o, "retry", h.office.Retry, h.office.RetryOne)
}

// discard answers POST /api/dead-letters/discard.
func (h *handler) discard(ctx context.Context, r *web.Request) (settled, error) {
	o, err := orderOf(r)
	switch {
	case err != nil:
		return settled{}, err
	case o.Reason == "":
		return settled{}, web.Problemf(http.StatusBadRequest, "no_reason", "Say why it may be thrown away: what is discarded is gone for good.")
	case strings.Contains(o.Reason, "@") || len(o.Reason) > mostReason:
		return settled{}, web.Problemf(http.StatusBadRequest, "invalid_reason", "The reason stands in the log: at most "+strconv.Itoa(mostReason)+" characters, and no address.")
	}
	return h.carryOut(ctx, r, o, "discard", h.office.Discard, h.office.DiscardOne)
}

// carryOut does what is ordered with all letters of a place, or with one.
func (h *handler) carryOut(ctx context.Context, r *web.Request, o order, did string,
	all func(context.Context, deadletter.Place, int) (deadletter.Result, error), one func(context.Context, deadletter.Place, string) (deadletter.Letter, error),
) (settled, error) {
	out := settled{Failed: []failed{}}
	var err error
	if o.All {
		var result deadletter.Result
		result, err = all(ctx, deadletter.Place(o.Place), cmp.Or(o.Most, deadletter.MostAtOnce))
		out.Done, out.Left = result.Done, result.Left
		for _, f := range result.Failed {
			out.Failed = append(out.Failed, failed{f.ID, f.Err.Error()})
		}
	} else if _, err = one(ctx, deadletter.Place(o.Place), o.ID); err == nil {
		out.Done = 1
	}
	attrs := []slog.Attr{
		slog.String("did", did), slog.String("place", o.Place), slog.String("id", o.ID), slog.Bool("all", o.All), slog.Int("done", out.Done),
		slog.Int("failed", len(out.Failed)), slog.Int("left", out.Left), slog.String("subject", r.Who.Subject),
	}
	if o.Reason != "" {
		attrs = append(attrs, slog.String("reason", o.Reason))
	}
	level := slog.LevelInfo
	if err != nil {
		level, attrs = slog.LevelError, append(attrs, slog.Any("error", err))
	}
	h.log.LogAttrs(ctx, level, "dead_letters.settled", attrs...)
	return out, problem(err)
}
