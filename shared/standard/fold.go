package standard

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// mostText is how many bytes of a value are looked at: no name, title or
// address that is one has more.
const mostText = 500

// fold returns text in the form in which the tables have theirs: words of
// letters and digits in lower case, without accents, with one space between
// them. Dots and apostrophes vanish, so that "U.S.A." is "usa".
func fold(text string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFKD.String(clip(text)) {
		switch {
		case r >= 0x0300 && r <= 0x036f, strings.ContainsRune(".'’‘`´", r):
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteString(Latin(unicode.ToLower(r)))
		default:
			space = true
		}
	}
	return norm.NFC.String(b.String())
}

// Latin returns a small letter that Unicode does not take apart as it is written
// where the letter is missing: "ss" for ß. All others it returns as they are.
func Latin(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	}
	return string(r)
}

// tidy returns text in NFKC with one space between words, without what cannot
// be seen.
func tidy(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, norm.NFKC.String(clip(text)))
	// Marks that something invisible kept apart may have come together.
	return strings.Join(strings.Fields(norm.NFKC.String(text)), " ")
}

// clip returns the valid part of the first bytes of a text.
func clip(text string) string {
	if len(text) > mostText {
		text = text[:mostText]
	}
	return strings.ToValidUTF8(text, "")
}
