package match

import (
	"strings"
)

const (
	pointsMailbox     = 70
	pointsRole        = 6
	oneRole           = -50
	domainSlip        = 40 // the same before the @, and a slip behind it
	localSlip         = 20
	pointsLocal       = 20 // the same before the @ at another provider, where it is no form of the name
	pointsNamedLocal  = 8  // and where it is one
	pointsLocalShort  = 4
	otherCompanyEmail = -25
	enoughLocal       = 5 // letters that are not there by chance
)

// mailboxes compares addresses. People have one for work and another at home,
// so that another one says nothing, with two exceptions. A company gives a
// person one address, so two of its addresses are two people's, unless both are
// forms of the same name, or a slip apart. And an office is no person, even if
// one wrote from there.
func (c *comparing) mailboxes() {
	a, b := mailboxOf(c.a), mailboxOf(c.b)
	switch {
	case a.role != b.role:
		// What others write from there would become the person's.
		c.add(ByEmail, oneRole, "one has the address of an office, %s, the other does not", officeOf(a, b))
	case a.local == "" || b.local == "":
	case a.local == b.local && a.domain == b.domain && a.role:
		c.add(ByEmail, pointsRole, "the same address of an office, %s", a.local+"@"+a.domain)
	case a.local == b.local && a.domain == b.domain:
		c.add(ByEmail, pointsMailbox, "the same mailbox, %s", a.local+"@"+a.domain)
	case a.role:
	case a.local == b.local:
		c.sameLocal(a, b)
	case a.domain == b.domain:
		c.sameDomain(a, b)
	}
}

// sameLocal compares two addresses that are the same before the @.
func (c *comparing) sameLocal(a, b mailbox) {
	switch {
	case !a.company && !b.company && slip(a.domain, b.domain), a.company != b.company && slip(a.domain, b.domain):
		c.add(ByEmail, domainSlip, "the addresses differ by a slip behind the @: %s", both(a.whole(), b.whole()))
	case a.ofName || b.ofName:
		c.add(ByEmail, pointsNamedLocal, "both addresses have the name before the @: %s", both(a.whole(), b.whole()))
	case len(a.local) >= enoughLocal:
		c.add(ByEmail, pointsLocal, "the addresses are the same before the @: %s", both(a.whole(), b.whole()))
	default:
		c.add(ByEmail, pointsLocalShort, "the addresses are the same before the @, which is short: %s", both(a.whole(), b.whole()))
	}
}

// sameDomain compares two addresses that are the same behind the @.
func (c *comparing) sameDomain(a, b mailbox) {
	x, y := a.local, b.local
	switch {
	case onlyLetters(x, y) && slip(x, y):
		c.add(ByEmail, localSlip, "the addresses differ by a slip: %s", both(a.whole(), b.whole()))
	case a.ofName && b.ofName && givenKind(nameOf(c.a.Given), nameOf(c.b.Given)) != differ:
	case a.company && b.company:
		c.add(ByEmail, otherCompanyEmail, "two addresses at one company: %s", both(a.whole(), b.whole()))
	}
}

// onlyLetters tells whether two local parts differ in letters alone: john1 and
// john2 are two people.
func onlyLetters(x, y string) bool {
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
	}
	return digits(x) == digits(y)
}

// mailbox is an address in its parts.
type mailbox struct {
	local, domain string // without a tag behind a plus sign
	role          bool
	company       bool // it is the company's own
	ofName        bool // the local part is a form of the person's name
}

// officeOf returns the one that is the address of an office.
func officeOf(a, b mailbox) string {
	if a.role {
		return a.whole()
	}
	return b.whole()
}

func (m mailbox) whole() string { return m.local + "@" + m.domain }

func mailboxOf(p Person) mailbox {
	local, domain, ok := strings.Cut(strings.ToLower(p.Email), "@")
	if !ok || domain == "" {
		return mailbox{}
	}
	if before, _, tagged := strings.Cut(local, "+"); tagged && before != "" {
		local = before
	}
	return mailbox{
		local: local, domain: domain, role: p.RoleAddress,
		company: p.Domain != "" && (domain == p.Domain || strings.HasSuffix(domain, "."+p.Domain)),
		ofName:  isForm(local, p),
	}
}

// isForm tells whether a local part is made of a name in one of the usual ways:
// ada.lovelace, alovelace, lovelace, ada.
func isForm(local string, p Person) bool {
	given, family := nameOf(p.Given), nameOf(p.Family)
	plain := strings.Join(words(local), "")
	for _, g := range given.forms {
		for _, f := range family.forms {
			if isFormOf(plain, g, f) {
				return true
			}
		}
		if g != "" && given.known() && isFormOf(plain, given.words[0], strings.Join(family.words, "")) {
			return true
		}
	}
	return false
}

func isFormOf(plain, given, family string) bool {
	if plain == "" || (given == "" && family == "") {
		return false
	}
	g, f := firstLetter(given), firstLetter(family)
	switch plain {
	case given, family, given + family, family + given, g + family, family + g, given + f, f + given:
		return true
	}
	return false
}

func firstLetter(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
