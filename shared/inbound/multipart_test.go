package inbound

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/fault"
)

func part(header, value string) string {
	return "--b\r\nContent-Disposition: " + header + "\r\n\r\n" + value + "\r\n"
}

func TestDecodeMultipart(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       [][2]string
	}{
		{"two fields", part(`form-data; name="a"`, "1") + part(`form-data; name="b"`, "2\r\n3") + "--b--\r\n", [][2]string{{"a", "1"}, {"b", "2\r\n3"}}},
		{"one name twice", part(`form-data; name="a"`, "1") + part(`form-data; name="a"`, "2") + "--b--", [][2]string{{"a", "1"}, {"a", "2"}}},
		{"not decoded", part(`form-data; name="a"`, "x+%20=&") + "--b--", [][2]string{{"a", "x+%20=&"}}},
		{"escaped name", part(`form-data; name="a %22b%22%0D%0Ac %41"`, "1") + "--b--", [][2]string{{"a \"b\"\r\nc %41", "1"}}},
		{"name beyond ASCII", part(`form-data; name="größe"`, "é") + "--b--", [][2]string{{"größe", "é"}}},
		{"file", part(`form-data; name="f"; filename="cv ü.pdf"`, "%PDF") + "--b--", [][2]string{{"f", "cv ü.pdf"}}},
		{"no file chosen", part(`form-data; name="f"; filename=""`, "") + "--b--", [][2]string{{"f", ""}}},
		{"bare line feeds", "--b\nContent-Disposition: form-data; name=\"a\"\n\n1\n--b--\n", [][2]string{{"a", "1"}}},
		{"not UTF-8", part(`form-data; name="a"`, "\xff\xe2\x82x") + "--b--", [][2]string{{"a", "��x"}}},
		{"preamble and epilogue", "hello\r\n" + part(`form-data; name="a"`, "1") + "--b--\r\nbye", [][2]string{{"a", "1"}}},
		{"other headers", "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41\r\n--b--", [][2]string{{"a", "=41"}}},
		{"nothing", "--b--\r\n", nil},
	} {
		fields, err := decodeMultipart([]byte(c.body), "b")
		var got [][2]string
		for _, f := range fields {
			got = append(got, [2]string{f.name, f.value})
		}
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", c.name, diff, err)
		}
	}
}

func TestBadMultipartIsInvalid(t *testing.T) {
	whole := part(`form-data; name="a"`, "1") + part(`form-data; name="b"`, "2") + "--b--\r\n"
	for n := range len(whole) - len("--\r\n") {
		if fields, err := decodeMultipart([]byte(whole[:n]), "b"); err == nil {
			t.Errorf("cut to %q: %v", whole[:n], fields)
		}
	}
	many := strings.Repeat(part(`form-data; name="a"`, "1"), maxPairs+1) + "--b--"
	for what, r := range map[string]Request{
		"too many":       {Headers: map[string]string{"content-type": "multipart/form-data; boundary=b"}, Body: []byte(many)},
		"too long":       {Headers: map[string]string{"content-type": "multipart/form-data; boundary=b"}, Body: []byte(part(`form-data; name="a"`, strings.Repeat("x", maxPairBytes)) + "--b--")},
		"no boundary":    {Headers: map[string]string{"content-type": "multipart/form-data"}, Body: []byte(whole)},
		"other boundary": {Headers: map[string]string{"content-type": "multipart/form-data; boundary=c"}, Body: []byte(whole)},
		"mixed":          {Headers: map[string]string{"content-type": "multipart/mixed; boundary=b"}, Body: []byte(whole)},
		"text":           {Headers: map[string]string{"content-type": "text/plain"}, Body: []byte("a=1")},
		"JSON":           {Headers: map[string]string{"content-type": "application/json"}, Body: []byte("{}")},
	} {
		if fields, err := formFields(r, maxPairBytes); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %d fields, %v", what, len(fields), err)
		}
	}
}

func TestFormsAreToldByTheirContentType(t *testing.T) {
	for _, contentType := range []string{"", "application/x-www-form-urlencoded", "Application/X-WWW-Form-URLencoded; Charset=UTF-8", "application/x-www-form-urlencoded;", "application/x-www-form-urlencoded; ="} {
		got, err := formFields(Request{Headers: map[string]string{"content-type": contentType}, Body: []byte("a=1+2&b")}, maxPairBytes)
		if err != nil || fmt.Sprint(got) != "[{a 1 2} {b }]" {
			t.Errorf("%q: %v %v", contentType, got, err)
		}
	}
	for body, want := range map[string]string{
		"a=b": typeForm, "": typeForm, "--": typeForm, "--b\r\nContent": typeMultipart + "; boundary=b", "--a b\r\n": typeMultipart + `; boundary="a b"`,
	} {
		if got := formType([]byte(body)); got != want {
			t.Errorf("%q: %s", body, got)
		}
	}
}

func FuzzMultipart(f *testing.F) {
	f.Add([]byte(part(`form-data; name="a"`, "1")+part(`form-data; name="f"; filename="x"`, "2")+"--b--\r\n"), "b")
	f.Add([]byte("--b\nContent-Disposition: form-data\n\n1\n--b--\n"), "b")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		fields, err := decodeMultipart(body, boundary)
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Fatalf("kind of %v", err)
		}
		for _, p := range fields {
			if !utf8.ValidString(p.name + p.value) {
				t.Fatalf("not UTF-8: %q", p)
			}
		}
	})
}
