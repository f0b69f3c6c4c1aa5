package standard_test

import (
	"testing"

	"golang.org/x/net/idna"

	"github.com/handoff-oss/handoff/shared/standard"
)

// The facts of the test that belongs to the public suffix list,
// https://github.com/publicsuffix/list/blob/main/tests/test_psl.txt (dedicated to the public domain).
func TestPublicSuffixList(t *testing.T) {
	none := []string{
		"", "COM", ".com", ".example", ".example.com", ".example.example", "example", "biz", "com", "uk.com", "cy", "jp", "ac.jp", "kyoto.jp", "c.kobe.jp", "ck",
		"test.ck", "us", "ak.us", "k12.ak.us", "公司.cn", "xn--55qx5d.cn", "中国", "xn--fiqs8s", "mm", "c.mm",
	}
	want := map[string][]string{
		"example.com": {"example.COM", "WwW.example.COM", "example.com", "b.example.com", "a.b.example.com"}, "example.example": {"example.example", "b.example.example", "a.b.example.example"},
		"domain.biz": {"domain.biz", "b.domain.biz", "a.b.domain.biz"}, "example.uk.com": {"example.uk.com", "b.example.uk.com", "a.b.example.uk.com"},
		"test.ac": {"test.ac"}, "b.c.mm": {"b.c.mm", "a.b.c.mm"}, "test.jp": {"test.jp", "www.test.jp"}, "test.ac.jp": {"test.ac.jp", "www.test.ac.jp"},
		"test.kyoto.jp": {"test.kyoto.jp"}, "b.ide.kyoto.jp": {"b.ide.kyoto.jp", "a.b.ide.kyoto.jp"}, "b.c.kobe.jp": {"b.c.kobe.jp", "a.b.c.kobe.jp"},
		"city.kobe.jp": {"city.kobe.jp", "www.city.kobe.jp"}, "b.test.ck": {"b.test.ck", "a.b.test.ck"}, "www.ck": {"www.ck", "www.www.ck"},
		"test.us": {"test.us", "www.test.us"}, "test.ak.us": {"test.ak.us", "www.test.ak.us"}, "test.k12.ak.us": {"test.k12.ak.us", "www.test.k12.ak.us"},
		"食狮.com.cn": {"食狮.com.cn"}, "食狮.公司.cn": {"食狮.公司.cn", "www.食狮.公司.cn"}, "shishi.公司.cn": {"shishi.公司.cn"}, "食狮.中国": {"食狮.中国", "www.食狮.中国"},
		"shishi.中国": {"shishi.中国"}, "xn--85x722f.com.cn": {"xn--85x722f.com.cn"}, "xn--85x722f.xn--55qx5d.cn": {"xn--85x722f.xn--55qx5d.cn", "www.xn--85x722f.xn--55qx5d.cn"},
		"shishi.xn--55qx5d.cn": {"shishi.xn--55qx5d.cn"}, "xn--85x722f.xn--fiqs8s": {"xn--85x722f.xn--fiqs8s", "www.xn--85x722f.xn--fiqs8s"}, "shishi.xn--fiqs8s": {"shishi.xn--fiqs8s"},
	}
	for _, host := range none {
		if got := standard.Registrable(host); got != "" {
			t.Errorf("%q: %q, want none", host, got)
		}
	}
	for domain, hosts := range want {
		ascii, err := idna.ToASCII(domain)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range hosts {
			if got := standard.Registrable(host); got != ascii {
				t.Errorf("%q: %q, want %q", host, got, ascii)
			}
		}
	}
}

func TestRegistrable(t *testing.T) {
	tests := []struct{ host, want string }{
		{" acme.com. ", "acme.com"},
		{"mail_1.acme.com", "acme.com"},
		{"192.0.2.1", ""},
		{"::1", ""},
		{"[::1]", ""},
		{"a..com", ""},
		{"-a.com", ""},
		{"a b.com", ""},
		{"STRASSE.example.de", "example.de"},
		{"straße.de", "xn--strae-oqa.de"},
		{"ＡＣＭＥ.com", "acme.com"},
		{"acme.github.io", "acme.github.io"},
	}
	for _, tt := range tests {
		if got := standard.Registrable(tt.host); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.host, got, tt.want)
		}
	}
	for domain, want := range map[string]string{"acme.co.uk": "acme", "acme.com": "acme", "com": "", "": ""} {
		if got := standard.Label(domain); got != want {
			t.Errorf("label of %q: %q, want %q", domain, got, want)
		}
	}
}
