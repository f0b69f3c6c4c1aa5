package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
)

// problem is an error that the caller is told about, as RFC 9457 has it.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id,omitempty"`
}

// Error returns the code.
func (p *problem) Error() string { return p.Code }

func problemf(status int, code, detail string) error {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// problemOf maps an error to what its caller may know of it.
func problemOf(err error) problem {
	var known *problem
	if errors.As(err, &known) {
		return *known
	}
	status, detail := http.StatusInternalServerError, "Something went wrong here. The request id helps to find out what."
	kind := fault.KindOf(err)
	switch kind {
	case fault.Internal, fault.Conflict:
	case fault.Invalid:
		status, detail = http.StatusBadRequest, "The request cannot be understood: check its parameters."
	case fault.NotFound:
		status, detail = http.StatusNotFound, "There is no such lead."
	case fault.Denied:
		status, detail = http.StatusForbidden, "You may not see this."
	case fault.Unavailable:
		status, detail = http.StatusServiceUnavailable, "The table cannot be reached right now. Try again in a moment."
	}
	return problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: kind.String(), Detail: detail}
}

// failure answers with a problem: as JSON under /api, else as a page.
func (h *handler) failure(r request, err error) response {
	p := problemOf(err)
	p.RequestID = r.id
	headers := map[string]string{}
	switch p.Status {
	case http.StatusServiceUnavailable:
		headers["Retry-After"] = "5"
	case http.StatusMethodNotAllowed:
		headers["Allow"] = "GET, HEAD"
	case http.StatusUnauthorized:
		headers["WWW-Authenticate"] = "Bearer"
	}
	out := problemJSON(p)
	if r.path != "/api" && !strings.HasPrefix(r.path, "/api/") {
		if shown, err := h.show(r, "error.html", page.Doc{Title: p.Title, Data: p}, ""); err == nil {
			out = shown
		}
	}
	out.StatusCode = p.Status
	for name, value := range headers {
		out.Headers[name] = value
	}
	return out
}

func problemJSON(p problem) response {
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"title":"Internal Server Error","status":500}`)
	}
	headers := page.Security()
	headers["Content-Type"] = "application/problem+json"
	return response{StatusCode: p.Status, Headers: headers, Body: string(body)}
}

// answerJSON answers with v, or passes the error on.
func answerJSON(v any, err error) (response, error) {
	if err != nil {
		return response{}, err
	}
	body, err := json.Marshal(v)
	if err != nil {
		return response{}, fault.Wrap(fault.Internal, "encode answer", err)
	}
	headers := page.Security()
	headers["Content-Type"] = "application/json"
	return response{StatusCode: http.StatusOK, Headers: headers, Body: string(body)}, nil
}
