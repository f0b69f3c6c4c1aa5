package rules

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// mostEmployees caps what a form can claim; no employer has as many.
const mostEmployees = 100_000_000

// employees reads a number of employees as people and tools write it: "1200",
// "1,200", "1 200", "51-200", "5000+", "1.5k". Of a range it is the lower
// bound, because fit must not be credited beyond what is known; of "<50" and
// "up to 50" it is 1. What cannot be read is 0: unknown.
func employees(text string) int {
	s := strings.ToLower(strings.TrimSpace(text))
	for _, below := range []string{"<", "less than", "under", "up to", "below", "fewer than"} {
		if rest, ok := strings.CutPrefix(s, below); ok && employees(rest) > 0 {
			return 1
		}
	}
	start := strings.IndexFunc(s, func(r rune) bool { return '0' <= r && r <= '9' })
	if start < 0 || strings.HasSuffix(strings.TrimSpace(s[:start]), "-") {
		return 0
	}
	digits, rest := leadingNumber(s[start:])
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0
	}
	switch {
	case unit(rest, "k"):
		n *= 1_000
	case unit(rest, "m"), unit(rest, "mio"):
		n *= 1_000_000
	}
	return int(math.Min(n, mostEmployees))
}

// leadingNumber returns the digits that s begins with, without the separators
// of thousands, and what follows. A separator must be followed by exactly
// three digits; else a dot or comma begins a fraction.
func leadingNumber(s string) (digits, rest string) {
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if n < 0 {
			n = len(s)
		}
		b.WriteString(s[:n])
		s = s[n:]
		after, ok := cutSeparator(s)
		if !ok {
			break
		}
		s = after
	}
	if len(s) > 1 && (s[0] == '.' || s[0] == ',') && s[1] >= '0' && s[1] <= '9' {
		n := 1 + strings.IndexFunc(s[1:]+" ", func(r rune) bool { return r < '0' || r > '9' })
		b.WriteString("." + s[1:n])
		s = s[n:]
	}
	return b.String(), s
}

// cutSeparator removes a separator of thousands that s begins with.
func cutSeparator(s string) (string, bool) {
	for _, sep := range []string{",", ".", "'", "’", " ", "\u00a0", "\u202f", "_"} {
		rest, ok := strings.CutPrefix(s, sep)
		if !ok || len(rest) < 3 {
			continue
		}
		three := strings.IndexFunc(rest+" ", func(r rune) bool { return r < '0' || r > '9' }) == 3
		if three {
			return rest, true
		}
	}
	return s, false
}

// unit reports whether s begins with the unit and not with a longer word.
func unit(s, name string) bool {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), name)
	if !ok {
		return false
	}
	for _, r := range rest {
		return !unicode.IsLetter(r)
	}
	return true
}
