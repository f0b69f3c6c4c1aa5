package front

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// authorize asks the authorizer of a route, as API Gateway does: type REQUEST,
// payload format 2.0, simple answers, no identity source, no cache. It returns
// the context that the authorizer hands on, or the status to refuse with.
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html.
func (f *Front) authorize(ctx context.Context, route found, in events.APIGatewayV2HTTPRequest) (map[string]any, int) {
	failed := func(why string) (map[string]any, int) {
		f.Log.WarnContext(ctx, "front.authorizer", slog.String("route", route.Key()), slog.String("error", why))
		return nil, http.StatusInternalServerError
	}
	if route.Asks == nil {
		return failed("there is no function behind the authorizer " + route.Authorizer)
	}
	payload, err := json.Marshal(events.APIGatewayV2CustomAuthorizerV2Request{
		Version: "2.0", Type: "REQUEST", RouteArn: "arn:aws:execute-api:us-east-1:000000000000:local/$default/" + in.RequestContext.HTTP.Method + in.RawPath,
		RouteKey: in.RouteKey, RawPath: in.RawPath, RawQueryString: in.RawQueryString, Cookies: in.Cookies, Headers: in.Headers,
		QueryStringParameters: in.QueryStringParameters, PathParameters: in.PathParameters, RequestContext: in.RequestContext,
	})
	if err != nil {
		return failed(err.Error())
	}
	result, err := route.Asks.Invoke(ctx, payload)
	switch {
	case err != nil:
		return failed(err.Error())
	case result.Err != nil:
		return failed(result.Err.Error())
	}
	var answer struct {
		IsAuthorized *bool          `json:"isAuthorized"`
		Context      map[string]any `json:"context"`
	}
	if err := json.Unmarshal(result.Payload, &answer); err != nil || answer.IsAuthorized == nil {
		return failed("the authorizer's answer has no isAuthorized")
	}
	if !*answer.IsAuthorized {
		return nil, http.StatusForbidden
	}
	return answer.Context, http.StatusOK
}
