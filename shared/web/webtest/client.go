package webtest

import (
	"bytes"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/web"
)

// Client sends to a site what people do, and fails the test at any status but
// the one that is wanted.
type Client struct {
	TB   testing.TB
	Site *web.Site
	Logs *bytes.Buffer // what the site has logged
}

// Send lets the site answer a request.
func (c Client) Send(e events.APIGatewayV2HTTPRequest, status int) web.Response {
	c.TB.Helper()
	out, err := c.Site.Handle(c.TB.Context(), e)
	if err != nil {
		c.TB.Fatal(err)
	}
	if out.StatusCode != status {
		c.TB.Fatalf("%s %s answers %d, want %d: %s\n%s", e.RequestContext.HTTP.Method, e.RawPath, out.StatusCode, status, Text(out.Body), c.Logs)
	}
	return out
}

// Get opens a page, or reads JSON.
func (c Client) Get(who access.Person, target string, status int) web.Response {
	c.TB.Helper()
	return c.Send(Event(c.TB, http.MethodGet, target, who), status)
}

// Post sends a form with some fields: names and values in turn.
func (c Client) Post(who access.Person, target string, status int, fields ...string) web.Response {
	c.TB.Helper()
	return c.Send(Form(c.TB, target, who, Fields(fields...)), status)
}

// Call sends JSON from a page of ours.
func (c Client) Call(who access.Person, target string, status int, body string) web.Response {
	c.TB.Helper()
	e := Event(c.TB, http.MethodPost, target, who)
	e.Headers["content-type"], e.Headers[web.TokenHeader], e.Body = "application/json", who.Token, body
	return c.Send(e, status)
}

// Fields are those of a form: names and values in turn. A name may come again.
func Fields(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values
}

// Text is what a reader sees of a page.
func Text(page string) string {
	page = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	return strings.Join(strings.Fields(html.UnescapeString(page)), " ")
}

// Says fails the test when a reader of a page does not see all of some texts,
// in capitals or not.
func Says(tb testing.TB, page string, want ...string) {
	tb.Helper()
	seen := strings.ToLower(Text(page))
	for _, w := range want {
		if !strings.Contains(seen, strings.ToLower(w)) {
			tb.Errorf("the page does not say %q:\n%s", w, seen)
		}
	}
}
