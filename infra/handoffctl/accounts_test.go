package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
)

// register answers about accounts as the dashboard does.
func register(w http.ResponseWriter, r *http.Request) {
	answers := map[string]string{
		"/api/accounts?q=acm": `{"accounts":[{"key":"d:acme.com","name":"Acme \u001b[31m","domain":"acme.com"}],"more":true}`,
		"/api/accounts?q=del": `{"accounts":[{"key":"d:delta.com","name":"Delta"},{"key":"n:delta faucet","name":"Delta Faucet"}]}`,
		"/api/accounts?q=zzz": `{"accounts":[]}`,
		"/api/accounts?":      `{"accounts":[{"key":"n:delta faucet","name":"Delta Faucet","leads":2,"stage":"engaged","engagement_score":9,"latest":"2026-11-20T10:00:00Z"}],"leads":2}`,
		"/api/accounts/d:acme.com": `{"key":"d:acme.com","name":"Acme","domain":"acme.com","counts":["domain acme.com","name acme"],"owner":{"rep":"alex","name":"Alex Rivera","since":"2026-11-20T10:00:00Z"},
			"handoffs":3,"stage":"meeting","open":1,"engagement":{"score":30,"parts":[{"lead":"1ada","points":25,"reason":"the most interested person"},{"points":5,"reason":"25% of each of 2 others"}]},"active_days":30,
			"buying_group":{"active":2,"known":3,"levels":[{"seniority":"manager","active":2,"known":3}],"missing":["Nobody above manager yet."]},
			"people":[{"key":"1ada","name":"Ada Lovelace","title":"CTO","stage":"meeting","engagement_score":25,"active":true,"by":"domain acme.com"}],"others":2,"more":true}`,
	}
	path := r.URL.Path
	if path == "/api/accounts" {
		path += "?" + r.URL.RawQuery
	}
	switch answer := answers[path]; {
	case path == "/_local/identity/as":
		_, _ = io.WriteString(w, `{"id_token":"t"}`)
	case path == "/_local/health":
		_, _ = io.WriteString(w, `{"status":"ok","table":"t","endpoints":{"dynamodb":"http://127.0.0.1:1"}}`)
	case answer != "":
		_, _ = io.WriteString(w, answer)
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"detail":"There is no such company."}`)
	}
}

func runAccounts(t *testing.T, args ...string) (string, error) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(register))
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := run(t, map[string]string{"PORT": u.Port()}, "", append([]string{"accounts"}, args...)...)
	return out, err
}

func TestAccountsAreListedAndShown(t *testing.T) {
	whole := []string{
		"account     Acme (d:acme.com)", "counts by   domain acme.com, name acme", "Alex Rivera, since 2026-11-20", "1 in work, 3 handed off ever, furthest meeting",
		"+25  the most interested person 1ada", "2 of 3 people in 30 days", "2 of 3  manager", "Nobody above manager yet.", "Ada Lovelace", "2 leads more are counted", "More people count",
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"acm"}, []string{"d:acme.com", "There are more"}},
		{nil, []string{"n:delta faucet", "engaged", "2026-11-20"}},
		{[]string{"zzz"}, []string{"No company is found."}},
		{[]string{"show", "acm"}, whole},
		{[]string{"show", "acme.com"}, whole},
		{[]string{"show", "d:acme.com"}, whole},
		{[]string{"show", "acme.com", "--json"}, []string{`"key": "d:acme.com"`}},
	} {
		out, err := runAccounts(t, c.args...)
		if err != nil {
			t.Fatalf("%q: %v", c.args, err)
		}
		for _, w := range c.want {
			if !strings.Contains(out, w) || strings.Contains(out, "\x1b") {
				t.Errorf("%q does not say %q:\n%s", c.args, w, out)
			}
		}
	}
}

func TestAnAccountThatIsNotToldApart(t *testing.T) {
	for asked, kind := range map[string]fault.Kind{"del": fault.Invalid, "zzz": fault.NotFound, "d:nobody.com": fault.NotFound, "nobody.com": fault.NotFound} {
		if _, err := runAccounts(t, "show", asked); err == nil || fault.KindOf(err) != kind {
			t.Errorf("%s: %v", asked, err)
		}
	}
}
