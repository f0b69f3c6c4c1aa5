package page_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pair is a color that must be told from the ground that it stands on.
type pair struct {
	text, ground string
	least        float64
}

// What WCAG 2.2 AA asks of text, and of controls, signs and the focus ring.
const (
	forText     = 4.5
	forControls = 3
)

// TestContrast computes the contrast of every text on every ground where the
// style sheet lets it stand, in both schemes and on paper: of the grounds of
// the page with all colors of text, and of each rule that sets both.
func TestContrast(t *testing.T) {
	css := styleSheet(t)
	pairs := append(basics(), pairsOf(rulesOf(css))...)
	for scheme, colors := range schemes(t, css) {
		for _, p := range pairs {
			t.Run(fmt.Sprintf("%s/%s on %s", scheme, p.text, p.ground), func(t *testing.T) {
				if got := contrast(t, colors[p.text], colors[p.ground]); got < p.least {
					t.Errorf("contrast %.2f, want at least %.1f", got, p.least)
				}
			})
		}
	}
}

// TestEveryColorIsHeldToContrast finds colors that no pair has, and colors
// that are not custom properties.
func TestEveryColorIsHeldToContrast(t *testing.T) {
	css := styleSheet(t)
	used := map[string]bool{"line": true, "shadow": true} // decoration
	for _, p := range append(basics(), pairsOf(rulesOf(css))...) {
		used[p.text], used[p.ground] = true, true
	}
	all := schemes(t, css)
	for name := range all["light"] {
		if !used[name] {
			t.Errorf("--%s is in no pair of text and ground", name)
		}
		for scheme, colors := range all {
			if colors[name] == "" {
				t.Errorf("the scheme %s has no --%s", scheme, name)
			}
		}
	}
	for _, rule := range rulesOf(css) {
		selector, body, _ := strings.Cut(rule, "{")
		isFrame := strings.Contains(selector, "iframe") // an e-mail's ground is its own
		if !strings.Contains(selector, ":root") && !isFrame && regexp.MustCompile(`#[0-9a-f]{3,6}\b`).MatchString(body) && !strings.Contains(css[strings.Index(css, "@media print"):], rule) {
			t.Errorf("a color that is no custom property: %s", rule)
		}
	}
}

// TestStyleSheetServesEverybody looks for what is easily lost when rules are
// rewritten: a ring around what has the focus, and the readers' own settings.
func TestStyleSheetServesEverybody(t *testing.T) {
	css := styleSheet(t)
	for what, pattern := range map[string]string{
		"a ring of two pixels or more around the focus": `:focus-visible \{ outline: [2-9]px solid var\(--accent\); outline-offset: [1-9]px`,
		"less motion":            `@media \(prefers-reduced-motion: reduce\)`,
		"forced colors":          `@media \(forced-colors: active\)`,
		"paper":                  `@media print`,
		"no navigation on paper": `(?s)@media print.*\.top nav[^{]*\{ display: none`,
		"both schemes":           `color-scheme: light dark`,
		"blocks instead of rows on telephones, no paper": `@media screen and \(max-width: 44rem\) \{\s+table\.stack`,
	} {
		if !regexp.MustCompile(pattern).MatchString(css) {
			t.Errorf("no %s", what)
		}
	}
	if strings.Count(css, "outline: none") != 1 {
		t.Error("only main, which a link of the page leads to, may go without a ring")
	}
	if m := regexp.MustCompile(`content: "[^"]*[{}:;,>] [^"]*"`).FindString(css); m != "" {
		t.Errorf("%s would lose a space when the style sheet is made small", m)
	}
}

// basics are the pairs that come from inheritance: any text on the grounds of
// blocks, and what makes controls, signs and the focus visible.
func basics() []pair {
	var out []pair
	for _, ground := range []string{"bg", "surface"} {
		for _, text := range []string{"text", "muted", "accent", "bad"} {
			out = append(out, pair{text, ground, forText})
		}
		for _, sign := range []string{"edge", "ok", "warn", "bad", "accent"} {
			out = append(out, pair{sign, ground, forControls})
		}
	}
	return append(
		out, pair{"text", "sunk", forText}, pair{"muted", "sunk", forText}, pair{"accent", "sunk", forControls}, pair{"edge", "sunk", forControls},
		pair{"accent", "tint", forControls}, pair{"warn", "tint", forControls}, pair{"bad", "tint", forControls},
	)
}

// pairsOf returns those of the rules that set a color and a ground.
func pairsOf(rules []string) []pair {
	text, ground := regexp.MustCompile(`[{; ]color: var\(--([a-z-]+)\)`), regexp.MustCompile(`background: var\(--([a-z-]+)\)`)
	var out []pair
	for _, r := range rules {
		c, g := text.FindStringSubmatch(r), ground.FindStringSubmatch(r)
		if c == nil || g == nil {
			continue
		}
		if p := (pair{c[1], g[1], forText}); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func styleSheet(t *testing.T) string {
	t.Helper()
	css, err := os.ReadFile("style.css")
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(css), "")
}

// rulesOf returns the rules, each as selector and declarations.
func rulesOf(css string) []string {
	return regexp.MustCompile(`[^{};]+\{[^{}]*\}`).FindAllString(css, -1)
}

// schemes returns the colors of each scheme by their names, in hexadecimal.
func schemes(t *testing.T, css string) map[string]map[string]string {
	t.Helper()
	roots := regexp.MustCompile(`:root \{[^}]*\}`).FindAllString(css, -1)
	if len(roots) != 3 {
		t.Fatalf("%d lists of colors, want those of light, dark and paper", len(roots))
	}
	out := map[string]map[string]string{}
	for i, scheme := range []string{"light", "dark", "paper"} {
		out[scheme] = map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6})`).FindAllStringSubmatch(roots[i], -1) {
			out[scheme][m[1]] = m[2]
		}
	}
	return out
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
