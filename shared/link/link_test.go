package link_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/link"
	"github.com/handoff-oss/handoff/shared/signal"
)

func noon() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) }

func claims() link.Claims {
	return link.Claims{Lead: "1abcdefghijklmnopqrstuvwxyz", Handoff: 2, Rep: "ana", Purpose: link.Accept, Expires: noon().Add(time.Hour)}
}

func purposes() []link.Purpose {
	return []link.Purpose{link.Accept, link.Reject, link.Contacted, link.Meeting, link.Snooze, link.Comment, link.Feedback}
}

func sign(tb testing.TB, key string, c link.Claims) string {
	tb.Helper()
	token, err := link.Sign(key, c)
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

func TestSignedIsVerified(t *testing.T) {
	for i, purpose := range purposes() {
		c := claims()
		c.Purpose, c.Nth = purpose, i
		token := sign(t, "old", c)
		if len(token) > 120 {
			t.Errorf("%d characters", len(token))
		}
		for name, keys := range map[string][]string{"the key": {"old"}, "after a rotation": {"new", "old"}, "before": {"old", "older"}} {
			got, err := link.Verify(keys, token, noon())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if d := cmp.Diff(c, got); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	token := sign(t, "key", claims())
	for name, c := range map[string]struct {
		keys  []string
		token string
	}{
		"another key":      {[]string{"other"}, token},
		"no key":           {nil, token},
		"an empty key":     {[]string{""}, token},
		"nothing":          {[]string{"key"}, ""},
		"noise":            {[]string{"key"}, "hello"},
		"padding":          {[]string{"key"}, token + "="},
		"a line break":     {[]string{"key"}, token[:20] + "\n" + token[20:]},
		"a line at end":    {[]string{"key"}, token + "\r\n"},
		"a blank":          {[]string{"key"}, token + " "},
		"one more":         {[]string{"key"}, token + "A"},
		"cut":              {[]string{"key"}, token[:len(token)-1]},
		"the last four":    {[]string{"key"}, token[:len(token)-4] + "AAAA"},
		"the first four":   {[]string{"key"}, "AAAA" + token[4:]},
		"standard base64":  {[]string{"key"}, strings.NewReplacer("-", "+", "_", "/").Replace(token) + "=="},
		"far too long":     {[]string{"key"}, strings.Repeat(token, 50)},
		"token twice":      {[]string{"key"}, token + token},
		"only a signature": {[]string{"key"}, token[len(token)-43:]},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := link.Verify(c.keys, c.token, noon()); fault.KindOf(err) != fault.Denied || got != (link.Claims{}) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestExpired(t *testing.T) {
	c := claims()
	token := sign(t, "key", c)
	if _, err := link.Verify([]string{"key"}, token, c.Expires.Add(-time.Second)); err != nil {
		t.Errorf("a second before: %v", err)
	}
	got, err := link.Verify([]string{"key"}, token, c.Expires)
	if !errors.Is(err, link.ErrExpired) || fault.KindOf(err) != fault.NotFound || got != c {
		t.Errorf("at the time: %+v, %v", got, err)
	}
	if _, err = link.Verify([]string{"other"}, token, c.Expires); errors.Is(err, link.ErrExpired) {
		t.Error("a forged link is said to have expired")
	}
}

func TestClaimsThatCannotBeSigned(t *testing.T) {
	for name, change := range map[string]func(*link.Claims){
		"no lead":         func(c *link.Claims) { c.Lead = "" },
		"no rep":          func(c *link.Claims) { c.Rep = "" },
		"no handoff":      func(c *link.Claims) { c.Handoff = 0 },
		"a negative nth":  func(c *link.Claims) { c.Nth = -1 },
		"no purpose":      func(c *link.Claims) { c.Purpose = "" },
		"another purpose": func(c *link.Claims) { c.Purpose = "delete" },
		"no expiry":       func(c *link.Claims) { c.Expires = time.Time{} },
		"a long rep":      func(c *link.Claims) { c.Rep = strings.Repeat("x", 600) },
	} {
		t.Run(name, func(t *testing.T) {
			c := claims()
			change(&c)
			if token, err := link.Sign("key", c); fault.KindOf(err) != fault.Invalid || err == nil {
				t.Errorf("got %q, %v", token, err)
			}
		})
	}
	if _, err := link.Sign("", claims()); err == nil {
		t.Error("an empty key signed")
	}
}

// A link does one thing, once: no two of them share a token.
func TestEveryLinkHasItsOwnToken(t *testing.T) {
	seen := map[string]string{}
	for _, purpose := range purposes() {
		for _, nth := range []int{0, 1, 2, 127, 128} {
			for _, handoff := range []int{1, 2, 128} {
				c := claims()
				c.Purpose, c.Nth, c.Handoff = purpose, nth, handoff
				token, name := sign(t, "key", c), fmt.Sprint(purpose, nth, handoff)
				if other, taken := seen[token]; taken {
					t.Errorf("%s and %s have the same token", name, other)
				}
				seen[token] = name
			}
		}
	}
}

// No character can change, also not where base64 has spare bits.
func TestEveryCharacterCounts(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n"
	for _, rep := range []string{"a", "an", "ana"} { // three lengths: all remainders of base64
		c := claims()
		c.Rep = rep
		token := sign(t, "key", c)
		for i := range len(token) {
			for _, r := range alphabet {
				altered := token[:i] + string(r) + token[i+1:]
				if altered == token {
					continue
				}
				if _, err := link.Verify([]string{"key"}, altered, noon()); fault.KindOf(err) != fault.Denied || err == nil {
					t.Fatalf("%q for %q at %d: %v", r, token[i], i, err)
				}
			}
		}
	}
}

func TestAnyClaims(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := link.Claims{
			Lead:    signal.LeadKey(rapid.StringN(1, 40, 200).Draw(t, "lead")),
			Handoff: rapid.IntRange(1, 1<<31).Draw(t, "handoff"),
			Rep:     rapid.StringN(1, 40, 200).Draw(t, "rep"),
			Purpose: rapid.SampledFrom(purposes()).Draw(t, "purpose"),
			Nth:     rapid.IntRange(0, 1<<31).Draw(t, "nth"),
			Expires: time.Unix(rapid.Int64Range(1, 1<<36).Draw(t, "expires"), 0).UTC(),
		}
		token, err := link.Sign("key", c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := link.Verify([]string{"key"}, token, time.Unix(0, 0))
		if err != nil || got != c {
			t.Fatalf("%+v became %+v, %v", c, got, err)
		}
	})
}

func FuzzVerify(f *testing.F) {
	token := sign(f, "key", claims())
	f.Add(token)
	for i, purpose := range purposes() {
		c := claims()
		c.Purpose, c.Nth = purpose, 1<<(5*i)
		f.Add(sign(f, "key", c))
	}
	f.Add(token[:len(token)-4] + "AAAA")
	f.Add("")
	f.Add("AQE=\n")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := link.Verify([]string{"key"}, s, noon())
		if err != nil {
			return
		}
		if again, err := link.Sign("key", c); err != nil || again != s {
			t.Errorf("%q was accepted, but stands for %q (%v)", s, again, err)
		}
	})
}
