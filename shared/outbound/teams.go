package outbound

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	// mostTeams is how long a body may be: Teams takes 28 KB,
	// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
	mostTeams = 27_000
	// mostTeamsActions is how many actions a card shows in Teams.
	mostTeamsActions = 6
)

// Teams posts Adaptive Cards to the webhook of a workflow in Microsoft Teams.
//
// Every text stands in a TextRun, which Adaptive Cards take as it is, where a
// TextBlock and a fact would read Markdown. The only thing that is read in a
// run, {{DATE(…)}} and {{TIME(…)}}, is taken apart.
type Teams struct {
	Client     *http.Client
	WebhookURL string // a secret by itself
}

// Send posts the message.
func (t Teams) Send(ctx context.Context, m Message, now time.Time) error {
	body, err := teamsBody(m)
	if err != nil {
		return err
	}
	return post(ctx, t.Client, t.WebhookURL, m.header(), body, now)
}

type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	ContentURL  *string   `json:"contentUrl"` // always null
	Content     teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string         `json:"$schema"`
	Type    string         `json:"type"`
	Version string         `json:"version"`
	Body    []teamsBlock   `json:"body"`
	Actions []teamsAction  `json:"actions,omitempty"`
	Teams   map[string]any `json:"msteams"`
}

type teamsBlock struct {
	Type      string     `json:"type"`
	Spacing   string     `json:"spacing,omitempty"`
	Separator bool       `json:"separator,omitempty"`
	Inlines   []teamsRun `json:"inlines"`
}

type teamsRun struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Size   string `json:"size,omitempty"`
	Weight string `json:"weight,omitempty"`
	Color  string `json:"color,omitempty"`
	Subtle bool   `json:"isSubtle,omitempty"`
}

type teamsAction struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
	Style string `json:"style,omitempty"`
}

// teamsBody writes as many parts of the scores as there is room for; all else
// is bounded.
func teamsBody(m Message) ([]byte, error) {
	most := 0
	for _, s := range m.Scores {
		most += len(s.Parts)
	}
	for {
		body, err := encode(teamsMessage{Type: "message", Attachments: []teamsAttachment{{
			ContentType: "application/vnd.microsoft.card.adaptive",
			Content: teamsCard{
				Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4",
				Body: teamsBlocks(m, most), Actions: teamsActions(m.Links), Teams: map[string]any{"width": "Full"},
			},
		}}})
		if err != nil || len(body) <= mostTeams || most == 0 {
			return body, err
		}
		most /= 2
	}
}

// teamsBlocks lays the message out, with at most so many parts of the scores.
func teamsBlocks(m Message, parts int) []teamsBlock {
	blocks := []teamsBlock{
		teamsLine("", teamsRun{Text: m.Subject, Size: "Large", Weight: "Bolder"}),
		teamsLine("", teamsRun{Text: m.Intro}),
	}
	for _, n := range m.Notes {
		blocks = append(blocks, teamsLine("", teamsRun{Text: n, Color: "Warning", Weight: "Bolder"}))
	}
	blocks = append(blocks, teamsLines(m.Promises)...)
	blocks = append(blocks, teamsLines(m.Who)...)
	blocks = append(blocks, teamsWhy(m, parts)...)
	reference := teamsLine("", teamsRun{Text: m.reference(), Size: "Small", Subtle: true})
	reference.Separator = true
	return append(blocks, reference)
}

// teamsWhy lists why now.
func teamsWhy(m Message, parts int) []teamsBlock {
	var blocks []teamsBlock
	if m.Why != "" {
		blocks = append(blocks, teamsLine("", teamsRun{Text: "Why now: ", Weight: "Bolder"}, teamsRun{Text: m.Why}))
	}
	for _, s := range m.Scores {
		blocks = append(blocks, teamsLine("None", teamsRun{Text: s.title(), Weight: "Bolder"}))
		shown := s.Parts[:min(len(s.Parts), parts)]
		parts -= len(shown)
		for _, p := range shown {
			blocks = append(blocks, teamsLine("None", teamsRun{Text: fmt.Sprintf("%+d  %s", p.Points, p.Reason)}))
		}
		if left := len(s.Parts) - len(shown); left > 0 {
			blocks = append(blocks, teamsLine("None", teamsRun{Text: fmt.Sprintf("and %d more, on the lead's page", left), Subtle: true}))
		}
	}
	return blocks
}

func teamsLines(lines []Line) []teamsBlock {
	blocks := make([]teamsBlock, len(lines))
	for i, l := range lines {
		spacing := "None"
		if i == 0 {
			spacing = ""
		}
		blocks[i] = teamsLine(spacing, teamsRun{Text: l.Label + ": ", Weight: "Bolder"}, teamsRun{Text: l.Text})
	}
	return blocks
}

func teamsLine(spacing string, runs ...teamsRun) teamsBlock {
	for i := range runs {
		runs[i].Type, runs[i].Text = "TextRun", plainTeams(runs[i].Text)
	}
	return teamsBlock{Type: "RichTextBlock", Spacing: spacing, Inlines: runs}
}

// plainTeams takes apart what begins a function of the renderer's.
func plainTeams(s string) string {
	for strings.Contains(s, "{{") {
		s = strings.ReplaceAll(s, "{{", "{ {")
	}
	return s
}

func teamsActions(links []Link) []teamsAction {
	var actions []teamsAction
	for _, l := range links[:min(len(links), mostTeamsActions)] {
		a := teamsAction{Type: "Action.OpenUrl", Title: l.Label, URL: l.URL}
		switch l.Label {
		case LabelAccept:
			a.Style = "positive"
		case LabelReject:
			a.Style = "destructive"
		}
		actions = append(actions, a)
	}
	return actions
}
