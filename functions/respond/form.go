package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Limits of what a rep may send.
const (
	maxBody    = 16 << 10
	maxComment = 1000 // characters
)

// option is one entry of a list to choose from.
type option struct{ Value, Label string }

// reasons are why a rep may reject a lead. The value stands in events, so that
// it is never personal data; what the rep writes stays in the inbox.
func reasons() []option {
	return []option{
		{"not_a_fit", "Not a fit for what we sell"},
		{"no_interest", "No real interest, such as a student, a job seeker or a vendor"},
		{"wrong_contact_data", "The contact data is wrong"},
		{"already_in_touch", "Somebody else of us is in touch with them"},
		{"wrong_team", "Belongs to another team or region"},
		{"no_time", "I have no time for it"},
		{"other", "Something else"},
	}
}

// ways are how a rep may have contacted a lead.
func ways() []option {
	return []option{{"call", "By phone"}, {"email", "By e-mail"}, {"meeting", "In a meeting"}, {"message", "By a message elsewhere"}}
}

// unspecified is the reason of a rejection that came without the page's form.
const unspecified = "unspecified"

// form is what was posted. A nil pointer is a field that was not sent at all.
type form struct {
	Reason  *string `json:"reason"`
	How     *string `json:"how"`
	Comment string  `json:"comment"`
}

// parseForm reads the body as a form or as JSON. An empty body is an empty
// form. Kind: Invalid.
func parseForm(r request) (form, error) {
	var f form
	switch {
	case len(r.body) > maxBody:
		return f, fault.New(fault.Invalid, "the body is over %d bytes", maxBody)
	case strings.TrimSpace(r.body) == "":
		return f, nil
	case r.media == "application/json":
		if json.Unmarshal([]byte(r.body), &f) != nil {
			return f, fault.New(fault.Invalid, "the body is not the JSON that is expected here")
		}
		return f, nil
	}
	values, err := url.ParseQuery(r.body)
	if err != nil {
		return f, fault.New(fault.Invalid, "the body is not a form")
	}
	f.Comment = values.Get("comment")
	if v, sent := values["reason"]; sent {
		f.Reason = &v[0]
	}
	if v, sent := values["how"]; sent {
		f.How = &v[0]
	}
	return f, nil
}

// answerSignal makes the signal of an answer, or says what the form lacks. A
// rejection needs a reason when the form has a field for it; a caller without
// the form may leave it out.
func answerSignal(c link.Claims, f form, now time.Time) (s signal.Signal, problem string) {
	attributes := map[string]string{signal.AttrHandoff: strconv.Itoa(c.Handoff), signal.AttrRep: c.Rep}
	s = signal.Signal{Source: source, ID: signalID(c.Handoff, c.Purpose), OccurredAt: now, ReceivedAt: now, Attributes: attributes}
	comment := strings.TrimSpace(strings.ToValidUTF8(f.Comment, "\uFFFD"))
	if utf8.RuneCountInString(comment) > maxComment {
		return s, "Please keep the comment under 1000 characters."
	}
	if comment != "" {
		attributes[signal.AttrMessage] = comment
	}
	switch c.Purpose {
	case link.Accept:
		s.Type = signal.RepAccepted
	case link.Contacted:
		s.Type = signal.RepContacted
		if how := value(f.How, ""); offered(ways(), how) {
			attributes["how"] = how
		}
	case link.Reject:
		s.Type = signal.RepRejected
		reason := value(f.Reason, unspecified)
		if reason != unspecified && !offered(reasons(), reason) {
			return s, "Please choose a reason."
		}
		if reason == "other" && comment == "" {
			return s, "Please say in a few words what it is."
		}
		attributes[signal.AttrReason] = reason
	}
	return s, ""
}

func value(p *string, otherwise string) string {
	if p == nil {
		return otherwise
	}
	return *p
}

func offered(list []option, v string) bool {
	return slices.ContainsFunc(list, func(o option) bool { return o.Value == v })
}
