package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/policy"
)

func TestWhatIsNeeded(t *testing.T) {
	for need, want := range map[policy.Need]struct {
		words string
		known map[string]bool
		met   bool
	}{
		"phone":                         {"phone", map[string]bool{"email": true}, false},
		"last_name":                     {"last name", map[string]bool{"last_name": true}, true},
		"phone or email":                {"phone or email", map[string]bool{"email": true}, true},
		"last_name or company or phone": {"last name, company or phone", map[string]bool{"title": true}, false},
		"or or vendor":                  {"or or vendor", map[string]bool{"or": true}, true},
	} {
		if got := need.Words(); got != want.words {
			t.Errorf("%s is %q in words", need, got)
		}
		if met := need.MetBy(func(f string) bool { return want.known[f] }); met != want.met {
			t.Errorf("%s is met: %t by %v", need, met, want.known)
		}
	}
	for want, needs := range map[string][]policy.Need{
		"":                       nil,
		"the phone is not known": {"phone"},
		"the phone, the title and the last name or company are not known": {"phone", "title", "last_name or company"},
	} {
		if got := policy.Lacking(needs); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// A source asks for what it names, and for the rest as everybody does.
func TestASourceAsksForItsOwn(t *testing.T) {
	p, err := policy.Decode([]byte(`
completeness:
  known: [email]
  handed_off: [email, phone or title]
  sources:
    meta: { qualified: [company], handed_off: [] }
`))
	if err != nil {
		t.Fatal(err)
	}
	all := policy.Needs{Known: []policy.Need{"email"}, HandedOff: []policy.Need{"email", "phone or title"}}
	if diff := cmp.Diff(all, p.Completeness.For("typeform")); diff != "" {
		t.Error(diff)
	}
	own := policy.Needs{Known: []policy.Need{"email"}, Qualified: []policy.Need{"company"}, HandedOff: []policy.Need{}}
	if diff := cmp.Diff(own, p.Completeness.For("meta")); diff != "" {
		t.Error(diff)
	}
}
