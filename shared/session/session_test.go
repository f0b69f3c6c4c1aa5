package session_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/session"
)

var noon = time.Date(2031, 3, 3, 12, 0, 0, 0, time.UTC)

func cookieOf(seed string) session.Cookie {
	var random [session.IDSize]byte
	copy(random[:], seed)
	return session.Cookie{Owner: session.OwnerOfAddress(seed + "@ours.example"), ID: session.NewID(random)}
}

func TestASignedCookieIsReadAndAForgedOneIsNot(t *testing.T) {
	c, other := cookieOf("ann"), cookieOf("ben")
	value, err := session.Sign("new", c)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := session.Verify([]string{"newer", "new"}, value); err != nil || got != c {
		t.Fatalf("%+v, %v", got, err)
	}
	login, err := session.Seal("new", "handoff-login", string(c.Owner)+"."+string(c.ID))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, key, value string }{
		{"another key", "old", value},
		{"an empty key", "", value},
		{"nothing", "new", ""},
		{"no signature", "new", value[:strings.LastIndexByte(value, '.')]},
		{"another id", "new", strings.Replace(value, string(c.ID), string(other.ID), 1)},
		{"another owner", "new", strings.Replace(value, string(c.Owner), string(other.Owner), 1)},
		{"signed for another use", "new", login},
		{"too long", "new", value + strings.Repeat("A", 600)},
		{"a line break", "new", value + "\n"},
		{"padding", "new", value + "="},
	}
	for _, tt := range tests {
		if got, err := session.Verify([]string{tt.key}, tt.value); fault.KindOf(err) != fault.Denied || got != (session.Cookie{}) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
	}
	if _, err := session.Sign("", c); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an empty key signs: %v", err)
	}
}

// What differs from a genuine value in one place is refused.
func TestNoOtherValueIsGenuine(t *testing.T) {
	value, err := session.Sign("key", cookieOf("ann"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(value)-1).Draw(t, "at")
		b := []byte(value)
		b[at] = rapid.SampledFrom([]byte("ABab01-_.=%")).Draw(t, "byte")
		if string(b) == value {
			return
		}
		if got, err := session.Verify([]string{"key"}, string(b)); err == nil {
			t.Fatalf("%s is taken for %+v", b, got)
		}
	})
}

func TestOwners(t *testing.T) {
	id := access.Identity{Issuer: "https://a.example", Subject: "42", Email: "Ann@Ours.example"}
	if session.OwnerOf(id) != session.OwnerOfAddress(" ann@ours.EXAMPLE ") {
		t.Error("a person is not found by their address")
	}
	if strings.Contains(string(session.OwnerOf(id)), "ann") {
		t.Error("the address stands in the owner")
	}
	unverified := id
	unverified.Unverified = true
	other := unverified
	other.Issuer = "https://b.example"
	owners := map[session.Owner]bool{session.OwnerOf(id): true, session.OwnerOf(unverified): true, session.OwnerOf(other): true, session.OwnerOfAddress("42"): true}
	if len(owners) != 4 {
		t.Error("different people have the same owner")
	}
}

// A session lives until it is not used for the idle time, and no longer than
// the longest, however it is used.
func TestHowLongASessionLasts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours := func(name string, most int) time.Duration {
			return time.Duration(rapid.IntRange(1, most*60).Draw(t, name)) * time.Minute
		}
		l := access.Length{Idle: hours("idle", 48), Longest: hours("longest", 400)}
		s := session.Session{Created: noon, Seen: noon}
		now := noon
		for range rapid.IntRange(0, 30).Draw(t, "uses") {
			now = now.Add(hours("step", 20))
			live := s.Live(l, now)
			if want := now.Sub(s.Seen) < l.Idle && now.Sub(noon) < l.Longest; live != want {
				t.Fatalf("at %s of %+v, seen %s: live %t", now.Sub(noon), l, s.Seen.Sub(noon), live)
			}
			if !live {
				return
			}
			if s.Rolls(l, now) {
				s.Seen = now
			} else if now.Sub(s.Seen) >= l.Idle/4 {
				t.Fatal("a good part of the idle time has gone, and the use is not noted")
			}
		}
	})
}

func TestRefs(t *testing.T) {
	c := cookieOf("ann")
	r := c.ID.Ref(c.Owner)
	if got, err := session.ParseRef(r.String()); err != nil || got != r {
		t.Errorf("%+v, %v", got, err)
	}
	if strings.Contains(r.String(), string(c.ID)) || strings.Contains(c.ID.FormToken(), string(c.ID)) {
		t.Error("the secret is given away")
	}
	for _, bad := range []string{"", ".", "a", "a.", ".a", "a b.c", "a#b.c", "a." + strings.Repeat("b", 65)} {
		if _, err := session.ParseRef(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if cookieOf("ann").ID.FormToken() == cookieOf("ben").ID.FormToken() {
		t.Error("two sessions have the same form token")
	}
}

func TestCookiesOfAJar(t *testing.T) {
	secure, plain := session.JarOf(""), session.JarOf("http://127.0.0.1:3000")
	tests := []struct{ got, want string }{
		{secure.Set(session.NameSession, "v", time.Hour), "__Host-handoff=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600; Secure"},
		{session.JarOf("https://h.example").Clear(session.NameLogin), "__Host-handoff-login=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"},
		{plain.Set(session.NameSession, "v", time.Minute), "handoff=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
	cookies := []string{"handoff-login=a", "handoff=b", " handoff=c", "__Host-handoff=d", "x__Host-handoff=e"}
	if got := fmt.Sprint(secure.Get(cookies, session.NameSession), plain.Get(cookies, session.NameSession)); got != "[d] [b c]" {
		t.Errorf("got %s", got)
	}
}

func TestCookiesOfAnEvent(t *testing.T) {
	listed := []string{"a=1"}
	if got := session.Cookies(listed, map[string]string{"Cookie": "b=2; handoff=c", "accept": "x"}); fmt.Sprintf("%q", got) != `["a=1" "b=2" " handoff=c"]` {
		t.Errorf("got %q", got)
	}
	if got := session.Cookies(listed, nil); len(got) != 1 {
		t.Errorf("got %q", got)
	}
}

func FuzzVerify(f *testing.F) {
	value, err := session.Sign("key", cookieOf("ann"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(value)
	f.Add("a.b.c")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := session.Verify([]string{"key"}, text); err == nil && text != value {
			t.Errorf("%q is taken for %+v", text, c)
		}
	})
}

func ExampleSession_Ends() {
	l := access.Length{Idle: 12 * time.Hour, Longest: 24 * time.Hour}
	s := session.Session{Created: noon, Seen: noon}
	fmt.Println(s.Ends(l).Sub(noon), s.Rolls(l, noon.Add(time.Hour)), s.Rolls(l, noon.Add(3*time.Hour)))
	s.Seen = noon.Add(20 * time.Hour)
	fmt.Println(s.Ends(l).Sub(noon))
	// Output:
	// 12h0m0s false true
	// 24h0m0s
}
