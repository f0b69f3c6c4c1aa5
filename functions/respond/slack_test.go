package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/handoff-oss/handoff/shared/answer"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// slack plays Slack: it signs what is pressed, and hears what is told.
type slack struct {
	*bench
	mu    sync.Mutex
	heard []map[string]any
}

func newSlack(t *testing.T) *slack {
	t.Helper()
	s := &slack{bench: newBench(t)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message map[string]any
		if body, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(body, &message) != nil || r.Method != http.MethodPost {
			t.Errorf("told %s %q, %v", r.Method, body, err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.heard = append(s.heard, message)
		w.WriteHeader(http.StatusOK)
	}))
	t.Cleanup(server.Close)
	s.slackURL = server.URL + "/api"
	return s
}

// payload is what Slack posts for a press, by the name of its file.
func (s *slack) payload(file, user, actionID, token, reason string) string {
	s.t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		s.t.Fatal(err)
	}
	replaced := strings.NewReplacer("USER", user, "ACTION_ID", actionID, "TOKEN", token, "REASON", reason,
		"RESPONSE_URL", strings.TrimSuffix(s.slackURL, "/api")+"/actions/T0/1/x").Replace(string(text))
	return "payload=" + url.QueryEscape(replaced)
}

// signed is a request as API Gateway passes it on.
func (s *slack) signed(secret, body string, at time.Time) events.APIGatewayV2HTTPRequest {
	s.t.Helper()
	e := s.event("slack.json", "")
	stamp := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte("v0:" + stamp + ":" + body))
	e.Headers["x-slack-request-timestamp"] = stamp
	e.Headers["x-slack-signature"] = "v0=" + hex.EncodeToString(m.Sum(nil))
	e.Body = base64.StdEncoding.EncodeToString([]byte(body))
	return e
}

// posted sends a request and returns the status; a body there never is.
func (s *slack) posted(e events.APIGatewayV2HTTPRequest) int {
	s.t.Helper()
	start := time.Now()
	out, err := s.h.handle(s.t.Context(), e)
	if err != nil || out.Body != "" {
		s.t.Fatalf("%+v, %v", out, err)
	}
	if took := time.Since(start); took > 3*time.Second {
		s.t.Errorf("answered after %s", took)
	}
	return out.StatusCode
}

// press presses a button of the current holder's, as a user.
func (s *slack) press(user string, p link.Purpose) {
	s.t.Helper()
	s.deliver(s.payload("button.json", user, "handoff_"+string(p), s.token(p), ""))
}

// deliver posts a genuine request, which is always answered by 200.
func (s *slack) deliver(body string) {
	s.t.Helper()
	if code := s.posted(s.signed(signingSecret, body, s.now())); code != http.StatusOK {
		s.t.Errorf("status %d", code)
	}
}

// hears expects that the person was told something that contains the words,
// and nothing else.
func (s *slack) hears(words ...string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(words) == 0 && len(s.heard) == 0 {
		return
	}
	if len(s.heard) != 1 {
		s.t.Fatalf("told %v, want %v", s.heard, words)
	}
	m := s.heard[0]
	text, _ := m["text"].(string)
	if m["response_type"] != "ephemeral" || m["replace_original"] != false {
		s.t.Errorf("told %v", m)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			s.t.Errorf("%q is missing in %q", w, text)
		}
	}
	s.heard = nil
}

// alex is the holder's member id in the default policy.
const alex = "U0ALEX000"

func TestAButtonActsAsTheLinkDoes(t *testing.T) {
	s := newSlack(t)
	s.press(alex, link.Accept)
	s.hears()
	s.expect(s.post(s.token(link.Accept), "", http.StatusOK), "accepted this lead already") // not applied yet
	s.press(alex, link.Accept)
	s.hears("You have accepted this lead already")
	s.apply("1.accept")
	s.press(alex, link.Contacted)
	s.press(alex, link.Meeting)
	s.hears()
	s.apply("1.contacted")
	s.apply("1.meeting")
	if l := s.lead(); s.answers() != 3 || l.Journey.Stage != lead.Meeting {
		t.Errorf("%d answers, stage %s", s.answers(), l.Journey.Stage)
	}
	s.press(alex, link.Reject)
	s.hears("You have accepted this lead", "Morgan Hale")
	s.press(alex, link.Comment)
	s.hears("Please write what you want to say.")
	s.press(alex, link.Snooze)
	s.hears("Please choose until when the lead has to wait.")
}

