package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

// deliveriesAnswer is the answer of GET /api/deliveries?state=&cursor=.
type deliveriesAnswer struct {
	Deliveries []delivery `json:"deliveries"` // the latest first
	Next       string     `json:"next"`       // cursor of the following page, "" on the last one
	AsOf       time.Time  `json:"as_of"`
}

// delivery is one message about an event, to somebody on a channel.
type delivery struct {
	At      time.Time `json:"at"`    // when it was accepted, else of the latest try
	State   string    `json:"state"` // accepted, waiting (it failed, and is tried again) or given_up
	Channel string    `json:"channel"`
	To      []string  `json:"to"` // references: "rep:maya", "manager:inbound", "operator", "system"
	Event   string    `json:"event"`
	Type    string    `json:"type"`
	Lead    string    `json:"lead,omitempty"`
	Tries   int       `json:"tries"`
	Error   string    `json:"error,omitempty"` // the channel's latest
}

// Failed tells whether somebody may want to try it again.
func (d delivery) Failed() bool { return d.State != string(table.SentAccepted) }

// Result says the state in words.
func (d delivery) Result() string {
	switch table.DeliveryState(d.State) {
	case table.SentAccepted:
		if d.Tries > 1 {
			return "accepted in try " + strconv.Itoa(d.Tries)
		}
		return "accepted"
	case table.SentWaiting:
		return "failed " + times(d.Tries) + ", is tried again by itself"
	case table.SentGivenUp:
		return "failed " + times(d.Tries) + ", given up"
	}
	return d.State
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(n) + " times"
}

// Tone is the color of the state.
func (d delivery) Tone() string {
	switch table.DeliveryState(d.State) {
	case table.SentAccepted:
		return "ok"
	case table.SentWaiting:
		return "warn"
	case table.SentGivenUp:
		return "bad"
	}
	return ""
}

// Whom writes the receivers for people: "rep maya, system".
func (d delivery) Whom() string {
	var all []string
	for _, ref := range d.To {
		role, name, found := strings.Cut(ref, ":")
		switch {
		case found && role == "manager":
			role = "manager of " + name
		case found:
			role += " " + name
		}
		all = append(all, role)
	}
	return strings.Join(all, ", ")
}

// deliveries answers GET /api/deliveries.
func (h *handler) deliveries(ctx context.Context, r *web.Request) (deliveriesAnswer, error) {
	out := deliveriesAnswer{Deliveries: []delivery{}, AsOf: r.Now.UTC()}
	state := table.DeliveryState(r.Query.Get("state"))
	if state != "" && !slices.Contains(table.DeliveryStates(), state) {
		return out, web.Problemf(http.StatusBadRequest, "invalid_state", "The state is accepted, waiting or given_up; leave it out for all.")
	}
	found, next, err := h.table.Sent(ctx, state, r.Now, r.Query.Get("cursor"), mostListed)
	if err != nil {
		if fault.KindOf(err) == fault.Invalid {
			err = web.Problemf(http.StatusBadRequest, "invalid_cursor", "The cursor is none of ours: start from the first page.")
		}
		return out, err
	}
	out.Next = next
	for _, s := range found {
		out.Deliveries = append(out.Deliveries, delivery{
			At: s.At.UTC(), State: string(s.State), Channel: s.Channel, To: strings.Split(s.Whom, ","), Event: s.Event, Type: s.Type,
			Lead: string(s.Lead), Tries: s.Tries, Error: s.Error,
		})
	}
	return out, nil
}

// toldAgain is the answer of POST /api/deliveries/retry.
type toldAgain struct {
	Event string `json:"event"`
}

// deliver answers POST /api/deliveries/retry: it sends an event to notify
// again. Which of its deliveries were made already, their marks know.
func (h *handler) deliver(ctx context.Context, r *web.Request) (toldAgain, error) {
	in := toldAgain{Event: r.Form.Get("event")}
	if r.API() {
		if err := json.Unmarshal(r.Body, &in); err != nil {
			return in, web.Problemf(http.StatusBadRequest, "invalid_body", `Send JSON such as {"event": "…"}.`)
		}
	}
	e, err := h.table.EventAt(ctx, in.Event)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return in, web.Problemf(http.StatusNotFound, "no_event", "The log holds no such event: its lead was erased, or it is about a source, and these are not kept. If it lies among the dead letters, retry it there.")
	}
	if err == nil {
		err = h.tell(ctx, e)
	}
	if err != nil {
		return in, problem(err)
	}
	h.log.LogAttrs(ctx, slog.LevelInfo, "delivery.retried", slog.String("event_id", e.ID), slog.String("event_type", string(e.Type)), slog.String("subject", r.Who.Subject))
	return in, nil
}

// tell sends an event to notify as the bus does.
func (h *handler) tell(ctx context.Context, e contract.Event) error {
	detail, err := json.Marshal(e)
	if err != nil {
		return fault.Wrap(fault.Internal, "encode event", err)
	}
	body, err := json.Marshal(events.EventBridgeEvent{Version: "0", ID: "again-" + e.ID, Source: contract.Source, DetailType: string(e.Type), Time: e.Time, Detail: detail})
	if err != nil {
		return fault.Wrap(fault.Internal, "encode envelope", err)
	}
	return h.notify.Send(ctx, string(body))
}
