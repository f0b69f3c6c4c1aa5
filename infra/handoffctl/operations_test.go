package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// office plays the API of a local stack with some dead letters in notify.
type office struct {
	t       *testing.T
	letters int
	stuck   bool // none can be sent
	asked   []string
	bodies  []map[string]any
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := r.Method + " " + r.URL.String()
	if r.URL.Path == "/_local/identity/as" {
		_, _ = io.WriteString(w, `{"id_token":"token-of-`+r.FormValue("person")+`"}`)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/api/") && r.Header.Get("Authorization") != "Bearer token-of-operator" {
		o.t.Errorf("%s comes with %q", target, r.Header.Get("Authorization"))
	}
	body := map[string]any{}
	if raw, err := io.ReadAll(r.Body); err != nil || len(raw) > 0 && json.Unmarshal(raw, &body) != nil {
		o.t.Errorf("%s: %s %v", target, raw, err)
	}
	answer := ""
	switch r.URL.Path {
	case "/_local/health":
		answer = `{"status":"ok","table":"t","endpoints":{"dynamodb":"http://127.0.0.1:1"}}`
	case "/api/operations":
		answer = `{"as_of":"2031-03-03T10:00:00Z","waiting":[{"queue":"park"},{"queue":"notify","waiting":2,"in_flight":1}],
			"failed":[{"place":"park","title":"Signals not stored"},{"place":"notify","title":"Events not told","count":4},{"place":"stream","error":"cannot be reached right now"}],
			"runs":{"code":{"revision":"0123456789abcdef","committed_at":"2031-03-01T08:00:00Z","modified":true},"policy":{"version":"p-1","name":"Spring\u001b","since":"2031-03-02T08:00:00Z"},"roster":{"version":3}}}`
	case "/api/dead-letters":
		answer = `{"letters":[{"place":"notify","id":"m-1","since":"2031-03-03T09:00:00Z","what":"event","type":"lead.handed_off","lead":"1a","why":"slack to rep:maya: the receiver answered 410","body":"{}"},
			{"place":"retry","id":"m-2","since":"2031-03-03T09:00:00Z","what":"signal of typeform","why":""}]}`
	case "/api/dead-letters/retry", "/api/dead-letters/discard":
		answer = o.settle(body)
	case "/api/deliveries":
		answer = `{"deliveries":[{"at":"2031-03-03T09:00:00Z","state":"waiting","channel":"slack","to":["rep:maya"],"event":"1a.3.0","type":"lead.handed_off","lead":"1a","tries":2,"error":"the receiver answered 503"}],"next":"more"}`
		if r.URL.Query().Get("cursor") != "" {
			answer = strings.Replace(answer, `"next":"more"`, `"next":""`, 1)
		}
	case "/api/deliveries/retry":
		w.WriteHeader(http.StatusNotFound)
		answer = `{"code":"no_event","detail":"The log holds no such event."}`
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	o.asked, o.bodies = append(o.asked, target), append(o.bodies, body)
	_, _ = io.WriteString(w, answer)
}

func (o *office) settle(in map[string]any) string {
	step := min(o.letters, 100)
	if o.stuck {
		return `{"done":0,"left":` + count(o.letters, "")[:1] + `,"failed":[{"id":"m-1","why":"too long"}]}`
	}
	if in["all"] != true {
		step = 1
	}
	o.letters -= step
	b, err := json.Marshal(map[string]any{"done": step, "left": o.letters, "failed": []any{}})
	if err != nil {
		o.t.Error(err)
	}
	return string(b)
}

func (o *office) run(args ...string) (string, error) {
	o.t.Helper()
	server := httptest.NewServer(o)
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		o.t.Fatal(err)
	}
	out, _, err := run(o.t, map[string]string{"PORT": u.Port()}, "", args...)
	return out, err
}

func TestStatusIsAFewLines(t *testing.T) {
	out, err := (&office{t: t}).run("status")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"code    0123456789ab of 2031-03-01 08:00:00Z, with changes that are not committed\n", ", p-1, since 2031-03-02 08:00:00Z\n", "roster  version 3\n",
		"waits   notify 3 (1 in flight or pausing)\n", "failed  notify 4 (events not told), stream cannot be reached right now; handoffctl dead-letters says more\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "\x1b") {
		t.Error("the terminal is controlled from outside")
	}
}

