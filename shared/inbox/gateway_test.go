package inbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/inbox"
)

const gatewayEvent = `{"version":"2.0","routeKey":"POST /webhooks/forms/{source}","rawPath":"/webhooks/forms/typeform","rawQueryString":"a=b%2Fc",
"headers":{"Content-Type":"application/json","X-FORWARDED-PROTO":"https","Typeform-Signature":"sha256=x"},
"requestContext":{"domainName":"abc.execute-api.eu-central-1.amazonaws.com","requestId":"JKJaXmPLvHcESHA=","stage":"$default","http":{"method":"POST","path":"/webhooks/forms/typeform"}},
"pathParameters":{"source":"typeform"},"body":"eyJhIjoiw6QifQ0K","isBase64Encoded":true}`

func TestFromGateway(t *testing.T) {
	for _, c := range []struct {
		name, public, url string
		edit              func(*events.APIGatewayV2HTTPRequest)
		body              string
	}{
		{"own host", "", "https://abc.execute-api.eu-central-1.amazonaws.com/webhooks/forms/typeform?a=b%2Fc", nil, "{\"a\":\"ä\"}\r\n"},
		{"public address", "https://in.example.com/", "https://in.example.com/webhooks/forms/typeform?a=b%2Fc", nil, "{\"a\":\"ä\"}\r\n"},
		{"no query", "http://127.0.0.1:3000", "http://127.0.0.1:3000/webhooks/forms/typeform", func(e *events.APIGatewayV2HTTPRequest) { e.RawQueryString = "" }, "{\"a\":\"ä\"}\r\n"},
		{"named stage", "https://in.example.com", "https://in.example.com/webhooks/forms/typeform?a=b%2Fc", func(e *events.APIGatewayV2HTTPRequest) {
			e.RequestContext.Stage, e.RawPath = "live", "/live/webhooks/forms/typeform"
		}, "{\"a\":\"ä\"}\r\n"},
		{"plain body", "https://in.example.com", "https://in.example.com/webhooks/forms/typeform?a=b%2Fc", func(e *events.APIGatewayV2HTTPRequest) {
			e.IsBase64Encoded, e.Body = false, "{}\r\n"
		}, "{}\r\n"},
		{"no path parameter", "https://in.example.com", "https://in.example.com/webhooks/forms/typeform?a=b%2Fc", func(e *events.APIGatewayV2HTTPRequest) {
			e.PathParameters = nil
		}, "{\"a\":\"ä\"}\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e events.APIGatewayV2HTTPRequest
			if err := json.Unmarshal([]byte(gatewayEvent), &e); err != nil {
				t.Fatal(err)
			}
			if c.edit != nil {
				c.edit(&e)
			}
			r, err := inbox.FromGateway(e, inbound.Forms, c.public, noon)
			if err != nil || r.URL != c.url || string(r.Body) != c.body || r.Source != "typeform" || r.Method != "POST" || r.Kind != inbound.Forms {
				t.Errorf("%+v %v", r, err)
			}
			if r.Headers["typeform-signature"] != "sha256=x" || r.Headers["content-type"] != "application/json" {
				t.Errorf("%v", r.Headers)
			}
		})
	}
}

func TestABodyThatIsNoBase64IsRefused(t *testing.T) {
	e := events.APIGatewayV2HTTPRequest{Body: "%", IsBase64Encoded: true}
	r, err := inbox.FromGateway(e, inbound.Forms, "", noon)
	if err == nil {
		t.Fatal("taken")
	}
	if rep := inbox.Refuse(r, "1", err); rep.Answer.Status != 400 || !strings.Contains(rep.Answer.Body, `"request_id":"1"`) {
		t.Errorf("%+v", rep.Answer)
	}
}

func TestHeadHasNoBody(t *testing.T) {
	a := inbound.Answer{Status: 200, Body: "x"}
	if got := inbox.ToGateway(a, "HEAD"); got.Body != "" || got.StatusCode != 200 {
		t.Errorf("%+v", got)
	}
	if got := inbox.ToGateway(a, "GET"); got.Body != "x" {
		t.Errorf("%+v", got)
	}
}
