package match

import (
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
	case x != "" && y != "":
		c.add(ByCompany, otherCompany, "the companies differ: %s", both(brief(a.Company), brief(b.Company)))
	case a.Domain != "" && b.Domain != "":
		c.add(ByCompany, otherDomain, "the companies' domains differ: %s", both(a.Domain, b.Domain))
	}
}

// brief shortens what somebody wrote for a sentence.
func brief(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > longestName {
		return string(r[:longestName]) + "…"
	}
	return s
}
