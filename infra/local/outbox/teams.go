package outbox

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/handoff-oss/handoff/infra/local/welcome"
)

// teamsCard is the part of an Adaptive Card that messages use,
// https://adaptivecards.io/explorer.
type teamsCard struct {
	Body []struct {
		Text    string `json:"text"`
		Inlines []struct {
			Text string `json:"text"`
		} `json:"inlines"`
		Facts []struct {
			Title string `json:"title"`
			Value string `json:"value"`
		} `json:"facts"`
	} `json:"body"`
	Actions []struct {
		Title string `json:"title"`
		URL   string `json:"url"`
	} `json:"actions"`
}

// Teams takes the posts that the webhook of a workflow in Teams would, and
// answers as it does.
func (o *Outbox) Teams(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Attachments []struct {
			ContentType string    `json:"contentType"`
			Content     teamsCard `json:"content"`
		} `json:"attachments"`
	}
	err := json.NewDecoder(io.LimitReader(r.Body, maxPost)).Decode(&in)
	if err != nil || len(in.Attachments) == 0 || in.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" {
		http.Error(w, "the body holds no Adaptive Card", http.StatusBadRequest)
		return
	}
	m := in.Attachments[0].Content.message()
	if _, err := o.add(m, r.Header); err != nil {
		http.Error(w, "not stored", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// message returns what the card says, a line for each of its blocks.
func (c teamsCard) message() welcome.Message {
	m := welcome.Message{Channel: "teams"}
	var lines []string
	for _, b := range c.Body {
		line := b.Text
		for _, i := range b.Inlines {
			line += i.Text
		}
		if line != "" {
			lines = append(lines, line)
		}
		for _, f := range b.Facts {
			lines = append(lines, f.Title+": "+f.Value)
		}
	}
	if len(lines) > 0 {
		m.Subject = lines[0]
	}
	m.Text = strings.Join(lines, "\n")
	for _, a := range c.Actions {
		m.Links = append(m.Links, welcome.Link{Label: a.Title, URL: a.URL})
	}
	return m
}
