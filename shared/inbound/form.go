package inbound

import (
	"strings"
	"unicode/utf8"
)

// pair is one field of a form, in the order sent.
type pair struct{ name, value string }

// decodeForm reads application/x-www-form-urlencoded as browsers write it and
// as the URL Standard says (https://url.spec.whatwg.org/#urlencoded-parsing).
// It accepts all input: a stray percent sign stands for itself, and bytes that
// are not UTF-8 become U+FFFD. url.ParseQuery refuses the one and keeps the
// other.
func decodeForm(s string) []pair {
	var out []pair
	for _, part := range strings.Split(s, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, pair{unescape(name), unescape(value)})
	}
	return out
}

func unescape(s string) string {
	if strings.ContainsAny(s, "+%") {
		b := make([]byte, 0, len(s))
		for i := 0; i < len(s); i++ {
			switch {
			case s[i] == '+':
				b = append(b, ' ')
			case s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
				b = append(b, hexValue(s[i+1])<<4|hexValue(s[i+2]))
				i += 2
			default:
				b = append(b, s[i])
			}
		}
		s = string(b)
	}
	return toUTF8(s)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// hexValue returns the value of a hexadecimal digit.
func hexValue(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	}
	return c - '0'
}

// toUTF8 replaces every maximal part of an invalid sequence by U+FFFD, as the
// Encoding Standard's decoder does.
func toUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && n == 1 {
			n = invalidLen(s)
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

// invalidLen is the length of the invalid sequence at the start of s: as many
// bytes as could still have become a character.
func invalidLen(s string) int {
	for n := min(3, len(s)); n > 1; n-- {
		for _, tail := range []string{"\x80", "\x80\x80"} {
			if utf8.ValidString(s[:n] + tail) {
				return n
			}
		}
	}
	return 1
}