func TestAReasonOfTheList(t *testing.T) {
	s := newSlack(t)
	token := s.token(link.Reject)
	s.deliver(s.payload("select.json", alex, "handoff_reject", token, "made_up"))
	s.hears("Reject this lead?", "Please choose a reason.")
	s.deliver(s.payload("select.json", alex, "handoff_reject", token, "too_early"))
	s.hears()
	if got := s.stored("1.reject").Attributes["reason"]; got != "too_early" {
		t.Errorf("reason %q", got)
	}
	s.apply("1.reject")
	s.give("bo", 2)
	s.deliver(s.payload("button.json", alex, "handoff_contacted", s.sign(link.Contacted, 1, "alex"), ""))
	s.hears("This lead has moved on")
	if n := s.answers(); n != 1 {
		t.Errorf("%d answers", n)
	}
}

func (s *slack) sign(p link.Purpose, handoff int, rep string) string {
	s.t.Helper()
	token, err := link.Sign(linkKey, link.Claims{Lead: s.key, Handoff: handoff, Rep: rep, Purpose: p, Expires: monday.AddDate(0, 0, 7)})
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func TestOnlyTheRepMayPress(t *testing.T) {
	s := newSlack(t)
	for _, user := range []string{"U0BO00000", "U0MORGAN0", ""} {
		s.press(user, link.Accept)
		s.hears("This button is somebody else's")
	}
	s.h.desk.Policy = func(context.Context, time.Time) (*answer.Book, error) { return nil, errAway() }
	s.press(alex, link.Accept)
	s.hears("Please try again in a moment")
	nameless, err := answer.NewBook("p", []byte(strings.ReplaceAll(string(policy.Default()), "slack: U0ALEX000", "slack: ''")))
	if err != nil {
		t.Fatal(err)
	}
	if n := s.answers(); n != 0 {
		t.Fatalf("%d answers", n)
	}
	s.h.desk.Policy = func(context.Context, time.Time) (*answer.Book, error) { return nameless, nil }
	s.press("U0ANYBODY", link.Accept)
	s.hears()
	if n := s.answers(); n != 1 {
		t.Errorf("%d answers", n)
	}
}

// Who the rep is on Slack the directory may say, with no new policy.
func TestTheDirectorySaysWhoMayPress(t *testing.T) {
	s := newSlack(t)
	moved := "U0NEWALEX"
	r := routing.Roster{}.With("alex", routing.Entry{Card: routing.Card{
		Slack: &moved, Hours: &policy.Calendar{Zone: "Europe/London", Hours: map[string][]string{"mon": {"14:00-18:00"}}},
	}})
	if err := s.table.PutRoster(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	s.press(alex, link.Accept)
	s.hears("This button is somebody else's")
	book, err := s.h.desk.Policy(t.Context(), s.now())
	if err != nil {
		t.Fatal(err)
	}
	c := lead.Clock{Hours: policy.HoursHolder, DueAt: monday.Add(2 * time.Hour)}
	of := answer.TermsOf(book, "sales", "alex")
	if _, open, _ := of.Left(c, monday.Add(-2*time.Hour)); of.Zone().String() != "Europe/London" || !of.IsRep(moved) || open {
		t.Errorf("the rep's clock is in %s", of.Zone())
	}
	s.press(moved, link.Accept)
	if n := s.answers(); n != 1 {
		t.Errorf("%d answers", n)
	}
}

func TestWhatIsNotSlacksIsRefused(t *testing.T) {
	s := newSlack(t)
	body := s.payload("button.json", alex, "handoff_accept", s.token(link.Accept), "")
	for name, tc := range map[string]struct {
		secret string
		at     time.Time
		change func(*events.APIGatewayV2HTTPRequest)
	}{
		"another secret":      {"guessed", s.now(), nil},
		"no secret":           {"", s.now(), nil},
		"of five minutes ago": {signingSecret, s.now().Add(-5*time.Minute - time.Second), nil},
		"of the future":       {signingSecret, s.now().Add(5*time.Minute + time.Second), nil},
		"no signature":        {signingSecret, s.now(), func(e *events.APIGatewayV2HTTPRequest) { delete(e.Headers, "x-slack-signature") }},
		"another version": {signingSecret, s.now(), func(e *events.APIGatewayV2HTTPRequest) {
			e.Headers["x-slack-signature"] = "v1=" + e.Headers["x-slack-signature"][3:]
		}},
		"no hex":       {signingSecret, s.now(), func(e *events.APIGatewayV2HTTPRequest) { e.Headers["x-slack-signature"] = "v0=signature" }},
		"another time": {signingSecret, s.now(), func(e *events.APIGatewayV2HTTPRequest) { e.Headers["x-slack-request-timestamp"] += "0" }},
		"no time":      {signingSecret, s.now(), func(e *events.APIGatewayV2HTTPRequest) { e.Headers["x-slack-request-timestamp"] = "" }},
		"one more character": {signingSecret, s.now(), func(e *events.APIGatewayV2HTTPRequest) {
			e.Body = base64.StdEncoding.EncodeToString([]byte(body + "&"))
		}},
		"not base64": {signingSecret, s.now(), func(e *events.APIGatewayV2HTTPRequest) { e.Body = "%%%" }},
		"far too much": {signingSecret, s.now(), func(e *events.APIGatewayV2HTTPRequest) {
			e.Body, e.IsBase64Encoded = strings.Repeat("x", maxPayload+1), false
		}},
		"a check that is wrong": {"guessed", s.now(), func(e *events.APIGatewayV2HTTPRequest) { e.Body, e.IsBase64Encoded = "ssl_check=1", false }},
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			e := s.signed(tc.secret, body, tc.at)
			if tc.change != nil {
				tc.change(&e)
			}
			if code := s.posted(e); code != http.StatusUnauthorized {
				t.Errorf("status %d", code)
			}
		})
	}
	s.t = t
	s.hears()
	if n := s.answers(); n != 0 {
		t.Errorf("%d answers", n)
	}
	if code := s.posted(s.signed("an older secret", body, s.now().Add(-5*time.Minute))); code != http.StatusOK || s.answers() != 1 {
		t.Errorf("during a rotation: status %d, %d answers", code, s.answers())
	}
}

