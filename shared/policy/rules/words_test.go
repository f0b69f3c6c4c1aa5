package rules

import (
	"testing"

	"pgregory.net/rapid"
)

func TestHasAny(t *testing.T) {
	tests := []struct {
		text    string
		phrases []string
		want    bool
	}{
		{"Request a demo", []string{"demo"}, true},
		{"demo-request_2", []string{"demo"}, true},
		{"bookDemoNow", []string{"demo"}, true},
		{"Demo", []string{"trial", "demo"}, true},
		{"Democracy survey", []string{"demo"}, false},
		{"academic demonstrations", []string{"demo"}, false},
		{"Please contact  US\ttoday", []string{"contact us"}, true},
		{"contact USA", []string{"contact us"}, false},
		{"contact someone at us", []string{"contact us"}, false},
		{"/Pricing-Page-Viewed", []string{"pricing"}, true},
		{"E Commerce", []string{"e-commerce"}, true},
		{"e-commerce", []string{"E-Commerce"}, true},
		{"iPhone buyers", []string{"iphone"}, true},
		{"VP, Engineering", []string{"vp"}, true},
		{"MVP", []string{"vp"}, false},
		{"Geschäftsführer", []string{"geschäftsführer"}, true},
		{"ÉCOLE", []string{"école"}, true},
		{"demo", []string{"demo demo"}, false},
		{"demo a demo b", []string{"demo b"}, true},
		{"anything", []string{""}, false},
		{"any - thing", []string{"-", " "}, false},
		{"", []string{"demo"}, false},
		{"demo", nil, false},
		{"\xff\xfe demo \xff", []string{"demo"}, true},
	}
	for _, tt := range tests {
		if got := hasAny(tt.text, tt.phrases...); got != tt.want {
			t.Errorf("has(%q, %q) = %v, want %v", tt.text, tt.phrases, got, tt.want)
		}
	}
}

func TestHasAnyFindsAWordAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, before, after := rapid.String(), rapid.String().Draw(t, "before"), rapid.String().Draw(t, "after")
		word := rapid.StringMatching(`[a-z]{1,8}( [a-z]{1,8})?`).Draw(t, "word")
		if !hasAny(before+" "+word+" "+after, word) {
			t.Fatalf("%q not found between %q and %q", word, before, after)
		}
		_ = hasAny(text.Draw(t, "text"), text.Draw(t, "phrase")) // never fails
	})
}

func TestEmployees(t *testing.T) {
	tests := []struct {
		text string
		want int
	}{
		{"", 0},
		{"unknown", 0},
		{"0", 0},
		{"-5", 0},
		{"120", 120},
		{" 120 employees", 120},
		{"1,200", 1200},
		{"1.200", 1200},
		{"1 200", 1200},
		{"1\u00a0200", 1200},
		{"1'200", 1200},
		{"1,200,000", 1200000},
		{"51-200", 51},
		{"51 – 200", 51},
		{"5,001-10,000", 5001},
		{"201 to 500", 201},
		{"5000+", 5000},
		{"> 1000", 1000},
		{"more than 1000", 1000},
		{"~300", 300},
		{"1.5k", 1500},
		{"10k+", 10000},
		{"2 K", 2000},
		{"1,5k", 1500},
		{"1M", 1000000},
		{"3 kids", 3},
		{"<50", 1},
		{"up to 50", 1},
		{"Under 10", 1},
		{"1-10", 1},
		{"12.5", 12},
		{"99999999999999999999", mostEmployees},
		{"10 20", 10},
		{"1e9", 1},
	}
	for _, tt := range tests {
		if got := employees(tt.text); got != tt.want {
			t.Errorf("employees(%q) = %d, want %d", tt.text, got, tt.want)
		}
	}
}

func FuzzEmployees(f *testing.F) {
	for _, s := range []string{"51-200", "1,200", "<50", "1.5k", "٣", "< < <9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n := employees(s); n < 0 || n > mostEmployees {
			t.Errorf("employees(%q) = %d", s, n)
		}
	})
}
