package main

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Limits of what a rep may send.
const (
	maxBody    = 16 << 10
	maxComment = 1000 // characters
)

// Names of the fields of the forms.
const (
	fieldReason  = "reason"
	fieldHow     = "how"
	fieldWhen    = "when"
	fieldStarts  = "starts_at"
	fieldUntil   = "until"
	fieldDate    = "date"
	fieldOutcome = "outcome"
	fieldComment = "comment"
)

// form is what was posted, by the names of the fields. A field that was not
// sent at all is not in it.
type form map[string]string

// sent tells whether the caller's form has the field, filled in or not.
func (f form) sent(field string) bool {
	_, ok := f[field]
	return ok
}

// comment returns what the rep wrote, with line ends as browsers count them.
func (f form) comment() string {
	text := strings.ToValidUTF8(f[fieldComment], "\uFFFD")
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// parseForm reads the body as a form or as JSON. An empty body is an empty
// form. Kind: Invalid.
func parseForm(r request) (form, error) {
	f := form{}
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
	for name, v := range values {
		f[name] = v[0]
	}
	return f, nil
}

// problem is what a form lacks, in words, and the field that it concerns.
type problem struct{ field, text string }

func (f form) checkComment() problem {
	if utf8.RuneCountInString(f.comment()) > maxComment {
		return problem{fieldComment, "Please keep what you write under 1000 characters."}
	}
	return problem{}
}