func TestAReplayChangesNothing(t *testing.T) {
	s := newSlack(t)
	e := s.signed(signingSecret, s.payload("button.json", alex, "handoff_accept", s.token(link.Accept), ""), s.now())
	for range 3 {
		if code := s.posted(e); code != http.StatusOK {
			t.Errorf("status %d", code)
		}
	}
	s.at(s.now().Add(6 * time.Minute))
	if code := s.posted(e); code != http.StatusUnauthorized || s.answers() != 1 {
		t.Errorf("status %d, %d answers", code, s.answers())
	}
}

func TestWhatIsNoAnswerIsAcknowledged(t *testing.T) {
	s := newSlack(t)
	button := s.payload("button.json", alex, "ACTION", s.token(link.Accept), "")
	for name, body := range map[string]string{
		"a check of the certificate": "ssl_check=1&token=x",
		"a button that opens a page": strings.ReplaceAll(s.payload("button.json", alex, "handoff_snooze", s.token(link.Accept), ""), url.QueryEscape(`"style": "primary"`), url.QueryEscape(`"url": "https://x.example/r/y"`)),
		"a page without a value":     strings.ReplaceAll(s.payload("button.json", alex, "handoff_snooze", "", ""), "value", "no_value"),
		"a button of nobody's":       button,
		"a list of nobody's":         strings.ReplaceAll(s.payload("select.json", alex, "other", s.token(link.Reject), "too_early"), "reject%3A", "choose%3A"),
		"a view":                     "payload=" + url.QueryEscape(`{"type":"view_submission","user":{"id":"U0ALEX000"}}`),
		"no actions":                 "payload=" + url.QueryEscape(`{"type":"block_actions","user":{"id":"U0ALEX000"},"actions":[]}`),
		"no JSON":                    "payload=hello",
		"no form":                    "%zz",
		"nothing":                    "",
	} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			s.deliver(body)
		})
	}
	s.t = t
	e := s.event("slack.json", "")
	e.Body, e.IsBase64Encoded = "ssl_check=1", false
	delete(e.Headers, "x-slack-signature")
	if code := s.posted(e); code != http.StatusOK {
		t.Errorf("status %d", code)
	}
	s.hears()
	if n := s.answers(); n != 0 {
		t.Errorf("%d answers", n)
	}
}

func TestWhatWentWrongIsTold(t *testing.T) {
	s := newSlack(t)
	token := s.token(link.Accept)
	s.deliver(s.payload("button.json", alex, "handoff_accept", token[:len(token)-4]+"AAAA", ""))
	s.hears("This link does not work")
	s.at(monday.AddDate(0, 0, 7))
	s.deliver(s.payload("button.json", alex, "handoff_accept", token, ""))
	s.hears("This link has expired")
	s.at(monday.Add(5 * time.Minute))

	pool, err := s.table.Pool(t.Context(), "sales")
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		pool = pool.Reject("alex", time.Date(2026, 5, 18, 4, 0, 0, 0, time.UTC))
	}
	pool.Version++
	if err := s.table.PutPool(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	s.deliver(s.payload("select.json", alex, "handoff_reject", s.token(link.Reject), "no_time"))
	s.hears("reached today’s limit", "5 leads")

	s.h.desk.Table = away(t)
	s.deliver(s.payload("button.json", alex, "handoff_accept", token, ""))
	s.hears("Your answer is kept")
	if len(s.parked) != 1 || s.answers() != 0 {
		t.Errorf("parked %v, %d answers", s.parked, s.answers())
	}
	s.unpark()
	s.apply("1.accept")
	if l := s.lead(); l.Journey.Stage != lead.Accepted {
		t.Errorf("stage %s", l.Journey.Stage)
	}
}

