package standard

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// person is a name on its way to its standard form.
type person struct {
	first, last    []string // words
	title, suffix  []string
	notes          []string // what was done, and why
	unknown        string   // why the words cannot be told apart; "" when they can
	firstO, lastO  string   // as they were sent
	lastFromSender bool
}

// names fills in the fields of a person's name.
func names(out Standard, first, last string) {
	p := person{firstO: first, lastO: last, lastFromSender: tidy(last) != ""}
	p.first, p.last = strings.Fields(tidy(first)), strings.Fields(tidy(last))
	if len(p.first)+len(p.last) == 0 {
		return
	}
	p.swap()
	p.takeTitle()
	p.takeSuffix()
	p.first, p.last = withoutCommas(p.first), withoutCommas(p.last)
	p.split()
	p.first, p.last = p.repaired(p.first), p.repaired(p.last)
	how := "As it was sent."
	if len(p.notes) > 0 {
		how = strings.Join(p.notes, " ")
	}
	from := strings.TrimSpace(p.firstO + " " + p.lastO)
	set := func(name, original string, words []string) {
		switch {
		case p.unknown != "":
			out[name] = Field{From: original, How: p.unknown}
		case len(words) > 0:
			out[name] = Field{Value: strings.Join(words, " "), From: original, How: how}
		}
	}
	if p.firstO == "" || len(p.notes) > 0 {
		first = from
	}
	if p.lastO == "" || len(p.notes) > 0 {
		last = from
	}
	set(FirstName, first, p.first)
	set(LastName, last, p.last)
	p.unknown, how = "", "It stands before the name."
	set(NameTitle, from, p.title)
	how = "It stands behind the name."
	set(NameSuffix, from, p.suffix)
}

// swap puts "Last, First" in order. A sender that splits at the first space
// leaves the comma in the first name, or behind its last particle.
func (p *person) swap() {
	all := slices.Concat(p.first, p.last)
	at := slices.IndexFunc(all, func(w string) bool { return strings.HasSuffix(w, ",") })
	if at < 0 || at == len(all)-1 {
		return
	}
	oneField := len(p.first) == 0 || len(p.last) == 0
	split := at == len(p.first)-1 || len(p.first) > 0 && at >= len(p.first) && isParticle(p.first[0])
	if !oneField && !split || p.suffixesFrom(all[at+1:]) {
		return
	}
	before := slices.Clone(all[:at+1])
	before[at] = strings.TrimSuffix(before[at], ",")
	if before[at] == "" {
		return
	}
	p.first, p.last = slices.Clone(all[at+1:]), before
	p.notes = append(p.notes, "The comma says that the last name stands first.")
}

func (p *person) suffixesFrom(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !isSuffix(w) })
}

// takeTitle takes titles away from the beginning, as long as a name remains.
func (p *person) takeTitle() {
	for len(p.first)+len(p.last) > 1 {
		from := &p.first
		if len(p.first) == 0 {
			if len(p.title) == 0 && len(p.last) < 2 {
				return
			}
			from = &p.last
		}
		if !isTitle((*from)[0]) || len(p.first)+len(p.last) < 2 {
			return
		}
		p.title = append(p.title, (*from)[0])
		*from = (*from)[1:]
	}
}

// takeSuffix takes what stands behind the name away, as long as a name remains.
func (p *person) takeSuffix() {
	of := &p.last
	if len(p.last) == 0 {
		of = &p.first
	}
	for len(*of) > 1 && isSuffix((*of)[len(*of)-1]) {
		n := len(*of) - 1
		p.suffix = append([]string{strings.Trim((*of)[n], ",")}, p.suffix...)
		*of = slices.Clone((*of)[:n])
		(*of)[n-1] = strings.TrimSuffix((*of)[n-1], ",")
	}
}

// split tells first and last name apart where the sender gave both in one
// field, if only one way to do so makes sense.
func (p *person) split() {
	words := p.first
	switch {
	case len(p.first) > 0 && len(p.last) > 0, len(p.first) == 1:
		return
	case len(p.first) == 0:
		// Only behind a title that stood where the first name was to be is a last name of two words a whole name.
		if len(p.title) == 0 || tidy(p.firstO) == "" || len(p.last) < 2 {
			return
		}
		words = p.last
	}
	at, why := splitAt(words)
	if at == 0 {
		p.unknown = "The " + count(len(words)) + " words may be split into first and last name in several ways."
		return
	}
	p.first, p.last = words[:at], words[at:]
	p.notes = append(p.notes, why)
}

