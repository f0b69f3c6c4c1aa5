package main

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/session"
	"github.com/handoff-oss/handoff/shared/web"
)

// caller is somebody who asks for every route.
type caller struct {
	name      string
	role      access.Role // "" for none
	known     bool        // signed in, with a role or without
	cookies   []string
	headers   map[string]string
	formToken string
}

// callers are everybody there is, and everybody who pretends to be the operator.
func callers(t *testing.T, d *desk) []caller {
	t.Helper()
	var all []caller
	people := map[string]access.Role{"operator": access.Operator, "manager-sales": access.Manager, "marketer": access.Marketer, "bo": access.Rep, "stranger": ""}
	for _, id := range slices.Sorted(maps.Keys(people)) {
		c := d.signIn(id)
		all = append(all,
			caller{name: id + " with a session", role: people[id], known: true, cookies: d.cookie("newest", c), formToken: c.ID.FormToken()},
			caller{name: id + " with a token", role: people[id], known: true, headers: d.token(d.provider, id, identity.CLI)})
	}
	add := func(name string, cookies []string, headers map[string]string) {
		all = append(all, caller{name: name, cookies: cookies, headers: headers})
	}
	add("nobody", nil, nil)
	real := d.signInAgain("operator")
	add("a session signed with another key", d.cookie("no key of ours", real), nil)
	other := d.signInAgain("bo")
	value := strings.TrimPrefix(d.cookie("newest", real)[1], "handoff=")
	forged := strings.Replace(value, string(real.ID), string(other.ID), 1)
	add("a session with the signature of another", []string{"handoff=" + forged}, nil)
	add("a session of somebody else's owner", d.cookie("newest", session.Cookie{Owner: real.Owner, ID: other.ID}), nil)
	add("a session without a signature", []string{"handoff=" + string(real.Owner) + "." + string(real.ID)}, nil)
	add("a session under the secure name", []string{"__Host-handoff=" + value}, nil)
	add("the cookie of a sign-in", []string{"handoff=" + sealed(t, string(real.Owner)+"."+string(real.ID))}, nil)
	revoked := d.signInAgain("operator")
	if err := d.table.EndSession(t.Context(), revoked.ID.Ref(revoked.Owner)); err != nil {
		t.Fatal(err)
	}
	add("a session that was ended", d.cookie("newest", revoked), nil)
	d.now = noon.Add(-13 * time.Hour)
	idle, late := d.signIn("operator"), d.token(d.provider, "operator", identity.CLI)
	d.now = noon
	add("a session that has run out", d.cookie("newest", idle), nil)
	add("a token that has run out", nil, late)
	add("a token without a signature", nil, unsigned(t, d.settings.Issuer))
	stranger := newProvider(t, func() time.Time { return noon })
	stranger.Issuer = d.provider.Issuer
	add("a token signed by somebody else", nil, d.token(stranger, "operator", identity.CLI))
	elsewhere := &identity.Provider{Issuer: "https://other.example", Key: d.provider.Key, Now: d.provider.Now}
	add("a token of another issuer", nil, d.token(elsewhere, "operator", identity.CLI))
	add("a token for another audience", nil, d.token(d.provider, "operator", "some-other-app"))
	add("a token that is none", nil, map[string]string{"authorization": "Bearer e30.e30.e30"})
	add("a header of another scheme beside a real session", d.cookie("newest", real), map[string]string{"authorization": "Basic b3BlcmF0b3I6"})
	return all
}

func sealed(t *testing.T, text string) string {
	t.Helper()
	value, err := session.Seal("newest", session.NameLogin, text)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// Every closed route, asked for by everybody, lets in those whom the table of
// routes names and nobody else. That the table and the template name the same
// routes is checked in infra/deploy.
func TestWhoGetsIn(t *testing.T) {
	d := newDesk(t)
	all := callers(t, d)
	site := everyRoute(t)
	for route, rule := range access.Routes() {
		if rule.Open {
			continue
		}
		for _, c := range all {
			allowed := c.known && (rule.Known || slices.Contains(rule.Roles, c.role))
			if got, want := through(t, d, site, route, c), expected(route, c, allowed); got != want {
				t.Errorf("%s, %s: %d, want %d", route, c.name, got, want)
			}
		}
	}
}

// expected is the status that a caller gets.
func expected(route access.Route, c caller, allowed bool) int {
	method, path, _ := strings.Cut(string(route), " ")
	switch {
	case allowed:
		return http.StatusOK
	case strings.HasPrefix(path, "/api/"), c.headers != nil, c.known:
		return http.StatusForbidden
	case method == http.MethodPost:
		return http.StatusUnauthorized // the page that keeps the form
	}
	return http.StatusSeeOther // to the login
}

// everyRoute answers every route with 200.
func everyRoute(t *testing.T) *web.Site {
	t.Helper()
	pages, err := web.Pages(fstest.MapFS{"none.html": {Data: []byte("none")}}, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	routes := map[access.Route]web.Handler{}
	for route := range access.Routes() {
		routes[route] = func(context.Context, *web.Request) (web.Response, error) {
			return web.Response{StatusCode: http.StatusOK}, nil
		}
	}
	return &web.Site{Routes: routes, Pages: pages, Clock: clock.Fixed(noon), Log: discard()}
}

// through sends a request through authorizer and site, as API Gateway does.
func through(t *testing.T, d *desk, site *web.Site, route access.Route, c caller) int {
	t.Helper()
	answer, err := d.handler.handle(t.Context(), request{RouteKey: string(route), Cookies: c.cookies, Headers: c.headers})
	if err != nil {
		t.Errorf("%s, %s: %v", route, c.name, err)
	}
	if !answer.IsAuthorized {
		return http.StatusForbidden
	}
	_, path, _ := strings.Cut(string(route), " ")
	e := events.APIGatewayV2HTTPRequest{
		RouteKey: string(route), RawPath: path, Headers: map[string]string{"content-type": "application/x-www-form-urlencoded"}, Cookies: c.cookies,
		Body: url.Values{web.TokenField: {c.formToken}}.Encode(),
	}
	e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: answer.Context}
	out, err := site.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return out.StatusCode
}

// A form of another session, or of none, changes nothing.
func TestAFormNeedsTheTokenOfItsSession(t *testing.T) {
	d := newDesk(t)
	site := everyRoute(t)
	mine, other := d.signIn("operator"), d.signInAgain("operator")
	for token, want := range map[string]int{mine.ID.FormToken(): 200, other.ID.FormToken(): 403, "": 403, "x": 403} {
		c := caller{cookies: d.cookie("newest", mine), formToken: token}
		if got := through(t, d, site, "POST /sessions", c); got != want {
			t.Errorf("with the token %q: %d, want %d", token, got, want)
		}
	}
}
