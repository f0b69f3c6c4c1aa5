package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/handoff-oss/handoff/shared/standard"
)

const (
	maxRaw    = 1_000 // bytes of a name that are looked at
	maxNormal = 160   // bytes of a normalized name, so that it fits into keys twice
)

// Normal returns a company's name in the form in which names are compared:
// words in lower case with one space between them, without accents (NFKD;
// "ß" is "ss"), punctuation, legal forms, a leading "the" and the "and"
// between words, in English, German and French. What is left is never empty
// when the name has a letter or a digit among its first thousand bytes: "The
// Limited" is "limited". Normal of a normalized name is that name.
//
// A legal form of an ambiguous spelling is one only where it is written like
// one: "Fiat S.p.A." and "FIAT SPA" are "fiat", but a "Day Spa" stays one.
func Normal(name string) string {
	s := normal(strings.ToValidUTF8(clip(name, maxRaw), " "))
	// What was taken away may lay open another form; names only get shorter.
	for {
		next := normal(s)
		if len(next) >= len(s) {
			return s
		}
		s = next
	}
}

func normal(name string) string {
	all := joinInitials(split(name))
	for len(all) > 1 && all[0].text == "the" {
		all = all[1:]
	}
	words := dropAnd(dropForms(all))
	if len(words) == 0 {
		words = all
	}
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = w.text
	}
	return clip(norm.NFC.String(strings.Join(parts, " ")), maxNormal)
}

// word is one word of a name.
type word struct {
	text   string // in lower case, without accents
	loud   bool   // has a capital after its first letter
	dotted bool   // was joined from single letters, and loud, too
	end    rune   // what stands right behind it, 0 at the end of the name
}

// split folds a name and splits it into words.
func split(name string) []word {
	name = strings.NewReplacer("'", "", "’", "", "‘", "", "`", "", "´", "").Replace(name)
	var words []word
	var text strings.Builder
	loud := false
	flush := func(end rune) {
		if text.Len() > 0 {
			words = append(words, word{text: cutForm(text.String()), loud: loud, end: end})
		} else if len(words) > 0 && !unicode.IsSpace(end) {
			words[len(words)-1].end = ' ' // more than one mark stands between the words
		}
		text.Reset()
		loud = false
	}
	// Composed again, so that marks that are part of a letter stay with it.
	for _, r := range norm.NFC.String(strings.Map(withoutAccent, norm.NFKD.String(name))) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			flush(r)
			if r == '&' && len(words) > 0 {
				words = append(words, word{text: "and"})
			}
			continue
		}
		loud = loud || (unicode.IsUpper(r) && text.Len() > 0)
		text.WriteString(standard.Latin(unicode.ToLower(r)))
	}
	flush(0)
	return words
}

// withoutAccent drops the combining marks of Latin, Greek and Cyrillic. Marks
// of other scripts tell words apart and stay.
func withoutAccent(r rune) rune {
	if r >= 0x0300 && r <= 0x036f {
		return -1
	}
	return r
}

// joinInitials makes one word of single letters with dots between them, as in
// "S.p.A." and "J. P. Morgan", and of legal forms that are written with a
// slash, as "A/S".
func joinInitials(words []word) []word {
	var out []word
	for _, w := range words {
		if n := len(out) - 1; n >= 0 && isLetter(w.text) && joins(out[n], w) {
			out[n] = word{text: out[n].text + w.text, loud: true, dotted: true, end: w.end}
			continue
		}
		out = append(out, w)
	}
	return out
}

// joins tells whether a letter belongs to what stands before it.
func joins(before, letter word) bool {
	switch before.end {
	case '.':
		return before.dotted || isLetter(before.text)
	case '/':
		return isLetter(before.text) && isSlashed(before.text+letter.text)
	}
	return false
}

func isLetter(s string) bool { return utf8.RuneCountInString(s) == 1 }

// dropAnd drops "and" between and behind words. A leading one is a name.
func dropAnd(words []word) []word {
	var out []word
	for i, w := range words {
		if i == 0 || !isAnd(w.text) {
			out = append(out, w)
		}
	}
	return out
}

func isAnd(s string) bool { return s == "and" || s == "und" || s == "et" }
