package answer

import (
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
)

// View is what a page shows of a result.
type View struct {
	Title, Detail string
	Tone          string // "", "ok", "warn" or "bad"
	Problem       string // what the form lacks
	Purpose       link.Purpose
	Lead          *Lead // nil: this rep may not see it, or it could not be read
	Contact       bool  // show how to reach the lead
	Deadlines     []Deadline
	Steps         []Step
	Form          FormView
	Place         string // whose clock the times are by, "" for UTC
	Now           time.Time
}

// ViewOf is the view of a result. steps are those of the result, with their
// addresses.
func ViewOf(res Result, steps []Step, now time.Time) View {
	v := View{Purpose: res.Claims.Purpose, Problem: res.Problem.Text, Now: now, Steps: steps}
	if res.Terms.book != nil {
		v.Place = res.Terms.Place()
	}
	v.Title, v.Detail, v.Tone = Words(res, now)
	if res.State == Open || res.State == Invalid {
		v.Form = formOf(res, now)
	}
	if res.Lead == nil || (res.Answered() && v.Purpose == link.Reject) {
		return v
	}
	v.Lead = leadOf(res.Lead)
	v.Contact = res.Answered() || (v.Purpose != link.Accept && v.Purpose != link.Reject)
	v.Deadlines = DeadlinesOf(res, now)
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

// Lead is a lead as its holder sees it.
type Lead struct {
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

func leadOf(l *lead.Lead) *Lead {
	field := func(name string) string { return l.Facts.Profile[name].Value }
	h := l.Journey.Handoff
	v := &Lead{
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
