package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
)

// reply writes a result as a page, as JSON or as a problem.
func (h handler) reply(r request, res result, now time.Time) events.APIGatewayV2HTTPResponse {
	code := status(res.state)
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
		if res.state == stateAsk || res.state == stateInvalid && v.Purpose != "" {
			name = "ask.html"
		}
		if shown, err := h.pages.Render(name, page.Doc{Title: v.Title, Now: now, Data: v, Live: true}); err == nil {
			return events.APIGatewayV2HTTPResponse{Headers: shown.Headers, Body: shown.HTML}
		}
	}
	headers := page.Security()
	headers["Content-Type"] = "application/json"
	var doc any = answerJSON{State: res.state, Purpose: res.claims.Purpose, Title: v.Title, Detail: v.Detail, Lead: v.Lead, Next: v.Next}
	if code >= http.StatusBadRequest {
		headers["Content-Type"] = "application/problem+json"
		doc = problem{
			Type: "about:blank", Title: v.Title, Status: code, Code: string(res.state), Detail: v.Detail, RequestID: r.id,
		}
	}
	body, err := json.Marshal(doc)
	if err != nil {
		body = []byte(`{"title":"Internal Server Error","status":500}`)
	}
	return events.APIGatewayV2HTTPResponse{Headers: headers, Body: string(body)}
}

// problem is what a caller is told of an error, as RFC 9457 has it.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id,omitempty"`
}

// answerJSON is what a program is told.
type answerJSON struct {
	State   state        `json:"state"`
	Purpose link.Purpose `json:"purpose"`
	Title   string       `json:"title"`
	Detail  string       `json:"detail"`
	Lead    *leadView    `json:"lead,omitempty"`
	Next    string       `json:"next,omitempty"` // path of the link that reports first contact
}

// view is what the pages show.
type view struct {
	Title, Detail string
	Tone          string // "", "ok", "warn" or "bad"
	Problem       string // what the form lacks
	Purpose       link.Purpose
	Lead          *leadView // nil: this rep may not see it, or it could not be read
	Contact       bool      // show how to reach the lead
	Next          string
	Reasons, Ways []option
	Reason        string // as it was chosen before, when the form lacks something else
	Comment       string
	RequestID     string
	Now           time.Time
}

// leadView is the lead as its holder sees it here.
type leadView struct {
	Key          signal.LeadKey  `json:"key"`
	Name         string          `json:"name,omitempty"`
	Title        string          `json:"title,omitempty"`
	Company      string          `json:"company,omitempty"`
	Email        string          `json:"email,omitempty"`
	Phone        string          `json:"phone,omitempty"`
	Holder       string          `json:"holder"`
	Reason       string          `json:"reason"`
	Parts        []contract.Part `json:"parts"`
	AcceptDue    *time.Time      `json:"accept_due,omitempty"`    // while the clock runs
	FirstContact *time.Time      `json:"first_contact,omitempty"` // while the clock runs
}

func viewOf(r request, res result, now time.Time) view {
	v := view{Purpose: res.claims.Purpose, Problem: res.problem, Reasons: reasons(), Ways: ways(), Now: now, Reason: value(res.form.Reason, ""), Comment: res.form.Comment}
	v.Title, v.Detail, v.Tone = words(res)
	if v.Problem != "" {
		v.Detail = v.Problem
	}
	if res.state == stateFailed || res.state == stateUnavailable {
		v.RequestID = r.id
	}
	if res.lead == nil || (res.answered() && v.Purpose == link.Reject) {
		return v
	}
	v.Lead = leadOf(res.lead)
	v.Contact = v.Purpose == link.Contacted || (v.Purpose == link.Accept && res.answered())
	if res.answered() {
		v.Lead.AcceptDue = nil
	}
	if res.answered() && v.Purpose == link.Contacted {
		v.Lead.FirstContact = nil
	}
	if res.next != "" {
		v.Next = "/r/" + res.next
	}
	return v
}

func leadOf(l *lead.Lead) *leadView {
	field := func(name string) string { return l.Facts.Profile[name].Value }
	h := l.Journey.Handoff
	v := &leadView{
		Key: l.Key, Name: join(field(signal.FieldFirstName), " ", field(signal.FieldLastName)),
		Title: field(signal.FieldTitle), Company: field(signal.FieldCompany), Email: field(signal.FieldEmail), Phone: field(signal.FieldPhone),
		Holder: h.RepName, Reason: h.Reason, Parts: []contract.Part{},
	}
	if v.Name == "" {
		v.Name = v.Email
	}
	for _, p := range h.Parts {
		if p.Points != 0 {
			v.Parts = append(v.Parts, p)
		}
	}
	for _, c := range l.Journey.Clocks {
		if c.State != lead.Running {
			continue
		}
		due := c.DueAt
		switch c.Kind {
		case lead.AcceptClock:
			v.AcceptDue = &due
		case lead.FirstContactClock:
			v.FirstContact = &due
		}
	}
	return v
}

func join(a, between, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + between + b
}
