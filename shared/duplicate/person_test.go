package duplicate_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/duplicate"
	"github.com/handoff-oss/handoff/shared/match"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
)

// Who has a degree does not write it everywhere, and is found all the same; a
// son always has the name of his father, and is somebody else.
func TestOfWhatStandsBehindANameTheGenerationAloneCounts(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	c, err := rules.Compile(p, "test")
	if err != nil {
		t.Fatal(err)
	}
	called := func(last string) match.Person {
		return duplicate.PersonOf(c, map[string]string{"first_name": "Ada", "last_name": last, "company": "Acme"})
	}
	plain := called("Lovelace")
	for last, want := range map[string]string{
		"Lovelace": "Lovelace", "Lovelace PhD": "Lovelace", "Lovelace, M.D., MBA": "Lovelace", "Lovelace Jr.": "Lovelace Jr.", "Lovelace III, PhD": "Lovelace III",
	} {
		got := called(last)
		if got.Family != want {
			t.Errorf("%q is compared as %q, want %q", last, got.Family, want)
		}
		if match.NameKey(got.Given, got.Family) != match.NameKey(plain.Given, plain.Family) {
			t.Errorf("%q is not filed with Lovelace", last)
		}
	}
}
