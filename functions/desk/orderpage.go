package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/view"
	"github.com/handoff-oss/handoff/shared/web"
)

// orderView is what the page of an order shows.
type orderView struct {
	Kind    view.Order
	Title   string
	Lead    orderedLead
	Now     time.Time
	Token   string
	Refused string   // why the order makes no sense for the lead
	Will    []string // what will happen, in sentences
	Steps   []view.RouteStep
	Chosen  string // whom the rules choose now
	Reps    []choice
	Changed []string // what happened since the page was shown that was sent
	Problem string
	Reasons []string // suggestions
	To      string
	Until   string
	Least   string // of until
	Most    string
	Place   string // whose clock until is by
	Why     string
	Saw     saw
}

// orderedLead is the lead as the page of an order names it.
type orderedLead struct {
	Key, Name, Company, Stage, Tone, Holder, Pool string
	Since                                         time.Time
}

// localTime is how forms write a time.
const localTime = "2006-01-02T15:04"

func (h *handler) orderPage(ctx context.Context, r *web.Request) (web.Response, error) {
	o, err := h.ordering(ctx, r, r.Params["what"])
	if err != nil {
		return web.Response{}, err
	}
	o.to, o.why = r.Query.Get("to"), r.Query.Get("reason")
	o.until = o.parse(r.Query.Get("until"))
	if o.until.IsZero() {
		o.until = o.proposed()
	}
	return h.showOrder(ctx, r, o, orderView{}, http.StatusOK)
}

func (h *handler) orderForm(ctx context.Context, r *web.Request) (web.Response, error) {
	o, err := h.ordering(ctx, r, r.Params["what"])
	if err != nil {
		return web.Response{}, err
	}
	now := o.saw
	seen, ok := sawFrom(r)
	if !ok {
		return web.Response{}, web.Problemf(http.StatusBadRequest, "invalid", "The form is incomplete. Load the page again, and send it once more.")
	}
	o.saw, o.to, o.why, o.until = seen, r.Form.Get("to"), r.Form.Get("reason"), o.parse(r.Form.Get("until"))
	placed, problem, err := h.place(ctx, o)
	switch {
	case err != nil:
		return web.Response{}, err
	case problem != "":
		return h.showOrder(ctx, r, o, orderView{Problem: sentence(problem)}, http.StatusUnprocessableEntity)
	case placed.stale:
		changed, err := h.since(ctx, o)
		if err != nil {
			return web.Response{}, err
		}
		o.saw = now
		return h.showOrder(ctx, r, o, orderView{Changed: changed}, http.StatusConflict)
	}
	return web.See("/leads/" + string(o.lead.Key) + "?" + url.Values{"ordered": {placed.id}}.Encode()), nil
}

// mostChanges is how many changes a page tells of.
const mostChanges = 10

// since lists what happened to the lead after the version that a page showed,
// the latest first.
func (h *handler) since(ctx context.Context, o *ordering) ([]string, error) {
	items, _, err := h.table.Timeline(ctx, o.lead.Key, "", mostChanges)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, item := range items {
		if item.Version <= o.saw.Version {
			break
		}
		for _, e := range slices.Backward(item.Entries) {
			said := sentence(e.Summary)
			if by := e.Detail.By; by != "" {
				said += " By order of " + by + "."
			}
			all = append(all, said)
		}
	}
	if len(all) == 0 {
		all = append(all, "Another order was carried out.")
	}
	return all[:min(len(all), mostChanges)], nil
}

