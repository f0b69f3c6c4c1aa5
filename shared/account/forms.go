package account

import (
	"slices"
	"strings"
)

// dropForms drops the legal forms of a name. It returns nothing when the name
// consists of them.
func dropForms(words []word) []word {
	for len(words) > 0 {
		n := trailingForm(words)
		if n == 0 {
			break
		}
		words = words[:len(words)-n]
		for len(words) > 1 && isAnd(words[len(words)-1].text) {
			words = words[:len(words)-1] // as in "& Co."
		}
	}
	for len(words) > 1 && isLeadingForm(words[0]) && slices.ContainsFunc(words[1:], func(w word) bool { return !isGeneric(w.text) }) {
		words = words[1:]
	}
	var out []word
	for _, w := range words {
		if !isForm(w.text) {
			out = append(out, w)
		}
	}
	return out
}

// trailingForm returns how many of the last words are a legal form.
func trailingForm(words []word) int {
	const longest = 6
	for n := min(longest, len(words)); n > 1; n-- {
		parts := make([]string, n)
		for i, w := range words[len(words)-n:] {
			parts[i] = w.text
		}
		if isPhrase(strings.Join(parts, " ")) {
			return n
		}
	}
	last := words[len(words)-1]
	if isForm(last.text) || isTrailingForm(last.text) || (last.loud && isLoudForm(last.text)) || (last.dotted && isDottedForm(last.text)) {
		return 1
	}
	return 0
}

// isForm lists the legal forms that are nothing else, in any position. They
// are those of the registers of companies of each country.
func isForm(s string) bool {
	switch s {
	case "inc", "incorporated", "llc", "llp", "lllp", "pllc", "ltd", "plc", "ulc", "pty", "pte", "pvt", "corp", // English
		"gmbh", "ggmbh", "mbh", "kgaa", "ohg", "gbr", "haftungsbeschrankt", "partg", "partgmbb", "gesmbh", "aktiengesellschaft", // German
		"sarl", "sasu", "eurl", "selarl", "sprl", "bvba", "scrl", // French, Belgian
		"srl", "srls", "slu", "slne", "ltda", "eireli", "lda", "sgps", // Italian, Iberian, Latin American
		"oyj", "publ", "aktiebolag", "aktiebolaget", "ehf", "osakeyhtio", // Nordic
		"eood", "kft", "zrt", "nyrt", "sro", "sdn", "bhd", // Eastern European, Malaysian
		"ооо", "оао", "зао", "пао", "тов", "oao", "zao", "pao", "pjsc", "ojsc", "cjsc", "jsc", // Russian, Ukrainian
		"株式会社", "有限会社", "合同会社", "주식회사", "유한회사", "有限公司": // Japanese, Korean, Chinese
		return true
	}
	return false
}

// isTrailingForm lists the legal forms that are words or initials elsewhere.
func isTrailingForm(s string) bool {
	switch s {
	case "co", "company", "corporation", "limited", "lp", "cic", "dac", // English
		"ag", "kg", "se", "ug", "eg", "ek", "mbb", // German
		"sa", "sas", "snc", "sca", "sau", "sab", "sl", // French, Italian, Spanish
		"bv", "nv", "vof", "cv", "ab", "oy", "as", "asa", "aps", "hf", // Dutch, Nordic
		"ou", "uab", "sia", "doo", "ood", "kk", "gk", "tbk", "ао", "αε", "株", "주": // Baltic, Balkan, Japanese, Indonesian, Russian, Greek, Korean
		return true
	}
	return false
}

// isLoudForm lists the legal forms that are common words as well, and forms
// only when they are written in capitals or with dots.
func isLoudForm(s string) bool {
	switch s {
	case "spa", "dd", "hb", "kb", "ky", "bt", "epp", "ooo", "sti":
		return true
	}
	return false
}

// isDottedForm lists those that are forms only with dots or a slash.
func isDottedForm(s string) bool {
	switch s {
	case "ev", "pa", "pc", "ad", "me", "sc", "ks", "is":
		return true
	}
	return false
}

// isLeadingForm lists the legal forms that are written before the name.
func isLeadingForm(w word) bool {
	switch w.text {
	case "ab", "pt", "ooo":
		return w.loud
	case "as", "ks", "sa", "spa":
		return w.dotted
	case "oy", "uab", "sia", "株", "주":
		return true
	}
	return false
}

// isPhrase lists the legal forms of several words.
func isPhrase(s string) bool {
	switch s {
	case "sa de cv", "sab de cv", "sapi de cv", "s de rl", "s de rl de cv", "sp z oo", "sp z o o", "sp zoo", "sp k", "sp j", "spol s ro",
		"spol s r o", "spol sro", "s r o", "s a", "a s", "b v", "n v", "k k", "d o o", "s r l", "s l", "private limited",
		"private limited company", "public limited company", "limited liability company", "limited liability partnership",
		"limited partnership", "joint stock company", "kabushiki kaisha", "kabushiki gaisha", "ltd sti", "anonim sirketi",
		"societe anonyme", "naamloze vennootschap", "besloten vennootschap":
		return true
	}
	return false
}

// isSlashed lists the legal forms of two letters with a slash between them.
func isSlashed(s string) bool {
	switch s {
	case "as", "sa", "ks", "is":
		return true
	}
	return false
}

// cutForm cuts a legal form off a word of a script that puts no space between
// words. A word that is nothing else stays.
func cutForm(s string) string {
	for _, form := range []string{
		"株式会社", "有限会社", "合同会社", "股份有限公司", "有限责任公司", "有限公司", "股份公司", "주식회사", "유한회사",
	} {
		if rest := strings.TrimSuffix(strings.TrimPrefix(s, form), form); rest != "" {
			s = rest
		}
	}
	return s
}
