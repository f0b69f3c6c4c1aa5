package page_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/handoff-oss/handoff/shared/page"
)

func parse(t *testing.T, body string) *page.Set {
	t.Helper()
	set, err := page.Parse(fstest.MapFS{"body.html": {Data: []byte(body)}}, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestPageEscapesWhatPeopleWrote(t *testing.T) {
	const hostile = `"><script>alert(1)</script>`
	set := parse(t, `<p title="{{.}}">{{.}} {{words .}} {{title .}}</p>`)
	p, err := set.Render("body.html", page.Doc{
		Title: hostile, Account: hostile, Data: hostile,
		Nav: []page.Link{{Label: hostile, URL: "javascript:alert(1)"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(p.HTML, "<script>alert") || strings.Contains(p.HTML, `href="javascript:`) {
		t.Errorf("the page carries markup from outside:\n%s", p.HTML)
	}
}

func TestPolicyAllowsExactlyWhatThePageContains(t *testing.T) {
	set := parse(t, "<p>Hello</p>")
	bare, err := set.Render("body.html", page.Doc{Title: "Bare"})
	if err != nil {
		t.Fatal(err)
	}
	if csp := bare.Headers["Content-Security-Policy"]; !strings.Contains(csp, "script-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy of a page without scripts: %s", csp)
	}
	live, err := set.Render("body.html", page.Doc{Title: "Live", Live: true, Script: "let a = 1 < 2 && '</b>';"})
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s)<(script|style)>(.*?)</(?:script|style)>`).FindAllStringSubmatch(live.HTML, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d inline blocks, want the style sheet and two scripts", len(blocks))
	}
	for _, want := range []string{"let a = 1 < 2", "data-until"} {
		if !strings.Contains(live.HTML, want) {
			t.Errorf("the script was changed: no %q", want)
		}
	}
	for _, m := range blocks {
		if h := page.Hash(m[2]); !strings.Contains(live.Headers["Content-Security-Policy"], h) {
			t.Errorf("the policy does not allow the %s in the page (%s)", m[1], h)
		}
	}
	for _, name := range []string{"Cache-Control", "Referrer-Policy", "X-Content-Type-Options", "Content-Type"} {
		if live.Headers[name] == "" {
			t.Errorf("no header %s", name)
		}
	}
}

func TestEmptyPageIsSmall(t *testing.T) {
	p, err := parse(t, "").Render("body.html", page.Doc{Title: "Empty", Live: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.HTML) > 25<<10 {
		t.Errorf("layout, style and script take %d bytes", len(p.HTML))
	}
}

func TestSmallWords(t *testing.T) {
	for got, want := range map[string]string{
		page.Signed(-5): "−5", page.Signed(5): "+5", page.Signed(0): "0",
		page.Words("handed_off"): "handed off", page.Title("clock.breached"): "Clock breached",
		page.Sentence("élan at gmail.com"): "Élan at gmail.com", page.Sentence("gmail.com is free"): "gmail.com is free", page.Sentence(""): "",
		page.Short(5, "ééééé"): "ééééé", page.Short(5, "éééééé"): "éééé…",
		page.Plural(1, "signal"): "1 signal", page.Plural(2, "signal"): "2 signals",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func ExampleSet_Render() {
	set, err := page.Parse(fstest.MapFS{"hello.html": {Data: []byte(`<h1>Hello {{.}}</h1>`)}}, "*.html")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := set.Render("hello.html", page.Doc{Title: "Hello", Data: "Ada & Grace"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(html.UnescapeString(regexp.MustCompile(`<h1>.*</h1>`).FindString(p.HTML)))
	// Output: <h1>Hello Ada & Grace</h1>
}
