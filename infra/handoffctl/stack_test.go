package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

// local plays the local stack: its health, its clock, and a front that
// verifies what it gets as the functions do.
type local struct {
	t     *testing.T
	now   time.Time
	keys  map[string]secret.Keys
	table *table.Table
	env   map[string]string

	health   []byte
	received []string // paths of the webhooks that were genuine

	identity func(person string) int // the status for who asks for a token; nil gives everybody one
	api      http.HandlerFunc        // answers under /api/; nil for none
}

func start(t *testing.T) *local {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	l := &local{t: t, now: time.Date(2031, 3, 3, 10, 0, 0, 0, time.UTC), table: table.New(client, name)}
	var err error
	l.health, err = json.Marshal(map[string]any{
		"status": "ok", "table": name, "endpoints": map[string]string{"aws": "http://127.0.0.1:1", "dynamodb": *client.Options().BaseEndpoint},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	l.env = map[string]string{"PORT": u.Port()}
	return l
}

func (l *local) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/_local/health":
		_, _ = w.Write(l.health)
	case "/_local/clock":
		_, _ = w.Write([]byte(`{"now":"` + l.now.Format(time.RFC3339Nano) + `"}`))
	case "/_local/identity/as":
		l.token(w, r.FormValue("person"))
	default:
		if l.api != nil && strings.HasPrefix(r.URL.Path, "/api/") {
			l.api(w, r)
			return
		}
		w.WriteHeader(l.webhook(r))
	}
}

// token gives a token that names whom it is for.
func (l *local) token(w http.ResponseWriter, person string) {
	if l.identity != nil {
		if status := l.identity(person); status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
	}
	_, _ = w.Write([]byte(`{"id_token":"token-of-` + person + `"}`))
}

func (l *local) webhook(r *http.Request) int {
	source := filepath.Base(r.URL.Path)
	adapter, ok := inbound.Lookup(source)
	if !ok {
		return http.StatusNotFound
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		return http.StatusInternalServerError
	}
	headers := map[string]string{}
	for name := range r.Header {
		headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	err := adapter.Verify(inbound.Request{
		Method: r.Method, URL: "http://" + r.Host + r.URL.String(), Path: r.URL.Path, Query: r.URL.RawQuery, Headers: headers,
		Body: body.Bytes(), ReceivedAt: l.now, Source: source, Keys: l.keys[source],
	})
	if err != nil {
		return http.StatusUnauthorized
	}
	l.received = append(l.received, r.URL.Path)
	return http.StatusOK
}

// run types a command line and returns what it prints, and the error.
func (l *local) run(input string, args ...string) (out, errs string, err error) {
	return run(l.t, l.env, input, args...)
}

func run(t *testing.T, env map[string]string, input string, args ...string) (out, errs string, err error) {
	t.Helper()
	cmd := command(func(name string) string { return env[name] })
	var stdout, stderr bytes.Buffer
	cmd.SetIn(strings.NewReader(input))
	cmd.SetOut(&stdout)
	cmd.SetErr(&stderr)
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(t.Context())
	return stdout.String(), stderr.String(), err
}

// write puts text into a file of the test and returns its name.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
