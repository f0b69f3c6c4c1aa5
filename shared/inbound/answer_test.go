package inbound_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
)

func outcomes() []inbound.Outcome {
	return []inbound.Outcome{
		inbound.Accepted, inbound.Duplicate, inbound.Parked, inbound.Ignored, inbound.BadSignature, inbound.Malformed,
		inbound.TooLarge, inbound.WrongPath, inbound.BadMethod, inbound.Probe, inbound.Challenged, inbound.UnknownSource, inbound.Unavailable,
	}
}

func TestEveryProviderGetsAnAnswerItHandles(t *testing.T) {
	for _, provider := range inbound.Providers() {
		a := lookup(t, provider)
		for _, o := range outcomes() {
			got := a.Answer(inbound.Request{}, inbound.Result{Outcome: o, RequestID: "req-1"})
			if why := harm(provider, o, got); why != "" {
				t.Errorf("%s, %s: %d %s", provider, o, got.Status, why)
			}
		}
	}
}

// harm says what a status would do to the webhook.
func harm(provider string, o inbound.Outcome, a inbound.Answer) string {
	switch {
	case a.Status == 0, a.Status == http.StatusInternalServerError:
		return "is no answer"
	case provider == "typeform" && o != inbound.UnknownSource && a.Status == http.StatusNotFound:
		return "disables a Typeform webhook for good"
	case a.Status == http.StatusGone:
		return "disables webhooks"
	case (a.Status == http.StatusServiceUnavailable) != (a.Headers["Retry-After"] != ""):
		return "with Retry-After " + a.Headers["Retry-After"]
	}
	return ""
}

func TestAnswersDiffer(t *testing.T) {
	for _, c := range []struct {
		provider   string
		outcome    inbound.Outcome
		status     int
		retryAfter string
	}{
		{"typeform", inbound.Accepted, 200, ""},
		{"typeform", inbound.BadSignature, 401, ""},
		{"typeform", inbound.WrongPath, 403, ""},
		{"typeform", inbound.Unavailable, 503, "30"},
		{"hubspot", inbound.Unavailable, 503, "30000"}, // milliseconds
		{"hubspot", inbound.BadSignature, 401, ""},
		{"segment", inbound.Parked, 200, ""},
		{"sendgrid", inbound.Duplicate, 200, ""},
		{"standard", inbound.Parked, 202, ""},
		{"html", inbound.BadSignature, 403, ""},
		{"html", inbound.TooLarge, 413, ""},
		{"standard", inbound.BadMethod, 405, ""},
	} {
		got := lookup(t, c.provider).Answer(inbound.Request{}, inbound.Result{Outcome: c.outcome})
		if got.Status != c.status || got.Headers["Retry-After"] != c.retryAfter {
			t.Errorf("%s, %s: %d, Retry-After %q", c.provider, c.outcome, got.Status, got.Headers["Retry-After"])
		}
	}
}

