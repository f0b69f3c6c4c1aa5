package front_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/infra/local/activity"
	"github.com/handoff-oss/handoff/infra/local/front"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/lambda"
)

// guarded starts a front with an authorizer that gives one answer.
func guarded(t *testing.T, answer lambda.Result) (url string, asked, fn *hosttest.Function) {
	t.Helper()
	asked = &hosttest.Function{Answer: func(int, []byte) lambda.Result { return answer }}
	fn = &hosttest.Function{Answer: func(int, []byte) lambda.Result { return lambda.Result{Payload: []byte(`{"statusCode":200}`)} }}
	s := httptest.NewServer(&front.Front{
		Routes: []front.Route{
			{Method: "GET", Path: "/leads/{key}", Authorizer: "People", Asks: asked, Function: fn},
			{Method: "POST", Path: "/leads/{key}", Authorizer: "People", Asks: asked, Function: fn},
			{Method: "GET", Path: "/open", Function: fn},
			{Method: "GET", Path: "/unfinished", Authorizer: "People", Function: fn},
		},
		PublicURL: "http://127.0.0.1:3000", Now: hosttest.Start().Now, Activity: &activity.Tracker{}, Log: hosttest.Log(),
		Operator: func() (string, error) { return "the-operator", nil },
	})
	t.Cleanup(s.Close)
	return s.URL, asked, fn
}

