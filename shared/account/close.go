package account

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/policy/nearest"
)

// Close tells whether two names may be of one company, by their normalized
// forms. Close names alone prove nothing: Match asks for a domain, a telephone
// number or a postal code besides. Two names are close when
//
//   - they are the same, or the same but for the spaces: "face book", "Facebook";
//   - or every word of the shorter name, in any order, has its own counterpart
//     in the longer one, with at most one difference between them, in names of
//     four words and more two. A difference is a slip in a word (one letter
//     inserted, left out, replaced or swapped in words of five letters, two from
//     nine on) or a word more in the longer name. Words that say little, such
//     as "group" or "of", may be there or not, but never make two names close;
//   - or one is made of the initials of the other, three at least: "IBM".
//
// A word that was exchanged for another one is never close: an airline is no
// faucet. Nor is another number: "Studio 54", "Studio 55". Close is symmetric,
// and each name that has a letter or a digit is close to itself.
func Close(a, b string) bool { return Likeness(a, b) != "" }

// Likeness says in words why two names are close, and "" when they are not. It
// names the two by their normalized forms.
func Likeness(a, b string) string {
	a, b = Normal(a), Normal(b)
	x, y := strings.Fields(a), strings.Fields(b)
	switch {
	case a == "" || b == "":
		return ""
	case a == b:
		return "the same company name, " + a
	case joined(a) == joined(b) || closeWords(telling(x), telling(y)):
		return "close company names, " + a + " and " + b
	case isInitialsOf(joined(a), y):
		return a + " are the initials of " + b
	case isInitialsOf(joined(b), x):
		return b + " are the initials of " + a
	}
	return ""
}

func joined(normal string) string { return strings.ReplaceAll(normal, " ", "") }

// closeWords compares the telling words of two names.
func closeWords(x, y []string) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	const long = 4 // words of a name that may differ twice
	most := 1
	if len(x) >= long {
		most = 2
	}
	if len(x) == 0 || len(y)-len(x) > most || !hasDistinctive(x) {
		return false
	}
	// Equal words pair off first; what is left differs.
	left := slices.Clone(y)
	var odd []string
	for _, w := range x {
		if i := slices.Index(left, w); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			odd = append(odd, w)
		}
	}
	return len(left) <= most && pairOff(odd, left) && !slices.ContainsFunc(extra(odd, left), hasDigit)
}

// pairOff tells whether every odd word is a slip of another word that is left.
func pairOff(odd, left []string) bool {
	if len(odd) == 0 {
		return true
	}
	for i, w := range left {
		if isSlip(odd[0], w) && pairOff(odd[1:], slices.Delete(slices.Clone(left), i, i+1)) {
			return true
		}
	}
	return false
}

// extra returns the words of left when there is no odd word to pair them with.
func extra(odd, left []string) []string {
	if len(odd) < len(left) {
		return left
	}
	return nil
}

// isSlip tells whether two words are one but for the hand that wrote it.
func isSlip(a, b string) bool {
	const short, long = 5, 9
	n := min(utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	if n < short || hasDigit(a) || hasDigit(b) {
		return false
	}
	if n < long {
		return nearest.Distance(a, b) <= 1
	}
	return nearest.Distance(a, b) <= 2
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }

// hasDistinctive tells whether the words are more than a few letters: the
// names of "AB" and "AB Tasty" have too little in common.
func hasDistinctive(words []string) bool {
	const letters = 4
	return utf8.RuneCountInString(strings.Join(words, "")) >= letters
}

// Words returns the words under which an account with the lead's name or a
// close one may be filed: see Account.Word. They are the first three that tell
// it apart, because words may be missing or in another order, its initials,
// because it may go by them, and the word that its domain begins with, because
// a name may have a slip and the domain not.
func (f Facts) Words() []string {
	const most = 3
	if f.Normal == "" {
		return nil
	}
	words := telling(strings.Fields(f.Normal))
	words = append([]string{filed(f.Normal)}, words[:min(most, len(words))]...)
	words = append(words, initialsOf(strings.Fields(f.Normal))...)
	if f.Label != "" {
		words = append(words, filed(Normal(f.Label)))
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// Word returns the word that the account's name is filed under: the first one
// that tells it apart, else the first one; "" when it has no name.
func (a Account) Word() string { return filed(a.Normal) }

// Filed returns all words that the account's name is filed under: Word, and the
// initials of a name of three words or more. It is empty when it has no name.
func (a Account) Filed() []string {
	if a.Normal == "" {
		return nil
	}
	words := append([]string{a.Word()}, initialsOf(strings.Fields(a.Normal))...)
	slices.Sort(words)
	return slices.Compact(words)
}

func filed(normal string) string {
	words := strings.Fields(normal)
	if t := telling(words); len(t) > 0 {
		return t[0]
	}
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// telling returns the words that tell a company apart.
func telling(words []string) []string {
	var out []string
	for _, w := range words {
		if !isWeak(w) {
			out = append(out, w)
		}
	}
	return out
}

// isWeak lists the words that come and go in the name of one company.
func isWeak(w string) bool {
	switch w {
	case "group", "groupe", "gruppe", "grupo", "gruppo", "holding", "holdings", "international", "intl", "global", "worldwide", "enterprise",
		"enterprises", "corporate", "headquarters", "hq", "the", "of", "de", "der", "die", "das", "du", "des", "la", "le", "les", "for", "com", "net", "org", "www":
		return true
	}
	return false
}

// isInitialsOf tells whether a name is made of the first letters of words.
func isInitialsOf(short string, words []string) bool {
	return slices.Contains(initialsOf(words), short)
}

// initialsOf returns the first letters of words, three at least, with and
// without those of the weak ones.
func initialsOf(words []string) []string {
	const fewest = 3
	var all []string
	for _, long := range [][]string{words, telling(words), slices.DeleteFunc(slices.Clone(words), isParticle)} {
		if len(long) >= fewest && !slices.Contains(all, initials(long)) {
			all = append(all, initials(long))
		}
	}
	return all
}

func isParticle(w string) bool {
	switch w {
	case "of", "de", "der", "die", "das", "du", "des", "la", "le", "les", "for", "the":
		return true
	}
	return false
}

func initials(words []string) string {
	var b strings.Builder
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		b.WriteRune(r)
	}
	return b.String()
}
