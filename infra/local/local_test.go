package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/secret"
)

func TestTargetOfTheClock(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	tests := []struct {
		advance, set string
		want         time.Time
		refused      bool
	}{
		{"30m", "", now.Add(30 * time.Minute), false},
		{"72h", "", now.Add(72 * time.Hour), false},
		{"", "2026-03-02T10:00:00+00:00", now.Add(time.Hour), false},
		{"", "2026-03-02T09:00:00Z", now, false},
		{"", "2026-03-02T08:59:59Z", now, true},
		{"-1s", "", now, true},
		{"tomorrow", "", now, true},
		{"", "tomorrow", now, true},
		{"", "", now, true},
		{"1h", "2026-03-02T10:00:00Z", now, true},
	}
	for _, tt := range tests {
		t.Run(tt.advance+tt.set, func(t *testing.T) {
			got, err := target(now, tt.advance, tt.set)
			if !got.Equal(tt.want) || (err != nil) != tt.refused {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
}

func decodeSources(t *testing.T, s *secrets) map[string]secret.Keys {
	t.Helper()
	var got map[string]secret.Keys
	if err := json.Unmarshal([]byte(s.values["SourcesSecret"]), &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSecretsOfAFileReplaceThoseForDevelopment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	if err := os.WriteFile(file, []byte("typeform: [new, old]\nsendgrid: {public_key: MFk}\nhtml: token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := hosttest.DB(t, "")
	s, err := loadSecrets(db, file, "http://127.0.0.1:3000")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]secret.Keys{
		"typeform": {"new", "old"}, "sendgrid": {"MFk"}, "html": {"token"}, "hubspot": {"handoff-development-hubspot"},
		"segment": {"handoff-development-segment"}, "standard": decodeSources(t, s)["standard"],
	}
	if diff := cmp.Diff(want, decodeSources(t, s)); diff != "" {
		t.Error(diff)
	}
	if s.htmlToken != "token" {
		t.Errorf("the token of the form is %q", s.htmlToken)
	}
	again, err := loadSecrets(db, "", "http://127.0.0.1:3000")
	if err != nil {
		t.Fatal(err)
	}
	if s.values["LinksSecret"] != again.values["LinksSecret"] || s.values["ChannelsSecret"] != again.values["ChannelsSecret"] {
		t.Error("a second start signs with other keys")
	}
	if sendgrid := decodeSources(t, again)["sendgrid"]; len(sendgrid) != 1 {
		t.Errorf("the development key of SendGrid is %v", sendgrid)
	}
}

func TestSecretsThatCannotBeRead(t *testing.T) {
	db := hosttest.DB(t, "")
	if _, err := loadSecrets(db, filepath.Join(t.TempDir(), "nowhere.yaml"), ""); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	if err := os.WriteFile(file, []byte("- a list\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadSecrets(db, file, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestOtherSitesMoveNoTime(t *testing.T) {
	handler := own(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for origin, want := range map[string]int{"": 200, "http://127.0.0.1:3000": 200, "https://evil.example": 403, "null": 403} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:3000/_local/clock", nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		w := httptest.NewRecorder()
		handler(w, r)
		if w.Code != want {
			t.Errorf("from %q: %d, want %d", origin, w.Code, want)
		}
	}
}

func TestWhoGetsThePageOfTheOutbox(t *testing.T) {
	for accept, want := range map[string]bool{"": false, "*/*": false, "application/json": false, "text/html,application/xhtml+xml": true, "application/json, text/html": false} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/_local/outbox", nil)
		r.Header.Set("Accept", accept)
		if got := wantsPage(r); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
}
