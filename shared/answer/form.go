package answer

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Limits of what a rep may send.
const (
	MostBody    = 16 << 10 // bytes
	mostComment = 1000     // characters
)

// Names of the fields of the forms.
const (
	FieldReason  = "reason"
	fieldHow     = "how"
	fieldWhen    = "when"
	fieldStarts  = "starts_at"
	fieldUntil   = "until"
	fieldDate    = "date"
	fieldOutcome = "outcome"
	fieldComment = "comment"
)

// Form is what was posted, by the names of the fields. A field that was not
// sent at all is not in it.
type Form map[string]string

// sent tells whether the caller's form has the field, filled in or not.
func (f Form) sent(field string) bool {
	_, ok := f[field]
	return ok
}

// comment returns what the rep wrote, with line ends as browsers count them.
func (f Form) comment() string {
	text := strings.ToValidUTF8(f[fieldComment], "\uFFFD")
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// ParseForm reads a body of some media type as a form or as JSON. An empty body is an empty
// form. Kind: Invalid.
func ParseForm(media, body string) (Form, error) {
	f := Form{}
	switch {
	case len(body) > MostBody:
		return f, fault.New(fault.Invalid, "the body is over %d bytes", MostBody)
	case strings.TrimSpace(body) == "":
		return f, nil
	case media == "application/json":
		if json.Unmarshal([]byte(body), &f) != nil {
			return f, fault.New(fault.Invalid, "the body is not the JSON that is expected here")
		}
		return f, nil
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return f, fault.New(fault.Invalid, "the body is not a form")
	}
	for name, v := range values {
		f[name] = v[0]
	}
	return f, nil
}

// Problem is what a form lacks, in words, and the field that it concerns.
type Problem struct{ Field, Text string }

func (f Form) checkComment() Problem {
	if utf8.RuneCountInString(f.comment()) > mostComment {
		return Problem{fieldComment, "Please keep what you write under 1000 characters."}
	}
	return Problem{}
}
