package outbox_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/infra/local/hosttest"
	"github.com/handoff-oss/handoff/infra/local/outbox"
	"github.com/handoff-oss/handoff/infra/local/welcome"
)

const direct = `{"channel":"U0ADA","text":"A lead","blocks":[{"type":"header","text":{"type":"plain_text","text":"Ada"}},
{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Accept"},"action_id":"handoff_accept","value":"tok-a"},
{"type":"button","text":{"type":"plain_text","text":"Open"},"url":"http://127.0.0.1:3000/leads/1a","action_id":"handoff_open"}]},
{"type":"actions","block_id":"reject:tok-r","elements":[{"type":"static_select","action_id":"handoff_reject","placeholder":{"type":"plain_text","text":"Reject"},
"options":[{"text":{"type":"plain_text","text":"Not now"},"value":"too_early"}]}]}]}`

// workspace is one whose interactions come to the app.
func workspace(t *testing.T, app http.HandlerFunc) outbox.Workspace {
	t.Helper()
	o, err := outbox.New(hosttest.DB(t, ""), hosttest.Start().Now)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(app)
	t.Cleanup(srv.Close)
	return outbox.Workspace{Outbox: o, PublicURL: srv.URL, Token: "xoxb-1", SigningSecret: "sign", Client: srv.Client()}
}

// call posts to a handler and returns its answer.
func call(t *testing.T, handler http.HandlerFunc, target, token, contentType, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Handoff-Event-Id", "1a.3.0")
	r.Header.Set("Handoff-Lead", "1a")
	r.Header.Set("Handoff-To", "rep:ada")
	w := httptest.NewRecorder()
	handler(w, r)
	return w
}