// parse reads a time as the form writes it, by the pool's clock, or in RFC 3339.
// What cannot be read is the zero time, which the order then asks for.
func (o *ordering) parse(text string) time.Time {
	if at, err := time.ParseInLocation(localTime, text, o.terms.Zone()); err == nil {
		return at.UTC()
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// proposed is until when an order would be, if nobody says otherwise.
func (o *ordering) proposed() time.Time {
	days := 0
	switch o.kind.Type { //nolint:exhaustive // The others have no end.
	case signal.OrderHold:
		days = 1
	case signal.OrderRecycle:
		days = 30
	default:
		return time.Time{}
	}
	return o.terms.Morning(o.now.AddDate(0, 0, days)).UTC()
}

// showOrder shows the form, and what the order would do now. v says what was
// wrong with the form that was sent.
func (h *handler) showOrder(ctx context.Context, r *web.Request, o *ordering, v orderView, status int) (web.Response, error) {
	v.Kind, v.Now, v.Token, v.Saw, v.To, v.Why = o.kind, o.now, o.who.Token, o.saw, o.to, o.why
	v.Lead, v.Reasons, v.Title = leadOf(o.lead), suggestions(o.kind), titleOf(o.kind)
	v.Refused = sentence(o.kind.Refused(o.lead.Journey, o.now))
	if o.kind.NeedsUntil() {
		zone := o.terms.Zone()
		v.Place, v.Least = o.terms.Place(), o.now.In(zone).Format(localTime)
		if !o.until.IsZero() {
			v.Until = o.until.In(zone).Format(localTime)
		}
		if o.kind.Type == signal.OrderHold {
			v.Most = o.now.AddDate(0, 0, lead.LongestHold).In(zone).Format(localTime)
		}
	}
	if o.kind.NeedsRep() {
		v.Reps = o.reps()
	}
	if v.Refused == "" {
		if err := h.foresee(ctx, o, &v); err != nil {
			return web.Response{}, err
		}
	}
	out, err := h.site.Show(r, "order.html", page.Doc{Title: v.Title, Data: v, Zone: o.terms.Place()})
	if err == nil {
		out.StatusCode = status
	}
	return out, err
}

// foresee adds what the order would do if it were carried out now, and whom the
// rules would choose.
func (h *handler) foresee(ctx context.Context, o *ordering, v *orderView) error {
	try := o.order()
	try.Reason, try.By = "…", "you"
	if o.kind.NeedsUntil() && !try.Until.After(o.now) {
		try.Until = o.proposed()
	}
	if !slices.ContainsFunc(v.Reps, func(c choice) bool { return c.Rep == try.To }) {
		try.To = ""
	}
	s, refused := decision.OrderFor(o.lead, try, o.now)
	if refused != nil {
		v.Refused = sentence(refused.Error())
		return nil
	}
	d, err := h.decide.Foresee(ctx, o.lead, s, o.now)
	if err != nil {
		return err
	}
	names := view.NamesOf(o.book.Policy)
	v.Will = willOf(o, d, names)
	if d.Log != nil && try.To == "" && (o.kind.NeedsRep() || o.kind.Type == signal.OrderTakeBack) {
		v.chosen(view.StepsOf(d.Log.Route, names))
	}
	return nil
}

// chosen adds whom the rules choose, and how they see each rep.
func (v *orderView) chosen(steps []view.RouteStep) {
	v.Steps = steps
	won, _ := view.Winner(steps)
	for _, c := range won.Considered {
		if c.Chosen {
			v.Chosen = c.Name
		}
	}
	for i := range v.Reps {
		v.Reps[i].Why = whyOf(steps, v.Reps[i].Rep)
	}
}

// whyOf is what the rules had to say of a rep last.
func whyOf(steps []view.RouteStep, rep string) string {
	for _, s := range slices.Backward(steps) {
		for _, c := range s.Considered {
			if c.Rep == rep {
				return c.Why
			}
		}
	}
	return ""
}

func leadOf(l *lead.Lead) orderedLead {
	p := l.Facts.Values()
	_, pool := l.Journey.Whose()
	out := orderedLead{
		Key: string(l.Key), Name: view.NameOf(find.Name(p), p[signal.FieldEmail], p[signal.FieldCompany]), Company: p[signal.FieldCompany],
		Stage: string(l.Journey.Stage), Tone: view.StageTone(string(l.Journey.Stage)), Pool: pool,
	}
	if h := l.Journey.Holder(); h != nil {
		out.Holder, out.Since = h.RepName, h.Since
	}
	return out
}
