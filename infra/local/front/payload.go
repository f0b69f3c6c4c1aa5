package front

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/fault"
)

// request turns a request into the payload that the function gets.
func (f *Front) request(r *http.Request, route found, body []byte) (events.APIGatewayV2HTTPRequest, error) {
	now := f.Now()
	cookies := []string{}
	for _, line := range r.Header.Values("Cookie") {
		for _, c := range strings.Split(line, ";") {
			cookies = append(cookies, strings.TrimSpace(c))
		}
	}
	public, err := url.Parse(f.PublicURL)
	if err != nil {
		return events.APIGatewayV2HTTPRequest{}, fault.Wrap(fault.Invalid, "read the public URL", err)
	}
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		source = r.RemoteAddr
	}
	in := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: route.Key(), RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Cookies: cookies, Headers: headers(r, public, source), PathParameters: route.parameters,
		QueryStringParameters: query(r.URL),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: route.Key(), AccountID: "000000000000", Stage: "$default", RequestID: f.requestID(), APIID: "local",
			DomainName: public.Host, DomainPrefix: strings.Split(public.Host, ".")[0],
			Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent(),
			},
		},
	}
	if route.Authorizer != "" && f.Operator != nil && !hasCredentials(r) && FromHere(r) {
		token, err := f.Operator()
		if err != nil {
			return in, err
		}
		in.Headers["authorization"] = "Bearer " + token
	}
	in.Body = string(body)
	if len(body) > 0 && !isText(r.Header.Get("Content-Type"), body) {
		in.Body, in.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return in, nil
}

// headers are in lower case, several values joined by commas.
func headers(r *http.Request, public *url.URL, source string) map[string]string {
	h := map[string]string{}
	for name, values := range r.Header {
		if name != "Cookie" {
			h[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	h["host"] = r.Host
	forwarded := source
	if before := h["x-forwarded-for"]; before != "" {
		forwarded = before + ", " + source
	}
	port := public.Port()
	if port == "" {
		port = map[string]string{"https": "443"}[public.Scheme]
	}
	h["x-forwarded-for"], h["x-forwarded-proto"], h["x-forwarded-port"] = forwarded, public.Scheme, port
	return h
}

func query(u *url.URL) map[string]string {
	if u.RawQuery == "" {
		return nil
	}
	m := map[string]string{}
	for name, values := range u.Query() {
		m[name] = strings.Join(values, ",")
	}
	return m
}

// isText tells whether API Gateway hands a body on as it is. All else, forms
// too, goes as base64.
func isText(contentType string, body []byte) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil && contentType != "" {
		kind, _, _ = strings.Cut(contentType, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	switch {
	case !utf8.Valid(body):
		return false
	case kind == "", strings.HasPrefix(kind, "text/"), strings.HasSuffix(kind, "+json"), strings.HasSuffix(kind, "+xml"):
		return true
	}
	return kind == "application/json" || kind == "application/xml" || kind == "application/javascript"
}

// answer writes a function's answer. Kind: Invalid when it is none.
func answer(w http.ResponseWriter, payload []byte) error {
	var out struct {
		StatusCode        int                 `json:"statusCode"`
		Headers           map[string]string   `json:"headers"`
		MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
		Cookies           []string            `json:"cookies"`
		Body              string              `json:"body"`
		IsBase64Encoded   bool                `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(payload, &out); err != nil || out.StatusCode < 200 || out.StatusCode > 599 {
		return fault.New(fault.Invalid, "the function's answer has no statusCode")
	}
	body := []byte(out.Body)
	if out.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(out.Body)
		if err != nil {
			return fault.Wrap(fault.Invalid, "decode the function's answer", err)
		}
		body = decoded
	}
	for name, values := range out.MultiValueHeaders {
		for _, v := range values {
			w.Header().Add(name, v)
		}
	}
	for name, v := range out.Headers {
		w.Header().Set(name, v)
	}
	for _, c := range out.Cookies {
		w.Header().Add("Set-Cookie", c)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "text/plain;charset=UTF-8")
	}
	w.WriteHeader(out.StatusCode)
	_, _ = w.Write(body) // The client may be gone.
	return nil
}
