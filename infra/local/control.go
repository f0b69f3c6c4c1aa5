package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/local/bus"
	"github.com/handoff-oss/handoff/infra/local/front"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/infra/local/outbox"
	"github.com/handoff-oss/handoff/infra/local/schedule"
	"github.com/handoff-oss/handoff/infra/local/welcome"
	"github.com/handoff-oss/handoff/shared/fault"
)

// routes are the pages and endpoints of the host itself; all else goes to the
// functions.
func (h *host) routes() http.Handler {
	config := welcome.Config{PublicURL: h.settings.publicURL, HTMLToken: h.secrets.htmlToken, Steps: h.steps.snapshot, Outbox: h.messages, Now: h.clock.Now}
	page, list := welcome.New(config), welcome.Outbox(config)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("overview") || !front.Direct(r) { // the page that a deployed stack has here
			h.whenReady(h.front.ServeHTTP)(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /_local/health", h.health)
	mux.HandleFunc("GET /_local/outbox", direct(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("message") || wantsPage(r) {
			list.ServeHTTP(w, r)
			return
		}
		messages, err := h.outbox.Messages()
		reply(w, map[string]any{"messages": about(r, messages, func(m welcome.Message) string { return m.Event.Lead })}, err)
	}))
	mux.HandleFunc("POST /_local/outbox/forget", direct(own(func(w http.ResponseWriter, r *http.Request) {
		reply(w, map[string]any{"status": "forgotten"}, h.outbox.Forget(strings.Split(r.URL.Query().Get("leads"), ",")))
	})))
	mux.HandleFunc("GET /_local/events", direct(func(w http.ResponseWriter, r *http.Request) {
		events, err := h.bus.Events()
		reply(w, map[string]any{"events": about(r, events, func(e bus.Seen) string { return e.Lead })}, err)
	}))
	mux.HandleFunc("GET /_local/clock", h.whenReady(h.tellTime))
	mux.HandleFunc("POST /_local/clock", direct(own(h.whenReady(h.moveTime))))
	mux.HandleFunc("GET /_local/idle", h.whenReady(func(w http.ResponseWriter, r *http.Request) {
		err := h.idle(r.Context())
		reply(w, map[string]any{"status": "idle", "now": h.clock.Now()}, err)
	}))
	h.routeChannels(mux)
	mux.HandleFunc(identity.Path+"/", direct(h.identity.Handler().ServeHTTP))
	mux.HandleFunc("/_local/", http.NotFound)
	mux.HandleFunc("/", h.whenReady(func(w http.ResponseWriter, r *http.Request) { h.front.ServeHTTP(w, r) }))
	return mux
}

// routeChannels are the services that messages go to, and the people there.
func (h *host) routeChannels(mux *http.ServeMux) {
	slack := outbox.Workspace{
		Outbox: h.outbox, PublicURL: h.settings.publicURL, Token: h.secrets.slack.BotToken, SigningSecret: h.secrets.slack.SigningSecret,
		Client: &http.Client{Timeout: 30 * time.Second},
	}
	mux.HandleFunc("POST /_local/slack", h.outbox.Slack)
	mux.HandleFunc("POST /_local/slack/api/chat.postMessage", slack.PostMessage)
	mux.HandleFunc("POST /_local/slack/api/chat.update", slack.Update)
	mux.HandleFunc("POST /_local/slack/response", own(slack.Response))
	mux.HandleFunc("POST /_local/slack/press", direct(own(h.whenReady(slack.Press))))
	mux.HandleFunc("POST /_local/teams", h.outbox.Teams)
	mux.HandleFunc("POST /_local/webhook", h.outbox.Webhook)
}

// whenReady answers 503 while the stack starts.
func (h *host) whenReady(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-h.ready:
			next(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			write(w, http.StatusServiceUnavailable, map[string]any{"message": "The stack is starting.", "steps": h.steps.snapshot()})
		}
	}
}

