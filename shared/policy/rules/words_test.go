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
