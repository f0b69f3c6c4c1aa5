package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
)

const (
	maxName     = 200 // bytes of a name that are kept
	phoneDigits = 8   // the last digits of a number say who, whatever stands before them
	minPostal   = 3   // characters; what is shorter is no postal code
)

// Facts is what a lead's profile says about its company. Everything is ""
// where nothing is known.
type Facts struct {
	// Domain is the registrable domain of the business address, else of the
	// website, in ASCII. It is "" for what belongs to no single company: free
	// mail, throw-away addresses, social networks, builders of sites.
	Domain string
	Name   string // the company's name as the lead wrote it
	Normal string // Normal(Name); both are "" for what names no company, such as "self-employed" or the lead's own name
	Phone  string // the last eight digits of the telephone number
	Postal string // letters and digits of the postal code, in capitals
	Label  string // Domain without its public suffix: "acme" of acme.co.uk
	// Group is the company by the policy, How why the lead counts to it, and Parents are the accounts above it, the
	// nearest first; see Groups.Place.
	Group   string
	How     string
	Parents []Key
}

// What a key begins with, by what it is made of.
const (
	domainPrefix = "d:"
	namePrefix   = "n:"
)

// FactsOf reads a lead's profile. The business domain is that of the lead's
// address, and "" when the policy calls the address free or disposable: see
// rules.EmailFields.
func FactsOf(businessDomain string, profile map[string]string) Facts {
	f := Facts{
		Name:   clip(strings.Join(strings.Fields(strings.ToValidUTF8(profile[signal.FieldCompany], " ")), " "), maxName),
		Phone:  phone(profile[signal.FieldPhone]),
		Postal: postal(profile[signal.FieldPostal]),
	}
	if f.Normal = Normal(f.Name); !isCompany(f, profile) {
		f.Name, f.Normal = "", ""
	}
	f.Domain = registrable(businessDomain)
	if f.Domain == "" {
		f.Domain = ofWebsite(profile)
	}
	f.Label = standard.Label(f.Domain)
	return f
}

// isCompany tells whether what the lead wrote names a company. An address or
// the lead's own name does not, and has no place in a key.
func isCompany(f Facts, profile map[string]string) bool {
	first, last := profile[signal.FieldFirstName], profile[signal.FieldLastName]
	return !isPlaceholder(f.Normal) && !isMailHost(strings.ToLower(f.Name)) && !strings.Contains(f.Name, "@") &&
		f.Normal != Normal(first+" "+last) && f.Normal != Normal(last+" "+first)
}

// Known tells whether the lead names a company at all.
func (f Facts) Known() bool { return f.Key() != "" }

// Key returns the key of the account that the lead itself belongs to when no
// other matches: by domain, else by normalized name, "" when it names none.
func (f Facts) Key() Key {
	switch {
	case f.Domain != "":
		return Key(domainPrefix + f.Domain)
	case f.Normal != "":
		return Key(namePrefix + f.Normal)
	}
	return ""
}

// ParseKey reads a key as an address has it. ok is false when it is none: not
// made as Facts.Key makes keys.
func ParseKey(text string) (k Key, ok bool) {
	if domain, is := strings.CutPrefix(text, domainPrefix); is {
		return Key(text), domain != "" && Domain(domain) == domain
	}
	normal, is := strings.CutPrefix(text, namePrefix)
	return Key(text), is && normal != "" && Normal(normal) == normal
}

// Domain returns the domain that a key is made of, "" for a name.
func (k Key) Domain() string {
	domain, ok := strings.CutPrefix(string(k), domainPrefix)
	if !ok {
		return ""
	}
	return domain
}

// Normal returns the normalized name that a key is made of, "" for a domain.
func (k Key) Normal() string {
	normal, ok := strings.CutPrefix(string(k), namePrefix)
	if !ok {
		return ""
	}
	return normal
}

// registrable returns the registrable domain of a host name in ASCII, or ""
// when it has none or belongs to no single company.
func registrable(host string) string {
	if domain := standard.Registrable(host); !isShared(domain) {
		return domain
	}
	return ""
}

// ofWebsite returns the domain of the company's website. A website that is the
// domain of the lead's own address was derived from it: when that is not the
// company's, the website is not either.
func ofWebsite(profile map[string]string) string {
	domain := registrable(standard.Host(profile[signal.FieldWebsite]))
	_, host, _ := strings.Cut(signal.NormalizeEmail(profile[signal.FieldEmail]), "@")
	if domain == registrable(host) || isMailHost(domain) || isHostOfSites(domain) {
		return ""
	}
	return domain
}

// phone returns the last eight digits, or "" when there are fewer or they are
// made up: all the same, or counted up.
func phone(number string) string {
	number, _, _ = strings.Cut(strings.ToLower(number), "x") // an extension
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	if len(digits) < phoneDigits {
		return ""
	}
	digits = digits[len(digits)-phoneDigits:]
	if sameRune(digits) || strings.Contains("01234567890", digits) {
		return ""
	}
	return digits
}

// postal returns a postal code without spaces and hyphens, of an American
// ZIP+4 the first five digits.
func postal(code string) string {
	if zip, plus, ok := strings.Cut(strings.TrimSpace(code), "-"); ok && len(zip) == 5 && len(plus) == 4 {
		code = zip
	}
	code = strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, clip(code, maxName))
	if len(code) < minPostal || sameRune(code) || !strings.ContainsFunc(code, unicode.IsDigit) {
		return ""
	}
	return code
}

func sameRune(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return strings.Trim(s, string(first)) == ""
}

// clip shortens text to so many bytes of whole characters.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return strings.TrimSpace(s[:most])
}
