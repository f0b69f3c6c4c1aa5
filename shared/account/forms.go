package account

import "strings"

// dropForms drops the legal forms of a name and a leading "the". It returns
// nothing when the name consists of them.
func dropForms(words []word) []word {
	for len(words) > 1 && words[0].text == "the" {
		words = words[1:]
	}
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
	for len(words) > 1 && isLeadingForm(words[0]) {
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
	last := words[len(words)-1]
	if isForm(last.text) || isTrailingForm(last.text) || (last.loud && isLoudForm(last.text)) {
		return 1
	}
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
	return 0
}

// isForm lists the legal forms that are nothing else, in any position. The
// names are those of the registers of companies of each country.
func isForm(s string) bool {
	switch s {
	case "inc", "incorporated", "llc", "llp", "lllp", "pllc", "ltd", "plc", "ulc", "pty", "pte", "pvt", "corp", // English
		"gmbh", "ggmbh", "mbh", "kgaa", "ohg", "gbr", "haftungsbeschrankt", "partg", "partgmbb", "mbb", "gesmbh", // German
		"sarl", "sasu", "eurl", "selarl", "sprl", "bvba", "scrl", // French, Belgian
		"srl", "srls", "slu", "slne", "ltda", "eireli", "lda", "sgps", "sapi", // Italian, Iberian, Latin American
		"oyj", "aktiebolag", "aktiebolaget", "aps", "asa", "ehf", "osakeyhtio", // Nordic
		"doo", "eood", "ood", "kft", "zrt", "nyrt", "sro", "zoo", "uab", "sia", "sdn", "bhd", "tbk", // Eastern European, Asian
		"ооо", "оао", "зао", "пао", "тов", "oooo", "oao", "zao", "pao", "pjsc", "ojsc", "cjsc", "jsc": // Russian, Ukrainian
		return true
	}
	return false
}

// isTrailingForm lists the legal forms that are words or initials elsewhere.
func isTrailingForm(s string) bool {
	switch s {
	case "co", "company", "corporation", "limited", "lp", "cic", "dac", // English
		"ag", "kg", "se", "ug", "eg", "ev", "ek", // German
		"sa", "sas", "snc", "sca", "sau", "sab", "sl", "cv", // French, Italian, Spanish
		"bv", "nv", "vof", "ab", "oy", "as", "hf", "ks", // Dutch, Nordic
		"ou", "kk", "gk", "ао": // Estonian, Japanese, Russian
		return true
	}
	return false
}

// isLoudForm lists the legal forms that are common words as well, and forms
// only when they are written in capitals or with dots.
func isLoudForm(s string) bool {
	switch s {
	case "spa", "pc", "pa", "ad", "dd", "hb", "kb", "ky", "bt", "sc", "me", "epp", "ooo", "is", "ans", "sti":
		return true
	}
	return false
}

// isLeadingForm lists the legal forms that are written before the name.
func isLeadingForm(w word) bool {
	switch w.text {
	case "ab", "as", "pt", "ooo", "cv", "sc":
		return w.loud
	case "oy", "kk", "gk":
		return true
	}
	return false
}

// isPhrase lists the legal forms of several words.
func isPhrase(s string) bool {
	switch s {
	case "sa de cv", "sab de cv", "sapi de cv", "s de rl", "s de rl de cv", "sp z oo", "sp z o o", "sp zoo", "sp k", "sp j", "spol s ro",
		"spol s r o", "s r o", "s a", "a s", "b v", "n v", "k k", "d o o", "s r l", "s l", "private limited", "public limited company",
		"limited liability company", "limited liability partnership", "limited partnership", "joint stock company",
		"kabushiki kaisha", "kabushiki gaisha", "ltd sti", "anonim sirketi", "societe anonyme", "aktiengesellschaft":
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
