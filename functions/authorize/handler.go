package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/idp"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/table"
)

type handler struct {
	table    *table.Table
	policy   *policy.Loader[*policy.Policy]
	provider *idp.Client
	access   func(context.Context, time.Time) (idp.Settings, error)
	keys     func(context.Context, time.Time) (session.Secret, error)
	jar      session.Jar
	clock    clock.Clock
	log      *slog.Logger
}

// request is what an authorizer is asked.
type request = events.APIGatewayV2CustomAuthorizerV2Request

// answer says whether API Gateway goes on, and with whom.
type answer = events.APIGatewayV2CustomAuthorizerSimpleResponse

// handle refuses a program that may not use the route. A page gets whoever it
// is, nobody too: package web knows how to send people to sign in, and to say
// what they may not do. When it cannot be known who somebody is, a page gets
// nobody and a program an error, which API Gateway makes a 500 that it may try
// again; nobody is let in.
func (h *handler) handle(ctx context.Context, e request) (answer, error) {
	now := h.clock(ctx)
	token, brought := bearer(e.Headers)
	proof := credentials{session.Cookies(e.Cookies, e.Headers), token, brought, readsAgain(e.Headers)}
	who, err := h.recognize(ctx, proof, now)
	program := brought || path(e) == "/api" || strings.HasPrefix(path(e), "/api/")
	allowed := err == nil && access.RuleOf(access.Route(e.RouteKey)).Allows(who)
	broken := err != nil && (fault.KindOf(err) == fault.Unavailable || fault.KindOf(err) == fault.Internal)
	h.logAnswer(ctx, e, who, err, allowed, now)
	if program && !allowed {
		if broken {
			return answer{}, fault.New(fault.KindOf(err), "it cannot be known who this is")
		}
		return answer{}, nil
	}
	values, err := who.Context()
	return answer{IsAuthorized: err == nil, Context: values}, err
}

// credentials are what a request proves with who it is from.
type credentials struct {
	cookies []string // each name=value
	token   string
	brought bool // there is a header for a token, whatever it has
	idle    bool // nobody asked for the page: one that is open reads itself again
}

// recognize says whose cookie or token it is. Nobody is no error. Kinds:
// Denied for a token or session that does not count; any other when it cannot
// be known.
func (h *handler) recognize(ctx context.Context, c credentials, now time.Time) (access.Person, error) {
	values := h.jar.Get(c.cookies, session.NameSession)
	if !c.brought && len(values) == 0 {
		return access.Person{}, nil
	}
	settings, err := h.access(ctx, now)
	if err == nil {
		err = settings.Check()
	}
	if err != nil {
		return access.Person{}, err
	}
	p, err := h.policy.Current(ctx, now)
	if err == nil && h.policy.Stale() {
		err = fault.New(fault.Unavailable, "the policy in force cannot be read")
	}
	if err != nil {
		return access.Person{}, err
	}
	roster, err := h.table.Roster(ctx)
	if err != nil {
		return access.Person{}, err
	}
	p = roster.Over(p) // who is a rep, and by which address
	if !c.brought {
		return h.bySession(ctx, values, c.idle, settings, p, now)
	}
	provider, err := h.provider.Provider(ctx, settings)
	if err != nil {
		return access.Person{}, err
	}
	id, err := provider.Verify(ctx, c.token, access.GroupsClaim(p), now)
	if err != nil {
		return access.Person{}, err
	}
	return access.Of(id, p, settings.Operators), nil
}

// bySession finds the session of a cookie. Another site of the same host may
// have put a cookie of the same name beside ours, so each is tried.
func (h *handler) bySession(ctx context.Context, values []string, idle bool, settings idp.Settings, p *policy.Policy, now time.Time) (access.Person, error) {
	secret, err := h.keys(ctx, now)
	if err != nil {
		return access.Person{}, err
	}
	for _, value := range values {
		var cookie session.Cookie
		if cookie, err = session.Verify(secret.Keys, value); err != nil {
			continue
		}
		var id access.Identity
		if id, err = h.live(ctx, cookie, access.LengthOf(p), idle, now); err != nil {
			continue
		}
		if id.Issuer != settings.Issuer {
			return access.Person{}, fault.New(fault.Denied, "the session is of another identity provider")
		}
		who := access.Of(id, p, settings.Operators)
		who.Token, who.Session = cookie.ID.FormToken(), cookie.ID.Ref(cookie.Owner).String()
		return who, nil
	}
	return access.Person{}, err
}

// live reads the session and notes that it is used, unless it is idle. Kinds:
// Denied when it has ended, Unavailable.
func (h *handler) live(ctx context.Context, c session.Cookie, l access.Length, idle bool, now time.Time) (access.Identity, error) {
	ended := fault.New(fault.Denied, "the session has ended")
	s, err := h.table.Session(ctx, c.ID.Ref(c.Owner))
	switch {
	case err != nil && fault.KindOf(err) == fault.NotFound:
		return access.Identity{}, ended
	case err != nil:
		return access.Identity{}, err
	case !s.Live(l, now):
		return access.Identity{}, ended
	case idle, !s.Rolls(l, now):
		return s.Identity, nil
	}
	// A use that could not be noted is noted next time; one of a session that
	// was ended in this moment does not count.
	if err := h.table.SeeSession(ctx, s.Ref, now); err != nil && fault.KindOf(err) == fault.NotFound {
		return access.Identity{}, ended
	}
	return s.Identity, nil
}

// header returns a header, whatever the case of its name, and whether it is
// there at all.
func header(headers map[string]string, name string) (value string, ok bool) {
	for n, v := range headers {
		if strings.EqualFold(n, name) {
			return v, true
		}
	}
	return "", false
}

// bearer returns the token of the Authorization header, and whether there is
// such a header at all: one that is no token of ours is not passed over.
func bearer(headers map[string]string) (token string, brought bool) {
	value, brought := header(headers, "authorization")
	scheme, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if strings.EqualFold(scheme, "bearer") {
		token = strings.TrimSpace(rest)
	}
	return token, brought
}

// refreshHeader is sent by a page that reads itself again: see live.js of
// package page. Whoever leaves one out or sends one harms their own session alone.
const refreshHeader = "x-handoff-refresh"

// readsAgain tells whether a page that is open makes the request by itself.
func readsAgain(headers map[string]string) bool {
	value, _ := header(headers, refreshHeader)
	return value != ""
}

// path is that of the route, which the caller cannot dress up.
func path(e request) string {
	_, p, _ := strings.Cut(e.RouteKey, " ")
	return p
}

// logAnswer says what was decided, and why, in one line without an address or
// a token.
func (h *handler) logAnswer(ctx context.Context, e request, who access.Person, err error, allowed bool, now time.Time) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request_id", e.RequestContext.RequestID), slog.String("route", e.RouteKey), slog.Bool("known", who.Known()),
		slog.Any("roles", who.Roles), slog.Bool("allowed", allowed), slog.Int64("duration_ms", h.clock(ctx).Sub(now).Milliseconds()),
	}
	if err != nil {
		attrs = append(attrs, slog.String("kind", fault.KindOf(err).String()), slog.String("error", err.Error()))
		if fault.KindOf(err) != fault.Denied {
			level = slog.LevelError
		}
	}
	h.log.LogAttrs(ctx, level, "request.authorized", attrs...)
}
