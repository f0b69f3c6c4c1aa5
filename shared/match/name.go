package match

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	pointsFamily    = 24
	pointsFrequent  = 14 // of a family name that many people have
	familySlip      = 18
	frequentSlip    = 8
	familyPart      = 14 // a double name and a half of it
	frequentPart    = 8
	otherFamily     = -20
	pointsGiven     = 16
	pointsShort     = 14 // a short form and what it is short for
	givenPart       = 14 // one of several given names
	givenSlip       = 12
	pointsInitial   = 4
	otherGiven      = -50
	otherGeneration = -40
	oneGeneration   = -6 // of which the other says nothing
	swappedGiven    = 14
	swappedFamily   = 22
)

// names compares given and family names.
//
// Family names change, given names don't: another given name is the strongest
// contradiction that there is, since a father and a son at one company agree in
// all else.
func (c *comparing) names() {
	given := [2]name{nameOf(c.a.Given), nameOf(c.b.Given)}
	family := [2]name{nameOf(c.a.Family), nameOf(c.b.Family)}
	var generation [2]string
	for i := range family {
		family[i], generation[i] = withoutGeneration(family[i])
	}
	if c.swapped(given, family) {
		return
	}
	c.givenNames(given[0], given[1])
	c.familyNames(family[0], family[1])
	switch a, b := generation[0], generation[1]; {
	case a == b:
	case a != "" && b != "":
		c.add(ByName, otherGeneration, "one is called %s, the other %s", min(a, b), max(a, b))
	case family[0].known() && family[1].known():
		c.add(ByName, oneGeneration, "only one is called %s", a+b)
	}
}

// swapped tells whether one of two wrote the given name where the family name
// belongs, and adds that to the parts.
func (c *comparing) swapped(given, family [2]name) bool {
	for _, n := range [4]name{given[0], given[1], family[0], family[1]} {
		if !n.known() {
			return false
		}
	}
	if some(given[0], given[1], equal) || !some(given[0], family[1], equal) || !some(family[0], given[1], equal) {
		return false
	}
	c.add(ByName, swappedGiven+swappedFamily, "given and family name are swapped: %s", both(full(c.a), full(c.b)))
	return true
}

func full(p Person) string { return strings.TrimSpace(p.Given + " " + p.Family) }

func (c *comparing) givenNames(a, b name) {
	switch kind := givenKind(a, b); {
	case !a.known() || !b.known():
	case kind == same:
		c.add(ByGiven, pointsGiven, "the same given name, %s", min(a.raw, b.raw))
	case kind == short:
		c.add(ByGiven, pointsShort, "%s", inShort(a, b))
	case kind == part:
		c.add(ByGiven, givenPart, "one given name of several is the same: %s", both(a.raw, b.raw))
	case kind == initial:
		c.add(ByGiven, pointsInitial, "an initial that may be the other name: %s", both(a.raw, b.raw))
	case kind == slipped:
		c.add(ByGiven, givenSlip, "the given names differ by a slip: %s", both(a.raw, b.raw))
	default:
		c.add(ByGiven, otherGiven, "the given names differ: %s", both(a.raw, b.raw))
	}
}

// kind is how two names are alike.
type kind int

const (
	differ kind = iota
	same
	short
	part
	initial
	slipped
)

func givenKind(a, b name) kind {
	if !a.known() || !b.known() {
		return differ
	}
	x, y := a.words[0], b.words[0]
	switch {
	case some(a, b, equal):
		return same
	case isInitial(a, b) || isInitial(b, a):
		return initial
	case x == y || subset(a.words, b.words) || subset(b.words, a.words):
		return part
	case some(a, b, related) || related(x, y):
		return short
	case isGivenName(x) && isGivenName(y), otherSex(x, y):
		return differ
	case some(a, b, slip):
		return slipped
	}
	return differ
}

// isInitial tells whether a is the first letter of b, or of each of its names,
// or of what b is short for: Bob may write R.
func isInitial(a, b name) bool {
	if len(a.words) == 1 && utf8.RuneCountInString(a.words[0]) == 1 && firstLetter(formal(b.words[0])) == a.words[0] {
		return true
	}
	if len(a.words) > len(b.words) {
		return false
	}
	for i, w := range a.words {
		if utf8.RuneCountInString(w) != 1 || !strings.HasPrefix(b.words[i], w) {
			return false
		}
	}
	return true
}

