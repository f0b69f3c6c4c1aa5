package inbound

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The expected values were made by Node: JSON.stringify(JSON.parse(in)).
func TestStringifyWritesAsJavaScriptDoes(t *testing.T) {
	var cases []struct{ In, Want string }
	load(t, "testdata/stringify.json", &cases)
	for _, c := range cases {
		got, err := stringify([]byte(c.In))
		if err != nil || string(got) != c.Want {
			t.Errorf("%s\n gives %s\n want  %s (%v)", c.In, got, c.Want, err)
		}
	}
	for _, bad := range []string{"", "{", "1 2", `{"a":}`, "nope", `"\ud8"`} {
		if _, err := stringify([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// The expected values were made by Node's URLSearchParams, which follows the
// URL Standard; the last one, where Node does not, by the standard's letter.
func TestDecodeFormReadsAsBrowsersDo(t *testing.T) {
	var cases []struct {
		In   string
		Want [][2]string
	}
	load(t, "testdata/forms.json", &cases)
	for _, c := range cases {
		got := [][2]string{}
		for _, p := range decodeForm(c.In) {
			got = append(got, [2]string{p.name, p.value})
		}
		if diff := cmp.Diff(c.Want, got); diff != "" {
			t.Errorf("%q: %s", c.In, diff)
		}
	}
}

func load(t *testing.T, file string, v any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}
