package outbox

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/handoff-oss/handoff/infra/local/welcome"
)

// maxPost is more than a message can have.
const maxPost = 1 << 20

// Slack takes the posts that Slack's incoming webhooks would, and answers as
// they do.
func (o *Outbox) Slack(w http.ResponseWriter, r *http.Request) {
	var in slackMessage
	if err := json.NewDecoder(io.LimitReader(r.Body, maxPost)).Decode(&in); err != nil {
		http.Error(w, "invalid_payload", http.StatusBadRequest)
		return
	}
	if in.Text == "" && len(in.Blocks) == 0 {
		http.Error(w, "no_text", http.StatusBadRequest)
		return
	}
	m := welcome.Message{Channel: "slack"}
	in.write(&m, "")
	if _, err := o.add(m, r.Header); err != nil {
		http.Error(w, "server_error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "ok") // The sender may be gone.
}

// Webhook takes the posts of the signed webhook.
func (o *Outbox) Webhook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPost))
	if err != nil {
		http.Error(w, "unreadable", http.StatusBadRequest)
		return
	}
	var in struct {
		Data struct {
			Subject string         `json:"subject"`
			Text    string         `json:"text"`
			Links   []welcome.Link `json:"links"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	m := welcome.Message{Channel: "webhook", Subject: in.Data.Subject, Text: in.Data.Text, Links: in.Data.Links}
	if m.Text == "" {
		m.Text = string(body)
	}
	if _, err := o.add(m, r.Header); err != nil {
		http.Error(w, "not stored", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
