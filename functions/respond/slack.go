package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
)

// slackPath is where Slack posts what people press:
// https://docs.slack.dev/interactivity/handling-user-interaction
const slackPath = "/slack/interactions"

// Slack shows an error to the person when there is no answer within three
// seconds. Everything before it shares slackTime; what is left of it, at most
// tellTimeout, is for saying what went wrong.
const (
	slackTime   = 2700 * time.Millisecond
	secretTime  = 500 * time.Millisecond
	tellTimeout = 1500 * time.Millisecond
)

// prompt are the limits of the desk for a button in Slack.
func prompt() answer.Limits {
	return answer.Limits{Read: 700 * time.Millisecond, Put: 600 * time.Millisecond, Park: 400 * time.Millisecond}
}

// told is what became of a request of Slack's, for the log.
type told struct {
	status  int
	request request
	result  result
	problem error // of telling the person
}

// interaction answers Slack. A genuine request gets 200 and an empty body
// whatever becomes of it: what went wrong is told to the person alone.
func (h handler) interaction(ctx context.Context, e events.APIGatewayV2HTTPRequest, now time.Time) events.APIGatewayV2HTTPResponse {
	ctx, cancel := context.WithTimeout(ctx, slackTime)
	defer cancel()
	out := h.press(ctx, e, now)
	line := append(attrs(out.request, out.result, out.status), slog.Int64("duration_ms", h.clock(ctx).Sub(now).Milliseconds()))
	if out.problem != nil {
		line = append(line, slog.String("tell_error", out.problem.Error()))
	}
	h.log.LogAttrs(ctx, level(out.result), "slack.answered", line...)
	headers := page.Security()
	headers["Referrer-Policy"] = "no-referrer"
	return events.APIGatewayV2HTTPResponse{StatusCode: out.status, Headers: headers}
}

// press checks who calls, and acts on the button.
func (h handler) press(ctx context.Context, e events.APIGatewayV2HTTPRequest, now time.Time) told {
	r := request{id: e.RequestContext.RequestID, method: http.MethodPost, slack: true}
	refuse := func(status int, s answer.State, err error) told {
		return told{status: status, request: r, result: resultOf(s, err)}
	}
	headers := headersOf(e)
	body, err := bodyOf(e)
	if err != nil || len(body) > maxPayload {
		return refuse(http.StatusUnauthorized, stateForged, err)
	}
	if body == "ssl_check=1" && headers[signatureHeader] == "" { // Slack looks at the certificate, and asks for nothing
		return refuse(http.StatusOK, stateIgnored, nil)
	}
	reading, cancel := context.WithTimeout(ctx, secretTime)
	defer cancel()
	known, err := h.channels(reading, now)
	if err != nil {
		return refuse(http.StatusServiceUnavailable, answer.Unavailable, err)
	}
	if !isGenuine(known.Slack.SigningSecret, headers, body, now) {
		return refuse(http.StatusUnauthorized, stateForged, nil)
	}
	p, err := parsePayload(body)
	if err != nil {
		return refuse(http.StatusOK, answer.Invalid, err)
	}
	if p.token == "" {
		return refuse(http.StatusOK, stateIgnored, nil)
	}
	r.token, r.user, r.media, r.body = p.token, p.user, "application/json", p.body
	desk := h.desk
	desk.Limits = prompt()
	out := told{status: http.StatusOK, request: r, result: desk.answer(ctx, r, now)}
	if out.result.State != answer.Recorded {
		out.problem = h.tell(ctx, known.Slack.APIURL, p.responseURL, out.result, now)
	}
	return out
}

// pressed is what a payload says: which button, by whom.
type pressed struct {
	token       string // "" when nothing of ours was pressed
	user        string // member id
	body        string // the form of the answer, as JSON
	responseURL string
}

// payload is what counts of a block_actions payload:
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
type payload struct {
	Type string `json:"type"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	ResponseURL string   `json:"response_url"`
	Actions     []action `json:"actions"`
}

type action struct {
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	Value    string `json:"value"`
	URL      string `json:"url"`
	Selected struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

// parsePayload reads the form of a request. Kind: Invalid.
func parsePayload(body string) (pressed, error) {
	form, err := url.ParseQuery(body)
	if err != nil {
		return pressed{}, fault.New(fault.Invalid, "the body is no form")
	}
	if form.Get("ssl_check") == "1" {
		return pressed{}, nil
	}
	var p payload
	if json.Unmarshal([]byte(form.Get("payload")), &p) != nil {
		// The decoder's message may quote the payload: leave it out.
		return pressed{}, fault.New(fault.Invalid, "the payload is not the JSON that is expected here")
	}
	if p.Type != "block_actions" {
		return pressed{}, nil
	}
	for _, a := range p.Actions {
		token, fields := a.answer()
		if token == "" {
			continue
		}
		body, err := json.Marshal(fields)
		return pressed{token: token, user: p.User.ID, body: string(body), responseURL: p.ResponseURL}, fault.Wrap(fault.Internal, "encode answer", err)
	}
	return pressed{}, nil
}
