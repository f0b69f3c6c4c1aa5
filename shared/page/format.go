package page

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Funcs are the functions that body templates can use.
func Funcs() template.FuncMap {
	return template.FuncMap{
		"time":      Time,
		"timein":    TimeIn,
		"until":     Until,
		"countdown": Countdown,
		"signed":    Signed,
		"words":     Words,
		"title":     Title,
		"sentence":  Sentence,
		"short":     Short,
		"bar":       Bar,
		"spark":     Spark,
		"plural":    Plural,
	}
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
