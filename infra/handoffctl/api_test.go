package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/local/identity"
	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/session"
)

func TestTheClientOfTheLocalStackIsWhomItSays(t *testing.T) {
	s := start(t)
	var asked []string
	s.identity = func(person string) int {
		if asked = append(asked, person); person == "nobody" {
			return http.StatusNotFound
		}
		return http.StatusOK
	}
	s.api = func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"name": r.Header.Get("Authorization"), "roles": []string{"rep"}, "rep": "alex"})
	}
	for _, args := range [][]string{{"whoami"}, {"whoami", "--as", "alex"}} {
		out, _, err := s.run("", args...)
		if err != nil || !strings.Contains(out, "Bearer token-of-"+asked[len(asked)-1]) || !strings.Contains(out, "Roles: rep") {
			t.Errorf("%v: %s, %v", args, out, err)
		}
	}
	if diff := cmp.Diff([]string{"operator", "alex"}, asked); diff != "" {
		t.Error(diff)
	}
	if _, _, err := s.run("", "whoami", "--as", "nobody"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
	if _, _, err := s.run("", "whoami", "--as", "alex", "--url", "https://handoff.example"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("--as elsewhere: %v", err)
	}
}

func TestAnswersOfTheAPI(t *testing.T) {
	tests := []struct {
		name   string
		status int
		body   string
		kind   fault.Kind
		says   string
	}{
		{"a problem", 409, `{"title":"Conflict","detail":"Somebody else changed this."}`, fault.Conflict, "Somebody else changed this."},
		{"what is wrong", 422, `{"detail":"Say a rep."}`, fault.Invalid, "Say a rep."},
		{"the gateway's refusal", 403, `{"message":"Forbidden"}`, fault.Denied, "handoffctl login"},
		{"a role that does not include it", 403, `{"detail":"Your role does not include this."}`, fault.Denied, "Your role"},
		{"nothing there", 404, `{"title":"Not Found"}`, fault.NotFound, "Not Found"},
		{"away", 503, `x`, fault.Unavailable, "503"},
		{"broken", 500, `{"detail":"Something went wrong.","request_id":"r7"}`, fault.Internal, "r7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			defer server.Close()
			a := &api{base: server.URL, http: server.Client()}
			err := a.get(t.Context(), "/api/x", nil)
			if fault.KindOf(err) != tt.kind || err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWhatTheClientSends(t *testing.T) {
	var got *http.Request
	var body map[string]int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		_ = json.NewDecoder(r.Body).Decode(&body)
		_, _ = w.Write([]byte(`{"n":8}`))
	}))
	defer server.Close()
	a := &api{base: server.URL, token: "mine", http: server.Client()}
	var into struct{ N int }
	if err := a.post(t.Context(), "/api/x", map[string]int{"n": 7}, &into); err != nil || into.N != 8 || body["n"] != 7 {
		t.Errorf("%+v, %+v, %v", into, body, err)
	}
	if got.Header.Get("Authorization") != "Bearer mine" || got.Header.Get("Content-Type") != "application/json" || got.Method != http.MethodPost {
		t.Errorf("sent %v", got.Header)
	}
	if err := a.get(t.Context(), "/api/x", nil); err != nil {
		t.Error(err)
	}
}

// provider is an identity provider beside a stack that names it.
func provider(t *testing.T, now func() time.Time) (base string) {
	t.Helper()
	der, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := identity.ParseKey(der)
	if err != nil {
		t.Fatal(err)
	}
	p := &identity.Provider{Key: key, Now: now, People: func() []identity.Person { return []identity.Person{{ID: "ann", Email: "ann@ours.example"}} }}
	mux := http.NewServeMux()
	mux.Handle(identity.Path+"/", p.Handler())
	mux.HandleFunc("GET /api/login", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": p.Issuer, "client_id": identity.CLI})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.Issuer = server.URL + identity.Path
	return server.URL
}

// The browser signs in and comes back to the port; the token is kept, readable
// by the user alone, renewed when it has run out, and forgotten.
func TestSigningInFromTheCommandLine(t *testing.T) {
	base, config := provider(t, time.Now), t.TempDir()
	target := &target{getenv: func(name string) string { return map[string]string{"XDG_CONFIG_HOME": config}[name] }}
	var page strings.Builder
	browser := func(address string) {
		go func() {
			res, err := http.Get(address + "&person=ann") //nolint:noctx // A test's browser.
			if err == nil {
				_ = res.Body.Close()
			}
		}()
	}
	if err := target.login(t.Context(), &page, base, browser); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "code_challenge_method=S256") {
		t.Errorf("printed %s", page.String())
	}
	token, err := target.savedToken(t.Context(), base)
	if err != nil || strings.Count(token, ".") != 2 {
		t.Fatalf("%q, %v", token, err)
	}
	file := filepath.Join(config, "handoff", "tokens.json")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	all, err := target.tokens()
	if err != nil {
		t.Fatal(err)
	}
	renews(t, target, base, all[base])
}

