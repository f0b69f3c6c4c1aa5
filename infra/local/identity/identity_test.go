package identity_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/policy"
)

type world struct {
	*identity.Provider
	time *hosttest.Time
	own  bool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	der, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := identity.ParseKey(der)
	if err != nil {
		t.Fatal(err)
	}
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{time: hosttest.Start(), own: true}
	w.Provider = &identity.Provider{
		PublicURL: "http://127.0.0.1:3000", Secret: "s3cret", Key: key, Now: w.time.Now,
		People: func() []identity.Person { return identity.People(p) }, Own: func(*http.Request) bool { return w.own },
	}
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	w.Issuer = server.URL + identity.Path
	return w
}

const verifier = "a-verifier-that-is-long-enough-for-the-rule-of-43"

// request is a good one for the functions' client, as somebody.
func request() url.Values {
	return url.Values{
		"client_id": {identity.Web}, "redirect_uri": {"http://127.0.0.1:3000/login/callback"}, "response_type": {"code"}, "state": {"st"}, "nonce": {"no"},
		"scope": {"openid offline_access"}, "code_challenge": {oauth2.S256ChallengeFromVerifier(verifier)}, "code_challenge_method": {"S256"}, "person": {"alex"},
	}
}

func (w *world) send(t *testing.T, method, path string, q url.Values) (status int, location string, body map[string]any) {
	t.Helper()
	target, text := w.Issuer+path, ""
	if method == http.MethodGet {
		target += "?" + q.Encode()
	} else {
		text = q.Encode()
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	_ = json.NewDecoder(res.Body).Decode(&body) // A page has none.
	return res.StatusCode, res.Header.Get("Location"), body
}

// code signs somebody in and returns the code.
func (w *world) code(t *testing.T, q url.Values) string {
	t.Helper()
	status, to, _ := w.send(t, http.MethodGet, "/authorize", q)
	u, err := url.Parse(to)
	if err != nil || status != http.StatusSeeOther || u.Query().Get("state") != "st" {
		t.Fatalf("%d to %q", status, to)
	}
	return u.Query().Get("code")
}

// exchange is the good one of a code.
func exchange(code string) url.Values {
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {identity.Web}, "client_secret": {"s3cret"}, "code": {code},
		"redirect_uri": {"http://127.0.0.1:3000/login/callback"}, "code_verifier": {verifier},
	}
}

func TestACodeIsGoodOnceAndForWhomItWasMade(t *testing.T) {
	tests := []struct {
		name   string
		change func(*world, url.Values)
		status int
	}{
		{"as it was asked for", func(*world, url.Values) {}, 200},
		{"another verifier", func(_ *world, q url.Values) { q.Set("code_verifier", verifier+"x") }, 400},
		{"no verifier", func(_ *world, q url.Values) { q.Del("code_verifier") }, 400},
		{"another redirect", func(_ *world, q url.Values) { q.Set("redirect_uri", "http://127.0.0.1:3000/login/callback2") }, 400},
		{"a wrong secret", func(_ *world, q url.Values) { q.Set("client_secret", "x") }, 401},
		{"no secret", func(_ *world, q url.Values) { q.Del("client_secret") }, 401},
		{"another client", func(_ *world, q url.Values) { q.Set("client_id", identity.CLI) }, 400},
		{"an unknown client", func(_ *world, q url.Values) { q.Set("client_id", "x") }, 401},
		{"another code", func(_ *world, q url.Values) { q.Set("code", "x") }, 400},
		{"another grant", func(_ *world, q url.Values) { q.Set("grant_type", "password") }, 400},
		{"too late", func(w *world, _ url.Values) { w.time.Add(time.Minute) }, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			q := exchange(w.code(t, request()))
			tt.change(w, q)
			status, _, body := w.send(t, http.MethodPost, "/token", q)
			if status != tt.status || (body["id_token"] != nil) != (tt.status == 200) {
				t.Errorf("%d %v", status, body)
			}
			if status, _, _ := w.send(t, http.MethodPost, "/token", q); status == 200 {
				t.Error("the code works twice")
			}
		})
	}
}

