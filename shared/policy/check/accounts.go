package check

import (
	"fmt"
	"strings"

	"github.com/handoff-oss/handoff/shared/account"
	"github.com/handoff-oss/handoff/shared/policy"
)

// accounts finds groups that say the same, say nothing, or belong to nothing.
func (c *checker) accounts(p *policy.Policy) {
	said := map[string]string{} // what a group says → its path
	names := make([]string, len(p.Accounts.Groups))
	for i, g := range p.Accounts.Groups {
		names[i] = g.Name
		c.group(fmt.Sprintf("accounts.groups[%d]", i), g, said)
	}
	parents := map[string]string{}
	for _, g := range p.Accounts.Groups {
		parents[g.Name] = g.Parent
	}
	for i, g := range p.Accounts.Groups {
		path := fmt.Sprintf("accounts.groups[%d].parent", i)
		switch g.Parent {
		case "":
		case g.Name:
			c.meaning(path, "a company is not its own parent; name another group, or remove this line")
		default:
			c.exists(path, "group", g.Parent, names)
			if inCircle(parents, g.Name) {
				c.meaning(path, "the parents go round in a circle and come back to %s; remove one of them", g.Name)
			}
		}
	}
	if p.Routing.Account.Parent && len(p.Routing.Account.Match) == 0 {
		c.meaning("routing.account.parent", "no company is told to be a known one, so no parent's owner is found; give match entries, or remove this line")
	}
}

// group checks what one group says about itself.
func (c *checker) group(path string, g policy.AccountGroup, said map[string]string) {
	claim := func(at, what, shown string) {
		if before, ok := said[what]; ok {
			c.meaning(at, "%s stands in line %d already; one of them is enough", shown, c.places.line(before))
			return
		}
		said[what] = at
	}
	name := func(at, text string) {
		normal := account.Normal(text)
		if normal == "" {
			c.meaning(at, "%q has no letter and no digit, so no lead names it", text)
			return
		}
		claim(at, "name "+normal, fmt.Sprintf("%q, which is compared as %q,", text, normal))
	}
	name(path+".name", g.Name)
	for i, n := range g.Names {
		at := fmt.Sprintf("%s.names[%d]", path, i)
		if account.Normal(n) == account.Normal(g.Name) && account.Normal(n) != "" {
			c.meaning(at, "%q is compared as the name of the group is; remove it", n)
			continue
		}
		name(at, n)
	}
	for i, d := range g.Domains {
		at := fmt.Sprintf("%s.domains[%d]", path, i)
		switch domain := account.Domain(d); {
		case domain == "":
			c.meaning(at, "%q is no domain of one company; write one such as acme.com", d)
		case domain != strings.ToLower(d):
			c.meaning(at, "%q is not registrable by itself; write %s", d, domain)
		default:
			claim(at, "domain "+domain, domain)
		}
	}
}

// inCircle tells whether the parents of a group lead back to it.
func inCircle(parents map[string]string, name string) bool {
	at := parents[name]
	for range parents {
		if at == name {
			return true
		}
		at = parents[at]
	}
	return false
}
