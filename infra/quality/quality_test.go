package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/match"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// What make quality asks of a large world is asked of small ones, under several
// seeds, each time the tests run.
func TestWhoIsWhoIsToldWellEnough(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		m, err := measured(seed, 600, p)
		if err != nil {
			t.Fatal(err)
		}
		if short := m.short(); len(short) > 0 {
			t.Errorf("seed %d: %v\n%s", seed, short, m.report())
		}
		if m.at().suggested < 100 || m.joins.joined < 20 || m.company.known < 100 {
			t.Errorf("seed %d: too little was measured to say anything\n%s", seed, m.report())
		}
		if m.plain.recall() >= m.at().recall() {
			t.Errorf("seed %d: comparing letter by letter finds as much\n%s", seed, m.report())
		}
	}
}

func TestAWrongMergeIsSeen(t *testing.T) {
	a, b := &person{id: 1}, &person{id: 2}
	of := owners{"1a": {a}, "1b": {b}, "1c": {a, b}, "1o": {nil}}
	for _, test := range []struct {
		keys          []string
		joined, right int
	}{
		{[]string{"1a"}, 0, 0},
		{[]string{"1a", "1c"}, 1, 1},
		{[]string{"1a", "1b", "1c"}, 3, 2},
		{[]string{"1a", "1o"}, 1, 0},
		{[]string{"1o", "1o"}, 1, 0},
	} {
		if joined, right := pairsOf(keysOf(test.keys), of); joined != test.joined || right != test.right {
			t.Errorf("%v: %d joined, %d right", test.keys, joined, right)
		}
	}
	for wrong, want := range map[int]bool{0: false, 1: true} {
		m := measurement{joins: joinRate{wrong: make([]*lead.Lead, wrong)}}
		if short := strings.Join(m.short(), " "); strings.Contains(short, "two people") != want {
			t.Errorf("%d wrong: %s", wrong, short)
		}
	}
}

func keysOf(all []string) []signal.LeadKey {
	keys := make([]signal.LeadKey, len(all))
	for i, k := range all {
		keys[i] = signal.LeadKey(k)
	}
	return keys
}

func TestRatesCountWhatIsThere(t *testing.T) {
	a, b := &person{id: 1}, &person{id: 2}
	like := func(given string, who *person, filed string) record {
		return record{
			person: match.Person{Given: given, Family: "Lovelace", Company: "Acme"}, who: who, filed: []lead.Filing{{Kind: lead.FiledName, Value: filed}},
		}
	}
	records := []record{like("Ada", a, "x"), like("Ada", a, "x"), like("Grace", b, "x"), like("Grace", b, "y"), like("Ada", nil, "x")}
	pairs := compared(records, 20)
	if len(pairs) != 6 || truth(records) != 2 {
		t.Fatalf("%d pairs, %d true: %+v", len(pairs), truth(records), pairs)
	}
	want := rate{least: 60, suggested: 3, right: 1, found: 1, all: 2}
	if diff := cmp.Diff(want, rateAt(pairs, truth(records), 60), cmp.AllowUnexported(rate{})); diff != "" {
		t.Error(diff)
	}
	// With the most that is compared, no pair comes twice, and each has the first ones.
	if some := compared(records, 1); len(some) != 3 || slices.ContainsFunc(some, func(p pair) bool { return p.a != 0 }) {
		t.Errorf("%+v", some)
	}
}

func TestTheSameSeedInventsTheSameWorld(t *testing.T) {
	one, other := made(7, 100).touches(), made(7, 100).touches()
	if len(one) != len(other) || len(one) == 0 {
		t.Fatalf("%d and %d signals", len(one), len(other))
	}
	for i := range one {
		if diff := cmp.Diff(one[i].Signal, other[i].Signal); diff != "" {
			t.Fatalf("signal %d: %s", i, diff)
		}
	}
}

func TestTheReportAndThePictureAreWritten(t *testing.T) {
	var out bytes.Buffer
	dir := t.TempDir()
	if err := measure(settings{seed: 1, people: 600, out: dir}, &out); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "the default policy") {
		t.Error(out.String())
	}
	report, err := os.ReadFile(filepath.Join(dir, "report.txt"))
	if err != nil || !strings.HasPrefix(out.String(), string(report)) {
		t.Errorf("%v\n%s", err, report)
	}
	picture, err := os.ReadFile(filepath.Join(dir, "suggestions.png"))
	if err != nil || !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		t.Errorf("%v, %d bytes", err, len(picture))
	}
}