// direct keeps what is for whoever sits at this machine from those who come
// through a tunnel: they could sign in as anybody, and answer for the reps.
func direct(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !front.Direct(r) {
			write(w, http.StatusForbidden, map[string]string{"error": "this is for the machine itself: open it there, at its own address"})
			return
		}
		next(w, r)
	}
}

// own lets no other web site move this machine's time through a browser.
func own(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" {
			u, err := url.Parse(origin)
			if err != nil || u.Host != r.Host {
				write(w, http.StatusForbidden, map[string]string{"error": "another site may not do that"})
				return
			}
		}
		next(w, r)
	}
}

// about keeps what is about the lead that ?lead= names, if it names one.
func about[T any](r *http.Request, all []T, lead func(T) string) []T {
	key := r.URL.Query().Get("lead")
	if key == "" {
		return all
	}
	return slices.DeleteFunc(all, func(v T) bool { return lead(v) != key })
}

func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	page, data := strings.Index(accept, "text/html"), strings.Index(accept, "application/json")
	return page >= 0 && (data < 0 || page < data)
}

func (h *host) messages() []welcome.Message {
	list, err := h.outbox.Messages()
	logged(context.Background(), h.log, "read the outbox", err)
	return list
}

// health says what runs. Once the stack has been ready it stays so: a process
// that died is being started again.
func (h *host) health(w http.ResponseWriter, _ *http.Request) {
	select {
	case <-h.ready:
	default:
		write(w, http.StatusServiceUnavailable, map[string]any{"status": "starting", "steps": h.steps.snapshot()})
		return
	}
	processes := map[string][]int{"local": {os.Getpid()}}
	for _, p := range h.pools {
		processes[p.Name()] = p.PIDs()
	}
	if h.engine != nil {
		processes["dynamodb"] = []int{}
		if pid := h.engine.PID(); pid != 0 {
			processes["dynamodb"] = []int{pid}
		}
	}
	table, err := h.stack.Table("Table")
	reply(w, map[string]any{
		"status": "ok", "processes": processes, "table": table.Name, "region": "us-east-1",
		"endpoints": map[string]string{"aws": h.awsURL(), "dynamodb": h.dynamodbURL},
	}, err)
}

func (h *host) tellTime(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]any{"now": h.clock.Now()}, nil)
}

func (h *host) moveTime(w http.ResponseWriter, r *http.Request) {
	var in struct{ Advance, Set string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&in); err != nil {
		write(w, http.StatusBadRequest, map[string]string{"error": `say {"advance":"30m"} or {"set":"2026-01-31T09:00:00Z"}`})
		return
	}
	target, err := target(h.clock.Now(), in.Advance, in.Set)
	if err != nil {
		write(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	err = h.advance(r.Context(), target)
	reply(w, map[string]any{"now": h.clock.Now()}, err)
}

func target(now time.Time, advance, set string) (time.Time, error) {
	switch {
	case (advance == "") == (set == ""):
		return now, fault.New(fault.Invalid, `say either "advance" or "set"`)
	case advance != "":
		d, err := time.ParseDuration(advance)
		if err != nil {
			return now, fault.New(fault.Invalid, "%q is not a duration such as 30m or 72h", advance)
		}
		if d < 0 {
			return now, fault.New(fault.Invalid, "time moves forward only")
		}
		return now.Add(d), nil
	}
	t, err := time.Parse(time.RFC3339, set)
	if err != nil {
		return now, fault.New(fault.Invalid, "%q is not a time such as 2026-01-31T09:00:00Z", set)
	}
	if t.Before(now) {
		return now, fault.New(fault.Invalid, "time moves forward only: it is %s", now.Format(time.RFC3339))
	}
	return t, nil
}

func (h *host) advance(ctx context.Context, target time.Time) error {
	t, err := h.table()
	if err != nil {
		return err
	}
	return h.schedules.Advance(ctx, target, schedule.World{Settle: h.settle, NextDue: t.NextDue, NextDelayed: h.nextDelayed})
}

func reply(w http.ResponseWriter, v any, err error) {
	if err != nil {
		write(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	write(w, http.StatusOK, v)
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // The client may be gone.
}