func TestErrorsAreProblemDetails(t *testing.T) {
	got := lookup(t, "standard").Answer(inbound.Request{}, inbound.Result{Outcome: inbound.Malformed, Detail: "why", RequestID: "req-7"})
	var p struct {
		Title, Detail, Code string
		Status              int
		RequestID           string `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(got.Body), &p); err != nil {
		t.Fatal(err)
	}
	if got.Headers["Content-Type"] != "application/problem+json" || p.Status != 400 || p.Detail != "why" || p.RequestID != "req-7" || p.Code != "malformed" {
		t.Errorf("%+v %v", p, got.Headers)
	}
}

func TestUnknownSourceSparesTypeform(t *testing.T) {
	r := inbound.Result{Outcome: inbound.UnknownSource}
	if got := inbound.AnswerUnknown(inbound.Request{}, r).Status; got != 404 {
		t.Errorf("status %d", got)
	}
	if got := inbound.AnswerUnknown(inbound.Request{Headers: map[string]string{"typeform-signature": "sha256=x"}}, r).Status; got != 403 {
		t.Errorf("status %d to Typeform", got)
	}
}

func TestRefusedFormsAreAnsweredInTheirLanguage(t *testing.T) {
	form := func(accept string) inbound.Request {
		return inbound.Request{Method: http.MethodPost, Headers: map[string]string{"accept": accept, "content-type": "application/x-www-form-urlencoded; charset=utf-8"}}
	}
	r := inbound.Result{Outcome: inbound.TooLarge, Detail: "the body is over 1 MB"}
	page := inbound.AnswerUnknown(form("text/html,application/xhtml+xml"), r)
	if page.Status != http.StatusRequestEntityTooLarge || !strings.HasPrefix(page.Headers["Content-Type"], "text/html") || !strings.Contains(page.Body, "The body is over 1 MB.") {
		t.Errorf("a browser gets %d %v %s", page.Status, page.Headers, page.Body)
	}
	if got := inbound.AnswerUnknown(form("application/json"), r); got.Status != http.StatusRequestEntityTooLarge || got.Headers["Content-Type"] != "application/problem+json" {
		t.Errorf("a program gets %d %v", got.Status, got.Headers)
	}
}

func TestHTMLSendsTheVisitorOnlyToListedHosts(t *testing.T) {
	for _, c := range []struct{ next, want string }{
		{"https://www.our.example/thanks?x=1", "https://www.our.example/thanks?x=1"},
		{"https://WWW.OUR.example/", "https://WWW.OUR.example/"},
		{"http://127.0.0.1:3000/", "http://127.0.0.1:3000/"},
		{"https://hooks.our.example/thanks", "https://hooks.our.example/thanks"},
		{"https://hooks.our.example:8443/", ""},
		{"", ""},
		{"/thanks", ""},
		{"//evil.example/", ""},
		{"https://evil.example/", ""},
		{"https://www.our.example.evil.example/", ""},
		{"https://www.our.example:8443/", ""},
		{"https://www.our.example@evil.example/", ""},
		{"https://user@www.our.example/", ""},
		{`https://evil.example\@www.our.example/`, ""},
		{`https:\\evil.example`, ""},
		{"javascript:alert(1)//www.our.example", ""},
		{"https:www.our.example", ""},
		{"https://www.our.example/\r\nSet-Cookie: a=b", ""},
		{"ftp://www.our.example/", ""},
		{"https://", ""},
	} {
		req := inbound.Request{
			URL:    "https://hooks.our.example/webhooks/forms/html?token=t",
			Body:   []byte("email=a%40b.example&_next=" + strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", "\r", "%0D", "\n", "%0A").Replace(c.next)),
			Policy: policy.Source{NextHosts: []string{"www.our.example", "127.0.0.1:3000", ""}},
		}
		got := lookup(t, "html").Answer(req, inbound.Result{Outcome: inbound.Accepted})
		if got.Headers["Location"] != c.want || (got.Status == http.StatusSeeOther) != (c.want != "") {
			t.Errorf("%q: %d to %q", c.next, got.Status, got.Headers["Location"])
		}
		refused := lookup(t, "html").Answer(req, inbound.Result{Outcome: inbound.BadSignature})
		if refused.Headers["Location"] != "" {
			t.Errorf("%q: sent on though refused", c.next)
		}
	}
}

func TestHTMLPagesEscape(t *testing.T) {
	res := inbound.Result{Outcome: inbound.Malformed, Detail: "<script>alert(1)</script>", RequestID: `"><b>`}
	got := lookup(t, "html").Answer(inbound.Request{}, res)
	if strings.Contains(got.Body, "<script>") || strings.Contains(got.Body, "<b>") || !strings.Contains(got.Headers["Content-Type"], "text/html") {
		t.Errorf("%v %s", got.Headers, got.Body)
	}
	asJSON := lookup(t, "html").Answer(inbound.Request{Headers: map[string]string{"accept": "application/json"}}, res)
	if asJSON.Headers["Content-Type"] != "application/problem+json" {
		t.Errorf("%v", asJSON.Headers)
	}
}

// A robot that filled in the honeypot sees what everybody sees.
func TestBaitIsAnsweredLikeSuccess(t *testing.T) {
	a := lookup(t, "html")
	good, bait := a.Answer(inbound.Request{}, inbound.Result{Outcome: inbound.Accepted, Stored: 1}), a.Answer(inbound.Request{}, inbound.Result{Outcome: inbound.Ignored})
	if good.Status != bait.Status || good.Body != bait.Body {
		t.Errorf("%v differs from %v", good, bait)
	}
}
