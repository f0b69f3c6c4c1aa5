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
	words = words[leadingPhrase(words):]
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

// isForm lists the legal forms that are nothing else, in any position. These
// lists and those below are written by hand, from the abbreviations that
// companies themselves put into their names; ISO 20275, whose list of Entity
// Legal Forms GLEIF publishes, says which forms there are in each country.
func isForm(s string) bool {
	switch s {
	case "inc", "incorporated", "llc", "llp", "lllp", "pllc", "ltd", "plc", "ulc", "pty", "pte", "pvt", "corp", "incorporation", "ltee", "teoranta", "cyf", // English, Canadian, Irish, Welsh
		"gmbh", "ggmbh", "mbh", "kgaa", "ohg", "gbr", "haftungsbeschrankt", "partg", "partgmbb", "gesmbh", "aktiengesellschaft", "kommanditgesellschaft", // German
		"sarl", "sasu", "eurl", "selarl", "sprl", "bvba", "cvba", "commv", "scrl", "asbl", "aisbl", "vzw", "geie", "eeig", // French, Belgian, European
		"srl", "srls", "scarl", "srll", "slu", "slne", "ltda", "eireli", "eirl", "lda", "sgps", // Italian, Iberian, Latin American
		"oyj", "abp", "publ", "aktiebolag", "aktiebolaget", "ehf", "ohf", "osakeyhtio", // Nordic
		"eood", "jdoo", "kft", "kkt", "zrt", "nyrt", "sro", "sdn", "bhd", "berhad", // Eastern European, Malaysian
		"ооо", "оао", "зао", "пао", "тов", "тзов", "прат", "пат", "тоо", "оод", "еоод", "еад", "доо", "oao", "zao", "pao", "pjsc", "ojsc", "cjsc", "jsc", // Russian, Ukrainian, Kazakh, Bulgarian
		"wll", "fze", "fzco", "dmcc", // of the Gulf
		"株式会社", "有限会社", "合同会社", "주식회사", "유한회사", "有限公司", "มหาชน", "จ\u0e4d\u0e32กัด": // Japanese, Korean, Chinese, Thai
		return true
	}
	return false
}

// isTrailingForm lists the legal forms that are words or initials elsewhere.
func isTrailingForm(s string) bool {
	switch s {
	case "co", "company", "corporation", "limited", "lp", "cic", "dac", "clg", "pcl", "enr", // English, Canadian
		"ag", "kg", "se", "ug", "eg", "ek", "mbb", // German
		"sa", "sas", "snc", "sca", "sau", "sab", "sl", "unipersonale", "unipessoal", // French, Italian, Spanish, Portuguese
		"bv", "nv", "vof", "cv", "ab", "oy", "as", "asa", "aps", "hf", // Dutch, Nordic
		"ou", "uab", "sia", "doo", "ood", "kk", "gk", "tbk", "ао", "αε", "επε", "ικε", "株", "有", "同", "주", "유": // Baltic, Balkan, Japanese, Indonesian, Russian, Greek, Korean
		return true
	}
	return false
}

// isLoudForm lists the legal forms that are common words as well, and forms
// only when they are written in capitals or with dots.
func isLoudForm(s string) bool {
	switch s {
	case "spa", "dd", "hb", "kb", "ky", "bt", "epp", "ooo", "sti", "aor", "gie", "scop", "slp", "ans", "ivs", "tmi", "pbc", "cc", "npc", "sac", "sacs", "saa", "sll", "og", "epe", "ike", "ад":
		return true
	}
	return false
}

// isDottedForm lists those that are forms only with dots or a slash.
func isDottedForm(s string) bool {
	switch s {
	case "ev", "pa", "pc", "ad", "me", "sc", "ks", "is", "ps", "il", "ua", "cb", "ca", "ae", "sae", "sal", "ksc", "qsc", "ska", "psa", "sj", "vos", "jtd", "kd", "rt", "lc", "gp", "οε", "ذمم", "شمم":
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
	case "ао", "ип":
		return w.loud
	case "oy", "uab", "sia", "株", "有", "同", "주", "유", "شركة", "บริษัท":
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
		"societe anonyme", "naamloze vennootschap", "besloten vennootschap",
		"proprietary limited", "public company limited", "close corporation", "p ltd", "opc pvt ltd", "opc private limited", "fz llc", "llc fz",
		"gesellschaft mit beschrankter haftung", "gesellschaft mit beschraenkter haftung", "ges mbh",
		"societe par actions simplifiee", "societe a responsabilite limitee", "sa rl", "a rl", "sca rl", "sarl au", "cooperatie ua",
		"societa per azioni", "societa a responsabilita limitata", "soc coop", "s coop", "soc coop a rl", "sociedad anonima", "sociedad limitada",
		"sociedade anonima", "sociedade unipessoal", "sociedade unipessoal lda", "sas bic", "sas de cv", "s en c", "s en c por a", "s en c de cv", "limited liability co", "ltda me", "eireli me",
		"sp z oo sp k", "spolka z oo", "spolka z o o", "spolka z ograniczona odpowiedzialnoscia", "spolka akcyjna", "spolka komandytowa", "spolka jawna",
		"limited sirketi", "san ve tic", "sanayi ve ticaret", "godo kaisha", "godo gaisha", "yugen kaisha", "yugen gaisha", "בע מ":
		return true
	}
	return false
}

// leadingPhrase returns how many of the first words are a legal form that is
// written before the name, as in Vietnam; 0 when nothing else is there.
func leadingPhrase(words []word) int {
	const longest = 6
	for n := min(longest, len(words)-1); n > 1; n-- {
		parts := make([]string, n)
		for i, w := range words[:n] {
			parts[i] = w.text
		}
		switch strings.Join(parts, " ") {
		case "cong ty tnhh mot thanh vien", "cong ty tnhh mtv", "cong ty tnhh", "cong ty co phan", "cong ty cp":
			return n
		}
	}
	return 0
}

// isSlashed lists the legal forms of two letters with a slash between them.
func isSlashed(s string) bool {
	switch s {
	case "as", "sa", "ks", "is", "ps":
		return true
	}
	return false
}

// cutForm cuts a legal form off a word of a script that puts no space between
// words. A word that is nothing else stays.
func cutForm(s string) string {
	for _, form := range []string{
		"株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "一般社団法人", "一般財団法人", "公益社団法人", "公益財団法人", "社会福祉法人", "医療法人", "学校法人",
		"股份有限公司", "有限责任公司", "有限責任公司", "有限公司", "股份公司", "주식회사", "유한회사",
	} {
		if rest := strings.TrimSuffix(strings.TrimPrefix(s, form), form); rest != "" {
			s = rest
		}
	}
	return s
}