func TestWhereABrowserMayBeSent(t *testing.T) {
	tests := []struct {
		client, redirect string
		status           int
	}{
		{identity.Web, "http://127.0.0.1:3000/login/callback", 303},
		{identity.Web, "http://127.0.0.1:3000/login/callback/../..", 400},
		{identity.Web, "https://evil.example/login/callback", 400},
		{identity.Web, "http://127.0.0.1:9999/callback", 400},
		{identity.CLI, "http://127.0.0.1:9999/callback", 303},
		{identity.CLI, "http://127.0.0.1.evil.example/callback", 400},
		{identity.CLI, "https://evil.example/", 400},
		{"other", "http://127.0.0.1:3000/login/callback", 400},
	}
	w := newWorld(t)
	for _, tt := range tests {
		q := request()
		q.Set("client_id", tt.client)
		q.Set("redirect_uri", tt.redirect)
		if status, to, _ := w.send(t, http.MethodGet, "/authorize", q); status != tt.status {
			t.Errorf("%s to %s: %d, %q", tt.client, tt.redirect, status, to)
		}
	}
	for name, value := range map[string]string{"code_challenge": "", "code_challenge_method": "plain", "response_type": "token"} {
		q := request()
		q.Set(name, value)
		if status, to, _ := w.send(t, http.MethodGet, "/authorize", q); status != 303 || !strings.Contains(to, "error=invalid_request") {
			t.Errorf("%s=%s: %d, %q", name, value, status, to)
		}
	}
	q := request()
	q.Del("person")
	if status, _, _ := w.send(t, http.MethodGet, "/authorize", q); status != 200 {
		t.Errorf("the page that asks who it is: %d", status)
	}
}

func TestATokenIsRenewed(t *testing.T) {
	w := newWorld(t)
	_, _, first := w.send(t, http.MethodPost, "/token", exchange(w.code(t, request())))
	refresh, _ := first["refresh_token"].(string)
	renew := func(token, client, secret string) int {
		status, _, _ := w.send(t, http.MethodPost, "/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {client}, "client_secret": {secret}})
		return status
	}
	id, _ := first["id_token"].(string)
	for _, tt := range []struct {
		token, client, secret string
		status                int
	}{{refresh, identity.Web, "s3cret", 200}, {refresh, identity.CLI, "", 400}, {refresh + "x", identity.Web, "s3cret", 400}, {id, identity.Web, "s3cret", 400}, {"", identity.Web, "s3cret", 400}} {
		if got := renew(tt.token, tt.client, tt.secret); got != tt.status {
			t.Errorf("%+v: %d", tt, got)
		}
	}
	w.time.Add(31 * 24 * time.Hour)
	if got := renew(refresh, identity.Web, "s3cret"); got != 400 {
		t.Errorf("a month later: %d", got)
	}
}

func TestProgramsOfThisMachineAreWhomTheyLike(t *testing.T) {
	w := newWorld(t)
	for who, want := range map[string]int{"operator": 200, "manager": 200, "marketer": 200, "rep": 200, "casey": 200, "nobody-here": 404, "": 404} {
		if status, _, body := w.send(t, http.MethodPost, "/as", url.Values{"person": {who}}); status != want || (body["id_token"] != nil) != (want == 200) {
			t.Errorf("%q: %d %v", who, status, body)
		}
	}
	w.own = false
	if status, _, _ := w.send(t, http.MethodPost, "/as", url.Values{"person": {"operator"}}); status != 403 {
		t.Errorf("somebody else gets %d", status)
	}
}

func TestPeopleOfAPolicy(t *testing.T) {
	p, err := policy.Decode([]byte(`
operator: { name: Riley, email: riley@ours.example }
routing: { pools: { a: { manager: { name: Mo, email: mo@ours.example }, reps: [{ id: ann, email: ann@ours.example }, { id: mo, email: MO@ours.example }] } } }
access: { roles: { operator: { emails: [riley@ours.example] }, marketer: { emails: [max.muster@ours.example, eva@ours.example] }, rep: { groups: [sales] } } }`))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, who := range identity.People(p) {
		ids = append(ids, who.ID)
		if strings.Contains(who.ID, "@") {
			t.Errorf("the id %s is an address", who.ID)
		}
	}
	want := []string{"operator", "policy-operator", "manager-a", "marketer", "marketer-eva", "ann", "rep-of-sales", "stranger"}
	if !slices.Equal(ids, want) {
		t.Errorf("got %q, want %q", ids, want)
	}
}
