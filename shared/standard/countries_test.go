package standard_test

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/handoff-oss/handoff/shared/standard"
	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "make the table of countries anew from the library")
	m.Run()
}

// The names of countries are those of the library. With -update they are made anew.
func TestCountries(t *testing.T) {
	want := countriesOf()
	const file = "tables/countries.txt"
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("the countries are not what the library has: run go test ./shared/standard -update")
	}
	const all = 250 // countries that ISO 3166-1 has, and Kosovo
	if n := strings.Count(want, "\n"); n < 10*all || len(isoRegions()) != all {
		t.Errorf("%d names of %d countries", n, len(isoRegions()))
	}
}

// isoRegions lists the countries of ISO 3166-1, and Kosovo.
func isoRegions() []language.Region {
	var all []language.Region
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string(a) + string(b)
			r, err := language.ParseRegion(code)
			if err != nil || r.String() != code || !r.IsCountry() || r.Canonicalize() != r || r.ISO3() == "ZZZ" || slices.Contains(reserved(), code) {
				continue
			}
			all = append(all, r)
		}
	}
	return all
}

// reserved lists codes that ISO 3166-1 reserves for parts of other countries, or had for countries that are no more.
func reserved() []string {
	return []string{"AC", "CP", "CQ", "DG", "EA", "IC", "TA", "EU", "EZ", "UN", "QO", "AN", "CS", "FQ", "NT", "PC", "SU", "YU"}
}

// namesOf lists the names of a country in many languages, and in its own.
func namesOf(r language.Region) []string {
	languages := []string{
		"en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "hu", "ro", "tr", "ru", "uk", "ja", "zh", "ko", "ar", "he", "el",
	}
	if own, err := language.Compose(r); err == nil {
		base, _ := own.Base()
		languages = append(languages, base.String())
	}
	var all []string
	for _, in := range languages {
		if namer := display.Regions(language.Make(in)); namer != nil {
			all = append(all, namer.Name(r))
		}
	}
	return all
}

// countriesOf makes the table. A name that two countries have in some languages
// is nobody's, unless it is an English one.
func countriesOf() string {
	lines, twice := map[string]string{}, map[string]bool{}
	add := func(key, code string) {
		if old, known := lines[key]; known && old != code {
			twice[key] = true
		}
		if key != "" {
			lines[key] = code
		}
	}
	for _, r := range isoRegions() {
		for _, name := range namesOf(r) {
			add(standard.Fold(name), r.String())
		}
		add(strings.ToLower(r.ISO3()), r.String())
	}
	for key := range twice {
		delete(lines, key)
	}
	for _, r := range isoRegions() {
		name := display.English.Regions().Name(r)
		lines[standard.Fold(name)] = r.String()
		lines[strings.ToLower(r.String())] = r.String() + "\t" + name
	}
	var out strings.Builder
	for _, key := range slices.Sorted(maps.Keys(lines)) {
		out.WriteString(key + "\t" + lines[key] + "\n")
	}
	return out.String()
}

// Every table is as package sorted needs it, in the form that it is asked for.
func TestTables(t *testing.T) {
	files, err := os.ReadDir("tables")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d tables, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile("tables/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		if wrong := sorted.Wrong(string(text)); wrong != "" || !strings.HasSuffix(string(text), "\n") {
			t.Errorf("%s is not in order at %q", file.Name(), wrong)
		}
		for line := range strings.Lines(string(text)) {
			key, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			addresses := slices.Contains([]string{"disposable.txt", "free_mail.txt", "roles.txt"}, file.Name())
			if want := standard.Fold(key); !addresses && key != want || key != strings.ToLower(strings.TrimSpace(key)) {
				t.Errorf("%s: %q would have to be %q", file.Name(), key, want)
			}
		}
	}
}
