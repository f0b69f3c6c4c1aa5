package explain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writer collects wrapped lines.
type writer struct{ lines []string }

// String returns what was written.
func (w *writer) String() string { return strings.Join(w.lines, "\n") + "\n" }

func (w *writer) heading(text string) {
	w.lines = append(w.lines, "", strings.ToUpper(text))
}

func (w *writer) paragraph(format string, args ...any) {
	w.wrap("", "", fmt.Sprintf(format, args...))
}

func (w *writer) item(format string, args ...any) {
	w.wrap("  - ", "    ", fmt.Sprintf(format, args...))
}

// rule is an item with its condition below.
func (w *writer) rule(text, when string) {
	w.item("%s", text)
	w.wrap("      if ", "      ", when)
}

// wrap writes text in lines; the first begins with first, the others with rest.
func (w *writer) wrap(first, rest, text string) {
	line := first
	empty := true
	for word := range strings.FieldsSeq(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			w.lines = append(w.lines, line)
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	w.lines = append(w.lines, line)
}

// and joins words as in speech: a, b and c.
func and(words []string) string { return series(words, "and") }

// or joins words as in speech: a, b or c.
func or(words []string) string { return series(words, "or") }

func series(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// plainReason fills a placeholder in for everybody.
func plainReason(reason string) string {
	s := strings.ReplaceAll(reason, "{email.domain}", "the address's domain")
	return upperFirst(s)
}

func upperFirst(s string) string { return changeFirst(s, unicode.ToUpper) }

// lowerFirst leaves an abbreviation at the beginning as it is.
func lowerFirst(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if unicode.IsUpper(second) {
		return s
	}
	return changeFirst(s, unicode.ToLower)
}

func changeFirst(s string, change func(rune) rune) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(change(r)) + s[n:]
}