// renews has a token run out, with and without a way to renew it, and be forgotten.
func renews(t *testing.T, target *target, base string, old saved) {
	t.Helper()
	if old.Refresh == "" {
		t.Fatalf("kept %+v", old)
	}
	old.Expires, old.Token = time.Now(), "old"
	if err := target.keep(base, &old); err != nil {
		t.Fatal(err)
	}
	if token, err := target.savedToken(t.Context(), base); err != nil || token == "old" || strings.Count(token, ".") != 2 {
		t.Errorf("renewed: %q, %v", token, err)
	}
	old.Refresh = ""
	if err := target.keep(base, &old); err != nil {
		t.Fatal(err)
	}
	if _, err := target.savedToken(t.Context(), base); fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "handoffctl login") {
		t.Errorf("without a way to renew: %v", err)
	}
	if err := target.keep(base, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := target.savedToken(t.Context(), base); fault.KindOf(err) != fault.Denied {
		t.Errorf("forgotten: %v", err)
	}
}

// Another program of this machine that knows the port cannot hand over a code
// of its own.
func TestASignInWithAnotherStateIsNotTaken(t *testing.T) {
	base := provider(t, time.Now)
	target := &target{getenv: func(string) string { return t.TempDir() }}
	statuses := make(chan int, 2)
	browser := func(address string) {
		u, err := url.Parse(address)
		if err != nil {
			return
		}
		back := u.Query().Get("redirect_uri")
		go func() {
			for _, q := range []string{"?state=forged&code=x", "?error=access_denied&state=" + u.Query().Get("state")} {
				res, err := http.Get(back + q) //nolint:noctx // A test's browser.
				if err != nil {
					return
				}
				_ = res.Body.Close()
				statuses <- res.StatusCode
			}
		}()
	}
	var page strings.Builder
	if err := target.login(t.Context(), &page, base, browser); fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "access_denied") {
		t.Errorf("got %v", err)
	}
	if first := <-statuses; first != http.StatusBadRequest {
		t.Errorf("the forged one is answered %d", first)
	}
}

func TestSessionsFromTheCommandLine(t *testing.T) {
	s := start(t)
	put := func(email, seed string, seen time.Time) {
		var random [session.IDSize]byte
		copy(random[:], email+seed)
		id := access.Identity{Issuer: "i", Subject: email, Email: email}
		one := session.Session{Ref: session.NewID(random).Ref(session.OwnerOf(id)), Identity: id, Created: seen, Seen: seen}
		if err := s.table.PutSession(t.Context(), one, s.now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	put("ann@ours.example", "1", s.now.Add(-time.Hour))
	put("ann@ours.example", "2", s.now)
	put("ben@ours.example", "1", s.now)
	put("old@ours.example", "1", s.now.Add(-13*time.Hour))
	out, _, err := s.run("", "sessions", "list")
	if err != nil || strings.Count(out, "ann@ours.example") != 4 || !strings.Contains(out, "ben@ours.example") || strings.Contains(out, "old@") {
		t.Errorf("%s, %v", out, err)
	}
	if out, _, err := s.run("", "sessions", "revoke", "Ann@ours.example"); err != nil || out != "Ended 2 sessions of Ann@ours.example.\n" {
		t.Errorf("%s, %v", out, err)
	}
	if out, _, err := s.run("", "sessions", "revoke", "--all"); err != nil || !strings.HasPrefix(out, "Ended 2 sessions of everybody") {
		t.Errorf("%s, %v", out, err)
	}
	if out, _, err := s.run("", "sessions", "list"); err != nil || out != "Nobody is signed in.\n" {
		t.Errorf("%s, %v", out, err)
	}
	for _, args := range [][]string{{"sessions", "revoke"}, {"sessions", "revoke", "a@b.example", "--all"}, {"sessions", "revoke", "a", "b"}} {
		if _, _, err := s.run("", args...); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
}
