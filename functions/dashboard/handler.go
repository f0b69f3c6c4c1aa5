package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/table"
)

type handler struct {
	leads  *table.Table
	policy *rules.Loader
	decide *decision.Maker // previews alone: nothing is written
	pages  *page.Set
	clock  clock.Clock
	log    *slog.Logger
}

// request is what the routes need of an event.
type request struct {
	path    string
	query   url.Values
	now     time.Time
	id      string
	account string // who is signed in
}

type response = events.APIGatewayV2HTTPResponse

// Handle answers one request. It returns no error: what fails is an answer too.
func (h *handler) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (response, error) {
	r := request{path: pathOf(e), now: h.clock(ctx), id: e.RequestContext.RequestID}
	route := "none"
	answer, err := h.serve(ctx, e, &r, &route)
	if err != nil {
		answer = h.failure(r, err)
	}
	if e.RequestContext.HTTP.Method == http.MethodHead {
		answer.Body = ""
	}
	attrs := []slog.Attr{
		slog.String("request_id", r.id), slog.String("route", route), slog.Int("status", answer.StatusCode),
		slog.Int64("duration_ms", h.clock(ctx).Sub(r.now).Milliseconds()),
	}
	level := slog.LevelInfo
	if err != nil {
		attrs = append(attrs, slog.String("kind", fault.KindOf(err).String()), slog.String("error", err.Error()))
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	h.log.LogAttrs(ctx, level, "request.served", attrs...)
	return answer, nil
}

func (h *handler) serve(ctx context.Context, e events.APIGatewayV2HTTPRequest, r *request, route *string) (response, error) {
	var err error
	if r.query, err = url.ParseQuery(e.RawQueryString); err != nil {
		return response{}, problemf(http.StatusBadRequest, "invalid_query", "The query of the address cannot be read.")
	}
	if r.account = accountOf(e); r.account == "" {
		return response{}, problemf(http.StatusUnauthorized, "unauthorized", "Sign in to see this.")
	}
	if m := e.RequestContext.HTTP.Method; m != http.MethodGet && m != http.MethodHead {
		return response{}, problemf(http.StatusMethodNotAllowed, "method_not_allowed", "This address can only be read.")
	}
	return h.route(ctx, *r, route)
}

// route finds what the path names and writes the route's pattern for the log.
func (h *handler) route(ctx context.Context, r request, route *string) (response, error) {
	parts := strings.Split(strings.Trim(r.path, "/"), "/")
	is := func(pattern string) bool {
		want := strings.Split(strings.Trim(pattern, "/"), "/")
		if len(want) != len(parts) {
			return false
		}
		for i, w := range want {
			if w != parts[i] && (w != "{key}" || parts[i] == "") {
				return false
			}
		}
		*route = pattern
		return true
	}
	switch {
	case is("/"):
		return h.overviewPage(ctx, r)
	case is("/leads"):
		return h.leadsPage(ctx, r)
	case is("/leads/{key}"):
		return h.leadPage(ctx, r, parts[1])
	case is("/sources"):
		return h.sourcesPage(ctx, r)
	case is("/api/sources"):
		return answerJSON(h.sources(ctx, r))
	case is("/api/leads"):
		return answerJSON(h.list(ctx, r))
	case is("/api/leads/{key}"):
		return answerJSON(h.lead(ctx, r, parts[2]))
	case is("/api/leads/{key}/route"):
		return answerJSON(h.routeNow(ctx, r, parts[2]))
	case is("/api/leads/{key}/timeline"):
		return answerJSON(h.timeline(ctx, parts[2], r.query.Get("cursor"), timelineSize))
	}
	return response{}, problemf(http.StatusNotFound, "not_found", "There is nothing at this address.")
}

// pathOf returns the path without the name of the API's stage.
func pathOf(e events.APIGatewayV2HTTPRequest) string {
	stage := e.RequestContext.Stage
	if stage == "" || stage == "$default" {
		return e.RawPath
	}
	if rest, ok := strings.CutPrefix(e.RawPath, "/"+stage); ok && (rest == "" || rest[0] == '/') {
		return rest
	}
	return e.RawPath
}

// accountOf names who the authorizer says is signed in, "" when nobody is.
// The authorizer of the API refuses strangers first; this is the second lock.
func accountOf(e events.APIGatewayV2HTTPRequest) string {
	a := e.RequestContext.Authorizer
	if a == nil || a.JWT == nil {
		return ""
	}
	for _, claim := range []string{"name", "email", "username", "sub"} {
		if v := a.JWT.Claims[claim]; v != "" {
			return v
		}
	}
	return ""
}
