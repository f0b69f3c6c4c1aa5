package main

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// ordering is an order that somebody wants to give, and what it is about.
type ordering struct {
	kind  view.Order
	lead  *lead.Lead
	who   access.Person
	book  *answer.Book
	terms answer.Terms
	now   time.Time
	saw   saw
	to    string
	until time.Time
	why   string
}

// saw is what the page of an order showed of the lead: the order is about it as
// it was then.
type saw struct {
	Version int64
	About   int // number of the handoff
	After   int // orders that were carried out
	Stage   lead.Stage
}

func sawOf(l *lead.Lead) saw {
	j := l.Journey
	return saw{Version: l.Version, About: j.About(), After: j.Orders.Count, Stage: j.Reached()}
}

// same tells whether the lead is still in the hands that it was in. That it
// moved on by an answer of its holder, or was looked at again, changes nothing.
func (s saw) same(l *lead.Lead) bool {
	return s.About == l.Journey.About() && s.After == l.Journey.Orders.Count && l.Journey.SameHands(s.Stage)
}

// ordering reads the lead of the path for somebody who may order about it.
func (h *handler) ordering(ctx context.Context, r *web.Request, name string) (*ordering, error) {
	kind, ok := view.OrderNamed(name)
	if !ok {
		var all []string
		for _, o := range view.Orders() {
			all = append(all, o.Name)
		}
		return nil, web.Problemf(http.StatusNotFound, "not_found", "There is no such order. Those that there are: "+strings.Join(all, ", ")+".")
	}
	l, err := h.load(ctx, r)
	if err != nil {
		return nil, err
	}
	if !view.MayOrder(r.Who, l.Journey) {
		return nil, web.Problemf(http.StatusForbidden, "forbidden", "You may decide about the leads of the pools that you manage, and this is none of them. Ask an operator if it should be.")
	}
	book, err := h.book(ctx, r.Now)
	if err != nil {
		return nil, err
	}
	_, pool := l.Journey.Whose()
	return &ordering{kind: kind, lead: l, who: r.Who, book: book, terms: answer.TermsOf(book, pool, ""), now: r.Now, saw: sawOf(l)}, nil
}

// signal is the signal of the order about the lead as its page showed it. Kind:
// Invalid, with a sentence for the person.
func (o *ordering) signal() (signal.Signal, error) {
	if o.to != "" && !slices.ContainsFunc(o.reps(), func(c choice) bool { return c.Rep == o.to }) {
		return signal.Signal{}, fault.New(fault.Invalid, "choose somebody of the list: no pool that you manage has a rep %q", o.to)
	}
	shown := *o.lead
	shown.Version = o.saw.Version // the same form is the same order, whatever came in between
	return decision.OrderFor(&shown, o.order(), o.now)
}

func (o *ordering) order() decision.Order {
	return decision.Order{Type: o.kind.Type, To: o.to, Until: o.until, Reason: o.why, By: signed(o.who)}
}

// signed is the person's name as it stands in an order.
func signed(who access.Person) string {
	const most = 80 // characters, as decision.Order has it
	name := []rune(who.Called())
	return string(name[:min(len(name), most)])
}

// choice is a rep to whom a lead can be given.
type choice struct {
	Rep, Name, Pool string
	Why             string // how they stand in the rules' eyes, where these looked at them
}

// reps are those to whom the person may give the lead, by pool and name.
func (o *ordering) reps() []choice {
	var all []choice
	known := map[string]bool{}
	for _, pool := range slices.Sorted(maps.Keys(o.book.Routing.Pools)) {
		if !o.who.Manages(pool) {
			continue
		}
		reps := slices.Clone(o.book.Routing.Pools[pool].Reps)
		slices.SortFunc(reps, func(a, b policy.Rep) int { return cmp.Compare(a.Name, b.Name) })
		for _, r := range reps {
			if h := o.lead.Journey.Holder(); known[r.ID] || h != nil && h.Rep == r.ID {
				continue
			}
			known[r.ID] = true
			all = append(all, choice{Rep: r.ID, Name: r.Name, Pool: pool})
		}
	}
	return all
}

