package outbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/infra/local/welcome"
	"github.com/handoff-oss/handoff/shared/fault"
)

// Workspace plays a Slack workspace in which the app is installed: the methods
// of the Web API that the app calls, and the people who press its buttons.
type Workspace struct {
	Outbox        *Outbox
	PublicURL     string // where interactions go, and what answers to them come back to
	Token         string // of the app's bot
	SigningSecret string // signs interactions
	Client        *http.Client
}

// PostMessage is chat.postMessage.
func (s Workspace) PostMessage(w http.ResponseWriter, r *http.Request) {
	in, ok := s.read(w, r)
	if !ok {
		return
	}
	if in.Channel == "" || !strings.Contains("UWDC", in.Channel[:1]) {
		refuseSlack(w, "channel_not_found")
		return
	}
	m := welcome.Message{Channel: "slack", Slack: &welcome.SlackRef{Channel: "D" + in.Channel[1:], User: in.Channel}}
	in.write(&m, s.PublicURL)
	if _, err := s.Outbox.add(m, r.Header); err != nil {
		refuseSlack(w, "internal_error")
		return
	}
	answerSlack(w, map[string]any{"ok": true, "channel": m.Slack.Channel, "ts": m.Slack.TS, "message": map[string]string{"text": in.Text}})
}

// Update is chat.update.
func (s Workspace) Update(w http.ResponseWriter, r *http.Request) {
	in, ok := s.read(w, r)
	if !ok {
		return
	}
	meant := func(m welcome.Message) bool {
		return m.Slack != nil && m.Slack.Channel == in.Channel && m.Slack.TS == in.TS
	}
	err := s.Outbox.change(meant, func(m *welcome.Message) {
		in.write(m, s.PublicURL)
		m.UpdatedAt = s.Outbox.now()
	})
	if err != nil {
		refuseSlack(w, "message_not_found")
		return
	}
	answerSlack(w, map[string]any{"ok": true, "channel": in.Channel, "ts": in.TS, "text": in.Text})
}

// read checks the token and reads the message. ok is false when it has
// answered.
func (s Workspace) read(w http.ResponseWriter, r *http.Request) (in slackMessage, ok bool) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case token == "":
		refuseSlack(w, "not_authed")
	case subtle.ConstantTimeCompare([]byte(token), []byte(s.Token)) != 1:
		refuseSlack(w, "invalid_auth")
	case json.NewDecoder(io.LimitReader(r.Body, maxPost)).Decode(&in) != nil:
		refuseSlack(w, "invalid_json")
	case in.Text == "" && len(in.Blocks) == 0:
		refuseSlack(w, "no_text")
	default:
		return in, true
	}
	return in, false
}

func refuseSlack(w http.ResponseWriter, word string) {
	answerSlack(w, map[string]any{"ok": false, "error": word})
}

func answerSlack(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v) // The sender may be gone.
}

