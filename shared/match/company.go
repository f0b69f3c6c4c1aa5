package match

import (
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/account"
)

const (
	pointsCompany = 22
	pointsClose   = 16
	otherCompany  = -6
	otherDomain   = -4
	longestName   = 80
)

// companies compares companies, by the rules that leads are matched to accounts
// by. People change their company, so that another one says little.
func (c *comparing) companies() {
	a, b := c.a, c.b
	x, y := account.Normal(a.Company), account.Normal(b.Company)
	switch {
	case a.Domain != "" && a.Domain == b.Domain:
		c.add(ByCompany, pointsCompany, "the same company, by the domain %s", a.Domain)
	case x != "" && x == y && a.Company == b.Company:
		c.add(ByCompany, pointsCompany, "the same company, %s", brief(a.Company))
	case x != "" && x == y:
		c.add(ByCompany, pointsCompany, "the companies are one by name: %s", both(brief(a.Company), brief(b.Company)))
	case x != "" && y != "" && account.Close(x, y):
		c.add(ByCompany, pointsClose, "the companies have close names: %s", both(brief(a.Company), brief(b.Company)))
	case a.Domain != "" && isNamed(a.Domain, y), b.Domain != "" && isNamed(b.Domain, x):
		c.add(ByCompany, pointsClose, "the company of one is named as the domain of the other: %s", both(said(a), said(b)))
	case x != "" && y != "":
		c.add(ByCompany, otherCompany, "the companies differ: %s", both(brief(a.Company), brief(b.Company)))
	case a.Domain != "" && b.Domain != "":
		c.add(ByCompany, otherDomain, "the companies' domains differ: %s", both(a.Domain, b.Domain))
	}
}

// isNamed tells whether a domain is called as a company is: by its whole name,
// or by the word that tells it apart.
func isNamed(domain, normal string) bool {
	if normal == "" {
		return false
	}
	host := strings.Join(words(strings.TrimSuffix(domain, "."+suffix(domain))), "")
	return host != "" && (host == strings.ReplaceAll(normal, " ", "") || host == (account.Account{Normal: normal}).Word())
}

// suffix is everything behind the first dot: of a registrable domain that is
// what anybody registers under.
func suffix(domain string) string {
	_, behind, _ := strings.Cut(domain, ".")
	return behind
}

// said is what somebody says about their company, the domain before the name.
func said(p Person) string {
	if p.Domain != "" {
		return p.Domain
	}
	return brief(p.Company)
}

// CompanyWords are the words under which people of one company are found,
// whether they write its name or have its domain: what its name is told apart
// by, and what its domain is called. None of it is a proof that two companies
// are one.
func CompanyWords(p Person) []string {
	var all []string
	add := func(w string) {
		if w != "" && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	add(account.Account{Normal: account.Normal(p.Company)}.Word())
	if p.Domain != "" {
		add(strings.Join(words(strings.TrimSuffix(p.Domain, "."+suffix(p.Domain))), ""))
	}
	return all
}

// brief shortens what somebody wrote for a sentence.
func brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > longestName {
		return string(r[:longestName]) + "…"
	}
	return s
}
