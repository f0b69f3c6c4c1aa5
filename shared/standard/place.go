package standard

import (
	"strings"

	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

// countryOf returns the ISO 3166-1 alpha-2 code of a country by its code, its
// alpha-3 code or one of its names, "" for none.
func countryOf(text string) string {
	key := fold(text)
	for _, k := range []string{key, strings.TrimPrefix(key, "the ")} {
		for _, table := range []string{countryAliases, countries} {
			if v, ok := sorted.Find(table, k); ok {
				code, _, _ := strings.Cut(v, "\t")
				return code
			}
		}
	}
	return ""
}

// CountryName returns the English name of a country by its ISO 3166-1 alpha-2
// code, the code itself when there is none.
func CountryName(code string) string {
	v, _ := sorted.Find(countries, strings.ToLower(code))
	if _, name, ok := strings.Cut(v, "\t"); ok {
		return name
	}
	return code
}

// country reads a country.
func country(original string) Field {
	f := Field{Value: countryOf(original), From: original}
	switch name := CountryName(f.Value); {
	case f.Value == "":
		f.How = "It is neither a code nor a name of a country that we know."
	case strings.EqualFold(strings.TrimSpace(original), f.Value):
		f.How = "The ISO 3166-1 code of " + name + "."
	default:
		f.How = "A name of " + name + ", whose ISO 3166-1 code this is."
	}
	return f
}

// region reads a state or province within a country that is known.
func region(original, country string) Field {
	f := Field{From: original}
	key := fold(original)
	if country == "" && len(key) > len("us ") {
		// The whole code names its country itself.
		if code, _, ok := strings.Cut(strings.TrimSpace(original), "-"); ok && len(code) == len("US") {
			country = strings.ToUpper(code)
		}
	}
	if country == "" {
		f.How = "Without a country the name may be that of several regions."
		return f
	}
	lower := strings.ToLower(country) + " "
	v, ok := sorted.Find(regions, lower+strings.TrimPrefix(key, lower))
	f.Value, _, _ = strings.Cut(v, "\t")
	switch {
	case ok:
		name, _ := sorted.Find(regions, fold(f.Value))
		_, name, _ = strings.Cut(name, "\t")
		f.How = "The ISO 3166-2 code of " + name + " in " + CountryName(country) + "."
	case hasRegions(country):
		f.How = "It is no region of " + CountryName(country) + " that we know."
	default:
		f.How = "We have no list of the regions of " + CountryName(country) + "."
	}
	return f
}

func hasRegions(country string) bool {
	return country == "US" || country == "CA" || country == "DE" || country == "AU"
}
