package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/bus"
	"github.com/handoff-oss/handoff/infra/local/front"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/infra/local/outbox"
	"github.com/handoff-oss/handoff/infra/local/vtime"
)

// A tunnel leads everything here, so what is for whoever sits at this machine
// asks for that: else strangers could sign in as anybody, and read the messages.
func TestWhoComesThroughATunnelGetsNothingOfThisMachine(t *testing.T) {
	db, now := hosttest.DB(t, ""), hosttest.Start().Now
	clock, err := vtime.New(db, now)
	if err != nil {
		t.Fatal(err)
	}
	box, err := outbox.New(db, now)
	if err != nil {
		t.Fatal(err)
	}
	events, err := bus.New(db, nil, func(string, string) error { return nil }, now)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{
		settings: settings{publicURL: "https://tunnel.example", port: "3000"}, secrets: &secrets{}, clock: clock, outbox: box, bus: events,
		ready: make(chan struct{}), identity: &identity.Provider{
			PublicURL: "https://tunnel.example", People: func() []identity.Person { return []identity.Person{identity.Operator()} }, Now: now, Own: front.FromHere,
		},
		front: &front.Front{PublicURL: "https://tunnel.example", Now: now, Activity: &activity.Tracker{}, Log: hosttest.Log()},
	}
	close(h.ready)
	signIn := identity.Path + "/authorize?client_id=" + identity.Web + "&redirect_uri=https://tunnel.example/login/callback&response_type=code&code_challenge_method=S256&code_challenge=c&person=operator"
	ask := func(method, target, host, forwarded string) int {
		r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
		r.Host = host
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		w := httptest.NewRecorder()
		front.Guard(h.settings.publicURL, h.routes()).ServeHTTP(w, r)
		return w.Code
	}
	if got := ask(http.MethodGet, signIn, "127.0.0.1:3000", ""); got != http.StatusSeeOther {
		t.Errorf("who sits here signs in: %d", got)
	}
	for _, c := range [][2]string{
		{http.MethodGet, signIn},
		{http.MethodPost, identity.Path + "/as"},
		{http.MethodGet, "/_local/outbox"},
		{http.MethodGet, "/_local/events"},
		{http.MethodPost, "/_local/clock"},
		{http.MethodPost, "/_local/slack/press"},
	} {
		if got := ask(c[0], c[1], "tunnel.example", ""); got != http.StatusForbidden {
			t.Errorf("%s %s by the tunnel's name: %d", c[0], c[1], got)
		}
		if got := ask(c[0], c[1], "127.0.0.1:3000", "203.0.113.7"); got != http.StatusForbidden {
			t.Errorf("%s %s forwarded: %d", c[0], c[1], got)
		}
	}
	if got := ask(http.MethodGet, "/", "tunnel.example", ""); got != http.StatusNotFound { // the functions' page, of which there is none here
		t.Errorf("the page of the first minutes: %d", got)
	}
}
