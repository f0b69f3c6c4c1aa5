package standard

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// mostEmployees caps what a form can claim; no employer has as many.
const mostEmployees = 100_000_000

// Employees reads a number of employees as people and tools write it: "1200",
// "1,200", "1 200", "51-200", "5000+", "1.5k", "<50", "up to 50". What cannot be
// read has least 0. Of "<50" the least is 1; most is 0 where nothing bounds it.
func Employees(text string) (least, most int) {
	s := strings.ToLower(strings.TrimSpace(clip(text)))
	if most = upTo(s); most > 0 {
		return 1, most
	}
	least, rest, factor := number(s)
	if least == 0 {
		return 0, 0
	}
	rest = strings.TrimSpace(rest)
	if after, isRange := cutTo(rest); isRange {
		most, _, f := number(after)
		if factor == 1 && f > 1 && least*f <= most {
			least *= f // "5-10k"
		}
		if most < least {
			return least, 0
		}
		return least, most
	}
	if strings.HasPrefix(rest, "+") || strings.HasSuffix(rest, "or more") || beyond(s) || strings.ContainsAny(rest, "0123456789") {
		return least, 0
	}
	return least, least
}

// upTo returns the number that a text gives as the most, 0 when it does not.
func upTo(s string) int {
	for _, below := range []string{"<", "less than", "under", "below", "fewer than", "unter", "weniger als"} {
		if rest, ok := strings.CutPrefix(s, below); ok {
			if n, _, _ := number(rest); n > 0 {
				return max(n-1, 1)
			}
		}
	}
	for _, most := range []string{"up to", "at most", "no more than", "bis zu"} {
		if rest, ok := strings.CutPrefix(s, most); ok {
			n, _, _ := number(rest)
			return n
		}
	}
	if strings.HasSuffix(s, "or less") || strings.HasSuffix(s, "or fewer") {
		n, _, _ := number(s)
		return n
	}
	return 0
}

// cutTo takes away what stands between the bounds of a range.
func cutTo(s string) (after string, ok bool) {
	for _, to := range []string{"-", "–", "—", "to ", "bis "} {
		if after, ok = strings.CutPrefix(s, to); ok {
			return after, true
		}
	}
	return s, false
}

// beyond tells whether the words before a number say that there are more.
func beyond(s string) bool {
	for _, word := range []string{">", "over", "more than", "at least", "from", "about", "ca", "~", "über", "mehr als", "ab "} {
		if strings.HasPrefix(s, word) {
			return true
		}
	}
	return false
}

// number reads the first number of a text, with its unit, and returns what
// stands behind both; 0 for none, and for a negative one.
func number(s string) (n int, rest string, factor int) {
	start := strings.IndexFunc(s, func(r rune) bool { return '0' <= r && r <= '9' })
	if start < 0 || strings.HasSuffix(strings.TrimSpace(s[:start]), "-") {
		return 0, "", 0
	}
	digits, rest := leadingNumber(s[start:])
	value, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, "", 0
	}
	factor = 1
	for _, u := range []struct {
		name string
		of   int
	}{{"k", 1_000}, {"thousand", 1_000}, {"mio", 1_000_000}, {"million", 1_000_000}, {"m", 1_000_000}} {
		if unit(rest, u.name) {
			factor = u.of
			rest = strings.TrimPrefix(strings.TrimSpace(rest), u.name)
			break
		}
	}
	return int(math.Min(value*float64(factor), mostEmployees)), rest, factor
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
	for _, sep := range []string{",", ".", "'", "’", " ", "\u00a0", "\u202f"} {
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

// band is a size of companies, both bounds included.
type band struct {
	least, most int
	name        string
}

// bands are those that LinkedIn and most tools have.
func bands() []band {
	return []band{
		{1, 1, "1"},
		{2, 10, "2-10"},
		{11, 50, "11-50"},
		{51, 200, "51-200"},
		{201, 500, "201-500"},
		{501, 1000, "501-1000"},
		{1001, 5000, "1001-5000"},
		{5001, 10_000, "5001-10000"},
		{10_001, mostEmployees, "10001+"},
	}
}

// size fills in the fields of the number of employees.
func size(out Standard, original string) {
	least, most := Employees(original)
	f := Field{From: original}
	if least == 0 {
		f.How = "It is no number of employees."
		out[Size] = f
		return
	}
	said := strconv.Itoa(least)
	switch {
	case most == 0:
		said += " or more"
	case most > least:
		said += " to " + strconv.Itoa(most)
	}
	out[SizeLeast] = Field{Value: strconv.Itoa(least), From: original, How: "The least of " + said + " employees."}
	if most > 0 {
		out[SizeMost] = Field{Value: strconv.Itoa(most), From: original, How: "The most of " + said + " employees."}
	}
	f.How = said + " employees may be of several bands."
	for _, b := range bands() {
		open := most == 0 && b.most == mostEmployees && least >= b.least-1
		if open || least >= b.least && most > 0 && most <= b.most {
			f.Value, f.How = b.name, said+" employees are in the band "+b.name+"."
		}
	}
	out[Size] = f
}
