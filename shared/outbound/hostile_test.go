package outbound

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/handoff-oss/handoff/shared/signal"
)

func hostileTexts() []string {
	return []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</title></h1><h1>Paid", "javascript:alert(1)", "{{.Event}}", "{{DATE(2026-03-02T14:30:00Z, LONG)}} {{{{TIME(x)}}", "[Paid](https://evil.example) **b** # h", "<!--",
		"<!channel>", "*<!channel>* <https://evil.example|x>", "<!here|here> <!everyone>", "<@U0MAYA> <#C01>", "&lt;!channel&gt;", "&amp;lt;!channel>",
		"*bold* _it_ ~no~ `code` ```block```", "> quoted\n> more", ":fire: :smile:", "@channel @here #general",
		"Rosa\r\nBcc: everybody@seller.example", "Rosa\nX-Header: 1\n\n<b>body</b>", "\x00\x07\x1b[31mred", "Rosa\u2028\u2029Okonkwo",
		"\u202Eevil\u202C \u2066x\u2069 \u200B\u200D\uFEFF", "\xff\xfe broken", "=cmd|' /C calc'!A0", strings.Repeat("A", 100_000), strings.Repeat("&", 500),
		"  \t ", "مرحبا", "名前", "🧑‍🚀",
	}
}

func hostile(s string) Message {
	in := inputs()["handed_off"]
	fields := map[string]string{"custom": s}
	for _, f := range []string{
		signal.FieldFirstName, signal.FieldLastName, signal.FieldCompany, signal.FieldTitle, signal.FieldEmail,
		signal.FieldPhone, signal.FieldCountry, signal.FieldEmployees, signal.FieldIndustry, signal.FieldWebsite,
	} {
		fields[f] = s
	}
	in.Lead.Facts.Profile = profile(fields)
	in.Event.Detail.Reason, in.Event.Summary = s, s
	in.Event.Detail.Parts[0].Reason = s
	in.Policy = team()
	in.Policy.Routing.Rejections.Reasons[0].Label = s
	return New(in)
}

func TestHostileTextIsPlainTextEverywhere(t *testing.T) {
	for i, s := range hostileTexts() {
		t.Run(fmt.Sprintf("%d", i), func(t *testing.T) {
			checkHostile(t, s)
		})
	}
}

// FuzzHostileText looks for a text that a form could send and that becomes
// markup, a mention, a header or an element.
func FuzzHostileText(f *testing.F) {
	for _, s := range hostileTexts() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkHostile(t, s)
	})
}

func checkHostile(t *testing.T, s string) {
	t.Helper()
	m := hostile(s)
	checkSlack(t, must(encode(slackWebhook(m))), 1)
	checkSlack(t, must(encode(slackDirect(m))), 0)
	checkTeams(t, must(teamsBody(m)))
	mail, err := (Email{From: "handoff@seller.example"}).input(m)
	if err != nil {
		t.Fatal(err)
	}
	subject := *mail.Content.Simple.Subject.Data
	if strings.ContainsFunc(subject, unicode.IsControl) || !utf8.ValidString(subject) || utf8.RuneCountInString(subject) > 150 {
		t.Errorf("subject %q", subject)
	}
	checkElements(t, *mail.Content.Simple.Body.Html.Data)
	if !json.Valid(must(webhookBody(m))) {
		t.Error("the webhook's body is not JSON")
	}
}

// checkSlack sees to it that the only markup is ours.
func checkSlack(t *testing.T, body []byte, mentions int) {
	t.Helper()
	var out any
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatal(err)
	}
	mrkdwn := 0
	walk(out, func(object map[string]any) {
		if object["type"] == "mrkdwn" {
			mrkdwn++
		}
		checkSlackText(t, object)
	})
	if mrkdwn != mentions {
		t.Errorf("%d mrkdwn texts, want the %d mentions alone", mrkdwn, mentions)
	}
}