func TestWhatAnAuthorizerDecides(t *testing.T) {
	payload := func(text string) lambda.Result { return lambda.Result{Payload: []byte(text)} }
	tests := []struct {
		name   string
		answer lambda.Result
		status int
		body   string
	}{
		{"yes", payload(`{"isAuthorized":true,"context":{"person":"p"}}`), 200, ""},
		{"no", payload(`{"isAuthorized":false,"context":{"person":"p"}}`), 403, `{"message":"Forbidden"}`},
		{"an error", hosttest.Failed(), 500, `{"message":"Internal Server Error"}`},
		{"nothing", payload(`null`), 500, `{"message":"Internal Server Error"}`},
		{"no decision", payload(`{"context":{}}`), 500, `{"message":"Internal Server Error"}`},
		{"no JSON", payload(`yes`), 500, `{"message":"Internal Server Error"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url, asked, fn := guarded(t, tt.answer)
			res, body := do(t, "GET", url+"/leads/7?a=b", "", "Cookie", "one=1; two=2")
			if res.StatusCode != tt.status || body != tt.body {
				t.Errorf("%d %s", res.StatusCode, body)
			}
			if (len(fn.Calls()) == 1) != (tt.status == 200) || len(asked.Calls()) != 1 {
				t.Errorf("the function was called %d times, the authorizer %d times", len(fn.Calls()), len(asked.Calls()))
			}
		})
	}
}

func TestWhatAnAuthorizerIsAskedAndHandsOn(t *testing.T) {
	url, asked, fn := guarded(t, lambda.Result{Payload: []byte(`{"isAuthorized":true,"context":{"person":"p"}}`)})
	do(t, "GET", url+"/leads/7?a=b", "", "Cookie", "one=1; two=2", "X-Test", "x")
	var q events.APIGatewayV2CustomAuthorizerV2Request
	if err := json.Unmarshal(asked.Calls()[0], &q); err != nil {
		t.Fatal(err)
	}
	if q.Version != "2.0" || q.Type != "REQUEST" || q.RouteKey != "GET /leads/{key}" || q.RawPath != "/leads/7" || q.RawQueryString != "a=b" ||
		q.PathParameters["key"] != "7" || q.Headers["x-test"] != "x" || len(q.Cookies) != 2 || q.RequestContext.RequestID == "" {
		t.Errorf("asked %s", asked.Calls()[0])
	}
	got := sent(t, fn)
	if got.RequestContext.Authorizer == nil || got.RequestContext.Authorizer.Lambda["person"] != "p" || got.RequestContext.RequestID != q.RequestContext.RequestID {
		t.Errorf("handed on %+v", got.RequestContext)
	}
	do(t, "GET", url+"/open", "")
	if len(asked.Calls()) != 1 {
		t.Error("it is asked about an open route")
	}
	if res, _ := do(t, "GET", url+"/unfinished", ""); res.StatusCode != 500 || len(fn.Calls()) != 2 {
		t.Errorf("a route whose authorizer is not there answers %d", res.StatusCode)
	}
}

// Programs of this machine are its operator; browsers, other sites and whoever
// comes through a tunnel are not.
func TestWhoIsTheOperatorWithoutSigningIn(t *testing.T) {
	tests := []struct {
		name    string
		headers []string
		given   bool
	}{
		{"a program", nil, true},
		{"a script of our own page", []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "cors", "Origin", "OWN"}, true},
		{"a page that a browser opens", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "none"}, false},
		{"a page that another site opens", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "cross-site"}, false},
		{"a script of another site", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}, false},
		{"a script of another port", []string{"Sec-Fetch-Site", "same-site"}, false},
		{"a form of another site in an old browser", []string{"Origin", "https://evil.example"}, false},
		{"a form of a file", []string{"Origin", "null"}, false},
		{"another port in an old browser", []string{"Origin", "http://127.0.0.1:1"}, false},
		{"somebody with a session", []string{"Cookie", "handoff=x"}, false},
		{"somebody with a token", []string{"Authorization", "Bearer mine"}, false},
		{"somebody behind a tunnel", []string{"X-Forwarded-For", "203.0.113.7"}, false},
		{"somebody behind another tunnel", []string{"Forwarded", "for=203.0.113.7"}, false},
		{"somebody who comes by the tunnel's name", []string{"Host", "tunnel.example"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url, asked, _ := guarded(t, lambda.Result{Payload: []byte(`{"isAuthorized":true}`)})
			for _, method := range []string{"GET", "POST"} {
				visit(t, method, url, tt.headers)
				var q events.APIGatewayV2CustomAuthorizerV2Request
				if err := json.Unmarshal(asked.Calls()[len(asked.Calls())-1], &q); err != nil {
					t.Fatal(err)
				}
				if got := q.Headers["authorization"] == "Bearer the-operator"; got != tt.given {
					t.Errorf("%s: the authorizer is asked about %q", method, q.Headers["authorization"])
				}
			}
		})
	}
}

// visit makes a request with headers, of which OWN stands for the front's own address.
func visit(t *testing.T, method, url string, headers []string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url+"/leads/7", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], strings.ReplaceAll(headers[i+1], "OWN", url))
	}
	r.Host = r.Header.Get("Host")
	r.Header.Del("Host")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
}

func TestATokenThatCannotBeMade(t *testing.T) {
	s := httptest.NewServer(&front.Front{
		Routes: []front.Route{{Method: "GET", Path: "/x", Authorizer: "People"}}, PublicURL: "http://127.0.0.1:3000",
		Now: hosttest.Start().Now, Activity: &activity.Tracker{}, Log: hosttest.Log(), Operator: func() (string, error) { return "", errors.New("no key") },
	})
	defer s.Close()
	if res, _ := do(t, "GET", s.URL+"/x", ""); res.StatusCode != 500 {
		t.Errorf("%d", res.StatusCode)
	}
}

func TestHostsThatAreServed(t *testing.T) {
	tests := []struct {
		public, host, mode string
		status             int
		to                 string
	}{
		{"http://127.0.0.1:3000", "127.0.0.1:3000", "", 200, ""},
		{"http://127.0.0.1:3000", "127.0.0.1:3000", "navigate", 200, ""},
		{"http://127.0.0.1:3000", "localhost:3000", "", 200, ""},
		{"http://127.0.0.1:3000", "LOCALHOST:3000", "navigate", 302, "http://127.0.0.1:3000/leads?a=b"},
		{"http://127.0.0.1:3000", "[::1]:3000", "", 200, ""},
		{"http://127.0.0.1:3000", "evil.example", "", 421, ""},
		{"http://127.0.0.1:3000", "127.0.0.1.evil.example:3000", "navigate", 421, ""},
		{"http://127.0.0.1:3000", "", "", 421, ""},
		{"https://tunnel.example", "tunnel.example", "navigate", 200, ""},
		{"https://tunnel.example", "127.0.0.1:3000", "navigate", 200, ""},
		{"https://tunnel.example", "other.example", "", 421, ""},
	}
	for _, tt := range tests {
		t.Run(tt.public+" "+tt.host+" "+tt.mode, func(t *testing.T) {
			h := front.Guard(tt.public, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/leads?a=b", nil)
			r.Host = tt.host
			if tt.mode != "" {
				r.Header.Set("Sec-Fetch-Mode", tt.mode)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.status || w.Header().Get("Location") != tt.to {
				t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
			}
		})
	}
}
