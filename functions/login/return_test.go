package main

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhereAReturnLeads(t *testing.T) {
	tests := []struct{ given, want string }{
		{"/leads", "/leads"},
		{"/leads?stage=known&cursor=a%2Fb", "/leads?stage=known&cursor=a%2Fb"},
		{"/leads/abc#part", "/leads/abc"},
		{"/", "/"},
		{"", "/"},
		{"leads", "/"},
		{"//evil.example", "/"},
		{"///evil.example", "/"},
		{`/\evil.example`, "/"},
		{`\\evil.example`, "/"},
		{`/leads\..\x`, "/"},
		{"/\t/evil.example", "/"},
		{"/\n/evil.example", "/"},
		{" /leads", "/"},
		{"/a b", "/"},
		{"/é", "/"},
		{"https://evil.example/leads", "/"},
		{"javascript:alert(1)", "/"},
		{"http:/leads", "/"},
		{"/login", "/"},
		{"/login?return=/leads", "/"},
		{"/login/callback?code=x", "/"},
		{"/logout", "/"},
		{"/loginx", "/loginx"},
		{"/%zz", "/"},
		{"/" + strings.Repeat("a", maxReturn), "/"},
		{"/@evil.example", "/@evil.example"},
	}
	for _, tt := range tests {
		if got := ownPath(tt.given); got != tt.want {
			t.Errorf("%q leads to %q, want %q", tt.given, got, tt.want)
		}
	}
}

// Whatever is given, a browser that is sent there stays on this host, and what
// is left alone once is left alone again.
func TestAReturnStaysHere(t *testing.T) {
	base, err := url.Parse("https://handoff.example/login")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{
			"/", "//", `\`, "evil.example", "@", ":", "https:", "javascript:", "?", "#", "%2f", "%5c", ".", "..", "\t", "\n", "\r", " ", "\u3002", "login", "leads", "=",
		}), rapid.String()), 0, 8).Draw(t, "pieces")
		given := strings.Join(pieces, "")
		got := ownPath(given)
		// Browsers drop tabs and line ends, and take a backslash for a slash.
		seen := strings.NewReplacer("\t", "", "\n", "", "\r", "", `\`, "/").Replace(got)
		at, err := base.Parse(seen)
		if err != nil || at.Host != base.Host || at.Scheme != base.Scheme || strings.HasPrefix(seen, "//") {
			t.Fatalf("%q leads to %q: %v, %v", given, got, at, err)
		}
		if again := ownPath(got); again != got {
			t.Fatalf("%q becomes %q, and that %q", given, got, again)
		}
	})
}
