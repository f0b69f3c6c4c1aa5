package outbound

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

func app(url string) SlackApp {
	return SlackApp{Client: NewHTTPClient(), URL: url + "/api/", Token: "xoxb-secret"}
}

func TestTheAppPostsToThePersonAndUpdatesWhereItPosted(t *testing.T) {
	// Slack repeats the whole message in its answer.
	url, got := receiver(t, 200, nil, `{"ok":true,"channel":"D0MAYA","ts":"1772461800.000100","message":{"text":"`+strings.Repeat("x", 30_000)+`"}}`)
	m := message(inputs()["handed_off"])
	at1, err := app(url).Post(t.Context(), m, at)
	if err != nil || at1 != (Posted{Channel: "D0MAYA", TS: "1772461800.000100"}) {
		t.Fatalf("%+v, %v", at1, err)
	}
	if err := app(url).Update(t.Context(), at1, m, at); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ path, channel, ts string }{{"/api/chat.postMessage", "U0MAYA", ""}, {"/api/chat.update", "D0MAYA", "1772461800.000100"}} {
		r := (*got)[i]
		var body slackMessage
		if err := json.Unmarshal(r.body, &body); err != nil {
			t.Fatal(err)
		}
		if r.path != want.path || body.Channel != want.channel || body.TS != want.ts || r.header.Get("Authorization") != "Bearer xoxb-secret" {
			t.Errorf("%s to %q at %q with %q", r.path, body.Channel, body.TS, r.header.Get("Authorization"))
		}
		if r.header.Get("Handoff-Event-Id") != m.Event.ID {
			t.Errorf("names the event %q", r.header.Get("Handoff-Event-Id"))
		}
	}
}

func TestTheAppReachesMembersAlone(t *testing.T) {
	url, got := receiver(t, 200, nil, `{"ok":true}`)
	m := message(inputs()["handed_off"])
	m.To[0].Slack = "maya"
	if err := app(url).Send(t.Context(), m, at); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "rep:maya") || len(*got) > 0 {
		t.Errorf("%v after %d requests", err, len(*got))
	}
}

func TestErrorsOfSlack(t *testing.T) {
	for _, tc := range []struct {
		body   string
		status int
		retry  string
		kind   fault.Kind
		after  time.Duration
	}{
		{`{"ok":false,"error":"ratelimited"}`, 200, "30", fault.Unavailable, 30 * time.Second},
		{`{"ok":false,"error":"ratelimited"}`, 429, "12", fault.Unavailable, 12 * time.Second},
		{`{"ok":false,"error":"internal_error"}`, 200, "", fault.Unavailable, 0},
		{`{"ok":false,"error":"invalid_auth"}`, 200, "", fault.Unavailable, 0},
		{`{"ok":false,"error":"account_inactive"}`, 200, "", fault.Unavailable, 0},
		{`{"ok":false,"error":"missing_scope"}`, 200, "", fault.Unavailable, 0},
		{`{"ok":false,"error":"channel_not_found"}`, 200, "", fault.NotFound, 0},
		{`{"ok":false,"error":"user_not_found"}`, 200, "", fault.Invalid, 0},
		{`{"ok":false,"error":"invalid_blocks"}`, 200, "", fault.Invalid, 0},
		{`{"ok":false,"error":"Rosa is not known"}`, 200, "", fault.Invalid, 0},
		{`{"ok":false,"error":"message_not_found"}`, 200, "", fault.NotFound, 0},
		{`{"ok":false,"error":"cant_update_message"}`, 200, "", fault.NotFound, 0},
		{`<html>Rosa</html>`, 200, "", fault.Unavailable, 0},
		{`away`, 503, "", fault.Unavailable, 0},
		{`no`, 404, "", fault.Invalid, 0},
	} {
		url, got := receiver(t, tc.status, map[string]string{"Retry-After": tc.retry}, tc.body)
		err := app(url).Update(t.Context(), Posted{"D0MAYA", "1.2"}, message(inputs()["handed_off"]), at)
		if err == nil || fault.KindOf(err) != tc.kind || RetryAfter(err) != tc.after || len(*got) != 1 {
			t.Errorf("%s: %v (%v), after %v; want %v after %v", tc.body, err, fault.KindOf(err), RetryAfter(err), tc.kind, tc.after)
		}
		if strings.Contains(err.Error(), "Rosa") || strings.Contains(err.Error(), "xoxb") {
			t.Errorf("the error says too much: %v", err)
		}
	}
	// To whom nothing can be sent, a message that was sent can be changed no more.
	url, _ := receiver(t, 200, nil, `{"ok":false,"error":"channel_not_found"}`)
	if err := app(url).Send(t.Context(), message(inputs()["handed_off"]), at); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v, want Invalid", err)
	}
}

func TestRejectIsAMenuWhenItFits(t *testing.T) {
	reasons := func(ids ...string) []policy.Option {
		all := make([]policy.Option, len(ids))
		for i, id := range ids {
			all[i] = policy.Option{ID: id}
		}
		return all
	}
	many := reasons()
	for i := range 150 {
		many = append(many, policy.Option{ID: fmt.Sprintf("r%d", i), Label: strings.Repeat("&", 200)})
	}
	for _, tc := range []struct {
		name    string
		token   string
		reasons []policy.Option
		options int
		page    bool
	}{
		{"two and other", "t", reasons("too_early", "not_a_fit", "other"), 2, true},
		{"all can be chosen", "t", reasons("too_early"), 1, false},
		{"the policy has none", "t", nil, 0, true},
		{"other alone", "t", reasons("other"), 0, true},
		{"a token that just fits", strings.Repeat("t", 248), reasons("too_early"), 1, false},
		{"a token that is too long", strings.Repeat("t", 249), reasons("too_early"), 0, true},
		{"an id that is too long", "t", reasons("too_early", strings.Repeat("x", 76)), 1, true},
		{"too many", "t", many, 100, true},
	} {
		link := Link{Label: LabelReject, URL: "https://handoff.seller.example/r/" + tc.token, Token: tc.token}
		options, page := checkReject(t, slackActions([]Link{link}, tc.reasons), link)
		if options != tc.options || page != tc.page {
			t.Errorf("%s: %d options, page %v; want %d, %v", tc.name, options, page, tc.options, tc.page)
		}
	}
}

// checkReject counts what can be chosen, looks at its limits, and tells whether
// a button leads to the page.
func checkReject(t *testing.T, blocks []slackBlock, link Link) (options int, page bool) {
	t.Helper()
	for _, b := range blocks {
		for _, e := range b.Elements {
			page = page || e.URL == link.URL
			options += len(e.Options)
			checkOptions(t, e.Options)
		}
		if len(b.BlockID) > slackBlockID || (options > 0 && b.BlockID != "reject:"+link.Token) {
			t.Errorf("block %q", b.BlockID)
		}
	}
	return options, page
}

func checkOptions(t *testing.T, options []slackOption) {
	t.Helper()
	for _, o := range options {
		if n := len([]rune(o.Text.Text)); n == 0 || n > slackButton || o.Value == "" || len(o.Value) > slackButton {
			t.Errorf("option %+v", o)
		}
	}
}
