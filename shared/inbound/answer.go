package inbound

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Outcome is what became of a webhook.
type Outcome string

// The outcomes.
const (
	Accepted      Outcome = "accepted"       // every signal is stored
	Duplicate     Outcome = "duplicate"      // every signal was stored before
	Parked        Outcome = "parked"         // at least one signal waits on the queue to be stored
	Ignored       Outcome = "ignored"        // nothing to store: test events, bait, events about nobody
	BadSignature  Outcome = "bad_signature"  // not from the provider, or too old
	Malformed     Outcome = "malformed"      // verified, but not readable
	TooLarge      Outcome = "too_large"      // over MaxBody
	WrongPath     Outcome = "wrong_path"     // the source's provider does not send this kind
	BadMethod     Outcome = "bad_method"     // neither POST, GET nor HEAD
	Probe         Outcome = "probe"          // GET or HEAD: somebody asks whether the address works
	Challenged    Outcome = "challenged"     // the provider's question whether the address is ours was answered
	UnknownSource Outcome = "unknown_source" // the policy has no source of that name
	Unavailable   Outcome = "unavailable"    // neither stored nor parked: come again
)

// Result is what became of a webhook, with the counts that stand in the answer
// and in the log line.
type Result struct {
	Outcome    Outcome
	RequestID  string
	Detail     string // for a person, safe to send; what was wrong
	Stored     int
	Duplicates int
	Parked     int
	Test       int // provider's test events: seen, not stored
	Nobody     int // events about no person: seen, not stored
	Skipped    int // unreadable elements of a batch
}

// Answer is the HTTP response.
type Answer struct {
	Status  int
	Headers map[string]string
	Body    string
}

// rules are what one provider gets: statuses that differ from the common ones,
// and how it wants to be asked to come again.
type rules struct {
	status     map[Outcome]int
	retryAfter string
	success    string // the body of every answer below 400, where the provider wants to read one
}

// rulesOf is the table of answers. The reasons stand beside what differs.
func rulesOf(provider string) rules {
	seconds := strconv.Itoa(retrySeconds)
	switch provider {
	case "typeform":
		// 404 and 410 disable the webhook at once and for good, so a known source
		// never gets them (WrongPath is 403). 503 is tried again every few
		// minutes for ten hours; other codes five times.
		return rules{retryAfter: seconds}
	case "hubspot":
		// App webhooks are tried again on every 4xx and 5xx, ten times in a day;
		// workflows on 5xx and 429 alone, for three days. Workflows read
		// Retry-After as milliseconds; apps do not read it.
		return rules{retryAfter: strconv.Itoa(retrySeconds * 1000)}
	case "html":
		// A browser shows a dialog for some 401s and cannot answer any.
		return rules{retryAfter: seconds, status: map[Outcome]int{BadSignature: http.StatusForbidden}}
	case "standard":
		// Our own contract can say what happened; 410 would disable, so it is never used.
		return rules{retryAfter: seconds, status: map[Outcome]int{Parked: http.StatusAccepted}}
	case "google-ads":
		// An empty object is what success looks like. 5xx is tried again.
		return rules{retryAfter: seconds, success: "{}"}
	case "mailgun":
		// 406 alone ends the tries; all other codes are tried again for eight hours.
		// What can never be read is ended; a signature may fit once the secret is
		// put right.
		return rules{retryAfter: seconds, status: map[Outcome]int{
			Malformed: http.StatusNotAcceptable, TooLarge: http.StatusNotAcceptable,
		}}
	case "postmark":
		// 403 alone ends the tries. What can never be read is ended; a wrong token
		// or path can be put right in the meantime.
		return rules{retryAfter: seconds, status: map[Outcome]int{
			Malformed: http.StatusForbidden, TooLarge: http.StatusForbidden, WrongPath: http.StatusBadRequest,
		}}
	case "customerio":
		// Any refusal keeps all later events waiting, for up to seven days. So what
		// can never be read is taken and let go, with a warning in the log; the
		// others can be put right in the meantime.
		return rules{retryAfter: seconds, status: map[Outcome]int{Malformed: http.StatusOK, TooLarge: http.StatusOK}}
	}
	// webflow: exactly 200 counts; all else is tried again three times, ten
	// minutes apart, and in the end disables the webhook. So success is never 202
	// and nothing redirects.
	// meta: all but 200 is tried again for 36 hours, then dropped.
	// linkedin: all but 2xx may be tried again; for how long is not stated.
	// tally: all but 2xx within ten seconds is tried again five times in a day and more.
	// jotform, unbounce: not stated. gravity-forms: WordPress tries again.
	// calendly: all but 2xx is tried again for a day, then the subscription is
	// disabled without a word and has to be made anew.
	// calcom: sent once, whatever the answer.
	// pipedrive: all but 2xx within ten seconds is tried again three times; after
	// many failures the webhook is banned for a while or deleted.
	// salesforce: all but 200 with an Ack of true is tried again for a day; the
	// adapter writes the Ack.
	// segment: 5xx is tried again for four hours, 4xx never.
	// sendgrid: all but 2xx is tried again for a day.
	// zoom: all but 2xx is tried again after 5, 20 and 60 minutes.
	// intercom: tried again once after a minute; 410 ends the subscription, so it is never used.
	// rudderstack, posthog: 5xx and 429 are tried again. snowplow: the tracker
	// keeps what was not taken, and gives up on 400, 401, 403 and 422.
	// marketo: never tried again. mailchimp, mandrill: not stated.
	return rules{retryAfter: seconds}
}

