package outbox

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/infra/local/welcome"
)

// slackMessage is the part of Block Kit that messages use,
// https://docs.slack.dev/reference/block-kit/blocks.
type slackMessage struct {
	Channel string       `json:"channel"`
	TS      string       `json:"ts"`
	Text    string       `json:"text"`
	Blocks  []slackBlock `json:"blocks"`
}

type slackBlock struct {
	BlockID  string         `json:"block_id"`
	Text     slackText      `json:"text"`
	Fields   []slackText    `json:"fields"`
	Elements []slackElement `json:"elements"`
}

type slackElement struct {
	Type        string    `json:"type"`
	Text        slackText `json:"text"`
	URL         string    `json:"url"`
	ActionID    string    `json:"action_id"`
	Value       string    `json:"value"`
	Placeholder slackText `json:"placeholder"`
	Options     []struct {
		Text  slackText `json:"text"`
		Value string    `json:"value"`
	} `json:"options"`
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

// write fills in what the message says, a paragraph for each block, as it was
// sent: Slack's escapes stay. A field's name and value come on one line.
func (m slackMessage) write(to *welcome.Message, publicURL string) {
	to.Subject, _, _ = strings.Cut(m.Text, "\n")
	to.Text, to.Links, to.Actions = m.Text, []welcome.Link{}, nil
	if len(m.Blocks) == 0 {
		return
	}
	var paragraphs []string
	for _, b := range m.Blocks {
		lines := []string{string(b.Text)}
		for _, f := range b.Fields {
			lines = append(lines, strings.Replace(string(f), "\n", ": ", 1))
		}
		for _, e := range b.Elements {
			if e.Type == "button" || e.Type == "static_select" {
				e.write(to, b.BlockID, publicURL)
				continue
			}
			lines = append(lines, string(e.Text))
		}
		lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
		if len(lines) > 0 {
			paragraphs = append(paragraphs, strings.Join(lines, "\n"))
		}
	}
	to.Text = strings.Join(paragraphs, "\n\n")
}

// write adds a button or a menu. Each stands for a link, too: what acts in
// Slack acts in the browser under the address of its token.
func (e slackElement) write(to *welcome.Message, block, publicURL string) {
	if e.URL != "" {
		to.Links = append(to.Links, welcome.Link{Label: string(e.Text), URL: e.URL})
		return
	}
	a := welcome.Action{Label: string(e.Text), ActionID: e.ActionID, BlockID: block, Value: e.Value}
	token := e.Value
	if e.Type == "static_select" {
		a.Label = string(e.Placeholder)
		_, token, _ = strings.Cut(block, ":")
		for _, o := range e.Options {
			a.Options = append(a.Options, welcome.Option{Label: string(o.Text), Value: o.Value})
		}
	}
	to.Actions = append(to.Actions, a)
	to.Links = append(to.Links, welcome.Link{Label: a.Label, URL: publicURL + "/r/" + token})
}
