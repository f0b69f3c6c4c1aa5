package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// api is a client of the stack's JSON routes: what people see there is what
// the role of whoever has signed in (handoffctl login) lets them see. Get one
// by target.api.
type api struct {
	name  string // of the stack, for messages
	base  string // the public URL, without a slash at the end
	token string // of whoever asks
	http  *http.Client
}

const (
	apiTimeout = 40 * time.Second // API Gateway gives up after 30, and says so
	apiLimit   = 16 << 20         // of an answer; Lambda gives at most 6 MB
)

// tokenVariable names the token of a program that nobody signs in for.
const tokenVariable = "HANDOFF_TOKEN"

// api returns a client that is signed in: on the local stack as the operator,
// or as --as says; elsewhere by the token in HANDOFF_TOKEN, else as whoever ran
// handoffctl login there. Kinds: Denied when nobody has signed in, Invalid,
// Unavailable, NotFound.
func (t *target) api(ctx context.Context) (*api, error) {
	a := &api{http: &http.Client{Timeout: apiTimeout}}
	if t.remote() {
		var err error
		if a.base, err = t.remoteURL(ctx); err != nil {
			return nil, err
		}
		a.name = cmp.Or(t.inWords(), a.base)
		if a.token = t.getenv(tokenVariable); a.token == "" {
			a.token, err = t.savedToken(ctx, a.base)
		}
		return a, err
	}
	p, err := t.here(ctx)
	if err != nil {
		return nil, err
	}
	a.name, a.base = p.name, p.local.URL
	var given struct {
		Token string `json:"id_token"`
	}
	err = a.form(ctx, "/_local/identity/as", url.Values{"person": {cmp.Or(t.as, "operator")}}, &given)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.NotFound, "the local stack knows nobody called %q: say manager, marketer, or the id of a rep", t.as)
	}
	a.token = given.Token
	return a, err
}

// remote tells whether the stack is one of which this machine is no part.
func (t *target) remote() bool {
	if t.local {
		return false
	}
	u, err := url.Parse(t.url)
	elsewhere := err == nil && u.Host != "" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost"
	return t.stack != "" || t.table != "" || elsewhere
}

// remoteURL returns the public URL of a stack elsewhere: what --url says, else
// what the stack says. Kinds: Invalid, NotFound, Denied, Unavailable.
func (t *target) remoteURL(ctx context.Context) (string, error) {
	if t.as != "" {
		return "", fault.New(fault.Invalid, "--as is for the local stack; elsewhere you are who you signed in as")
	}
	if t.url != "" {
		u, err := url.Parse(t.url)
		if err != nil || u.Scheme != "https" || u.Host == "" {
			return "", fault.New(fault.Invalid, "--url must be an https address, such as https://handoff.example.com")
		}
		return strings.TrimSuffix(t.url, "/"), nil
	}
	p, err := t.inAWS(ctx)
	if err != nil {
		return "", err
	}
	if p.url == "" {
		return "", fault.New(fault.NotFound, "the address of %s is not known; say it by --url", p.name)
	}
	return p.url, nil
}

// get asks for a path and decodes the answer into into, which may be nil.
// What the stack says is wrong becomes an error with its sentence. Kinds:
// Invalid, Denied, NotFound, Conflict, Unavailable, Internal.
func (a *api) get(ctx context.Context, path string, into any) error {
	return a.do(ctx, http.MethodGet, path, "", nil, into)
}

// post sends in as JSON, nil for no body, and decodes the answer as get does.
func (a *api) post(ctx context.Context, path string, in, into any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fault.Wrap(fault.Internal, "encode the request", err)
		}
	}
	return a.do(ctx, http.MethodPost, path, "application/json", body, into)
}

// form posts a form.
func (a *api) form(ctx context.Context, path string, fields url.Values, into any) error {
	return a.do(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", []byte(fields.Encode()), into)
}

func (a *api) do(ctx context.Context, method, path, kind string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return fault.Wrap(fault.Invalid, "make a request for "+path, err)
	}
	req.Header.Set("Accept", "application/json")
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := a.http.Do(req)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "ask "+a.base, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, apiLimit))
	if err != nil {
		return fault.Wrap(fault.Unavailable, "read the answer of "+a.base, err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return problem(path, res.StatusCode, answer)
	}
	if into == nil || len(answer) == 0 {
		return nil
	}
	return fault.Wrap(fault.Internal, "read the answer to "+path, json.Unmarshal(answer, into))
}

// problem makes an error of an answer: its sentence, where it is a problem as
// RFC 9457 has it.
func problem(path string, status int, answer []byte) error {
	var p struct {
		Title     string `json:"title"`
		Detail    string `json:"detail"`
		RequestID string `json:"request_id"`
	}
	_ = json.Unmarshal(answer, &p) // What is no problem document has no sentence.
	kind := fault.Internal
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		kind = fault.Invalid
	case http.StatusUnauthorized, http.StatusForbidden:
		kind = fault.Denied
		p.Detail = cmp.Or(p.Detail, "You may not do this, or your sign-in has ended. See handoffctl whoami, and sign in again by handoffctl login.")
	case http.StatusNotFound:
		kind = fault.NotFound
	case http.StatusConflict:
		kind = fault.Conflict
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		kind = fault.Unavailable
	}
	text := p.Detail
	if text == "" {
		text = fmt.Sprintf("%s answers %d: %s", path, status, cmp.Or(p.Title, http.StatusText(status)))
	}
	if p.RequestID != "" && kind == fault.Internal {
		text += " (request " + p.RequestID + ")"
	}
	return fault.New(kind, "%s", text)
}
