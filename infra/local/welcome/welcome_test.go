package welcome_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/local/welcome"
)

const hostile = `"><script>alert(1)</script>`

func config() welcome.Config {
	return welcome.Config{
		PublicURL: "http://127.0.0.1:3000", HTMLToken: "a+b",
		Now: func() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) },
	}
}

func do(t *testing.T, h http.Handler, method, target string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, nil))
	return w
}

func TestPageWaitsForTheStack(t *testing.T) {
	steps := []welcome.Step{{Name: "Build the functions", State: "done"}, {Name: "Start DynamoDB Local", State: "running", Detail: hostile}}
	cfg := config()
	cfg.Steps = func() []welcome.Step { return steps }
	h := welcome.New(cfg)
	body := do(t, h, http.MethodGet, "/").Body.String()
	for _, want := range []string{"Starting Handoff", "Start DynamoDB Local", "/_local/health", `http-equiv="refresh"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(body, "<script>alert") {
		t.Error("a step's detail is markup")
	}
	steps[1].State = "failed"
	if body := do(t, h, http.MethodGet, "/").Body.String(); !strings.Contains(body, "did not start") {
		t.Error("the page does not say that a step failed")
	}
	steps[1].State = "done"
	if body := do(t, h, http.MethodGet, "/").Body.String(); !strings.Contains(body, "Your first lead") {
		t.Error("the page does not go on when all is done")
	}
}

func TestFormWorksWithoutScripts(t *testing.T) {
	w := do(t, welcome.New(config()), http.MethodGet, "/")
	body := w.Body.String()
	if w.Code != http.StatusOK || len(body) > 60<<10 {
		t.Fatalf("status %d, %d bytes", w.Code, len(body))
	}
	for _, want := range []string{
		`method="post" action="/webhooks/forms/html?token=a%2bb"`, `<option>Request a demo</option>`,
		`name="first_name"`, `name="last_name"`, `name="company"`, `name="title"`, `name="phone"`, `name="message"`, `name="_next"`,
	} {
		if !strings.Contains(strings.ReplaceAll(body, "%2B", "%2b"), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'sha256-") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
}

func TestFormLeadsBackHere(t *testing.T) {
	h := welcome.New(config())
	if body := do(t, h, http.MethodGet, "/").Body.String(); !strings.Contains(body, `name="_next" value="http://127.0.0.1:3000/?sent=1"`) || strings.Contains(body, "The form was sent") {
		t.Error("the form does not lead back, or the page thinks that it was sent")
	}
	if body := do(t, h, http.MethodGet, "/?sent=1").Body.String(); !strings.Contains(body, "The form was sent") {
		t.Error("the page does not say that the form was sent")
	}
}

func TestCommandsNameAnUnusualPort(t *testing.T) {
	h := welcome.New(config())
	for address, want := range map[string]string{
		"http://127.0.0.1:3000/": "\n  go run ./infra/handoffctl send", "http://127.0.0.1:3350/": "\n  PORT=3350 go run ./infra/handoffctl send", "http://handoff.test/": "\n  go run ./infra/handoffctl send",
	} {
		if body := do(t, h, http.MethodGet, address).Body.String(); !strings.Contains(body, want) {
			t.Errorf("the page at %s lacks %q", address, want)
		}
	}
}

func TestOutboxNamesReadersAndSaysThingsOnce(t *testing.T) {
	cfg := config()
	cfg.Outbox = func() []welcome.Message {
		return []welcome.Message{
			{ID: "1", Channel: "slack", To: "rep:maya", Subject: "A lead", Text: "A lead\n\nName: Ada"},
			{ID: "2", Channel: "slack", To: "manager:sales", Subject: "Another", Text: "Not a repeat\nof the subject"},
			{ID: "3", Channel: "webhook", To: "system"},
			{ID: "4", Channel: "email", To: "maya@our-company.example"},
		}
	}
	body := do(t, welcome.Outbox(cfg), http.MethodGet, "/_local/outbox").Body.String()
	for _, want := range []string{
		"<b>the rep maya</b>", "<b>the manager of sales</b>", "<b>your systems</b>", "<b>maya@our-company.example</b>",
		`<pre class="plain">Name: Ada</pre>`, "Not a repeat",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestEachLoadIsSomebodyElse(t *testing.T) {
	h := welcome.New(config())
	address := regexp.MustCompile(`type="email" required value="([^"@]+@[^"]+\.example)"`)
	seen := map[string]bool{}
	for range 20 {
		m := address.FindStringSubmatch(do(t, h, http.MethodGet, "/").Body.String())
		if m == nil {
			t.Fatal("no business address under .example")
		}
		seen[m[1]] = true
	}
	if len(seen) < 15 {
		t.Errorf("20 loads give %d people", len(seen))
	}
}

func TestOutbox(t *testing.T) {
	cfg := config()
	cfg.Outbox = func() []welcome.Message {
		return []welcome.Message{
			{
				ID: "m1", Channel: "slack", To: hostile, Text: "older " + hostile, Event: welcome.EventRef{ID: "k.1.0", Type: "lead.handed_off", Lead: "k"},
				Links: []welcome.Link{{Label: "Accept", URL: "http://127.0.0.1:3000/r/x"}, {Label: "Evil", URL: "javascript:alert(1)"}},
			},
			{ID: "m2", Channel: "email", Subject: "newer " + hostile, HTML: "<h1>Hello</h1><script>alert(1)</script>", Event: welcome.EventRef{Lead: "other"}},
		}
	}
	h := welcome.Outbox(cfg)
	body := do(t, h, http.MethodGet, "/_local/outbox").Body.String()
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "javascript:alert") {
		t.Error("the page carries what a message brought")
	}
	older, newer := strings.Index(body, "older &#34;"), strings.Index(body, "newer &#34;")
	if newer < 0 || older < newer {
		t.Errorf("newest first: newer at %d, older at %d", newer, older)
	}
	if !strings.Contains(body, `src="/_local/outbox?message=m2"`) || !strings.Contains(body, `href="http://127.0.0.1:3000/r/x"`) {
		t.Error("the page lacks the e-mail's frame or the link to accept")
	}
	if one := do(t, h, http.MethodGet, "/_local/outbox?lead=k").Body.String(); strings.Contains(one, "newer") || !strings.Contains(one, "older") {
		t.Error("the filter by lead does not filter")
	}
}

func TestTheOutboxHasTheButtonsOfSlack(t *testing.T) {
	cfg := config()
	cfg.Outbox = func() []welcome.Message {
		return []welcome.Message{{
			ID: "7", Channel: "slack", To: "rep:maya", Text: "A lead", UpdatedAt: time.Date(2026, 5, 18, 9, 0, 0, 0, time.UTC),
			Links:   []welcome.Link{{Label: "Accept", URL: "http://127.0.0.1:3000/r/x"}, {Label: "Snooze", URL: "http://127.0.0.1:3000/r/y"}},
			Actions: []welcome.Action{{Label: "Accept", Value: "x"}, {Label: "Reject", Options: []welcome.Option{{Label: hostile, Value: "too_early"}}}},
			Answers: []welcome.Answer{{Text: "moved on " + hostile}},
		}}
	}
	body := do(t, welcome.Outbox(cfg), http.MethodGet, "/_local/outbox").Body.String()
	for _, want := range []string{
		`action="/_local/slack/press"`, `name="message" value="7"`, `name="action" value="1"`, `<option value="too_early">`, `href="http://127.0.0.1:3000/r/y"`,
		"changed", "Only you see this: moved on", `aria-label="Reject"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, `href="http://127.0.0.1:3000/r/x"`) || strings.Contains(body, hostile) {
		t.Errorf("the page shows a button twice, or markup:\n%s", body)
	}
}

