package front_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/front"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/lambda"
)

// serve starts a front with one function behind all routes.
func serve(t *testing.T, answer string, routes ...front.Route) (url string, fn *hosttest.Function) {
	t.Helper()
	fn = &hosttest.Function{Answer: func(int, []byte) lambda.Result {
		if answer == "" {
			return hosttest.Failed()
		}
		return lambda.Result{Payload: []byte(answer)}
	}}
	for i := range routes {
		routes[i].Function = fn
	}
	s := httptest.NewServer(&front.Front{
		Routes: routes, PublicURL: "http://127.0.0.1:3000", Now: hosttest.Start().Now, Activity: &activity.Tracker{}, Log: hosttest.Log(),
	})
	t.Cleanup(s.Close)
	return s.URL, fn
}

// reply is an answer that has been read.
type reply struct {
	StatusCode int
	Header     http.Header
}

func do(t *testing.T, method, url, body string, headers ...string) (reply, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header}, string(b)
}

func sent(t *testing.T, fn *hosttest.Function) events.APIGatewayV2HTTPRequest {
	t.Helper()
	calls := fn.Calls()
	if len(calls) != 1 {
		t.Fatalf("%d calls", len(calls))
	}
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(calls[0], &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestARequestBecomesAPayloadOfFormat2(t *testing.T) {
	url, fn := serve(t, `{"statusCode":204}`, front.Route{Method: "POST", Path: "/webhooks/forms/{source}"})
	res, _ := do(t, "POST", url+"/webhooks/forms/typeform?a=1&a=2&b=%2F", `{"x":1}`,
		"Content-Type", "application/json", "X-Twice", "one", "X-Twice", "two", "Cookie", "a=1; b=2", "User-Agent", "tester")
	if res.StatusCode != 204 {
		t.Errorf("status %d", res.StatusCode)
	}
	e := sent(t, fn)
	want := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "POST /webhooks/forms/{source}", RawPath: "/webhooks/forms/typeform", RawQueryString: "a=1&a=2&b=%2F",
		Cookies: []string{"a=1", "b=2"}, QueryStringParameters: map[string]string{"a": "1,2", "b": "/"},
		PathParameters: map[string]string{"source": "typeform"}, Body: `{"x":1}`,
		Headers: map[string]string{
			"content-type": "application/json", "x-twice": "one,two", "user-agent": "tester", "content-length": "7", "accept-encoding": "gzip",
			"host": strings.TrimPrefix(url, "http://"), "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "http", "x-forwarded-port": "3000",
		},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: "POST /webhooks/forms/{source}", AccountID: "000000000000", Stage: "$default", RequestID: e.RequestContext.RequestID, APIID: "local",
			DomainName: "127.0.0.1:3000", DomainPrefix: "127", Time: "02/Mar/2026:09:00:00 +0000", TimeEpoch: hosttest.Start().Now().UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: "POST", Path: "/webhooks/forms/typeform", Protocol: "HTTP/1.1", SourceIP: "127.0.0.1", UserAgent: "tester",
			},
		},
	}
	delete(e.Headers, "accept-encoding")
	delete(want.Headers, "accept-encoding")
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
	if e.RequestContext.RequestID == "" {
		t.Error("the request has no id")
	}
}

func TestWhatAPIGatewaySendsAsBase64(t *testing.T) {
	tests := []struct {
		contentType, body string
		encoded           bool
	}{
		{"application/json", `{}`, false},
		{"application/json; charset=utf-8", `{}`, false},
		{"application/cloudevents+json", `{}`, false},
		{"text/plain", "hello", false},
		{"", "hello", false},
		{"application/x-www-form-urlencoded", "a=b", true},
		{"multipart/form-data; boundary=x", "--x--", true},
		{"application/octet-stream", "hello", true},
		{"application/json", "\xff\xfe", true},
	}
	for _, tt := range tests {
		t.Run(tt.contentType, func(t *testing.T) {
			url, fn := serve(t, `{"statusCode":200}`, front.Route{Method: "POST", Path: "/x"})
			do(t, "POST", url+"/x", tt.body, "Content-Type", tt.contentType)
			e := sent(t, fn)
			body := []byte(e.Body)
			if e.IsBase64Encoded {
				decoded, err := base64.StdEncoding.DecodeString(e.Body)
				if err != nil {
					t.Fatal(err)
				}
				body = decoded
			}
			if e.IsBase64Encoded != tt.encoded || string(body) != tt.body {
				t.Errorf("base64 is %v, the body %q", e.IsBase64Encoded, body)
			}
		})
	}
}

