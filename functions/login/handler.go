package main

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/idp"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

type handler struct {
	table     *table.Table
	policy    *policy.Loader[*policy.Policy]
	provider  *idp.Client
	access    func(context.Context, time.Time) (idp.Settings, error)
	keys      func(context.Context, time.Time) (session.Secret, error)
	publicURL string // "" is the API's own
	jar       session.Jar
	site      *web.Site
	log       *slog.Logger
}

// routes are what this function answers.
func (h *handler) routes() map[access.Route]web.Handler {
	return map[access.Route]web.Handler{
		"GET /login":          h.loginPage,
		"POST /login":         h.begin,
		"GET /login/callback": h.callback,
		"GET /login/done":     h.donePage,
		"GET /api/login":      h.client,
		"GET /api/whoami":     h.whoami,
		"POST /logout":        h.signOut,
		"GET /sessions":       h.sessionsPage,
		"POST /sessions":      h.endSessions,
	}
}

// base is the stack's address as browsers know it.
func (h *handler) base(r *web.Request) string { return session.BaseURL(h.publicURL, r.Host) }

// desk is what signing in needs.
type desk struct {
	provider *idp.Provider
	keys     []string // the first signs
	issuer   string
}

// settings reads how people sign in. Kinds: Invalid when that is not filled in,
// Unavailable.
func (h *handler) settings(ctx context.Context, now time.Time) (idp.Settings, error) {
	s, err := h.access(ctx, now)
	if err == nil {
		err = s.Check()
	}
	return s, err
}

// desk reads the secrets and finds the provider. Kinds: Invalid when a secret
// is not filled in, Unavailable.
func (h *handler) desk(ctx context.Context, now time.Time) (desk, error) {
	settings, err := h.settings(ctx, now)
	if err != nil {
		return desk{}, err
	}
	keys, err := h.keys(ctx, now)
	if err == nil && (len(keys.Keys) == 0 || keys.Keys[0] == "") {
		err = fault.New(fault.Invalid, "the secret SessionsSecret lacks keys")
	}
	if err != nil {
		return desk{}, err
	}
	provider, err := h.provider.Provider(ctx, settings)
	return desk{provider, keys.Keys, settings.Issuer}, err
}

// unready answers when nobody can sign in.
func (h *handler) unready(ctx context.Context, r *web.Request, err error) (web.Response, error) {
	h.log.LogAttrs(ctx, slog.LevelError, "login.closed", slog.String("request_id", r.ID), slog.String("kind", fault.KindOf(err).String()), slog.String("error", err.Error()))
	if fault.KindOf(err) != fault.Invalid {
		return web.Response{}, web.Problemf(http.StatusServiceUnavailable, "provider_away",
			"Signing in does not work right now, because the identity provider or our own storage does not answer. Try again in a moment.")
	}
	return h.show(r, http.StatusServiceUnavailable, "closed.html", "Nobody can sign in yet", struct{ Reason, Redirect string }{err.Error(), h.base(r) + callbackPath})
}

// show renders a page for somebody who has no session, or has none any more.
func (h *handler) show(r *web.Request, status int, name, title string, data any) (web.Response, error) {
	stranger := *r
	stranger.Who = access.Person{}
	out, err := h.site.Show(&stranger, name, page.Doc{Title: title, Data: data})
	out.StatusCode = status
	return out, err
}

// loginPage shows one button. With an address to return to, which is how the
// other pages send people here, it goes straight to the provider.
func (h *handler) loginPage(ctx context.Context, r *web.Request) (web.Response, error) {
	d, err := h.desk(ctx, r.Now)
	if err != nil {
		return h.unready(ctx, r, err)
	}
	if !r.Query.Has("return") {
		u, err := url.Parse(d.issuer)
		if err != nil {
			return web.Response{}, fault.Wrap(fault.Internal, "read the issuer", err)
		}
		return h.show(r, http.StatusOK, "login.html", "Sign in", u.Host)
	}
	to, cookie, err := h.start(ctx, r, d, ownPath(r.Query.Get("return")), nil)
	if err != nil {
		return web.Response{}, err
	}
	out := web.See(to)
	out.Cookies = []string{cookie}
	return out, nil
}