func TestMessageIsLockedUp(t *testing.T) {
	cfg := config()
	cfg.Outbox = func() []welcome.Message {
		return []welcome.Message{{ID: "m1", HTML: "<h1>Hello</h1>"}, {ID: "m2", Text: "no HTML"}}
	}
	h := welcome.Outbox(cfg)
	w := do(t, h, http.MethodGet, "/_local/outbox?message=m1")
	csp := w.Header().Get("Content-Security-Policy")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<h1>Hello</h1>") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	for _, want := range []string{"sandbox", "default-src 'none'", "frame-ancestors 'self'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q lacks %q", csp, want)
		}
	}
	if strings.Contains(csp, "allow-scripts") || strings.Contains(csp, "allow-same-origin") {
		t.Errorf("policy %q", csp)
	}
	for _, id := range []string{"m2", "none"} {
		if code := do(t, h, http.MethodGet, "/_local/outbox?message="+id).Code; code != http.StatusNotFound {
			t.Errorf("message %s answers %d", id, code)
		}
	}
}

func TestOnlyReading(t *testing.T) {
	h := welcome.New(config())
	if w := do(t, h, http.MethodPost, "/"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST answers %d", w.Code)
	}
	if w := do(t, h, http.MethodHead, "/"); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("HEAD answers %d with %d bytes", w.Code, w.Body.Len())
	}
}