// Response takes what is posted to the response_url of an interaction, and
// shows it below the message that ?message= names.
func (s Workspace) Response(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Text string `json:"text"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, maxPost)).Decode(&in); err != nil || in.Text == "" {
		http.Error(w, "no_text", http.StatusBadRequest)
		return
	}
	if err := s.tell(r.URL.Query().Get("message"), in.Text); err != nil {
		http.Error(w, "expired_url", http.StatusNotFound)
		return
	}
	_, _ = io.WriteString(w, "ok") // The sender may be gone.
}

func (s Workspace) tell(id, text string) error {
	return s.Outbox.change(
		func(m welcome.Message) bool { return m.ID == id },
		func(m *welcome.Message) {
			m.Answers = append(m.Answers, welcome.Answer{Text: text, At: s.Outbox.now()})
		},
	)
}

// Press presses a button, or chooses from a menu, as the person to whom the
// message is: Slack sends the app a signed interaction,
// https://docs.slack.dev/reference/interaction-payloads/block_actions-payload.
// The form names the message, the action by its place, and the option.
func (s Workspace) Press(w http.ResponseWriter, r *http.Request) {
	m, err := s.message(r.FormValue("message"))
	at, numeric := strconv.Atoi(r.FormValue("action"))
	if err != nil || numeric != nil || m.Slack == nil || at < 0 || at >= len(m.Actions) {
		http.Error(w, "There is no such button any more.", http.StatusNotFound)
		return
	}
	payload, err := json.Marshal(s.interaction(m, m.Actions[at], r.FormValue("option")))
	if err == nil {
		err = s.send(r, string(payload))
	}
	if err != nil {
		// What Slack shows with a sign of warning beside the message.
		err = s.tell(m.ID, "Slack says: the app did not take it ("+err.Error()+").")
	}
	if err != nil {
		http.Error(w, "not stored", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/_local/outbox?lead="+url.QueryEscape(m.Event.Lead)+"#m-"+url.QueryEscape(m.ID), http.StatusSeeOther)
}

func (s Workspace) message(id string) (welcome.Message, error) {
	all, err := s.Outbox.Messages()
	if err != nil {
		return welcome.Message{}, err
	}
	i := slices.IndexFunc(all, func(m welcome.Message) bool { return m.ID == id })
	if i < 0 {
		return welcome.Message{}, fault.New(fault.NotFound, "no such message")
	}
	return all[i], nil
}

// interaction is the payload of a press.
func (s Workspace) interaction(m welcome.Message, a welcome.Action, option string) map[string]any {
	plain := func(text string) map[string]any {
		return map[string]any{"type": "plain_text", "text": text, "emoji": false}
	}
	stamp := strconv.FormatInt(s.Outbox.now().Unix(), 10) + ".000000"
	action := map[string]any{"action_id": a.ActionID, "block_id": a.BlockID, "action_ts": stamp}
	if len(a.Options) > 0 {
		action["type"], action["placeholder"] = "static_select", plain(a.Label)
		for _, o := range a.Options {
			if o.Value == option {
				action["selected_option"] = map[string]any{"text": plain(o.Label), "value": o.Value}
			}
		}
	} else {
		action["type"], action["text"], action["value"] = "button", plain(a.Label), a.Value
	}
	return map[string]any{
		"type": "block_actions", "api_app_id": "A0LOCAL", "trigger_id": m.ID + "." + stamp,
		"team":         map[string]string{"id": "T0LOCAL", "domain": "local"},
		"user":         map[string]string{"id": m.Slack.User, "team_id": "T0LOCAL"},
		"channel":      map[string]string{"id": m.Slack.Channel, "name": "directmessage"},
		"container":    map[string]any{"type": "message", "message_ts": m.Slack.TS, "channel_id": m.Slack.Channel, "is_ephemeral": false},
		"message":      map[string]string{"type": "message", "ts": m.Slack.TS, "text": m.Subject},
		"response_url": s.PublicURL + "/_local/slack/response?message=" + url.QueryEscape(m.ID),
		"actions":      []any{action},
	}
}

// send posts a payload as Slack does, signed at the stack's time:
// https://docs.slack.dev/authentication/verifying-requests-from-slack
func (s Workspace) send(r *http.Request, payload string) error {
	body := url.Values{"payload": {payload}}.Encode()
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, s.PublicURL+"/slack/interactions", strings.NewReader(body))
	if err != nil {
		return fault.Wrap(fault.Invalid, "make the request", err)
	}
	stamp := strconv.FormatInt(s.Outbox.now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(s.SigningSecret))
	mac.Write([]byte("v0:" + stamp + ":" + body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := s.Client.Do(req)
	if err != nil {
		return fault.New(fault.Unavailable, "no answer")
	}
	if err := resp.Body.Close(); err != nil {
		return fault.Wrap(fault.Unavailable, "read the answer", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fault.New(fault.Unavailable, "it answered %d", resp.StatusCode)
	}
	return nil
}
