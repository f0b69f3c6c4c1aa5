package standard

import (
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

const (
	mostWords  = 24 // of a title that are looked at
	mostPhrase = 5  // words of the longest phrase in the tables
)

// phrase is a part of a title that a table knows.
type phrase struct {
	text, means string
}

// phrases finds the longest phrases of a table in the words of a title, from
// left to right, and the words that are in none.
func phrases(table string, words []string) (found []phrase, rest []string) {
	for i := 0; i < len(words); {
		taken := 0
		for n := min(mostPhrase, len(words)-i); n > 0 && taken == 0; n-- {
			text := strings.Join(words[i:i+n], " ")
			if means, ok := sorted.Find(table, text); ok {
				found = append(found, phrase{text, means})
				taken = n
			}
		}
		if taken == 0 {
			rest = append(rest, words[i])
		}
		i += max(taken, 1)
	}
	return found, rest
}

func titleWords(original string) []string {
	words := strings.Fields(fold(original))
	return words[:min(len(words), mostWords)]
}

// levels lists what a seniority can be, the most senior first.
func levels() []string {
	return []string{"owner", "c_level", "vp", "director", "head", "manager", "senior", "individual"}
}

const (
	entryLevel = "entry"
	unclear    = "unknown " // before the reason why a phrase does not say how senior
	nothing    = "-"        // what a phrase means that says nothing although its words would
)

// ranks are the phrases of a title that say how senior somebody is.
type ranks []phrase

func ranksOf(original string) ranks {
	found, rest := phrases(seniorities, titleWords(original))
	for _, w := range rest {
		if means := suffixSeniority(w); means != "" {
			found = append(found, phrase{w, means})
		}
	}
	return slices.DeleteFunc(found, func(p phrase) bool { return p.means == nothing })
}

// first returns the first phrase of a level; "" for none.
func (r ranks) first(level string) string {
	i := slices.IndexFunc(r, func(p phrase) bool { return p.means == level })
	if i < 0 {
		return ""
	}
	return r[i].text
}

// doubt returns the first phrase that does not say how senior, and why.
func (r ranks) doubt() (text, why string) {
	for _, p := range r {
		if why, ok := strings.CutPrefix(p.means, unclear); ok {
			return p.text, why
		}
	}
	return "", ""
}

// seniority reads how senior a job title is.
func seniority(original string) Field {
	f := Field{From: original}
	found := ranksOf(original)
	if text := found.first(entryLevel); text != "" {
		f.Value, f.How = entryLevel, `"`+text+`" says that somebody else decides.`
		return f
	}
	doubtful, why := found.doubt()
	for _, level := range levels() {
		text := found.first(level)
		specialist := level == "senior" || level == "individual"
		switch {
		case text == "":
		case doubtful != "" && specialist && leads(doubtful):
			f.Value, f.How = "senior", `"`+doubtful+`" beside "`+text+`" says that they are a senior one.`
			return f
		case doubtful != "" && specialist:
		default:
			f.Value, f.How = level, `"`+text+`" says so.`
			if len(found) > 1 {
				f.How = `"` + text + `" says so; of several words the most senior counts.`
			}
			return f
		}
	}
	f.How = "Unknown: no word of it says how senior they are."
	if doubtful != "" {
		f.How = "Unknown: " + why + "."
	}
	return f
}

// leads tells whether a word that is unclear alone makes a specialist senior.
func leads(word string) bool { return word == "lead" || word == "principal" || word == "chief" }

// suffixSeniority reads the end of a compound, as German has them.
func suffixSeniority(word string) string {
	for _, s := range []struct{ end, means string }{
		{"geschaftsfuhrer", "c_level"},
		{"geschaftsfuhrerin", "c_level"},
		{"inhaber", "owner"},
		{"inhaberin", "owner"},
		{"grunder", "owner"},
		{"grunderin", "owner"},
		{"vorstand", "c_level"},
		{"direktor", "director"},
		{"direktorin", "director"},
		{"leiter", "head"},
		{"leiterin", "head"},
		{"leitung", "head"},
		{"manager", "manager"},
		{"managerin", "manager"},
		{"berater", "individual"},
		{"beraterin", "individual"},
		{"entwickler", "individual"},
		{"entwicklerin", "individual"},
		{"ingenieur", "individual"},
		{"ingenieurin", "individual"},
		{"referent", "individual"},
		{"referentin", "individual"},
		{"kaufmann", "individual"},
		{"kauffrau", "individual"},
		{"mitarbeiter", "individual"},
		{"mitarbeiterin", "individual"},
		{"techniker", "individual"},
		{"technikerin", "individual"},
		{"assistent", entryLevel},
		{"assistentin", entryLevel},
		{"assistenz", entryLevel},
		{"praktikant", entryLevel},
		{"praktikantin", entryLevel},
	} {
		const least = 2 // letters before it
		if strings.HasSuffix(word, s.end) && len(word) >= len(s.end)+least {
			return s.means
		}
	}
	return ""
}

// department reads which department a job title belongs to.
func department(original string) Field {
	f := Field{From: original}
	found, rest := phrases(departments, titleWords(original))
	for _, w := range rest {
		if means := prefixDepartment(w); means != "" {
			found = append(found, phrase{w, means})
		}
	}
	var strong, all []string
	by := map[string]string{}
	for _, p := range found {
		if by[p.means] == "" && p.means != nothing {
			by[p.means] = p.text
			all = append(all, p.means)
			if !besides(p) {
				strong = append(strong, p.means)
			}
		}
	}
	if len(strong) == 0 && len(all) == 1 {
		strong = all
	}
	switch {
	case len(all) == 0:
		f.How = "Unknown: no word of it names a department."
	case len(strong) == 1:
		f.Value, f.How = strong[0], `"`+by[strong[0]]+`" says so.`
	case len(strong) == 0:
		f.How = "Unknown: it names several, " + strings.Join(all, " and ") + "."
	default:
		f.How = "Unknown: it names several, " + strings.Join(strong, " and ") + "."
	}
	return f
}

// besides tells whether a phrase leaves the word to another one: an owner may
// lead a department, and every department has projects, advice and an office.
func besides(p phrase) bool {
	switch p.means {
	case "project_management", "consulting", "administration":
		return true
	case "general_management":
		means, _ := sorted.Find(seniorities, p.text)
		return means == "owner"
	}
	return false
}

// prefixDepartment reads the beginning of a compound, as German has them.
func prefixDepartment(word string) string {
	for _, s := range []struct{ begin, means string }{
		{"vertriebs", "sales"},
		{"verkaufs", "sales"},
		{"marketing", "marketing"},
		{"personal", "hr"},
		{"einkaufs", "procurement"},
		{"finanz", "finance"},
		{"buchhaltungs", "finance"},
		{"produktion", "operations"}, //nolint:misspell // German.
		{"produkt", "product"},
		{"logistik", "operations"},
		{"betriebs", "operations"},
		{"entwicklungs", "engineering"},
		{"softwareentwick", "engineering"},
		{"forschungs", "research"},
		{"rechts", "legal"},
		{"kundendienst", "customer_success"},
		{"kundenservice", "customer_success"},
		{"projekt", "project_management"},
		{"kommunikations", "marketing"},
		{"qualitats", "operations"},
	} {
		const least = 4 // letters behind it
		if strings.HasPrefix(word, s.begin) && len(word) >= len(s.begin)+least {
			return s.means
		}
	}
	return ""
}
