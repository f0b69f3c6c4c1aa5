package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/idp"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

const (
	// callbackPath is where the provider sends people back to.
	callbackPath = "/login/callback"
	// awayFor is how long somebody may be away at the provider.
	awayFor = 15 * time.Minute
	// keptFor is how long a form is kept for whoever has signed in.
	keptFor = time.Hour
)

// start keeps what must be known when the person comes back, and returns the
// address of the provider's page and the cookie that ties the sign-in to this
// browser: nobody can finish in another browser what they began in theirs.
func (h *handler) start(ctx context.Context, r *web.Request, d desk, back string, fields map[string][]string) (to, cookie string, err error) {
	browser := h.browser(r, d.keys)
	if browser == "" {
		browser = rand.Text()
	}
	flow := idp.Flow{Redirect: h.base(r) + callbackPath, State: rand.Text(), Nonce: rand.Text(), Verifier: idp.NewVerifier()}
	kept := table.Login{Nonce: flow.Nonce, Verifier: flow.Verifier, Browser: hashed(browser), Return: back, Fields: fields}
	if err := h.table.PutLogin(ctx, flow.State, kept, r.Now.Add(awayFor)); err != nil {
		return "", "", err
	}
	value, err := session.Seal(d.keys[0], session.NameLogin, browser)
	return d.provider.SignInURL(flow), h.jar.Set(session.NameLogin, value, awayFor), err
}

// browser returns the name that a browser was given at an earlier start, so
// that two tabs can sign in beside each other; "" for none.
func (h *handler) browser(r *web.Request, keys []string) string {
	for _, value := range h.jar.Get(session.Cookies(r.Cookies, r.Headers), session.NameLogin) {
		if name, err := session.Open(keys, session.NameLogin, value); err == nil {
			return name
		}
	}
	return ""
}

func hashed(name string) string {
	sum := sha256.Sum256([]byte("handoff browser\x00" + name))
	return hex.EncodeToString(sum[:16])
}

// callback finishes what start began.
func (h *handler) callback(ctx context.Context, r *web.Request) (web.Response, error) {
	d, err := h.desk(ctx, r.Now)
	if err != nil {
		return h.unready(ctx, r, err)
	}
	state := r.Query.Get("state")
	kept, err := h.table.TakeLogin(ctx, state, r.Now)
	browser := h.browser(r, d.keys)
	if err == nil && (browser == "" || subtle.ConstantTimeCompare([]byte(hashed(browser)), []byte(kept.Browser)) != 1) {
		err = fault.New(fault.NotFound, "the sign-in was begun in another browser")
	}
	if err != nil {
		return h.refused(ctx, r, err, "It was begun in another browser or more than 15 minutes ago, or it is finished already.")
	}
	if code := r.Query.Get("error"); code != "" {
		return h.refused(ctx, r, fault.New(fault.Denied, "the identity provider says %s", plainCode(code)),
			"The identity provider did not sign you in. It says: "+plainCode(code)+".")
	}
	p, err := h.policy.Current(ctx, r.Now)
	if err != nil {
		return web.Response{}, err
	}
	flow := idp.Flow{Redirect: h.base(r) + callbackPath, State: state, Nonce: kept.Nonce, Verifier: kept.Verifier}
	id, err := d.provider.Finish(ctx, flow, r.Query.Get("code"), access.GroupsClaim(p), r.Now)
	if err != nil {
		return h.refused(ctx, r, err, "What the identity provider sent back does not hold.")
	}
	return h.enter(ctx, r, d, id, kept, access.LengthOf(p))
}

// plainCode keeps what an error code of OAuth 2.0 may look like.
func plainCode(code string) string {
	if !regexp.MustCompile(`^[a-z_]{1,60}$`).MatchString(code) {
		return "an error without a name"
	}
	return code
}

// refused says that nobody was signed in, and offers another try. Kinds that
// are for the caller to repeat are passed on.
func (h *handler) refused(ctx context.Context, r *web.Request, err error, why string) (web.Response, error) {
	if kind := fault.KindOf(err); kind != fault.NotFound && kind != fault.Denied {
		return h.unready(ctx, r, fault.Wrap(fault.Unavailable, "finish a sign-in", err))
	}
	h.log.LogAttrs(ctx, slog.LevelWarn, "login.refused", slog.String("request_id", r.ID), slog.String("error", err.Error()))
	return h.show(r, http.StatusForbidden, "refused.html", "You are not signed in", struct{ Why, Again string }{why, h.base(r) + "/login?return=%2F"})
}

// enter makes the session, and leads on: to where the person was going, or to
// the form that they wanted to send.
func (h *handler) enter(ctx context.Context, r *web.Request, d desk, id access.Identity, kept table.Login, l access.Length) (web.Response, error) {
	var random [session.IDSize]byte
	_, _ = rand.Read(random[:]) // It never fails.
	secret, owner := session.NewID(random), session.OwnerOf(id)
	s := session.Session{Ref: secret.Ref(owner), Identity: id, Created: r.Now, Seen: r.Now}
	value, err := session.Sign(d.keys[0], session.Cookie{Owner: owner, ID: secret})
	if err == nil {
		err = h.table.PutSession(ctx, s, r.Now.Add(l.Longest))
	}
	if err != nil {
		return web.Response{}, err
	}
	h.leave(ctx, r, d.keys)
	to := kept.Return
	if kept.Fields != nil {
		name := rand.Text()
		if err := h.table.PutLogin(ctx, name, table.Login{Owner: owner, Return: kept.Return, Fields: kept.Fields}, r.Now.Add(keptFor)); err != nil {
			return web.Response{}, err
		}
		to = "/login/done?" + url.Values{"form": {name}}.Encode()
	}
	h.log.LogAttrs(ctx, slog.LevelInfo, "login.finished", slog.String("request_id", r.ID), slog.Bool("address", id.Address() != ""), slog.Int("groups", len(id.Groups)))
	out := web.See(to)
	out.Cookies = []string{h.jar.Set(session.NameSession, value, l.Longest)}
	return out, nil
}

// leave ends the session that this browser had before, whose cookie is about
// to be replaced. One that stays behind by mistake runs out by itself.
func (h *handler) leave(ctx context.Context, r *web.Request, keys []string) {
	for _, value := range h.jar.Get(session.Cookies(r.Cookies, r.Headers), session.NameSession) {
		before, err := session.Verify(keys, value)
		if err == nil {
			err = h.table.EndSession(ctx, before.ID.Ref(before.Owner))
		}
		if err != nil {
			h.log.LogAttrs(ctx, slog.LevelWarn, "login.earlier_session", slog.String("request_id", r.ID), slog.String("error", err.Error()))
		}
	}
}
