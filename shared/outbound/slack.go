package outbound

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Limits of Block Kit: https://docs.slack.dev/reference/block-kit/blocks
const (
	slackHeader  = 150
	slackSection = 3000
	slackField   = 2000
	slackFields  = 10
	slackButton  = 75
	slackBlockID = 255
	slackOptions = 100
	slackConfirm = 300
)

// Slack posts to an incoming webhook, whose buttons are links to a browser.
//
// Texts stand in plain_text objects, in which Slack knows no markup, so that
// a name comes out as it was typed, asterisks, underscores and colons
// included. The three characters that Slack gives a meaning everywhere are
// escaped. The only mrkdwn object holds the mentions, which are made of
// checked member ids alone.
type Slack struct {
	Client     *http.Client
	WebhookURL string // a secret by itself
}

// Send posts the message.
func (s Slack) Send(ctx context.Context, m Message, now time.Time) error {
	body, err := encode(slackWebhook(m))
	if err != nil {
		return err
	}
	return post(ctx, s.Client, s.WebhookURL, m.header(), body, now)
}

type slackMessage struct {
	Channel     string       `json:"channel,omitempty"` // of the Web API alone, as is ts
	TS          string       `json:"ts,omitempty"`
	Text        string       `json:"text"` // shown where blocks are not: in alerts, to screen readers
	Mrkdwn      bool         `json:"mrkdwn"`
	UnfurlLinks bool         `json:"unfurl_links"`
	UnfurlMedia bool         `json:"unfurl_media"`
	Blocks      []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string         `json:"type"`
	BlockID  string         `json:"block_id,omitempty"`
	Text     *slackText     `json:"text,omitempty"`
	Fields   []slackText    `json:"fields,omitempty"`
	Elements []slackElement `json:"elements,omitempty"`
}

type slackText struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Emoji    *bool  `json:"emoji,omitempty"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

// slackElement is a text of a context block, a button or a menu.
type slackElement struct {
	Type        string        `json:"type"`
	Text        any           `json:"text,omitempty"` // string in a context, slackText in a button
	Emoji       *bool         `json:"emoji,omitempty"`
	URL         string        `json:"url,omitempty"`
	ActionID    string        `json:"action_id,omitempty"`
	Value       string        `json:"value,omitempty"`
	Style       string        `json:"style,omitempty"`
	Placeholder *slackText    `json:"placeholder,omitempty"`
	Options     []slackOption `json:"options,omitempty"`
	Confirm     *slackDialog  `json:"confirm,omitempty"`
}

type slackOption struct {
	Text  slackText `json:"text"`
	Value string    `json:"value"`
}

type slackDialog struct {
	Title   slackText `json:"title"`
	Text    slackText `json:"text"`
	Confirm slackText `json:"confirm"`
	Deny    slackText `json:"deny"`
}

// slackWebhook is the message in a channel: it mentions whom it is for, and
// its buttons lead to the browser.
func slackWebhook(m Message) slackMessage {
	mentions := slackMentions(m.To)
	if mentions == "" {
		return slackBody(m, nil, slackButtons(m.Links))
	}
	mention := slackBlock{Type: "section", Text: &slackText{Type: "mrkdwn", Text: mentions, Verbatim: true}}
	return slackBody(m, []slackBlock{mention}, slackButtons(m.Links))
}

// slackBody lays a message out around whom it is for and what they can do.
func slackBody(m Message, whom, actions []slackBlock) slackMessage {
	out := slackMessage{
		Text:   escapeSlack(paragraphs(m.Subject, m.Intro, linesText(m.Promises), m.reference()), slackSection),
		Blocks: []slackBlock{{Type: "header", Text: slackPlain(m.Subject, slackHeader)}},
	}
	out.Blocks = append(out.Blocks, whom...)
	out.Blocks = append(out.Blocks, slackSections(m.Intro)...)
	if len(m.Who) > 0 {
		out.Blocks = append(out.Blocks, slackWho(m.Who))
	}
	out.Blocks = append(out.Blocks, slackSections(m.whyText(), linesText(m.Promises), strings.Join(m.Notes, "\n"))...)
	out.Blocks = append(out.Blocks, actions...)
	no := false
	out.Blocks = append(out.Blocks, slackBlock{Type: "context", Elements: []slackElement{
		{Type: "plain_text", Text: escapeSlack(m.reference(), slackField), Emoji: &no},
	}})
	return out
}

// encode writes JSON as it is, without the escapes that HTML would need.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fault.Wrap(fault.Invalid, "encode message", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

func slackPlain(s string, most int) *slackText {
	no := false
	return &slackText{Type: "plain_text", Text: escapeSlack(s, most), Emoji: &no}
}

func slackSections(texts ...string) []slackBlock {
	var blocks []slackBlock
	for _, t := range texts {
		if t != "" {
			blocks = append(blocks, slackBlock{Type: "section", Text: slackPlain(t, slackSection)})
		}
	}
	return blocks
}

func slackWho(who []Line) slackBlock {
	b := slackBlock{Type: "section"}
	for _, l := range who[:min(len(who), slackFields)] {
		b.Fields = append(b.Fields, *slackPlain(l.Label+"\n"+l.Text, slackField))
	}
	return b
}

// slackButtons makes buttons that are links.
func slackButtons(links []Link) []slackBlock {
	if len(links) == 0 {
		return nil
	}
	b := slackBlock{Type: "actions"}
	for _, l := range links {
		b.Elements = append(b.Elements, slackLink(l))
	}
	return []slackBlock{b}
}

func slackLink(l Link) slackElement {
	e := slackElement{Type: "button", Text: *slackPlain(l.Label, slackButton), URL: l.URL, ActionID: slackAction(l.Label)}
	switch l.Label {
	case LabelAccept:
		e.Style = "primary"
	case LabelReject:
		e.Style = "danger"
	}
	return e
}

// slackAction names what a button does: handoff_ and the purpose of its link.
func slackAction(label string) string {
	if label == LabelMeeting {
		label = "meeting"
	}
	return "handoff_" + strings.ReplaceAll(strings.ToLower(label), " ", "_")
}

// slackMentions mentions the recipients who have a Slack member id.
func slackMentions(to []Recipient) string {
	var mentions []string
	for _, r := range to {
		if memberID(r.Slack) {
			mentions = append(mentions, "<@"+r.Slack+">")
		}
	}
	return strings.Join(mentions, " ")
}

// memberID tells whether s has the form of a Slack member id, such as U024BE7LH.
func memberID(s string) bool {
	if len(s) < 3 || len(s) > 30 || (s[0] != 'U' && s[0] != 'W') {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// escapeSlack escapes the characters that Slack gives a meaning, and cuts what
// is longer than most characters of the escaped text, never inside an escape.
func escapeSlack(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		part := string(r)
		switch r {
		case '&':
			part = "&amp;"
		case '<':
			part = "&lt;"
		case '>':
			part = "&gt;"
		}
		// UTF-16 units, of which a rune has at most two, are what Slack counts.
		width := len(part)
		if width > 1 && part[0] != '&' {
			width = 2
		}
		if n+width > most-1 {
			return b.String() + "…"
		}
		b.WriteString(part)
		n += width
	}
	return b.String()
}
