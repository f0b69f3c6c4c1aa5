package main

import (
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
)

// view is what the pages show.
type view struct {
	Title, Detail string
	Tone          string // "", "ok", "warn" or "bad"
	Problem       string // what the form lacks
	Field         string // that lacks it
	Purpose       link.Purpose
	Lead          *leadView // nil: this rep may not see it, or it could not be read
	Contact       bool      // show how to reach the lead
	Deadlines     []deadline
	Steps         []step
	Form          formView
	Place         string // whose clock the times are by, "" for UTC
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
	v := view{Purpose: res.claims.Purpose, Problem: res.problem.text, Field: res.problem.field, Now: now, Steps: res.steps}
	if res.terms.book != nil {
		v.Place = res.terms.place()
	}
	v.Title, v.Detail, v.Tone = words(res, now)
	if v.Problem != "" {
		v.Detail = v.Problem
	}
	if res.state == stateFailed || res.state == stateUnavailable {
		v.RequestID = r.id
	}
	if res.state == stateAsk || res.state == stateInvalid {
		v.Form = formOf(res, now)
	}
	if res.lead == nil || (res.answered() && v.Purpose == link.Reject) {
		return v
	}
	v.Lead = leadOf(res.lead)
	v.Contact = res.answered() || (v.Purpose != link.Accept && v.Purpose != link.Reject)
	v.Deadlines = deadlines(res, now)
	for _, d := range v.Deadlines {
		at := d.At
		switch {
		case d.Paused:
		case d.Kind == lead.AcceptClock:
			v.Lead.AcceptDue = &at
		case d.Kind == lead.FirstContactClock:
			v.Lead.FirstContact = &at
		}
	}
	return v
}

// next returns the path of the step that the customer waits for, "" for none.
func (v view) next() string {
	for _, s := range v.Steps {
		if s.Purpose == link.Contacted {
			return s.URL
		}
	}
	return ""
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
	return v
}

func join(a, between, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + between + b
}