// withoutCommas drops what commas are left, and what was nothing else.
func withoutCommas(words []string) []string {
	var out []string
	for _, w := range words {
		if w = strings.Trim(w, ","); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// splitAt returns the index of the first word of the last name, 0 when that
// cannot be told.
func splitAt(words []string) (at int, why string) {
	const two, three = 2, 3
	if len(words) == two {
		return 1, "Of two words the first is the first name."
	}
	if i := slices.IndexFunc(words[1:], isParticle); i >= 0 && i+1 < len(words)-1 {
		return i + 1, "The last name begins with " + strings.ToLower(words[i+1]) + "."
	}
	if len(words) == three && isInitial(words[1]) {
		return two, "The letter in the middle is an initial, and the last name stands behind it."
	}
	return 0, ""
}

// repaired repairs words that are all in capitals, but for particles, as in "van
// DIJK", or all in small letters.
func (p *person) repaired(words []string) []string {
	all := strings.Join(words, " ")
	loud := strings.Join(slices.DeleteFunc(slices.Clone(words), func(w string) bool { return isParticle(w) && w == strings.ToLower(w) }), " ")
	capitals := loud == strings.ToUpper(loud) && loud != strings.ToLower(loud)
	small := all == strings.ToLower(all) && all != strings.ToUpper(all)
	if !capitals && !small {
		return words
	}
	out := make([]string, len(words))
	for i, w := range words {
		switch {
		case isParticle(w) && i < len(words)-1:
			out[i] = strings.ToLower(w)
		case isInitials(w):
			out[i] = w
		default:
			out[i] = capitalized(w)
		}
	}
	const note = "Capitals were put where names have them."
	if !slices.Equal(out, words) && !slices.Contains(p.notes, note) {
		p.notes = append(p.notes, note)
	}
	return out
}

// capitalized writes a word as a name: after hyphens and apostrophes and
// behind "Mc", too.
func capitalized(word string) string {
	var b strings.Builder
	start := true
	for _, r := range strings.ToLower(word) {
		if start {
			r = unicode.ToTitle(r)
		}
		start = strings.ContainsRune("-'’.", r)
		b.WriteRune(r)
	}
	const shortest = 5
	out := b.String()
	if rest, ok := strings.CutPrefix(out, "Mc"); ok && len(out) >= shortest {
		first, n := utf8.DecodeRuneInString(rest)
		out = "Mc" + string(unicode.ToTitle(first)) + rest[n:]
	}
	// Behind the apostrophe of a genitive, as in "Hay's", stands no name.
	if rest, ok := strings.CutSuffix(out, "'S"); ok {
		out = rest + "'s"
	}
	return out
}

// isInitials tells whether a word in capitals may be initials: two letters
// without a vowel between them, such as JT.
func isInitials(w string) bool {
	return utf8.RuneCountInString(w) == 2 && w == strings.ToUpper(w) && !strings.ContainsAny(w, "AEIOUY.ÄÖÜÅØÉÈ") && w[0] < utf8.RuneSelf
}

func isInitial(w string) bool {
	return utf8.RuneCountInString(strings.TrimSuffix(w, ".")) == 1
}

func isParticle(w string) bool {
	switch strings.ToLower(w) {
	case "van", "von", "der", "den", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "des", "la", "le", "las", "los", "zu", "zum", "zur",
		"ter", "ten", "vom", "bin", "ibn", "al", "el", "af", "av", "y", "e":
		return true
	}
	return false
}

func isTitle(w string) bool {
	switch strings.ToLower(strings.Trim(w, ".,")) {
	case "dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "herr", "frau", "hr", "mme", "mlle", "monsieur", "madame", "señor",
		"señora", "sra", "srta", "dott", "ing", "dipl-ing", "dipl.-ing", "dipl", "dipl.-kfm", "mag", "rev", "drs", "dhr", "mevr":
		return true
	}
	return false
}

func isSuffix(w string) bool {
	switch strings.ToLower(strings.ReplaceAll(strings.Trim(w, ".,"), ".", "")) {
	case "jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq", "cpa", "msc", "bsc", "pmp", "cissp", "cfa", "llm", "rn", "jd", "dds":
		return true
	}
	return false
}

func count(n int) string {
	words := []string{"no", "one", "two", "three", "four", "five", "six"}
	if n < len(words) {
		return words[n]
	}
	return "many"
}
