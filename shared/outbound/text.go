package outbound

import (
	"strings"
	"unicode"
)

// clean makes one line of a text that somebody else wrote: white space of any
// kind becomes one space, and what cannot be seen goes, such as control
// characters, line separators and the marks that turn the direction of text
// around. What is longer than most runes is cut, and says so.
func clean(s string, most int) string {
	var b strings.Builder
	runes, gap := 0, false
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case unicode.IsSpace(r):
			gap = runes > 0
			continue
		case !unicode.IsGraphic(r) || invisible(r):
			continue
		}
		if gap {
			b.WriteByte(' ')
			runes++
			gap = false
		}
		b.WriteRune(r)
		runes++
	}
	return clip(b.String(), most)
}

// invisible tells the graphic characters that show nothing and only confuse.
func invisible(r rune) bool { return r == '\u3164' || r == '\uFFA0' || r == '\u115F' || r == '\u1160' }

// clip cuts s to at most most runes.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return strings.TrimRight(string(runes[:most-1]), " ") + "…"
}

// ascii drops what may not stand in a header's value.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}
