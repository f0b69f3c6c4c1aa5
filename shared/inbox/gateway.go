package inbox

import (
	"encoding/base64"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
)

// FromGateway reads the event of an HTTP API, payload format 2.0. publicURL is
// the address under which senders know this API, without a path at its end;
// when it is empty, the request's own host is it. Kind: Invalid when the body
// is not the base64 that it is said to be; the request is set all the same.
func FromGateway(e events.APIGatewayV2HTTPRequest, kind inbound.Kind, publicURL string, received time.Time) (inbound.Request, error) {
	headers := make(map[string]string, len(e.Headers))
	for name, value := range e.Headers {
		headers[strings.ToLower(name)] = value
	}
	path := e.RawPath
	if stage := e.RequestContext.Stage; stage != "" && stage != "$default" {
		path = strings.TrimPrefix(path, "/"+stage)
	}
	req := inbound.Request{
		Method: e.RequestContext.HTTP.Method, URL: baseURL(e, headers, publicURL) + path, Path: path, Query: e.RawQueryString,
		Headers: headers, Body: []byte(e.Body), ReceivedAt: received.UTC(), Kind: kind, Source: sourceOf(e, path),
	}
	if e.RawQueryString != "" {
		req.URL += "?" + e.RawQueryString
	}
	if !e.IsBase64Encoded {
		return req, nil
	}
	body, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		req.Body = nil
		return req, fault.New(fault.Invalid, "the body is not base64")
	}
	req.Body = body
	return req, nil
}

func baseURL(e events.APIGatewayV2HTTPRequest, headers map[string]string, publicURL string) string {
	if publicURL != "" {
		return strings.TrimRight(publicURL, "/")
	}
	scheme := headers["x-forwarded-proto"]
	if scheme == "" {
		scheme = "https"
	}
	return scheme + "://" + e.RequestContext.DomainName
}

func sourceOf(e events.APIGatewayV2HTTPRequest, path string) string {
	if name := e.PathParameters["source"]; name != "" {
		return name
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

// ToGateway writes the answer as a response of an HTTP API. A HEAD request
// gets no body.
func ToGateway(a inbound.Answer, method string) events.APIGatewayV2HTTPResponse {
	out := events.APIGatewayV2HTTPResponse{StatusCode: a.Status, Headers: a.Headers, Body: a.Body}
	if method == "HEAD" {
		out.Body = ""
	}
	return out
}

// Refuse reports a request whose body could not even be decoded.
func Refuse(req inbound.Request, requestID string, err error) Report {
	rep := Report{Result: inbound.Result{RequestID: requestID}}
	rep.end(inbound.Malformed, err.Error())
	rep.Answer = inbound.AnswerUnknown(req, rep.Result)
	return rep
}

// Attrs returns what stands in the one log line of a webhook: no payload, no
// address, no secret. A person is named by the lead's key.
func (rep Report) Attrs(req inbound.Request, took time.Duration) []slog.Attr {
	res := rep.Result
	attrs := []slog.Attr{
		slog.String("request_id", res.RequestID),
		slog.String("source", printable(req.Source)),
		slog.String("provider", rep.Provider),
		slog.String("method", printable(req.Method)),
		slog.String("outcome", string(res.Outcome)),
		slog.Int("status", rep.Answer.Status),
		slog.Int("bytes", len(req.Body)),
		slog.Int("stored", res.Stored),
		slog.Int("duplicates", res.Duplicates),
		slog.Int("parked", res.Parked),
		slog.Int("test", res.Test),
		slog.Int("nobody", res.Nobody),
		slog.Int("skipped", res.Skipped),
		slog.Int64("duration_ms", took.Milliseconds()),
	}
	if rep.Lead != "" {
		attrs = append(attrs, slog.String("lead", string(rep.Lead)))
	}
	if res.Detail != "" {
		attrs = append(attrs, slog.String("detail", res.Detail))
	}
	if rep.Err != nil {
		attrs = append(attrs, slog.String("error", rep.Err.Error()), slog.String("error_kind", fault.KindOf(rep.Err).String()))
	}
	return attrs
}

// Level returns how loudly to log: an error when the operator must act, a
// warning when somebody was refused or signals wait on the queue.
func (rep Report) Level() slog.Level {
	switch {
	case rep.Result.Outcome == inbound.Unavailable:
		return slog.LevelError
	case rep.Answer.Status >= 400, rep.Err != nil, rep.Result.Skipped > 0,
		rep.Result.Outcome == inbound.Malformed, rep.Result.Outcome == inbound.TooLarge: // some must be told 200
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// printable bounds what strangers write into the log: a source's name is short.
func printable(s string) string {
	if len(s) > 64 {
		return s[:64]
	}
	return s
}
