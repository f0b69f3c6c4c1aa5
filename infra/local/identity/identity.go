// Package identity plays the company's identity provider on this machine: an
// OpenID provider where each person of the policy signs in with one click and
// no password. It is a real one, with codes, PKCE, signed tokens and keys to
// check them by, so that the functions that sign people in run here exactly as
// they do in AWS. It does not know what anybody may do.
// Sources: OpenID Connect Core 1.0, Discovery 1.0 and RP-Initiated Logout 1.0;
// RFC 6749, 7636 and 8252.
package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Client ids: of the functions, and of the command line, which has no secret.
const (
	Web = "handoff"
	CLI = "handoffctl"
)

// Path is where the provider stands on the local front.
const Path = "/_local/identity"

// Provider is the identity provider.
type Provider struct {
	Issuer    string // its address, without a slash at the end
	PublicURL string // of the stack: where browsers may be sent back to
	Secret    string // of the client Web
	Key       *rsa.PrivateKey
	People    func() []Person
	Now       func() time.Time
	// Own tells whether a request comes from a program of this machine, which
	// may ask for a token of whomever it likes.
	Own func(*http.Request) bool

	mu    sync.Mutex
	codes map[string]grant
}

// grant is what a code is good for.
type grant struct {
	client, redirect, challenge, nonce string
	who                                Person
	refresh                            bool
	until                              time.Time
}

// codeLife is how long a code is good for.
const codeLife = time.Minute

// Handler answers under Path.
func (p *Provider) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"/.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET "+Path+"/keys", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, p.jwks()) })
	mux.HandleFunc("GET "+Path+"/authorize", p.authorize)
	mux.HandleFunc("POST "+Path+"/token", p.token)
	mux.HandleFunc("POST "+Path+"/as", p.as)
	mux.HandleFunc("GET "+Path+"/end_session", p.endSession)
	return mux
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{
		"issuer": p.Issuer, "authorization_endpoint": p.Issuer + "/authorize", "token_endpoint": p.Issuer + "/token",
		"jwks_uri": p.Issuer + "/keys", "end_session_endpoint": p.Issuer + "/end_session",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "code_challenge_methods_supported": []string{"S256"},
		"grant_types_supported": []string{"authorization_code", "refresh_token"}, "scopes_supported": []string{"openid", "email", "profile", "groups", "offline_access"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post", "none"},
	})
}

// authorize shows who can sign in; with a person in the address that one does.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	client, redirect := q.Get("client_id"), q.Get("redirect_uri")
	if !p.known(client, redirect) {
		http.Error(w, "This client or redirect_uri is not known here.", http.StatusBadRequest)
		return
	}
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" {
		back(w, r, redirect, url.Values{"error": {"invalid_request"}, "state": {q.Get("state")}})
		return
	}
	who, ok := find(p.People(), q.Get("person"))
	if !ok {
		p.choose(w, q)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.codes == nil {
		p.codes = map[string]grant{}
	}
	for name, g := range p.codes {
		if !p.Now().Before(g.until) {
			delete(p.codes, name)
		}
	}
	p.codes[code] = grant{
		client: client, redirect: redirect, challenge: q.Get("code_challenge"), nonce: q.Get("nonce"), who: who,
		refresh: strings.Contains(" "+q.Get("scope")+" ", " offline_access "), until: p.Now().Add(codeLife),
	}
	back(w, r, redirect, url.Values{"code": {code}, "state": {q.Get("state")}})
}

// known tells whether a browser may be sent to an address for a client: to the
// stack's own, or, for the command line, to any port of this machine (RFC
// 8252, section 7.3).
func (p *Provider) known(client, redirect string) bool {
	switch client {
	case Web:
		return redirect == p.PublicURL+"/login/callback"
	case CLI:
		u, err := url.Parse(redirect)
		return err == nil && u.Scheme == "http" && u.Hostname() == "127.0.0.1"
	}
	return false
}

func back(w http.ResponseWriter, r *http.Request, redirect string, q url.Values) {
	http.Redirect(w, r, redirect+"?"+q.Encode(), http.StatusSeeOther) //nolint:gosec // The address was checked by known.
}

// token exchanges a code, or renews.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	client, secret, ok := r.BasicAuth()
	if ok {
		client, secret = unescaped(client), unescaped(secret)
	} else {
		client, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if client != CLI && (client != Web || subtle.ConstantTimeCompare([]byte(secret), []byte(p.Secret)) != 1) {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	var g grant
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		g, ok = p.take(r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		proof := base64.RawURLEncoding.EncodeToString(sum[:])
		ok = ok && g.client == client && g.redirect == r.PostFormValue("redirect_uri") && subtle.ConstantTimeCompare([]byte(proof), []byte(g.challenge)) == 1
	case "refresh_token":
		var subject string
		subject, ok = p.renewed(r.PostFormValue("refresh_token"), client)
		if ok {
			g.who, ok = find(p.People(), subject)
		}
		g.refresh = ok
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	if !ok {
		refuse(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	p.give(w, client, g)
}

// unescaped undoes the form encoding of RFC 6749, section 2.3.1.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// take returns what a code is good for, once.
func (p *Provider) take(code string) (grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.codes[code]
	delete(p.codes, code)
	return g, ok && p.Now().Before(g.until)
}

func (p *Provider) give(w http.ResponseWriter, client string, g grant) {
	id, err := p.Token(g.who, client, g.nonce)
	out := map[string]any{"token_type": "Bearer", "expires_in": int(tokenLife.Seconds()), "id_token": id, "access_token": id}
	if err == nil && g.refresh {
		out["refresh_token"], err = p.refreshToken(g.who, client)
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "server_error")
		return
	}
	reply(w, http.StatusOK, out)
}

// as gives a program of this machine a token of the person that it names. Who
// may start programs here may be anybody; other sites' pages may not.
func (p *Provider) as(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if !p.Own(r) {
		refuse(w, http.StatusForbidden, "access_denied")
		return
	}
	who, ok := find(p.People(), r.PostFormValue("person"))
	if !ok {
		refuse(w, http.StatusNotFound, "invalid_request")
		return
	}
	p.give(w, CLI, grant{who: who})
}

func refuse(w http.ResponseWriter, status int, code string) {
	reply(w, status, map[string]string{"error": code})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // The client may be gone.
}
