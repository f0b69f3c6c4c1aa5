package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeSources(t *testing.T) {
	want := map[string]Source{"a": {Provider: "html", Rank: 2}, "b": {Provider: "segment"}}
	const block = "sources:\n  a:\n    provider: html # x\n# a comment at the margin\n\n    rank: 2\n  b: {provider: segment}\n"
	tests := []struct{ name, text string }{
		{"alone", block},
		{"between others", "name: x\n" + block + "fit: {rules: []}\n"},
		{"with carriage returns", "name: x\r\nsources:\r\n  a: {provider: html, rank: 2}\r\n  b: {provider: segment}\r\nfit: {}\r\n"},
		{"in flow style", "{name: x, sources: {a: {provider: html, rank: 2}, b: {provider: segment}}}"},
		{"with an anchor from another section", "name: &n html\nsources:\n  a: {provider: *n, rank: 2}\n  b: {provider: segment}\n"},
		{"a sequence of fields elsewhere that is not indented", "notifications:\n- {on: x}\n" + block},
		{"quoted key", "\"sources\":\n  a: {provider: html, rank: 2}\n  b: {provider: segment}\n"},
	}
	for _, tt := range tests {
		got, err := decodeReceiving([]byte(tt.text))
		if diff := cmp.Diff(want, got.Sources); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tt.name, err, diff)
		}
	}
	all, err := Decode(Default())
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeReceiving(Default())
	if diff := cmp.Diff(receiving{all.Sources, all.Privacy}, got); diff != "" || err != nil {
		t.Errorf("the default: %v\n%s", err, diff)
	}
}

func TestHowLongSignalsAreKept(t *testing.T) {
	const sources = "sources:\n  a: {provider: html}\n"
	for text, want := range map[string]int{
		sources: 0,
		sources + "privacy:\n  retention:\n    signals_days: 300\n":                   300,
		"privacy:\n  retention: {signals_days: 300}\n" + sources:                      300,
		sources + "privacy: {retention: {signals_days: 300}}\n":                       300,
		sources + "\"privacy\":\n  retention: {signals_days: 300}\n":                  300,
		"{sources: {a: {provider: html}}, privacy: {retention: {signals_days: 300}}}": 300,
		sources + "fit: {rules: []} # no privacy: here\n":                             0,
	} {
		got, err := decodeReceiving([]byte(text))
		if err != nil || got.Privacy.Retention.SignalsDays != want || len(got.Sources) != 1 {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func BenchmarkDecodeSources(b *testing.B) {
	for b.Loop() {
		if _, err := decodeReceiving(defaultYAML); err != nil {
			b.Fatal(err)
		}
	}
}
