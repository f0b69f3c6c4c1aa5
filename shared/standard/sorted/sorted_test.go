package sorted_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

func Example() {
	const table = "de\tGermany\nfr\tFrance\nnothing\n"
	fmt.Println(sorted.Find(table, "fr"))
	fmt.Println(sorted.Find(table, "it"))
	// Output:
	// France true
	//  false
}

// What is in a table is found, and nothing else.
func TestFind(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-d]{1,4}`)
		lines := rapid.MapOfN(word, rapid.StringMatching(`[x-z]{0,3}`), 0, 30).Draw(t, "lines")
		var table strings.Builder
		for _, key := range slices.Sorted(maps.Keys(lines)) {
			table.WriteString(key)
			if lines[key] != "" {
				table.WriteString("\t" + lines[key])
			}
			table.WriteString("\n")
		}
		if wrong := sorted.Wrong(table.String()); wrong != "" {
			t.Fatalf("a sorted table is called wrong at %q", wrong)
		}
		for _, key := range append(slices.Sorted(maps.Keys(lines)), word.Draw(t, "other")) {
			want, known := lines[key]
			if got, ok := sorted.Find(table.String(), key); got != want || ok != known {
				t.Fatalf("%q: %q, %v; want %q, %v", key, got, ok, want, known)
			}
		}
	})
}

func TestWrong(t *testing.T) {
	for table, want := range map[string]string{"": "", "a\nb\tx\n": "", "b\na\n": "a\n", "a\tx\na\ty\n": "a\ty\n"} {
		if got := sorted.Wrong(table); got != want {
			t.Errorf("%q: %q, want %q", table, got, want)
		}
	}
}
