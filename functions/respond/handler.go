package main

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/clock"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/page"
)

// handler answers GET, HEAD and POST /r/{token}, and POST /slack/interactions.
type handler struct {
	desk     desk
	channels func(ctx context.Context, now time.Time) (channels, error)
	http     *http.Client // to Slack
	pages    *page.Set
	clock    clock.Clock
	log      *slog.Logger
}

// request is what counts of an HTTP request here.
type request struct {
	id     string
	method string
	token  string
	media  string // media type of the body
	body   string
	json   bool // the caller wants JSON
	// A button in Slack was pressed, and who did it, by their member id.
	slack bool
	user  string
}

func (h handler) handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	now := h.clock(ctx)
	if e.RawPath == slackPath {
		return h.interaction(ctx, e, now), nil
	}
	r, err := read(e)
	res := resultOf(answer.Invalid, err)
	if err == nil {
		res = h.desk.answer(ctx, r, now)
	}
	out := h.reply(r, res, now)
	h.log.LogAttrs(ctx, level(res), "link.answered", append(attrs(r, res, out.StatusCode), slog.Int64("duration_ms", h.clock(ctx).Sub(now).Milliseconds()))...)
	return out, nil
}

// read takes the request from the event of an HTTP API, payload format 2.0.
// Kind: Invalid when the body is not the base64 that it is said to be.
func read(e events.APIGatewayV2HTTPRequest) (request, error) {
	headers := headersOf(e)
	media, _, _ := strings.Cut(headers["content-type"], ";")
	accept := strings.ToLower(headers["accept"])
	r := request{
		id: e.RequestContext.RequestID, method: e.RequestContext.HTTP.Method, token: e.PathParameters["token"],
		media: strings.ToLower(strings.TrimSpace(media)), body: e.Body,
		json: strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html"),
	}
	if r.token == "" {
		r.token = e.RawPath[strings.LastIndexByte(e.RawPath, '/')+1:]
	}
	body, err := bodyOf(e)
	r.body = body
	return r, err
}

// headersOf returns the headers by their names in lower case.
func headersOf(e events.APIGatewayV2HTTPRequest) map[string]string {
	headers := make(map[string]string, len(e.Headers))
	for name, value := range e.Headers {
		headers[strings.ToLower(name)] = value
	}
	return headers
}

// bodyOf returns the body as it was sent. Kind: Invalid.
func bodyOf(e events.APIGatewayV2HTTPRequest) (string, error) {
	if !e.IsBase64Encoded {
		return e.Body, nil
	}
	body, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return "", fault.New(fault.Invalid, "the body is not base64")
	}
	return string(body), nil
}

// attrs are what the one log line of a request says. The token is a capability
// and stays out, as does what the rep wrote.
func attrs(r request, res result, status int) []slog.Attr {
	out := []slog.Attr{
		slog.String("request_id", r.id),
		slog.String("method", r.method),
		slog.Int("status", status),
		slog.String("outcome", string(res.State)),
	}
	if res.Claims.Lead != "" {
		out = append(out,
			slog.String("lead", string(res.Claims.Lead)),
			slog.Int("handoff", res.Claims.Handoff),
			slog.String("purpose", string(res.Claims.Purpose)))
	}
	if res.Err != nil {
		out = append(out, slog.String("error", res.Err.Error()), slog.String("error_kind", fault.KindOf(res.Err).String()))
	}
	return out
}

func level(res result) slog.Level {
	switch res.State { //nolint:exhaustive // The others are what is expected.
	case answer.Unavailable, answer.Failed:
		return slog.LevelError
	case stateForged, answer.Parked, answer.Invalid, stateMethod, stateStranger:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// status is the HTTP status of a result.
func status(s answer.State) int {
	switch s { //nolint:exhaustive // The others are of an answer.
	case stateIgnored:
		return http.StatusOK
	case stateExpired:
		return http.StatusGone
	case stateForged, stateStranger:
		return http.StatusForbidden
	case stateMethod:
		return http.StatusMethodNotAllowed
	}
	return s.Status()
}
