package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/shared/deadletter"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

// mostOnPage is how many letters of each place the page shows.
const mostOnPage = 10

// operationsView is what the page /operations shows.
type operationsView struct {
	operationsAnswer
	Now    time.Time
	Token  string
	Notice string
	Full   []place // places that hold letters, or cannot be reached
	Empty  []string
}

// place is one place with the letters that are shown of it.
type place struct {
	failedState
	Letters []letter
}

// More is how many letters are not shown, about.
func (p place) More() int { return max(p.Count-len(p.Letters), 0) }

// Batch is how many letters one press of the button works off.
func (place) Batch() int { return deadletter.MostAtOnce }

func (h *handler) operationsPage(ctx context.Context, r *web.Request) (web.Response, error) {
	all, err := h.operations(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	v := operationsView{operationsAnswer: all, Now: r.Now, Token: r.Who.Token, Notice: noticeOf(r.Query)}
	for _, f := range all.Failed {
		if f.Count == 0 && f.Error == "" {
			v.Empty = append(v.Empty, f.Title)
			continue
		}
		v.Full = append(v.Full, place{failedState: f})
	}
	var g errgroup.Group
	for i := range v.Full {
		g.Go(func() error {
			p := &v.Full[i]
			found, err := h.office.Peek(ctx, deadletter.Place(p.Place), mostOnPage)
			if err != nil {
				p.Error = away
				h.unreachable(ctx, p.Place, err)
			}
			for _, l := range found {
				p.Letters = append(p.Letters, shown(l))
			}
			return nil
		})
	}
	_ = g.Wait() // each place says by itself that it failed
	return h.site.Show(r, "operations.html", page.Doc{Title: "Operations", Data: v})
}

// noticeOf says what the form that led here has done, by the numbers in the
// address.
func noticeOf(q url.Values) string {
	number := func(name string) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			return 0
		}
		return max(n, 0)
	}
	did := ""
	switch q.Get("did") {
	case "retry":
		did = "sent back to where " + are(number("done"), "it is", "they are") + " worked off"
	case "discard":
		did = "discarded"
	default:
		return ""
	}
	text := fmt.Sprintf("%s %s %s.", page.Plural(number("done"), "dead letter"), are(number("done"), "was", "were"), did)
	if n := number("failed"); n > 0 {
		text += fmt.Sprintf(" %d could not be, and %s here; the function's log says why.", n, are(n, "stays", "stay"))
	}
	if n := number("left"); n > 0 {
		text += fmt.Sprintf(" About %d remain: press once more.", n)
	}
	return text
}

func are(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func (h *handler) retryForm(ctx context.Context, r *web.Request) (web.Response, error) {
	done, err := h.retry(ctx, r)
	return seeOperations("retry", done, err)
}

func (h *handler) discardForm(ctx context.Context, r *web.Request) (web.Response, error) {
	done, err := h.discard(ctx, r)
	return seeOperations("discard", done, err)
}

func seeOperations(did string, s settled, err error) (web.Response, error) {
	if err != nil {
		return web.Response{}, err
	}
	q := url.Values{"did": {did}, "done": {strconv.Itoa(s.Done)}, "failed": {strconv.Itoa(len(s.Failed))}, "left": {strconv.Itoa(s.Left)}}
	return web.See("/operations?" + q.Encode()), nil
}

// deliveriesView is what the page /deliveries shows.
type deliveriesView struct {
	Now         time.Time
	Token       string
	Deliveries  []delivery
	State       string
	States      []table.DeliveryState
	Notice      string
	First, Next string // addresses of the first and the following page
}

func (h *handler) deliveriesPage(ctx context.Context, r *web.Request) (web.Response, error) {
	found, err := h.deliveries(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	state := r.Query.Get("state")
	v := deliveriesView{Now: r.Now, Token: r.Who.Token, Deliveries: found.Deliveries, State: state, States: table.DeliveryStates()}
	if r.Query.Get("did") == "retry" {
		v.Notice = "The event is on its way again. Channels that took its message get it no second time; load this page again in a moment."
	}
	if r.Query.Get("cursor") != "" {
		v.First = "/deliveries?" + url.Values{"state": {state}}.Encode()
	}
	if found.Next != "" {
		v.Next = "/deliveries?" + url.Values{"state": {state}, "cursor": {found.Next}}.Encode()
	}
	return h.site.Show(r, "deliveries.html", page.Doc{Title: "Deliveries", Data: v})
}

func (h *handler) deliverForm(ctx context.Context, r *web.Request) (web.Response, error) {
	if _, err := h.deliver(ctx, r); err != nil {
		return web.Response{}, err
	}
	return web.See("/deliveries?" + url.Values{"did": {"retry"}, "state": {r.Form.Get("state")}}.Encode()), nil
}
