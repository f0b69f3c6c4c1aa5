package rules

import (
	"strings"
	"unicode"
)

// hasAny reports whether text contains one of the phrases as whole words, in
// any case. What stands between words does not matter: "e-commerce" is in
// "E Commerce", and "demo" is in "demo_request_2" and "demoRequest", but not
// in "democracy".
func hasAny(text string, phrases ...string) bool {
	if text == "" {
		return false
	}
	plain := spaced(text, false)
	split := plain
	if camel := spaced(text, true); len(camel) != len(plain) {
		split = camel
	}
	for _, phrase := range phrases {
		p := phrase
		if !isSpaced(p) {
			p = strings.TrimSpace(spaced(p, false))
		}
		if p != "" && (containsWords(plain, p) || containsWords(split, p)) {
			return true
		}
	}
	return false
}

// spaced writes the words of text in lower case with one space before and
// after each: " request a demo ". With camel, a capital letter after a small
// one begins a word.
func spaced(text string, camel bool) string {
	var b strings.Builder
	b.Grow(len(text) + 2)
	b.WriteByte(' ')
	gap, small := true, false
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			if !gap {
				b.WriteByte(' ')
			}
			gap, small = true, false
			continue
		}
		if camel && small && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
		gap, small = false, unicode.IsLower(r)
	}
	if !gap {
		b.WriteByte(' ')
	}
	return b.String()
}

// isSpaced reports whether p is in the form of spaced already, without the
// outer spaces, as phrases in a policy usually are.
func isSpaced(p string) bool {
	prev := byte(' ')
	for i := range len(p) {
		c := p[i]
		word := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		if !word && (c != ' ' || prev == ' ') {
			return false
		}
		prev = c
	}
	return prev != ' '
}

// containsWords reports whether the phrase stands in text between spaces.
func containsWords(text, phrase string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], phrase)
		if i < 0 {
			return false
		}
		i += from
		end := i + len(phrase)
		if text[i-1] == ' ' && text[end] == ' ' {
			return true
		}
		from = i + 1
	}
}
