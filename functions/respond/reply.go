package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
)

// reply writes a result as a page, as JSON or as a problem.
func (h handler) reply(r request, res result, now time.Time) events.APIGatewayV2HTTPResponse {
	code := status(res.State)
	out := h.content(r, res, code, now)
	out.StatusCode = code
	out.Headers["Referrer-Policy"] = "no-referrer" // the address is a capability
	out.Headers["X-Robots-Tag"] = "noindex, nofollow"
	out.Headers["Vary"] = "Accept"
	switch code {
	case http.StatusServiceUnavailable:
		out.Headers["Retry-After"] = "10"
	case http.StatusMethodNotAllowed:
		out.Headers["Allow"] = "GET, HEAD, POST"
	}
	if r.method == http.MethodHead {
		out.Body = ""
	}
	return out
}

func (h handler) content(r request, res result, code int, now time.Time) events.APIGatewayV2HTTPResponse {
	v := viewOf(r, res, now)
	if !r.json {
		name := "told.html"
		if res.State == answer.Open || res.State == answer.Invalid && v.Purpose != "" {
			name = "ask.html"
		}
		if shown, err := h.pages.Render(name, page.Doc{Title: v.Title, Now: now, Data: v, Live: true, Zone: v.Place}); err == nil {
			return events.APIGatewayV2HTTPResponse{Headers: shown.Headers, Body: shown.HTML}
		}
	}
	headers := page.Security()
	headers["Content-Type"] = "application/json"
	var doc any = answerJSON{
		State: res.State, Purpose: res.Claims.Purpose, Title: v.Title, Detail: v.Detail, Lead: v.Lead, Next: v.next(), Steps: v.Steps, Deadlines: v.Deadlines,
	}
	if code >= http.StatusBadRequest {
		headers["Content-Type"] = "application/problem+json"
		doc = problemJSON{
			Type: "about:blank", Title: v.Title, Status: code, Code: string(res.State), Detail: v.Detail, Field: res.Problem.Field, RequestID: r.id,
		}
	}
	body, err := json.Marshal(doc)
	if err != nil {
		body = []byte(`{"title":"Internal Server Error","status":500}`)
	}
	return events.APIGatewayV2HTTPResponse{Headers: headers, Body: string(body)}
}

// problemJSON is what a caller is told of an error, as RFC 9457 has it.
type problemJSON struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	Field     string `json:"field,omitempty"` // of the form, that lacks something
	RequestID string `json:"request_id,omitempty"`
}

// answerJSON is what a program is told.
type answerJSON struct {
	State     answer.State      `json:"state"`
	Purpose   link.Purpose      `json:"purpose"`
	Title     string            `json:"title"`
	Detail    string            `json:"detail"`
	Lead      *answer.Lead      `json:"lead,omitempty"`
	Next      string            `json:"next,omitempty"` // path of the link that reports contact
	Steps     []answer.Step     `json:"steps,omitempty"`
	Deadlines []answer.Deadline `json:"deadlines,omitempty"`
}
