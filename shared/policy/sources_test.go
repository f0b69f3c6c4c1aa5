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
		got, err := decodeSources([]byte(tt.text))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tt.name, err, diff)
		}
	}
	all, err := Decode(Default())
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeSources(Default())
	if diff := cmp.Diff(all.Sources, got); diff != "" || err != nil {
		t.Errorf("the default: %v\n%s", err, diff)
	}
}

func BenchmarkDecodeSources(b *testing.B) {
	for b.Loop() {
		if _, err := decodeSources(defaultYAML); err != nil {
			b.Fatal(err)
		}
	}
}
