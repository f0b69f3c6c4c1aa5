package page_test

import (
	"fmt"
	"html"
	"math"
	"os"
	"regexp"
	"strconv"
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
	if len(p.HTML) > 20<<10 {
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

// TestContrast reads the colors from the style sheet and checks every pair of
// text and background that the pages use against WCAG 2.2 AA.
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, ok := strings.Cut(string(css), "prefers-color-scheme: dark")
	if !ok {
		t.Fatal("no dark scheme")
	}
	dark, _, _ := strings.Cut(rest, "/* Ground. */")
	pairs := []struct {
		text, ground string
		least        float64
	}{
		{"text", "bg", 4.5},
		{"text", "surface", 4.5},
		{"text", "sunk", 4.5},
		{"muted", "bg", 4.5},
		{"muted", "surface", 4.5},
		{"muted", "sunk", 4.5},
		{"accent", "surface", 4.5},
		{"accent", "bg", 4.5},
		{"accent", "tint", 4.5},
		{"on-accent", "accent", 4.5},
		{"ok", "ok-tint", 4.5},
		{"warn", "warn-tint", 4.5},
		{"bad", "bad-tint", 4.5},
		{"bad", "surface", 4.5},
		{"edge", "surface", 3},
		{"accent", "sunk", 3},
	}
	for scheme, block := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6})`).FindAllStringSubmatch(block, -1) {
			colors[m[1]] = m[2]
		}
		for _, p := range pairs {
			t.Run(fmt.Sprintf("%s/%s on %s", scheme, p.text, p.ground), func(t *testing.T) {
				if got := contrast(t, colors[p.text], colors[p.ground]); got < p.least {
					t.Errorf("contrast %.2f, want at least %.1f", got, p.least)
				}
			})
		}
	}
}

// contrast follows https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatalf("color %q: %v", hex, err)
	}
	linear := func(c uint64) float64 {
		v := float64(c&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
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
