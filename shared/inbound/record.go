package inbound

import (
	"net/http"
	"strings"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/signal"
)

// fetchedMark ends the event id of a signal that was completed.
const fetchedMark = "#fetched"

// Record is one kind of record that a webhook names by its id alone, and that
// is read from the provider's API afterwards. It knows the API's words; who
// asks, with which token and how often, is the caller's matter.
type Record interface {
	// Provider is the name of the provider whose API has it.
	Provider() string
	// API is the address of that API, without a slash at the end, unless the
	// company says another.
	API() string
	// Ask says what to read. Kind: Invalid when the signal's ids are not of the
	// form that the provider gives them.
	Ask(thin signal.Signal, version string) (Ask, error)
	// Complete reads the answer and returns the signal that says it all: from the
	// same source at the same time, with an id of its own. The request carries
	// what the policy says about the source. Kind: Invalid.
	Complete(r Request, thin signal.Signal, answer []byte) (signal.Signal, error)
	// Refusal says what an answer other than 2xx means. Kinds: Unavailable when
	// it may pass by itself, Denied when somebody has to repair the token or its
	// permissions, NotFound when there is no such record (any more), Invalid.
	Refusal(status int, answer []byte) error
}

// Ask is a GET request to a provider's API. The token is not part of it.
type Ask struct {
	Path    string // with a slash at the start, escaped
	Query   string
	Headers map[string]string
	Account string // the account whose token may read it, where tokens differ by account; "" otherwise
}

// RecordOf returns the kind of record that a thin signal names. ok is false for a
// signal that says all there is.
func RecordOf(s signal.Signal) (r Record, ok bool) {
	switch s.Attributes[signal.AttrFetch] {
	case fetchMeta:
		return metaRecord{}, true
	case fetchLinkedIn:
		return linkedInRecord{}, true
	case fetchHubSpot:
		return hubspotRecord{}, true
	}
	for _, k := range hubspotEngagements() {
		if s.Attributes[signal.AttrFetch] == k.fetch {
			return hubspotActivity{hubspotEngagement: k}, true
		}
	}
	return nil, false
}

// Thin reports whether a signal names a record that has to be fetched.
func Thin(s signal.Signal) bool {
	_, ok := RecordOf(s)
	return ok
}

// completed begins the complete signal: what the thin one says is kept.
func completed(thin signal.Signal, kind signal.Type) *draft {
	d := newDraft(kind)
	d.id = thin.ID + fetchedMark
	d.occurredAt = thin.OccurredAt
	d.identity.ContactID = thin.Identity.ContactID
	return d
}

// finish ends it. Attributes of the thin signal stand where the record has
// none of that name.
func (d *draft) finish(r Request, thin signal.Signal) signal.Signal {
	for _, name := range sortedNames(thin.Attributes) {
		if name != signal.AttrFetch {
			d.attributes.put(name, thin.Attributes[name])
		}
	}
	r.Source, r.ReceivedAt = thin.Source, thin.ReceivedAt
	return d.signal(r)
}

func sortedNames(values map[string]string) []string {
	o := make(object, len(values))
	for name := range values {
		o[name] = nil
	}
	return sortedKeys(o)
}

// refusal is what most APIs mean by a status. The answer's words are left out:
// they may name a person.
func refusal(status int) error {
	switch {
	case status == http.StatusUnauthorized:
		return fault.New(fault.Denied, "the API answered 401: the access token is wrong, revoked or has expired")
	case status == http.StatusForbidden:
		return fault.New(fault.Denied, "the API answered 403: the access token lacks a permission")
	case status == http.StatusNotFound, status == http.StatusGone:
		return fault.New(fault.NotFound, "the API answered %d: there is no such record", status)
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return fault.New(fault.Unavailable, "the API answered %d", status)
	}
	return fault.New(fault.Invalid, "the API answered %d", status)
}

// versioned is the version of an API in the form that the company may give it:
// letters, digits and points alone, since it becomes part of an address or a header.
func versioned(version, otherwise string) (string, error) {
	if version == "" {
		return otherwise, nil
	}
	if len(version) > 20 || strings.Trim(version, "0123456789.v") != "" {
		return "", fault.New(fault.Denied, "api_version is none")
	}
	return version, nil
}
