package office

import (
	"slices"

	"github.com/handoff-oss/handoff/shared/account"
)

// companies are the accounts, to be found by key, domain and name.
type companies struct {
	all      map[account.Key]account.Account
	byWord   map[string][]account.Key // by the word that a name is filed under
	byDomain map[string][]account.Key // those whose key is not made of their domain
}

func newCompanies() companies {
	return companies{map[account.Key]account.Account{}, map[string][]account.Key{}, map[string][]account.Key{}}
}

// put stores the next version of a company, and files one that is named anew.
// Kind: Internal when it is not the next version.
func (c companies) put(a account.Account, named bool) error {
	if err := follows("company "+string(a.Key), c.all[a.Key].Version, a.Version); err != nil {
		return err
	}
	c.all[a.Key] = a
	if !named {
		return nil
	}
	file := func(index map[string][]account.Key, under string) {
		if under != "" && !slices.Contains(index[under], a.Key) {
			index[under] = append(index[under], a.Key)
		}
	}
	for _, word := range a.Filed() {
		file(c.byWord, word)
	}
	if (account.Facts{Domain: a.Domain}).Key() != a.Key {
		file(c.byDomain, a.Domain)
	}
	return nil
}

// like returns the companies that a lead may belong to, its own first.
func (c companies) like(f account.Facts) []account.Account {
	var found []account.Account
	add := func(k account.Key) {
		a, known := c.all[k]
		if known && !slices.ContainsFunc(found, func(b account.Account) bool { return b.Key == k }) {
			found = append(found, a)
		}
	}
	add(f.Key())
	for _, k := range f.Parents {
		add(k)
	}
	for _, k := range c.byDomain[f.Domain] {
		add(k)
	}
	for _, word := range f.Words() {
		for _, k := range c.byWord[word] {
			if name := c.all[k].Normal; name == f.Normal || account.Close(name, f.Normal) {
				add(k)
			}
		}
	}
	return found
}
