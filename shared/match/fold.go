package match

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/standard"
)

// words splits text into words of small letters without accents. An apostrophe
// separates nothing: "O'Brien" is one word.
func words(s string) []string { return split(s, false) }

// spelledOut is words with the German umlauts written as two letters, which is
// how a keyboard without them writes a name: "Müller", "Mueller".
func spelledOut(s string) []string { return split(s, true) }

func split(s string, umlauts bool) []string {
	const longest = 200 // bytes that are looked at
	if len(s) > longest {
		s = strings.ToValidUTF8(s[:longest], "")
	}
	var out strings.Builder
	for _, r := range norm.NFC.String(s) {
		for _, r := range norm.NFKD.String(latin(unicode.ToLower(r), umlauts)) {
			switch {
			case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == '‘', r == '`', r == '´':
			case unicode.IsLetter(r), unicode.IsDigit(r):
				out.WriteRune(r)
			default:
				out.WriteByte(' ')
			}
		}
	}
	return strings.Fields(out.String())
}

// latin is standard.Latin, if so wished with the umlauts as two letters.
func latin(r rune, umlauts bool) string {
	if umlauts {
		switch r {
		case 'ä':
			return "ae"
		case 'ö', 'ø':
			return "oe"
		case 'ü':
			return "ue"
		case 'å':
			return "aa"
		}
	}
	return standard.Latin(r)
}

// name is a given or family name in the forms that it is compared by.
type name struct {
	raw   string
	words []string
	forms []string // without spaces: as it is, and with the umlauts spelled out
}

func nameOf(s string) name {
	n := name{raw: strings.Join(strings.Fields(s), " "), words: words(s)}
	n.forms = slices.Compact([]string{strings.Join(n.words, ""), strings.Join(spelledOut(s), "")})
	return n
}

func (n name) known() bool { return len(n.words) > 0 }

// some tells whether a comparison holds for any form of one name and any of the other.
func some(a, b name, same func(x, y string) bool) bool {
	for _, x := range a.forms {
		for _, y := range b.forms {
			if same(x, y) {
				return true
			}
		}
	}
	return false
}

func equal(x, y string) bool { return x == y }

// slip tells whether two words are one but for the hand that wrote it: one
// letter in words of five, two from nine on, none in shorter words.
//
// Edits are counted rather than weighed as Jaro and Winkler do: a count can be
// said to a person, and their measure favors a common beginning, which
// Christian and Christina have.
func slip(x, y string) bool {
	const short, long = 5, 9
	n := min(len([]rune(x)), len([]rune(y)))
	switch {
	case n < short:
		return false
	case n < long:
		return nearest.Distance(x, y) <= 1
	}
	return nearest.Distance(x, y) <= 2
}