// otherSex tells whether two names differ by an ending by which a woman's name
// is made of a man's: Daniel, Daniela; Martin, Martine.
func otherSex(x, y string) bool {
	if len(x) > len(y) {
		x, y = y, x
	}
	return y == x+"a" || y == x+"e" || strings.TrimSuffix(y, "a") == strings.TrimSuffix(x, "o")
}

// inShort says which of two names is short for the other.
func inShort(a, b name) string {
	x, y := a.raw, b.raw
	if len(x) > len(y) || (len(x) == len(y) && x > y) {
		x, y = y, x
	}
	return x + " is short for " + y
}

func subset(few, many []string) bool {
	for _, w := range few {
		if utf8.RuneCountInString(w) < 2 || !slices.Contains(many, w) {
			return false
		}
	}
	return true
}

func (c *comparing) familyNames(a, b name) {
	if !a.known() || !b.known() {
		return
	}
	points := func(rare, frequent int) int {
		if isFrequent(a) || isFrequent(b) {
			return frequent
		}
		return rare
	}
	switch {
	case some(a, b, equal) && (isFrequent(a) || isFrequent(b)):
		c.add(ByFamily, pointsFrequent, "the same family name, %s, which many people have", min(a.raw, b.raw))
	case some(a, b, equal):
		c.add(ByFamily, pointsFamily, "the same family name, %s", min(a.raw, b.raw))
	case subset(a.words, b.words) || subset(b.words, a.words):
		c.add(ByFamily, points(familyPart, frequentPart), "one family name is part of the other: %s", both(a.raw, b.raw))
	case some(a, b, slip) && (!isFrequent(a) || !isFrequent(b)):
		c.add(ByFamily, points(familySlip, frequentSlip), "the family names differ by a slip: %s", both(a.raw, b.raw))
	default:
		c.add(ByFamily, otherFamily, "the family names differ: %s", both(a.raw, b.raw))
	}
}

func isFrequent(n name) bool {
	return slices.ContainsFunc(n.forms, frequent)
}

// withoutGeneration cuts what tells a father from a son of the same name.
func withoutGeneration(n name) (name, string) {
	if len(n.words) < 2 {
		return n, ""
	}
	said := generation(n.words[len(n.words)-1])
	if said == "" {
		return n, ""
	}
	raw := strings.Fields(n.raw)
	cut := nameOf(strings.TrimRight(strings.Join(raw[:len(raw)-1], " "), ", "))
	if !cut.known() {
		return n, ""
	}
	return cut, said
}

// generation says what a word behind a name tells of the generation; "" for
// nothing.
func generation(word string) string {
	switch word {
	case "jr", "junior", "jun":
		return "junior"
	case "sr", "senior", "sen":
		return "senior"
	case "ii", "iii", "iv":
		return "the " + strings.ToUpper(word)
	}
	return ""
}

// Generation returns what tells a father from a son of the same name, such as
// "Jr.", among the words behind a name; "" for none. The others are degrees and
// the like, which people write in one place and leave out in another.
func Generation(behind string) string {
	for _, w := range strings.Fields(behind) {
		if slices.ContainsFunc(words(w), func(x string) bool { return generation(x) != "" }) {
			return w
		}
	}
	return ""
}

// NameKey returns what most ways of writing a name have in common, so that
// leads filed under it are found: the first letter of what the given name is
// short for, and of the family name the first letter and the consonants behind
// it, without accents and repetitions. It is "" when either name is missing. It
// is for finding alone: Compare says who is alike.
func NameKey(given, family string) string {
	g := nameOf(given)
	f, _ := withoutGeneration(nameOf(family))
	if !g.known() || !f.known() {
		return ""
	}
	return firstLetter(formal(g.words[0])) + " " + skeleton(strings.Join(f.words, ""))
}

func skeleton(s string) string {
	var out strings.Builder
	last := rune(0)
	for i, r := range s {
		vowel := strings.ContainsRune("aeiouy", r)
		if i == 0 || (!vowel && r != last) {
			out.WriteRune(r)
		}
		last = r
	}
	return out.String()
}
