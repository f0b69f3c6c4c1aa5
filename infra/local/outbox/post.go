package outbox

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

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
	text, links := in.read()
	subject, _, _ := strings.Cut(in.Text, "\n")
	if _, err := o.add(welcome.Message{Channel: "slack", Subject: subject, Text: text, Links: links}, r.Header); err != nil {
		http.Error(w, "server_error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "ok") // The sender may be gone.
}

// slackMessage is the part of Block Kit that messages use,
// https://docs.slack.dev/reference/block-kit/blocks.
type slackMessage struct {
	Text   string       `json:"text"`
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Text     slackText      `json:"text"`
	Fields   []slackText    `json:"fields"`
	Elements []slackElement `json:"elements"`
}

type slackElement struct {
	Type string    `json:"type"`
	Text slackText `json:"text"`
	URL  string    `json:"url"`
}

// slackText is a text object, or the plain text that stands in its place in
// the elements of a context.
type slackText string

// UnmarshalJSON takes both forms.
func (t *slackText) UnmarshalJSON(b []byte) error {
	var object struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(b, &object) == nil {
		*t = slackText(object.Text)
		return nil
	}
	var plain string
	err := json.Unmarshal(b, &plain)
	*t = slackText(plain)
	return err
}

// read returns what the message says, a paragraph for each block, as it was
// sent: Slack's escapes stay. A field's name and value come on one line.
func (m slackMessage) read() (string, []welcome.Link) {
	if len(m.Blocks) == 0 {
		return m.Text, []welcome.Link{}
	}
	links := []welcome.Link{}
	var paragraphs []string
	for _, b := range m.Blocks {
		lines := []string{string(b.Text)}
		for _, f := range b.Fields {
			lines = append(lines, strings.Replace(string(f), "\n", ": ", 1))
		}
		for _, e := range b.Elements {
			if e.Type == "button" {
				links = append(links, welcome.Link{Label: string(e.Text), URL: e.URL})
				continue
			}
			lines = append(lines, string(e.Text))
		}
		lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
		if len(lines) > 0 {
			paragraphs = append(paragraphs, strings.Join(lines, "\n"))
		}
	}
	return strings.Join(paragraphs, "\n\n"), links
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
