// Package web is what all pages and JSON for people have in common: it finds
// the handler of a route, asks the one table of routes whether the person may
// use it, sends strangers to log in and back, refuses forged forms, and turns
// errors into answers. It does not know what the pages are about, nor how a
// person is recognized: the authorizer of the API says who it is.
package web

import (
	"bytes"
	"context"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/page"
)

// templates are the pages of errors, and the parts of forms.
//
//go:embed *.html
var templates embed.FS

// TokenField is the form field, and TokenHeader the header of a request with
// JSON, that proves that a form was made for the session that sends it. The
// template "token" writes the field.
const (
	TokenField  = "form_token"
	TokenHeader = "x-handoff-form-token" //nolint:gosec // The name of a header, no secret.
)

// Request is what handlers need of an event.
type Request struct {
	Route  access.Route
	Path   string
	Params map[string]string // of the path
	Query  url.Values
	Form   url.Values      // of a posted form; empty for other bodies
	Files  map[string]File // of a posted form with files, by the field's name
	Body   []byte          // as it was sent
	// Headers are by their names in small letters.
	Headers map[string]string
	Cookies []string // each name=value
	Host    string   // that the request came to
	Now     time.Time
	ID      string
	Who     access.Person
}

// API tells whether the answer is for a program.
func (r *Request) API() bool { return r.Path == "/api" || strings.HasPrefix(r.Path, "/api/") }

func (r *Request) method() string { method, _, _ := strings.Cut(string(r.Route), " "); return method }

// reads tells whether the request changes nothing.
func (r *Request) reads() bool { return r.method() == http.MethodGet || r.method() == http.MethodHead }

// here is the address of the request, to come back to.
func (r *Request) here() string {
	if len(r.Query) == 0 {
		return r.Path
	}
	return r.Path + "?" + r.Query.Encode()
}

// File is a file that a form was posted with.
type File struct {
	Name string
	Data []byte
}

// Response is an answer to API Gateway.
type Response = events.APIGatewayV2HTTPResponse

// Handler answers the requests of one route.
type Handler func(ctx context.Context, r *Request) (Response, error)

// Site answers the requests of one function.
type Site struct {
	Routes map[access.Route]Handler
	Pages  *page.Set // as Pages returns it
	Clock  clock.Clock
	Log    *slog.Logger
}

// Pages reads the body templates of a function, beside those of this package.
func Pages(files fs.FS, patterns ...string) (*page.Set, error) {
	set, err := page.Parse(files, patterns...)
	if err != nil {
		return nil, err
	}
	return set, set.Add(templates, "*.html")
}

// Handle answers one request. It returns no error: what fails is an answer too.
func (s *Site) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (Response, error) {
	r := Request{
		Route: access.Route(e.RouteKey), Path: pathOf(e), Params: e.PathParameters, Now: s.Clock(ctx), ID: e.RequestContext.RequestID, Who: whoOf(e),
		Headers: e.Headers, Cookies: e.Cookies, Host: e.RequestContext.DomainName,
	}
	answer, err := s.serve(ctx, &r, e)
	if err != nil {
		answer = s.failure(&r, err)
	}
	s.logAnswer(ctx, &r, answer, err)
	return answer, nil
}

