package remote_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/remote"
)

func TestAddressesThatAreRefused(t *testing.T) {
	for _, tc := range []struct {
		url     string
		refused bool
	}{
		{"https://hooks.slack.com/services/T/B/x", false},
		{"http://127.0.0.1:3000/_local/slack", false},
		{"http://localhost:3000/_local/slack", false},
		{"http://[::1]:3000/", false},
		{"http://hooks.slack.com/services/T/B/x", true},
		{"http://169.254.169.254/latest/meta-data", true},
		{"http://127.0.0.1.evil.example/", true},
		{"http://localhost@evil.example/", true},
		{"ftp://127.0.0.1/", true},
		{"file:///etc/passwd", true},
		{"//127.0.0.1/", true},
		{"https://", true},
		{"", true},
		{"http://%zz", true},
	} {
		err := remote.CheckAddress("the URL", tc.url)
		if (err != nil) != tc.refused {
			t.Errorf("%q: %v, want refused: %v", tc.url, err, tc.refused)
		} else if err != nil && (fault.KindOf(err) != fault.Invalid || (tc.url != "" && strings.Contains(err.Error(), tc.url))) {
			t.Errorf("%q: kind %v, %v", tc.url, fault.KindOf(err), err)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":    0,
		"120": 2 * time.Minute, " 7 ": 7 * time.Second, "-1": 0, "soon": 0, "99999999": 24 * time.Hour,
		"Mon, 02 Mar 2026 10:05:00 GMT": 5 * time.Minute, "Mon, 02 Mar 2026 09:00:00 GMT": 0, "Tue, 02 Mar 2027 10:00:00 GMT": 24 * time.Hour,
	} {
		err := remote.Delay(fault.New(fault.Unavailable, "busy"), http.Header{"Retry-After": {header}}, now)
		if got := remote.RetryAfter(fmt.Errorf("post: %w", err)); got != want || fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
	if got := remote.RetryAfter(errors.New("else")); got != 0 {
		t.Errorf("%v", got)
	}
}

func TestNobodyElseSaysWhereARequestGoes(t *testing.T) {
	called := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer elsewhere.Close()
	here := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer here.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, here.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := remote.NewClient(time.Second).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusFound || called {
		t.Errorf("%d, followed: %v", res.StatusCode, called)
	}
}

func TestMayPass(t *testing.T) {
	for status, want := range map[int]bool{200: false, 302: false, 400: false, 401: false, 404: false, 408: true, 410: false, 425: true, 429: true, 500: true, 503: true} {
		if got := remote.MayPass(status); got != want {
			t.Errorf("%d: %v", status, got)
		}
	}
}