func TestTheSecretIsAway(t *testing.T) {
	s := newSlack(t)
	s.h.channels = func(context.Context, time.Time) (channels, error) { return channels{}, errAway() }
	body := s.payload("button.json", alex, "handoff_accept", s.token(link.Accept), "")
	if code := s.posted(s.signed(signingSecret, body, s.now())); code != http.StatusServiceUnavailable {
		t.Errorf("status %d", code)
	}
	s.h.channels = func(context.Context, time.Time) (channels, error) { return channels{}, nil } // nobody has set up the app
	if code := s.posted(s.signed("", body, s.now())); code != http.StatusUnauthorized || s.answers() != 0 {
		t.Errorf("status %d, %d answers", code, s.answers())
	}
}

// Everything outside hangs: the answer to Slack does not.
func TestNothingKeepsSlackWaiting(t *testing.T) {
	s := newSlack(t)
	over := make(chan struct{})
	forever := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	t.Cleanup(forever.Close)
	t.Cleanup(func() { close(over) }) // before the server waits for its requests
	token := s.token(link.Accept)
	s.press(alex, link.Comment) // the policy is known
	s.slackURL = forever.URL + "/api"
	s.h.desk.Table = tableAt(t, forever.URL)
	s.h.desk.Park = func(ctx context.Context, _ ...string) error { <-ctx.Done(); return errAway() }
	s.deliver(s.payload("button.json", alex, "handoff_accept", token, ""))
	s.expect(s.logs.String(), `"tell_error"`, `"outcome":"unavailable"`)
}

func TestWhereItIsTold(t *testing.T) {
	for address, want := range map[string]bool{
		"https://hooks.slack.com/actions/T0/1/x":          true,
		"https://slack.com/api/x":                         true,
		"http://hooks.slack.com/actions/T0/1/x":           false,
		"https://hooks.slack.com.evil.example/x":          false,
		"https://hooks.slack.com:8443/x":                  false,
		"https://hooks.slack.com@evil.example/x":          false,
		"https://someone@hooks.slack.com/x":               false,
		"https://evil.example/?hooks.slack.com":           false,
		"http://127.0.0.1:3000/_local/slack/response":     true,
		"https://127.0.0.1:3000/_local/slack/response":    false,
		"http://127.0.0.1:3001/_local/slack/response":     false,
		"http://169.254.169.254/latest/meta-data":         false,
		"file:///etc/passwd":                              false,
		"":                                                false,
		"https://":                                        false,
		"//hooks.slack.com/x":                             false,
		"https://HOOKS.SLACK.COM/x":                       false,
		"https://hooks.slack.com\x00.evil.example/x":      false,
		"http://127.0.0.1:3000@evil.example/slack/answer": false,
	} {
		if got := mayTell("http://127.0.0.1:3000/_local/slack/api", address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
	if mayTell("", "http://127.0.0.1:3000/x") || mayTell("", "") || !mayTell("", "https://hooks.slack.com/x") {
		t.Error("without an api_url only Slack's own hosts are told")
	}
}

func TestSlackLogsKeepSecrets(t *testing.T) {
	s := newSlack(t)
	s.press(alex, link.Accept)
	s.press("U0BO00000", link.Accept)
	text := s.logs.String()
	for _, secret := range []string{s.token(link.Accept)[:20], alex, "U0BO00000", "Ada", "actions/T0", signingSecret} {
		if strings.Contains(text, secret) {
			t.Errorf("%q stands in the log: %s", secret, text)
		}
	}
	s.expect(text, `"msg":"slack.answered"`, `"outcome":"recorded"`, `"outcome":"not_the_holder"`, `"lead":"`+string(s.key)+`"`)
}

func FuzzParsePayload(f *testing.F) {
	f.Add("ssl_check=1")
	f.Add("payload=" + url.QueryEscape(`{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"handoff_accept","value":"x"}]}`))
	f.Add("payload=" + url.QueryEscape(`{"type":"block_actions","actions":[{"block_id":"reject:x","selected_option":{"value":"r"}}]}`))
	f.Add("payload=%zz")
	f.Fuzz(func(t *testing.T, body string) {
		p, err := parsePayload(body)
		if err != nil && p != (pressed{}) {
			t.Errorf("%q: %+v and %v", body, p, err)
		}
		if _, err := answer.ParseForm("application/json", p.body); err != nil && len(p.body) <= answer.MostBody {
			t.Errorf("%q: the form %q cannot be read: %v", body, p.body, err)
		}
	})
}