// checkTeams sees to it that no text stands where Markdown is read, that no
// function of the renderer's is left, and that the card is short enough.
func checkTeams(t *testing.T, body []byte) {
	t.Helper()
	var out any
	if err := json.Unmarshal(body, &out); err != nil {
		t.Fatal(err)
	}
	if len(body) > 28<<10 {
		t.Errorf("%d bytes", len(body))
	}
	walk(out, func(object map[string]any) {
		text, ok := object["text"].(string)
		if ok && object["type"] != "TextRun" {
			t.Errorf("a text in a %v: %q", object["type"], text)
		}
		if strings.Contains(text, "{{") {
			t.Errorf("a function in %q", text)
		}
		url, ok := object["url"].(string)
		if ok && !strings.HasPrefix(url, "https://handoff.seller.example/") {
			t.Errorf("an action to %q", url)
		}
	})
}

func checkSlackText(t *testing.T, object map[string]any) {
	t.Helper()
	text, ok := object["text"].(string)
	if !ok {
		return
	}
	if object["type"] == "mrkdwn" {
		if text != "<@U0MAYA>" {
			t.Errorf("mrkdwn says %q", text)
		}
		return
	}
	if strings.ContainsAny(text, "<>") {
		t.Errorf("%v text with unescaped markup: %q", object["type"], text)
	}
	bare := strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(text)
	if strings.Contains(bare, "&") {
		t.Errorf("%v text with a cut or foreign escape: %q", object["type"], text)
	}
	if object["type"] == nil && object["mrkdwn"] != false {
		t.Error("the fallback is not plain text")
	}
}

func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, child := range v {
			walk(child, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, visit)
		}
	}
}

// checkElements parses the mail as a mail program would and counts what the
// template alone may make.
func checkElements(t *testing.T, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{"html": true, "head": true, "meta": true, "title": true, "body": true, "div": true, "h1": true, "h2": true, "p": true, "table": true, "tbody": true, "tr": true, "td": true, "b": true, "a": true}
	links := 0
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !allowed[n.Data] {
			t.Errorf("an element <%s>", n.Data)
		}
		if n.Data == "a" {
			links++
		}
		checkAttributes(t, n)
	}
	if links != len(answers()) {
		t.Errorf("%d links, want %d", links, len(answers()))
	}
}

func checkAttributes(t *testing.T, n *html.Node) {
	t.Helper()
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "on") || (a.Key == "href" && !strings.HasPrefix(a.Val, "https://handoff.seller.example/")) {
			t.Errorf("an attribute %s=%q", a.Key, a.Val)
		}
	}
}

func TestPlainTextKeepsWhatWasTyped(t *testing.T) {
	const typed = "rosa_o*k@baltic.example & <Sons>"
	m := hostile(typed)
	if !strings.Contains(m.text(), typed) {
		t.Error("the mail's text changed what was typed")
	}
	out := slackWebhook(m)
	if got, want := out.Blocks[3].Fields[0].Text, "Name\n"+template.HTMLEscapeString(typed)+" "+template.HTMLEscapeString(typed); got != want {
		t.Errorf("Slack shows %q, want %q", got, want)
	}
}

func TestOnlyMemberIDsAreMentioned(t *testing.T) {
	for id, want := range map[string]string{
		"U0MAYA": "<@U0MAYA>", "W012A3CDE": "<@W012A3CDE>", "": "", "U": "", "C012345": "", "u0maya": "",
		"!channel": "", "U0>x<!channel": "", "U0 MAYA": "", "U" + strings.Repeat("0", 40): "",
	} {
		if got := slackMentions([]Recipient{{Slack: id}}); got != want {
			t.Errorf("%q is mentioned as %q, want %q", id, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"  Rosa \t\r\n Oko ": "Rosa Oko", "a\u2028b": "a b", "\u202Eab\u2069": "ab", "a\x00b\x1b": "ab", "\xffa": "\uFFFDa",
		"": "", " \n ": "", "Zoë 名前": "Zoë 名前", "0123456789": "0123456789", "01234567890": "012345678…",
	} {
		if got := clean(in, 10); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		return nil
	}
	return b
}