func TestDeadLettersAreListedAndShown(t *testing.T) {
	for _, args := range [][]string{{"dead-letters"}, {"dead-letters", "list", "notify"}} {
		o := &office{t: t}
		out, err := o.run(args...)
		if err != nil || !strings.Contains(out, "event, lead.handed_off") || !strings.Contains(out, "not recorded") || strings.Contains(out, "{}") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
		if got, want := o.asked[len(o.asked)-1], "GET /api/dead-letters?place="+strings.Join(args[min(len(args), 2):], ""); got != want {
			t.Errorf("%v asks %s, want %s", args, got, want)
		}
	}
	if out, err := (&office{t: t}).run("dead-letters", "show", "notify", "m-1"); err != nil || !strings.Contains(out, `"body": "{}"`) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestRetryingAllShowsProgress(t *testing.T) {
	o := &office{t: t, letters: 230}
	out, err := o.run("dead-letters", "retry", "notify", "--all")
	if err != nil || out != "retried 100 of about 230\nretried 200 of about 230\nretried 230 of about 230\n" || o.letters != 0 {
		t.Errorf("%v\n%s", err, out)
	}
	o = &office{t: t, letters: 5}
	if out, err = o.run("dead-letters", "discard", "schedule", "--all", "--reason", "the sweep runs again"); err != nil || out != "discarded 5 of about 5\n" || o.bodies[len(o.bodies)-1]["reason"] != "the sweep runs again" {
		t.Errorf("%v\n%s", err, out)
	}
	o = &office{t: t, letters: 5, stuck: true}
	if _, err = o.run("dead-letters", "retry", "notify", "--all"); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("what cannot be sent is retried for ever, or in silence: %v", err)
	}
	o = &office{t: t, letters: 5}
	if out, err = o.run("dead-letters", "retry", "notify", "m-1"); err != nil || o.letters != 4 || o.bodies[len(o.bodies)-1]["id"] != "m-1" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestOrdersThatAreNone(t *testing.T) {
	for _, args := range [][]string{
		{"dead-letters", "retry", "notify"},
		{"dead-letters", "retry", "notify", "m-1", "--all"},
		{"dead-letters", "discard", "notify", "m-1"},
		{"dead-letters", "discard", "notify", "--all", "--reason", " "},
	} {
		o := &office{t: t, letters: 3}
		if _, err := o.run(args...); err == nil || o.letters != 3 {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestDeliveriesFollowThePages(t *testing.T) {
	out, err := (&office{t: t}).run("deliveries", "--state", "waiting")
	if err != nil || strings.Count(out, "the receiver answered 503") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err = (&office{t: t}).run("deliveries", "--most", "1"); err != nil || strings.Count(out, "the receiver answered 503") != 1 {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err = (&office{t: t}).run("deliveries", "retry", "1a.9.0"); err == nil || err.Error() != "The log holds no such event." {
		t.Errorf("%v", err)
	}
}

func TestTheAPIOfAStackInAWSAsksForAToken(t *testing.T) {
	var asked string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Header.Get("Authorization")
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	env := map[string]string{"XDG_CONFIG_HOME": t.TempDir()}
	if _, _, err := run(t, env, "", "status", "--table", "handoff", "--url", server.URL); err == nil || !strings.Contains(err.Error(), "HANDOFF_TOKEN") {
		t.Errorf("without a token: %v", err)
	}
	env["HANDOFF_TOKEN"] = "a.b.c"
	target := &target{getenv: func(name string) string { return env[name] }, table: "handoff", url: server.URL}
	a, err := target.api(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a.http = server.Client() // It trusts the test's certificate.
	if err := a.get(t.Context(), "/api/operations", nil); err != nil || asked != "Bearer a.b.c" || a.name != "the table handoff" {
		t.Errorf("%q of %s, %v", asked, a.name, err)
	}
}
