package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/deadletter"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/queue"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

// clients are what the handler reaches the world by.
type clients struct {
	table  *table.Table
	queues *sqs.Client
	bus    deadletter.Bus
	config aws.Config
	log    *slog.Logger
}

type handler struct {
	clients
	office *deadletter.Office
	work   []workQueue
	notify *queue.Queue
	code   codeVersion
	site   *web.Site
}

// workQueue is a queue that a function works off.
type workQueue struct {
	name, url string
	holds     string
}

// newHandler makes the handler of the queues and the bucket that the settings
// name. build may be nil.
func newHandler(c clients, get func(string) string, build *debug.BuildInfo) *handler {
	back := func(dead, to string) deadletter.Queue {
		return deadletter.Queue{DeadLetters: get(dead), BackTo: to}
	}
	park, retry, notify, fetch := get("PARK_QUEUE_URL"), get("RETRY_QUEUE_URL"), get("NOTIFY_QUEUE_URL"), get("FETCH_QUEUE_URL")
	machine := func() time.Time { return clock.System(context.Background()) }
	return &handler{
		clients: c,
		office: deadletter.New(c.queues, map[deadletter.Place]deadletter.Queue{
			deadletter.Park:     back("PARK_DEAD_LETTERS_URL", park),
			deadletter.Retry:    back("RETRY_DEAD_LETTERS_URL", retry),
			deadletter.Fetch:    back("FETCH_DEAD_LETTERS_URL", fetch),
			deadletter.Notify:   back("NOTIFY_DEAD_LETTERS_URL", notify),
			deadletter.Rule:     back("RULE_DEAD_LETTERS_URL", notify),
			deadletter.Schedule: back("SCHEDULE_DEAD_LETTERS_URL", ""),
		}, deadletter.NewBucket(c.config, get("STREAM_DEAD_LETTERS"), machine), c.bus, c.table.SignalAt),
		work: []workQueue{
			{"park", park, "Signals that could not be stored at once. An alarm rings when one has waited for 10 minutes."},
			{"fetch", fetch, "Requests for records that webhooks only name. An alarm rings when one has waited for an hour."},
			{"retry", retry, "Signals whose lead could not be decided about. An alarm rings when one has waited for 15 minutes."},
			{"notify", notify, "Events that somebody may have to be told about. An alarm rings when one has waited for 15 minutes."},
		},
		notify: queue.New(c.queues, notify), code: codeOf(build),
	}
}

// routes are what this function answers.
func (h *handler) routes() map[access.Route]web.Handler {
	return map[access.Route]web.Handler{
		"GET /operations":                h.operationsPage,
		"POST /operations/retry":         h.retryForm,
		"POST /operations/discard":       h.discardForm,
		"GET /deliveries":                h.deliveriesPage,
		"POST /deliveries/retry":         h.deliverForm,
		"GET /api/operations":            web.AsJSON(h.operations),
		"GET /api/dead-letters":          web.AsJSON(h.letters),
		"POST /api/dead-letters/retry":   web.AsJSON(h.retry),
		"POST /api/dead-letters/discard": web.AsJSON(h.discard),
		"GET /api/deliveries":            web.AsJSON(h.deliveries),
		"POST /api/deliveries/retry":     web.AsJSON(h.deliver),
	}
}

// problem says what went wrong with a letter or a delivery, and what to do.
func problem(err error) error {
	var known *web.Problem
	if err == nil || errors.As(err, &known) {
		return err
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		return web.Problemf(http.StatusNotFound, "not_found", "It is not there any more, or more than 500 others lie before it. Load the page again; if it is still counted, retry all.")
	case fault.Invalid:
		return web.Problemf(http.StatusBadRequest, "invalid", "That cannot be done: "+err.Error()+".")
	case fault.Unavailable, fault.Denied:
		return fault.Wrap(fault.Unavailable, "operate", errors.Join(err, web.Problemf(http.StatusServiceUnavailable, "unavailable",
			"A queue, the bucket or the bus cannot be reached right now. Nothing is lost: try again in a moment.")))
	case fault.Internal, fault.Conflict:
	}
	return err
}
