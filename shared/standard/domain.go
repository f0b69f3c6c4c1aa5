package standard

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// Registrable returns the registrable domain of a host name, by
// publicsuffix.org: "acme.co.uk" for "www.acme.co.uk". It is in lower case and
// in ASCII (Punycode), and "" for what has none: an address of a machine, a
// public suffix, or what is no host name.
func Registrable(host string) string {
	ascii := toASCII(strings.TrimSuffix(strings.TrimSpace(host), "."))
	if ascii == "" {
		return ""
	}
	if _, err := netip.ParseAddr(strings.Trim(ascii, "[]")); err == nil {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(ascii)
	if err != nil {
		return ""
	}
	return domain
}

// Label returns a domain without its public suffix: "acme" of "acme.co.uk".
func Label(domain string) string {
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return strings.TrimSuffix(strings.TrimSuffix(domain, suffix), ".")
}

// Host returns the host name in an address of the web, with or without a
// scheme; "" when there is none.
func Host(address string) string {
	address = strings.TrimSpace(address)
	if address == "" {
		return ""
	}
	if !strings.Contains(address, "://") {
		address = "https://" + strings.TrimLeft(address, "/")
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// toASCII returns a host name in lower case and ASCII, "" for what is none.
// Underscores are let pass, as they are in use.
func toASCII(host string) string {
	ascii := strings.ToLower(host)
	if strings.ContainsFunc(host, func(r rune) bool { return r >= utf8.RuneSelf }) || strings.Contains(ascii, "xn--") {
		var err error
		if ascii, err = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(false)).ToASCII(host); err != nil {
			return ""
		}
	}
	const mostHost, mostLabel = 253, 63 // bytes, by RFC 1035
	if len(ascii) > mostHost {
		return ""
	}
	for label := range strings.SplitSeq(ascii, ".") {
		strange := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' }
		if label == "" || len(label) > mostLabel || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, strange) {
			return ""
		}
	}
	return ascii
}

// website reads the address of a company's website.
func website(original string) Field {
	f := Field{From: original}
	host := Host(tidy(original))
	f.Value = Registrable(host)
	switch {
	case host == "":
		f.How = "It is no address of a website."
	case f.Value == "":
		f.How = host + " has no registrable domain."
	default:
		f.How = "The registrable domain of " + host + ", by publicsuffix.org."
	}
	return f
}
