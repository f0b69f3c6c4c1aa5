package outbound

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/remote"
)

// SlackAPI is where Slack's Web API is.
const SlackAPI = "https://slack.com/api"

const (
	methodPost   = "chat.postMessage"
	methodUpdate = "chat.update"
)

// SlackApp writes direct messages through Slack's Web API, by the methods
// https://docs.slack.dev/reference/methods/chat.postMessage and chat.update. A
// message can be put in the place of an earlier one, and its buttons act in
// Slack, without a browser.
//
// A token that Slack does not take, or that lacks a scope, is put right by an
// operator, as is an app whose messages are switched off: then another try may
// help. A person whom Slack does not know is not found by another try.
type SlackApp struct {
	Client *http.Client
	URL    string // of the Web API; "" is SlackAPI
	Token  string // bot token
}

// Posted is where Slack keeps a message.
type Posted struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

// Reaches tells whether the recipient can get direct messages.
func (s SlackApp) Reaches(r Recipient) bool { return memberID(r.Slack) }

// Send posts the message to its first recipient.
func (s SlackApp) Send(ctx context.Context, m Message, now time.Time) error {
	_, err := s.Post(ctx, m, now)
	return err
}

// Post sends the message to its first recipient, and says where it is.
func (s SlackApp) Post(ctx context.Context, m Message, now time.Time) (Posted, error) {
	if len(m.To) == 0 || !s.Reaches(m.To[0]) {
		return Posted{}, fault.New(fault.Invalid, "no Slack member id of %s", m.to())
	}
	body := slackDirect(m)
	body.Channel = m.To[0].Slack
	return s.call(ctx, methodPost, m, body, now)
}

// Update puts the message in the place of an earlier one. Doing it again
// changes nothing. Kinds, besides those of Send: NotFound when the earlier one
// is gone, or may be changed no more.
func (s SlackApp) Update(ctx context.Context, at Posted, m Message, now time.Time) error {
	body := slackDirect(m)
	body.Channel, body.TS = at.Channel, at.TS
	_, err := s.call(ctx, methodUpdate, m, body, now)
	return err
}

func (s SlackApp) call(ctx context.Context, method string, m Message, message slackMessage, now time.Time) (Posted, error) {
	body, err := encode(message)
	if err != nil {
		return Posted{}, err
	}
	base := s.URL
	if base == "" {
		base = SlackAPI
	}
	header := m.header()
	header.Set("Authorization", "Bearer "+ascii(s.Token))
	answer, told, err := exchange(ctx, s.Client, strings.TrimRight(base, "/")+"/"+method, header, body, now)
	if err != nil {
		return Posted{}, err
	}
	var out struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
		Posted
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return Posted{}, fault.New(fault.Unavailable, "%s: the answer is not Slack's", method)
	}
	if !out.OK {
		return Posted{}, judgeSlack(method, out.Error, told, now)
	}
	return out.Posted, nil
}

// judgeSlack sorts the errors that Slack reports with the status 200.
func judgeSlack(method, word string, header http.Header, now time.Time) error {
	if method == methodUpdate && (word == "channel_not_found" || word == "is_archived") {
		word = "message_not_found"
	}
	switch word {
	case "message_not_found", "cant_update_message", "edit_window_closed", "is_inactive":
		return fault.New(fault.NotFound, "%s%s", method, code([]byte(word)))
	case "ratelimited", "rate_limited":
		return remote.Delay(fault.New(fault.Unavailable, "%s%s", method, code([]byte(word))), header, now)
	case "internal_error", "fatal_error", "service_unavailable", "request_timeout", "accesslimited", "team_added_to_org",
		// What an operator puts right: the token, its scopes, the app's settings.
		"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "missing_scope", "no_permission",
		"not_allowed_token_type", "org_login_required", "ekm_access_denied", "access_denied", "team_access_not_granted", "messages_tab_disabled":
		return fault.New(fault.Unavailable, "%s%s", method, code([]byte(word)))
	}
	return fault.New(fault.Invalid, "Slack refused %s%s", method, code([]byte(word)))
}

// slackDirect is the message for one person.
func slackDirect(m Message) slackMessage { return slackBody(m, nil, slackActions(m.Links, m.Reasons)) }

// slackActions are the buttons of a direct message. What one click says acts
// in Slack; what needs a form leads to it.
func slackActions(links []Link, reasons []policy.Option) []slackBlock {
	buttons := slackBlock{Type: "actions"}
	var blocks []slackBlock
	for _, l := range links {
		if l.Label == LabelReject {
			if menu, ok := slackReject(l, reasons); ok {
				blocks = append(blocks, menu)
				continue
			}
		}
		e := slackLink(l)
		if l.Token != "" && (l.Label == LabelAccept || l.Label == LabelContacted || l.Label == LabelMeeting) {
			e.URL, e.Value = "", l.Token
		}
		buttons.Elements = append(buttons.Elements, e)
	}
	if len(buttons.Elements) > 0 {
		blocks = append([]slackBlock{buttons}, blocks...)
	}
	return blocks
}

// otherReason is the one to which a text belongs.
const otherReason = "other"

// slackReject is the menu of the reasons to reject. What cannot be chosen here
// is said on the page, which a button beside it opens. ok is false when there
// is nothing to choose, or no room for the token.
func slackReject(l Link, reasons []policy.Option) (menu slackBlock, ok bool) {
	e := slackElement{
		Type: "static_select", ActionID: slackAction(l.Label), Placeholder: slackPlain(l.Label, slackButton),
		Confirm: &slackDialog{
			Title: *slackPlain("Reject this lead?", slackButton), Text: *slackPlain("Once rejected, the lead is no longer yours.", slackConfirm),
			Confirm: *slackPlain("Reject", slackButton), Deny: *slackPlain("Keep it", slackButton),
		},
	}
	page := false
	for _, r := range reasons {
		if r.ID == "" || r.ID == otherReason || len(r.ID) > slackButton || len(e.Options) == slackOptions {
			page = true
			continue
		}
		label := clean(r.Label, slackButton)
		if label == "" {
			label = words(r.ID)
		}
		e.Options = append(e.Options, slackOption{Text: *slackPlain(label, slackButton), Value: r.ID})
	}
	menu = slackBlock{Type: "actions", BlockID: "reject:" + l.Token, Elements: []slackElement{e}}
	if page {
		menu.Elements = append(menu.Elements, slackElement{
			Type: "button", Text: *slackPlain("Another reason", slackButton), URL: l.URL, ActionID: slackAction(l.Label) + "_page",
		})
	}
	return menu, l.Token != "" && len(menu.BlockID) <= slackBlockID && len(e.Options) > 0
}
