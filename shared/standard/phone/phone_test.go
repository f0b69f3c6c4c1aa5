package phone_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/standard/phone"
)

func Example() {
	r := phone.NewReader()
	n, _ := r.Read("(030) 901820, Durchwahl 17", "DE")
	fmt.Println(n.E164, n.Extension)
	_, why := r.Read("030 901820", "")
	fmt.Println(why)
	// Output:
	// +4930901820 17
	// it has no country code, and no country is known
}

func TestMain(m *testing.M) {
	flag.Bool("update", false, "make phones.txt anew from the library")
	m.Run()
}

func TestRead(t *testing.T) {
	r := phone.NewReader()
	tests := []struct{ text, region, want, extension, why string }{
		{"+49 (0) 30 901820", "", "+4930901820", "", ""},
		{"0049 30 901820", "DE", "+4930901820", "", ""},
		{"Tel.: +49 30 901820", "US", "+4930901820", "", ""},
		{"＋４９ ３０ ９０１８２０", "", "+4930901820", "", ""},
		{"٠٣٠ ٩٠١٨٢٠", "DE", "+4930901820", "", ""},
		{"(650) 253-0000 ext. 12", "US", "+16502530000", "12", ""},
		{"650.253.0000x12", "US", "+16502530000", "12", ""},
		{"tel:+1-650-253-0000;ext=12", "", "+16502530000", "12", ""},
		{"1 650 253 0000", "US", "+16502530000", "", ""},
		{"011 49 30 901820", "US", "+4930901820", "", ""},
		{"02 1234 5678", "IT", "+390212345678", "", ""},
		{"650 253 0000", "", "", "", "no country is known"},
		{"650 253 0000", "XX", "", "", "plan of XX is not known"},
		{"+999 123456", "", "", "", "no country has its country code"},
		{"+1", "", "", "", "too few digits"},
		{"+1 555 0100", "", "", "", "no such number in the numbering plan of US"},
		{"ask for Bob", "US", "", "", "other characters"},
		{"1-800-FLOWERS", "US", "", "", "other characters"},
		{"030 901820 / 0171 2345678", "DE", "", "", "digits"},
		{"", "US", "", "", "other characters"},
		{strings.Repeat("1", 101), "US", "", "", "too long"},
	}
	for _, tt := range tests {
		got, why := r.Read(tt.text, tt.region)
		if got.E164 != tt.want || got.Extension != tt.extension || !strings.Contains(why, tt.why) || (why == "") != (tt.want != "") {
			t.Errorf("%q in %q: %+v, %q; want %+v", tt.text, tt.region, got, why, tt)
		}
	}
}

func FuzzRead(f *testing.F) {
	r := phone.NewReader()
	for _, seed := range []string{"+49 30 901820", "(650) 253-0000 x1", "++1", "\xff+1", "tel:;ext=1", "٠٣٠", "+", "0", "x1"} {
		f.Add(seed, "DE")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		n, why := r.Read(text, region)
		if (n.E164 == "") == (why == "") {
			t.Fatalf("%q in %q: %+v and %q", text, region, n, why)
		}
		if again, why := r.Read(n.E164, ""); n.E164 != "" && again.E164 != n.E164 {
			t.Fatalf("%q is %q, which is %q (%s)", text, n.E164, again.E164, why)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	r := phone.NewReader()
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			r.Read("(650) 253-0000", "US")
		}
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			phone.NewReader().Read("(650) 253-0000", "US")
		}
	})
}
