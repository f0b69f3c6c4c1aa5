package inbound

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func FuzzStringify(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.50,"\ud83d"],"1":null}`, `"\u00e9"`, "1e400"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := stringify(in)
		if err != nil {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("%q gives %q, which is not JSON", in, out)
		}
		again, err := stringify(out)
		if err != nil || !bytes.Equal(out, again) {
			t.Fatalf("%q gives %q, then %q", in, out, again)
		}
	})
}

func FuzzDecodeForm(f *testing.F) {
	for _, s := range []string{"a=b&c=%zz", "%E2%82=\xff", "&&="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, p := range decodeForm(in) {
			if !utf8.ValidString(p.name) || !utf8.ValidString(p.value) {
				t.Fatalf("%q gives %q=%q", in, p.name, p.value)
			}
		}
	})
}