func api(t *testing.T, handler http.HandlerFunc, token, body string) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal(call(t, handler, "/", token, "application/json", body).Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func only(t *testing.T, s outbox.Workspace) welcome.Message {
	t.Helper()
	all, err := s.Outbox.Messages()
	if err != nil || len(all) != 1 {
		t.Fatalf("%d messages, %v", len(all), err)
	}
	return all[0]
}

func TestADirectMessageIsShownAndChangedInPlace(t *testing.T) {
	s := workspace(t, func(http.ResponseWriter, *http.Request) {})
	posted := api(t, s.PostMessage, "xoxb-1", direct)
	m := only(t, s)
	want := []welcome.Link{
		{Label: "Accept", URL: s.PublicURL + "/r/tok-a"}, {Label: "Open", URL: "http://127.0.0.1:3000/leads/1a"}, {Label: "Reject", URL: s.PublicURL + "/r/tok-r"},
	}
	if diff := cmp.Diff(want, m.Links); diff != "" || m.Channel != "slack" || m.To != "rep:ada" || m.Event.ID != "1a.3.0" || len(m.Actions) != 2 {
		t.Errorf("%+v (-want +got):\n%s", m, diff)
	}
	if posted["ok"] != true || posted["channel"] != "D0ADA" || posted["ts"] != m.Slack.TS {
		t.Errorf("answer %v", posted)
	}
	changed := `{"channel":"D0ADA","ts":"` + m.Slack.TS + `","text":"Accepted","blocks":[{"type":"header","text":{"type":"plain_text","text":"Done"}}]}`
	for range 2 {
		if got := api(t, s.Update, "xoxb-1", changed); got["ok"] != true {
			t.Fatalf("answer %v", got)
		}
		n := only(t, s)
		if n.ID != m.ID || !n.At.Equal(m.At) || n.UpdatedAt.IsZero() || n.Text != "Done" || n.Subject != "Accepted" || len(n.Links)+len(n.Actions) != 0 || n.To != m.To || n.Event != m.Event {
			t.Errorf("changed to %+v", n)
		}
	}
}

func TestWhatSlackRefuses(t *testing.T) {
	s := workspace(t, func(http.ResponseWriter, *http.Request) {})
	for _, tc := range []struct {
		handler           http.HandlerFunc
		token, body, want string
	}{
		{s.PostMessage, "", direct, "not_authed"},
		{s.PostMessage, "xoxb-2", direct, "invalid_auth"},
		{s.PostMessage, "xoxb-1", "no JSON", "invalid_json"},
		{s.PostMessage, "xoxb-1", `{"channel":"U0ADA"}`, "no_text"},
		{s.PostMessage, "xoxb-1", `{"channel":"ada","text":"x"}`, "channel_not_found"},
		{s.PostMessage, "xoxb-1", `{"text":"x"}`, "channel_not_found"},
		{s.Update, "xoxb-1", `{"channel":"D0ADA","ts":"1.1","text":"x"}`, "message_not_found"},
		{s.Update, "xoxb-2", `{"channel":"D0ADA","ts":"1.1","text":"x"}`, "invalid_auth"},
	} {
		if got := api(t, tc.handler, tc.token, tc.body); got["ok"] != false || got["error"] != tc.want {
			t.Errorf("%s: %v, want %s", tc.body, got, tc.want)
		}
	}
}

// interaction is a press as the app sees it.
type interaction struct {
	Type        string
	User        struct{ ID string }
	Channel     struct{ ID string }
	Message     struct{ TS string }
	ResponseURL string `json:"response_url"`
	TriggerID   string `json:"trigger_id"`
	Actions     []struct {
		Type           string
		ActionID       string `json:"action_id"`
		BlockID        string `json:"block_id"`
		Value          string
		SelectedOption struct{ Value string } `json:"selected_option"`
	}
}

// verified reads an interaction whose signature is right.
func verified(t *testing.T, r *http.Request) (in interaction) {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	stamp := r.Header.Get("X-Slack-Request-Timestamp")
	mac := hmac.New(sha256.New, []byte("sign"))
	mac.Write([]byte("v0:" + stamp + ":" + string(body)))
	if got, want := r.Header.Get("X-Slack-Signature"), "v0="+hex.EncodeToString(mac.Sum(nil)); got != want {
		t.Errorf("signature %q, want %q", got, want)
	}
	if stamp != strconv.FormatInt(hosttest.Start().Now().Unix(), 10) || r.URL.Path != "/slack/interactions" {
		t.Errorf("%s at %s", r.URL.Path, stamp)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Error(err)
	}
	if err := json.Unmarshal([]byte(form.Get("payload")), &in); err != nil {
		t.Error(err)
	}
	return in
}

func TestAPressIsASignedInteraction(t *testing.T) {
	var got []interaction
	s := workspace(t, func(_ http.ResponseWriter, r *http.Request) { got = append(got, verified(t, r)) })
	api(t, s.PostMessage, "xoxb-1", direct)
	m := only(t, s)
	press := func(form string) int {
		return call(t, s.Press, "/", "", "application/x-www-form-urlencoded", form).Code
	}
	for _, form := range []string{"message=1&action=0", "message=1&action=1&option=too_early"} {
		if code := press(form); code != http.StatusSeeOther {
			t.Fatalf("%s answers %d", form, code)
		}
	}
	for _, form := range []string{"message=9&action=0", "message=1&action=2", "message=1&action=-1", "message=1&action=x", ""} {
		if code := press(form); code != http.StatusNotFound {
			t.Errorf("%s answers %d", form, code)
		}
	}
	if len(got) != 2 {
		t.Fatalf("%d interactions", len(got))
	}
	for _, in := range got {
		about := []string{in.Type, in.User.ID, in.Channel.ID, in.Message.TS}
		if diff := cmp.Diff([]string{"block_actions", "U0ADA", "D0ADA", m.Slack.TS}, about); diff != "" || in.TriggerID == "" || len(in.Actions) != 1 {
			t.Errorf("%+v", in)
		}
	}
	if a := got[0].Actions[0]; a.Type != "button" || a.ActionID != "handoff_accept" || a.Value != "tok-a" {
		t.Errorf("the button: %+v", a)
	}
	if a := got[1].Actions[0]; a.Type != "static_select" || a.BlockID != "reject:tok-r" || a.SelectedOption.Value != "too_early" {
		t.Errorf("the menu: %+v", a)
	}
	checkAnswers(t, s, got[0].ResponseURL)
}

// checkAnswers posts to a response_url.
func checkAnswers(t *testing.T, s outbox.Workspace, responseURL string) {
	t.Helper()
	back, err := url.Parse(responseURL)
	if err != nil || back.Path != "/_local/slack/response" {
		t.Fatalf("answers go to %q", responseURL)
	}
	if w := call(t, s.Response, responseURL, "", "application/json", `{"response_type":"ephemeral","text":"The lead has moved on."}`); w.Code != http.StatusOK {
		t.Errorf("the answer is refused: %d", w.Code)
	}
	if answers := only(t, s).Answers; len(answers) != 1 || answers[0].Text != "The lead has moved on." {
		t.Errorf("answers: %+v", answers)
	}
	if w := call(t, s.Response, "/?message=9", "", "application/json", `{"text":"x"}`); w.Code != http.StatusNotFound {
		t.Errorf("an answer to no message: %d", w.Code)
	}
	if w := call(t, s.Response, responseURL, "", "application/json", `{}`); w.Code != http.StatusBadRequest {
		t.Errorf("an empty answer: %d", w.Code)
	}
}

func TestAnAppThatFailsIsReported(t *testing.T) {
	s := workspace(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	api(t, s.PostMessage, "xoxb-1", direct)
	call(t, s.Press, "/", "", "application/x-www-form-urlencoded", "message=1&action=0")
	if answers := only(t, s).Answers; len(answers) != 1 || !strings.Contains(answers[0].Text, "401") {
		t.Errorf("answers: %+v", answers)
	}
}

func TestTeams(t *testing.T) {
	status, got := post(t, func(o *outbox.Outbox) http.HandlerFunc { return o.Teams }, `{"type":"message","attachments":[{
		"contentType":"application/vnd.microsoft.card.adaptive","contentUrl":null,"content":{"type":"AdaptiveCard","body":[
		{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"A lead"}]},{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"Name: "},{"type":"TextRun","text":"*Ada*"}]},
		{"type":"TextBlock","text":"Why"},{"type":"FactSet","facts":[{"title":"Due","value":"now"}]}],
		"actions":[{"type":"Action.OpenUrl","title":"Accept","url":"http://127.0.0.1:3000/r/t"}]}}]}`)
	if status != http.StatusAccepted {
		t.Errorf("status %d", status)
	}
	want := message("teams", "A lead\nName: *Ada*\nWhy\nDue: now", welcome.Link{Label: "Accept", URL: "http://127.0.0.1:3000/r/t"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, body := range []string{"", "no JSON", `{}`, `{"attachments":[{"contentType":"text/plain"}]}`} {
		if status, got := post(t, func(o *outbox.Outbox) http.HandlerFunc { return o.Teams }, body); status != http.StatusBadRequest || len(got) != 0 {
			t.Errorf("Teams takes %q: %d, %v", body, status, got)
		}
	}
}