// given tells whether the very order is stored already.
func (h *handler) given(ctx context.Context, k signal.LeadKey, id string) (bool, error) {
	_, err := h.table.Signal(ctx, k, lead.Operator, id)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}

// place gives the order, unless the lead is not any more as its page showed it.
// The same order again changes nothing. problem is what the person has to mend.
func (h *handler) place(ctx context.Context, o *ordering) (out placed, problem string, err error) {
	o.saw.Version = min(o.saw.Version, o.lead.Version)
	out.id = decision.OrderID(o.saw.Version, o.order())
	// A form may be sent twice, and its order be carried out in between.
	if out.before, err = h.given(ctx, o.lead.Key, out.id); err != nil || out.before {
		return out, "", err
	}
	if out.stale = !o.saw.same(o.lead); out.stale {
		return out, "", nil
	}
	s, err := o.signal()
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return out, err.Error(), nil
	}
	if err != nil {
		return out, "", err
	}
	stored, err := h.table.PutSignalFor(ctx, o.lead.Key, s)
	out.before = err == nil && !stored
	return out, "", err
}

// placed says what became of an order that was given.
type placed struct {
	id     string // of its signal
	before bool   // the same was given before
	stale  bool   // it was not given: the lead is not as it was
}

// orderBody is what POST /api/leads/{key}/orders takes.
type orderBody struct {
	Order   string `json:"order"`
	To      string `json:"to"`
	Until   string `json:"until"` // RFC 3339
	Reason  string `json:"reason"`
	Handoff *int   `json:"handoff"` // that the order is about; 0 for a lead that never was ready for one
	Version int64  `json:"version"` // of the lead as the caller read it; 0 is the present one
}

// ordered is what it answers.
type ordered struct {
	ID     string `json:"id"`     // of the order
	Before bool   `json:"before"` // the same was ordered before
	Order  string `json:"order"`
	Lead   string `json:"lead"`
}

func (h *handler) orderJSON(ctx context.Context, r *web.Request) (ordered, error) {
	var body orderBody
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return ordered{}, web.Problemf(http.StatusBadRequest, "invalid", `Send a JSON object such as {"order":"take-back","reason":"…","handoff":1}.`)
	}
	o, err := h.ordering(ctx, r, body.Order)
	if err != nil {
		return ordered{}, err
	}
	o.to, o.why = body.To, body.Reason
	if o.until, err = untilOf(body.Until); err != nil {
		return ordered{}, err
	}
	if body.Handoff == nil {
		return ordered{}, web.Problemf(http.StatusUnprocessableEntity, "invalid", "Say which handoff the order is about: the lead's handoff.number, or 0 for a lead that has none.")
	}
	o.saw.About = *body.Handoff
	if body.Version > 0 {
		o.saw.Version = body.Version
	}
	placed, problem, err := h.place(ctx, o)
	switch {
	case err != nil:
		return ordered{}, err
	case problem != "":
		return ordered{}, web.Problemf(http.StatusUnprocessableEntity, "invalid", sentence(problem))
	case placed.stale:
		return ordered{}, web.Problemf(http.StatusConflict, "changed", "The lead is not any more as you read it. Read it again, and order again if it is still right.")
	}
	return ordered{ID: placed.id, Before: placed.before, Order: o.kind.Name, Lead: string(o.lead.Key)}, nil
}

func untilOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, web.Problemf(http.StatusUnprocessableEntity, "invalid", "until is a time such as 2026-05-25T09:00:00Z.")
	}
	return at.UTC(), nil
}

// sawFrom reads what a form says that its page showed. ok is false when it does
// not say it.
func sawFrom(r *web.Request) (s saw, ok bool) {
	version, err := strconv.ParseInt(r.Form.Get("version"), 10, 64)
	about, also := strconv.Atoi(r.Form.Get(fieldHandoff))
	after, third := strconv.Atoi(r.Form.Get("after"))
	s = saw{Version: version, About: about, After: after, Stage: lead.Stage(r.Form.Get("stage"))}
	return s, err == nil && also == nil && third == nil && version > 0 && s.Stage != ""
}
