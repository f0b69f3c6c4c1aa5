package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/cfn"
	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/lambda"
	"github.com/handoff-oss/handoff/infra/local/stream"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
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
	s, err := loadSecrets(db, file, "", "http://127.0.0.1:3000", "http://127.0.0.1:3000/_local/identity")
	if err != nil {
		t.Fatal(err)
	}
	development, err := loadSecrets(db, "", "", "http://127.0.0.1:3000", "http://127.0.0.1:3000/_local/identity")
	if err != nil {
		t.Fatal(err)
	}
	want := decodeSources(t, development)
	want["typeform"], want["sendgrid"], want["html"] = secret.Keys{"new", "old"}, secret.Keys{"MFk"}, secret.Keys{"token"}
	if len(want) < len(inbound.Providers()) {
		t.Errorf("%d development secrets for %d providers", len(want), len(inbound.Providers()))
	}
	if diff := cmp.Diff(want, decodeSources(t, s)); diff != "" {
		t.Error(diff)
	}
	if s.htmlToken != "token" {
		t.Errorf("the token of the form is %q", s.htmlToken)
	}
	again, err := loadSecrets(db, "", "", "http://127.0.0.1:3000", "http://127.0.0.1:3000/_local/identity")
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
	if _, err := loadSecrets(db, filepath.Join(t.TempDir(), "nowhere.yaml"), "", "", "http://127.0.0.1:3000/_local/identity"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(t.TempDir(), "secrets.yaml")
	if err := os.WriteFile(file, []byte("- a list\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadSecrets(db, file, "", "", "http://127.0.0.1:3000/_local/identity"); fault.KindOf(err) != fault.Invalid {
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

func TestLostRecordsAreKeptInFull(t *testing.T) {
	folder, now := t.TempDir(), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	d := deadLetters{folder: folder, now: func() time.Time { return now }}
	source := cfn.StreamSource{StreamARN: "arn:stream", OnFailure: "arn:aws:s3:::lost", OnFailureKind: "S3"}
	err := d.discard(cfn.Function{Folder: "decide", ARN: "arn:decide"}, source)("decide", stream.Discarded{
		Records: []stream.Record{{Sequence: "7", At: now, Event: []byte(`{"eventID":"a"}`)}, {Sequence: "8", At: now, Event: []byte(`{"eventID":"b"}`)}},
		Reason:  "RetryAttemptsExhausted", Attempts: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "decide", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		RequestContext     struct{ Condition string }
		DDBStreamBatchInfo struct{ StartSequenceNumber, EndSequenceNumber string }
		Payload            string
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Payload != `{"Records":[{"eventID":"a"},{"eventID":"b"}]}` || got.RequestContext.Condition != "RetryAttemptsExhausted" ||
		got.DDBStreamBatchInfo.StartSequenceNumber != "7" || got.DDBStreamBatchInfo.EndSequenceNumber != "8" {
		t.Errorf("kept %s", text)
	}
}

func TestAScheduledCallThatFailsGoesToItsDestination(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	fn := &hosttest.Function{Answer: func(int, []byte) lambda.Result { return hosttest.Failed() }}
	var sent []string
	call := scheduledCall{
		function: cfn.Function{ID: "Sla", ARN: "arn:sla", Async: cfn.Async{Retries: 1, OnFailure: "arn:dead"}}, schedule: cfn.Schedule{Event: "EveryMinute"},
		pool: fn, send: func(arn, body string) error { sent = append(sent, arn+" "+body); return nil }, log: hosttest.Log(),
	}
	call.make(t.Context(), at)
	if n := len(fn.Calls()); n != 2 {
		t.Errorf("called %d times", n)
	}
	if len(sent) != 1 || !strings.HasPrefix(sent[0], "arn:dead ") || !strings.Contains(sent[0], "RetriesExhausted") {
		t.Errorf("sent %q", sent)
	}
	var event struct {
		DetailType string `json:"detail-type"`
		Time       time.Time
	}
	if err := json.Unmarshal(fn.Calls()[0], &event); err != nil || event.DetailType != "Scheduled Event" || !event.Time.Equal(at) {
		t.Errorf("the event is %s, %v", fn.Calls()[0], err)
	}
	call.schedule.Input = `{"at":"<aws.scheduler.scheduled-time>"}`
	if got := string(call.payload(at)); got != `{"at":"2026-03-02T09:00:00Z"}` {
		t.Errorf("the input is %s", got)
	}
}