// retrySeconds is how long a sender should wait when nothing could be stored.
const retrySeconds = 30

func statusOf(o Outcome) int {
	switch o {
	case Accepted, Duplicate, Parked, Ignored, Probe, Challenged:
		return http.StatusOK
	case BadSignature:
		return http.StatusUnauthorized
	case Malformed:
		return http.StatusBadRequest
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case WrongPath:
		return http.StatusForbidden
	case BadMethod:
		return http.StatusMethodNotAllowed
	case UnknownSource:
		return http.StatusNotFound
	case Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// machine gives an adapter the answers for programs: counts as JSON, errors as
// problem details (RFC 9457).
type machine struct{ provider string }

// Answer looks the outcome up in the table of answers.
func (m machine) Answer(_ Request, r Result) Answer {
	own := rulesOf(m.provider)
	status, differs := own.status[r.Outcome]
	if !differs {
		status = statusOf(r.Outcome)
	}
	if status < http.StatusBadRequest {
		if own.success != "" {
			return Answer{Status: status, Headers: header("application/json"), Body: own.success}
		}
		return counts(status, r)
	}
	a := problem(status, r)
	switch status {
	case http.StatusServiceUnavailable:
		a.Headers["Retry-After"] = own.retryAfter
	case http.StatusUnauthorized:
		a.Headers["WWW-Authenticate"] = "Webhook-Signature" // RFC 9110 asks for a challenge
	case http.StatusMethodNotAllowed:
		a.Headers["Allow"] = "POST, GET, HEAD"
	}
	return a
}

// AnswerUnknown is the answer where no adapter is known: the source does not
// exist, or the body was refused before it was looked up. A missing source is
// 404, except to a Typeform sender, whose webhook a 404 would disable for good
// because of a slip in the policy. A browser that posts a form is shown a page.
func AnswerUnknown(req Request, r Result) Answer {
	if r.Outcome == UnknownSource && req.Headers["typeform-signature"] != "" {
		a := problem(http.StatusForbidden, r)
		return a
	}
	a := machine{}.Answer(req, r)
	if isFormInBrowser(req) && a.Status >= http.StatusBadRequest {
		return refusalPage(a, r)
	}
	return a
}

func isFormInBrowser(r Request) bool {
	return r.Method == http.MethodPost && strings.Contains(r.Headers["accept"], "text/html") &&
		strings.HasPrefix(strings.ToLower(r.Headers["content-type"]), "application/x-www-form-urlencoded")
}

// proven is the answer to a provider's question whether the address is ours:
// status 200 and what the provider wants to read.
func proven(contentType, body string) Answer {
	return Answer{Status: http.StatusOK, Headers: header(contentType), Body: body}
}

func counts(status int, r Result) Answer {
	body := struct {
		Status     Outcome `json:"status"`
		Stored     int     `json:"stored"`
		Duplicates int     `json:"duplicates,omitempty"`
		Parked     int     `json:"parked,omitempty"`
		Test       int     `json:"test,omitempty"`
		Nobody     int     `json:"nobody,omitempty"`
		Skipped    int     `json:"skipped,omitempty"`
	}{r.Outcome, r.Stored, r.Duplicates, r.Parked, r.Test, r.Nobody, r.Skipped}
	return Answer{Status: status, Headers: header("application/json"), Body: encode(body)}
}

func problem(status int, r Result) Answer {
	body := struct {
		Type      string `json:"type"`
		Title     string `json:"title"`
		Status    int    `json:"status"`
		Detail    string `json:"detail,omitempty"`
		Code      string `json:"code"`
		RequestID string `json:"request_id,omitempty"`
	}{"about:blank", http.StatusText(status), status, r.Detail, string(r.Outcome), r.RequestID}
	return Answer{Status: status, Headers: header("application/problem+json"), Body: encode(body)}
}

func header(contentType string) map[string]string {
	return map[string]string{
		"Content-Type":           contentType,
		"Cache-Control":          "no-store",
		"X-Content-Type-Options": "nosniff",
	}
}

// encode cannot fail: it is given structs of strings and numbers alone.
func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "{}"
	}
	return string(b)
}
