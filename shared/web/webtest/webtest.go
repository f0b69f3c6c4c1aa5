// Package webtest makes requests as API Gateway sends them, and reads pages as
// people do, for the tests of the functions behind pages and JSON.
package webtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/web"
)

// RequestID is the id of each request.
const RequestID = "TrWqJjA4FiAEJ0w="

// Somebody returns a person with some roles, who has a session.
func Somebody(roles ...access.Role) access.Person {
	return access.Person{Subject: "u-17", Email: "kim.sato@our-company.example", Name: "Kim Sato", Roles: roles, Token: "a token of kim"}
}

// Event is a request by a method for a target, a path with a query, as the
// authorizer lets it through for a person. A path that no route has is sent
// all the same, with its own text as the route.
func Event(tb testing.TB, method, target string, who access.Person) events.APIGatewayV2HTTPRequest {
	tb.Helper()
	path, query, _ := strings.Cut(target, "?")
	route, params := routeOf(method, path)
	context, err := who.Context()
	if err != nil {
		tb.Fatal(err)
	}
	return events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: route, RawPath: path, RawQueryString: query, PathParameters: params, Headers: map[string]string{"accept": "*/*"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: route, Stage: "$default", RequestID: RequestID,
			Authorizer: &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: context},
			HTTP:       events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, Path: path},
		},
	}
}

// Form is a form that a person sends from a page of ours: it has their token,
// unless fields have another one.
func Form(tb testing.TB, target string, who access.Person, fields url.Values) events.APIGatewayV2HTTPRequest {
	tb.Helper()
	e := Event(tb, http.MethodPost, target, who)
	values := url.Values{web.TokenField: {who.Token}}
	for name, v := range fields {
		values[name] = v
	}
	e.Headers["content-type"] = "application/x-www-form-urlencoded"
	e.Body = values.Encode()
	return e
}

// routeOf finds the route of a path, as API Gateway does: literal segments
// before placeholders.
func routeOf(method, path string) (route string, params map[string]string) {
	got := strings.Split(path, "/")
	best := -1
	for r := range access.Routes() {
		m, pattern, _ := strings.Cut(string(r), " ")
		want := strings.Split(pattern, "/")
		if m != method || len(want) != len(got) {
			continue
		}
		found, literals := map[string]string{}, 0
		if slices.EqualFunc(want, got, func(w, g string) bool {
			name, ok := strings.CutPrefix(w, "{")
			if !ok {
				literals++
				return w == g
			}
			found[strings.TrimSuffix(name, "}")] = g
			return g != ""
		}) && literals > best {
			best, route, params = literals, string(r), found
		}
	}
	if best < 0 {
		return method + " " + path, nil
	}
	return route, params
}