func (s *Site) logAnswer(ctx context.Context, r *Request, answer Response, err error) {
	method, path, _ := strings.Cut(string(r.Route), " ")
	attrs := []slog.Attr{
		slog.String("request_id", r.ID), slog.String("method", method), slog.String("route", path),
		slog.Int("status", answer.StatusCode), slog.Int64("duration_ms", s.Clock(ctx).Sub(r.Now).Milliseconds()),
	}
	level := slog.LevelInfo
	if err != nil {
		attrs = append(attrs, slog.String("code", problemOf(err).Code), slog.String("error", err.Error()))
	}
	if answer.StatusCode == http.StatusForbidden {
		attrs = append(attrs, slog.String("subject", r.Who.Subject), slog.Any("roles", r.Who.Roles))
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Log.LogAttrs(ctx, level, "request.served", attrs...)
}

func (s *Site) serve(ctx context.Context, r *Request, e events.APIGatewayV2HTTPRequest) (Response, error) {
	handle, ok := s.Routes[r.Route]
	if !ok {
		return Response{}, Problemf(http.StatusNotFound, "not_found", "There is nothing at this address.")
	}
	if err := r.read(e); err != nil {
		return Response{}, err
	}
	if rule := access.RuleOf(r.Route); !rule.Allows(r.Who) {
		return s.refuse(r)
	} else if !rule.Open && !r.reads() && !r.genuine(e.Headers[TokenHeader]) {
		return Response{}, Problemf(http.StatusForbidden, "form_expired",
			"This form was not made for your session, or it is an old one. Nothing was changed: go back, load the page again, and send it once more.")
	}
	return handle(ctx, r)
}

// read takes query and body in.
func (r *Request) read(e events.APIGatewayV2HTTPRequest) error {
	var err error
	if r.Query, err = url.ParseQuery(e.RawQueryString); err != nil {
		return Problemf(http.StatusBadRequest, "invalid_query", "The query of the address cannot be read.")
	}
	r.Body, r.Form = []byte(e.Body), url.Values{}
	if e.IsBase64Encoded {
		if r.Body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return Problemf(http.StatusBadRequest, "invalid_body", "The body cannot be read.")
		}
	}
	kind, params, _ := mime.ParseMediaType(e.Headers["content-type"]) // what cannot be read is no form
	switch kind {
	case "application/x-www-form-urlencoded":
		r.Form, err = url.ParseQuery(string(r.Body))
	case "multipart/form-data":
		err = r.readParts(params["boundary"])
	}
	if err != nil {
		return Problemf(http.StatusBadRequest, "invalid_form", "The form cannot be read.")
	}
	return nil
}

// readParts reads a form with files. Everything is in memory already, and no
// larger than Lambda takes.
func (r *Request) readParts(boundary string) error {
	r.Files = map[string]File{}
	parts := multipart.NewReader(bytes.NewReader(r.Body), boundary)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		if name := part.FileName(); name != "" {
			r.Files[part.FormName()] = File{Name: name, Data: data}
		} else {
			r.Form.Add(part.FormName(), string(data))
		}
	}
}

// genuine tells whether a page of ours made the request: it carries the token
// of the session. Who comes without a session has no need of one.
func (r *Request) genuine(header string) bool {
	if r.Who.Token == "" {
		return true
	}
	given := r.Form.Get(TokenField)
	if given == "" {
		given = header
	}
	return subtle.ConstantTimeCompare([]byte(given), []byte(r.Who.Token)) == 1
}

// refuse answers who may not use the route: a known person by a problem, a
// stranger by the way to log in, which leads back here. A form that a stranger
// has sent is kept on the page, to be sent again after logging in.
func (s *Site) refuse(r *Request) (Response, error) {
	switch {
	case r.Who.Ask != "":
		return Response{}, Problemf(http.StatusForbidden, "no_role", "You are signed in as "+r.Who.Called()+
			", but no role of the policy includes you, so there is nothing here for you yet. Ask "+r.Who.Ask+" for a role.")
	case r.Who.Known():
		return Response{}, Problemf(http.StatusForbidden, "forbidden", "Your role does not include this. Ask an operator if it should.")
	case r.API():
		return Response{}, Problemf(http.StatusUnauthorized, "unauthorized", "Sign in, or send a valid token, to see this.")
	case r.reads():
		return See("/login?" + url.Values{"return": {r.here()}}.Encode()), nil
	}
	r.Form.Del(TokenField)
	view := struct {
		Return string
		Fields url.Values
	}{r.here(), r.Form}
	out, err := s.Show(r, "ended.html", page.Doc{Title: "Your session has ended", Data: view})
	out.StatusCode = http.StatusUnauthorized
	return out, err
}

// pathOf returns the path without the name of the API's stage.
func pathOf(e events.APIGatewayV2HTTPRequest) string {
	stage := e.RequestContext.Stage
	if stage == "" || stage == "$default" {
		return e.RawPath
	}
	if rest, ok := strings.CutPrefix(e.RawPath, "/"+stage); ok && (rest == "" || rest[0] == '/') {
		return rest
	}
	return e.RawPath
}

func whoOf(e events.APIGatewayV2HTTPRequest) access.Person {
	if a := e.RequestContext.Authorizer; a != nil {
		return access.FromContext(a.Lambda)
	}
	return access.Person{}
}
