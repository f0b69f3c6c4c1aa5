package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// caller gets and posts JSON of a stack's API.
type caller interface {
	get(ctx context.Context, path string, into any) error
	post(ctx context.Context, path string, in, into any) error
}

// tokenVariable names the token that opens the API of a stack in AWS.
const tokenVariable = "HANDOFF_TOKEN"

const (
	callTimeout = 40 * time.Second
	callLimit   = 16 << 20
)

// caller returns the API of the stack: the local one as the operator, one in
// AWS with the token in HANDOFF_TOKEN. Kinds: as of find; Denied without a token.
func (t *target) caller(ctx context.Context) (*place, caller, error) {
	p, err := t.find(ctx)
	if err != nil {
		return nil, nil, err
	}
	c := httpCaller{url: p.url, client: &http.Client{Timeout: callTimeout}}
	if p.local != nil {
		c.url = p.local.URL
		return p, c, nil
	}
	if c.token = t.getenv(tokenVariable); c.token == "" {
		return nil, nil, fault.New(fault.Denied, "the API of %s asks who you are: put an operator's token into %s", p.name, tokenVariable)
	}
	if c.url == "" {
		return nil, nil, fault.New(fault.Invalid, "where does the API of %s answer? Say --stack or --url", p.name)
	}
	return p, c, nil
}

type httpCaller struct {
	url    string
	token  string // "" on this machine
	client *http.Client
}

func (c httpCaller) get(ctx context.Context, path string, into any) error {
	return c.do(ctx, http.MethodGet, path, nil, into)
}

func (c httpCaller) post(ctx context.Context, path string, in, into any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return fault.Wrap(fault.Internal, "encode the request", err)
	}
	return c.do(ctx, http.MethodPost, path, b, into)
}

func (c httpCaller) do(ctx context.Context, method, path string, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return fault.Wrap(fault.Invalid, "address the API", err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "call the API", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, callLimit))
	if err != nil {
		return fault.Wrap(fault.Unavailable, "read the API's answer", err)
	}
	if res.StatusCode != http.StatusOK {
		return refused(path, res.StatusCode, answer)
	}
	return fault.Wrap(fault.Unavailable, "read the API's answer", json.Unmarshal(answer, into))
}

// refused makes an error of an answer that is none: what the API says, when it
// says something.
func refused(path string, status int, answer []byte) error {
	kind := fault.Unavailable
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		kind = fault.Denied
	case status == http.StatusNotFound:
		kind = fault.NotFound
	case status < http.StatusInternalServerError:
		kind = fault.Invalid
	}
	var p struct {
		Detail string `json:"detail"`
	}
	if err := json.Unmarshal(answer, &p); err == nil && p.Detail != "" {
		return fault.New(kind, "%s", strings.TrimSuffix(p.Detail, "."))
	}
	return fault.New(kind, "%s answered %d", path, status)
}