// fieldPrefix marks what is kept of a form: see ended.html of package web.
const fieldPrefix = "field."

// maxKept bounds a form that is kept, names and values together.
const maxKept = 64 << 10

// begin keeps the form of somebody whose session has ended, and sends them to
// the provider. It does so from a page and not by a redirection: the policy of
// the page that holds the form lets the form go to this host alone.
func (h *handler) begin(ctx context.Context, r *web.Request) (web.Response, error) {
	d, err := h.desk(ctx, r.Now)
	if err != nil {
		return h.unready(ctx, r, err)
	}
	fields, size := map[string][]string{}, 0
	for name, values := range r.Form {
		if field, ok := strings.CutPrefix(name, fieldPrefix); ok && field != web.TokenField && h.ours(r) {
			fields[field] = values
			size += len(field) + len(strings.Join(values, ""))
		}
	}
	if size > maxKept {
		return web.Response{}, web.Problemf(http.StatusRequestEntityTooLarge, "form_too_long",
			"What you entered is too long to be kept while you sign in. Go back, copy it, sign in, and enter it again.")
	}
	if len(fields) == 0 {
		fields = nil
	}
	to, cookie, err := h.start(ctx, r, d, ownPath(r.Form.Get("return")), fields)
	if err != nil {
		return web.Response{}, err
	}
	out, err := h.show(r, http.StatusOK, "leaving.html", "On to signing in", struct {
		To   string
		Kept bool
	}{to, fields != nil})
	if err == nil {
		out.Headers["Refresh"] = "0; url=" + to
		out.Cookies = []string{cookie}
	}
	return out, err
}

// ours tells whether a page of this host sent the request. A form that another
// site made up is not kept: somebody might send it on without looking.
func (h *handler) ours(r *web.Request) bool {
	switch origin := r.Headers["origin"]; origin {
	case "":
		return r.Headers["sec-fetch-site"] == "same-origin"
	default:
		return origin == h.base(r) || origin == session.BaseURL("", r.Host)
	}
}

// client tells a program how it signs people in: nothing of it is secret, it
// stands in the address of the provider's page too.
func (h *handler) client(ctx context.Context, r *web.Request) (web.Response, error) {
	s, err := h.settings(ctx, r.Now)
	if err != nil {
		h.log.LogAttrs(ctx, slog.LevelError, "login.closed", slog.String("request_id", r.ID), slog.String("error", err.Error()))
		return web.Response{}, web.Problemf(http.StatusServiceUnavailable, "closed", "Nobody can sign in yet: open /login in a browser, which says what is missing.")
	}
	return web.JSON(struct {
		Issuer   string `json:"issuer"`
		ClientID string `json:"client_id"`
		Audience string `json:"audience,omitempty"`
	}{s.Issuer, cmp.Or(s.CLIClientID, s.ClientID), s.Audience}, nil)
}

// whoami tells whoever has signed in what they are here.
func (h *handler) whoami(_ context.Context, r *web.Request) (web.Response, error) {
	who := struct {
		Subject string        `json:"subject"`
		Email   string        `json:"email"`
		Name    string        `json:"name"`
		Roles   []access.Role `json:"roles"`
		Rep     string        `json:"rep,omitempty"`
		Pools   []string      `json:"pools,omitempty"`
		Ask     string        `json:"ask,omitempty"` // whom somebody without a role asks for one
	}{r.Who.Subject, r.Who.Email, r.Who.Name, append([]access.Role{}, r.Who.Roles...), r.Who.Rep, r.Who.Pools, r.Who.Ask}
	return web.JSON(who, nil)
}
