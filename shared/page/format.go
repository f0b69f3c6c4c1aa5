package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// stamp is how a time is written for people; always UTC.
const stamp = "Mon 2 Jan 2006, 15:04 UTC"

// Funcs are the functions that body templates can use.
func Funcs() template.FuncMap {
	return template.FuncMap{
		"time":     Time,
		"until":    Until,
		"signed":   Signed,
		"words":    Words,
		"title":    Title,
		"sentence": Sentence,
		"short":    Short,
		"bar":      Bar,
		"spark":    Spark,
		"plural":   Plural,
	}
}

// Time returns a <time> element that says t in UTC. The script shows the
// reader's own zone when it is pointed at. A zero time is an empty dash.
func Time(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	return element(t, "data-stamp", t.UTC().Format(stamp))
}

// Until returns a <time> element that says how far t is from now, "in 27 min"
// or "3 h ago". The script keeps it current.
func Until(now, t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	return element(t, "data-until", Distance(t.Sub(now)))
}

func element(t time.Time, attr, text string) template.HTML {
	t = t.UTC()
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s" %s>%s</time>`, //nolint:gosec // Made of formatted times and constants.
		t.Format(time.RFC3339), t.Format("Mon 2 Jan 2006, 15:04:05 UTC"), attr, text))
}

// Distance says a difference of time: the future in at most two units, "in 2 d
// 4 h", the past in one, "5 min ago", and "now" between them.
func Distance(d time.Duration) string {
	switch {
	case d >= time.Second:
		return "in " + ahead(d)
	case d <= -time.Second:
		return behind(-d) + " ago"
	}
	return "now"
}

const day = 24 * time.Hour

func ahead(d time.Duration) string {
	switch {
	case d >= day:
		return pair(int(d/day), "d", int(d%day/time.Hour), "h")
	case d >= time.Hour:
		return pair(int(d/time.Hour), "h", int(d%time.Hour/time.Minute), "min")
	case d >= time.Minute:
		return pair(int(d/time.Minute), "min", int(d%time.Minute/time.Second), "s")
	default:
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
}

func behind(d time.Duration) string {
	switch {
	case d >= day:
		return strconv.Itoa(int(d/day)) + " d"
	case d >= time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	case d >= time.Minute:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	default:
		return strconv.Itoa(int(d/time.Second)) + " s"
	}
}

func pair(a int, unit string, b int, less string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unit)
	}
	return fmt.Sprintf("%d %s %d %s", a, unit, b, less)
}

// Signed writes points with their sign and a true minus: "+12", "−5", "0".
func Signed(n int) string {
	switch {
	case n > 0:
		return "+" + strconv.Itoa(n)
	case n < 0:
		return "−" + strconv.Itoa(-n)
	}
	return "0"
}

// Words turns an identifier such as "handed_off" or "clock.breached" into
// words. It takes any string type.
func Words(v any) string {
	return strings.NewReplacer("_", " ", ".", " ").Replace(fmt.Sprint(v))
}

// Title is Words with a capital letter at the start.
func Title(v any) string { return Sentence(Words(v)) }

// Sentence writes text with a capital letter at the start, unless it starts
// with a domain or an address, and changes nothing else.
func Sentence(s string) string {
	if word, _, _ := strings.Cut(s, " "); strings.ContainsAny(strings.TrimRight(word, "."), ".@") {
		return s
	}
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// Short cuts what somebody wrote to at most n characters.
func Short(n int, s string) string {
	if runes := []rune(s); len(runes) > n {
		return strings.TrimSpace(string(runes[:n-1])) + "…"
	}
	return s
}

// Plural writes a count with its noun: "1 signal", "3 signals".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Bar draws value of limit as a bar. It is decoration: the numbers must stand
// beside it as text. It is an SVG because inline styles are not allowed.
func Bar(value, limit int) template.HTML {
	share := 0
	if limit > 0 {
		share = min(max(value*100/limit, 0), 100)
	}
	return template.HTML(fmt.Sprintf( //nolint:gosec // Made of a number.
		`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="bar-track" width="100" height="8"/><rect class="bar-fill" width="%d" height="8"/></svg>`, share))
}

// Spark draws counts side by side, as a row of columns of at most the same
// height. It is decoration, as Bar is.
func Spark(counts []int64) template.HTML {
	const height = 16
	most := int64(1)
	for _, n := range counts {
		most = max(most, n)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="spark" viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true">`, len(counts)*4, height)
	for i, n := range counts {
		if n <= 0 {
			continue
		}
		tall := max(n*height/most, 1)
		fmt.Fprintf(&b, `<rect class="bar-fill" x="%d" y="%d" width="3" height="%d"/>`, i*4, height-tall, tall)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // Made of numbers.
}