func TestRoutesAreChosenByHowMuchTheySay(t *testing.T) {
	routes := []front.Route{
		{Method: "ANY", Path: "/{rest+}"},
		{Method: "GET", Path: "/leads/{key}"},
		{Method: "GET", Path: "/leads/new"},
		{Method: "ANY", Path: "/leads/{key}"},
		{Method: "GET", Path: "/leads/{key}/timeline"},
		{Method: "GET", Path: "/"},
	}
	tests := []struct{ method, path, want string }{
		{"GET", "/leads/new", "GET /leads/new"},
		{"GET", "/leads/1", "GET /leads/{key}"},
		{"POST", "/leads/1", "ANY /leads/{key}"},
		{"GET", "/leads/1/timeline", "GET /leads/{key}/timeline"},
		{"GET", "/leads/1/other", "ANY /{rest+}"},
		{"GET", "/", "GET /"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			url, fn := serve(t, `{"statusCode":200}`, append([]front.Route(nil), routes...)...)
			do(t, tt.method, url+tt.path, "")
			if got := sent(t, fn).RouteKey; got != tt.want {
				t.Errorf("the route is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name, answer string
		status       int
		body         string
	}{
		{"a page", `{"statusCode":200,"headers":{"content-type":"text/html"},"body":"<p>"}`, 200, "<p>"},
		{"bytes", `{"statusCode":201,"isBase64Encoded":true,"body":"aGVsbG8="}`, 201, "hello"},
		{"no answer", `null`, 500, `{"message":"Internal Server Error"}`},
		{"bytes that are none", `{"statusCode":200,"isBase64Encoded":true,"body":"%"}`, 500, `{"message":"Internal Server Error"}`},
		{"a status that is none", `{"statusCode":7}`, 500, `{"message":"Internal Server Error"}`},
		{"an error", "", 500, `{"message":"Internal Server Error"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url, _ := serve(t, tt.answer, front.Route{Method: "GET", Path: "/x"})
			res, body := do(t, "GET", url+"/x", "")
			if res.StatusCode != tt.status || body != tt.body {
				t.Errorf("%d %s", res.StatusCode, body)
			}
		})
	}
}

func TestHeadersAndCookiesOfAnAnswer(t *testing.T) {
	url, _ := serve(t, `{"statusCode":303,"headers":{"Location":"/next"},"cookies":["a=1","b=2"]}`, front.Route{Method: "GET", Path: "/x"})
	res, _ := do(t, "GET", url+"/x", "")
	if res.Header.Get("Location") != "/next" || len(res.Header.Values("Set-Cookie")) != 2 {
		t.Errorf("the headers are %v", res.Header)
	}
}

func TestWhatAPIGatewayRefusesByItself(t *testing.T) {
	url, fn := serve(t, `{"statusCode":200}`, front.Route{Method: "POST", Path: "/x"})
	if res, body := do(t, "POST", url+"/y", ""); res.StatusCode != 404 || body != `{"message":"Not Found"}` {
		t.Errorf("an unknown path: %d %s", res.StatusCode, body)
	}
	if res, _ := do(t, "GET", url+"/x", ""); res.StatusCode != 404 {
		t.Errorf("another method: %d", res.StatusCode)
	}
	for _, size := range []int{7 << 20, 11 << 20} {
		if res, _ := do(t, "POST", url+"/x", strings.Repeat("x", size)); res.StatusCode != 413 {
			t.Errorf("%d bytes: %d", size, res.StatusCode)
		}
	}
	if len(fn.Calls()) != 0 {
		t.Error("the function was called")
	}
}

func TestWorkIsCountedWhileAFunctionRuns(t *testing.T) {
	a, began, end := &activity.Tracker{}, make(chan struct{}), make(chan struct{})
	fn := &hosttest.Function{Answer: func(int, []byte) lambda.Result {
		close(began)
		<-end
		return lambda.Result{Payload: []byte(`{"statusCode":200}`)}
	}}
	s := httptest.NewServer(&front.Front{
		Routes: []front.Route{{Method: "GET", Path: "/x", Function: fn}}, PublicURL: "http://127.0.0.1:3000", Now: time.Now, Activity: a, Log: hosttest.Log(),
	})
	defer s.Close()
	answered := make(chan struct{})
	go func() { defer close(answered); do(t, "GET", s.URL+"/x", "") }()
	<-began
	if _, inFlight := a.State(); inFlight != 1 {
		t.Errorf("%d in flight", inFlight)
	}
	close(end)
	<-answered
	if _, inFlight := a.State(); inFlight != 0 {
		t.Errorf("%d in flight", inFlight)
	}
}
