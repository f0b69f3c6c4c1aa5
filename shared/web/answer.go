package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
)

// Problem is an error that the caller is told about, as RFC 9457 has it.
type Problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id,omitempty"`
}

// Error returns the code.
func (p *Problem) Error() string { return p.Code }

// Problemf makes a problem of an HTTP status, a code for programs and a
// sentence for people that says what to do.
func Problemf(status int, code, detail string) error {
	return &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// problemOf maps an error to what its caller may know of it.
func problemOf(err error) Problem {
	var known *Problem
	if errors.As(err, &known) {
		return *known
	}
	status, detail := http.StatusInternalServerError, "Something went wrong here. The request id helps to find out what."
	kind := fault.KindOf(err)
	switch kind {
	case fault.Internal:
	case fault.Conflict:
		status, detail = http.StatusConflict, "Somebody else changed this in the same moment. Load the page again, and see whether your change is still wanted."
	case fault.Invalid:
		status, detail = http.StatusBadRequest, "The request cannot be understood: check its parameters."
	case fault.NotFound:
		status, detail = http.StatusNotFound, "There is no such lead."
	case fault.Denied:
		status, detail = http.StatusForbidden, "You may not see this."
	case fault.Unavailable:
		status, detail = http.StatusServiceUnavailable, "The table cannot be reached right now. Try again in a moment."
	}
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: kind.String(), Detail: detail}
}

// failure answers with a problem: as JSON under /api, else as a page.
func (s *Site) failure(r *Request, err error) Response {
	p := problemOf(err)
	p.RequestID = r.ID
	out := problemJSON(p)
	if !r.API() {
		if shown, err := s.Show(r, "error.html", page.Doc{Title: p.Title, Data: p}); err == nil {
			out = shown
		}
	}
	out.StatusCode = p.Status
	switch p.Status {
	case http.StatusServiceUnavailable:
		out.Headers["Retry-After"] = "5"
	case http.StatusUnauthorized:
		out.Headers["WWW-Authenticate"] = "Bearer"
	}
	return out
}

func problemJSON(p Problem) Response {
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"title":"Internal Server Error","status":500}`)
	}
	headers := page.Security()
	headers["Content-Type"] = "application/problem+json"
	return Response{StatusCode: p.Status, Headers: headers, Body: string(body)}
}

// JSON answers with v, or passes the error on.
func JSON(v any, err error) (Response, error) {
	if err != nil {
		return Response{}, err
	}
	body, err := json.Marshal(v)
	if err != nil {
		return Response{}, fault.Wrap(fault.Internal, "encode answer", err)
	}
	headers := page.Security()
	headers["Content-Type"] = "application/json"
	return Response{StatusCode: http.StatusOK, Headers: headers, Body: string(body)}, nil
}

// AsJSON makes a handler of what answers with JSON.
func AsJSON[T any](of func(context.Context, *Request) (T, error)) Handler {
	return func(ctx context.Context, r *Request) (Response, error) { return JSON(of(ctx, r)) }
}

// See sends the browser to another address, which it gets there.
func See(url string) Response {
	headers := page.Security()
	headers["Location"] = url
	return Response{StatusCode: http.StatusSeeOther, Headers: headers}
}

// Show renders a page for whoever has signed in: the navigation leads to what
// their roles open.
func (s *Site) Show(r *Request, name string, d page.Doc) (Response, error) {
	d.Now, d.Live = r.Now, true
	if r.Who.Known() {
		d.Account, d.Token, d.Nav = r.Who.Called(), r.Who.Token, navOf(r)
	}
	p, err := s.Pages.Render(name, d)
	if err != nil {
		return Response{}, err
	}
	return Response{StatusCode: http.StatusOK, Headers: p.Headers, Body: p.HTML}, nil
}

// navOf lists the pages that the person may open.
func navOf(r *Request) []page.Link {
	all := []page.Link{
		{Label: "Home", URL: "/"},
		{Label: "My leads", URL: "/my"},
		{Label: "Board", URL: "/board"},
		{Label: "Leads", URL: "/leads"},
		{Label: "Accounts", URL: "/accounts"},
		{Label: "Duplicates", URL: "/duplicates"},
		{Label: "Imports", URL: "/imports"},
		{Label: "People", URL: "/people"},
		{Label: "Rollout", URL: "/rollout"},
		{Label: "Sources", URL: "/sources"},
		{Label: "Operations", URL: "/operations"},
	}
	rules := access.Routes()
	var open []page.Link
	for _, l := range all {
		if rules[access.Route("GET "+l.URL)].Allows(r.Who) {
			l.Here = r.Path == l.URL || l.URL != "/" && strings.HasPrefix(r.Path, l.URL+"/")
			open = append(open, l)
		}
	}
	return open
}
