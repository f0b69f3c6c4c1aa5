package standard

import (
	"maps"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

// Values lists what a standard field can be, where that is a short list:
// Seniority, the most senior first, Department, Industry and Size. It is nil for
// the others.
func Values(name string) []string {
	switch name {
	case Seniority:
		return append(levels(), entryLevel)
	case Department:
		return meanings(departments)
	case Industry:
		return meanings(industries)
	case Size:
		var all []string
		for _, b := range bands() {
			all = append(all, b.name)
		}
		return all
	}
	return nil
}

// meanings lists what the lines of a table mean, by name.
func meanings(table string) []string {
	all := map[string]bool{}
	for line := range strings.Lines(table) {
		_, means, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		means, _, _ = strings.Cut(means, "\t")
		all[means] = true
	}
	delete(all, nothing)
	return slices.Sorted(maps.Keys(all))
}

// IsCountry tells whether a text is a code of ISO 3166-1 alpha-2, in capitals.
func IsCountry(code string) bool {
	v, ok := sorted.Find(countries, strings.ToLower(code))
	found, _, full := strings.Cut(v, "\t")
	return ok && full && found == code
}

// CountryCode returns the code of a country, ISO 3166-1 alpha-2, by its code of
// two or three letters or one of its names; "" when it is none that we know.
func CountryCode(text string) string { return countryOf(text) }
