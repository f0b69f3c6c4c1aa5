package naive_test

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/infra/sim/naive"
)

func TestPickers(t *testing.T) {
	open := map[string]int64{"a": 3, "b": 1, "c": 1}
	for i, c := range []struct{ all, without, again string }{
		{"aaaa", "b", "a"},
		{"abca", "b", "a"}, // it starts over twice
		{"bbbb", "b", "b"},
		{"", "", ""},
	} {
		p := naive.All(7)[i]
		var got strings.Builder
		for range 4 {
			got.WriteString(p.Pick([]string{"a", "b", "c"}, open))
		}
		if c.all == "" {
			if p.Name != "random" || strings.Trim(got.String(), "abc") != "" {
				t.Errorf("%s picked %s", p.Name, got.String())
			}
			continue
		}
		without := p.Pick([]string{"b", "c"}, open)
		again := p.Pick([]string{"a", "b", "c"}, open)
		if got.String() != c.all || without != c.without || again != c.again {
			t.Errorf("%s picked %s, then %s of b and c, then %s", p.Name, got.String(), without, again)
		}
	}
}

func TestRandomRepeatsItself(t *testing.T) {
	run := func(seed uint64) string {
		var got strings.Builder
		for p := naive.NewRandom(seed); got.Len() < 40; {
			got.WriteString(p.Pick([]string{"a", "b", "c"}, nil))
		}
		return got.String()
	}
	first, again, other := run(1), run(1), run(2)
	if first != again || first == other {
		t.Errorf("seed 1: %s, %s; seed 2: %s", first, again, other)
	}
}
